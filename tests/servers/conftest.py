"""Servers that this project did not write: nginx, Apache, squid, and a FastCGI application in Perl behind two of them.

They are an environment of their own: with MAILKIT_TEST_SERVERS=1 these tests run, and fail where a program is missing;
without it they are left out. Everything listens on loopback, and what is written lies in one temporary folder.
"""

import os
import shutil
import ssl
import tempfile
from pathlib import Path

import pytest

from mailkit_xmlrpc import MailkitClient
from tests.conftest import CLIENT_ID, MD5
from tests.servers import front_ends
from tests.servers.application import SCRIPT, Application
from tests.servers.programs import LOOPBACK, missing_packages, wait_until

USER, PASSWORD = "someone", "s3cret"

#: front end -> (the program, its server, the beginning of the path)
FRONT_ENDS = {
    "nginx": ("nginx", "plain", ""),
    "nginx, gzip": ("nginx", "gzip", ""),
    "mod_fcgid": ("apache", "plain", "/fcgid"),
    "mod_fcgid, gzip": ("apache", "gzip", "/fcgid"),
    "mod_proxy_fcgi": ("apache", "plain", "/proxied"),
    "mod_proxy_fcgi, gzip": ("apache", "gzip", "/proxied"),
}
#: who writes the answer -> the client's protocol
SCRIPTS = {"rpc": "xmlrpc", "frontier": "xmlrpc", "json": "json"}


# One line of the run says that these tests are left out, not one for each.
if not os.environ.get("MAILKIT_TEST_SERVERS"):
    collect_ignore = [
        path.name for path in Path(__file__).parent.glob("test_*.py") if path.name != "test_environment.py"
    ]


@pytest.fixture(scope="session")
def asked_for():
    """That these tests are wanted, and that all the programs are there."""
    if not os.environ.get("MAILKIT_TEST_SERVERS"):
        pytest.skip("NOT tested beside nginx, Apache and squid: that takes MAILKIT_TEST_SERVERS=1")
    missing = missing_packages()
    if missing:
        pytest.fail("programs are missing: apt-get install {}".format(" ".join(missing)), pytrace=False)


@pytest.fixture(scope="session")
def folder(asked_for):
    """Where the servers keep what they write. Those that change their user must get into it."""
    path = Path(tempfile.mkdtemp(prefix="mailkit-servers-"))
    for folder in (path, path / "plans", path / "fcgid"):
        folder.mkdir(exist_ok=True)
        folder.chmod(0o777)
    yield path
    shutil.rmtree(str(path))


class Certificates:
    """A private authority and what it issued; another one that no server knows."""

    def __init__(self, folder):
        trustme = pytest.importorskip("trustme", reason="certificates for the tests need trustme")
        self._ours, self._other = trustme.CA(), trustme.CA()
        self.authority = str(folder / "authority.pem")
        self._ours.cert_pem.write_to_path(self.authority)
        self._ours.issue_cert(LOOPBACK).private_key_and_cert_chain_pem.write_to_path(str(folder / "server.pem"))
        self._own = str(folder / "own.pem")
        self._ours.issue_cert("client.example").private_key_and_cert_chain_pem.write_to_path(self._own)
        self._foreign = str(folder / "foreign.pem")
        self._other.issue_cert("client.example").private_key_and_cert_chain_pem.write_to_path(self._foreign)

    def context(self, certificate=None):
        """A client's SSLContext that trusts our servers, with the *certificate* "own" or "foreign" or none."""
        context = ssl.create_default_context(cafile=self.authority)
        if certificate is not None:
            context.load_cert_chain(self._own if certificate == "own" else self._foreign)
        return context


@pytest.fixture(scope="session")
def certificates(folder):
    """See :class:`Certificates`."""
    return Certificates(folder)


@pytest.fixture(scope="session")
def application(folder):
    """The FastCGI application, running."""
    with Application(folder) as application:
        yield application


class Running:
    """A front end that runs: the ports of its servers, and what it logs."""

    def __init__(self, program, ports, logs):
        self.program = program
        self._ports = ports
        self._logs = logs

    def url(self, server, path="/rpc.fcgi", scheme="https"):
        """The address of *path* on *server*."""
        return "{}://{}:{}{}".format(scheme, LOOPBACK, self._ports[server], path)

    def log(self, server, after=0, count=0):
        """What was asked of *server*, oldest first: (connection, TLS version, "r" where resumed, method, status).

        :param after: so many are left out at the beginning
        :param count: so many must follow; an entry may be written after the answer was sent
        """
        wait_until(lambda: len(self._entries(server)) >= after + count, "entries in the log")
        return self._entries(server)[after:]

    def _entries(self, server):
        lines = [line.split() for line in Path(self._logs + "-calls.log").read_text().splitlines()]
        return [tuple(line[1:]) for line in lines if line[0] == str(self._ports[server])]

    def errors(self):
        """The text of its log of errors."""
        return Path(self._logs + "-errors.log").read_text()


@pytest.fixture(scope="session")
def nginx(folder, certificates, application):
    """nginx, running in front of the application."""
    program, ports = front_ends.nginx(folder)
    with program:
        yield Running(program, ports, str(folder / "nginx"))


@pytest.fixture(scope="session")
def apache(folder, certificates, application):
    """Apache, running: with mod_fcgid, which starts the script itself, and with mod_proxy_fcgi."""
    program, ports = front_ends.apache(folder, _readable(folder))
    with program:
        yield Running(program, ports, str(folder / "apache"))


def _readable(folder):
    """A copy of the script that any user may run: the repository may lie where only one user gets to."""
    script = folder / SCRIPT.name
    shutil.copy(str(SCRIPT), str(script))
    script.chmod(0o755)
    return script


@pytest.fixture(scope="session")
def squid(folder):
    """squid, running, which wants a password; its address without one."""
    program, port = front_ends.squid(folder, USER, PASSWORD)
    with program:
        yield "{}:{}".format(LOOPBACK, port)


@pytest.fixture
def client_of():
    """``client_of(url, ...)``: a client with one try unless told otherwise, closed after the test."""
    clients = []

    def client_of(url, **options):
        settings = dict(url=url, retry=None, timeout=20, deadline=60, proxy="")
        settings.update(options)
        clients.append(MailkitClient(CLIENT_ID, MD5, **settings))
        return clients[-1]

    yield client_of
    for client in clients:
        client.close()


@pytest.fixture
def client(request, client_of):
    """``client(front_end, script, ...)``: a client for *script* behind *front_end*."""

    def client(front_end, script, **options):
        program, server, start = FRONT_ENDS[front_end]
        url = request.getfixturevalue(program).url(server, "{}/{}.fcgi".format(start, script), "http")
        return client_of(url, protocol=SCRIPTS[script], **options)

    return client
