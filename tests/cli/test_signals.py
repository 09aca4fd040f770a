"""SIGTERM and SIGHUP end a command as Ctrl-C does: nothing is left, the exit code says which, handlers are put back."""

import os
import signal
import threading
import time

import pytest

from mailkit_xmlrpc.cli import main
from mailkit_xmlrpc.cli.signals import ending
from tests.cli.given import row

pytestmark = pytest.mark.skipif(not hasattr(signal, "SIGHUP"), reason="needs POSIX signals")


def send(number):
    """Send a signal to this process, and wait until its handler raises: Python 3.9 may run it some lines later, and the
    system may choose another thread."""
    os.kill(os.getpid(), number)
    for _ in range(1000):
        time.sleep(0.01)
    raise AssertionError("no handler has raised")


class Killed:
    """A report that sends a signal to this process when its second row is asked for."""

    def __init__(self, number):
        self.number = number

    def __iter__(self):
        yield row(1)
        send(self.number)
        yield row(2)


@pytest.fixture(params=[signal.SIGTERM, signal.SIGHUP])
def number(request):
    """Either signal. Both have their default handlers for the test, whatever runs it (nohup ignores one of them)."""
    before = [(each, signal.signal(each, signal.SIG_DFL)) for each in (signal.SIGTERM, signal.SIGHUP)]
    yield request.param
    after = signal.getsignal(request.param)
    for each, handler in before:
        signal.signal(each, handler)
    assert after is signal.SIG_DFL


@pytest.mark.parametrize("output", ["csv", "sqlite"])
@pytest.mark.parametrize("older", [True, False])
def test_nothing_is_left(fake, tmp_path, capfd, number, output, older):
    """Of a file that is being written nothing is left, an older one stays, and the code is 128 and the signal."""
    fake[1] = [row(1)]
    path = tmp_path / "rows"
    if older:
        assert main(["fetch", "1", "-o", output, "-O", str(path)]) == 0
    before = path.read_bytes() if older else b""
    fake[1] = Killed(number)
    assert main(["fetch", "1", "-o", output, "-O", str(path)]) == 128 + number
    assert capfd.readouterr().err == "mailkit-bounces: ended by {}\n".format(signal.Signals(number).name)
    assert os.listdir(str(tmp_path)) == (["rows"] if older else [])
    assert not older or path.read_bytes() == before


def test_second_signal_ends_at_once(number):
    """The first one takes our handlers away: a second one is the system's."""
    with pytest.raises(BaseException) as caught:
        with ending():
            send(number)
    assert caught.value.number == number
    assert signal.getsignal(number) is signal.SIG_DFL


def test_first_signal_takes_the_handlers_away(number):
    """While what was begun is put away, no handler of ours is there any more."""
    found = []
    with pytest.raises(BaseException):
        with ending():
            try:
                send(number)
            finally:
                found += [signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGHUP)]
    assert found == [signal.SIG_DFL] * 2


@pytest.mark.parametrize("handler", [signal.SIG_IGN, lambda *_: None])
def test_handlers_of_others_stay(number, handler):
    """What is ignored (nohup), or handled by the program around us, is left alone."""
    signal.signal(number, handler)
    try:
        with ending():
            assert signal.getsignal(number) is handler
        assert signal.getsignal(number) is handler
    finally:
        signal.signal(number, signal.SIG_DFL)


def test_other_thread(fake, capsys):
    """In another thread than the main one no handler can be set, and none is."""
    fake[1] = [row(1)]
    codes = []
    thread = threading.Thread(target=lambda: codes.append(main(["fetch", "1"])))
    thread.start()
    thread.join()
    assert codes == [0]
