"""A report is given out sorted by key, each key once, whatever its size; its temporary file leaves nothing behind."""

import io
import tempfile
from datetime import datetime
from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailkit_xmlrpc import Bounce, LocalError
from mailkit_xmlrpc.sync import collected
from mailkit_xmlrpc.sync.collected import report_of


def bounce(message, minute=0, reason=""):
    date = None if minute is None else datetime(2024, 3, 1, 8, minute)
    return Bounce(7, "a@example.com", None, None, message, date, "", "", "", reason)


@pytest.fixture(params=["memory", "file", "runs"])
def size(request, monkeypatch):
    """Reports in memory, in a file, and in a file sorted in many runs."""
    if request.param != "memory":
        monkeypatch.setattr(collected, "_MEMORY", 1000)
        monkeypatch.setattr(collected, "_CHUNK", 3)
    if request.param == "runs":
        monkeypatch.setattr(collected, "_RUN", 32)
    return request.param


@pytest.mark.parametrize("same", [1, 2, 9, 10, 11, 150])
def test_rows_of_one_message(size, same):
    """However many rows a message has, they are numbered by date (none is first), then by place, and sorted by key."""
    rows = [bounce(5, minute % 60, str(minute)) for minute in range(same - 1)] + [bounce(5, None, "undated")]
    others = [bounce(4), bounce(50), bounce(6), bounce(None), bounce(None)]
    report = report_of(others[:2] + rows[::-1] + others[2:])
    keyed = list(report.keyed())
    report.close()
    assert [row[0] for row in keyed] == sorted({row[0] for row in keyed}) and len(keyed) == report.rows == same + 5
    reasons = {key: record[7] for key, _, record in keyed}
    by_number = [reasons["5"]] + [reasons["5#{}".format(number)] for number in range(2, same + 1)]
    assert by_number[0] == "undated"
    minutes = [int(reason) % 60 for reason in by_number[1:]]
    assert minutes == sorted(minutes)
    assert {"4", "50", "6"} < set(reasons)


@given(st.lists(st.tuples(st.none() | st.integers(0, 30), st.none() | st.integers(0, 5), st.sampled_from("ab"))))
def test_any_rows(rows):
    """Each row has a key of its own, in any order of rows the same one, and keys are sorted."""
    found = []
    for some in (rows, rows[::-1]):
        report = report_of(bounce(*row) for row in some)
        found.append([row[0] for row in report.keyed()])
        assert list(report.keyed()) == list(report.keyed())
        report.close()
    assert found[0] == found[1] == sorted(set(found[0])) and len(found[0]) == len(rows)


def test_wanted_rows_keep_their_keys(size):
    """Rows that are not wanted are left out, and count for the keys of the others."""
    rows = [bounce(5, minute, "odd" if minute % 2 else "even") for minute in range(12)]
    report = report_of(rows, lambda row: row.reason == "odd")
    assert sorted(row[0] for row in report.keyed()) == ["5#10", "5#12", "5#2", "5#4", "5#6", "5#8"]
    assert not report.is_whole and report.rows == 12
    report.close()


def test_fingerprint(size):
    """Equal reports have one fingerprint, whatever objects their rows are made of; others have another one."""
    texts = ["".join(["r", str(number)]) for number in range(5)]

    def fingerprint(rows):
        report = report_of(rows)
        report.close()
        report.close()
        return report.fingerprint

    one = fingerprint(bounce(number, 1, text) for number, text in enumerate(texts))
    assert one == fingerprint([bounce(number, 1, "r{}".format(number)) for number in range(5)])
    assert one != fingerprint([bounce(number, 1, "r{}".format(number)) for number in range(4)])
    assert one != fingerprint([bounce(number, 2, "r{}".format(number)) for number in range(5)])


def test_rows_that_break_off(size):
    """What raises while rows are collected passes, and so does a reader that stops early."""

    def half():
        yield from (bounce(number) for number in range(100))
        raise KeyError("half")

    with pytest.raises(KeyError):
        report_of(half())
    report = report_of(bounce(number) for number in range(200))
    rows = report.keyed()
    assert len(list(islice(rows, 50))) == 50
    rows.close()
    report.close()


class Broken:
    """A temporary file that fails at one thing."""

    def __init__(self, fails):
        self.fails = fails
        self.file = io.BytesIO()

    def __getattr__(self, name):
        if name == self.fails:
            raise OSError(28, "No space left on device")
        return getattr(self.file, name)


@pytest.mark.parametrize("fails, done", [("write", "written"), ("read", "read"), ("", "written"), ("close", None)])
def test_temporary_file_that_fails(monkeypatch, fails, done):
    """A temporary file that cannot be made, written or read is this machine's fault, and says why."""
    monkeypatch.setattr(collected, "_MEMORY", 0)

    def made(**options):
        if not fails:
            raise OSError(24, "Too many open files")
        return Broken(fails)

    monkeypatch.setattr(tempfile, "TemporaryFile", made)

    def used():
        report = report_of([bounce(1)])
        try:
            return list(report.keyed())
        finally:
            report.close()

    if done is None:
        assert len(used()) == 1
    else:
        with pytest.raises(LocalError, match="the temporary file of a report cannot be {}: (No|Too)".format(done)):
            used()
