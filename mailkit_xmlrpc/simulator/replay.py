"""A recording that is served: the body as it stands in its file, and what is known of the head of its response."""

import os
import re
from typing import TYPE_CHECKING, Dict, List

if TYPE_CHECKING:
    from http.server import BaseHTTPRequestHandler

_STATUS_LINE = re.compile(r"HTTP/1\.[01] ([1-9][0-9]{2})(?: (.*))?")
_CHUNK = 1 << 13  # bytes


class Recording:
    """A recording.

    :param path: of its body; PATH.http, if there is one, is the head of its response
    :raises OSError: the body cannot be read
    :raises ValueError: PATH.http is no head of a response
    """

    def __init__(self, path: str) -> None:
        with open(path, "rb") as file:
            self._body = file.read()
        self._status, self._reason = 200, "OK"
        self._fields: Dict[str, str] = {}
        if os.path.exists(path + ".http"):
            with open(path + ".http", encoding="utf-8") as head:
                self._read(head.read().splitlines())

    def _read(self, lines: List[str]) -> None:
        match = _STATUS_LINE.fullmatch(lines[0]) if lines else None
        if match is None:
            raise ValueError("the file of the head does not begin with a status line")
        self._status, self._reason = int(match.group(1)), match.group(2) or ""
        for line in filter(None, lines[1:]):
            name, _, value = line.partition(":")
            self._fields[name.strip().lower()] = value.strip()

    def send(self, handler: "BaseHTTPRequestHandler") -> None:
        """Answer a request with it."""
        fields, body = self._fields, self._body
        if "gzip" in fields.get("content-encoding", ""):
            import gzip

            body = gzip.compress(body)
        # A body in a file of JSON or XML says itself what it is.
        kind = "application/json" if body[:1] in (b"[", b"{") else "text/xml"
        handler.send_response(self._status, self._reason)
        handler.send_header("Content-Type", fields.get("content-type", kind))
        if "content-encoding" in fields:
            handler.send_header("Content-Encoding", fields["content-encoding"])
        closes = "close" in fields.get("connection", "").lower()
        is_chunked = "chunked" in fields.get("transfer-encoding", "").lower() and handler.request_version != "HTTP/1.0"
        if is_chunked:
            handler.send_header("Transfer-Encoding", "chunked")
        elif "content-length" in fields or not closes:
            handler.send_header("Content-Length", str(len(body)))
        if closes:
            # It is noted there: the connection ends.
            handler.send_header("Connection", "close")
        handler.end_headers()
        for at in range(0, len(body), _CHUNK):
            piece = body[at : at + _CHUNK]
            handler.wfile.write(b"%X\r\n%s\r\n" % (len(piece), piece) if is_chunked else piece)
        if is_chunked:
            handler.wfile.write(b"0\r\n\r\n")
