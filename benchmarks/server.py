"""A server in a process of its own, for the scripts that measure over HTTP: ``POST /DOCUMENT/ROWS`` brings that report.

HTTP/1.1 with Content-Length, connections kept alive, TCP_NODELAY, and an answer that is small leaves in one write: what
Nagle's algorithm and delayed acknowledgements would add (some 40 ms) is nobody's to measure here.
"""

import os
import re
import shutil
import socketserver
import subprocess
import sys
import tempfile
import threading
from contextlib import contextmanager

import documents

_SMALL = 1 << 18  # bytes of a report that is kept in memory and sent in one write
_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Length: %d\r\n\r\n"


@contextmanager
def running():
    """The server's URL, to which ``/DOCUMENT/ROWS`` is added, while it runs."""
    command = [sys.executable, os.path.abspath(__file__)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    try:
        yield "http://127.0.0.1:{}".format(int(process.stdout.readline()))
    finally:
        process.stdin.close()  # it ends then, and also when this process dies
        process.stdout.close()
        process.wait()


class _Handler(socketserver.StreamRequestHandler):
    disable_nagle_algorithm = True

    def handle(self):
        try:
            while self.answer_one():
                pass
        except OSError:  # the client has gone
            pass

    def answer_one(self):
        """Read one request and answer it; False at the end of the connection."""
        target = re.match(rb"POST /([a-z]+)/([0-9]+) HTTP/1\.[01]\r?\n", self.rfile.readline())
        if target is None:
            return False
        length = 0
        for line in iter(self.rfile.readline, b"\r\n"):
            if not line:
                return False
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
        self.rfile.read(length)
        path, small = self.server.report(target.group(1).decode("ascii"), int(target.group(2)))
        if small is not None:
            self.request.sendall(small)
            return True
        self.request.sendall(_HEAD % os.path.getsize(path))
        with open(path, "rb") as file:
            shutil.copyfileobj(file, self.wfile, 1 << 16)
        return True


class _Server(socketserver.ThreadingMixIn, socketserver.TCPServer):
    daemon_threads = True

    def __init__(self, directory):
        super().__init__(("127.0.0.1", 0), _Handler)
        self._directory = directory
        self._lock = threading.Lock()
        self._reports = {}

    def report(self, name, rows):
        """(path of the document, the whole answer if it is small); made once."""
        with self._lock:
            if (name, rows) not in self._reports:
                path = os.path.join(self._directory, "{}-{}.xml".format(name, rows))
                with open(path, "wb") as file:
                    file.writelines(text.encode("utf-8") for text, _ in documents.written(name, rows))
                small = None
                if os.path.getsize(path) <= _SMALL:
                    with open(path, "rb") as file:
                        body = file.read()
                    small = _HEAD % len(body) + body
                self._reports[name, rows] = path, small
            return self._reports[name, rows]


def main():
    with tempfile.TemporaryDirectory(prefix="mailkit_xmlrpc-benchmark-") as directory:
        server = _Server(directory)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        print(server.server_address[1], flush=True)
        sys.stdin.read()
        server.shutdown()
        server.server_close()


if __name__ == "__main__":
    main()
