"""The rows of one report are shared by threads, seen by forks, and never duplicated."""

import copy
import os
import pickle
import threading

import pytest

from mailkit_xmlrpc import (
    LocalError,
)

START = "<?xml version='1.0'?><methodResponse><params><param><value><array><data>"


END = "</data></array></value></param></params></methodResponse>"


ROW = "<value><struct><member><name>EMAIL</name><value>{}@example.com</value></member></struct></value>"


LATER = "<!--{}-->".format("x" * 200000) * 3


def failure(rows):
    with pytest.raises(Exception) as caught:
        next(rows)
    return caught.value


def test_threads_share_it(rows):
    """Each row goes to one of them, none is lost, and all see the end."""
    report = rows(START + "".join(ROW.format(n) for n in range(20000)) + END)
    shares = [[] for _ in range(4)]
    together = threading.Barrier(4)

    def take(share):
        together.wait(10)
        try:
            for bounce in report:
                share.append(bounce.email)
        except BaseException as error:
            share.append(error)

    threads = [threading.Thread(target=take, args=(share,)) for share in shares]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(sum(shares, []), key=lambda text: int(text.split("@")[0])) == [
        "{}@example.com".format(n) for n in range(20000)
    ]


def test_closed_while_a_piece_is_decoded(rows, monkeypatch):
    """close() in another thread waits for the piece, and the reader sees that it was closed."""
    report = rows(START + "".join(ROW.format(n) for n in range(20000)) + END)
    feed, began, go = report._reader.feed, threading.Event(), threading.Event()
    seen = []

    def slow_feed(piece):
        began.set()
        assert go.wait(10)
        return feed(piece)

    def read():
        try:
            seen.extend(report)
        except LocalError as error:
            seen.append(error)

    monkeypatch.setattr(report._reader, "feed", slow_feed)
    reading, closing = threading.Thread(target=read), threading.Thread(target=report.close)
    reading.start()
    assert began.wait(10)
    closing.start()
    closing.join(0.05)
    assert closing.is_alive()
    go.set()
    for thread in (reading, closing):
        thread.join(10)
    assert str(seen[-1]).startswith("the report was closed before its end")


def test_forked_while_a_piece_is_decoded(rows, monkeypatch):
    """In the child nobody is there whose turn it was; what is half decoded is no report there."""
    report = rows(START + ROW.format(1) + LATER + ROW.format(2) + END)
    next(report)
    turn = report._turns.take()  # of this thread: it is the process that counts
    report._stepping = True
    own = os.getpid()
    monkeypatch.setattr(os, "getpid", lambda: own + 1)
    outcome = []
    thread = threading.Thread(target=lambda: outcome.append(failure(report)))
    thread.start()
    thread.join(10)
    assert str(outcome[0]).startswith("the process was forked while another thread read this report")
    report.close()
    assert str(failure(report)).startswith("the process was forked")
    assert not turn.is_over


def test_forked_between_pieces(rows, monkeypatch):
    """A child may read its copy on."""
    report = rows(START + ROW.format(1) + LATER + ROW.format(2) + END)
    next(report)
    own = os.getpid()
    monkeypatch.setattr(os, "getpid", lambda: own + 1)
    assert [bounce.email for bounce in report] == ["2@example.com"]


def test_it_cannot_be_duplicated(rows):
    """A copy or a pickle of a half-read report would be two readers of one file: refused."""
    report = rows(START + ROW.format(1) + LATER + END)
    for duplicate in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(TypeError, match="copied or pickled"):
            duplicate(report)
    assert len(list(report)) == 1
