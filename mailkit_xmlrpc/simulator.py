"""A little Mailkit on loopback: try the client, or test an integration, without an account.

Public, like the client: an application's own tests may run against it.

    with Simulator(reports={7: [{"EMAIL": "a@example.com", "STATUS": "5.1.1"}]}) as mailkit:
        MailkitClient(mailkit.client_id, mailkit.client_md5, url=mailkit.url).bounces(7)

``_simulated`` makes the answer to a call; the HTTP server here, made when the simulator is entered, carries it. What it
imitates is documented by the vendor unless a comment says [inferred]; it is no recording of the live service. HTTP is
kept simple and strict: POST to one of two paths, a request of at most 64 KiB.
"""
import itertools
import threading
from typing import TYPE_CHECKING, Any, Dict, Iterable, Iterator, List, Mapping, NamedTuple, Optional

from . import _simulated
from ._simulated import Account, Report

if TYPE_CHECKING:
    import socketserver

__all__ = ["Simulator"]

#: where each form is answered, as by the service
_PATHS = {"/rpc.fcgi": _simulated.XMLRPC, "/json.fcgi": _simulated.JSON}
_MAX_REQUEST = 1 << 16  # bytes; a real request has some 400 (the service itself takes 128 MB)
_WHOLE = 1 << 18  # characters; a longer answer leaves in chunks while it is made, with no Content-Length
_IDLE_SECONDS = 30.0  # a client that is silent for so long loses its connection


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
    """A context manager: inside, ``.url`` answers like the documented service, and ``.json_url`` in the JSON form:
    ``mailkit.report.message.bounces``, ``mailkit.report`` and ``mailkit.report.campaign``.

    :param client_id: the one integer that is authorized; any other, or another md5, gets ``Unauthorized``
    :param client_md5: the one string that is authorized with it
    :param reports: ID_SEND (int) -> the rows of its report, each a dict from member name to value. A report is read
        anew for each call: a list, or any object whose ``__iter__`` starts over (rows made on the fly may be more than
        memory holds). None means 123456 with the vendor's three sample rows, and 123457 with none.
    :param campaigns: ID_MESSAGE (int) -> the ID_SEND of its deliveries. None means one, 12345, with all reports
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
        campaigns: Optional[Mapping[int, Iterable[int]]] = None,
    ) -> None:
        self.client_id = client_id
        self.client_md5 = client_md5
        self.reports = {123456: documented_rows(), 123457: []} if reports is None else reports
        for id_send, report in self.reports.items():
            if iter(report) is report:
                raise TypeError("the report of {} can be read only once; give a list".format(id_send))
        self.campaigns = {12345: self.reports} if campaigns is None else campaigns
        self._running = None  # type: Optional[_Running]

    @property
    def url(self) -> str:
        """Where it answers, on a port the system chose: ``http://127.0.0.1:PORT/rpc.fcgi``.

        :raises RuntimeError: it is not running
        """
        return self._url("/rpc.fcgi")

    @property
    def json_url(self) -> str:
        """The same for the JSON form: ``http://127.0.0.1:PORT/json.fcgi``.

        :raises RuntimeError: it is not running
        """
        return self._url("/json.fcgi")

    def _url(self, path: str) -> str:
        if self._running is None:
            raise RuntimeError("the simulator runs only inside its with block")
        return "http://127.0.0.1:{}{}".format(self._running.server.server_address[1], path)

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


# --- over HTTP -------------------------------------------------------------------------------------------------------


def _make_server(simulator: Simulator) -> "socketserver.TCPServer":
    """Return a server that listens; its classes are made here so that importing this module imports no http.server."""
    import socket
    import socketserver
    from http.server import BaseHTTPRequestHandler

    account = Account(simulator.client_id, simulator.client_md5, simulator.reports, simulator.campaigns)

    class Server(socketserver.ThreadingMixIn, socketserver.TCPServer):
        # Not http.server.HTTPServer: its server_bind asks the DNS for the name of 127.0.0.1.
        request_queue_size = 128

        def __init__(self) -> None:
            self.connections = []  # type: List[Any]  # (thread, socket)
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
            form = _PATHS.get(self.path)
            if form is None:
                return self.send_error(404)
            self.content_type = form.content_type
            pieces = _simulated.answer(account, form, body)
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
            self.send_header("Content-Type", self.content_type)
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
