"""An exception of the caller's at every line, or opcode, of ``iter_many()``: it ends at once, and no id is lost in
silence."""

import random
import signal
import sys

import pytest

from mailkit_xmlrpc import MailkitClient
from tests.support import length
from tests.support.account import CLIENT_ID, MD5
from tests.support.answering_server import AnsweringServer
from tests.support.interrupted_runs import ENDINGS, IDS, KINDS, Run, interrupt, signalled_run, traced_run
from tests.support.interrupting import steps_of

pytestmark = [
    pytest.mark.usefixtures("no_thread_left", "collected"),
    # A socket that nobody has yet; and Python itself drops what is raised in a finalizer.
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


@pytest.fixture(scope="module")
def client():
    """A client of a server that answers at once."""
    with AnsweringServer() as server:
        options = dict(retry=None, timeout=20, proxy="", protocol="json")
        with MailkitClient(CLIENT_ID, MD5, url=server.url, **options) as client:
            yield client
            assert [outcome.error for outcome in client.iter_many(IDS)] == [None] * len(IDS)


@pytest.mark.skipif(hasattr(sys, "pypy_version_info"), reason="PyPy has no opcodes to stop at")
@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
@pytest.mark.parametrize("ending", ENDINGS)
def test_everywhere(client, kind, ending):
    """The same object leaves at once. Who goes on has each id once, or is told that ids may be missing; who closes the
    iterator, or drops it, does not wait."""
    Run(client, IDS).begin()
    total = steps_of(Run(client, iter(IDS)).begin)
    step = 1 if length.full else max(1, total // 60)
    for at in range(1 + random.Random(ending).randrange(step), total + 1, step):
        traced_run(client, at // step, at, kind, ending)


@pytest.mark.skipif(sys.gettrace() is not None, reason="coverage takes locks, which the signal would leave behind")
@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="this system has no setitimer")
@pytest.mark.skipif(hasattr(sys, "pypy_version_info"), reason="an import that is interrupted leaves PyPy's lock taken")
def test_real_signals(client):
    """The same by a signal at any moment of an ordinary script."""
    moments = random.Random(7)
    before = signal.signal(signal.SIGALRM, interrupt)
    try:
        for number in range(length.examples(2000)):
            signalled_run(client, number, moments.uniform(1e-5, 1e-2))
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
