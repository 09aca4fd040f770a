"""``check``: silent where all is well, one line and 8 where a limit is passed, and never 0 where it could not know."""

import os
import re
import shutil
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import mailkit_xmlrpc
from mailkit_xmlrpc import Bounce, Delivery, MailkitClient
from mailkit_xmlrpc.cli import limits, main
from mailkit_xmlrpc.cli.formats import render
from mailkit_xmlrpc.simulator import Simulator
from tests.cli.given import run

ROWS = [
    {"EMAIL": "a@example.com", "STATUS": "5.1.1", "BOUNCE_CAT": "bad-mailbox", "ID_SEND_MESSAGE": 1},
    {"EMAIL": "b@example.com", "STATUS": "5.1.1", "BOUNCE_CAT": "bad-mailbox", "ID_SEND_MESSAGE": 2},
    {"EMAIL": "c@example.org", "STATUS": "4.2.2", "BOUNCE_CAT": "full-mailbox", "ID_SEND_MESSAGE": 3},
    {"EMAIL": "d@example.org", "STATUS": "smtp; 5.7.1 x", "BOUNCE_CAT": "spam-related", "ID_SEND_MESSAGE": 4},
]


@pytest.fixture
def mailkit(use_account):
    """A simulator: the delivery 7 of 100 messages has the rows, 8 of as many has none, 9 is of another campaign."""
    with Simulator(reports={}, campaigns={}) as simulator:
        for id_send, rows, campaign in ((7, ROWS, 70), (8, [], 70), (9, ROWS, 71)):
            simulator.add(id_send, rows, campaign=campaign, send_count=100)
        simulator.campaigns[72] = []
        use_account(simulator.url)
        yield simulator


def file_of(tmp_path, rows=ROWS, id_send=7):
    """The path of a file of JSON lines with *rows*."""
    bounces = [
        Bounce(id_send, row["EMAIL"], 1, 1, row["ID_SEND_MESSAGE"], None, row["STATUS"], "", row["BOUNCE_CAT"], "")
        for row in rows
    ]
    path = tmp_path / "rows.jsonl"
    path.write_text("".join(render(bounces, "jsonl")), encoding="utf-8")
    return path


# --- limits ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text, number",
    [
        ("all", 4),
        ("hard", 2),
        ("soft", 1),
        ("block", 1),
        ("unknown", 0),
        ("domain:example.com", 2),
        ("domain: EXAMPLE.com", 2),
        ("domain:example.net", 0),
        ("category:Bad-Mailbox", 2),
        ("category:other", 0),
        ("status:5.1.1", 2),
        ("status:5.*", 3),
        ("status:*", 4),
    ],
)
def test_what_counts(capfd, tmp_path, text, number):
    """Each sort of bounces: at its number it is well, and one below it is passed."""
    path = file_of(tmp_path)
    assert run(capfd, "check", "--from", path, "--fail-if", "{}>{}".format(text, number)) == ("", "")
    if number:
        out, err = run(capfd, "check", "--from", path, "--fail-if", " {} > {} ".format(text, number - 1), code=8)
        shown = text.replace(": ", ":")
        assert (out, err) == ("mailkit-bounces: {}>{} ({})\n".format(shown, number - 1, number), "")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hard",
        "hard>",
        "hard>x",
        "hard>-1",
        "hard<5",
        "hard>1.5",
        "hard>101%",
        "hard:x>1",
        "hards>1",
        "domain>1",
        "domain:>1",
        "domain:@>1",
        "status:>1",
        "category:>1",
        "all>1 %%",
    ],
)
def test_limit_that_is_none(capfd, text):
    """What is no limit is refused, with what one looks like."""
    assert "a limit looks like hard>2%" in run(capfd, "check", 7, "--fail-if", text, code=2).err


def test_limit_is_needed(capfd):
    """Without a limit, or without rows, there is nothing to check."""
    assert "give the ID_SEND" in run(capfd, "check", "--fail-if", "all>1", code=2).err
    assert "--fail-if" in run(capfd, "check", 7, code=2).err


@given(st.integers(0, 10**9), st.integers(1, 10**9), st.integers(0, 10000))
def test_property_percent_are_exact(count, sent, hundredths):
    """A share is passed exactly where the numbers say so: 29 of 100 are not more than 29 %."""
    one = limits.limit("all>{}.{:02d}%".format(*divmod(hundredths, 100)))
    assert limits.Reached(one, count, sent).is_passed == (count * 10000 > hundredths * sent)


def test_percent_of_nothing():
    """Where nothing was sent, any bounce is too many, and the text does not divide."""
    reached = limits.Reached(limits.limit("all>50%"), 1, 0)
    assert reached.is_passed and str(reached) == "all>50% (nothing sent: 1 of 0)"
    assert not limits.Reached(limits.limit("all>50%"), 0, 0).is_passed


def test_rows_that_do_not_count(capfd, tmp_path):
    """Rows that are left out are told with -v; without it cron hears nothing."""
    asked = ["check", "--from", file_of(tmp_path), "--fail-if", "all>2", "--kind", "hard"]
    assert run(capfd, *asked) == ("", "")
    assert "2 rows were left out, as the options ask" in run(capfd, *asked, "-v").err


# --- what percent are of ---------------------------------------------------------------------------------------------


def test_percent_of_sent(capfd, mailkit):
    """Percent are of --sent; the line tells numbers and deliveries."""
    assert run(capfd, "check", 7, "--sent", 100, "--fail-if", "hard>2%") == ("", "")
    out, err = run(
        capfd, "check", 7, 8, "--sent", 99, "--fail-if", "hard>2%", "--fail-if", "soft>1", "--fail-if", "all>3", code=8
    )
    assert (out, err) == ("mailkit-bounces: hard>2% (2.0 %: 2 of 99), all>3 (4); ID_SEND 7, 8\n", "")


def test_percent_of_nothing_known(capfd, mailkit, tmp_path):
    """Percent without a number of messages is a wrong call, before anything is sent."""
    for where in ([7], ["--from", file_of(tmp_path)]):
        err = run(capfd, "check", *where, "--fail-if", "hard>2%", code=2).err
        assert err == ("mailkit-bounces: percent of what? give --sent N, or --campaign ID_MESSAGE, which tells it\n")


def test_percent_of_the_campaign(capfd, mailkit):
    """A campaign tells how many messages its deliveries were; those that are given, or all."""
    assert run(capfd, "check", "--campaign", 70, "--fail-if", "hard>1%") == ("", "")
    assert "2 of 100); ID_SEND 7\n" in run(capfd, "check", 7, "--campaign", 70, "--fail-if", "hard>1%", code=8).out
    assert "2 of 100" in run(capfd, "check", 7, 7, "--campaign", 70, "--fail-if", "hard>1%", code=8).out
    out = run(capfd, "check", "--campaign", 70, "--sent", 50, "--fail-if", "all>7%", code=8).out
    assert out == "mailkit-bounces: all>7% (8.0 %: 4 of 50); ID_SEND 7, 8\n"


def test_campaign_that_does_not_tell(capfd, mailkit, monkeypatch):
    """Where the number is missing, percent are not known (7); where no percent are asked for, it is not needed."""
    silent = Delivery(71, 9, "", "", None, None, None, None, None, None, None, "")
    monkeypatch.setattr(MailkitClient, "deliveries", lambda self, id_message, *days: [silent])
    for given_ids, unknown in (([], 9), ([9, 7], 7)):
        err = run(capfd, "check", *given_ids, "--campaign", 71, "--fail-if", "hard>1%", code=7).err
        assert "does not tell how many messages of the delivery {} were sent".format(unknown) in err
    run(capfd, "check", "--campaign", 71, "--fail-if", "all>1", code=8)


def test_campaign_with_a_delivery_without_id(capfd, mailkit, monkeypatch):
    """A delivery that cannot be asked for is not known (7), unless it is not among those that are given."""
    told = [Delivery(71, id_send, "", "", None, 100, None, None, None, None, None, "") for id_send in (9, None)]
    monkeypatch.setattr(MailkitClient, "deliveries", lambda self, id_message, *days: told)
    err = run(capfd, "check", "--campaign", 71, "--fail-if", "all>100", code=7).err
    assert "a delivery without an ID_SEND that can be read" in err
    assert run(capfd, "check", 9, "--campaign", 71, "--fail-if", "hard>2%") == ("", "")


def test_age_without_a_database(capfd, mailkit, tmp_path):
    """Only a database tells when a report was read."""
    (tmp_path / "ids").write_text("7\n")
    for where in ([7], ["--campaign", 70], ["--from", file_of(tmp_path)], ["--ids-from", tmp_path / "ids"]):
        err = run(capfd, "check", *where, "--max-age", "30h", "--fail-if", "all>100", code=2).err
        assert err == "mailkit-bounces: --max-age goes with --db\n"


def test_days_of_a_campaign(capfd, mailkit):
    """With a campaign, --since and --until choose deliveries by the day they were sent, and leave out no row."""
    mailkit.add(17, ROWS, campaign=73, send_count=100, sent="2024-03-20 08:00:00")
    mailkit.add(18, [], campaign=73, send_count=900, sent="2024-02-01 08:00:00")
    assert run(capfd, "check", "--campaign", 73, "--fail-if", "all>2%") == ("", "")
    passed = run(capfd, "check", "--campaign", 73, "--since", "2024-03-01", "--fail-if", "all>2%", code=8).out
    assert passed.endswith(" of 100); ID_SEND 17\n")
    until = ("--since", "2024-01-01", "--until", "2024-02")
    assert run(capfd, "check", "--campaign", 73, *until, "--fail-if", "all>0") == ("", "")


def test_campaign_beside_a_file_of_ids(capfd, mailkit, tmp_path):
    """Percent of the campaign would be percent of something else."""
    (tmp_path / "ids").write_text("9\n")
    options = ("--campaign", 70, "--ids-from", tmp_path / "ids", "--fail-if", "all>1%")
    assert "--campaign goes with deliveries, and not with" in run(capfd, "check", *options, code=2).err


def test_campaign_without_deliveries(capfd, mailkit):
    """There is nothing to check, and that is not well; two campaigns are both."""
    assert (
        "(2.7 %: 8 of 300); ID_SEND 7, 8, 9"
        in run(capfd, "check", "--campaign", 70, "--campaign", 71, "--fail-if", "all>2%", code=8).out
    )
    assert "has no deliveries to check" in run(capfd, "check", "--campaign", 72, "--fail-if", "all>1", code=2).err


def test_campaign_of_a_file(capfd, mailkit, tmp_path):
    """A file has no campaign."""
    err = run(capfd, "check", "--from", file_of(tmp_path), "--campaign", 70, "--fail-if", "all>1", code=2).err
    assert "--campaign goes with deliveries, and not with --from, --ids-from or --db" in err


# --- where it could not know -----------------------------------------------------------------------------------------


def test_could_not_know(capfd, mailkit, use_account, tmp_path):
    """A refusal, a network that fails, an answer that breaks off, a file of nothing: never 0, and no line of ours."""
    asked = ["check", 7, "--fail-if", "all>1000", "--prometheus", tmp_path / "x.prom"]
    assert run(capfd, "check", 5, "--fail-if", "all>1000", code=5).out == ""
    use_account(mailkit.url, "f" * 32)
    assert run(capfd, *asked, code=3).out == ""
    use_account("http://127.0.0.1:1/rpc.fcgi")
    assert run(capfd, *asked, "--retry", 1, code=6).out == ""
    with Simulator(reports={7: [{"EMAIL": {"x": 1}, "X": object()}]}) as broken:
        use_account(broken.url)
        assert main(["check", "7", "--fail-if", "all>1000", "--retry", "1"]) in (6, 7)
    (tmp_path / "empty").write_text("")
    run(capfd, "check", "--from", tmp_path / "empty", "--fail-if", "all>1000", code=2)
    assert not (tmp_path / "x.prom").exists()


def test_could_not_know_a_shape(capfd, use_account):
    """An answer that is not understood is 7."""
    with Simulator(reports={7: [{"NOTHING": "of ours"}]}) as other:
        use_account(other.url)
        assert run(capfd, "check", 7, "--fail-if", "all>1000", code=7).out == ""


# --- the textfile ----------------------------------------------------------------------------------------------------

LINES = """\
# HELP mailkit_bounces Bounces, by what they say about the address.
# TYPE mailkit_bounces gauge
mailkit_bounces{check="x",kind="hard"} 2
mailkit_bounces{check="x",kind="soft"} 1
mailkit_bounces{check="x",kind="block"} 1
mailkit_bounces{check="x",kind="unknown"} 0
# HELP mailkit_bounces_sent Messages sent.
# TYPE mailkit_bounces_sent gauge
mailkit_bounces_sent{check="x"} 100
# HELP mailkit_bounces_limit_passed Whether more bounces than allowed count for a limit.
# TYPE mailkit_bounces_limit_passed gauge
mailkit_bounces_limit_passed{check="x",limit="hard>1%"} 1
mailkit_bounces_limit_passed{check="x",limit="status:\\"\\\\>9"} 0
# HELP mailkit_bounces_limit_bounces Bounces that count for a limit.
# TYPE mailkit_bounces_limit_bounces gauge
mailkit_bounces_limit_bounces{check="x",limit="hard>1%"} 2
mailkit_bounces_limit_bounces{check="x",limit="status:\\"\\\\>9"} 0
# HELP mailkit_bounces_last_check_timestamp_seconds When the bounces were last known.
# TYPE mailkit_bounces_last_check_timestamp_seconds gauge
"""
LAST = r'mailkit_bounces_last_check_timestamp_seconds\{check="x"\} [0-9]{10}\n'
LIMITS = ["--fail-if", "hard>1%", "--fail-if", 'status:"\\>9']


def test_textfile(capfd, tmp_path):
    """The textfile has counts, limits and the time; anybody may read it, for there is no address in it."""
    path = tmp_path / "x.prom"
    run(capfd, "check", "--from", file_of(tmp_path), "--sent", 100, *LIMITS, "--prometheus", path, code=8)
    text = path.read_text(encoding="utf-8")
    assert text.startswith(LINES) and re.fullmatch(LAST, text[len(LINES) :])
    assert stat.S_IMODE(path.stat().st_mode) == 0o644 & ~_umask()
    run(capfd, "check", "--from", file_of(tmp_path), "--fail-if", "all>9", "--prometheus", path)
    assert "sent" not in path.read_text(encoding="utf-8").replace("Messages", "")
    assert sorted(os.listdir(str(tmp_path))) == ["rows.jsonl", "x.prom"]


def _umask():
    old = os.umask(0)
    os.umask(old)
    return old


def test_limit_that_is_given_twice(capfd, tmp_path):
    """It is one limit: node_exporter refuses a file that has the same line twice."""
    path = tmp_path / "x.prom"
    twice = ["--fail-if", "all>0", "--fail-if", " all > 0 "]
    out = run(capfd, "check", "--from", file_of(tmp_path), *twice, "--prometheus", path, code=8).out
    lines = path.read_text(encoding="utf-8").splitlines()
    assert out.count("all>0") == 1 and len(lines) == len(set(lines))


def test_textfile_of_a_part(capfd, tmp_path, use_account):
    """Where a delivery failed, the older file stays: counts of a part would look like those of all of it."""
    path = tmp_path / "x.prom"
    path.write_text("older\n")
    with Simulator(reports={7: [{"EMAIL": "a@example.com"}]}) as simulator:
        use_account(simulator.url)
        for limit, code in (("all>9", 1), ("all>0", 8)):
            run(capfd, "check", 7, 8, "--keep-going", "--fail-if", limit, "--prometheus", path, code=code)
    assert path.read_text() == "older\n"


def test_textfile_to_standard_output(capfd, tmp_path):
    """- is standard output."""
    out = run(capfd, "check", "--from", file_of(tmp_path), "--fail-if", "all>9", "--prometheus", "-").out
    assert out.startswith("# HELP") and 'check="-"' in out


def test_textfile_that_cannot_be_written(capfd, tmp_path):
    """The error names the option."""
    asked = ["check", "--from", file_of(tmp_path), "--fail-if", "all>9", "--prometheus"]
    assert "there is no directory" in run(capfd, *asked, tmp_path / "none" / "x.prom", code=2).err
    (tmp_path / "folder").mkdir()
    err = run(capfd, *asked, tmp_path / "folder", code=2).err
    assert err == "mailkit-bounces: --prometheus {} is a directory\n".format(tmp_path / "folder")
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    assert (
        "--prometheus {} leads through".format(tmp_path / "loop") in run(capfd, *asked, tmp_path / "loop", code=2).err
    )


@pytest.mark.skipif(shutil.which("promtool") is None, reason="promtool is not installed (apt-get install prometheus)")
def test_promtool_reads_it(capfd, tmp_path):
    """Prometheus' own tool finds nothing to say about it."""
    path = tmp_path / "x.prom"
    run(capfd, "check", "--from", file_of(tmp_path), "--sent", 100, *LIMITS, "--prometheus", path, code=8)
    with path.open("rb") as file:
        done = subprocess.run(["promtool", "check", "metrics"], stdin=file, stdout=subprocess.PIPE, timeout=60)
    assert (done.returncode, done.stdout) == (0, b"")


KILLED = """
import os, signal, sys
from mailkit_xmlrpc.cli import files, main

moment, before = sys.argv[1:3]
kill = lambda: os.kill(os.getpid(), signal.SIGKILL)

def dying(function):
    def call(*args, **kwargs):
        # Not while Python itself reads files.
        if moment == "open" and not str(args[0]).endswith(".part"):
            return function(*args, **kwargs)
        if before == "before":
            kill()
        result = function(*args, **kwargs)
        kill()
        return result
    return call

class Writing:
    def __init__(self, file):
        self.file = file
        self.pieces = 0
    def write(self, piece):
        self.file.write(piece)
        self.file.flush()
        self.pieces += 1
        if self.pieces == 5:
            kill()
    def __getattr__(self, name):
        return getattr(self.file, name)

if moment == "write":
    whole_file = files.whole_file
    @files.contextlib.contextmanager
    def writing(*args):
        with whole_file(*args) as file:
            yield Writing(file)
    files.whole_file = writing
else:
    setattr(os, moment, dying(getattr(os, moment)))
main(sys.argv[3:])
"""
MOMENTS = [("open", "before"), ("open", "after"), ("write", ""), ("fsync", "before"), ("fsync", "after")]
MOMENTS += [("replace", "before"), ("replace", "after"), ("unlink", "before")]


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="there is no SIGKILL here")
@pytest.mark.parametrize("older", [True, False])
@pytest.mark.parametrize("moment, before", MOMENTS)
def test_killed(tmp_path, moment, before, older):
    """Killed at any step of writing, the textfile is whole: the new one, the older one, or none."""
    path = tmp_path / "x.prom"
    if older:
        path.write_text("older\n")
    arguments = ["check", "--from", str(file_of(tmp_path)), "--sent", "100", "--prometheus", str(path)] + LIMITS
    done = subprocess.run(
        [sys.executable, "-c", KILLED, moment, before] + arguments,
        env=dict(os.environ, PYTHONPATH=str(Path(mailkit_xmlrpc.__file__).resolve().parents[1])),
        timeout=60,
    )
    assert done.returncode == -signal.SIGKILL
    replaced = (moment, before) in (("replace", "after"), ("unlink", "before"))
    if replaced:
        assert path.read_text(encoding="utf-8").startswith(LINES)
    else:
        assert path.read_text() == "older\n" if older else not path.exists()
