"""Plans as files: changes since an earlier one, and hashes in the place of addresses."""

import csv
import hashlib
import io
import json

import pytest

from mailkit_xmlrpc import Bounce, LocalError
from mailkit_xmlrpc.cli import main, plans
from mailkit_xmlrpc.cli.formats import render
from tests.cli.given import Terminal, run
from tests.support.extras import needed
from tests.support.saved_rows import EXTRAS

FORMATS = ("csv", "tsv", "json", "jsonl", "xlsx", "parquet")


def rows_in(tmp_path, *emails, name="rows.jsonl"):
    """The path of a file with a hard bounce of each of *emails*."""
    rows = [
        Bounce(7, email, number, None, number, None, "5.1.1", "", "bad-mailbox", "")
        for number, email in enumerate(emails)
    ]
    path = tmp_path / name
    path.write_text("".join(render(rows, "jsonl")), encoding="utf-8")
    return path


def plan(capfd, tmp_path, *emails, options=()):
    """What ``suppress`` prints as JSON lines about bounces of *emails*, and what it says."""
    captured = run(capfd, "suppress", "--from", rows_in(tmp_path, *emails), "-o", "jsonl", *options)
    return [json.loads(line) for line in captured.out.splitlines()], captured.err


@pytest.mark.parametrize("output", FORMATS)
@pytest.mark.parametrize("hashed", [[], ["--hashed", "sha256"]])
def test_changes(capfd, tmp_path, output, hashed):
    """What was added and what was removed, by a plan in any format; an address in another form is the same."""
    needed(*EXTRAS.get(output, ("json",)))
    earlier = tmp_path / ("plan." + output)
    before = "a@example.com", "B@Example.com", "=c@example.com", "+420-d@example.com"
    run(capfd, "suppress", "--from", rows_in(tmp_path, *before), "-O", earlier, *hashed)
    lines, err = plan(capfd, tmp_path, "new@example.com", "a@EXAMPLE.com.", options=["--since-plan", earlier] + hashed)
    whole, _ = plan(capfd, tmp_path, *before, options=hashed)
    fresh, _ = plan(capfd, tmp_path, "new@example.com", options=hashed)
    name = "email_sha256" if hashed else "email"
    assert [line["change"] for line in lines] == ["added"] + ["removed"] * 3
    assert list(lines[0]) == ["change"] + list(fresh[0])
    assert lines[0] == dict(fresh[0], change="added")
    expected = [dict(line, change="removed") for line in whole if line["id_email"] != 0]
    assert sorted(lines[1:], key=lambda line: line[name]) == sorted(expected, key=lambda line: line[name])
    assert "a plan for 2 addresses" in err and err.endswith("; nothing was changed anywhere; 1 added and 3 removed\n")


def test_nothing_changed(capfd, tmp_path):
    """The same plan again is no change; CSV is its header then."""
    path = tmp_path / "plan.csv"
    run(capfd, "suppress", "--from", rows_in(tmp_path, "a@example.com"), "-O", path)
    captured = run(capfd, "suppress", "--from", rows_in(tmp_path, "a@example.com"), "-o", "csv", "--since-plan", path)
    assert captured.out == "change,email,id_email,kind,why,bounces,first,last,status,bounce_cat\n"
    assert captured.err.endswith("; 0 added and 0 removed\n")


def test_many_lines(capfd, tmp_path, monkeypatch):
    """The earlier plan is kept some lines at a time; none is lost."""
    monkeypatch.setattr(plans, "_BATCH", 3)
    path = tmp_path / "plan.csv"
    emails = ["a{}@example.com".format(number) for number in range(8)]
    run(capfd, "suppress", "--from", rows_in(tmp_path, *emails), "-O", path)
    lines, _ = plan(capfd, tmp_path, *emails[:2], options=["--since-plan", path])
    assert sorted(line["email"] for line in lines) == emails[2:]


def test_empty_plan(capfd, tmp_path):
    """An empty plan as JSON lines is a file of nothing: refused, unless it is said to be one."""
    path = tmp_path / "plan.jsonl"
    path.write_text("")
    asked = ["suppress", "--from", rows_in(tmp_path, "a@example.com"), "--since-plan", path]
    assert "--since-plan {} is empty".format(path) in run(capfd, *asked, code=2).err
    assert json.loads(run(capfd, *asked, "--allow-empty").out)["change"] == "added"


def test_hashes(capfd, tmp_path):
    """The hash is that of the address in the form in which it is compared; no address is written anywhere."""
    emails = "Anna@EXAMPLE.com", " <Anna@example.com> ", "jiří@xn--hkyrky-ptac70bc.example", "half\ud800@example.com"
    captured = run(capfd, "suppress", "--from", rows_in(tmp_path, *emails), "--hashed", "sha256", "-o", "csv")
    lines = list(csv.DictReader(io.StringIO(captured.out)))
    compared = "Anna@example.com", "jiří@háčkyčárky.example", "half\ud800@example.com"
    digests = {hashlib.sha256(email.encode("utf-8", "surrogatepass")).hexdigest() for email in compared}
    assert {line["email_sha256"] for line in lines} == digests
    assert "@" not in captured.out and "email" not in lines[0]


@pytest.mark.parametrize("since", [False, True])
def test_no_address_beside_a_hash(capfd, tmp_path, since):
    """Nor does a word of a server tell an address where hashes stand, in a plan or in what was removed from it."""
    row = Bounce(7, "a@example.com", 1, None, 1, None, "5.1.1 <a@example.com>", "", "bad-mailbox", "")
    path, options = tmp_path / "rows.jsonl", ["-o", "jsonl", "--hashed", "sha256"]
    path.write_text("".join(render([row], "jsonl")), encoding="utf-8")
    if since:
        run(capfd, "suppress", "--from", path, "-O", tmp_path / "plan.csv")
        path, options = rows_in(tmp_path), options + ["--since-plan", tmp_path / "plan.csv", "--allow-empty"]
    (line,) = map(json.loads, run(capfd, "suppress", "--from", path, *options).out.splitlines())
    assert line["status"] == "5.1.1 <address>" and "@" not in str(line)


def test_kinds_of_plans(capfd, tmp_path):
    """A plain plan can be compared with a hashed one, but not the other way round: a hash tells no address."""
    for hashed in ([], ["--hashed", "sha256"]):
        path = tmp_path / "plan.csv"
        run(capfd, "suppress", "--from", rows_in(tmp_path, "a@example.com", "b@example.com"), "-O", path, *hashed)
        options = ["--since-plan", path, "--hashed", "sha256"]
        (line,), _ = plan(capfd, tmp_path, "a@example.com", options=options)
        assert line["change"] == "removed" and len(line["email_sha256"]) == 64 and "email" not in line
    err = run(capfd, "suppress", "--from", rows_in(tmp_path, "a@example.com"), "--since-plan", path, code=2).err
    assert "--since-plan {} has hashes in the place of addresses: give --hashed sha256, too".format(path) in err


def test_no_room(tmp_path):
    """Where the temporary file fails, this machine is at fault."""
    path = tmp_path / "plan.jsonl"
    path.write_text(json.dumps(LINE) + "\n")
    changes = plans.Changes(iter(()), str(path), False, False)
    changes._database.execute("CREATE TABLE earlier (x)")
    with pytest.raises(LocalError, match="cannot keep the earlier plan in a temporary file"):
        next(changes)
    changes.close()


LINE = {
    "email": "a@example.com",
    "id_email": 1,
    "kind": "hard",
    "why": "",
    "bounces": 1,
    "first": None,
    "last": "2014-12-23T12:36:02",
    "status": "5.1.1",
    "bounce_cat": "",
}


@pytest.mark.parametrize(
    "change",
    [
        {"kind": "other"},
        {"email": ""},
        {"email": 1},
        {"bounces": "many"},
        {"bounces": 1.5},
        {"id_email": True},
        {"first": "yesterday"},
        {"change": "added"},
        {"why": 5},
        None,
    ],
)
def test_file_that_is_no_plan(capfd, tmp_path, change):
    """What suppress did not write whole is refused, changes since a plan among it; an older file stays."""
    path = tmp_path / "plan.jsonl"
    record = {"email": "a@example.com", "status": "5.1.1"} if change is None else dict(LINE, **change)
    path.write_text(json.dumps(LINE) + "\n" + json.dumps(record) + "\n")
    target = tmp_path / "changes.csv"
    target.write_text("older")
    asked = ["suppress", "--from", rows_in(tmp_path, "a@example.com"), "--since-plan", path, "-O", target]
    err = run(capfd, *asked, code=2).err
    assert err == "mailkit-bounces: --since-plan {} is not what suppress writes; reading stopped after row 2\n".format(
        path
    )
    assert target.read_text() == "older"


def test_database_is_no_plan(capfd, tmp_path):
    """Neither is a database of bounces."""
    path = tmp_path / "x.db"
    from mailkit_xmlrpc.cli.formats.database import store

    store([Bounce(7, "a@example.com", None, None, None, None, "", "", "", "")], str(path))
    err = run(capfd, "suppress", "--from", rows_in(tmp_path, "a@example.com"), "--since-plan", path, code=2).err
    assert "is not what suppress writes" in err


@pytest.mark.parametrize("hashed", [[], ["--hashed", "sha256"]])
@pytest.mark.parametrize("since", [False, True])
def test_table_fits_a_terminal(tmp_path, capfd, monkeypatch, hashed, since):
    """On a terminal of 80 columns a plan is one line for each address, cut with an ellipsis; a pipe's is not cut."""
    source = rows_in(tmp_path, "anna.somebody.with.a.long.name@mail.example.com")
    empty = tmp_path / "plan.csv"
    run(capfd, "suppress", "--from", rows_in(tmp_path, name="none.jsonl"), "-O", empty, "--allow-empty", *hashed)
    asked = ["suppress", "--from", source, "-o", "table"] + hashed
    asked += ["--since-plan", empty, "--allow-empty"] if since else []
    piped = run(capfd, *asked).out.splitlines()
    terminal = Terminal()
    with monkeypatch.context() as patched:
        patched.setenv("TERM", "dumb")  # no bold letters
        patched.setattr("sys.stdout", terminal)
        assert main([str(word) for word in asked]) == 0
        terminal.flush()
    shown = terminal.bytes.getvalue().decode("utf-8").splitlines()
    address = "email_sha256" if hashed else "email"
    heads = (["change"] if since else []) + [address, "kind", "bounces", "last", "why"]
    assert piped[0].split() == heads and "\u2026" not in "".join(piped)
    assert [line.split() for line in shown if address in line] == [heads]
    assert max(map(len, shown)) <= 80 and "\u2026" in "".join(shown)
    whole = tmp_path / "plan.txt"
    run(capfd, *(asked + ["-O", whole]))
    assert whole.read_text(encoding="utf-8").split("\n")[0].split()[-2:] == ["status", "bounce_cat"]
