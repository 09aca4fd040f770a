"""One answer in pieces becomes Bounces, or says why not: the same by the fast lane and by the general decoder."""

import gc
import weakref
from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import fixture_files
from decoding import MIB, answer
from mailkit_xmlrpc import (
    ApiError,
    DisallowedIPError,
    FaultError,
    InvalidSendIdError,
    MailkitError,
    MalformedResponseError,
    UnauthorizedError,
    UnexpectedShapeError,
)
from mailkit_xmlrpc._decode import getparser
from mailkit_xmlrpc._report import ReportReader

ID_SEND = 123456
BOTH = pytest.mark.parametrize("fast", [True, False], ids=["fast", "general"])


def reader_of(fast=True, **options):
    """A reader for one report."""
    return ReportReader(getparser(), ID_SEND, fast=fast, **options)


def read(document, length=MIB, **options):
    """All rows of *document*, fed *length* bytes at a time."""
    reader = reader_of(**options)
    bounces = []
    for at in range(0, len(document), length):
        bounces += reader.feed(document[at : at + length])
        assert reader.rows == len(bounces)
    bounces += reader.close()
    assert reader.rows == len(bounces)
    return bounces


def outcome(document, length=MIB, **options):
    """The rows of *document*, with their types, or what error it is."""
    try:
        bounces = read(document, length, **options)
        return [[(type(value), value) for value in vars(bounce).values()] for bounce in bounces]
    except MailkitError as error:
        return type(error)


def row(number, more=""):
    """One plain row."""
    members = "<member><name>EMAIL</name><value><string>user{0}@example.com</string></value></member>"
    return ("<value><struct>" + members + "{1}</struct></value>").format(number, more)


def report(*rows):
    """An answer that holds *rows*."""
    return answer("<value><array><data>{}</data></array></value>".format("".join(rows))).encode("utf-8")


# --- rows -----------------------------------------------------------------------------------------------------------


@BOTH
@pytest.mark.parametrize("length", [1, 50, 1000, MIB])
def test_rows_in_order(fast, length):
    """All rows come, in the server's order, each with the delivery that was asked for."""
    bounces = read(report(*map(row, range(300))), length, fast=fast)
    assert [bounce.email for bounce in bounces] == ["user{}@example.com".format(number) for number in range(300)]
    assert {bounce.id_send for bounce in bounces} == {ID_SEND}


@BOTH
def test_rows_as_they_become_known(fast):
    """Rows come before the answer has ended; once it is seen to be a report, it stays one."""
    reader = reader_of(fast)
    document = report(*map(row, range(300)))
    assert reader.is_report is False
    first = reader.feed(document[: len(document) // 2])
    assert reader.is_report is True
    assert 100 < len(first) == reader.rows < 200
    rest = reader.feed(document[len(document) // 2 :]) + reader.close()
    assert len(first + rest) == reader.rows == 300


@BOTH
@pytest.mark.parametrize(
    "value, rows",
    [
        ("<value><array><data/></array></value>", 0), ("<value><array><data></data></array></value>", 0),
        ("<value><array/></value>", 0), ("<value/>", 0), ("<value><string> </string></value>", 0),
        ("<value><struct/></value>", 0), ("<value><nil/></value>", 0), (row(0), 1),
        ("<value><array><data>" + row(0) + "</data></array></value>", 1),
    ],  # fmt: skip
)
def test_forms_of_a_report(fast, value, rows):
    """Every form of "no rows", and one row alone."""
    assert len(read(answer(value).encode(), fast=fast)) == rows


@BOTH
def test_time_zone(fast):
    """The time zone reaches every date, in an array and in a bare struct."""
    zone = timezone(timedelta(hours=1))
    dated = row(0, "<member><name>DATE</name><value><string>2014-12-23 12:36:02</string></value></member>")
    for document in (report(*[dated] * 20), answer(dated).encode()):
        dates = {bounce.date for bounce in read(document, fast=fast, tz=zone)}
        assert dates == {datetime(2014, 12, 23, 12, 36, 2, tzinfo=zone)}


# --- no rows but a reason -------------------------------------------------------------------------------------------

FAULT = "<methodResponse><fault><value><struct>{}</struct></value></fault></methodResponse>".format(
    "<member><name>faultCode</name><value><int>4</int></value></member>"
    "<member><name>faultString</name><value>no such method</value></member>"
)


@BOTH
@pytest.mark.parametrize(
    "document, error, message",
    [
        (answer("<value>Unauthorized</value>"), UnauthorizedError, "<Unauthorized>"),
        (answer("<value> Disallowed IP 192.0.2.7 </value>"), DisallowedIPError, "<Disallowed IP 192.0.2.7>"),
        (answer("<value><string>Invalid ID_send</string></value>"), InvalidSendIdError, "<Invalid ID_send>"),
        (answer("<value>Mailing list exist</value>"), ApiError, "<Mailing list exist>"),
        (FAULT, FaultError, "<no such method>"),
    ],
    ids=["unauthorized", "address", "id", "other", "fault"],
)
def test_refusal(fast, document, error, message):
    """What Mailkit says instead of a report rises at the end, its words made fit to be shown."""
    for length in (1, MIB):
        with pytest.raises(ApiError) as caught:
            read(document.encode(), length, fast=fast, shown="<{}>".format)
        assert (type(caught.value), caught.value.message) == (error, message)
        assert getattr(caught.value, "id_send", ID_SEND) == ID_SEND


@BOTH
@pytest.mark.parametrize(
    "odd, what",
    [
        ("<value>text</value>", "is not a struct"),
        ("<value><nil/></value>", "is not a struct"),
        ("<value><array/></value>", "is not a struct"),
        ("<value><struct/></value>", "has none of the documented members"),
        (row(0).replace("EMAIL", "E_MAIL"), "has none of the documented members"),
        (row(0, "<member><name>EMAIL</name><value/></member>"), "has two members of one name"),
        (row(0, "<member><name>X</name><value/></member>" * 2), "has two members of one name"),
    ],
)
@pytest.mark.parametrize("length", [1, 300, MIB])
@pytest.mark.parametrize("before", [0, 1, 40])
def test_row_that_is_none(fast, odd, what, length, before):
    """Something else among the rows is named by its place, counted from 0 over the whole answer."""
    with pytest.raises(UnexpectedShapeError) as caught:
        read(report(*(list(map(row, range(before))) + [odd, row(1)])), length, fast=fast)
    assert caught.value.detail == "row {} {}".format(before, what)


@BOTH
@pytest.mark.parametrize("cut", [10, 60, 100, 200, 3000, -70, -20, -1])
def test_cut_short(fast, cut):
    """XML that ends too early is malformed, wherever that is."""
    assert outcome(report(*map(row, range(50)))[:cut], fast=fast) is MalformedResponseError


@BOTH
@pytest.mark.parametrize("size", [5000, 100000, 3 * MIB])
@pytest.mark.parametrize("length", [5000, MIB // 4])
def test_long_row(fast, size, length):
    """A row may be long; what stands before and behind it is read all the same."""
    rows = list(map(row, range(100)))
    rows[50] = row(50, "<member><name>REASON</name><value>{}</value></member>".format("\u010d" * (size // 2)))
    bounces = read(report(*rows), length, fast=fast)
    assert [bounce.email for bounce in bounces] == ["user{}@example.com".format(number) for number in range(100)]
    assert {len(bounce.reason) for bounce in bounces} == {0, size // 2}


@BOTH
@pytest.mark.parametrize("where", [0, 1, 30])
@pytest.mark.parametrize("length", [1, 100, MIB])
def test_wrong_letters(fast, where, length):
    """Bytes that are not the encoding's are malformed, among plain rows too."""
    rows = list(map(row, range(40)))
    rows[where] = rows[where].replace("user", "\u017e")
    document = report(*rows)
    assert len(read(document, length, fast=fast)) == 40
    broken = document.replace("\u017e".encode("utf-8"), "\u017e".encode("cp1250"))
    assert outcome(broken, length, fast=fast) is MalformedResponseError


@BOTH
@pytest.mark.parametrize("where", [0, 1, 30])
def test_error_tells_the_byte(fast, where):
    """The error tells at which byte of the whole answer, whoever had read what stands before."""
    rows = list(map(row, range(40)))
    rows[where] = rows[where].replace("</string>", "</strong>")
    document = report(*rows)
    with pytest.raises(MalformedResponseError) as caught:
        read(document, fast=fast)
    assert caught.value.detail == "mismatched tag at byte {}".format(document.index(b"strong"))


# --- fast and general -----------------------------------------------------------------------------------------------

XML = [fixture_files.load(path) for path in fixture_files.paths() if path.suffix == ".xml"]


@pytest.mark.parametrize("fixture", XML, ids=lambda fixture: fixture.name)
def test_lanes_agree_on_fixture(fixture):
    """A fixture gives the same by both ways, in any pieces."""
    expected = outcome(fixture.body, fast=False)
    assert outcome(fixture.body) == outcome(fixture.body, 1) == outcome(fixture.body, 1, fast=False) == expected


values = st.sampled_from(
    [
        "", "<string/>", "<nil/>", "<ex:nil/>", "<string></string>", "plain", "<string>text</string>",
        " <string> a </string>\n", "5", "<int>5</int>", "<i4>-5</i4>", "<i8>5000000000</i8>", "<int> 5 </int>",
        "<int>+5</int>", "<int>05</int>", "<int>9223372036854775807</int>", "<int>99999999999999999999</int>",
        "<int></int>", "<string>0012</string>", "<double>5.1</double>", "<double>5.09999999999999964473</double>",
        "<double>5</double>", "<double>1e999</double>", "<boolean>1</boolean>", "<base64>AA==</base64>",
        "<string>2014-12-23 12:36:02</string>", "<string>0000-00-00</string>",
        "<string>2014-02-30 12:36:02</string>", "<string>2014-12-23 24:00:00</string>",
        "<dateTime.iso8601>20141223T12:36:02</dateTime.iso8601>", "<string>a&amp;b&#x10d;</string>", "&#10;",
        "&#1;", "&x;", "<string>č\n\tč</string>", "<string>a\r\nb</string>", "<![CDATA[x]]>",
        "<string>a]]>b</string>", "<!-- c -->5", "\u0085", "\ufffe", "\u0001", "<b/>", "<array/>", "<struct/>",
        "<string>x</string>y", "<string a='b'>x</string>",
    ]  # fmt: skip
)
names = st.sampled_from(
    [
        "EMAIL", "ID_EMAIL", "ID_SEND_MESSAGE", "DATE", "STATUS", "REASON", "email", "Reason", "OTHER", "X Y", "",
        "\u0159", "&amp;",
    ]  # fmt: skip
)
spaces = st.sampled_from(["", "", "", "\n", " \t", "<!-- c -->", "x", "\u00a0"])


@st.composite
def reports(draw):
    """Rows in runs of one kind (the lane learns), each kind with odd members, and here and there damage."""
    rows = []
    for _ in range(draw(st.integers(1, 3))):
        space = draw(spaces)
        members = draw(st.lists(st.tuples(names, st.lists(values, min_size=1, max_size=2)), max_size=4))
        for number in range(draw(st.sampled_from([1, 2, 3, 6]))):
            member = "<member>{0}<name>{1}</name>{0}<value>{2}</value></member>{0}".format
            rows.append(row(number, "".join(member(space, name, some[number % len(some)]) for name, some in members)))
    return report(*rows)


@settings(max_examples=200, deadline=None, database=None)
@given(reports(), st.integers(1, 400))
def test_lanes_agree(document, length):
    """Whatever the rows look like, fast and general give the same rows or the same kind of error, in any pieces."""
    expected = outcome(document, fast=False)
    assert outcome(document) == expected
    assert outcome(document, length) == expected


# --- memory ---------------------------------------------------------------------------------------------------------


@BOTH
@pytest.mark.parametrize(
    "pieces",
    [[], [report(row(0))[:80]], [report(row(0), row(1))[:250], b"<"], [report("<value/>")], [b"x"]],
    ids=range(5),
)
def test_memory_freed_when_forgotten(fast, pieces):
    """However far it came and however it failed, forgotten it is gone, without the garbage collector."""
    gc.disable()
    try:
        parser = getparser()
        watched = [weakref.ref(thing) for thing in parser + (parser[1].start, parser[1].end)]
        reader = ReportReader(parser, ID_SEND, fast=fast)
        try:
            for piece in pieces:
                reader.feed(piece)
        except MailkitError as error:
            error.__traceback__ = error.__context__ = None  # as the public methods do
        for _ in range(2):
            reader.forget()
        del parser, reader
        assert [reference() for reference in watched] == [None] * 4
    finally:
        gc.enable()


@pytest.mark.parametrize("length", [300, 2000, 100000])
@pytest.mark.parametrize("odd_at", [(), (3,), (3, 40), tuple(range(5, 60, 4)), (79,)])
def test_error_behind_many_rows_tells_row_and_byte(odd_at, length):
    """However plain and odd rows take turns, in pieces of any size, what is wrong behind them is at its own row and
    byte; the letters are of two bytes, so that characters and bytes differ."""
    rows = [row(number, "<!-- odd -->" if number in odd_at else "") for number in range(80)]
    rows = [text.replace("@", "@\u017elu\u0165") for text in rows]
    twice = "<member><name>X</name><value/></member>" * 2
    ends = ("<int>5</int></value>", "<struct>{}</struct></value>".format(twice), "<struct><member></wrong>")
    for end in ends:
        document = report(*(rows + ["<value>" + end]))
        told = []
        for fast, size in ((True, length), (False, len(document))):
            with pytest.raises(MailkitError) as caught:
                read(document, size, fast=fast)
            told.append(str(caught.value))
        assert told[0] == told[1]
        assert ("byte {}".format(document.index(b"wrong")) if "wrong" in end else "row 80 ") in told[0]
