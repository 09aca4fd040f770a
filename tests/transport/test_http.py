"""An HTTP/1.1 answer: every shape of it whole, in pieces and with trailing data; every limit at it and one past it."""

import logging

import pytest

from mailkit_xmlrpc import HTTPProtocolError, IncompleteResponseError
from mailkit_xmlrpc.transport.http import Head, Reader, content_length, framed, keeps_alive
from mailkit_xmlrpc.transport.limits import MAX_HEAD, MAX_HEADERS, MAX_INTERIM, MAX_LINE
from tests.support.inside import inside

OK = b"HTTP/1.1 200 OK\r\n"


class Wire:
    """Hands out *data* in pieces of *length* bytes, then says that the connection has ended."""

    def __init__(self, data, length=1 << 30):
        self.pieces = [data[at : at + length] for at in range(0, len(data), length)]

    def __call__(self):
        return self.pieces.pop(0) if self.pieces else b""


def read(data, length=1 << 30, **limits):
    """Read one answer; return its head, its body, and the reader."""
    reader = Reader(Wire(data, length))
    head = reader.head(**limits)
    body = b"".join(reader.body(head))
    assert reader.received == len(body)
    return head, body, reader


def refused(data, length=1 << 30, error=HTTPProtocolError):
    """The detail of the error that *data* is."""
    with pytest.raises(error) as caught:
        read(data, length)
    return caught.value.detail


# --- what is an answer ----------------------------------------------------------------------------------------------

# name: (bytes, head, body); all of them say where they end
ANSWERS = {
    "length": (OK + b"Content-Length: 5\r\n\r\nhello", (1, 200, "OK", {"content-length": "5"}), b"hello"),
    "length zero": (OK + b"Content-Length: 0\r\n\r\n", (1, 200, "OK", {"content-length": "0"}), b""),
    "length repeated": (OK + b"Content-Length: 2, 2\r\n\r\nhi", (1, 200, "OK", {"content-length": "2, 2"}), b"hi"),
    "length in two lines": (
        OK + b"content-length:2\r\nCONTENT-LENGTH: \t2 \r\n\r\nhi",
        (1, 200, "OK", {"content-length": "2, 2"}),
        b"hi",
    ),
    "chunked": (
        OK + b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n00A\r\n, world!!!\r\n0\r\n\r\n",
        (1, 200, "OK", {"transfer-encoding": "chunked"}),
        b"hello, world!!!",
    ),
    "chunked with everything": (
        OK
        + b'Transfer-Encoding: \tChunked \r\n\r\na ;x="y;z"\r\n0123456789\r\n1;\r\n!\r\n'
        + b"000;e\r\nX-Sum: 1\r\n more\r\nY: 2\r\n\r\n",
        (1, 200, "OK", {"transfer-encoding": "Chunked"}),
        b"0123456789!",
    ),
    "chunked despite length": (
        OK + b"Content-Length: 99\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n",
        (1, 200, "OK", {"content-length": "99", "transfer-encoding": "chunked"}),
        b"hi",
    ),
    "line feeds alone": (b"HTTP/1.1 200 OK\nContent-Length: 2\n\nhi", (1, 200, "OK", {"content-length": "2"}), b"hi"),
    "HTTP/1.0": (b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nhi", (0, 200, "OK", {"content-length": "2"}), b"hi"),
    "no reason": (b"HTTP/1.1 503\r\nContent-Length: 0\r\n\r\n", (1, 503, "", {"content-length": "0"}), b""),
    "empty reason": (b"HTTP/1.1 999 \r\nContent-Length: 0\r\n\r\n", (1, 999, "", {"content-length": "0"}), b""),
    "odd reason": (
        b"HTTP/1.1 404 N\xf6t \x1b[31m found \r\nContent-Length: 0\r\n\r\n",
        (1, 404, "N\u00f6t \x1b[31m found", {"content-length": "0"}),
        b"",
    ),
    "fields": (
        OK
        + b"X-A:1\r\nX-a: \xe9 \r\nX-Folded: a\r\n  b\r\n\tc \r\n"
        + b"X-Empty:\r\n!#$%&'*+.^_`|~: x:y\r\nContent-Length: 0\r\n\r\n",
        (
            1,
            200,
            "OK",
            {"x-a": "1, \u00e9", "x-folded": "a b c", "x-empty": "", "!#$%&'*+.^_`|~": "x:y", "content-length": "0"},
        ),
        b"",
    ),
    "interim answers": (
        b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\nContent-Length: 3\r\n\r\n"
        + OK
        + b"Content-Length: 2\r\n\r\nhi",
        (1, 200, "OK", {"content-length": "2"}),
        b"hi",
    ),
}
CASES = pytest.mark.parametrize("name", ANSWERS)


@CASES
@pytest.mark.parametrize("length", [1 << 30, 1, 2, 3])
def test_answer(name, length):
    """Whole or byte by byte, it is the same answer, and nothing is left over."""
    data, head, expected = ANSWERS[name]
    found, body, reader = read(data, length)
    assert (found, body) == (Head(*head), expected)
    assert not reader.surplus


@CASES
@pytest.mark.parametrize("surplus", [b"\n", b"HTTP/1.1 200 OK\r\n\r\n"])
def test_answer_with_trailing_data(name, surplus):
    """What came behind an answer is not part of it, and is noticed."""
    data, head, expected = ANSWERS[name]
    found, body, reader = read(data + surplus)
    assert (found, body) == (Head(*head), expected)
    assert reader.surplus


@CASES
@pytest.mark.parametrize("length", [1 << 30, 1])
def test_answer_cut(name, length):
    """Cut before any of its bytes it is incomplete; only before the first one nothing had come."""
    data, _, body = ANSWERS[name]
    for end in range(len(data)):
        reader = Reader(Wire(data[:end], length))
        with pytest.raises(IncompleteResponseError) as caught:
            for _ in reader.body(reader.head()):
                pass
        assert caught.value.received == reader.received <= len(body)
        early = "the connection ended before the answer began"
        assert caught.value.detail == (early if end == 0 else "the connection ended early")


@pytest.mark.parametrize("length", [1 << 30, 1])
@pytest.mark.parametrize("body", [b"", b"h", b"hello"])
def test_body_to_the_end(body, length):
    """Without a length the connection's end is the body's end."""
    found = read(OK + b"X: y\r\n\r\n" + body, length)
    assert (found[0].fields, found[1], found[2].surplus) == ({"x": "y"}, body, False)


def test_body_in_pieces_as_they_come():
    """The body is not gathered: each piece that comes is handed on, chunk by chunk."""
    pieces = [OK + b"Transfer-Encoding: chunked\r\n\r\n3\r\na", b"bc\r\n2\r\n", b"de\r\n0\r\n\r\n"]
    reader = Reader(iter(pieces).__next__)
    assert list(reader.body(reader.head())) == [b"a", b"bc", b"de"]


def test_receive_changed_between_reads():
    """Where the bytes come from may change once the head is read."""
    reader = Reader(Wire(OK + b"Content-Length: 4\r\n\r\nhi"))
    head = reader.head()
    reader.receive = Wire(b"gh")
    assert b"".join(reader.body(head)) == b"high"


@pytest.mark.parametrize("fields", [b"Content-Length: 9\r\n\r\n", b"\r\n", b"Transfer-Encoding: chunked\r\n\r\n9\r\n"])
def test_reset_in_body(fields):
    """A reset tells how much of the body had come, which the connection cannot know."""
    pieces = [OK + fields + b"hell"]

    def receive():
        if pieces:
            return pieces.pop()
        raise IncompleteResponseError(0, "the connection was reset")

    reader = Reader(inside(receive))
    with pytest.raises(IncompleteResponseError) as caught:
        inside(lambda: list(reader.body(reader.head())))()
    assert (caught.value.received, caught.value.detail) == (4, "the connection was reset")


# --- what is not HTTP -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("length", [1 << 30, 1])
@pytest.mark.parametrize(
    "line",
    [
        b"",
        b" ",
        b"hello",
        b"<html>",
        b"HTTP/1.1",
        b"HTTP/1.1 ",
        b"HTTP/1.1 20",
        b"HTTP/1.1 2000 OK",
        b"HTTP/1.1 099 X",
        b"HTTP/1.1 +20 X",
        b"HTTP/1.1  200 OK",
        b"HTTP/1.1\t200 OK",
        b"HTTP/2 200 OK",
        b"HTTP/2.0 200 OK",
        b"HTTP/1.10 200 OK",
        b"http/1.1 200 OK",
        b" HTTP/1.1 200 OK",
        b"HTTP/1.1 200OK",
        b"ICY 200 OK",
        b"\x15\x03\x01\x00\x02\x02\x16",
        b"\xff\xfe",
        "HTTP/1.1 \u0662\u0660\u0660 OK".encode(),
    ],
)
def test_status_line_wrong(line, length):
    """Anything but a status line of HTTP/1 is refused; nothing of it is shown."""
    assert refused(line + b"\r\nContent-Length: 0\r\n\r\n", length) == "its first line is not a status line"


def test_switching_protocols():
    """Nobody asked for another protocol."""
    assert refused(b"HTTP/1.1 101 Switching Protocols\r\n\r\n") == "it switches to another protocol unasked"


@pytest.mark.parametrize(
    "line", [b"no colon", b": x", b" folded", b"\tx", b"a b: c", b"a : c", b"\xe9: x", b"a\x00: x", b"<p>: x"]
)
def test_header_line_wrong(line):
    """A header line without a proper name is refused; a line cannot go on where none began."""
    assert refused(OK + line + b"\r\n\r\n") == "a header line without a name"
    trailer = OK + b"Transfer-Encoding: chunked\r\n\r\n0\r\n" + line
    assert refused(trailer + b"\r\n\r\n") == "a header line without a name"


@pytest.mark.parametrize(
    "text", [b"", b"-1", b"+5", b"5.0", b"0x5", b"5 5", b"five", b"5, 6", b"5,", "\u0665".encode(), b"9" * 19]
)
def test_content_length_wrong(text):
    """A length that is not one number is refused, not ignored."""
    assert refused(OK + b"Content-Length: " + text + b"\r\n\r\nhello") == "a Content-Length that is not a number"


def test_content_length_largest():
    """Eighteen digits are a number still; what it promises is only awaited, never allocated."""
    head = Reader(Wire(OK + b"Content-Length: " + b"9" * 18 + b"\r\n\r\n")).head()
    assert content_length(head) == 10**18 - 1
    assert refused(OK + b"Content-Length: " + b"9" * 18 + b"\r\n\r\nx", error=IncompleteResponseError)


@pytest.mark.parametrize(
    "text, name",
    [(b"gzip, chunked", "gzip, chunked"), (b"identity, identity", "identity, identity"), (b"X" * 99, "x" * 99)],
)
def test_transfer_coding_unknown(text, name):
    """A transfer coding other than chunked was not asked for."""
    assert refused(OK + b"Transfer-Encoding: " + text + b"\r\n\r\n0\r\n\r\n") == "the transfer coding " + name


@pytest.mark.parametrize("length, body, whole", [(b"Content-Length: 2\r\n", b"ab", True), (b"", b"abc", False)])
def test_transfer_coding_identity(length, body, whole, caplog):
    """ "identity" is no coding: the length counts, or the end of the connection. It is logged."""
    caplog.set_level(logging.INFO, "mailkit_xmlrpc")
    reader = Reader(Wire(OK + b"Transfer-Encoding: Identity\r\n" + length + b"\r\nabc"))
    head = reader.head()
    assert framed(head) is whole
    assert b"".join(reader.body(head)) == body
    assert [record.getMessage() for record in caplog.records] == ["Transfer-Encoding identity means no coding here"]


@pytest.mark.parametrize(
    "size", [b"", b"g", b"-1", b"+1", b"0x1", b" 1", b"1 1", b"1,1", b"\x001", b"0" * 17, b"hello"]
)
def test_chunk_size_wrong(size):
    """A chunk begins with its size, of at most sixteen digits."""
    head = OK + b"Transfer-Encoding: chunked\r\n\r\n"
    assert refused(head + size + b"\r\nx\r\n0\r\n\r\n") == "a chunk without a size"


def test_chunk_size_largest():
    """Sixteen digits are a size still."""
    data = OK + b"Transfer-Encoding: chunked\r\n\r\n000000000000000A\r\n0123456789\r\n" + b"0" * 16 + b"\r\n\r\n"
    assert read(data)[1] == b"0123456789"
    assert refused(data.replace(b"000A", b"FFFF"), error=IncompleteResponseError)


def test_chunk_longer_than_its_size():
    """Behind a chunk's bytes its line ends."""
    assert refused(OK + b"Transfer-Encoding: chunked\r\n\r\n2\r\nhello\r\n0\r\n\r\n") == "a chunk longer than its size"


# --- limits ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("length", [1 << 30, 5000, MAX_LINE, MAX_LINE + 1])
@pytest.mark.parametrize(
    "before, after",
    [
        (b"HTTP/1.1 200 ", b"\r\nContent-Length: 0\r\n\r\n"),
        (OK + b"Content-Length: 0\r\nX: ", b"\r\n\r\n"),
        (OK + b"Transfer-Encoding: chunked\r\n\r\n0;", b"\r\n\r\n"),
        (OK + b"Transfer-Encoding: chunked\r\n\r\n0\r\nX: ", b"\r\n\r\n"),
    ],
)
def test_line_length(before, after, length):
    """A line of 64 KiB (its end not counted, but for a carriage return) is read, one byte more is not."""
    used = len(before) - (before.rfind(b"\n") + 1) + 1
    assert read(before + b"x" * (MAX_LINE - used) + after, length)[1] == b""
    assert refused(before + b"x" * (MAX_LINE - used + 1) + after, length) == "a line longer than 65536 bytes"
    assert refused(before + b"x" * (MAX_LINE * 2), length) == "a line longer than 65536 bytes"


@pytest.mark.parametrize("before", [OK, OK + b"Transfer-Encoding: chunked\r\n\r\n0\r\n"])
def test_number_of_header_lines(before):
    """A hundred lines, folded ones counted, are read; one more is not, in a trailer either."""
    for line in (b"X: y\r\n", b"X: y\r\n z\r\n"):
        lines = line * (MAX_HEADERS // line.count(b"\n"))
        assert read(before + lines + b"\r\n")[1] == b""
        assert refused(before + lines + b"X: y\r\n\r\n") == "more than 100 header lines"


def test_length_of_header():
    """All lines together may have 256 KiB, and not a byte more."""
    line = b"X: " + b"x" * (MAX_HEAD // 8 - 3) + b"\n"
    assert len(line) * 8 == MAX_HEAD + 8
    assert len(read(OK + line * 8 + b"\n")[0].fields["x"]) == MAX_HEAD - 8 * 3 + 7 * 2
    assert refused(OK + line * 7 + b"x" + line + b"\n") == "its header is longer than 262144 bytes"


def test_number_of_interim_answers():
    """Ten interim answers are passed over, one more is not; the limit can be set."""
    interim = b"HTTP/1.1 102 Processing\r\n\r\n"
    final = OK + b"Content-Length: 0\r\n\r\n"
    assert read(interim * MAX_INTERIM + final)[0].status == 200
    assert refused(interim * (MAX_INTERIM + 1) + final) == "more than 10 interim answers"
    assert read(final, max_interim=0)[0].status == 200
    with pytest.raises(HTTPProtocolError):
        read(interim + final, max_interim=0)


# --- afterwards -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "fields, answer",
    [
        ({}, False),
        ({"content-length": "0"}, True),
        ({"transfer-encoding": "chunked"}, True),
        ({"transfer-encoding": ""}, False),
    ],
)
def test_framed(fields, answer):
    """Only a length or chunks tell where the body ends."""
    assert framed(Head(1, 200, "OK", fields)) is answer


@pytest.mark.parametrize(
    "minor, fields, answer",
    [
        (1, {"content-length": "0"}, True),
        (1, {"transfer-encoding": "chunked"}, True),
        (1, {}, False),
        (1, {"content-length": "0", "connection": "keep-alive"}, True),
        (1, {"content-length": "0", "connection": "close"}, False),
        (1, {"content-length": "0", "connection": "Upgrade , CLOSE"}, False),
        (1, {"content-length": "0", "connection": ""}, True),
        (0, {"content-length": "0"}, False),
        (0, {"content-length": "0", "connection": "keep-alive"}, False),
        (1, {"transfer-encoding": ""}, False),
        (1, {"transfer-encoding": "chunked", "content-length": "0"}, False),
        (9, {"content-length": "0", "connection": "closed"}, True),
    ],
)
def test_keeps_alive(minor, fields, answer):
    """A connection is used again only where HTTP/1.1 says so and the body's end was told."""
    assert keeps_alive(Head(minor, 200, "OK", fields)) is answer
