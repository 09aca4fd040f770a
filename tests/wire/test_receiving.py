"""The answer on its way into the spool: compression, limits, and its kind of content."""

import gzip
import socket
import zlib

import pytest

from mailkit_xmlrpc import (
    IncompleteResponseError,
    MailkitClient,
    MailkitError,
    MalformedResponseError,
    ResponseTooLargeError,
    Retry,
)
from mailkit_xmlrpc.transport import limits as _limits
from tests.support.account import MD5
from tests.support.observing import ask, is_own
from tests.support.scripted_server import Request, ScriptedServer, chunk, http, json_report, report, value

CHUNKED = "Transfer-Encoding: chunked"
LARGE = report(1, rows=25000)  # more than the spool keeps in memory


# --- compression ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["gzip", "GZIP", "x-gzip", "X-GZip", " gzip , ", "identity, gzip"])
@pytest.mark.parametrize("framing", ["length", "chunks", "end"])
def test_gzip_under_its_names(name, framing):
    """In any case and as x-gzip, however the end of the body is told; and a small piece at a time."""
    packed = gzip.compress(report(1))
    header = "Content-Encoding: " + name
    if framing == "length":
        answer = (http(packed, header),)
    elif framing == "end":
        answer = (http(packed, header, length=None), _End())
    else:
        answer = (
            http(b"", header, CHUNKED, length=None)
            + b"".join(chunk(packed[i : i + 7]) for i in range(0, len(packed), 7))
            + b"0\r\n\r\n",
        )
    assert is_own(ask(answer), 1)


class _End:
    """Close the connection."""

    def run(self, talk):
        talk.raw.shutdown(socket.SHUT_WR)


def test_gzip_of_many_members():
    """A member for every byte, as some servers flush."""
    packed = b"".join(gzip.compress(bytes([byte])) for byte in report(1))
    assert is_own(ask(http(packed, "Content-Encoding: gzip")), 1)


def test_gzip_cut_anywhere_is_never_a_report():
    """Every prefix of a compressed answer, complete for HTTP, is incomplete."""
    packed = gzip.compress(report(1))
    with ScriptedServer() as server, MailkitClient(1234567, MD5, url=server.url, retry=None, proxy="") as client:
        for length in range(len(packed)):
            server.play((Request(), http(packed[:length], "Content-Encoding: gzip")))
            with pytest.raises(IncompleteResponseError):
                client.bounces(1)
        server.play((Request(), http(packed, "Content-Encoding: gzip")))
        assert is_own(client.bounces(1), 1)


def test_answer_cut_anywhere_is_never_a_report():
    """Every prefix of an answer that only the end of the connection ends is incomplete."""
    body = report(1)
    whole = http(body, length=None)
    with ScriptedServer() as server, MailkitClient(1234567, MD5, url=server.url, retry=None, proxy="") as client:
        for length in range(0, len(whole), 3):
            server.play((Request(), whole[:length], _End()))
            with pytest.raises(IncompleteResponseError):
                client.bounces(1)


@pytest.mark.parametrize("protocol", ["xmlrpc", "json"])
@pytest.mark.parametrize("framing", ["length", "chunks"])
def test_answer_of_a_script_that_died(protocol, framing):
    """Every prefix of a report that a front end closed as a complete HTTP message is incomplete, however HTTP framed
    it; the next try has the report."""
    body = report(1) if protocol == "xmlrpc" else json_report(1)

    def answer(part):
        if framing == "length":
            return http(part)
        return http(b"", "Transfer-Encoding: chunked", length=None) + (chunk(part) if part else b"") + b"0\r\n\r\n"

    with ScriptedServer() as server:
        options = dict(url=server.url, proxy="", protocol=protocol)
        with MailkitClient(1234567, MD5, retry=None, **options) as client:
            for length in range(0, len(body.rstrip()), 5):
                server.play((Request(), answer(body[:length])))
                with pytest.raises(IncompleteResponseError) as caught:
                    client.bounces(1)
                assert caught.value.received == length
        with MailkitClient(1234567, MD5, retry=Retry(2, base=0), **options) as client:
            server.play_once((Request(), answer(body[:100])), (Request(), answer(body)))
            assert is_own(client.bounces(1), 1)


@pytest.mark.parametrize(
    "form", ["deflate", "br", "zstd", "compress", "gzip, gzip", "gzip, br", "identity, identity, br"]
)
def test_content_coding_that_was_not_asked_for(form):
    """Named in the error."""
    with pytest.raises(MalformedResponseError, match="content coding"):
        ask(http(zlib.compress(report(1)), "Content-Encoding: " + form))


def test_bomb_is_stopped_at_the_limit(watched):
    """100 MB out of 100 KB: stopped at max_response_bytes, without a file of that size ever having been written."""
    bomb = gzip.compress(value("<string>" + " " * (100 << 20) + "</string>"))
    assert len(bomb) < 200000
    with pytest.raises(ResponseTooLargeError) as caught:
        ask(http(bomb, "Content-Encoding: gzip"), max_response_bytes=8 << 20)
    assert (caught.value.limit, caught.value.unit) == (8 << 20, "bytes")
    assert list(watched.iterdir()) == []


# --- limits -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("pack", [False, True], ids=["plain", "gzip"])
@pytest.mark.parametrize("framing", ["length", "chunks"])
def test_byte_limit_is_of_the_decompressed_answer(pack, framing):
    """At the limit, and one past it, compressed or not."""
    body = report(1)
    sent = gzip.compress(body) if pack else body
    headers = ["Content-Encoding: gzip"] if pack else []
    answer = (
        http(sent, *headers)
        if framing == "length"
        else http(b"", CHUNKED, *headers, length=None) + chunk(sent) + b"0\r\n\r\n"
    )
    assert is_own(ask(answer, max_response_bytes=len(body)), 1)
    with pytest.raises(ResponseTooLargeError) as caught:
        ask(answer, max_response_bytes=len(body) - 1)
    assert caught.value.limit == len(body) - 1


def test_text_of_the_limit_names_the_argument():
    """Whoever meets it in a log at night knows what to raise."""
    with pytest.raises(ResponseTooLargeError, match="max_response_bytes="):
        ask(http(report(1)), max_response_bytes=10)


@pytest.mark.parametrize("past", [0, 1])
def test_line_limit(past):
    """A header line may have MAX_LINE bytes before its LF, and no more."""
    line = "X: " + "y" * (_limits.MAX_LINE - 4 + past)
    assert len(line) + 1 == _limits.MAX_LINE + past
    answer = http(report(1), line)
    if past:
        with pytest.raises(MailkitError, match="longer than {} bytes".format(_limits.MAX_LINE)):
            ask(answer)
    else:
        assert is_own(ask(answer), 1)


@pytest.mark.parametrize("past", [0, 1])
def test_interim_limit(past):
    """MAX_INTERIM 1xx answers, and no more."""
    answer = b"HTTP/1.1 100 Continue\r\n\r\n" * (_limits.MAX_INTERIM + past) + http(report(1))
    if past:
        with pytest.raises(MailkitError, match="interim"):
            ask(answer)
    else:
        assert is_own(ask(answer), 1)


# --- content type -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "given", ["text/xml", "application/xml", "TEXT/XML; charset=utf-8", "application/rpc+xml", "text/xml;charset=x"]
)
def test_content_type_of_xml_is_not_mentioned(given):
    """It is no part of what went wrong."""
    with pytest.raises(MalformedResponseError) as caught:
        ask(http(b"<html/>", "Content-Type: " + given))
    assert caught.value.content_type is None
    assert "Content-Type" not in str(caught.value)


@pytest.mark.parametrize("given", ["text/html", "application/json", "text/plain; charset=utf-8", "x"])
def test_content_type_of_another_kind_is_named(given):
    """A login page or a JSON error is recognised by it; a good report is taken all the same."""
    header = "Content-Type: " + given
    with pytest.raises(MalformedResponseError) as caught:
        ask(http(b"<html/>", header))
    assert caught.value.content_type == given
    assert "its Content-Type is {}".format(given) in str(caught.value)
    assert is_own(ask(http(report(1), header)), 1)
