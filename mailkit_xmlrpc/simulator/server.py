"""The simulator over HTTP, which is kept simple and strict: POST to a known path, a request of at most 64 KiB.

Imported when a simulator is started: what it needs of the standard library is dear.
"""

import itertools
import socket
import socketserver
import threading
from http.server import BaseHTTPRequestHandler
from typing import Dict, Iterator, List, Optional, Set, Tuple

from . import answers as _simulated
from .account import Account
from .faults import fault_of, known
from .faults.lines import Answers
from .faults.steps import Wire, play
from .script import Call, Script, masked

#: its thread, and itself
_Connection = Tuple[threading.Thread, socket.socket]

_MAX_REQUEST = 1 << 16  # bytes; a real request has some 400 (the service itself takes 128 MB)
_WHOLE = 1 << 18  # characters; a longer answer leaves in chunks while it is made, with no Content-Length
_IDLE_SECONDS = 30.0  # a client that is silent for so long loses its connection
_MAX_CONNECTIONS = 1024  # at once, each with a thread; beyond it the oldest one is lost


class Running:
    """A server that answers for *account* as *script* says, until it is stopped."""

    def __init__(self, account: Account, script: Script, host: str, port: int) -> None:
        self._account = account
        self._script = script
        self._address = (host, port)
        self._family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._server: Optional[_Server] = None
        #: those that were ended
        self._ended: List[_Connection] = []
        self._stopping = threading.Event()
        self._listen()
        if script.deaf:
            self.be_deaf()

    @property
    def netloc(self) -> str:
        """Host and port, as they stand in a URL."""
        host, port = self._address[:2]
        return "{}:{}".format("[{}]".format(host) if ":" in host else host, port)

    def _listen(self) -> None:
        self._server = _Server(self._address, self._family, self._account, self._script, self._stopping)
        # The port that the system chose stays the same.
        host, port = self._server.server_address[:2]
        self._address = str(host), port
        serve = self._server.serve_forever
        self._thread = threading.Thread(target=serve, args=(0.05,), name="mailkit-simulator", daemon=True)
        self._thread.start()

    def be_deaf(self) -> None:
        """Refuse connections, and end those that there are."""
        server, self._server = self._server, None
        if server is not None:
            server.shutdown()
            self._thread.join()
            server.server_close()
            self._ended += server.connections

    def listen_again(self) -> None:
        """Accept connections."""
        if self._server is None:
            self._listen()

    def end_idle(self) -> None:
        """End the connections that wait for a call."""
        if self._server is not None:
            self._server.end_idle()

    def stop(self) -> None:
        """Stop; every thread has ended when this returns."""
        self._stopping.set()
        self.be_deaf()
        for thread, _ in self._ended:
            if thread.is_alive():  # or was never started, where the system has no more threads
                thread.join(_IDLE_SECONDS)


class _Server(socketserver.ThreadingMixIn, socketserver.TCPServer):
    # Not http.server.HTTPServer: its server_bind asks the DNS for the name of 127.0.0.1.
    # As many as are served at once: beyond it the system lets a client wait for a second.
    request_queue_size = _MAX_CONNECTIONS
    # The port is the same one when it listens again.
    allow_reuse_address = True

    def __init__(
        self,
        address: Tuple[str, int],
        family: socket.AddressFamily,
        account: Account,
        script: Script,
        stopping: threading.Event,
    ) -> None:
        self.address_family = family
        self.account = account
        self.script = script
        self.stopping = stopping
        self.connections: List[_Connection] = []
        #: of the calls that are being answered
        self.busy: Set[socket.socket] = set()
        super().__init__(address, _Handler)

    def process_request(  # type: ignore[override]  # of TCP
        self, request: socket.socket, client_address: object
    ) -> None:
        # ThreadingMixIn's own forgets daemon threads, and before 3.7 all of them: server_close() must end them.
        thread = threading.Thread(target=self.process_request_thread, args=(request, client_address), daemon=True)
        # Looking through them for each one would be quadratic.
        if len(self.connections) >= _MAX_CONNECTIONS:
            self.connections = [pair for pair in self.connections if pair[0].is_alive()]
        if len(self.connections) >= _MAX_CONNECTIONS:
            self.end(self.connections.pop(0)[1])
        # First, for the thread may have answered a call before this one goes on, and the client be asked to fail then.
        self.connections.append((thread, request))
        thread.start()

    def shutdown_request(self, request: socket.socket) -> None:  # type: ignore[override]  # of TCP
        # Without the shutdown of TCPServer's own, which would be the orderly end that a reset must not have.
        self.close_request(request)

    def server_close(self) -> None:
        super().server_close()
        for _, connection in self.connections:
            self.end(connection)

    def end_idle(self) -> None:
        for _, connection in list(self.connections):
            if connection not in self.busy:
                self.end(connection)

    def end(self, connection: socket.socket) -> None:
        try:
            connection.shutdown(socket.SHUT_RDWR)  # wakes the thread, which may wait for the next call
        except OSError:
            pass  # closed already

    def handle_error(self, request: object, client_address: object) -> None:
        pass  # quiet: the client went away, or is told by the answer that breaks off


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "mailkit-simulator"
    sys_version = ""
    timeout = _IDLE_SECONDS
    wbufsize = _WHOLE  # bytes
    disable_nagle_algorithm = True
    server: _Server
    #: function, parameters, protocol
    said: Tuple[str, Dict[str, object], str]

    def handle(self) -> None:
        name = self.server.script.fault_of_connection()
        if name is None:
            super().handle()
        else:
            self.server.script.note(Call("", {}, "", name))
            play(known()[name].steps, self.wire())

    def wire(self) -> Wire:
        return Wire(self.connection, self.connection, self.server.stopping)

    def do_POST(self) -> None:
        self.server.busy.add(self.connection)
        try:
            self.do_call()
        finally:
            self.server.busy.discard(self.connection)

    def do_call(self) -> None:
        self.said = ("", {}, "")
        body = self.read_body()
        if body is None:
            return
        protocol = _simulated.protocol_of(self.path, body)
        if protocol is None:
            return self.send_status(404)
        self.content_type = protocol.content_type
        script, account = self.server.script, self.server.account
        call = _simulated.asked(protocol, body)
        id_send = None
        if call is not None:
            id_send = _simulated.id_send_of(protocol, call)
            parameters = masked(call.parameters, account.client_md5, call.client_md5)
            assert isinstance(parameters, dict)
            self.said = (call.function, parameters, protocol.name)
        fault = script.fault_of_call(id_send)
        refusal = None if fault is not None else script.refusal(id_send is not None)
        answer = (
            _simulated.answer(account, protocol, call) if refusal is None else _simulated.refused(protocol, refusal)
        )
        if script.delay and self.server.stopping.wait(script.delay):
            self.close_connection = True
        elif fault is None and refusal is None and script.recording is not None:
            self.note("recording")
            script.recording.send(self)
        elif fault is None:
            self.send_answer(answer)
        else:
            self.send_fault(fault, protocol.name, answer)

    def note(self, outcome: str) -> None:
        """Note the call before its answer can be seen."""
        self.server.script.note(Call(*self.said, outcome=outcome))

    def send_status(self, status: int, reason: Optional[str] = None) -> None:
        self.note(reason or "HTTP {}".format(status))
        self.send_error(status, reason)

    def send_fault(self, name: str, protocol: str, answer: _simulated.Answer) -> None:
        try:
            good = Answers(protocol, answer.rows, _encode("".join(answer.pieces)))
        except Exception as error:
            return self.send_trouble(error)
        self.note(name)
        if play(fault_of(name, good).steps, self.wire()):
            self.close_connection = True

    def send_answer(self, answer: _simulated.Answer) -> None:
        start, size = [], 0
        try:
            for piece in answer.pieces:
                start.append(piece)
                size += len(piece)
                if size > _WHOLE:
                    self.note(answer.outcome)
                    return self.send_in_chunks(itertools.chain(start, answer.pieces))
        except Exception as error:
            return self.send_trouble(error)
        content = _encode("".join(start))
        self.note(answer.outcome)
        self.send_head("Content-Length", str(len(content)))
        self.wfile.write(content)

    def send_trouble(self, error: Exception) -> None:
        """Tell of a value that cannot be sent, or a report that raises; nothing has left yet."""
        self.send_status(500, "Simulator: {}".format(type(error).__name__))

    def read_body(self) -> Optional[bytes]:
        length = self.headers.get("Content-Length", "")
        if not (length.isdecimal() and len(length) < 20):
            self.send_status(411)
        elif int(length) > _MAX_REQUEST:
            self.send_status(413)
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


def _encode(text: str) -> bytes:
    # A lone surrogate becomes a reference that no parser takes: like a control character, the answer's fault.
    return text.encode("utf-8", "xmlcharrefreplace")
