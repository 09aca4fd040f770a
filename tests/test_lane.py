"""The fast lane by itself: which rows it takes, where it stops, and that it is bounded."""
import time
import tracemalloc
from datetime import datetime, timezone

import pytest

from decoding import answer, decode
from mailkit_xmlrpc import Bounce, MailkitError, _lane
from mailkit_xmlrpc._lane import MAX_KINDS, MAX_ROW, Lane
from mailkit_xmlrpc._normalise import MEMBERS, bounce_from_struct

ID_SEND = 123456
SPACES = ("", " ", "\n", "\t", "\r\n", " \t\r\n ")
DOCUMENTED = (
    ("EMAIL", "string", "anna@example.com"), ("ID_EMAIL", "int", "1"), ("ID_USER_LIST", "i4", "2"),
    ("ID_SEND_MESSAGE", "i8", "3"), ("DATE", "string", "2014-12-23 12:36:02"), ("STATUS", "double", "5.1"),
    ("EMAIL_STATUS", "string", "PERMANENT"), ("BOUNCE_CAT", "", "Mailbox full"), ("REASON", "string", "a &amp; b"),
)  # fmt: skip


def member(name, kind="string", text="a", gap=""):
    """A member as it stands in a document; the type ``nil`` has no text, and an untyped value no tag."""
    inside = "{1}<{0}>{2}</{0}>{1}".format(kind, gap, text) if kind else text
    if kind == "nil":
        inside = "{0}<nil/>{0}".format(gap)
    return "<member>{0}<name>{1}</name>{0}<value>{2}</value>{0}</member>".format(gap, name, inside)


def row(*members, gap=""):
    """A row of *members*, each the arguments of ``member``, or already as it stands in a document."""
    texts = [each if isinstance(each, str) else member(*each, gap=gap) for each in members]
    return "{0}<value>{0}<struct>{0}{1}</struct>{0}</value>".format(gap, "".join(text + gap for text in texts))


ROW = row(("EMAIL",))


def taken(text, at=0, lane=None):
    """The rows that a lane takes of *text*, and where it stops."""
    return (lane or Lane(ID_SEND, None)).take(text, at)


def general(text):
    """The rows of *text* by the general decoder, or None if there is an error in it."""
    document = answer("<value><array><data>{}</data></array></value>".format(text)).encode("utf-8", "surrogatepass")
    try:
        structs = decode(document)["array"]
        return [bounce_from_struct(struct, ID_SEND, None, number) for number, struct in enumerate(structs)]
    except MailkitError:
        return None


# --- rows that are taken --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("gap", SPACES)
@pytest.mark.parametrize("count", [1, 2, 7])
def test_documented_rows(gap, count):
    """Rows of the documented members, with any white space between the tags, as the general decoder reads them."""
    text = row(*DOCUMENTED, gap=gap) * count
    bounces, end = taken(text)
    assert (bounces, end) == (general(text), len(text))
    assert len(bounces) == count


def test_any_order_and_any_types():
    """Members in whatever order and types that change from row to row, unknown ones and nil among them."""
    lane = Lane(ID_SEND, None)
    members = list(DOCUMENTED) + [("X", "i8", "0"), ("Y", "nil"), ("x", "", "05")]
    text = ""
    for turn in range(12):
        members = members[5:] + members[:5][::-1]
        kinds = [(name, "string" if turn % 2 and kind != "nil" else kind, rest) for name, kind, *rest in members]
        text += row(*[(name, kind) + tuple(rest) for name, kind, rest in kinds])
    bounces, end = taken(text, lane=lane)
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
    """It begins where it is told to, in the text as it is."""
    text = "junk" + ROW + ROW + "junk"
    bounces, end = taken(text, 4)
    assert (len(bounces), end) == (2, len(text) - 4)


# --- rows that are not ----------------------------------------------------------------------------------------------

NOT_PLAIN = [
    "\n<", "junk", "</data>", "<value>", "<value><struct>", "<value><struct></struct></value>", "<value/>",
    "<value>a</value>", "<value><int>5</int></value>", "<value><nil/></value>", "<!-- c -->" + ROW, "<?p i?>" + ROW,
    "\x0b" + ROW, "\xa0" + ROW, "x" + ROW, row(("X",)), row(("email",)), row(("EMAIL",), ("Email",)),
    row(("EMAIL",), ("EMAIL",)), row(("EMAIL",), ("X",), ("X", "nil")), row(("EMAIL",), ("X-Y",)),
    row(("EMAIL",), ("\u010d",)), row(("EMAIL",), ("",)), row(("EMAIL",), (" STATUS",)), row((" EMAIL",)),
    row(("EMAIL",), ("ST&#65;TUS",)), row(("EMAIL",), ("<!---->STATUS",)), row(("EMAIL", "boolean", "1")),
    row(("EMAIL", "base64", "")), row(("X", "double", "5.1"), ("EMAIL",)), row(("DATE", "int", "5")),
    row(("DATE", "dateTime.iso8601", "20141223T12:36:02")), row(("ID_EMAIL", "double", "5.0")),
    row(("EMAIL", "ex:nil", "")), row(("EMAIL", "struct", "")), row(("EMAIL", "array", "<data></data>")),
    row(("EMAIL", "String")), row(("EMAIL", "x")), row(("EMAIL", "", "<nil></nil>")), row(("EMAIL", "", "<nil />")),
    row(("EMAIL", "", "a<nil/>")), row(("EMAIL", "", "<string/>")), row(("EMAIL", "string a='b'")),
    row(("EMAIL", "", "<string >a</string>")), row(("EMAIL", "", "<string>a</string >")),
    row(("EMAIL", "", "<string>a</int>")), row(("EMAIL", "", "<int>5</string>")), row(("EMAIL", "", "<i4>5</i8>")),
    row(("EMAIL", "", "<string>a</string>b")), row(("EMAIL", "", "a<string>b</string>")),
    row(("EMAIL", "", "<string>a")), row(("EMAIL", "", "<string>a</string><string>b</string>")),
    row(("EMAIL", "", "a</string>")), row(("EMAIL", "string", ">")), row(("EMAIL", "string", "<")),
    row(("EMAIL", "string", "\r")), row(("EMAIL", "string", "<![CDATA[a]]>")),
    row(("EMAIL", "string", "]]>")), row(("EMAIL", "string", "a<!-- -->b")), row(("EMAIL", "string", "\0")),
    row(("EMAIL", "string", "\x1f")), row(("EMAIL", "string", "\ufffe")), row(("EMAIL", "string", "\uffff")),
    row(("EMAIL", "int", "")), row(("EMAIL", "int", "a")), row(("EMAIL", "int", " 5")), row(("EMAIL", "int", "1_0")),
    row(("ID_EMAIL", "string", "a")), row(("ID_EMAIL", "int", "-5")), row(("DATE", "string", "2014-12-23")),
    row(("EMAIL", "double", "5")), row(("EMAIL",), "x"), row("x", ("EMAIL",)), row(("EMAIL",), "<!-- c -->"),
    row(("EMAIL",), "\xa0"), row(("EMAIL",), "<member></member>"), row(("EMAIL",), "<member><name>X</name></member>"),
    row(("EMAIL",), "<member><value>a</value><name>X</name></member>"),
    row("<member><name>EMAIL</name><value>a</value><value>b</value></member>"),
    row("<member><name>EMAIL</name>x<value>a</value></member>"), ROW[:-1], ROW[:-8],
    ROW[:-9] + "</struct></value>"[:9], ROW.replace("</struct>", "</struct>x"), ROW.replace("</struct>", "</struct >"),
    ROW.replace("<struct>", "<struct/>"), ROW.replace("<struct>", "<struct a='b'>"),
    ROW.replace("<member>", "<member >"), ROW.upper(), ROW.replace("</member>", ""),
    ROW.replace("<value><struct>", "<struct>"), ROW.replace("<name>", "<name a='b'>"),
]  # fmt: skip


@pytest.mark.parametrize("text", NOT_PLAIN, ids=range(len(NOT_PLAIN)))
@pytest.mark.parametrize("before", [0, 1, 3])
def test_not_plain(text, before):
    """Whatever is not plain stops the lane at its beginning, first or behind rows; and it is not trusted again."""
    plain = row(("EMAIL", "string", "b"))
    lane = Lane(ID_SEND, None)
    whole = plain * before + text + plain
    bounces, end = taken(whole, lane=lane)
    assert (len(bounces), end) == (before, len(plain) * before)
    assert taken(whole, end, lane) == ([], end)
    assert len(taken(plain * 2, 0, lane)[0]) == 2


@pytest.mark.parametrize("text", ["&", "a & b;", "&nbsp;", "&#0;", "&#xFFFF;", "&amp;&#8;", "&&lt;"])
@pytest.mark.parametrize("before", [0, 1, 3])
def test_reference_that_xml_does_not_know(text, before):
    """It stops the lane; rows of its kind that stand before it may be left to the decoder with it."""
    plain = row(("EMAIL", "string", "b"))
    lane = Lane(ID_SEND, None)
    bounces, end = taken(plain * before + row(("EMAIL", "string", text)) + plain, lane=lane)
    assert end == len(bounces) * len(plain) <= before * len(plain)
    assert len(taken(plain * 2, 0, lane)[0]) == 2


@pytest.mark.parametrize("gap", ["x", "<!-- -->", "\xa0", "\x0b", "]", ">", "<x/>"])
def test_something_in_a_gap(gap):
    """Every gap between two tags is looked at: in a first row, and in one like those before it."""
    plain = row(("EMAIL",), ("X", "int", "5"), ("Y", "nil"), ("Z", "", "a"))
    places = [at for at in range(1, len(plain)) if plain[at - 1 : at + 1] == "><"]
    assert len(places) > 20
    for at in places:
        broken = plain[:at] + gap + plain[at:]
        assert taken(broken) == ([], 0)
        bounces, end = taken(plain * 3 + broken)
        assert (len(bounces), end) == (3, 3 * len(plain))


def test_tags_damaged():
    """Every tag counts, each letter of it: what is taken all the same is the same for the general decoder."""
    plain = row(("EMAIL",), ("X", "int", "5"), ("Y", "nil"), ("Z", "", "a"))
    for at in range(len(plain) - 1):
        for other in ("", "x", plain[at] * 2, "<", ">", "/", " ", "\r"):
            broken = plain[:at] + other + plain[at + 1 :]
            for before in (0, 2):
                bounces, end = taken(plain * before + broken)
                if end > before * len(plain):
                    assert bounces == general(plain * before + broken), broken
                    assert end == before * len(plain) + len(broken)
                else:
                    assert len(bounces) == before


def test_as_many_members_but_not_the_same():
    """A row with one member twice and another not at all is not taken, nor is any row behind it."""
    plain = row(("EMAIL",), ("STATUS",), ("REASON",))
    for names in (("EMAIL", "EMAIL", "REASON"), ("REASON", "STATUS", "REASON"), ("EMAIL", "STATUS", "STATUS")):
        twice = row(*[(name,) for name in names])
        for before in (0, 1, 2):
            bounces, end = taken(plain * before + twice + plain)
            assert (len(bounces), end) == (before, before * len(plain))


def test_fewer_and_more_members():
    """Members that come and go make other kinds; each row has its own."""
    rows = [row(*[(name, "string", "v" + name) for name in names]) for names in (
        ("EMAIL",), ("EMAIL", "STATUS"), ("STATUS", "EMAIL"), ("EMAIL", "STATUS", "X"), ("STATUS",), ("X", "EMAIL")
    )]  # fmt: skip
    text = "".join(rows + rows[::-1] + rows)
    assert taken(text) == (general(text), len(text))


# --- bounds ---------------------------------------------------------------------------------------------------------


def _make_rich(monkeypatch):
    """Nothing is too expensive for the lane."""
    monkeypatch.setattr(_lane, "_START", 1 << 20)
    monkeypatch.setattr(_lane, "_MOST", 1 << 20)


def test_kinds_at_the_limit(monkeypatch):
    """So many kinds are learned from one answer; rows of one more are not taken, those of the known ones still are."""
    _make_rich(monkeypatch)
    kinds = [row(("EMAIL",), *[("M{}".format(n),) for n in range(number)]) for number in range(MAX_KINDS + 1)]
    lane = Lane(ID_SEND, None)
    known = "".join(kinds[:-1])
    assert taken(known, 0, lane)[1] == len(known)
    assert taken(kinds[-1], 0, lane) == ([], 0)
    assert taken(known * 2, 0, lane)[1] == 2 * len(known)
    assert taken(kinds[-1])[1] == len(kinds[-1])


def test_what_the_lane_may_cost(monkeypatch):
    """Looking, trying and compiling in vain ends soon, goes on as the decoder's work allows, and rows pay for more."""
    looks, compiled = [], []
    layout_of, kind_of = _lane._layout_of, _lane._kind_of
    monkeypatch.setattr(_lane, "_layout_of", lambda *args: looks.append(args) or layout_of(*args))
    monkeypatch.setattr(_lane, "_kind_of", lambda *args: compiled.append(args) or kind_of(*args))
    lane = Lane(ID_SEND, None)
    odd = row(("EMAIL",), ("X", "int", "-5"))
    for _ in range(5000):
        taken(odd, 0, lane)
    assert 10 < len(looks) < 100 and len(compiled) == 1
    assert taken(ROW * 2, 0, lane) == ([], 0)
    seen = len(looks)
    for _ in range(5000):
        lane.earn(1)
        taken(odd, 0, lane)
    assert lane._credit >= -20 and len(looks) == seen  # what is earned is spent on tries
    lane.earn(2000)
    assert taken(ROW * 2, 0, lane)[1] == 2 * len(ROW)
    for _ in range(100):
        taken(ROW * 10, 0, lane)
    kinds = [row(("EMAIL",), ("K{}".format(number),)) * 100 for number in range(10)]
    assert all(taken(kind, 0, lane)[1] == len(kind) for kind in kinds)


def test_each_expression_and_each_try_is_charged():
    """Compiling by the length of the expression, a try in vain by its kind and by what it looks at."""
    lane = Lane(ID_SEND, None)
    first, second = row(("EMAIL",), ("A",)), row(("EMAIL", "string", "x" * 3000), ("B",))
    taken(first, 0, lane)
    compiled = len(lane._kinds[0].pattern.pattern) // _lane._CHARACTERS
    earned = 1 - _lane._BATCH  # one row of two members
    assert compiled > 20
    assert lane._credit == _lane._START - _lane._TURN - _lane._LOOK - compiled + earned
    taken(second, 0, lane)
    before = lane._credit
    taken(first, 0, lane)
    assert before - lane._credit == _lane._TURN + lane._kinds[1].cost - earned
    before = lane._credit
    taken(second, 0, lane)
    assert before - lane._credit == _lane._TURN + lane._kinds[1].cost + 3 - earned  # 3 times 1024 characters


@pytest.mark.parametrize(
    "fits, too_long",
    [
        (row(("EMAIL",), ("N" * 64,)), row(("EMAIL",), ("N" * 65,))),
        (ROW.replace("<struct>", "<struct>" + " " * 3900), ROW.replace("<struct>", "<struct>" + " " * 4100)),
        (row(("EMAIL",), gap=" " * 300), row(("EMAIL",), gap=" " * 600)),
    ],
    ids=["name", "white space", "all of it"],
)
def test_layouts_that_are_too_dear(monkeypatch, fits, too_long):
    """What would take long to compile, or to try in vain, is no kind, whatever has been saved up."""
    _make_rich(monkeypatch)
    assert taken(too_long) == ([], 0)
    assert taken(fits)[1] == len(fits)


def test_known_kinds_are_tried_the_latest_first():
    """Rows of the kind that came last are found without a try in vain."""
    lane = Lane(ID_SEND, None)
    kinds = [row(("EMAIL",), ("K{}".format(number),)) for number in range(3)]
    for text in (kinds[0], kinds[1], kinds[2]):
        taken(text, 0, lane)
    taken(kinds[0], 0, lane)
    before = lane._credit
    assert taken(kinds[0] * 50, 0, lane)[1] == 50 * len(kinds[0])
    assert lane._credit == before + 50 - _lane._BATCH - _lane._TURN


def test_long_rows():
    """A row so long that no expression of it is worth it is not taken; a long text in a row of a known kind is."""
    short, long = row(("EMAIL",), ("X",)), row(("EMAIL",), ("X", "string", "x" * MAX_ROW))
    assert taken(short + long + short)[1] == len(short + long + short)
    for text in (
        row(("EMAIL", "string", "x" * MAX_ROW), ("X",), ("Y",)), row(("EMAIL", "string", "x" * MAX_ROW)),
        " " * MAX_ROW + short,
        short.replace("</struct>", "</struct>" + " " * MAX_ROW), short.replace("<struct>", "<struct>" + " " * MAX_ROW),
        row(("EMAIL", "", " " * MAX_ROW + "<nil/>")), row(("EMAIL",), " " * MAX_ROW),
        row(("EMAIL",), " " * MAX_ROW, ("X",)),
    ):  # fmt: skip
        assert taken(text) == ([], 0)


def test_many_members():
    """A row of thousands of members costs no more than a look at it."""
    text = row(("EMAIL",), *[("M{}".format(n),) for n in range(5000)])
    assert taken(text) == ([], 0)


def test_compiling_is_bounded(monkeypatch):
    """Rows of ever other kinds, plain or not, have no more expressions compiled than can be remembered."""
    compiled = []

    class Counting:
        """``re``, but it counts."""

        escape = staticmethod(_lane.re.escape)

        @staticmethod
        def compile(pattern):
            compiled.append(pattern)
            return compile_(pattern)

    compile_ = _lane.re.compile
    monkeypatch.setattr(_lane, "re", Counting)
    _make_rich(monkeypatch)
    lane = Lane(ID_SEND, None)
    for number in range(5 * MAX_KINDS):
        taken(row(("EMAIL",), ("K{}".format(number), "int", "5" if number % 2 else "x")), 0, lane)
    assert 0 < len(compiled) <= MAX_KINDS


def test_row_that_its_own_kind_does_not_take(monkeypatch):
    """It takes the place of no other kind, however often it comes; and its kind takes others."""
    _make_rich(monkeypatch)
    lane = Lane(ID_SEND, None)
    for number in range(2 * MAX_KINDS):
        assert taken(row(("ID_EMAIL", "string", " {}".format(number))), 0, lane) == ([], 0)
    for number in range(MAX_KINDS - 1):
        text = row(("EMAIL",), ("K{}".format(number),))
        assert taken(text, 0, lane)[1] == len(text)
    plain = row(("ID_EMAIL", "string", "5"))
    assert taken(plain, 0, lane)[1] == len(plain)


@pytest.mark.parametrize(
    "text",
    [
        row(("EMAIL", "string", "&lt;" * 50000))[:-1], row(("EMAIL", "", "&#65;" * 50000))[:-20],
        "<value>" + " " * 300000,
        row(("EMAIL", "", " " * 300000 + "<"))[:-1], row(("EMAIL", "", " " * 300000 + "<nil/>x")), " " * 300000,
        "<value><struct><member>" * 10000, row(("EMAIL",), " " * 300000, "x"),
        row(("EMAIL",), *[member("X")] * 4000) + "x",
    ],
    ids=range(9),
)  # fmt: skip
def test_linear(text):
    """What almost is a row, to its very end, takes no longer than looking through it a few times."""
    plain = row(("EMAIL",))
    begun = time.process_time()
    assert taken(plain * 3 + text)[1] == 3 * len(plain)
    assert time.process_time() - begun < 2  # seconds of CPU; what is not linear takes minutes


def test_memory():
    """Looking at a text of many references takes memory; as much as a piece is of them, it is bearable."""
    text = row(("EMAIL", "string", "&lt;" * (1 << 15)))  # two pieces: one may be held back
    lane = Lane(ID_SEND, None)
    taken(ROW, 0, lane)
    tracemalloc.start()
    taken(text, 0, lane)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 4 << 20


def test_time_zone_and_id():
    """The id that was asked for and the time zone are in every row."""
    text = row(("DATE", "string", "2014-12-23 12:36:02")) * 2
    expected = Bounce(5, "", None, None, None, datetime(2014, 12, 23, 12, 36, 2, tzinfo=timezone.utc), "", "", "", "")
    assert Lane(5, timezone.utc).take(text, 0) == ([expected] * 2, len(text))
