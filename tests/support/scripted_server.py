"""A server on loopback that follows a script, byte by byte: it knows no HTTP but how to tell where a request ends.

A script is a sequence of steps: bytes are sent as they are, everything else is one of the classes below or of the
simulator's. It is played for every exchange until another is set; without one the server answers like Mailkit, with one
row whose ID_EMAIL is the id_send it was asked for, so that a caller can tell its own answer from a neighbour's.
"""

import hashlib
import re
import select
import socket
import ssl
import threading

from mailkit_xmlrpc.simulator.faults.lines import chunk, http  # noqa: F401  (used from here by others)
from mailkit_xmlrpc.simulator.faults.steps import Close, Drip, Pause, Repeat, Reset, Stall, play  # noqa: F401  (used from here by others)

LOOPBACK = "127.0.0.1"


def report(id_send, rows=1, reason="Bad Mailbox"):
    """A report of *rows* rows whose ID_EMAIL is *id_send*."""
    row = (
        "<value><struct><member><name>EMAIL</name><value><string>someone@example.com</string></value></member>"
        "<member><name>ID_EMAIL</name><value><int>{}</int></value></member>"
        "<member><name>REASON</name><value><string>{}</string></value></member></struct></value>"
    ).format(id_send, reason)
    return value("<array><data>{}</data></array>".format(row * rows))


def json_report(id_send, rows=1, reason="Bad Mailbox"):
    """The same in the JSON form, as long with a note that does not compress well."""
    note = "".join(hashlib.sha256(bytes([number])).hexdigest() for number in range(4))
    row = '{{"EMAIL": "someone@example.com", "ID_EMAIL": "{}", "REASON": "{}", "NOTE": "{}"}}'
    return "[{}]".format(", ".join([row.format(id_send, reason, note)] * rows)).encode("utf-8")


def value(text):
    """A methodResponse whose one value is *text*."""
    return document("<params><param><value>{}</value></param></params>".format(text))


def fault(code=1, text="no such method"):
    """A methodResponse that is a fault."""
    member = "<member><name>{}</name><value>{}</value></member>"
    members = member.format("faultCode", "<int>{}</int>".format(code)) + member.format("faultString", text)
    return document("<fault><value><struct>{}</struct></value></fault>".format(members))


def document(content):
    """A methodResponse that holds *content*."""
    return "<?xml version='1.0' encoding='UTF-8'?><methodResponse>{}</methodResponse>".format(content).encode("utf-8")


# --- steps ----------------------------------------------------------------------------------------------------------


class Request:
    """Read one whole request and count it."""

    def run(self, talk):
        return not talk.read_request()


class Answer:
    """Answer like Mailkit: one row with the id_send of the request. *delay* seconds first."""

    def __init__(self, *headers, **options):
        self.headers = headers
        self.delay = options.get("delay", 0.0)

    def run(self, talk):
        if self.delay and talk.stopping.wait(self.delay):
            return True
        body = json_report(talk.id_send) if talk.in_json else report(talk.id_send)
        talk.sock.sendall(http(body, *self.headers))


GOOD = (Request(), Answer())


def _shut(sock):
    try:
        # Not SSLSocket's, which takes its TLS away from under the thread.
        socket.socket.shutdown(sock, socket.SHUT_RDWR)
    except OSError:  # not connected, or closed already
        pass


# --- the server -------------------------------------------------------------------------------------------------------


class Talk:
    """One connection of the server."""

    def __init__(self, server, raw):
        self.server = server
        self.stopping = server.stopping
        self.raw = raw
        self.sock = raw
        self.id_send = 0
        self.in_json = False
        self._unread = b""

    def run(self):
        try:
            self._run()
        except (OSError, ValueError):  # the client went away in the middle; a ValueError of ssl says the same
            pass
        finally:
            self.sock.close()
            self.raw.close()

    def _run(self):
        self.raw.settimeout(20)
        self.raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        first = True
        while not self.server.stopping.is_set():
            if not first and not self._unread and not self._wait():
                return
            steps = self.server.next_script()
            if first and self.server.context is not None:
                self.sock = self.raw = self.server.context.wrap_socket(self.raw, server_side=True)
            first = False
            if play(steps, self):
                return

    def _wait(self):
        """Wait for the next request on a kept connection; returns whether one comes."""
        while not select.select([self.raw], [], [], 0.5)[0]:
            if self.server.stopping.is_set():
                return False
        return bool(socket.socket.recv(self.raw, 1, socket.MSG_PEEK))

    def read_request(self):
        """Read one request; returns whether there was a whole one."""
        while True:
            head, end, rest = self._unread.partition(b"\r\n\r\n")
            length = re.search(rb"(?i)\r\ncontent-length: *(\d+)", head)
            wanted = int(length.group(1)) if length else 0
            if end and len(rest) >= wanted:
                break
            data = self.sock.recv(65536)
            if not data:
                return False
            self._unread += data
        body, self._unread = rest[:wanted], rest[wanted:]
        self.in_json = body.startswith(b"{")
        found = re.search(rb'"ID_send": "(\d+)"' if self.in_json else rb"<i[48]>(\d+)</i[48]>", body)
        self.id_send = int(found.group(1)) if found else 0
        with self.server.lock:
            if not self.server.noting:
                return True
            self.server.requests.append(head + end + body)
            self.server.ids.append(self.id_send)
        return True


class ScriptedServer:
    """Use it as a context manager; ``url`` is what to call.

    :param script: played for every exchange, see ``play``
    :param context: an ssl.SSLContext for a server; None for plain HTTP
    :param noting: False to forget requests at once, where there are too many to keep
    :param listening: False to refuse connections until ``listen`` is called
    """

    def __init__(self, script=None, context=None, listening=True, noting=True):
        self.context = context
        self.noting = noting
        self.lock = threading.Lock()
        self.stopping = threading.Event()
        self.requests = []
        self.ids = []
        self.connections = 0
        self._script = script
        self._once = []
        self._threads = []
        self._talks = []
        self._listener = socket.socket()
        self._listener.bind((LOOPBACK, 0))
        self.port = self._listener.getsockname()[1]
        self.url = "{}://{}:{}/rpc.fcgi".format("http" if context is None else "https", LOOPBACK, self.port)
        if listening:
            self.listen()

    def listen(self):
        """Begin to accept connections."""
        self._listener.listen(64)
        self._start(self._accept)

    def play(self, script=None):
        """From the next exchange on play *script*; None: answer like Mailkit."""
        self._script = script

    def play_once(self, *scripts):
        """Play each of *scripts* for one exchange, then go on as before."""
        self._once.extend(scripts)

    def forget_once(self):
        """Play none of those that are still to be played once."""
        with self.lock:
            del self._once[:]

    def next_script(self):
        """The script of the exchange that begins now."""
        with self.lock:
            if self._once:
                return self._once.pop(0)
        return self._script or GOOD

    def _start(self, target):
        thread = threading.Thread(target=target)
        thread.daemon = True
        thread.start()
        self._threads.append(thread)

    def _accept(self):
        while not self.stopping.is_set():
            if not select.select([self._listener], [], [], 0.5)[0]:
                continue
            try:
                raw, _ = self._listener.accept()
            except OSError:  # it was gone again
                continue
            talk = Talk(self, raw)
            with self.lock:
                self.connections += 1
            self._talks.append(talk)
            self._start(talk.run)
            if len(self._threads) > 100:
                self._threads = [thread for thread in self._threads if thread.is_alive()]
                self._talks = [talk for talk in self._talks if talk.raw.fileno() >= 0]

    def close(self):
        """Stop at once; every thread has ended when this returns."""
        self.stopping.set()
        _shut(self._listener)  # ends the waiting for a connection at once
        for thread in self._threads[:1]:
            thread.join(10)
        self._listener.close()
        for talk in self._talks:
            _shut(talk.raw)  # ends whatever its thread waits for
        for thread in self._threads:
            thread.join(10)
        alive = [thread for thread in self._threads if thread.is_alive()]
        assert not alive, "threads of the scripted server that do not end: {}".format(alive)

    def __enter__(self):
        return self

    def __exit__(self, *exc_info):
        self.close()


def tls_contexts(authority, host=LOOPBACK, client_certificate=False):
    """A server's context with a certificate of *authority* (a trustme.CA) for *host*, and a client's that trusts it."""
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER if hasattr(ssl, "PROTOCOL_TLS_SERVER") else ssl.PROTOCOL_TLS)
    authority.issue_cert(host).configure_cert(server)
    client = ssl.create_default_context()
    authority.configure_trust(client)
    if client_certificate:
        authority.configure_trust(server)
        server.verify_mode = ssl.CERT_REQUIRED
    return server, client
