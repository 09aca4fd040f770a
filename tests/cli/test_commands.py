"""The commands that say what bounces mean: summary, suppress, explain, doctor, completion; fetch's files."""

import json
import os
import re
import sqlite3
import stat
import sys
from datetime import datetime
from pathlib import Path

import pytest

from mailkit_xmlrpc import Bounce, __version__, cli
from mailkit_xmlrpc.cli.formats import render
from mailkit_xmlrpc.simulator import Simulator
from mailkit_xmlrpc.simulator.sample import SampleReport
from tests.cli.given import run

MEANING = Path(__file__).resolve().parents[2] / "fixtures" / "meaning"
SAMPLE = [
    {"EMAIL": "a@example.com", "STATUS": "5.1.1", "BOUNCE_CAT": "bad-mailbox", "ID_SEND_MESSAGE": 1, "REASON": "=gone"},
    {"EMAIL": "b@example.org", "STATUS": "4.2.2", "BOUNCE_CAT": "full-mailbox", "DATE": "2024-03-01 08:30:00"},
    {"EMAIL": "c\x7f@example.org", "STATUS": "5.7.1", "BOUNCE_CAT": "spam-related", "DATE": "2024-03-02 08:30:00"},
]


@pytest.fixture(autouse=True)
def account(use_account):
    """A simulator with the report 7, and its account in the environment."""
    with Simulator(reports={7: SAMPLE, 8: []}) as simulator:
        use_account(simulator.url)
        yield simulator


@pytest.fixture
def saved(tmp_path):
    """A file with 500 saved rows."""
    rows = (
        Bounce(
            123456,
            row["EMAIL"],
            row["ID_EMAIL"],
            row["ID_USER_LIST"],
            row["ID_SEND_MESSAGE"],
            row["DATE"].replace(microsecond=0),
            row["STATUS"],
            row["EMAIL_STATUS"],
            row["BOUNCE_CAT"],
            row["REASON"],
        )
        for row in SampleReport(500)
    )
    path = tmp_path / "rows.jsonl"
    path.write_text("".join(render(rows, "jsonl")), encoding="utf-8")
    return str(path)


# --- fetch: filters, columns, files ----------------------------------------------------------------------------------


def test_fetch_filters_and_columns(capfd):
    """Filters leave rows, columns choose and order cells, what a row means among them."""
    out = run(capfd, "fetch", 7, "--kind", "hard", "--kind", "soft", "--columns", "kind,email,reason", "-o", "csv").out
    assert out == "kind,email,reason\nhard,a@example.com,'=gone\nsoft,b@example.org,\n"


def test_fetch_explains(capfd):
    """The reason for a kind is a column too."""
    out = run(capfd, "fetch", 7, "--domain", "example.com", "--columns", "explain", "-o", "jsonl").out
    assert json.loads(out)["explain"].startswith("hard: BOUNCE_CAT bad-mailbox means hard")


def test_fetch_to_a_file(capfd, tmp_path):
    """A file holds what standard output would, for its owner alone; standard output stays empty."""
    path = tmp_path / "rows.csv"
    expected = run(capfd, "fetch", 7, "-o", "csv").out
    assert run(capfd, "fetch", 7, "-o", "csv", "-O", path).out == ""
    assert path.read_text(encoding="utf-8") == expected
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert os.listdir(str(tmp_path)) == ["rows.csv"]


def test_fetch_to_a_file_is_jsonl(capfd, tmp_path):
    """Without -o a file is JSON lines, also where standard output is a terminal."""
    path = tmp_path / "rows"
    run(capfd, "fetch", 7, "-O", path)
    assert len([json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]) == 3


@pytest.mark.parametrize("output", ["csv", "sqlite"])
def test_fetch_to_a_file_whole_or_not_at_all(capfd, tmp_path, output):
    """A delivery that fails leaves the file as it was, and leaves none where there was none."""
    path = tmp_path / "rows"
    run(capfd, "fetch", 7, 9, "-o", output, "-O", path, code=5)
    assert os.listdir(str(tmp_path)) == []
    run(capfd, "fetch", 7, "-o", output, "-O", path)
    before = path.read_bytes()
    run(capfd, "fetch", 8, 9, "-o", output, "-O", path, code=5)
    assert path.read_bytes() == before
    assert os.listdir(str(tmp_path)) == ["rows"]


def test_fetch_to_a_file_keep_going(capfd, tmp_path):
    """With --keep-going a delivery that was refused as a whole is left out, and the exit code says so."""
    path = tmp_path / "rows"
    run(capfd, "fetch", 9, 7, "-o", "jsonl", "-O", path, "--keep-going", code=1)
    assert len(path.read_text(encoding="utf-8").splitlines()) == 3


def test_fetch_to_a_file_never_half_a_report(capfd, tmp_path, account):
    """With --keep-going too, no file holds half a report."""
    account.reports[10] = [dict(SAMPLE[0], REASON="x" * 1000)] * 1000 + [{"EMAIL": "\x01"}]
    path = tmp_path / "rows"
    err = run(capfd, "fetch", 7, 10, 7, "-o", "jsonl", "-O", path, "--keep-going", code=7).err
    assert "are not its whole report" in err
    assert os.listdir(str(tmp_path)) == []


def test_fetch_to_what_is_no_file(capfd, tmp_path):
    """Nothing but an ordinary file is replaced."""
    assert "-O {} is a directory".format(tmp_path) in run(capfd, "fetch", 7, "-O", tmp_path, code=2).err
    err = run(capfd, "fetch", 7, "-O", tmp_path / "none" / "rows", code=2).err
    assert "-O/--output-file: there is no directory {}".format(tmp_path / "none") in err


def test_fetch_to_sqlite(capfd, tmp_path):
    """SQLite again without duplicates."""
    path = tmp_path / "bounces.db"
    for _ in range(2):
        run(capfd, "fetch", 7, 8, "-o", "sqlite", "-O", path)
    database = sqlite3.connect(str(path))
    assert database.execute("SELECT count(*) FROM mailkit_bounce").fetchone() == (3,)
    database.close()


@pytest.mark.parametrize(
    "argv, text",
    [
        ("-o sqlite", "-o sqlite needs -O FILE"),
        ("-o sqlite -O x --columns email", "-o sqlite always stores all columns"),
        ("--raw -o json", "--raw goes with -o csv or -o tsv"),
        ("--columns x", "columns are id_send"),
        ("--since someday", "a date looks like"),
        ("--kind firm", "it must be one of hard, soft, block, unknown"),
    ],
)
def test_fetch_options_that_contradict(capfd, argv, text):
    """Options that make no sense are refused before anything is sent."""
    assert text in run(capfd, "fetch", 7, *argv.split(), code=2).err


# --- summary ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("columns", [60, 160])
def test_summary_exactly(capfd, saved, monkeypatch, columns):
    """The text of a summary, for a narrow and a wide pipe, as reviewed."""
    monkeypatch.setenv("COLUMNS", str(columns))
    out = run(capfd, "summary", "--from", saved, "--sent", 10000).out
    assert out == (MEANING / "summary-{}.txt".format(columns)).read_text(encoding="utf-8")
    assert max(map(len, out.splitlines()[:-2])) <= columns


def test_summary_of_a_fetch(capfd, tmp_path):
    """A summary fetches by itself, and is written to a file when asked for; a stranger's words cannot act."""
    path = tmp_path / "summary.txt"
    run(capfd, "summary", 7, "-O", path)
    text = path.read_text(encoding="utf-8")
    assert text.startswith("3 bounces\n")
    assert "(no date)" in text
    assert "By hour\n  2024-03-01 08:00  1" in text


def test_summary_of_nothing(capfd):
    """No rows are no bars."""
    assert run(capfd, "summary", 8).out == "0 bounces\n"
    assert run(capfd, "summary", 8, "--sent", 5).out == "0 bounces of 5 sent\n"


def test_summary_as_json(capfd, saved):
    """As JSON all numbers are there, and they are those of the rows."""
    result = json.loads(run(capfd, "summary", "--from", saved, "-o", "json", "--sent", 10000, "--top", 2).out)
    assert (result["bounces"], result["share"], len(result["domains"])) == (500, 0.05, 2)
    assert sum(result["by_kind"].values()) == 500
    hard = run(capfd, "summary", "--from", saved, "-o", "json", "--kind", "hard").out
    assert json.loads(hard)["bounces"] == result["by_kind"]["hard"]
    assert sum(domain["bounces"] for domain in result["domains"]) + result["other_domains"] == 500


def test_summary_needs_one_source(capfd, saved):
    """Deliveries or a file: one of them, not both."""
    for argv in ([], [7, "--from", saved]):
        assert (
            "give the ID_SEND of deliveries (or --campaign, --ids-from), --from FILE, or --db FILE or URL"
            in run(capfd, "summary", *argv, code=2).err
        )


def test_summary_of_a_failed_fetch(capfd, tmp_path):
    """A failed call is no summary."""
    captured = run(capfd, "summary", 7, 9, "-O", tmp_path / "x", code=5)
    assert captured.out == "" and os.listdir(str(tmp_path)) == []


# --- suppress --------------------------------------------------------------------------------------------------------


def test_suppress(capfd):
    """A plan names address, kind and reason; what it is not is said on standard error."""
    captured = run(capfd, "suppress", 7, "-o", "csv")
    assert captured.out == (
        "email,id_email,kind,why,bounces,first,last,status,bounce_cat\n"
        'a@example.com,,hard,"hard: BOUNCE_CAT bad-mailbox means hard, and STATUS 5.1.1 (no such mailbox) agrees.",1,,,'
        "5.1.1,bad-mailbox\n"
    )
    assert captured.err == (
        "mailkit-bounces: a plan for 1 address (1 hard, 0 soft) from 3 rows; nothing was changed anywhere\n"
    )


def test_suppress_windows_and_soft(capfd):
    """Windows leave rows out, the number of soft ones can be chosen; both are told."""
    captured = run(capfd, "suppress", 7, "--soft-count", 1, "--soft-days", 1, "--exclude", "example.com", "-o", "jsonl")
    assert json.loads(captured.out)["email"] == "b@example.org"
    assert captured.err.endswith("; 1 row in an excluded window\n")
    for window in ("*,2024-03-01", "*,,2024-03-01", "*,2024-03-01T08:30,2024-03-01T08:31"):
        assert run(capfd, "suppress", 7, "--soft-count", 1, "--exclude", window, "-o", "jsonl").out == ""
    out = run(capfd, "suppress", 7, "--soft-count", "none", "-o", "jsonl").out
    assert [json.loads(line)["email"] for line in out.splitlines()] == ["a@example.com"]


def test_suppress_guard(capfd, tmp_path):
    """The guard refuses, and then there is no file."""
    path = tmp_path / "plan.csv"
    err = run(capfd, "suppress", 7, "--sent", 10, "--max-share", "5%", "-O", path, code=2).err
    assert err.startswith("mailkit-bounces: the plan would suppress 1 address, 10.0 % of 10 sent")
    assert err.count("\n") == 1 and not path.exists()
    run(capfd, "suppress", 7, "--sent", 10, "--max-share", "0.1", "-O", path)
    assert ",hard," in path.read_text(encoding="utf-8").splitlines()[1]


@pytest.mark.parametrize(
    "argv, text",
    [
        ("--max-share 5%", "--max-share needs --sent"),
        ("--max-share 101% --sent 1", "a share looks like"),
        ("--max-share % --sent 1", "a share looks like"),
        ("--max-share 1%% --sent 1", "a share looks like"),
        ("--max-share much --sent 1", "a share looks like"),
        ("--exclude ,2024-03-01", "a window looks like"),
        ("--exclude a,b", "a date looks like"),
        ("--exclude a,2024-03-01,2024-03-02,x", "a window looks like"),
        ("--soft-count 0", "a whole number of at least 1"),
        ("--sent -1", "a whole number of at least 1"),
    ],
)
def test_suppress_options_that_cannot_be(capfd, argv, text):
    """Options that make no sense are refused."""
    assert text in run(capfd, "suppress", 7, *argv.split(), code=2).err


def test_suppress_tells_what_did_not_count(capfd, tmp_path):
    """Rows that could not count are told."""
    path = tmp_path / "rows.csv"
    path.write_text("id_send,email,status,bounce_cat,date,id_email\n1,a@example.com,4.2.2,,,\n1,,5.1.1,,,\n")
    err = run(capfd, "suppress", "--from", path, "-o", "csv").err
    assert "; 1 row soft without a date, which counts for nothing; 1 row without an address\n" in err


# --- explain ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name, argv",
    [
        ("code", ["5.1.1"]),
        ("category", ["bad-mailbox"]),
        ("both", ["bad-mailbox", "4.4.2"]),
        ("other", ["other"]),
        ("unregistered", ["5.4.99"]),
        ("word", ["\x1b[31m=cmd"]),
    ],
)
def test_explain_exactly(capfd, monkeypatch, name, argv):
    """What a code or a category means, with source and doubt, as reviewed; it asks nobody."""
    monkeypatch.delenv("MAILKIT_CLIENT_MD5")
    out = run(capfd, "explain", *argv).out
    assert out == (MEANING / "explain-{}.txt".format(name)).read_text(encoding="utf-8")


def test_explain_a_mistyped_word(capfd):
    """The word that was meant is offered."""
    assert "that we know (did you mean bad-mailbox?)\n" in run(capfd, "explain", "Bad-Malbox").out


# --- completion, help ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("shell", ["bash", "zsh", "tcsh"])
def test_completion(capfd, shell):
    """shtab knows all commands and options."""
    pytest.importorskip("shtab")
    out = run(capfd, "completion", shell).out
    for word in ("suppress", "doctor", "max-share", "keep-going"):
        assert word in out
    assert "--md5-file" in out or "md5-file" in out


def test_completion_without_shtab(capfd, monkeypatch):
    """Without the extra it says what to install."""
    monkeypatch.setitem(sys.modules, "shtab", None)
    assert "pip install shtab" in run(capfd, "completion", "bash", code=2).err


def test_help_has_examples_that_parse(capfd):
    """Each command's help shows examples, and each of them is a command line that can be parsed."""
    parser = cli.build_parser()
    for command in cli.COMMANDS:
        examples = run(capfd, command, "--help").out.split("examples:\n")[1].splitlines()
        words = [re.split("&&| [|] ", line.split(" > ")[0])[-1].split() for line in examples if line.startswith("  ")]
        assert words
        for line in words:
            at = line.index("mailkit-bounces")
            argv = [word.strip("'") for word in line[at + 1 :]]
            assert parser.parse_args(argv).command == argv[0]


def test_version_still(capfd):
    """--version is the package's."""
    assert run(capfd, "--version").out == "mailkit-bounces {}\n".format(__version__)


def test_sample_report_is_the_same_each_time():
    """The demo's larger report is made from a seed: the same rows in every run, others for another seed."""
    assert list(SampleReport(50)) == list(SampleReport(50)) != list(SampleReport(50, seed=2))
    assert all(isinstance(row["DATE"], datetime) for row in SampleReport(50))
