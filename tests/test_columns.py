"""Columns of the fast lane: what a value may look like, what it means, and that the general decoder says the same."""
import re
from datetime import datetime, timedelta, timezone, tzinfo

import pytest

from decoding import answer, decode
from mailkit_xmlrpc import Bounce, MailkitError, _columns
from mailkit_xmlrpc._columns import MAX_MEMBERS, NIL, TEXT, UNTYPED, VERBATIM, NotPlainError, Shape, Words
from mailkit_xmlrpc._normalise import MEMBERS, bounce_from_struct

ID_SEND = 123456
EAST = timezone(timedelta(hours=2))
TYPES = ("string", UNTYPED, "int", "i4", "i8", "double", "boolean", "base64", "dateTime.iso8601", "array", "struct")
PLAIN = {  # reader: the types that are plain
    "read_text": ("string", UNTYPED, "int", "i4", "i8", "double"),
    "read_id": ("string", UNTYPED, "int", "i4", "i8"),
    "read_date": ("string", UNTYPED),
    "unknown": ("string", UNTYPED, "int", "i4", "i8"),
}
OF_READER = {"read_text": "REASON", "read_id": "ID_EMAIL", "read_date": "DATE", "unknown": "X"}
TEXTS = [  # without surrogates: they never come out of UTF-8
    "", "a", " ", "\t", "\n", "a b", " padded ", "0", "5", "05", "-5", "-0", "+5", " 5", "5 ", "5\n", "1_0", "\u0665",
    "\uff15", "9" * 17, "9" * 18, "9" * 19, "-" + "9" * 18, "-" + "9" * 19, "0" * 18 + "1", "5.", ".5", "5.1", "-5.1",
    "+5.1", "5.10", "5,1", "5.09999999999999964473", "0.00001", "-0.0", "1" * 30 + ".5", "1" * 31 + ".5",
    "5." + "1" * 30, "5." + "1" * 31, "1e3", "nan", "inf", "2014-12-23 12:36:02", "2014-12-23 23:59:59",
    "2014-12-23 24:00:00", "2014-12-23 19:60:00", "2014-12-23 12:36:60", "0000-00-00 00:00:00", "2015-02-29 12:00:00",
    "2016-02-29 12:00:00", "2014-13-01 12:00:00", "2014-00-01 12:00:00", "0001-01-01 00:00:00", "9999-12-31 23:59:59",
    "2014-12-23", "2014-12-23 12:36", "2014-12-23T12:36:02", " 2014-12-23 12:36:02", "2014-12-23 12:36:02\n",
    "2014-12-23 12:36:0\u0662", "2014-12-23 12:36:02.5", "2014-12-23  12:36:02", "2014-12-23\t12:36:02", ">", "]]>",
    "]]", "]", "\r", "a\r\nb", "\0", "\x01", "\x08", "\x0b", "\x0c", "\x0e", "\x1f", "\x7f", "\x80", "\x9f", "\xa0",
    "\u2028", "\ud7ff", "\ue000", "\ufeff", "\ufffd", "\ufffe", "\uffff", "\U00010000", "\U0001fffe", "\U0001ffff",
    "\U0010ffff", "\u010d\U0001f4ec", "<", "<b/>", "<!---->", "<![CDATA[a]]>", "&", "&;", "&amp", "&amp;", "&lt;",
    "&gt;", "&quot;", "&apos;", "&AMP;", "&amp;amp;", "&amp;&lt;&gt;&quot;&apos;", "&nbsp;", "&am;", "&amps;",
    "& amp;", "&#53;", "&#;", "&#x;", "&#-1;", "&#+65;", "&# 65;", "&#6_5;", "&#X41;", "&#065;", "&#x041;",
    "&#\u0665\u0665;", "a&#13;&#10;b", "&amp;#65;",
]  # fmt: skip
EDGES = (
    0, 1, 8, 9, 10, 11, 12, 13, 14, 31, 32, 33, 127, 128, 0xD7FF, 0xD800, 0xDFFF, 0xE000, 0xFFFD, 0xFFFE, 0xFFFF,
    0x10000, 0x1FFFE, 0x10FFFF, 0x110000, 10**9,
)  # fmt: skip
REFERENCES = [form.format(code) for code in EDGES for form in ("&#{};", "&#x{:x};", "&#x{:X};")]


class Pytz(tzinfo):
    """A time zone with a ``localize``, as pytz's are, that fails at the end of the calendar."""

    def localize(self, date, is_dst):
        assert is_dst is True
        return (date + timedelta(days=1)).replace(tzinfo=EAST)


def member(name, kind, text):
    """A member as it stands in a document; *kind* as in a shape."""
    inside = "<nil/>" if kind == NIL else text if kind == UNTYPED else "<{0}>{1}</{0}>".format(kind, text)
    return "<member><name>{}</name><value>{}</value></member>".format(name, inside)


def generally(members, tz=None):
    """The Bounce of a row with *members* (name, type, text) by the general decoder; None if it is an error."""
    struct = "<value><struct>{}</struct></value>".format("".join(member(*each) for each in members))
    document = answer("<value><array><data>{}</data></array></value>".format(struct))
    try:
        return bounce_from_struct(decode(document.encode("utf-8", "surrogatepass"))["array"][0], ID_SEND, tz)
    except MailkitError:
        return None


def quickly(members, tz=None):
    """The same by a shape; None if a text does not look as it must."""
    shape = Shape([(name, kind) for name, kind, _ in members])
    texts = [text for _, _, text in members]
    pattern = "\0".join(shape.groups)
    match = re.compile(pattern).fullmatch("\0".join(texts))
    try:
        return match and shape.bounces([match.groups()], ID_SEND, tz, Words())[0]
    except NotPlainError:
        return None


def values(bounce):
    """All of *bounce*, each value beside its type."""
    fields = dict(vars(bounce))
    extra = fields.pop("extra")
    return {name: (type(value), value) for part in (fields, extra) for name, value in part.items()}, type(extra)


# --- values ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("reader", sorted(PLAIN))
@pytest.mark.parametrize("kind", TYPES)
def test_types_that_are_plain(reader, kind):
    """Every type with every reader: either it is no shape, or one that reads as the general decoder does."""
    name = OF_READER[reader]
    members = [("EMAIL", "string"), (name, kind)]
    assert Shape.is_plain(members) is (kind in PLAIN[reader])
    assert Shape.is_plain([("EMAIL", "string"), (name, NIL)])


@pytest.mark.parametrize("reader", sorted(PLAIN))
@pytest.mark.parametrize("tz", [None, EAST], ids=["naive", "east"])
def test_values_as_the_general_decoder_reads_them(reader, tz):
    """Every text in every plain type: what the expression takes is no error, and the same value of the same type."""
    taken = 0
    for kind in PLAIN[reader]:
        for text in TEXTS + REFERENCES:
            members = [("EMAIL", "string", "a"), (OF_READER[reader], kind, text)]
            quick = quickly(members, tz)
            if quick is not None:
                taken += 1
                general = generally(members, tz)
                assert general is not None, (kind, text)
                assert values(quick) == values(general), (kind, text)
    assert taken > 20


@pytest.mark.parametrize(
    "text, plain",
    [
        ("", True), ("a \t\n]] \u010d\U0001f4ec\x7f\x80\xa0\u2028\ufffd", True), ("&amp;&lt;&gt;&quot;&apos;", True),
        (">", False), ("<", False), ("\r", False), ("\0", False), ("\x08", False), ("\x0b", False), ("\x0c", False),
        ("\x0e", False), ("\x1f", False), ("\ufffe", False), ("\uffff", False),
    ],
)  # fmt: skip
def test_text(text, plain):
    """A text is plain without anything that XML forbids, changes, or that may be more than a text."""
    assert bool(re.compile(TEXT).fullmatch(text)) is plain
    assert bool(re.compile(TEXT).fullmatch("a" + text + "b")) is plain


@pytest.mark.parametrize(
    "text",
    [
        "&", "&;", "&amp", "&AMP;", "&nbsp;", "&#X41;", "&#;", "&#x;", "&#-1;", "&#+65;", "&#6_5;", "&# 65;", "&#65 ;",
        "&#0;", "&#x0;", "&#00;", "&#99999999;", "&#x1000000;", "&amp;&", "&&amp;", "&#65", "&#\u0665;",
    ],
)  # fmt: skip
def test_no_reference(text):
    """An ampersand that begins no reference is for the decoder, wherever it stands."""
    shape = Shape([("EMAIL", "string"), ("REASON", "string")])
    for row in ((text, ""), ("", text), ("a" + text + "b", "&lt;"), (text, ";"), ("&lt;", "&gt;" + text)):
        with pytest.raises(NotPlainError):
            shape.bounces([("&amp;", "a"), row, ("a", "amp;")], ID_SEND, None, Words())


def test_references_at_every_edge():
    """Exactly those are taken that stand for a character that XML allows (XML 1.0, 2.2 Char)."""
    allowed = {9, 10, 13} | set(range(0x20, 0xD800)) | set(range(0xE000, 0xFFFE)) | set(range(0x10000, 0x110000))
    for form in ("{}", "x{:x}", "00{}", "x00{:X}"):
        for code in list(range(0x11000)) + list(range(0x1FFF0, 0x20010)) + list(range(0x10FFF0, 0x110010)):
            try:
                text = _columns._References()["#" + form.format(code)]
            except NotPlainError:
                assert code not in allowed
            else:
                assert code in allowed and text == chr(code)


def test_references_resolved_once():
    """What a reference stands for is not read again."""
    once = (("&amp;lt;", "&lt;"), ("&#38;#65;", "&#65;"), ("&#x26;amp;", "&amp;"), ("a&#x1F4eC;&#9;", "a\U0001f4ec\t"))
    for text, means in once:
        bounce = quickly([("REASON", "string", text), ("X", UNTYPED, text)])
        assert (bounce.reason, bounce.extra) == (means, {"X": means})


def test_many_different_references():
    """However many there are in one column, each means what it means."""
    codes = list(range(1000, 1100)) * 2
    bounces = Shape([("REASON", "string")]).bounces(
        [("&#{};-&amp;".format(code),) for code in codes], ID_SEND, None, Words()
    )
    assert [bounce.reason for bounce in bounces] == [chr(code) + "-&" for code in codes]


def test_strings_as_they_are():
    """A string that no XML was around is text with every character it has; ids and dates are read as from a text."""
    names = ("EMAIL", "ID_EMAIL", "DATE", "X")
    members = [(name, VERBATIM) for name in names]
    assert Shape.is_plain(members)
    rows = [("&amp;\0\r>", "5", "2014-12-23 12:36:02", "&lt;"), ("", "", "", "")]
    first, second = Shape(members).bounces(rows, ID_SEND, None, Words())
    assert (first.email, first.id_email, first.extra) == ("&amp;\0\r>", 5, {"X": "&lt;"})
    assert first.date == datetime(2014, 12, 23, 12, 36, 2)
    assert second == Bounce(ID_SEND, "", None, None, None, None, "", "", "", "", {"X": ""})


# --- dates ----------------------------------------------------------------------------------------------------------


def dates(texts, tz=None):
    """(date, extra) of rows whose dates are *texts*."""
    bounces = Shape([("DATE", "string")]).bounces([(text,) for text in texts], ID_SEND, tz, Words())
    return [(bounce.date, bounce.extra) for bounce in bounces]


def test_dates():
    """Dates of a column, empty ones among them."""
    texts = ["2014-12-23 12:36:02", "", "2016-02-29 00:00:00"]
    assert dates(texts) == [(datetime(2014, 12, 23, 12, 36, 2), {}), (None, {}), (datetime(2016, 2, 29), {})]
    assert dates(texts, EAST)[0] == (datetime(2014, 12, 23, 12, 36, 2, tzinfo=EAST), {})
    assert dates(texts, EAST)[1] == (None, {})


@pytest.mark.parametrize("tz", [None, EAST], ids=["naive", "east"])
@pytest.mark.parametrize(
    "wrong", ["0000-00-00 00:00:00", "2015-02-29 12:00:00", "2014-12-23 12:60:00", "2014-12-23 12:00:60"]
)
def test_date_that_does_not_exist(wrong, tz):
    """It is kept in the extra of its own row, and the others of its column are read all the same."""
    right = datetime(2014, 12, 23, 12, 36, 2, tzinfo=tz)
    column = dates(["2014-12-23 12:36:02", wrong, "", wrong, "2014-12-23 12:36:02"], tz)
    assert column == [(right, {}), (None, {"DATE": wrong}), (None, {}), (None, {"DATE": wrong}), (right, {})]


def test_date_at_the_end_of_the_calendar():
    """A time zone that cannot place a date leaves it in extra; pytz's are asked for the earlier of two readings."""
    first, last = dates(["2014-12-23 12:36:02", "9999-12-31 23:59:59"], Pytz())
    assert first == (datetime(2014, 12, 24, 12, 36, 2, tzinfo=EAST), {})
    assert last == (None, {"DATE": "9999-12-31 23:59:59"})


# --- shapes ---------------------------------------------------------------------------------------------------------

DOCUMENTED = [(each.name, "string") for each in MEMBERS]


@pytest.mark.parametrize(
    "members, plain",
    [
        ([("EMAIL", "string")], True),
        ([("EMAIL", NIL)], True),
        ([("X", "string"), ("DATE", NIL)], True),
        (DOCUMENTED, True),
        (DOCUMENTED[::-1] + [("X", "i8"), ("x", NIL), ("EMAIL_2", UNTYPED)], True),
        ([], False),
        ([("X", "string")], False),
        ([("email", "string")], False),
        ([("EMAIL", "string"), ("email", "string")], False),
        ([("EMAIL", "string"), ("Date", NIL)], False),
        ([("EMAIL", "string"), ("EMAIL", "string")], False),
        ([("EMAIL", "string"), ("X", "string"), ("X", NIL)], False),
        ([("EMAIL", "string"), ("X", "double")], False),
        ([("EMAIL", "string"), ("ID_EMAIL", "double")], False),
        ([("EMAIL", "string"), ("DATE", "int")], False),
        ([("EMAIL", "boolean")], False),
    ],
)
def test_shapes_that_are_plain(members, plain):
    """At least one documented name, none in another case, none twice, and only types that are beyond doubt."""
    assert Shape.is_plain(members) is plain


def test_members_at_the_limit():
    """So many members are plain, one more is not."""
    members = [("EMAIL", "string")] + [("M{}".format(n), "int") for n in range(MAX_MEMBERS - 1)]
    assert Shape.is_plain(members)
    assert not Shape.is_plain(members + [("N", "int")])


def test_rows_of_one_shape():
    """Each row has its own values and its own extra, whatever the order of the members; missing ones are empty."""
    members = [("X", "int"), ("REASON", "double"), ("Z", NIL), ("ID_EMAIL", "string"), ("Y", UNTYPED), ("STATUS", "i4")]
    shape = Shape(members)
    assert len(shape.groups) == len(members)
    texts = [("1", "5.10", "", "", "a&amp;", "-05"), ("2", "-0.0", "", "7", "", "5")]
    match = re.compile("\0".join(shape.groups)).fullmatch
    rows = [match("\0".join(row)).groups() for row in texts]
    first, second = shape.bounces(rows, ID_SEND, None, Words())
    extra = {"X": 1, "Y": "a&", "Z": None}
    assert first == Bounce(ID_SEND, "", None, None, None, None, "-5", "", "", "5.1", extra)
    assert second == Bounce(ID_SEND, "", 7, None, None, None, "5", "", "", "-0.0", {"X": 2, "Y": "", "Z": None})
    assert first.extra is not second.extra


def test_documented_nil():
    """A documented member that is nil is as if it were missing: no extra."""
    members = [(each.name, NIL) for each in MEMBERS]
    assert quickly([each + ("",) for each in members]) == Bounce(ID_SEND, "", None, None, None, None, "", "", "", "")


# --- words ----------------------------------------------------------------------------------------------------------


def test_words_shared():
    """Equal statuses, states and categories of many rows are one string; addresses and reasons are not kept."""
    words = Words()
    shape = Shape([(name, "string") for name in ("STATUS", "EMAIL_STATUS", "BOUNCE_CAT", "EMAIL", "REASON")])
    rows = [tuple("".join(["word", str(n)]) for n in range(5)) for _ in range(3)]
    bounces = shape.bounces(rows, ID_SEND, None, words)
    for field in ("status", "email_status", "bounce_cat"):
        assert len({id(getattr(bounce, field)) for bounce in bounces}) == 1
    assert set(words) == {"word0", "word1", "word2"}


def test_words_bounded(monkeypatch):
    """Only so many, and only short ones, are remembered; what is given back is always the word."""
    monkeypatch.setattr(_columns, "_MAX_WORDS", 3)
    words = Words()
    assert [words[word] for word in "abcabd"] == list("abcabd")
    assert set(words) == {"d"}
    short, long = "x" * _columns._MAX_WORD, "x" * (_columns._MAX_WORD + 1)
    assert (words[short], words[long]) == (short, long)
    assert short in words and long not in words
