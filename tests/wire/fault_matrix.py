"""The fault matrix: what a network or a server can do wrong, and what must come of it. Data; ``observing.py`` plays it.

Each entry says what the server does with an exchange, which exception must leave the call (or "rows"), how often
``Retry(attempts=3)`` tries, how often the server sees a whole request in one try, and which attributes the exception
has.
"""
import gzip
import zlib

from fault_lines import (
    BODY,
    BOMB,
    CHUNKED,
    CHUNKED_HEAD,
    CLOSES,
    GOOD,
    GZIP,
    HEAD,
    HTML,
    ID_SEND,
    LENGTH,
    TWO_ROWS,
    UNTIL_THE_END,
    ZIPPED,
    Fault,
    answers,
    ends,
    exchange,
    resets,
    says,
    stalls,
    status,
    unavailable,
    zipped,
)
from scripted_server import Close, Drip, Pause, Repeat, Reset, Stall, chunk, fault, http, report, value

NOBODY = (
    Fault("refused", "nobody listens", None, "ConnectError", 3, 0, dict(retryable=True)),
    Fault("close-on-accept", "accepts and closes", (Close(),), "IncompleteResponseError", 3, 0, dict(received=0)),
    Fault("reset-on-accept", "accepts and resets", (Reset(),), "IncompleteResponseError", 3, 0, dict(received=0)),
)

RESETS = (
    resets("before-status", "the request is read", received=0),
    resets("in-status-line", "half a status line", b"HTTP/1.1 2", received=0),
    resets("in-header", "half a header line", b"HTTP/1.1 200 OK\r\nContent-Ty", received=0),
    resets("before-body", "the head", HEAD, received=0),
    resets("in-body", "100 bytes of body", HEAD + BODY[:100], received=100),
    resets("in-chunk", "100 bytes of a chunk", CHUNKED_HEAD + chunk(BODY)[:105], received=100),
    resets("before-last-chunk", "all chunks but the last", CHUNKED_HEAD + chunk(BODY), received=len(BODY)),
    resets("until-the-end", "a whole body that only the end would end", UNTIL_THE_END + BODY, received=len(BODY)),
    Fault("reset-after", "a whole answer, then RST", exchange(GOOD, Reset()), "rows", rest=0.2),
)

STALLS = (
    stalls("before-request", "accepts", script=(Stall(),), seen=0),
    stalls("before-status", "the request is read"),
    stalls("in-status-line", "half a status line", b"HTTP/1.1 2"),
    stalls("in-header", "half a header line", b"HTTP/1.1 200 OK\r\nContent-Ty"),
    stalls("before-body", "the head", HEAD),
    stalls("in-body", "half a body", HEAD + BODY[:100]),
    stalls("in-chunk-size", "half a chunk size", CHUNKED_HEAD + b"1"),
    stalls("in-chunk", "half a chunk", CHUNKED_HEAD + chunk(BODY)[:100]),
    stalls("before-last-chunk", "all chunks but the last", CHUNKED_HEAD + chunk(BODY)),
    stalls("in-trailer", "the last chunk and half a trailer", CHUNKED_HEAD + chunk(BODY) + b"0\r\nX-Checks"),
    stalls("in-gzip", "half a gzip body", http(GZIP, ZIPPED)[:-60]),
    stalls("never-ends", "a whole body that only the end would end", UNTIL_THE_END + BODY),
    stalls("too-long", "a Content-Length one too large", http(BODY, length=len(BODY) + 1)),
)

DRIPS = tuple(
    Fault(
        "drip-" + name,
        "one byte every 0.05 s of " + does,
        exchange(*steps),
        "DeadlineExceededError",
        options=dict(timeout=5.0, deadline=0.3),
    )
    for name, does, steps in (
        ("head", "the head", (Drip(HEAD),)),
        ("body", "the body", (HEAD, Drip(BODY))),
        ("chunks", "the chunks", (CHUNKED_HEAD, Drip(chunk(BODY)))),
        ("trailer", "an endless trailer", (CHUNKED_HEAD + chunk(BODY) + b"0\r\nX-Slow: ", Drip(b"x" * 400))),
        ("interim", "1xx answers", (Drip(b"HTTP/1.1 100 Continue\r\n\r\n" * 8),)),
    )
)

CUTS = (
    ends("before-status", "the request is read", received=0),
    ends("in-status-line", "half a status line", b"HTTP/1.1 2", received=0),
    ends("in-header", "half a header line", b"HTTP/1.1 200 OK\r\nContent-Ty", received=0),
    ends("before-blank-line", "a head without its blank line", HEAD[:-2], received=0),
    ends("before-body", "the head", HEAD, received=0),
    ends("in-body", "100 bytes of body", HEAD + BODY[:100], received=100),
    ends("last-byte", "all but the body's last byte", GOOD[:-1], received=len(BODY) - 1),
    ends(
        "after-xml",
        "whole XML, but 10 bytes fewer than promised",
        http(BODY, length=len(BODY) + 10),
        received=len(BODY),
    ),
    ends("in-chunk-size", "half a chunk size", CHUNKED_HEAD + b"1", received=0),
    ends("in-chunk", "100 bytes of a chunk", CHUNKED_HEAD + chunk(BODY)[:105], received=100),
    ends("after-chunk-data", "a chunk without its line end", CHUNKED_HEAD + chunk(BODY)[:-2], received=len(BODY)),
    ends("before-last-chunk", "all chunks but the last", CHUNKED_HEAD + chunk(BODY), received=len(BODY)),
    ends("in-last-chunk", "half the last chunk", CHUNKED_HEAD + chunk(BODY) + b"0\r", received=len(BODY)),
    ends("before-trailer-end", "no blank line at the end", CHUNKED_HEAD + chunk(BODY) + b"0\r\n", received=len(BODY)),
    ends("in-trailer", "half a trailer", CHUNKED_HEAD + chunk(BODY) + b"0\r\nX-Checks", received=len(BODY)),
    ends("gzip-head", "5 bytes of gzip, as long as promised", http(GZIP[:5], ZIPPED), received=5),
    ends("gzip-body", "100 bytes of gzip, as long as promised", http(GZIP[:100], ZIPPED), received=100),
    ends("gzip-trailer", "gzip without 3 of its last bytes", http(GZIP[:-3], ZIPPED), received=len(GZIP) - 3),
    ends(
        "gzip-chunked",
        "chunks that end in mid gzip",
        http(b"", ZIPPED, CHUNKED, length=None) + chunk(GZIP[:90]) + b"0\r\n\r\n",
    ),
    ends("gzip-until-the-end", "gzip cut short by the end", http(GZIP[:90], ZIPPED, length=None), received=90),
    ends("until-the-end", "half a body that only the end ends", UNTIL_THE_END + BODY[:150], received=150),
    ends("until-the-end-empty", "no body, and only the end ends it", UNTIL_THE_END, received=0),
    Fault("ends-whole", "a whole body that only the end ends", exchange(UNTIL_THE_END + BODY, Close()), "rows"),
    Fault("ends-blank", "the same and 2000 blanks", exchange(UNTIL_THE_END + BODY + b" " * 2000, Close()), "rows"),
    Fault("ends-gzip", "whole gzip that only the end ends", exchange(http(GZIP, ZIPPED, length=None), Close()), "rows"),
    Fault("ends-http-1.0", "HTTP/1.0", exchange(b"HTTP/1.0 200 OK\r\n\r\n" + BODY, Close()), "rows"),
)

LENGTHS = (
    answers(
        "length-too-small", "a Content-Length 50 too small", http(BODY, length=len(BODY) - 50), "MalformedResponseError"
    ),
    answers("length-zero", "Content-Length: 0 and a body", http(BODY, length=0), "MalformedResponseError"),
    answers("length-negative", "Content-Length: -1", http(BODY, length="-1"), "HTTPProtocolError"),
    answers("length-word", "Content-Length: many", http(BODY, length="many"), "HTTPProtocolError"),
    answers("length-float", "Content-Length: 12.0", http(BODY, length="12.0"), "HTTPProtocolError"),
    answers("length-30-digits", "a Content-Length of 30 digits", http(BODY, length="1" * 30), "HTTPProtocolError"),
    answers("length-two", "two different ones", http(BODY, "Content-Length: 5"), "HTTPProtocolError"),
    answers("length-twice", "twice the same one", http(BODY, "Content-Length: " + LENGTH)),
    ends("length-huge", "Content-Length: 10000000000000", http(BODY, length=10**13), received=len(BODY)),
    answers(
        "length-and-chunks", "chunks and a false length", http(b"", CHUNKED, length=5) + chunk(BODY) + b"0\r\n\r\n"
    ),
)

INTERIM = (
    answers("100-then-200", "100 Continue first", b"HTTP/1.1 100 Continue\r\n\r\n" + GOOD),
    answers("102-then-200", "102 with Content-Length: 0 first", http(status="102 Processing") + GOOD),
    answers("103-then-200", "103 Early Hints first", b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" + GOOD),
    answers(
        "103-later-200", "103, and 200 in a later packet", http(status="103 Early Hints"), steps=(Pause(0.05), GOOD)
    ),
    answers("ten-100-then-200", "ten times 100 first", b"HTTP/1.1 100 Continue\r\n\r\n" * 10 + GOOD),
    answers("eleven-100", "eleven times 100 first", b"HTTP/1.1 100 Continue\r\n\r\n" * 11 + GOOD, "HTTPProtocolError"),
    Fault("endless-100", "100 for ever", exchange(Repeat(b"HTTP/1.1 100 Continue\r\n\r\n")), "HTTPProtocolError"),
    answers("101", "101 Switching Protocols", http(status="101 Switching Protocols"), "HTTPProtocolError"),
)

STATUSES = (
    status("201 Created"),
    status("204 No Content"),
    status("304 Not Modified"),
    status("400 Bad Request"),
    status("401 Unauthorized"),
    status("403 Forbidden"),
    status("404 Not Found"),
    status("407 Proxy Authentication Required"),
    status("408 Request Timeout", 3),
    status("425 Too Early", 3),
    status("429 Too Many Requests", 3),
    status("500 Internal Server Error", 3),
    status("501 Not Implemented"),
    status("502 Bad Gateway", 3),
    status("503 Service Unavailable", 3),
    status("504 Gateway Timeout", 3),
    status("599 ", 1),
    answers(
        "status-201-with-report",
        "201 with a report",
        http(BODY, status="201 Created"),
        "HTTPStatusError",
        1,
        dict(status=201),
    ),
    answers("status-206", "206 with half a report", http(BODY[:150], status="206 Partial Content"), "HTTPStatusError"),
    answers("status-200-no-reason", "no reason phrase", GOOD.replace(b"200 OK", b"200", 1)),
    answers(
        "status-control-characters",
        "ESC in the reason",
        http(status="404 \x1b[31mred"),
        "HTTPStatusError",
        1,
        dict(reason="\\x1b[31mred"),
    ),
) + tuple(
    answers(
        "status-{}".format(number),
        "{} with a Location of the same server".format(number),
        http(b"", "Location: /rpc.fcgi", status="{} Moved".format(number)),
        "HTTPStatusError",
        1,
        dict(status=number),
    )
    for number in (301, 302, 303, 307, 308)
)

_503 = "503 Service Unavailable"
ERROR_BODIES = (
    unavailable("html", "with a page", http(HTML, "Content-Type: text/html", status=_503)),
    unavailable(
        "chunked", "with a page in chunks", http(b"", CHUNKED, status=_503, length=None) + chunk(HTML) + b"0\r\n\r\n"
    ),
    unavailable("until-the-end", "with a page that only the end ends", http(HTML, status=_503, length=None), Close()),
    unavailable("stalled", "whose body stalls", http(status=_503, length=500) + b"<", Stall()),
    unavailable("cut", "whose body is cut short", http(HTML, status=_503, length=500), Close()),
    unavailable("reset", "whose body is reset", http(HTML, status=_503, length=500), Reset()),
    unavailable("huge", "with Content-Length: 10000000000000", http(HTML, status=_503, length=10**13), Close()),
    unavailable("bad-length", "with Content-Length: x", http(HTML, status=_503, length="x")),
    unavailable("endless", "with an endless body", http(b"", status=_503, length=None), Repeat(b"x" * 1000)),
    unavailable("bomb", "with a gzip bomb", http(BOMB, ZIPPED, status=_503)),
    unavailable("broken-gzip", "with broken gzip", http(HTML, ZIPPED, status=_503)),
    unavailable("report", "with a report", http(BODY, status=_503)),
    unavailable("unauthorized", "with a refusal", http(value("Unauthorized"), status=_503)),
    unavailable("half-fault", "with half a fault", http(fault()[:100], status=_503)),
    answers(
        "500-fault",
        "500 with a fault",
        http(fault(7), status="500 Error"),
        "FaultError",
        1,
        dict(code=7, message="no such method"),
    ),
    answers("404-fault", "404 with a fault", http(fault(8), status="404 Not Found"), "FaultError", 1, dict(code=8)),
    answers(
        "500-gzip-fault",
        "500 with a fault in gzip",
        http(gzip.compress(fault(9)), ZIPPED, status="500 Error"),
        "FaultError",
    ),
    Fault(
        "500-chunked-fault",
        "500 with a fault in chunks, one late",
        exchange(
            http(b"", CHUNKED, status="500 Error", length=None) + chunk(fault()[:60]),
            Pause(0.05),
            chunk(fault()[60:]) + b"0\r\n\r\n",
        ),
        "FaultError",
    ),
)

SURPLUS = (
    answers("surplus-same-packet", "a second answer in the same packet", GOOD + http(report(666))),
    Fault(
        "surplus-later",
        "a second answer in a later packet",
        exchange(GOOD, Pause(0.05), http(report(666))),
        "rows",
        rest=0.2,
    ),
    answers("surplus-byte", "one byte more than promised", GOOD + b"\n"),
    answers(
        "surplus-after-chunks",
        "a second answer after the last chunk",
        CHUNKED_HEAD + chunk(BODY) + b"0\r\n\r\n" + http(report(666)),
    ),
    answers(
        "surplus-after-error",
        "404 and a second answer",
        http(status="404 Not Found") + http(report(666)),
        "HTTPStatusError",
    ),
    Fault("closes-idle", "a whole answer, then the end", exchange(GOOD, Close()), "rows", rest=0.2),
    Fault("says-close", "Connection: close, then the end", exchange(http(BODY, CLOSES), Close()), "rows"),
)


GZIPS = (
    zipped("good", "gzip", GZIP),
    zipped("upper-case", "Content-Encoding: GZIP", GZIP, header="Content-Encoding: GZIP"),
    zipped("x-gzip", "Content-Encoding: x-gzip", GZIP, header="Content-Encoding: x-gzip"),
    zipped("identity", "Content-Encoding: identity", BODY, header="Content-Encoding: identity"),
    zipped("two-members", "two members", gzip.compress(BODY[:99]) + gzip.compress(BODY[99:])),
    zipped("padded", "zeros behind it", GZIP + b"\0" * 1000),
    zipped("empty-member", "an empty member behind it", GZIP + gzip.compress(b"")),
    zipped("not-compressed", "plain text named gzip", BODY, "MalformedResponseError"),
    zipped("not-named", "gzip without saying so", GZIP, "MalformedResponseError", header="X-Nothing: 1"),
    zipped("twice-named-once", "gzip in gzip, named once", gzip.compress(GZIP), "MalformedResponseError"),
    zipped(
        "twice", "Content-Encoding: gzip, gzip", gzip.compress(GZIP), "MalformedResponseError", header=ZIPPED + ", gzip"
    ),
    zipped(
        "deflate",
        "Content-Encoding: deflate",
        zlib.compress(BODY),
        "MalformedResponseError",
        header="Content-Encoding: deflate",
    ),
    zipped("zlib-named-gzip", "zlib named gzip", zlib.compress(BODY), "MalformedResponseError"),
    zipped("junk-after", "junk behind it", GZIP + b"junk", "MalformedResponseError"),
    zipped("bad-crc", "a wrong checksum", GZIP[:-8] + b"\1\2\3\4" + GZIP[-4:], "IncompleteResponseError", 3),
    zipped("bad-length", "a wrong length", GZIP[:-4] + b"\1\2\3\4", "IncompleteResponseError", 3),
    zipped("damaged", "damaged in the middle", GZIP[:80] + b"\xff" * 20 + GZIP[100:], "IncompleteResponseError", 3),
    zipped("empty", "nothing at all named gzip", b"", "MalformedResponseError"),
    zipped("bomb", "8 MiB in 8 KiB, 1 MiB allowed", BOMB, "ResponseTooLargeError", max_response_bytes=1 << 20),
)

_REST = GOOD.partition(b"\r\n")[2]
NOT_HTTP = (
    answers("garbage", "a line of garbage", b"\x00\xff\x17garbage\r\n\r\n", "HTTPProtocolError"),
    answers("http-0.9", "a body without a head", BODY + b"\n", "HTTPProtocolError"),
    answers("http-2", "an HTTP/2 preface", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "HTTPProtocolError"),
    answers("ssh", "an SSH banner", b"SSH-2.0-OpenSSH_8.0\r\n", "HTTPProtocolError"),
    answers("status-99", "status 99", b"HTTP/1.1 99 Odd\r\n" + _REST, "HTTPProtocolError"),
    answers("status-1000", "status 1000", b"HTTP/1.1 1000 Odd\r\n" + _REST, "HTTPProtocolError"),
    answers("status-minus", "status -200", b"HTTP/1.1 -200 Odd\r\n" + _REST, "HTTPProtocolError"),
    answers("blank-line-first", "a blank line before the status line", b"\r\n" + GOOD, "HTTPProtocolError"),
    answers(
        "status-line-long", "a status line of 70 000 bytes", http(status="200 " + "x" * 70000), "HTTPProtocolError"
    ),
    answers("header-long", "a header line of 70 000 bytes", http(BODY, "X-Long: " + "x" * 70000), "HTTPProtocolError"),
    answers("header-64k", "a header line of 65 000 bytes", http(BODY, "X-Long: " + "x" * 65000)),
    answers("headers-100", "100 header lines", http(BODY, *["X-Many: 1"] * 98)),
    answers("headers-101", "101 header lines", http(BODY, *["X-Many: 1"] * 99), "HTTPProtocolError"),
    answers(
        "headers-large", "300 000 bytes of header", http(BODY, *["X-Long: " + "x" * 60000] * 5), "HTTPProtocolError"
    ),
    Fault(
        "header-endless",
        "a header line without end",
        exchange(b"HTTP/1.1 200 OK\r\nX: ", Repeat(b"x" * 999)),
        "HTTPProtocolError",
    ),
    answers("header-folded", "a folded header", http(BODY, "X-Folded: one\r\n  two")),
    answers(
        "header-folded-first",
        "a header that begins folded",
        b"HTTP/1.1 200 OK\r\n folded\r\n" + _REST,
        "HTTPProtocolError",
    ),
    answers("header-no-colon", "a header without a colon", http(BODY, "Nothing"), "HTTPProtocolError"),
    answers("header-space", "a space before the colon", http(BODY, "X-Space : 1"), "HTTPProtocolError"),
    answers("bare-lf", "lines that end with LF alone", HEAD.replace(b"\r\n", b"\n") + BODY),
    answers("chunk-size-word", "a chunk size that is none", CHUNKED_HEAD + b"many\r\n" + BODY, "HTTPProtocolError"),
    answers("chunk-size-negative", "a chunk size of -5", CHUNKED_HEAD + b"-5\r\n" + BODY, "HTTPProtocolError"),
    answers("chunk-size-long", "a chunk size of 70 000 digits", CHUNKED_HEAD + b"0" * 70000, "HTTPProtocolError"),
    ends("chunk-size-huge", "a chunk size of 2**60", CHUNKED_HEAD + b"fffffffffffffff\r\n" + BODY, received=len(BODY)),
    answers(
        "chunk-too-long", "more in a chunk than its size", CHUNKED_HEAD + b"5\r\n" + BODY + b"\r\n", "HTTPProtocolError"
    ),
    answers(
        "chunk-extension",
        "a chunk extension and a trailer",
        CHUNKED_HEAD + chunk(BODY).replace(b"\r\n", b';x="1"\r\n', 1) + b"0\r\nX: 1\r\n\r\n",
    ),
    answers(
        "chunks-of-one",
        "chunks of one byte",
        CHUNKED_HEAD + b"".join(chunk(BODY[i : i + 1]) for i in range(len(BODY))) + b"0\r\n\r\n",
    ),
    answers(
        "trailer-long",
        "101 trailer lines",
        CHUNKED_HEAD + chunk(BODY) + b"0\r\n" + b"X: 1\r\n" * 101,
        "HTTPProtocolError",
    ),
    answers(
        "transfer-coding",
        "Transfer-Encoding: gzip, chunked",
        http(BODY, "Transfer-Encoding: gzip, chunked"),
        "HTTPProtocolError",
    ),
)


CONTENT = (
    says(
        "html",
        "a web page at 200",
        HTML,
        "MalformedResponseError",
        "Content-Type: text/html",
        attributes=dict(content_type="text/html"),
    ),
    says(
        "json",
        "JSON at 200",
        b"{}",
        "MalformedResponseError",
        "Content-Type: application/json; charset=utf-8",
        attributes=dict(content_type="application/json; charset=utf-8"),
    ),
    says(
        "html-named-gzip",
        "a page that says it is gzip",
        HTML,
        "MalformedResponseError",
        ZIPPED,
        "Content-Type: text/html",
        attributes=dict(content_type="text/html"),
    ),
    says("type-wrong", "a report that says text/html", BODY, "rows", "Content-Type: text/html"),
    says("empty", "no body", b"", "MalformedResponseError", attributes=dict(content_type=None)),
    says("blank", "white space alone", b" \r\n" * 50, "MalformedResponseError"),
    says("blank-before", "an empty line before the declaration", b"\r\n" + BODY),
    says("bom-before", "a byte order mark", b"\xef\xbb\xbf" + BODY),
    says("blank-after", "white space behind", BODY + b"\n" * 100),
    says("nul-after", "a NUL behind", BODY + b"\0", "MalformedResponseError"),
    says("two-documents", "two documents", BODY + BODY, "MalformedResponseError"),
    says("xml-cut", "XML cut short, HTTP complete", BODY[:200], "MalformedResponseError"),
    says("dtd", "a DTD", b"<!DOCTYPE x [<!ENTITY a 'b'>]>" + BODY.partition(b"?>")[2], "UnsafeXMLError"),
    says("call", "a methodCall", b"<methodCall><methodName>x</methodName></methodCall>", "UnexpectedShapeError"),
    says("number", "a lone number", value("<int>5</int>"), "UnexpectedShapeError"),
    says(
        "deep",
        "50 arrays in each other",
        value("<array><data><value>" * 50),
        "ResponseTooLargeError",
        attributes=dict(unit="levels"),
    ),
    says(
        "too-large",
        "one byte more than allowed",
        TWO_ROWS,
        "ResponseTooLargeError",
        options=dict(max_response_bytes=len(TWO_ROWS) - 1),
        attributes=dict(limit=len(TWO_ROWS) - 1),
    ),
    says("as-large", "as many bytes as allowed", BODY, "rows", options=dict(max_response_bytes=len(BODY))),
    says("fault", "a fault", fault(3, "oops"), "FaultError", attributes=dict(code=3, message="oops")),
    says(
        "unauthorized",
        "Unauthorized",
        value("Unauthorized"),
        "UnauthorizedError",
        attributes=dict(message="Unauthorized"),
    ),
    says(
        "disallowed",
        "Disallowed IP",
        value("Disallowed IP 192.0.2.7"),
        "DisallowedIPError",
        attributes=dict(ip="192.0.2.7"),
    ),
    says(
        "invalid-id",
        "Invalid ID_send",
        value("Invalid ID_send"),
        "InvalidSendIdError",
        attributes=dict(id_send=ID_SEND),
    ),
)

#: title -> its lines, in the order of the page
MATRIX = {
    "Nobody there": NOBODY,
    "The connection is reset": RESETS,
    "The server falls silent": STALLS,
    "The server drips": DRIPS,
    "The connection ends early": CUTS,
    "Lies about the length": LENGTHS,
    "Interim answers": INTERIM,
    "Statuses": STATUSES,
    "Bodies of errors": ERROR_BODIES,
    "More than the answer": SURPLUS,
    "Compression": GZIPS,
    "Not HTTP": NOT_HTTP,
    "At 200": CONTENT,
}
FAULTS = [line for lines in MATRIX.values() for line in lines]
