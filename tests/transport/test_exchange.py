"""What a response says of itself, and what becomes of its connection; whole exchanges are in tests/wire."""

import logging

import pytest

from mailkit_xmlrpc import MalformedResponseError, ResponseTooLargeError
from mailkit_xmlrpc.transport.deadline import Deadline
from mailkit_xmlrpc.transport.exchange import Response, receive, retry_after
from mailkit_xmlrpc.transport.http import Head, Reader
from mailkit_xmlrpc.transport.spool import Spool

FOREVER = Deadline(None, lambda: 0.0)
LENGTH = {"content-length": "0"}


class Held:
    """A connection, and the pool that it is of."""

    def __init__(self):
        self.detached = []
        self.given_back = []

    def detach(self, deadline):
        self.detached.append(deadline)

    def give_back(self, connection, reuse):
        assert connection is self
        self.given_back.append(reuse)


def response(head, held=None, surplus=b""):
    """A response with *head*, whose body was read."""
    held = held or Held()
    reader = Reader(lambda: b"")
    reader._buffer = surplus
    return Response(head, Spool(), reader, held, held, FOREVER)


# --- release ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("reuse", [True, False])
def test_release(reuse):
    """The connection is given back once, for another call only if the body was understood."""
    held = Held()
    one = response(Head(1, 200, "OK", LENGTH), held)
    for _ in range(2):
        one.release(reuse)
    assert (held.given_back, held.detached) == ([reuse], [FOREVER])


@pytest.mark.parametrize(
    "head, surplus",
    [
        (Head(1, 500, "Error", LENGTH), b""),
        (Head(0, 200, "OK", LENGTH), b""),
        (Head(1, 200, "OK", {}), b""),
        (Head(1, 200, "OK", dict(LENGTH, connection="close")), b""),
        (Head(1, 200, "OK", dict(LENGTH, **{"transfer-encoding": "chunked"})), b""),
        (Head(1, 200, "OK", LENGTH), b"x"),
    ],
    ids=["status", "http-1.0", "unframed", "close", "both-lengths", "surplus"],
)
def test_release_of_what_cannot_be_used_again(head, surplus):
    """However well the body was understood, such a connection is not used again."""
    held = Held()
    response(head, held, surplus).release(reuse=True)
    assert held.given_back == [False]


# --- what it says -----------------------------------------------------------------------------------------------------


def test_attributes():
    """Status, words, type, and the time that it asks to wait."""
    fields = {"content-type": "text/xml", "retry-after": "7", "content-length": "0"}
    one = response(Head(1, 503, "Busy", fields))
    assert (one.status, one.reason, one.content_type, one.retry_after) == (503, "Busy", "text/xml", 7.0)
    assert (one.framed, one.received, one.redirects_to) == (True, 0, "")
    one = response(Head(1, 200, "", {}))
    assert (one.reason, one.content_type, one.retry_after, one.framed) == ("", "", None, False)


@pytest.mark.parametrize(
    "location, host",
    [
        ("https://www.example.com/login?token=secret", "www.example.com"),
        ("http://www.example.com", "www.example.com"),
        ("//www.example.com:8080/x", "www.example.com"),
        ("https://user:secret@www.example.com/", "www.example.com"),
        ("HTTPS://[2001:db8::1]:443/", "[2001:db8::1]"),
        ("/login?token=secret", ""),
        ("ftp://www.example.com/", ""),
        ("https://", ""),
        ("https://a b/", ""),
        ("https://x\x1b[31m/", ""),
        ("https://" + "x" * 254, ""),
        ("", ""),
    ],
)
def test_redirects_to(location, host):
    """Of where a redirection leads to only the host is kept: the rest may hold a token, or anything."""
    assert response(Head(1, 302, "Found", {"location": location})).redirects_to == host


@pytest.mark.parametrize(
    "text, seconds",
    [
        ("0", 0.0),
        ("120", 120.0),
        ("999999999", 999999999.0),
        ("1234567890", None),
        ("-1", None),
        ("1.5", None),
        ("", None),
        ("soon", None),
        ("Thu, 01 Jan 1970 00:01:40 GMT", 90.0),
        ("Thu, 01 Jan 1970 01:01:40 +0100", 90.0),
        ("Thu Jan  1 00:01:40 1970", 90.0),
        ("Thu, 01 Jan 1970 00:00:00 GMT", 0.0),
        ("Thu, 99 Jan 1970 00:00:00 GMT", None),
    ],
)
def test_retry_after(text, seconds):
    """Seconds or a date, also of the obsolete form; a date that is past is now; anything else is nothing."""
    assert retry_after(text, 10.0) == seconds


def test_retry_after_of_the_callers_code(monkeypatch):
    """A time limit that strikes while the date is read is the caller's own."""
    error = ValueError("theirs")

    def struck(text):
        raise error

    monkeypatch.setattr("mailkit_xmlrpc.transport.exchange.parsedate_to_datetime", struck)
    with pytest.raises(ValueError) as caught:
        retry_after("soon", 10.0)
    assert caught.value is error


# --- content codings --------------------------------------------------------------------------------------------------


def received(coding, body=b"body"):
    """What is received of *body* under Content-Encoding *coding*."""
    pieces = [body]
    reader = Reader(lambda: pieces.pop() if pieces else b"")
    with_length = {"content-length": str(len(body)), "content-encoding": coding}
    spool = Spool()
    receive(Head(1, 200, "OK", with_length), reader, spool, 100)
    return spool.head(100)


@pytest.mark.parametrize("coding, logged", [("identity", 0), ("Identity", 0), ("utf-8", 1), ("none", 1), ("8bit, ", 1)])
def test_coding_that_is_none(coding, logged, caplog):
    """Words that mean no coding, or that were met where a charset was meant, do no harm; they are logged."""
    caplog.set_level(logging.INFO, "mailkit_xmlrpc")
    assert received(coding) == b"body"
    assert len(caplog.records) == logged


@pytest.mark.parametrize("coding", ["br", "gzip, gzip", "utf-9", "deflate"])
def test_coding_that_is_not_known(coding):
    """Any other coding is named."""
    with pytest.raises(MalformedResponseError, match="the content coding " + coding):
        received(coding)


def test_too_large():
    """One byte more than allowed."""
    assert received("", b"x" * 100) == b"x" * 100
    with pytest.raises(ResponseTooLargeError):
        received("", b"x" * 101)
