"""Answers that come whole, at 200: what they hold.

Each function takes the :class:`.lines.Answers` to one call and returns its lines.
"""

from typing import Tuple

from .lines import HTML, LARGE, ZIPPED, Answers, Fault, fault


def content(wire: Answers) -> Tuple[Fault, ...]:
    """Answers at 200."""
    form = "text/xml" if wire.protocol == "xmlrpc" else "application/json"
    charset = "Content-Type: {}; charset=x-unknown".format(form)
    return (
        wire.says(
            "html",
            "a web page at 200",
            HTML,
            "MalformedResponseError",
            "Content-Type: text/html",
            attributes={"content_type": "text/html"},
        ),
        wire.says(
            "json",
            "JSON at 200",
            b"{}",
            "MalformedResponseError",
            "Content-Type: application/json; charset=utf-8",
            attributes={"content_type": "application/json; charset=utf-8"},
        ),
        wire.says(
            "html-named-gzip",
            "a page that says it is gzip",
            HTML,
            "MalformedResponseError",
            ZIPPED,
            "Content-Type: text/html",
            attributes={"content_type": "text/html"},
        ),
        wire.says("type-wrong", "a report that says text/html", wire.body, "rows", "Content-Type: text/html"),
        wire.says("empty", "no body", b"", "IncompleteResponseError", tries=3, attributes={"received": 0}),
        wire.says("blank", "white space alone", b" \r\n" * 50, "IncompleteResponseError", tries=3),
        wire.says("blank-before", "an empty line before the declaration", b"\r\n" + wire.body),
        wire.says("bom-before", "a byte order mark", b"\xef\xbb\xbf" + wire.body),
        wire.says("charset-unknown", "a charset that is not known", wire.body, "MalformedResponseError", charset),
        wire.says("charset-utf-16", "UTF-16 with its mark", wire.body.decode("utf-8").encode("utf-16")),
        wire.says(
            "forbidden",
            "a control character in a reason",
            wire.spoilt(b"\x07"),
            "MalformedResponseError",
        ),
        wire.says(
            "no-utf-8",
            "a byte that is no UTF-8 in a reason",
            wire.spoilt(b"\xe1"),
            "MalformedResponseError",
        ),
        wire.says(
            "forbidden-replaced",
            "a control character and a byte that is no UTF-8, to be replaced",
            wire.spoilt(b"\x07\xe1"),
            options={"on_bad_text": "replace"},
        ),
        wire.says("blank-after", "white space behind", wire.body + b"\n" * 100),
        wire.says("nul-after", "a NUL behind", wire.body + b"\0", "MalformedResponseError"),
        wire.says("two-documents", "two documents", wire.body + wire.body, "MalformedResponseError"),
        wire.says("xml-cut", "XML cut short, HTTP complete", wire.half, "IncompleteResponseError", tries=3),
        wire.says("dtd", "a DTD", b"<!DOCTYPE x [<!ENTITY a 'b'>]>" + wire.body.partition(b"?>")[2], "UnsafeXMLError"),
        wire.says(
            "call", "a methodCall", b"<methodCall><methodName>x</methodName></methodCall>", "UnexpectedShapeError"
        ),
        wire.says("number", "a lone number", wire.of("<int>5</int>", "5"), "UnexpectedShapeError"),
        wire.says(
            "deep",
            "50 arrays in each other",
            wire.of("<array><data><value>" * 50, "[" * 50 + "]" * 50),
            "ResponseTooLargeError",
            attributes={"unit": "levels"},
        ),
        wire.says(
            "many-values",
            "300 000 empty arrays in one row",
            wire.of(
                "<array><data><value><array><data>" + "<value><array/></value>" * 300000, "[[" + "[]," * 300000 + "1]]"
            ),
            "ResponseTooLargeError",
            attributes=dict(unit="values"),
        ),
        wire.says(
            "too-large",
            "one byte more than allowed",
            wire.padded(LARGE + 1),
            "ResponseTooLargeError",
            options={"max_response_bytes": LARGE},
            attributes={"limit": LARGE},
        ),
        wire.says("as-large", "as many bytes as allowed", wire.padded(LARGE), options={"max_response_bytes": LARGE}),
        wire.says("fault", "a fault", fault(3, "oops"), "FaultError", attributes={"code": 3, "message": "oops"}),
        wire.says(
            "unauthorized",
            "Unauthorized",
            wire.refusal("Unauthorized"),
            "UnauthorizedError",
            attributes={"message": "Unauthorized"},
        ),
        wire.says(
            "disallowed",
            "Disallowed IP",
            wire.refusal("Disallowed IP 192.0.2.7"),
            "DisallowedIPError",
            attributes={"ip": "192.0.2.7"},
        ),
        wire.says(
            "invalid-id",
            "Invalid ID_send",
            wire.refusal("Invalid ID_send"),
            "InvalidSendIdError",
        ),
    )
