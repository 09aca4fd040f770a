"""The fast path by itself: which rows it takes, and where it stops."""

import sys

import pytest

from mailkit_xmlrpc.protocol.fields import MEMBERS
from mailkit_xmlrpc.protocol.xmlrpc import fast_path
from mailkit_xmlrpc.protocol.xmlrpc.fast_path import FastPath
from tests.support.regular_rows import DOCUMENTED, ROW, SPACES, UNIFORM, general, row, taken

# --- rows that are taken --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("gap", SPACES)
@pytest.mark.parametrize("count", [1, 2, 7])
def test_documented_rows(gap, count):
    """Rows of the documented members, with any white space between the tags, as the general decoder reads them."""
    # Where there is white space around tags, a value without one is not taken (see below).
    members = [(name, kind or "string", text) for name, kind, text in DOCUMENTED] if gap else DOCUMENTED
    text = row(*members, gap=gap) * count
    bounces, end = taken(text)
    assert (bounces, end) == (general(text), len(text))
    assert len(bounces) == count


def test_any_order_and_any_types():
    """Members in whatever order and types that change from row to row, unknown ones and nil among them."""
    path = FastPath()
    members = list(DOCUMENTED) + [("X", "i8", "0"), ("Y", "nil"), ("x", "", "05")]
    text = ""
    for turn in range(12):
        members = members[5:] + members[:5][::-1]
        kinds = [(name, "string" if turn % 2 and kind != "nil" else kind, rest) for name, kind, *rest in members]
        text += row(*[(name, kind) + tuple(rest) for name, kind, rest in kinds])
    bounces, end = taken(text, path=path)
    assert end == len(text)
    assert bounces == general(text)
    assert [type(bounce.extra["X"]) for bounce in bounces] == [int, str] * 6
    assert all(bounce.extra["Y"] is None for bounce in bounces)


@pytest.mark.parametrize("name", [each.name for each in MEMBERS])
def test_one_member_is_enough(name):
    """A row may hold any one of the documented members alone, and it may be nil."""
    for kind, text in (("nil", ""), ("string", "")):
        rows = row((name, kind, text)) * 3
        assert taken(rows) == (general(rows), len(rows))


def test_taken_from_the_middle():
    """It begins where it is told to."""
    text = "junk" + ROW + ROW + "junk"
    bounces, end = taken(text, 4)
    assert (len(bounces), end) == (2, len(text) - 4)


# --- rows that are not ----------------------------------------------------------------------------------------------

IRREGULAR = [
    "\n<",
    "junk",
    "</data>",
    "<value>",
    "<value><struct>",
    "<value><struct></struct></value>",
    "<value/>",
    "<value>a</value>",
    "<value><int>5</int></value>",
    "<value><nil/></value>",
    "<!-- c -->" + ROW,
    "<?p i?>" + ROW,
    "\x0b" + ROW,
    "\xa0" + ROW,
    "x" + ROW,
    row(("X",)),
    row(("email",)),
    row(("EMAIL",), ("Email",)),
    row(("EMAIL",), ("EMAIL",)),
    row(("EMAIL",), ("X",), ("X", "nil")),
    row(("EMAIL",), ("X-Y",)),
    row(("EMAIL",), ("\u010d",)),
    row(("EMAIL",), ("",)),
    row(("EMAIL",), (" STATUS",)),
    row((" EMAIL",)),
    row(("EMAIL",), ("ST&#65;TUS",)),
    row(("EMAIL",), ("<!---->STATUS",)),
    row(("EMAIL", "boolean", "1")),
    row(("DATE", "int", "5")),
    row(("DATE", "dateTime.iso8601", "20141223T12:36:02")),
    row(("ID_EMAIL", "double", "5.0")),
    row(("EMAIL", "ex:nil", "")),
    row(("EMAIL", "struct", "")),
    row(("EMAIL", "array", "<data></data>")),
    row(("EMAIL", "String")),
    row(("EMAIL", "x")),
    row(("EMAIL", "", "<nil></nil>")),
    row(("EMAIL", "", "a<nil/>")),
    row(("EMAIL", "string a='b'")),
    row(("EMAIL", "", "<string >a</string>")),
    row(("EMAIL", "", "<string>a</string >")),
    row(("EMAIL", "", "<string>a</int>")),
    row(("EMAIL", "", "<int>5</string>")),
    row(("EMAIL", "", "<i4>5</i8>")),
    row(("EMAIL", "", "<string>a</string>b")),
    row(("EMAIL", "", "a<string>b</string>")),
    row(("EMAIL", "", "<string>a")),
    row(("EMAIL", "", "<string>a</string><string>b</string>")),
    row(("EMAIL", "", "a</string>")),
    row(("EMAIL", "string", ">")),
    row(("EMAIL", "string", "<")),
    row(("EMAIL", "string", "\r")),
    row(("EMAIL", "string", "<![CDATA[a]]>")),
    row(("EMAIL", "string", "]]>")),
    row(("EMAIL", "string", "a<!-- -->b")),
    row(("EMAIL", "string", "\0")),
    row(("EMAIL", "string", "\x1f")),
    row(("EMAIL", "string", "\ufffe")),
    row(("EMAIL", "string", "\uffff")),
    row(("EMAIL", "int", "")),
    row(("EMAIL", "int", "a")),
    row(("EMAIL", "int", " 5")),
    row(("EMAIL", "int", "1_0")),
    row(("ID_EMAIL", "string", "a")),
    row(("ID_EMAIL", "int", "-5")),
    row(("DATE", "string", "2014-12-23")),
    row(("EMAIL",), "x"),
    row("x", ("EMAIL",)),
    row(("EMAIL",), "<!-- c -->"),
    row(("EMAIL",), "\xa0"),
    row(("EMAIL",), "<member></member>"),
    row(("EMAIL",), "<member><name>X</name></member>"),
    row(("EMAIL",), "<member><value>a</value><name>X</name></member>"),
    row("<member><name>EMAIL</name><value>a</value><value>b</value></member>"),
    row("<member><name>EMAIL</name>x<value>a</value></member>"),
    ROW[:-1],
    ROW[:-8],
    ROW[:-9] + "</struct></value>"[:9],
    ROW.replace("</struct>", "</struct>x"),
    ROW.replace("</struct>", "</struct >"),
    ROW.replace("<struct>", "<struct/>"),
    ROW.replace("<struct>", "<struct a='b'>"),
    ROW.replace("<member>", "<member >"),
    ROW.upper(),
    ROW.replace("</member>", ""),
    ROW.replace("<value><struct>", "<struct>"),
    ROW.replace("<name>", "<name a='b'>"),
]


@pytest.mark.parametrize("text", IRREGULAR, ids=range(len(IRREGULAR)))
@pytest.mark.parametrize("before", [0, 1, 3])
def test_irregular(text, before):
    """Whatever is not regular stops the fast path at its beginning, first or behind rows."""
    regular = row(("EMAIL", "string", "b"))
    path = FastPath()
    whole = regular * before + text + regular
    bounces, end = taken(whole, path=path)
    assert (len(bounces), end) == (before, len(regular) * before)
    assert taken(whole, end, path) == ([], end)
    assert len(taken(regular * 2, 0, path)[0]) == 2


@pytest.mark.parametrize("text", ["&", "a & b;", "&nbsp;", "&#0;", "&#xFFFF;", "&amp;&#8;", "&&lt;"])
@pytest.mark.parametrize("before", [0, 1, 3])
def test_reference_that_xml_does_not_know(text, before):
    """It stops the fast path at the row that holds it."""
    regular = row(("EMAIL", "string", "b"))
    path = FastPath()
    bounces, end = taken(regular * before + row(("EMAIL", "string", text)) + regular, path=path)
    assert end == len(bounces) * len(regular) == before * len(regular)
    assert len(taken(regular * 2, 0, path)[0]) == 2


@pytest.mark.parametrize("gap", ["x", "<!-- -->", "\xa0", "\x0b", "]", ">", "<x/>"])
def test_something_in_a_gap(gap):
    """Every gap between two tags is looked at: in a first row, and in one like those before it."""
    regular = row(("EMAIL",), ("X", "int", "5"), ("Y", "nil"), ("Z", "", "a"))
    places = [at for at in range(1, len(regular)) if regular[at - 1 : at + 1] == "><"]
    assert len(places) > 20
    for at in places:
        broken = regular[:at] + gap + regular[at:]
        assert taken(broken) == ([], 0)
        bounces, end = taken(regular * 3 + broken)
        assert (len(bounces), end) == (3, 3 * len(regular))


def test_tags_damaged():
    """Every tag counts, each letter of it: what is taken all the same is the same for the general decoder."""
    regular = row(("EMAIL",), ("X", "int", "5"), ("Y", "nil"), ("Z", "", "a"))
    for at in range(len(regular) - 1):
        for other in ("", "x", regular[at] * 2, "<", ">", "/", " ", "\r"):
            broken = regular[:at] + other + regular[at + 1 :]
            for before in (0, 2):
                bounces, end = taken(regular * before + broken)
                if end > before * len(regular):
                    assert bounces == general(regular * before + broken), broken
                    assert end == before * len(regular) + len(broken)
                else:
                    assert len(bounces) == before


def test_as_many_members_but_not_the_same():
    """A row with one member twice and another not at all is not taken, nor is any row behind it."""
    regular = row(("EMAIL",), ("STATUS",), ("REASON",))
    for names in (("EMAIL", "EMAIL", "REASON"), ("REASON", "STATUS", "REASON"), ("EMAIL", "STATUS", "STATUS")):
        twice = row(*[(name,) for name in names])
        for before in (0, 1, 2):
            bounces, end = taken(regular * before + twice + regular)
            assert (len(bounces), end) == (before, before * len(regular))


def test_fewer_and_more_members():
    """Members may come and go: each row has its own."""
    rows = [
        row(*[(name, "string", "v" + name) for name in names])
        for names in (
            ("EMAIL",),
            ("EMAIL", "STATUS"),
            ("STATUS", "EMAIL"),
            ("EMAIL", "STATUS", "X"),
            ("STATUS",),
            ("X", "EMAIL"),
        )
    ]
    text = "".join(rows + rows[::-1] + rows)
    assert taken(text) == (general(text), len(text))


# --- uniform reports ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("gap", SPACES)
def test_uniform_rows(gap):
    """Rows of the nine members with one type each, in any order, are taken by an expression of their own."""
    path = FastPath()
    text = row(*UNIFORM, gap=gap) + row(*UNIFORM[::-1], gap=gap)
    assert taken(text, path=path) == (general(text), len(text))
    assert path._uniform is not None


@pytest.mark.parametrize(
    "other",
    [
        UNIFORM[1:],
        UNIFORM + (("X",),),
        UNIFORM[1:] + (("EMAIL", "int", "5"),),
        UNIFORM[1:] + (("EMAIL", "", "a"),),
        UNIFORM[:-1] + (("REASON", "nil"),),
    ],
    ids=range(5),
)
def test_rows_that_are_not_uniform(other):
    """From the first other row on, the expression for all rows serves the whole report."""
    path = FastPath()
    text = row(*UNIFORM) * 3 + row(*other) + row(*UNIFORM)
    assert taken(text, path=path) == (general(text), len(text))
    assert path._uniform is None
    assert taken(text, path=path) == (general(text), len(text))
    path = FastPath()
    text = row(*other) + row(*UNIFORM)
    assert taken(text, path=path) == (general(text), len(text))
    assert path._uniform is None


def test_uniform_rows_around_an_irregular_one():
    """An irregular row is no reason to give the expression up."""
    path = FastPath()
    text = row(*UNIFORM)
    whole = text * 2 + "<!---->" + text
    assert taken(whole, path=path) == (general(text * 2), 2 * len(text))
    assert taken(whole, 2 * len(text) + 7, path) == (general(text), len(whole))
    assert path._uniform is not None


@pytest.mark.parametrize(
    "possessive",
    ["", pytest.param("+", marks=pytest.mark.skipif(sys.version_info < (3, 11, 5), reason="CPython gh-106052"))],
)
def test_repetitions_of_either_kind(possessive, monkeypatch):
    """What matches does not depend on whether the repetitions are possessive."""
    monkeypatch.setattr(fast_path, "_POSSESSIVE", possessive)
    fast_path._row_pattern.cache_clear()
    try:
        for members in (UNIFORM, DOCUMENTED, DOCUMENTED[::-1] + (("X",),)):
            text = row(*members) * 2
            for broken in (
                "",
                "<",
                row(*members)[:-1],
                row(*members, "x"),
                row(*members, ("EMAIL",)),
                row(*members, ("email",)),
                row(*members, ("Y",), ("Y",)),
                row(*members, ("Y",), ("Z",), ("Y", "nil")),
            ):
                assert taken(text + broken) == (general(text), len(text))
    finally:
        fast_path._row_pattern.cache_clear()
