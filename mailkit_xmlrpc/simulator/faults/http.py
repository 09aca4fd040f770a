"""Faults of HTTP: lengths, statuses, bodies of errors, compression, and what is not HTTP.

Each function takes the :class:`.lines.Answers` to one call and returns its lines.
"""

import gzip
import zlib
from typing import Tuple

from .lines import CHUNKED, CLOSES, HTML, UNAVAILABLE, ZIPPED, Answers, Fault, answers, chunk, ends, fault
from .steps import Close, Pause, Repeat, Reset, Stall


def lengths(wire: Answers) -> Tuple[Fault, ...]:
    """The server lies about the length."""
    return (
        answers(
            "length-too-small",
            "a Content-Length half as large",
            wire.http(wire.body, length=len(wire.half)),
            "IncompleteResponseError",
            3,
        ),
        answers(
            "length-zero", "Content-Length: 0 and a body", wire.http(wire.body, length=0), "IncompleteResponseError", 3
        ),
        answers("length-negative", "Content-Length: -1", wire.http(wire.body, length="-1"), "HTTPProtocolError"),
        answers("length-word", "Content-Length: many", wire.http(wire.body, length="many"), "HTTPProtocolError"),
        answers("length-float", "Content-Length: 12.0", wire.http(wire.body, length="12.0"), "HTTPProtocolError"),
        answers(
            "length-30-digits",
            "a Content-Length of 30 digits",
            wire.http(wire.body, length="1" * 30),
            "HTTPProtocolError",
        ),
        answers("length-two", "two different ones", wire.http(wire.body, "Content-Length: 5"), "HTTPProtocolError"),
        answers("length-twice", "twice the same one", wire.http(wire.body, "Content-Length: " + wire.length)),
        ends(
            "length-huge",
            "Content-Length: 10000000000000",
            wire.http(wire.body, length=10**13),
            received=len(wire.body),
        ),
        answers(
            "length-and-chunks",
            "chunks and a false length",
            wire.http(b"", CHUNKED, length=5) + chunk(wire.body) + b"0\r\n\r\n",
        ),
    )


def interim(wire: Answers) -> Tuple[Fault, ...]:
    """Interim answers."""
    return (
        answers("100-then-200", "100 Continue first", b"HTTP/1.1 100 Continue\r\n\r\n" + wire.good),
        answers("102-then-200", "102 with Content-Length: 0 first", wire.http(status="102 Processing") + wire.good),
        answers("103-then-200", "103 Early Hints first", b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" + wire.good),
        answers(
            "103-later-200",
            "103, and 200 in a later packet",
            wire.http(status="103 Early Hints"),
            steps=(Pause(0.05), wire.good),
        ),
        answers("ten-100-then-200", "ten times 100 first", b"HTTP/1.1 100 Continue\r\n\r\n" * 10 + wire.good),
        answers(
            "eleven-100",
            "eleven times 100 first",
            b"HTTP/1.1 100 Continue\r\n\r\n" * 11 + wire.good,
            "HTTPProtocolError",
        ),
        Fault("endless-100", "100 for ever", (Repeat(b"HTTP/1.1 100 Continue\r\n\r\n"),), "HTTPProtocolError"),
        answers("101", "101 Switching Protocols", wire.http(status="101 Switching Protocols"), "HTTPProtocolError"),
    )


def statuses(wire: Answers) -> Tuple[Fault, ...]:
    """Statuses."""
    return (
        wire.status("201 Created"),
        wire.status("204 No Content"),
        wire.status("304 Not Modified"),
        wire.status("400 Bad Request"),
        wire.status("401 Unauthorized"),
        wire.status("403 Forbidden"),
        wire.status("404 Not Found"),
        wire.status("407 Proxy Authentication Required"),
        wire.status("408 Request Timeout", 3),
        wire.status("425 Too Early", 3),
        wire.status("429 Too Many Requests", 3),
        wire.status("500 Internal Server Error", 3),
        wire.status("501 Not Implemented"),
        wire.status("502 Bad Gateway", 3),
        wire.status("503 Service Unavailable", 3),
        wire.status("504 Gateway Timeout", 3),
        wire.status("599 ", 3),
        answers(
            "status-201-with-report",
            "201 with a report",
            wire.http(wire.body, status="201 Created"),
            "HTTPStatusError",
            1,
            {"status": 201},
        ),
        answers(
            "status-206",
            "206 with half a report",
            wire.http(wire.half, status="206 Partial Content"),
            "HTTPStatusError",
        ),
        answers("status-200-no-reason", "no reason phrase", wire.good.replace(b"200 OK", b"200", 1)),
        answers(
            "status-control-characters",
            "ESC in the reason",
            wire.http(status="404 \x1b[31mred"),
            "HTTPStatusError",
            1,
            {"reason": "\\x1b[31mred"},
        ),
    ) + tuple(
        answers(
            "status-{}".format(number),
            "{} with a Location of the same server".format(number),
            wire.http(b"", "Location: /rpc.fcgi", status="{} Moved".format(number)),
            "HTTPStatusError",
            1,
            {"status": number},
        )
        for number in (301, 302, 303, 307, 308)
    )


def error_bodies(wire: Answers) -> Tuple[Fault, ...]:
    """Bodies of errors."""
    return (
        wire.unavailable("html", "with a page", wire.http(HTML, "Content-Type: text/html", status=UNAVAILABLE)),
        wire.unavailable(
            "chunked",
            "with a page in chunks",
            wire.http(b"", CHUNKED, status=UNAVAILABLE, length=None) + chunk(HTML) + b"0\r\n\r\n",
        ),
        wire.unavailable(
            "until-the-end",
            "with a page that only the end ends",
            wire.http(HTML, status=UNAVAILABLE, length=None),
            Close(),
        ),
        wire.unavailable("stalled", "whose body stalls", wire.http(status=UNAVAILABLE, length=500) + b"<", Stall()),
        wire.unavailable("cut", "whose body is cut short", wire.http(HTML, status=UNAVAILABLE, length=500), Close()),
        wire.unavailable("reset", "whose body is reset", wire.http(HTML, status=UNAVAILABLE, length=500), Reset()),
        wire.unavailable(
            "huge", "with Content-Length: 10000000000000", wire.http(HTML, status=UNAVAILABLE, length=10**13), Close()
        ),
        wire.unavailable("bad-length", "with Content-Length: x", wire.http(HTML, status=UNAVAILABLE, length="x")),
        wire.unavailable(
            "endless", "with an endless body", wire.http(b"", status=UNAVAILABLE, length=None), Repeat(b"x" * 1000)
        ),
        wire.unavailable("bomb", "with a gzip bomb", wire.http(wire.bomb, ZIPPED, status=UNAVAILABLE)),
        wire.unavailable("broken-gzip", "with broken gzip", wire.http(HTML, ZIPPED, status=UNAVAILABLE)),
        wire.unavailable("report", "with a report", wire.http(wire.body, status=UNAVAILABLE)),
        wire.unavailable("unauthorized", "with a refusal", wire.http(wire.refusal("Unauthorized"), status=UNAVAILABLE)),
        wire.unavailable("half-fault", "with half a fault", wire.http(fault()[:150], status=UNAVAILABLE)),
        answers(
            "500-fault",
            "500 with a fault",
            wire.http(fault(7), status="500 Error"),
            "FaultError",
            1,
            {"code": 7, "message": "no such method"},
        ),
        answers(
            "404-fault", "404 with a fault", wire.http(fault(8), status="404 Not Found"), "FaultError", 1, {"code": 8}
        ),
        answers(
            "500-gzip-fault",
            "500 with a fault in gzip",
            wire.http(gzip.compress(fault(9)), ZIPPED, status="500 Error"),
            "FaultError",
        ),
        Fault(
            "500-chunked-fault",
            "500 with a fault in chunks, one late",
            (
                wire.http(b"", CHUNKED, status="500 Error", length=None) + chunk(fault()[:60]),
                Pause(0.05),
                chunk(fault()[60:]) + b"0\r\n\r\n",
            ),
            "FaultError",
        ),
    )


def surplus(wire: Answers) -> Tuple[Fault, ...]:
    """More than the answer."""
    return (
        answers("surplus-same-packet", "a second answer in the same packet", wire.good + wire.other),
        Fault(
            "surplus-later",
            "a second answer in a later packet",
            (wire.good, Pause(0.05), wire.other),
            "rows",
        ),
        answers("surplus-byte", "one byte more than promised", wire.good + b"\n"),
        answers(
            "surplus-after-chunks",
            "a second answer after the last chunk",
            wire.chunked_head + chunk(wire.body) + b"0\r\n\r\n" + wire.other,
        ),
        answers(
            "surplus-after-error",
            "404 and a second answer",
            wire.http(status="404 Not Found") + wire.other,
            "HTTPStatusError",
        ),
        Fault("closes-idle", "a whole answer, then the end", (wire.good, Close()), "rows"),
        Fault("says-close", "Connection: close, then the end", (wire.http(wire.body, CLOSES), Close()), "rows"),
    )


def gzips(wire: Answers) -> Tuple[Fault, ...]:
    """Compression."""
    return (
        wire.zipped("good", "gzip", wire.gzip),
        wire.zipped("upper-case", "Content-Encoding: GZIP", wire.gzip, header="Content-Encoding: GZIP"),
        wire.zipped("x-gzip", "Content-Encoding: x-gzip", wire.gzip, header="Content-Encoding: x-gzip"),
        wire.zipped("identity", "Content-Encoding: identity", wire.body, header="Content-Encoding: identity"),
        wire.zipped(
            "two-members", "two members", gzip.compress(wire.half) + gzip.compress(wire.body[len(wire.half) :])
        ),
        wire.zipped("padded", "zeros behind it", wire.gzip + b"\0" * 1000),
        wire.zipped("empty-member", "an empty member behind it", wire.gzip + gzip.compress(b"")),
        wire.zipped("not-compressed", "plain text named gzip", wire.body, "MalformedResponseError"),
        wire.zipped("not-named", "gzip without saying so", wire.gzip, "MalformedResponseError", header="X-Nothing: 1"),
        wire.zipped("twice-named-once", "gzip in gzip, named once", gzip.compress(wire.gzip), "MalformedResponseError"),
        wire.zipped(
            "twice",
            "Content-Encoding: gzip, gzip",
            gzip.compress(wire.gzip),
            "MalformedResponseError",
            header=ZIPPED + ", gzip",
        ),
        wire.zipped(
            "deflate",
            "Content-Encoding: deflate",
            zlib.compress(wire.body),
            "MalformedResponseError",
            header="Content-Encoding: deflate",
        ),
        wire.zipped("zlib-named-gzip", "zlib named gzip", zlib.compress(wire.body), "MalformedResponseError"),
        wire.zipped("junk-after", "junk behind it", wire.gzip + b"junk", "MalformedResponseError"),
        wire.zipped(
            "bad-crc", "a wrong checksum", wire.gzip[:-8] + b"\1\2\3\4" + wire.gzip[-4:], "IncompleteResponseError", 3
        ),
        wire.zipped("bad-length", "a wrong length", wire.gzip[:-4] + b"\1\2\3\4", "IncompleteResponseError", 3),
        wire.zipped(
            "damaged",
            "damaged in the middle",
            wire.half_gzip + b"\xff" * 20 + wire.gzip[len(wire.half_gzip) + 20 :],
            "IncompleteResponseError",
            3,
        ),
        wire.zipped("empty", "nothing at all named gzip", b"", "IncompleteResponseError", 3),
        wire.zipped(
            "bomb", "8 MiB in 8 KiB, 1 MiB allowed", wire.bomb, "ResponseTooLargeError", max_response_bytes=1 << 20
        ),
    )


def not_http(wire: Answers) -> Tuple[Fault, ...]:
    """What is not HTTP."""
    rest = wire.good.partition(b"\r\n")[2]
    return (
        answers("garbage", "a line of garbage", b"\x00\xff\x17garbage\r\n\r\n", "HTTPProtocolError"),
        answers("http-0.9", "a body without a head", wire.body + b"\n", "HTTPProtocolError"),
        answers("http-2", "an HTTP/2 preface", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "HTTPProtocolError"),
        answers("ssh", "an SSH banner", b"SSH-2.0-OpenSSH_8.0\r\n", "HTTPProtocolError"),
        answers("status-99", "status 99", b"HTTP/1.1 99 Odd\r\n" + rest, "HTTPProtocolError"),
        answers("status-1000", "status 1000", b"HTTP/1.1 1000 Odd\r\n" + rest, "HTTPProtocolError"),
        answers("status-minus", "status -200", b"HTTP/1.1 -200 Odd\r\n" + rest, "HTTPProtocolError"),
        answers("blank-line-first", "a blank line before the status line", b"\r\n" + wire.good, "HTTPProtocolError"),
        answers(
            "status-line-long",
            "a status line of 70 000 bytes",
            wire.http(status="200 " + "x" * 70000),
            "HTTPProtocolError",
        ),
        answers(
            "header-long",
            "a header line of 70 000 bytes",
            wire.http(wire.body, "X-Long: " + "x" * 70000),
            "HTTPProtocolError",
        ),
        answers("header-64k", "a header line of 65 000 bytes", wire.http(wire.body, "X-Long: " + "x" * 65000)),
        answers("headers-100", "100 header lines", wire.http(wire.body, *["X-Many: 1"] * 98)),
        answers("headers-101", "101 header lines", wire.http(wire.body, *["X-Many: 1"] * 99), "HTTPProtocolError"),
        answers(
            "headers-large",
            "300 000 bytes of header",
            wire.http(wire.body, *["X-Long: " + "x" * 60000] * 5),
            "HTTPProtocolError",
        ),
        Fault(
            "header-endless",
            "a header line without end",
            (b"HTTP/1.1 200 OK\r\nX: ", Repeat(b"x" * 999)),
            "HTTPProtocolError",
        ),
        answers("header-folded", "a folded header", wire.http(wire.body, "X-Folded: one\r\n  two")),
        answers(
            "header-folded-first",
            "a header that begins folded",
            b"HTTP/1.1 200 OK\r\n folded\r\n" + rest,
            "HTTPProtocolError",
        ),
        answers("header-no-colon", "a header without a colon", wire.http(wire.body, "Nothing"), "HTTPProtocolError"),
        answers("header-space", "a space before the colon", wire.http(wire.body, "X-Space : 1"), "HTTPProtocolError"),
        answers("bare-lf", "lines that end with LF alone", wire.head.replace(b"\r\n", b"\n") + wire.body),
        answers(
            "chunk-size-word",
            "a chunk size that is none",
            wire.chunked_head + b"many\r\n" + wire.body,
            "HTTPProtocolError",
        ),
        answers(
            "chunk-size-negative", "a chunk size of -5", wire.chunked_head + b"-5\r\n" + wire.body, "HTTPProtocolError"
        ),
        answers(
            "chunk-size-long", "a chunk size of 70 000 digits", wire.chunked_head + b"0" * 70000, "HTTPProtocolError"
        ),
        ends(
            "chunk-size-huge",
            "a chunk size of 2**60",
            wire.chunked_head + b"fffffffffffffff\r\n" + wire.body,
            received=len(wire.body),
        ),
        answers(
            "chunk-too-long",
            "more in a chunk than its size",
            wire.chunked_head + b"5\r\n" + wire.body + b"\r\n",
            "HTTPProtocolError",
        ),
        answers(
            "chunk-extension",
            "a chunk extension and a trailer",
            wire.chunked_head + chunk(wire.body).replace(b"\r\n", b';x="1"\r\n', 1) + b"0\r\nX: 1\r\n\r\n",
        ),
        answers(
            "chunks-of-one",
            "chunks of one byte",
            wire.chunked_head + b"".join(chunk(wire.body[i : i + 1]) for i in range(len(wire.body))) + b"0\r\n\r\n",
        ),
        answers(
            "trailer-long",
            "101 trailer lines",
            wire.chunked_head + chunk(wire.body) + b"0\r\n" + b"X: 1\r\n" * 101,
            "HTTPProtocolError",
        ),
        answers(
            "transfer-coding",
            "Transfer-Encoding: gzip, chunked",
            wire.http(wire.body, "Transfer-Encoding: gzip, chunked"),
            "HTTPProtocolError",
        ),
    )
