"""Using the client leaves the process as it was: every module global, class attribute and setting that others share.

This file is also the program that the test runs: in a process of its own, so that nothing else moves meanwhile.
"""

import email.utils
import gc
import http.client
import json
import locale
import logging
import os
import random
import select
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time
import urllib.request
import warnings
import xml.parsers.expat
import xmlrpc.client
import xmlrpc.server
import zlib

MODULES = (
    xmlrpc.client,
    xmlrpc.server,
    socket,
    ssl,
    select,
    http.client,
    urllib.request,
    email.utils,
    logging,
    signal,
    locale,
    zlib,
    xml.parsers.expat,
)
#: the package's NullHandler is registered here when it is made, like every handler
EXPECTED = ("logging._handlerList",)

_kept = []  # what was seen stays alive, so that an id never means another object


def _seen(value):
    """Something that differs when *value* is another object, or has other members."""
    _kept.append(value)
    members = ()
    if isinstance(value, dict):
        members = tuple(map(_identity, value.keys())) + tuple(map(_identity, value.values()))
    elif isinstance(value, (list, tuple)):
        members = tuple(map(_identity, value))
    elif isinstance(value, (set, frozenset)):
        members = tuple(sorted(map(_identity, value)))
    return _identity(value), members


def _identity(value):
    _kept.append(value)
    return value if type(value) in (int, str, bool, float, bytes) else id(value)


def snapshot():
    """Name -> what is there, of all that is watched."""
    places = {}
    for module in MODULES:
        for name, value in list(vars(module).items()):
            place = "{}.{}".format(module.__name__, name)
            places[place] = _seen(value)
            if isinstance(value, type) and value.__module__ == module.__name__:
                # _abc_...: caches of isinstance() before Python 3.7
                attributes = [pair for pair in list(vars(value).items()) if not pair[0].startswith("_abc_")]
                places.update(("{}.{}".format(place, key), _seen(attribute)) for key, attribute in attributes)
    places.update((name, _plain(value)) for name, value in _settings().items())
    return places


def _plain(value):
    _kept.append(value)
    return repr(value)


def _settings():
    root = logging.getLogger()
    others = {name for name in root.manager.loggerDict if name.split(".")[0] != "mailkit_xmlrpc"}
    return {
        "default timeout": socket.getdefaulttimeout(),
        "root logger": (root.handlers, root.level, root.filters, root.disabled, root.propagate),
        "other loggers": sorted(others),
        "logging disabled": root.manager.disable,
        "logger class": (logging.getLoggerClass(), logging.getLogRecordFactory()),
        "warnings": (warnings.filters, warnings.showwarning, warnings.formatwarning),
        "signals": [(number, signal.getsignal(number)) for number in signal.Signals],
        "locale": locale.setlocale(locale.LC_ALL),
        "hooks": (
            sys.excepthook,
            sys.displayhook,
            getattr(sys, "unraisablehook", 0),
            getattr(threading, "excepthook", 0),
        ),
        "tracing": (sys.gettrace(), sys.getprofile(), threading._trace_hook, threading._profile_hook),
        "interpreter": (sys.getrecursionlimit(), sys.getswitchinterval(), sys.flags),
        "digits": getattr(sys, "get_int_max_str_digits", int)(),
        "import": (sys.path, sys.meta_path, sys.path_hooks),
        "streams": (sys.stdin, sys.stdout, sys.stderr),
        "garbage collector": (gc.isenabled(), _told("get_threshold"), _told("get_debug")),
        "random": random.getstate(),
        "environment": sorted(os.environ.items()),
        "directory": os.getcwd(),
        "time zone": (time.tzname, time.timezone),
        "threads": threading.enumerate(),
        "debug level": http.client.HTTPConnection.debuglevel,
    }


def _told(name):
    """What the collector tells; PyPy's does not."""
    return getattr(gc, name, tuple)()


def differences(before, after):
    """The places that are not what they were."""
    return sorted(place for place in set(before) | set(after) if before.get(place) != after.get(place))


# --- the program -----------------------------------------------------------------------------------------------------


def use(url, refusing):
    """Everything a program may do with a client: rows, none, each kind of failure, half a report, threads, close."""
    import copy

    from mailkit_xmlrpc import MailkitClient, MailkitError, Retry

    outcomes = []

    def call(client, id_send):
        try:
            outcomes.append(len(client.bounces(id_send)))
        except MailkitError as error:
            outcomes.append(type(error).__name__)

    md5 = "0123456789abcdef0123456789abcdef"
    retry = Retry(2, base=0)
    with MailkitClient(1234567, md5, url=url, retry=retry) as client:
        for id_send in (123456, 1, 2, 3, 99, -1):
            call(client, id_send)
        with client.iter_bounces(3) as rows:
            next(rows)
        client.iter_bounces(3)
        next(client.iter_bounces(3))
        threads = [threading.Thread(target=call, args=(client, 123456)) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        call(copy.deepcopy(client), 123456)
    call(MailkitClient(1234567, "wrong", url=url), 123456)
    call(MailkitClient(1234567, md5, url=url + "x"), 123456)
    call(MailkitClient(1234567, md5, url=refusing, retry=retry), 123456)
    call(MailkitClient(1234567, md5, url=refusing.replace("http:", "https:"), retry=retry, proxy=refusing), 123456)
    call(MailkitClient(1234567, md5, url=url, max_response_bytes=10), 123456)
    call(MailkitClient(1234567, md5, url=url, deadline=1e-9), 123456)
    call(MailkitClient(1234567, md5, url=url, timeout=1e-6, retry=retry), 3)
    return outcomes


def main():
    """Set the process up as a careless host would, use the client, and print what is no longer as it was."""
    url, refusing = sys.argv[1:]
    socket.setdefaulttimeout(1e-6)
    http.client.HTTPConnection.debuglevel = 1
    xmlrpc.client.Marshaller.dispatch[int] = None
    logging.getLogger().setLevel(logging.DEBUG)
    lines = []
    handler = logging.Handler()
    handler.emit = lambda record: lines.append(record.getMessage())
    logging.getLogger().addHandler(handler)
    before = snapshot()
    outcomes = use(url, refusing)
    gc.collect()
    changed = differences(before, snapshot())
    ours = logging.getLogger("mailkit_xmlrpc")
    handlers = [type(handler).__name__ for handler in ours.handlers]
    logger = [handlers, ours.level, ours.propagate, ours.disabled]
    sys.stdout.write(json.dumps({"changed": changed, "outcomes": outcomes, "logger": logger, "log": lines}))


if __name__ == "__main__":
    main()
    raise SystemExit


# --- the tests -------------------------------------------------------------------------------------------------------
# Imported only here: the program above must see the package being imported.

from pathlib import Path  # noqa: E402  (needs what stands above)

import pytest  # noqa: E402  (needs what stands above)

import mailkit_xmlrpc  # noqa: E402  (needs what stands above)
from mailkit_xmlrpc.simulator import Simulator, documented_rows  # noqa: E402  (needs what stands above)


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    """What the program above says."""
    large = [{"EMAIL": "{}@example.com".format(n), "REASON": "x" * (1 << 20)} for n in range(6)]
    reports = {123456: documented_rows(), 1: [], 2: [{"REASON": "\x01"}], 3: large}
    with socket.socket() as refusing, Simulator(reports=reports) as mailkit:
        refusing.bind(("127.0.0.1", 0))  # it never listens
        done = subprocess.run(
            [
                sys.executable,
                "-W",
                "error",
                __file__,
                mailkit.url,
                "http://127.0.0.1:{}/".format(refusing.getsockname()[1]),
            ],
            cwd=str(tmp_path_factory.mktemp("cwd")),
            env=dict(os.environ, PYTHONPATH=str(Path(mailkit_xmlrpc.__file__).resolve().parent.parent)),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            universal_newlines=True,
            timeout=60,
        )
    assert done.stderr == "" and done.returncode == 0, done.stderr
    return json.loads(done.stdout)  # and nothing else was printed: the host's debuglevel=1 is not ours


def test_nothing_is_changed(told):
    """Rows, failures, half iterations, threads and close() change no global, class attribute or setting."""
    # an enum remembers the combinations of flags that it was asked for: that is create_default_context's own doing
    changed = [name for name in told["changed"] if not name.endswith("._value2member_map_")]
    assert changed == list(EXPECTED)


def test_everything_was_used(told):
    """The program really met each kind of outcome; the host's default time-out and patches disturbed none of them."""
    assert told["outcomes"] == (
        [3, 0, "MalformedResponseError", 6, "InvalidSendIdError", "ConfigurationError"]
        + [3] * 5
        + ["UnauthorizedError", "HTTPStatusError", "ConnectError", "ConnectError"]
        + ["ResponseTooLargeError", "DeadlineExceededError", "RequestTimeoutError"]
    )


def test_logger_has_a_null_handler_only(told):
    """The package's logger is set up as a library's should be: a NullHandler, no level, passing on."""
    assert told["logger"] == [["NullHandler"], 0, True, False]


def test_log_holds_no_secret(told):
    """Even at DEBUG, the log tells of calls and tries, and neither md5 nor addresses."""
    text = "\n".join(told["log"])
    assert "id_send=123456" in text and "try 1 of 2 failed" in text
    assert "0123456789abcdef" not in text
    assert "@" not in text


@pytest.mark.parametrize(
    "place, change",
    [
        (
            "xmlrpc.client.Marshaller.dispatch",
            lambda patch: patch.setitem(xmlrpc.client.Marshaller.dispatch, bytes, None),
        ),
        (
            "xmlrpc.client.Unmarshaller.dispatch",
            lambda patch: patch.setitem(xmlrpc.client.Unmarshaller.dispatch, "x", 1),
        ),
        ("xmlrpc.client.FastParser", lambda patch: patch.setattr(xmlrpc.client, "FastParser", object())),
        ("xmlrpc.server.gzip_decode", lambda patch: patch.setattr(xmlrpc.server, "gzip_decode", None)),
        ("ssl._create_default_https_context", lambda patch: patch.setattr(ssl, "_create_default_https_context", None)),
        ("http.client._MAXHEADERS", lambda patch: patch.setattr(http.client, "_MAXHEADERS", 1)),
        ("socket.socket", lambda patch: patch.setattr(socket, "socket", None)),
        ("socket.new", lambda patch: patch.setattr(socket, "new", 1, raising=False)),
        ("root logger", lambda patch: patch.setattr(logging.getLogger(), "level", 1)),
        ("warnings", lambda patch: patch.setattr(warnings, "filters", [])),
        ("hooks", lambda patch: patch.setattr(sys, "excepthook", None)),
        ("environment", lambda patch: patch.setenv("X_TEST", "1")),
        ("directory", lambda patch: patch.chdir("/")),
    ],
)
def test_snapshot_sees_a_change(monkeypatch, place, change):
    """The snapshot itself has eyes: a change of any of these is told by its name."""
    before = snapshot()
    with monkeypatch.context() as patch:
        change(patch)
        after = snapshot()
    assert place in differences(before, after)
