"""The fuzz target of ``tools/fuzz.py``: a short form of it, and that it would notice."""

import importlib.util
import sys
import time
from datetime import timezone
from pathlib import Path

import pytest

PATH = Path(__file__).resolve().parents[2] / "tools" / "fuzz.py"
ROW = b"<value><struct><member><name>EMAIL</name><value>a</value></member></struct></value>"
ENDS = (
    b"<methodResponse><params><param><value><array><data>",
    b"</data></array></value></param></params></methodResponse>",
)


@pytest.fixture
def fuzz(monkeypatch):
    """The tool as a module; what it adds to the path is taken away again."""
    monkeypatch.setattr(sys, "path", list(sys.path))
    spec = importlib.util.spec_from_file_location("fuzz", str(PATH))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.slow
def test_short_run(fuzz, tmp_path, capsys):
    """Twelve hundred documents, most of them damaged and one of 1 MiB: nothing is found."""
    status = fuzz.main(["--count", "1200", "--seed", "short", "--out", str(tmp_path)])
    out = capsys.readouterr().out
    assert (status, list(tmp_path.iterdir())) == (0, []), out
    assert "1200 documents: damaged 1049, large 1, undamaged 150" in out
    assert "\n0 findings" in out


def test_runs_for_a_time(fuzz, capsys):
    """``--seconds`` ends it; ``--piece`` cuts every document alike."""
    assert fuzz.main(["--seconds", "0.01", "--piece", "64"]) == 0
    assert " documents: " in capsys.readouterr().out


def test_difference_found_and_made_smaller(fuzz, monkeypatch, tmp_path, capsys):
    """A path that gives other rows is a finding; what is left of the document is little, and can be read again."""
    right = fuzz.both_paths.outcome

    def wrong(pieces, fast, zone=None):
        if fast and b"Q" in b"".join(pieces):
            return "rows", []
        return right(pieces, fast, zone)

    monkeypatch.setattr(fuzz.both_paths, "outcome", wrong)
    only = "undamaged", ROW.join(ENDS) + b"<!--Q-->", fuzz.random
    monkeypatch.setattr(fuzz, "documents", lambda seed: iter([only]))
    monkeypatch.setattr(fuzz, "ZONES", (timezone.utc,))
    assert fuzz.main(["--seconds", "9", "--seed", "x", "--piece", "50", "--out", str(tmp_path)]) == 1
    assert "1 findings" in capsys.readouterr().out
    finding = tmp_path / "finding-x-1.txt"
    assert finding.read_text() == "# the paths differ\n([b'Q'], 0)\n"
    assert fuzz.main(["--replay", str(finding)]) == 1
    assert "fast: ('rows', [])" in capsys.readouterr().out
    monkeypatch.setattr(fuzz.both_paths, "outcome", right)
    assert fuzz.main(["--replay", str(finding)]) == 0
    assert capsys.readouterr().out.endswith("nothing wrong\n")


def test_zone_kept_in_a_finding(fuzz, tmp_path, capsys):
    """The time zone that a document was read with is part of the finding."""
    name = str(tmp_path / "finding.txt")
    fuzz.report([b"a", b"b"], timezone.utc, "nothing at all", name)
    assert fuzz.ZONES.index(timezone.utc) == 2
    assert Path(name).read_text() == "# nothing at all\n([b'a', b'b'], 2)\n"
    assert fuzz.replay(name) == ""


@pytest.mark.parametrize(
    "results, expected",
    [
        (("rows", "rows", "rows"), ""),
        (("rows", "rows", "other"), "the pieces matter"),
        (("rows", "other", "other"), "the paths differ"),
        ((KeyError(), "rows", "rows"), "fast raises KeyError"),
        (("rows", RecursionError(), "rows"), "general raises RecursionError"),
        (("rows", "rows", UnicodeDecodeError("utf-8", b"", 0, 0, "")), "whole raises UnicodeDecodeError"),
    ],
)
def test_kinds_of_findings(fuzz, monkeypatch, results, expected):
    """Rows that depend on the path or on the pieces, and every exception that is not a MailkitError."""
    queue = list(results)

    def scripted(pieces, fast, zone):
        result = queue.pop(0)
        if isinstance(result, Exception):
            raise result
        return "rows", [result]  # an outcome of its own

    monkeypatch.setattr(fuzz.both_paths, "outcome", scripted)
    assert fuzz.problem([b"a"]) == expected


def test_limits_found(fuzz, monkeypatch):
    """A reading that takes too long or too much memory is a finding."""

    def hungry(pieces, fast, zone):
        begun = time.process_time()
        block = [bytes(3000000)]
        while time.process_time() - begun < 0.02:
            pass
        return "rows", [len(block)]

    monkeypatch.setattr(fuzz.both_paths, "outcome", hungry)
    assert fuzz.problem([b"a"]) == fuzz.problem([b"a"], traced=True) == ""
    monkeypatch.setattr(fuzz, "SECONDS", 0.01)
    monkeypatch.setattr(fuzz, "MEMORY", 2000000)
    assert fuzz.problem([b"a"]) == "fast takes too long"
    assert fuzz.problem([b"a"], traced=True) == "fast takes too much memory"
