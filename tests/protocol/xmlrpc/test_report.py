"""One answer in pieces becomes Bounces, or says why not: the same by the fast path and by the general decoder."""

from datetime import datetime, timedelta, timezone

import pytest

from mailkit_xmlrpc import (
    ApiError,
    DisallowedIPError,
    FaultError,
    InvalidSendIdError,
    MalformedResponseError,
    UnauthorizedError,
    UnexpectedShapeError,
)
from tests.support.decoding import MIB, answer
from tests.support.one_report import BOTH, ID_SEND, outcome, read, reader_of, report, row

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
        ("<value><array><data/></array></value>", 0),
        ("<value><array><data></data></array></value>", 0),
        ("<value><array/></value>", 0),
        ("<value/>", 0),
        ("<value><string> </string></value>", 0),
        ("<value><struct/></value>", 0),
        ("<value><nil/></value>", 0),
        (row(0), 1),
        ("<value><array><data>" + row(0) + "</data></array></value>", 1),
    ],
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
        (answer("<value>Unauthorized</value>"), UnauthorizedError, "Unauthorized"),
        (answer("<value> Disallowed IP 192.0.2.7 </value>"), DisallowedIPError, "Disallowed IP 192.0.2.7"),
        (answer("<value><string>Invalid ID_send</string></value>"), InvalidSendIdError, "Invalid ID_send"),
        (answer("<value>Mailing list exist</value>"), ApiError, "Mailing list exist"),
        (FAULT, FaultError, "no such method"),
    ],
    ids=["unauthorized", "address", "id", "other", "fault"],
)
def test_refusal(fast, document, error, message):
    """What Mailkit says instead of a report rises at the end, in its words."""
    for length in (1, MIB):
        with pytest.raises(ApiError) as caught:
            read(document.encode(), length, fast=fast)
        assert (type(caught.value), caught.value.message) == (error, message)
        assert getattr(caught.value, "id_send", ID_SEND) == ID_SEND


@BOTH
@pytest.mark.parametrize(
    "other, what",
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
def test_row_that_is_none(fast, other, what, length, before):
    """Something else among the rows is named by its place, counted from 0 over the whole answer."""
    with pytest.raises(UnexpectedShapeError) as caught:
        read(report(*(list(map(row, range(before))) + [other, row(1)])), length, fast=fast)
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
    """Bytes that are not the encoding's are malformed, among regular rows too."""
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
    assert caught.value.detail == "mismatched tag"
    assert caught.value.at == document.index(b"strong")


@pytest.mark.parametrize(
    "error", [ValueError("theirs"), LookupError("theirs"), UnicodeDecodeError("a", b"", 0, 1, "b")]
)
@pytest.mark.parametrize("place", ["raw_columns._joined", "decoder.Decoder._check_encoding"])
def test_time_limit_that_strikes(error, place, monkeypatch):
    """What a signal handler raises while a report is read passes as it is, whatever its class."""

    def strike(*args):
        raise error

    monkeypatch.setattr("mailkit_xmlrpc.protocol.xmlrpc." + place, strike)
    reader = reader_of()
    with pytest.raises(type(error)) as caught:
        reader.feed(b"<?xml version='1.0' encoding='UTF-8'?>" + report(*map(row, range(20))))
    assert caught.value is error
