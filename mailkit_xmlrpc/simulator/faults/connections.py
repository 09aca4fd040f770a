"""Faults of the connection: nobody answers, or the server resets, falls silent, drips or ends early.

Each function takes the :class:`.lines.Answers` to one call and returns its lines.
"""

from typing import Tuple

from .lines import CHUNKED, ZIPPED, Answers, Fault, chunk, ends, resets, stalls
from .steps import Close, Drip, Reset


def nobody(wire: Answers) -> Tuple[Fault, ...]:
    """Nobody is there."""
    received = {"received": 0}
    return (
        Fault("refused", "nobody listens", (), "ConnectError", 3, {"retryable": True}, on_connect=True),
        Fault(
            "close-on-accept", "accepts and closes", (Close(),), "IncompleteResponseError", 3, received, on_connect=True
        ),
        Fault(
            "reset-on-accept", "accepts and resets", (Reset(),), "IncompleteResponseError", 3, received, on_connect=True
        ),
    )


def connection_resets(wire: Answers) -> Tuple[Fault, ...]:
    """The connection is reset."""
    return (
        resets("before-status", "the request is read", received=0),
        resets("in-status-line", "half a status line", b"HTTP/1.1 2", received=0),
        resets("in-header", "half a header line", b"HTTP/1.1 200 OK\r\nContent-Ty", received=0),
        resets("before-body", "the head", wire.head, received=0),
        resets("in-body", "half a body", wire.head + wire.half, received=len(wire.half)),
        resets("in-chunk", "half a chunk", wire.chunked_head + wire.half_chunk, received=len(wire.half)),
        resets(
            "before-last-chunk",
            "all chunks but the last",
            wire.chunked_head + chunk(wire.body),
            received=len(wire.body),
        ),
        resets(
            "until-the-end",
            "a whole body that only the end would end",
            wire.until_the_end + wire.body,
            received=len(wire.body),
        ),
        Fault("reset-after", "a whole answer, then RST", (wire.good, Reset()), "rows"),
    )


def silences(wire: Answers) -> Tuple[Fault, ...]:
    """The server falls silent."""
    return (
        stalls("before-request", "accepts", on_connect=True),
        stalls("before-status", "the request is read"),
        stalls("in-status-line", "half a status line", b"HTTP/1.1 2"),
        stalls("in-header", "half a header line", b"HTTP/1.1 200 OK\r\nContent-Ty"),
        stalls("before-body", "the head", wire.head),
        stalls("in-body", "half a body", wire.head + wire.half),
        stalls("in-chunk-size", "half a chunk size", wire.chunked_head + b"1"),
        stalls("in-chunk", "half a chunk", wire.chunked_head + wire.half_chunk),
        stalls("before-last-chunk", "all chunks but the last", wire.chunked_head + chunk(wire.body)),
        stalls(
            "in-trailer", "the last chunk and half a trailer", wire.chunked_head + chunk(wire.body) + b"0\r\nX-Checks"
        ),
        stalls("in-gzip", "half a gzip body", wire.http(wire.gzip, ZIPPED)[: -len(wire.half_gzip)]),
        stalls("never-ends", "a whole body that only the end would end", wire.until_the_end + wire.body),
        stalls("too-long", "a Content-Length one too large", wire.http(wire.body, length=len(wire.body) + 1)),
    )


def drips(wire: Answers) -> Tuple[Fault, ...]:
    """The server drips."""
    return tuple(
        Fault(
            "drip-" + name,
            "one byte every 0.2 s of " + does,
            steps,
            "DeadlineExceededError",
            options={"timeout": 5.0, "deadline": 0.3},
        )
        for name, does, steps in (
            ("head", "the head", (Drip(wire.head),)),
            ("body", "the body", (wire.head, Drip(wire.body))),
            ("chunks", "the chunks", (wire.chunked_head, Drip(chunk(wire.body)))),
            (
                "trailer",
                "an endless trailer",
                (wire.chunked_head + chunk(wire.body) + b"0\r\nX-Slow: ", Drip(b"x" * 400)),
            ),
            ("interim", "1xx answers", (Drip(b"HTTP/1.1 100 Continue\r\n\r\n" * 8),)),
        )
    )


def early_ends(wire: Answers) -> Tuple[Fault, ...]:
    """The connection ends early."""
    return (
        ends("before-status", "the request is read", received=0),
        ends("in-status-line", "half a status line", b"HTTP/1.1 2", received=0),
        ends("in-header", "half a header line", b"HTTP/1.1 200 OK\r\nContent-Ty", received=0),
        ends("before-blank-line", "a head without its blank line", wire.head[:-2], received=0),
        ends("before-body", "the head", wire.head, received=0),
        ends("in-body", "half a body", wire.head + wire.half, received=len(wire.half)),
        ends("last-byte", "all but the body's last byte", wire.good[:-1], received=len(wire.body) - 1),
        ends(
            "after-xml",
            "whole XML, but 10 bytes fewer than promised",
            wire.http(wire.body, length=len(wire.body) + 10),
            received=len(wire.body),
        ),
        ends("in-chunk-size", "half a chunk size", wire.chunked_head + b"1", received=0),
        ends("in-chunk", "half a chunk", wire.chunked_head + wire.half_chunk, received=len(wire.half)),
        ends(
            "after-chunk-data",
            "a chunk without its line end",
            wire.chunked_head + chunk(wire.body)[:-2],
            received=len(wire.body),
        ),
        ends(
            "before-last-chunk",
            "all chunks but the last",
            wire.chunked_head + chunk(wire.body),
            received=len(wire.body),
        ),
        ends(
            "in-last-chunk",
            "half the last chunk",
            wire.chunked_head + chunk(wire.body) + b"0\r",
            received=len(wire.body),
        ),
        ends(
            "before-trailer-end",
            "no blank line at the end",
            wire.chunked_head + chunk(wire.body) + b"0\r\n",
            received=len(wire.body),
        ),
        ends(
            "in-trailer",
            "half a trailer",
            wire.chunked_head + chunk(wire.body) + b"0\r\nX-Checks",
            received=len(wire.body),
        ),
        ends("gzip-head", "5 bytes of gzip, as long as promised", wire.http(wire.gzip[:5], ZIPPED), received=5),
        ends(
            "gzip-body",
            "half of gzip, as long as promised",
            wire.http(wire.half_gzip, ZIPPED),
            received=len(wire.half_gzip),
        ),
        ends(
            "gzip-trailer",
            "gzip without 3 of its last bytes",
            wire.http(wire.gzip[:-3], ZIPPED),
            received=len(wire.gzip) - 3,
        ),
        ends(
            "gzip-chunked",
            "chunks that end in mid gzip",
            wire.http(b"", ZIPPED, CHUNKED, length=None) + chunk(wire.half_gzip) + b"0\r\n\r\n",
        ),
        ends(
            "gzip-until-the-end",
            "gzip cut short by the end",
            wire.http(wire.half_gzip, ZIPPED, length=None),
            received=len(wire.half_gzip),
        ),
        ends(
            "until-the-end",
            "half a body that only the end ends",
            wire.until_the_end + wire.half,
            received=len(wire.half),
        ),
        ends("until-the-end-empty", "no body, and only the end ends it", wire.until_the_end, received=0),
        Fault(
            "ends-whole",
            "a whole body that only the end ends",
            (wire.until_the_end + wire.body, Close()),
            "rows",
        ),
        Fault(
            "ends-blank",
            "the same and 2000 blanks",
            (wire.until_the_end + wire.body + b" " * 2000, Close()),
            "rows",
        ),
        Fault(
            "ends-gzip",
            "whole gzip that only the end ends",
            (wire.http(wire.gzip, ZIPPED, length=None), Close()),
            "rows",
        ),
        Fault("ends-http-1.0", "HTTP/1.0", (b"HTTP/1.0 200 OK\r\n\r\n" + wire.body, Close()), "rows"),
    )
