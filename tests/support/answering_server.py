"""A server on loopback for many calls at once: what it answers is a function of the id that was asked for."""

import json
import re
import threading
from http.server import BaseHTTPRequestHandler
from socketserver import TCPServer, ThreadingMixIn

_ID = re.compile(rb"<i4>([0-9]+)</i4>|\"ID_send\": \"([0-9]+)\"")


def row(id_send):
    """The one row that says which delivery it is of, in the JSON form."""
    return json.dumps([{"EMAIL": "{}@example.com".format(id_send), "ID_EMAIL": str(id_send)}]).encode("ascii")


class AnsweringServer(ThreadingMixIn, TCPServer):
    """A context manager; ``answer(id_send)`` returns a body, or (status, body). ``asked`` holds the ids, in order."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, answer=row):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answer = answer
        self.asked = []
        self.under_way = 0
        self.most = 0
        self.lock = threading.Lock()
        self.connections = []
        self.url = "http://127.0.0.1:{}/json.fcgi".format(self.server_address[1])

    def __enter__(self):
        self.thread = threading.Thread(target=self.serve_forever, args=(0.02,))
        self.thread.start()
        return self

    def __exit__(self, *exc_info):
        self.shutdown()
        self.thread.join()
        self.server_close()
        for connection in self.connections:
            try:
                connection.shutdown(2)
            except OSError:
                pass  # gone already

    def handle_error(self, request, client_address):
        """The client went away: part of the tests."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    timeout = 60
    wbufsize = -1

    def setup(self):
        super().setup()
        self.server.connections.append(self.connection)

    def do_POST(self):
        match = _ID.search(self.rfile.read(int(self.headers["Content-Length"])))
        id_send = int(match.group(1) or match.group(2))
        with self.server.lock:
            self.server.asked.append(id_send)
            self.server.under_way += 1
            self.server.most = max(self.server.most, self.server.under_way)
        try:
            answer = self.server.answer(id_send)
        finally:
            with self.server.lock:
                self.server.under_way -= 1
        status, body = answer if isinstance(answer, tuple) else (200, answer)
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()

    def log_message(self, format, *args):
        """Quiet."""
