"""Programs of others, started for a test run on loopback and ended with it."""

import os
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path

LOOPBACK = "127.0.0.1"
#: seconds that a program may take to be ready, and to end
PATIENCE = 30.0

# Not on every user's PATH: Debian keeps servers here.
_SBIN = os.pathsep.join((os.environ.get("PATH", os.defpath), "/usr/sbin", "/sbin"))
#: what must be there: a file, or the name of a program -> Debian's package
NEEDED = {
    "nginx": "nginx",
    "apache2": "apache2",
    "/usr/lib/apache2/modules/mod_fcgid.so": "libapache2-mod-fcgid",
    "squid": "squid",
    "/usr/lib/squid/basic_ncsa_auth": "squid",
    "openssl": "openssl",
    "perl": "perl",
    "/usr/share/perl5/RPC/XML/Server.pm": "librpc-xml-perl",
    "/usr/share/perl5/Frontier/RPC2.pm": "libfrontier-rpc-perl",
}


def path_of(name):
    """The path of the program *name*, or None."""
    return shutil.which(name, path=_SBIN)


def missing_packages():
    """Debian's packages that are not there, in alphabetical order."""
    packages = {package for name, package in NEEDED.items() if path_of(name) is None and not Path(name).is_file()}
    if path_of("perl") and subprocess.call(["perl", "-MFCGI", "-e", "1"], stderr=subprocess.DEVNULL):
        packages.add("libfcgi-perl")
    return sorted(packages)


def free_ports(count):
    """So many ports of loopback that nobody listens on."""
    listeners = [socket.socket() for _ in range(count)]
    try:
        for listener in listeners:
            listener.bind((LOOPBACK, 0))
        return [listener.getsockname()[1] for listener in listeners]
    finally:
        for listener in listeners:
            listener.close()


def is_listening(port):
    """Whether a connection to *port* is accepted."""
    try:
        socket.create_connection((LOOPBACK, port), timeout=1).close()
    except OSError:
        return False
    return True


def wait_until(condition, what):
    """Wait until *condition* is true; fail where that takes too long."""
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, "waited {:.0f} s for {}".format(PATIENCE, what)
        time.sleep(0.02)


class Program:
    """A program in the foreground, with all that it starts itself; a context manager.

    :param arguments: the program's name and what it is given
    :param folder: where its output goes
    :param ports: it is ready when a connection to each of them is accepted
    """

    def __init__(self, arguments, folder, ports=(), **options):
        self._arguments = [path_of(arguments[0])] + [str(argument) for argument in arguments[1:]]
        self._output = Path(str(folder)) / (arguments[0] + ".output")
        self._ports = ports
        self._options = options
        self._process = None

    def start(self):
        """Start it, and return when it is ready."""
        with self._output.open("ab") as output:
            self._process = subprocess.Popen(
                self._arguments, stdout=output, stderr=output, start_new_session=True, **self._options
            )
        wait_until(self._is_ready, "{} to be ready".format(self._arguments[0]))

    def _is_ready(self):
        if self._process.poll() is not None:
            raise AssertionError(
                "{} ended at once:\n{}".format(self._arguments[0], self._output.read_text(errors="replace"))
            )
        return all(is_listening(port) for port in self._ports)

    def signal(self, number):
        """Send the first process the signal *number*."""
        self._process.send_signal(number)

    def stop(self):
        """End it and all that it has started, at once."""
        try:
            os.killpg(self._process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self._process.wait(PATIENCE)

    def restart(self):
        """Stop it and start it again."""
        self.stop()
        self.start()

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *exc_info):
        self.signal(signal.SIGTERM)
        try:
            self._process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            pass  # then without its consent
        self.stop()
