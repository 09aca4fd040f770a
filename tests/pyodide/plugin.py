"""A plugin of pytest for Pyodide, where there are no sockets, threads and processes: what asks for one is skipped.

Everything else must pass. A skip is no Exception, so no code under test can take it for an error.
"""

import _thread
import concurrent.futures
import os
import socket
import subprocess
import sys
import threading
from collections import Counter
from types import ModuleType

import pytest

#: a test -> what it needs that is not there
_NEEDS = {
    "test_client_that_cannot_travel": "processes",
    "test_file_is_its_owners": "modes of files",
    "test_file_private_and_nameless": "files without a name",
    "test_file_without_certificates": "TLS",
    "test_link_of_a_stranger": "users",
    "test_pickle_with_an_ssl_context_is_refused_by_python": "TLS",
}


def pytest_collection_modifyitems(items):
    """Skip what would fail for another reason than a missing socket, thread or process."""
    for item in items:
        needed = _NEEDS.get(item.originalname)
        if needed is not None:
            item.add_marker(pytest.mark.skip(reason="there are no {} here".format(needed)))


def pytest_terminal_summary(terminalreporter):
    """Say what was skipped, by its reason."""
    reasons = Counter(report.longrepr[2] for report in terminalreporter.stats.get("skipped", []))
    for reason, count in reasons.most_common():
        terminalreporter.write_line("{:5} {}".format(count, reason))


def pytest_sessionfinish(session):
    """A run that skips more than it passes proves nothing, and fails."""
    stats = session.config.pluginmanager.getplugin("terminalreporter").stats
    if len(stats.get("passed", [])) < len(stats.get("skipped", [])):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def _without(what):
    def refuse(*args, **kwargs):
        pytest.skip("there are no {} here".format(what))

    return refuse


class _NoSocket(socket.socket):
    __init__ = _without("sockets")


class _NoProcessPool(concurrent.futures.Executor):
    __init__ = _without("processes")


# pytest-httpserver cannot be installed: of what it needs there are no wheels in pure Python.
sys.modules["pytest_httpserver"] = ModuleType("pytest_httpserver")
sys.modules["pytest_httpserver"].HTTPServer = _without("sockets")


@pytest.fixture(scope="session", autouse=True)
def nothing_beside():
    """Nothing runs beside the test."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket, "socket", _NoSocket)
        patch.setattr(socket, "getaddrinfo", _without("sockets"))
        patch.setattr(socket, "socketpair", _without("sockets"))
        patch.setattr(threading.Thread, "start", _without("threads"))
        patch.setattr(_thread, "start_new_thread", _without("threads"))
        patch.setattr(concurrent.futures, "ProcessPoolExecutor", _NoProcessPool)
        patch.setattr(subprocess.Popen, "__init__", _without("processes"))
        patch.setattr(os, "fork", _without("processes"), raising=False)
        yield


@pytest.fixture
def httpserver():
    """The fixture of pytest-httpserver."""
    _without("sockets")()
