"""Shared by the tests of the client: the iterator over what a server answers, with a clock under control."""

import gc
import threading
import time

import pytest

from mailkit_xmlrpc import Retry


class Clock:
    """A clock that stands still unless told; it may raise instead of telling the time."""

    def __init__(self):
        self.now = 0.0
        self.step = 0.0
        self.error = None

    def __call__(self):
        if self.error is not None:
            raise self.error
        self.now += self.step
        return self.now


@pytest.fixture
def clock():
    """A clock for ``retry=Retry(1, clock=clock)``."""
    return Clock()


@pytest.fixture
def rows(answering, clock):
    """``rows(document, ...)`` calls and returns the iterator over what the server answers, which is *document*."""

    def call(document, **options):
        client = answering(document.encode("utf-8"), **dict({"retry": Retry(1, clock=clock)}, **options))
        return client.iter_bounces(7)

    return call


@pytest.fixture
def collected():
    """What an interruption left to the collector goes while its test runs, where the complaint about it is expected."""
    yield
    gc.collect()


@pytest.fixture
def no_thread_left():
    """The test leaves no thread of ours behind: no call goes on."""
    yield
    limit = time.monotonic() + 10
    while any(thread.name.startswith("mailkit_") for thread in threading.enumerate()):
        assert time.monotonic() < limit
        time.sleep(0.01)
