"""Plays one line of the fault matrix over a real socket and notes what came of it; and what must not change in the
process."""

import http.client
import logging
import signal
import socket
import ssl
import time
import warnings
import xmlrpc.client
import xmlrpc.server
from typing import Any, NamedTuple

from mailkit_xmlrpc import MailkitClient, RequestTimeoutError
from mailkit_xmlrpc.simulator import Simulator
from mailkit_xmlrpc.simulator.faults import fault_of
from mailkit_xmlrpc.simulator.faults.lines import Answers
from tests.support.account import CLIENT_ID, MD5
from tests.support.scripted_server import Request, ScriptedServer

ID_SEND = 123456
NEXT_ID = 654321
#: what the server does after its answer has come by the time of the next call (seconds)
AFTERWARDS = {"reset-after": 0.2, "surplus-later": 0.2, "closes-idle": 0.2}
MODULES = (xmlrpc.client, xmlrpc.server, socket, ssl, http.client, logging, warnings, signal)


class Observation(NamedTuple):
    """What came of one call: outcome is "rows" or the exception's class, requests those the server saw whole."""

    outcome: str
    error: Any
    attempts: int
    requests: int
    seconds: float
    #: seconds of them in which this process computed, client and server together
    computing: float
    next_is_own: bool


def make(url, **options):
    """A client with one try."""
    settings = dict(url=url, timeout=10.0, retry=None)
    settings.update(options)
    return MailkitClient(CLIENT_ID, MD5, **settings)


def ask(answer, **options):
    """The rows of a call that is answered so, with one try."""
    steps = answer if isinstance(answer, tuple) else (answer,)
    with ScriptedServer((Request(),) + steps) as server:
        with MailkitClient(CLIENT_ID, MD5, url=server.url, **dict(dict(retry=None, proxy=""), **options)) as client:
            return client.bounces(1)


def row_of(id_send):
    """A row that tells which delivery it is of."""
    return {"EMAIL": "someone@example.com", "ID_EMAIL": id_send, "REASON": "Bad Mailbox"}


def answers(protocol="xmlrpc"):
    """The good answer to the call that meets trouble."""
    return Answers(protocol, [row_of(ID_SEND)])


def script_of(name, protocol="xmlrpc"):
    """What a ScriptedServer plays to be in that trouble; None: it does not listen."""
    line = fault_of(name, answers(protocol))
    return (() if line.on_connect else (Request(),)) + line.steps or None


def observe(line, retry, protocol="xmlrpc"):
    """Call once in the trouble that *line* is, then once more on the same client without it."""
    options = dict(timeout=10.0, deadline=30.0, retry=retry, proxy="", protocol=protocol)
    options.update(line.options)
    reports = {id_send: [row_of(id_send)] for id_send in (ID_SEND, NEXT_ID)}
    with Simulator(reports=reports) as mailkit:
        url = mailkit.url if protocol == "xmlrpc" else mailkit.json_url
        with MailkitClient(CLIENT_ID, MD5, url=url, **options) as client:
            mailkit.fail(ID_SEND, line.name)
            started, computed = time.monotonic(), time.process_time()
            error = rows = None
            try:
                rows = client.bounces(ID_SEND)
            except Exception as problem:
                error = problem
            seconds, computing = time.monotonic() - started, time.process_time() - computed
            requests = sum(1 for call in mailkit.calls if call.function)
            mailkit.heal()
            time.sleep(AFTERWARDS.get(line.name, 0.0))
            return Observation(
                type(error).__name__ if error is not None else _described(rows),
                error,
                getattr(error, "attempts", 1),
                requests,
                seconds,
                computing,
                is_own(asked_again(client, NEXT_ID), NEXT_ID),
            )


def _described(rows):
    return "rows" if is_own(rows, ID_SEND) else "wrong rows"


def is_own(rows, id_send):
    """Whether *rows* answer the question for *id_send*, and no other."""
    return [(row.id_send, row.id_email) for row in rows] == [(id_send, id_send)]


def asked_again(client, id_send, times=5):
    """The rows for *id_send*. A busy machine may be slower than a time-out made short for a stalling server: that, and
    nothing else, is asked again; a connection left in disorder would not get better by it."""
    while True:
        times -= 1
        try:
            return client.bounces(id_send)
        except RequestTimeoutError:
            if not times:
                raise


def snapshot():
    """The state of MODULES that others in the process depend on: every global, every attribute of their classes, and
    the contents of their lists and dictionaries."""
    state = {}
    for module in MODULES:
        for name, thing in vars(module).items():
            if name in ("__builtins__", "__warningregistry__") or module is xmlrpc.server and name == "__cached__":
                continue
            state[module.__name__, name] = _Same(thing)
            if isinstance(thing, type) and thing.__module__ == module.__name__:
                for attribute, kept in vars(thing).items():
                    if not attribute.startswith("_abc_"):  # the caches of isinstance
                        state[module.__name__, name, attribute] = _Same(kept)
    state["handlers"] = {number: signal.getsignal(number) for number in _signals()}
    state["time-out"] = socket.getdefaulttimeout()
    state["root"] = (logging.root.level, logging.root.disabled, logging.root.manager.disable)
    return state


def _signals():
    return [number for number in signal.Signals]


class _Same:
    """Equal when it is the very same thing with the same contents."""

    def __init__(self, thing):
        self._thing = thing
        self._contents = thing.copy() if type(thing) in (list, dict, set) else None

    def __eq__(self, other):
        same = self._thing is other._thing or type(self._thing) in (int, str, float) and self._thing == other._thing
        return same and self._contents == other._contents

    def __repr__(self):
        return "{!r}".format(self._thing)
