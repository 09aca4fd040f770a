"""Raw values: what one may look like, what it means, and that the general decoder says the same."""

import re
from datetime import timedelta, timezone

import pytest

from mailkit_xmlrpc import MailkitError
from mailkit_xmlrpc.protocol.fields import bounce_from_struct, read_date, read_id, read_text
from mailkit_xmlrpc.protocol.xmlrpc.raw_columns import RAW_VALUES, doubt_in
from tests.support.decoding import answer, decode
from tests.support.raw_rows import ID_SEND, inside, quickly

EAST = timezone(timedelta(hours=2))
KINDS = ("string", "", "int", "i4", "i8", "double", "boolean", "base64", "dateTime.iso8601", "array", "struct")
#: by reader: a member that it reads, and the types that are regular
REGULAR = {
    read_text: ("REASON", ("string", "", "int", "i4", "i8", "double", "base64")),
    read_id: ("ID_EMAIL", ("string", "", "int", "i4", "i8")),
    read_date: ("DATE", ("string", "")),
    None: ("X", ("string", "", "int", "i4", "i8", "double", "base64", "boolean")),
}
READERS = pytest.mark.parametrize("reader", list(REGULAR), ids=lambda reader: getattr(reader, "__name__", "unknown"))
EMPTY = ("<string/>", "<string />", "<nil/>", "<nil />", "<string></string>", "")
BASE64S = ("", "YQ==", "YWI=", "YWJj", "xI0=", "/w==", "Jmx0Ow==", "YQ", "YQ=", "=", "YW Jj", "Y!==", "7aCA")
TEXTS = [  # without surrogates: they never come out of UTF-8
    "",
    "a",
    " ",
    "\t",
    "\n",
    "a b",
    " padded ",
    "0",
    "5",
    "05",
    "-5",
    "-0",
    "+5",
    " 5",
    "5 ",
    "5\n",
    "1_0",
    "\u0665",
    "\uff15",
    "9" * 17,
    "9" * 18,
    "9" * 19,
    "-" + "9" * 18,
    "-" + "9" * 19,
    "0" * 18 + "1",
    "5.",
    ".5",
    "5.1",
    "-5.1",
    "+5.1",
    "5.10",
    "5,1",
    "5.09999999999999964473",
    "0.00001",
    "-0.0",
    "1" * 30 + ".5",
    "1" * 31 + ".5",
    "5." + "1" * 30,
    "5." + "1" * 31,
    "1e3",
    "nan",
    "inf",
    "2014-12-23 12:36:02",
    "2014-12-23 23:59:59",
    "2014-12-23 24:00:00",
    "2014-12-23 19:60:00",
    "2014-12-23 12:36:60",
    "0000-00-00 00:00:00",
    "2015-02-29 12:00:00",
    "2016-02-29 12:00:00",
    "2014-13-01 12:00:00",
    "2014-00-01 12:00:00",
    "0001-01-01 00:00:00",
    "9999-12-31 23:59:59",
    "2014-12-23",
    "2014-12-23 12:36",
    "2014-12-23T12:36:02",
    " 2014-12-23 12:36:02",
    "2014-12-23 12:36:02\n",
    "2014-12-23 12:36:0\u0662",
    "2014-12-23 12:36:02.5",
    "2014-12-23  12:36:02",
    "2014-12-23\t12:36:02",
    ">",
    "]]>",
    "]]",
    "]",
    "\r",
    "a\r\nb",
    "\0",
    "\x01",
    "\x08",
    "\x0b",
    "\x0c",
    "\x0e",
    "\x1f",
    "\x7f",
    "\x80",
    "\x9f",
    "\xa0",
    "\u2028",
    "\ud7ff",
    "\ue000",
    "\ufeff",
    "\ufffd",
    "\ufffe",
    "\uffff",
    "\U00010000",
    "\U0001fffe",
    "\U0001ffff",
    "\U0010ffff",
    "\u010d\U0001f4ec",
    "<",
    "<b/>",
    "<!---->",
    "<![CDATA[a]]>",
    "&",
    "&;",
    "&amp",
    "&amp;",
    "&lt;",
    "&gt;",
    "&quot;",
    "&apos;",
    "&AMP;",
    "&amp;amp;",
    "&amp;&lt;&gt;&quot;&apos;",
    "&nbsp;",
    "&am;",
    "&amps;",
    "& amp;",
    "&#53;",
    "&#;",
    "&#x;",
    "&#-1;",
    "&#+65;",
    "&# 65;",
    "&#6_5;",
    "&#X41;",
    "&#065;",
    "&#x041;",
    "&#\u0665\u0665;",
    "a&#13;&#10;b",
    "&amp;#65;",
]
EDGES = (
    0,
    1,
    8,
    9,
    10,
    11,
    12,
    13,
    14,
    31,
    32,
    33,
    127,
    128,
    0xD7FF,
    0xD800,
    0xDFFF,
    0xE000,
    0xFFFD,
    0xFFFE,
    0xFFFF,
    0x10000,
    0x1FFFE,
    0x10FFFF,
    0x110000,
    10**9,
)
REFERENCES = [form.format(code) for code in EDGES for form in ("&#{};", "&#x{:x};", "&#x{:X};")]


def generally(members, tz=None):
    """The Bounce of a row with *members* (name, what stands in the value tags); None if it is an error."""
    struct = "".join("<member><name>{}</name><value>{}</value></member>".format(*each) for each in members)
    document = answer("<value><array><data><value><struct>{}</struct></value></data></array></value>".format(struct))
    try:
        return bounce_from_struct(decode(document.encode("utf-8"))["array"][0], ID_SEND, tz)
    except MailkitError:
        return None


def regular(reader, raw):
    """Whether *raw* is a raw value for *reader*."""
    data = raw.encode("utf-8")
    expressions = [expression.encode("ascii") for expression in RAW_VALUES[reader]]
    return doubt_in(data, 0) == len(data) and any(re.compile(each).fullmatch(data) for each in expressions)


def values(bounce):
    """All of *bounce*, each value beside its type."""
    fields = dict(vars(bounce))
    extra = fields.pop("extra")
    return {name: (type(value), value) for part in (fields, extra) for name, value in part.items()}, type(extra)


# --- values ---------------------------------------------------------------------------------------------------------


@READERS
@pytest.mark.parametrize("tz", [None, EAST], ids=["naive", "east"])
def test_values_as_the_general_decoder_reads_them(reader, tz):
    """Every text in every type: what is a raw value is no error, and becomes the same value of the same type.

    Each by itself, and all of them in one column.
    """
    name, kinds = REGULAR[reader]
    raws = [raw for raw in EMPTY if regular(reader, raw)]
    for kind in KINDS:
        found = [inside(kind, text) for text in TEXTS + REFERENCES + list(BASE64S)]
        found = [raw for raw in found if regular(reader, raw)]
        assert bool(found) == (kind in kinds), kind
        raws += found
    expected = [generally([("EMAIL", "a"), (name, raw)], tz) for raw in raws]
    assert None not in expected
    rows = [(("EMAIL", "a"), (name, raw)) for raw in raws]
    assert len(rows) > 30
    assert [values(quickly(row, tz=tz)[0]) for row in rows] == list(map(values, expected))
    assert list(map(values, quickly(*rows, tz=tz))) == list(map(values, expected))
    tagged = [pair for pair in zip(rows, expected) if pair[0][1][1].startswith("<string>")]
    assert list(map(values, quickly(*[row for row, _ in tagged], tz=tz))) == [values(bounce) for _, bounce in tagged]


@pytest.mark.parametrize("kind", ["int", "i4", "i8"])
@pytest.mark.parametrize("others", [(), ("<string></string>",), ("<string/>", "<int>8</int>"), ("7",)], ids=range(4))
def test_ids_of_any_types(kind, others):
    """A column of ids of one type, and with others in it."""
    raws = ("<{0}>5</{0}>".format(kind), "<{0}>06</{0}>".format(kind)) + others
    for column in (raws, raws[::-1], ("7",) + raws, ("7", ""), ("7",), ("", "7")):
        ids = [bounce.id_email for bounce in quickly(*[(("ID_EMAIL", raw),) for raw in column])]
        assert ids == [generally([("ID_EMAIL", raw)]).id_email for raw in column]


def test_texts_without_tags():
    """What stands inside of tags is a raw value by itself."""
    rows = [
        (("EMAIL", text), ("ID_EMAIL", "5"), ("DATE", ""), ("STATUS", text)) for text in ("a", "&amp;", "", "\u010d/")
    ]
    assert [(bounce.email, bounce.status) for bounce in quickly(*rows)] == [
        ("a", "a"),
        ("&", "&"),
        ("", ""),
        ("\u010d/", "\u010d/"),
    ]


@pytest.mark.parametrize(
    "text, is_one",
    [
        ("", True),
        ("a \t\n]] \u010d\U0001f4ec\x7f\x80\xa0\u2028\ufffd", True),
        ("&amp;&lt;&gt;&quot;&apos;", True),
        (">", False),
        ("<", False),
        ("\r", False),
        ("\0", False),
        ("\x08", False),
        ("\x0b", False),
        ("\x0c", False),
        ("\x0e", False),
        ("\x1f", False),
        ("\ufffe", False),
        ("\uffff", False),
    ],
)
def test_text(text, is_one):
    """A text holds nothing that XML forbids, changes, or that may be more than a text."""
    assert regular(read_text, text) is is_one
    assert regular(read_text, "<string>a" + text + "b</string>") is is_one


def test_base64_that_is_no_text():
    """Bytes that are not UTF-8 stay in extra, under the name, and the text is empty."""
    for name in ("EMAIL", "STATUS"):
        raws = ("<base64>/w==</base64>", "<base64>YQ==</base64>", "<base64>/w==</base64>", "b")
        bounces = quickly(*[((name, raw),) for raw in raws])
        assert [getattr(bounce, name.lower()) for bounce in bounces] == ["", "a", "", "b"]
        assert [bounce.extra for bounce in bounces] == [{name: b"\xff"}, {}, {name: b"\xff"}, {}]
