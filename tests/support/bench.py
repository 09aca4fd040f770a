"""A client whose tries and pauses are under the control of a test."""

import pytest

from mailkit_xmlrpc import MailkitClient, Retry
from tests.support.account import CLIENT_ID, MD5
from tests.support.scripted_server import Close, Request


class Bench:
    """A server and a client whose Retry has an injected clock, sleep and random; ``slept`` is what it would have
    waited."""

    def __init__(self, server):
        self.server = server
        self.now = 1000.0
        self.slept = []
        self.random = 0.5

    def sleep(self, seconds):
        self.slept.append(seconds)
        self.now += seconds

    def client(self, attempts=3, base=0.5, cap=20.0, **options):
        retry = Retry(attempts, base, cap, clock=lambda: self.now, sleep=self.sleep, random=lambda: self.random)
        return MailkitClient(CLIENT_ID, MD5, url=self.server.url, retry=retry, proxy="", **options)

    def fails(self, expected, *answers, **options):
        """A call that meets *answers*, the last one for ever, raises *expected*; returns it."""
        scripts = [(Request(), answer, Close()) for answer in answers]
        self.server.play_once(*scripts[:-1])
        self.server.play(scripts[-1])
        with self.client(**options) as client, pytest.raises(expected) as caught:
            client.bounces(1)
        assert caught.value.attempts == len(self.server.requests)
        assert type(caught.value) is expected
        return caught.value
