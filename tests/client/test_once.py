"""Objects whose pickles become one in each process: a rate, and the client of many calls."""

import copy
import gc
import pickle
import subprocess
import sys
import threading
import weakref

import pytest

from mailkit_xmlrpc.client import once as _once
from mailkit_xmlrpc.client.many import SharedClient
from mailkit_xmlrpc.client.once import Once
from mailkit_xmlrpc.client.rate import Rate


class Thing(Once):
    """The least that one of them is."""

    made = 0

    def __init__(self, number, name=""):
        super().__init__((number,), name)
        self.number = number
        Thing.made += 1


@pytest.fixture(autouse=True)
def nothing_arrived(monkeypatch):
    """What arrives in a test is not kept for the next one."""
    monkeypatch.setattr(_once, "_latest", {})


def test_own_pickle_is_the_object_itself():
    """In its own process the pickle of one is the object itself, and so is its copy."""
    thing = Thing(5)
    assert pickle.loads(pickle.dumps(thing)) is thing
    assert copy.copy(thing) is thing and copy.deepcopy(thing) is thing


def test_two_are_two():
    """Each object that is made is one of its own, whatever its state."""
    one, two = Thing(5), Thing(5)
    assert pickle.loads(pickle.dumps(one)) is one
    assert pickle.loads(pickle.dumps(two)) is two


def test_arrivals_are_one_object():
    """Where the object is not, its pickles become one new one with the same state."""
    thing = Thing(5)
    travelling = [pickle.dumps(thing, protocol) for protocol in range(2, pickle.HIGHEST_PROTOCOL + 1)]
    del thing
    gc.collect()
    arrived = [pickle.loads(one) for one in travelling]
    assert {id(one) for one in arrived} == {id(arrived[0])}
    assert arrived[0].number == 5
    assert pickle.loads(pickle.dumps(arrived[0])) is arrived[0]


def test_latest_is_kept_alive():
    """A worker has no call at times: what arrived last of a class stays, until another one comes."""
    first, second = pickle.dumps(Thing(1)), pickle.dumps(Thing(2))
    gc.collect()
    arrived = weakref.ref(pickle.loads(first))
    gc.collect()
    assert arrived() is not None and pickle.loads(first) is arrived()
    pickle.loads(pickle.dumps(Rate(5.0)))
    assert arrived() is not None
    pickle.loads(second)
    gc.collect()
    assert arrived() is None


def test_threads_that_come_first_together():
    """Of several threads in which a pickle arrives at once, all have the same object."""
    travelling = pickle.dumps(Thing(7))
    gc.collect()
    together, arrived = threading.Barrier(8), []

    def arrive():
        together.wait(10)
        arrived.append(pickle.loads(travelling))

    threads = [threading.Thread(target=arrive) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert len(arrived) == 8 and len(set(map(id, arrived))) == 1


@pytest.mark.parametrize("make", ["Rate(5.0)", "SharedClient(MailkitClient(1, 'x' * 32, rate=5)._settings)"])
def test_in_another_process(make):
    """A rate and a client of many calls arrive as one, whole, in a process that knows nothing of them."""
    from mailkit_xmlrpc import MailkitClient  # noqa: F401  (for eval)

    travelling = pickle.dumps(eval(make), 2)
    code = (
        "import pickle, sys\n"
        "one, two = pickle.loads({0!r}), pickle.loads({0!r})\n"
        "assert one is two\n"
        "rate = one.settings.rate if hasattr(one, 'settings') else one\n"
        "assert rate.per_second == 5.0\n"
    ).format(travelling)
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


def test_both_are_such():
    """The two that travel are made this way."""
    assert issubclass(Rate, Once) and issubclass(SharedClient, Once)
