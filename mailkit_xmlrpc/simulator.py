"""A little Mailkit on loopback: try the client, or test an integration, without an account.

Public, like the client: an application's own tests may run against it.

    with Simulator(reports={7: [{"EMAIL": "a@example.com", "STATUS": "5.1.1"}]}) as mailkit:
        MailkitClient(mailkit.client_id, mailkit.client_md5, url=mailkit.url).bounces(7)

Two layers: a call's body becomes pieces of XML (``_answer`` and below: pure, no socket), and an HTTP server, made when
the simulator is entered, carries them. What it imitates is documented by the vendor unless a comment says [inferred];
it is no recording of the live service. HTTP is kept simple and strict: POST to one path, a request of at most 64 KiB.
"""
import itertools
import threading
from datetime import datetime
from typing import TYPE_CHECKING, Any, Dict, Iterable, Iterator, List, Mapping, NamedTuple, Optional, Tuple

if TYPE_CHECKING:
    import socketserver

__all__ = ["Simulator"]

_FUNCTION = "mailkit.report.message.bounces"
_PATH = "/rpc.fcgi"
_MAX_REQUEST = 1 << 16  # bytes; a real request has some 400 (the service itself takes 128 MB)
_WHOLE = 1 << 18  # characters; a longer answer leaves in chunks while it is made, with no Content-Length
_IDLE_SECONDS = 30.0  # a client that is silent for so long loses its connection

# As http://xmlrpc-epi.sourceforge.net/specs/rfc.fault_codes.php proposes them; the service's own are unknown.
_NOT_WELL_FORMED = -32700
_NO_SUCH_METHOD = -32601

_HEAD = '<?xml version="1.0" encoding="utf-8"?>\n<methodResponse>\n'
_TAIL = "</methodResponse>\n"
_PARAM = " <params>\n  <param>\n"
_PARAM_END = "  </param>\n </params>\n"
# A carriage return must be one too: a parser turns a bare one into a line feed (XML 1.0, 2.11).
_REFERENCES = {ord("&"): "&amp;", ord("<"): "&lt;", ord(">"): "&gt;", ord("\r"): "&#13;"}

Report = Iterable[Mapping[str, object]]


def documented_rows() -> List[Dict[str, object]]:
    """Return the three rows of the vendor's page: the one of its XML sample, then the two of its JSON sample.

    Addresses are the vendor's own, unchanged. Placeholders are replaced by documented forms: ``temporary/permanent`` by
    the first of the two, ``RRRR-MM-DD HH:MM:SS`` by the only date the page shows. Ids are integers, as in its XML
    sample (in JSON every value is a string). The order of members is each sample's own: it differs, as it does there.
    """
    return [
        {
            "EMAIL": "mail@mail.com",
            "ID_EMAIL": 49872054,
            "ID_USER_LIST": 123,
            "ID_SEND_MESSAGE": 1234567890,
            "DATE": "2014-12-23 12:36:02",
            "STATUS": "4.4.2",
            "EMAIL_STATUS": "temporary",
            "BOUNCE_CAT": "bad-mailbox",
            "REASON": "Bad Mailbox",
        },
        {
            "ID_SEND_MESSAGE": 123456789,
            "ID_USER_LIST": 12345,
            "DATE": "2014-12-23 12:36:02",
            "STATUS": "4.4.1",
            "ID_EMAIL": 1234567890,
            "EMAIL": "adresa1@nejakadomena.cz",
            "EMAIL_STATUS": "temporary",
            "BOUNCE_CAT": "full-mailbox",
            "REASON": "Full Mailbox",
        },
        {
            "ID_SEND_MESSAGE": 123456790,
            "ID_USER_LIST": 12345,
            "DATE": "2014-12-23 12:36:02",
            "STATUS": "5.1.1",
            "ID_EMAIL": 1234567891,
            "EMAIL": "adresa2@nejakadomena.cz",
            "EMAIL_STATUS": "permanent",
            "BOUNCE_CAT": "bad-mailbox",
            "REASON": "Bad Mailbox",
        },
    ]


class Simulator:
    """A context manager: inside, ``.url`` answers ``mailkit.report.message.bounces`` like the documented service.

    :param client_id: the one integer that is authorized; any other, or another md5, gets ``Unauthorized``
    :param client_md5: the one string that is authorized with it
    :param reports: ID_SEND (int) -> the rows of its report, each a dict from member name to value. A report is read
        anew for each call: a list, or any object whose ``__iter__`` starts over (rows made on the fly may be more than
        memory holds). None means 123456 with the vendor's three sample rows, and 123457 with none.
    :raises TypeError: a report can be read only once: its second answer would be empty, which is a lie

    Values: int (up to 64 bits), str, float, bool, bytes, None (an empty string, as the service is inferred to send a
    NULL), a datetime (DATE's documented text), lists and dicts. Texts leave as they are: a control character makes the
    answer ill-formed, as it would the service's [inferred].
    """

    def __init__(
        self,
        client_id: int = 1234567,
        client_md5: str = "0123456789abcdef0123456789abcdef",
        reports: Optional[Mapping[int, Report]] = None,
    ) -> None:
        self.client_id = client_id
        self.client_md5 = client_md5
        self.reports = {123456: documented_rows(), 123457: []} if reports is None else reports
        for id_send, report in self.reports.items():
            if iter(report) is report:
                raise TypeError("the report of {} can be read only once; give a list".format(id_send))
        self._running = None  # type: Optional[_Running]

    @property
    def url(self) -> str:
        """Where it answers, on a port the system chose: ``http://127.0.0.1:PORT/rpc.fcgi``.

        :raises RuntimeError: it is not running
        """
        if self._running is None:
            raise RuntimeError("the simulator runs only inside its with block")
        return "http://127.0.0.1:{}{}".format(self._running.server.server_address[1], _PATH)

    def __enter__(self) -> "Simulator":
        if self._running is not None:
            raise RuntimeError("the simulator is running already")
        server = _make_server(self)
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), name="mailkit-simulator", daemon=True)
        thread.start()
        self._running = _Running(server, thread)
        return self

    def __exit__(self, *exc_info: object) -> None:
        running, self._running = self._running, None
        if running is not None:
            running.server.shutdown()
            running.thread.join()
            running.server.server_close()


_Running = NamedTuple("_Running", [("server", "socketserver.TCPServer"), ("thread", threading.Thread)])


# --- from a request's body to pieces of the answer -------------------------------------------------------------------


def _answer(simulator: Simulator, body: bytes) -> Iterator[str]:
    """Return the answer to one call, in pieces: an error is a string, never a fault, as the vendor documents it."""
    try:
        method, params = _read_call(body)
    except Exception:  # whatever the parser raises (ExpatError, ValueError, ResponseError, ...): not a methodCall
        return _fault(_NOT_WELL_FORMED, "parse error. not well formed")
    if method != _FUNCTION:
        return _fault(_NO_SUCH_METHOD, "Unknown method: {}".format(method))  # [inferred]: a real fault was never seen
    # Compared with their types: 1234567.0 is no documented form of an integer.
    if [(type(value), value) for value in params[:2]] != [(int, simulator.client_id), (str, simulator.client_md5)]:
        return _string("Unauthorized")
    if len(params) < 3:
        return _string("Missing ID_send")
    id_send = params[2]
    if type(id_send) is not int or id_send not in simulator.reports:
        return _string("Invalid ID_send")
    return _rows(simulator.reports[id_send])


def _read_call(body: bytes) -> Tuple[str, Tuple[Any, ...]]:
    from xmlrpc.client import Unmarshaller  # here: the package does not pay for it before it is used

    from defusedxml.xmlrpc import DefusedExpatParser

    unmarshaller = Unmarshaller()
    parser = DefusedExpatParser(unmarshaller, forbid_dtd=True)
    try:
        parser.feed(body)
    finally:
        parser.close()  # after an error too: its handlers hold a reference cycle
    return str(unmarshaller.getmethodname()), unmarshaller.close()


def _string(text: str) -> Iterator[str]:
    return iter((_HEAD, _PARAM, _value(text, "   "), _PARAM_END, _TAIL))


def _fault(code: int, text: str) -> Iterator[str]:
    return iter((_HEAD, " <fault>\n", _value({"faultCode": code, "faultString": text}, "  "), " </fault>\n", _TAIL))


def _rows(report: Report) -> Iterator[str]:
    rows = iter(report)
    first = next(rows, None)
    if first is None:  # where a list has nothing in it, this API's pages of other functions show an empty string
        for piece in _string(""):
            yield piece
        return
    yield _HEAD + _PARAM + "   <value>\n    <array>\n     <data>\n"
    for row in itertools.chain((first,), rows):
        yield _value(row, "      ")
    yield "     </data>\n    </array>\n   </value>\n" + _PARAM_END + _TAIL


def _value(value: object, pad: str) -> str:
    """Return *value* as an element, indented by one space a level as in the vendor's sample."""
    return "{0}<value>\n{1}{0}</value>\n".format(pad, _typed(value, pad + " "))


def _typed(value: object, pad: str) -> str:
    if isinstance(value, Mapping):
        members = "".join(
            "{0} <member>\n{0}  <name>{1}</name>\n{2}{0} </member>\n".format(pad, _text(name), _value(item, pad + "  "))
            for name, item in value.items()
        )
        return "{0}<struct>\n{1}{0}</struct>\n".format(pad, members)
    if isinstance(value, (list, tuple)):
        items = "".join(_value(item, pad + "  ") for item in value)
        return "{0}<array>\n{0} <data>\n{1}{0} </data>\n{0}</array>\n".format(pad, items)
    tag, text = _scalar(value)
    return "{0}<{1}>{2}</{1}>\n".format(pad, tag, text)


def _scalar(value: object) -> Tuple[str, str]:
    """Return the tag and the content of a value that holds no others."""
    if value is None:
        return "string", ""
    if isinstance(value, str):
        return "string", _text(value)
    if isinstance(value, bool):  # before int, which it is too
        return "boolean", str(int(value))
    if isinstance(value, int) and -(1 << 63) <= value < 1 << 63:
        return ("int" if -(1 << 31) <= value < 1 << 31 else "i8"), str(int(value))
    if isinstance(value, float):
        return "double", repr(value)
    if isinstance(value, datetime):
        return "string", value.replace(microsecond=0, tzinfo=None).isoformat(" ")
    if isinstance(value, bytes):
        import base64

        return "base64", base64.b64encode(value).decode("ascii")
    raise TypeError("the simulator cannot send this value: {}".format(type(value).__name__))


def _text(text: object) -> str:
    return str(text).translate(_REFERENCES)


# --- over HTTP -------------------------------------------------------------------------------------------------------


def _make_server(simulator: Simulator) -> "socketserver.TCPServer":
    """Return a server that listens; its classes are made here so that importing this module imports no http.server."""
    import socket
    import socketserver
    from http.server import BaseHTTPRequestHandler

    class Server(socketserver.ThreadingMixIn, socketserver.TCPServer):
        # Not http.server.HTTPServer: its server_bind asks the DNS for the name of 127.0.0.1.
        request_queue_size = 128

        def __init__(self) -> None:
            self.connections = []  # type: List[Tuple[threading.Thread, socket.socket]]
            super().__init__(("127.0.0.1", 0), Handler)

        def process_request(self, request: Any, client_address: Any) -> None:
            # ThreadingMixIn's own forgets daemon threads, and before 3.7 all of them: server_close() must end them.
            thread = threading.Thread(target=self.process_request_thread, args=(request, client_address), daemon=True)
            self.connections = [pair for pair in self.connections if pair[0].is_alive()] + [(thread, request)]
            thread.start()

        def server_close(self) -> None:
            super().server_close()
            for thread, connection in self.connections:
                try:
                    connection.shutdown(socket.SHUT_RDWR)  # wakes the thread, which may wait for the next call
                except OSError:
                    pass  # closed already
                thread.join(_IDLE_SECONDS)

        def handle_error(self, request: Any, client_address: Any) -> None:
            pass  # quiet: the client went away, or is told by the answer that breaks off

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        server_version = "mailkit-simulator"
        sys_version = ""
        timeout = _IDLE_SECONDS
        wbufsize = _WHOLE  # bytes
        disable_nagle_algorithm = True

        def do_POST(self) -> None:
            body = self.read_body()
            if body is None:
                return
            if self.path != _PATH:
                return self.send_error(404)
            pieces = _answer(simulator, body)
            start, size = [], 0
            try:
                for piece in pieces:
                    start.append(piece)
                    size += len(piece)
                    if size > _WHOLE:
                        return self.send_in_chunks(itertools.chain(start, pieces))
            except Exception as error:  # a value that cannot be sent, a report that raises; nothing has left yet
                return self.send_error(500, "Simulator: {}".format(type(error).__name__))
            content = _encode("".join(start))
            self.send_head("Content-Length", str(len(content)))
            self.wfile.write(content)

        def read_body(self) -> Optional[bytes]:
            length = self.headers.get("Content-Length", "")
            if not (length.isdecimal() and len(length) < 20):
                self.send_error(411)
            elif int(length) > _MAX_REQUEST:
                self.send_error(413)
            else:
                return bytes(self.rfile.read(int(length)))
            return None

        def send_head(self, name: str, value: str) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/xml")
            self.send_header(name, value)
            self.end_headers()

        def send_in_chunks(self, pieces: Iterator[str]) -> None:
            # RFC 9112 7.1; a client of HTTP/1.0 knows no chunks and reads to the end of the connection.
            chunked = self.request_version != "HTTP/1.0"
            closing, self.close_connection = self.close_connection, True  # a report may raise half-way
            self.send_head("Transfer-Encoding" if chunked else "Connection", "chunked" if chunked else "close")
            for piece in pieces:
                content = _encode(piece)
                self.wfile.write(b"%X\r\n%s\r\n" % (len(content), content) if chunked else content)
            if chunked:
                self.wfile.write(b"0\r\n\r\n")
                self.close_connection = closing

        def log_message(self, format: str, *args: object) -> None:
            pass  # quiet

    return Server()


def _encode(text: str) -> bytes:
    # A lone surrogate becomes a reference that no parser takes: like a control character, the answer's fault.
    return text.encode("utf-8", "xmlcharrefreplace")
