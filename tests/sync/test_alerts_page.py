"""docs/alerts.rst: its recipes for cron, Prometheus and Nagios run as they stand."""

import re

import pytest

from tests.support.nights import report
from tests.sync.test_nightly_page import PAGE as NIGHTLY
from tests.sync.test_nightly_page import literal, machine  # noqa: F401  (a fixture)

PAGE = NIGHTLY.parent / "alerts.rst"

pytestmark = [pytest.mark.slow, pytest.mark.skipif(not PAGE.exists(), reason="the documentation is not here")]


def crontab(start):
    """The command of the line of a crontab that begins so, as cron hands it to a shell."""
    (line,) = re.findall("^    ({}.*)$".format(re.escape(start)), PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    *_, user, command = line.split(" ", 6)
    assert user == "mailkit"
    assert not re.search(r"(?<!\\)%", command)
    return command.replace("\\%", "%")


@pytest.fixture
def nights(sqlite_nights, machine, tmp_path):  # noqa: F811  (the fixture of that name)
    """``nights(bounces)``: a delivery of 100 messages with so many hard bounces is in the database of the page."""

    def fill(bounces):
        sqlite_nights.add(1, report(bounces), sent=1, send_count=100)
        machine(
            "set -a; . /etc/mailkit/env; set +a; /opt/mailkit/bin/mailkit-bounces sync --db /var/lib/mailkit/bounces.db"
        )

    return fill


def test_cron(nights, machine):  # noqa: F811  (the fixture of that name)
    """Before the job ran it is not known; then cron is silent where all is well, and prints a line where it is not."""
    command = crontab("47 3 * * *")
    out, err = machine(command, code=2)
    assert out == "" and "run sync first" in err
    nights(2)
    assert machine(command) == ("", "")
    nights(3)
    assert machine(command, code=8) == ("mailkit-bounces: hard>2% (3.0 %: 3 of 100)\n", "")


def test_prometheus(nights, machine, tmp_path):  # noqa: F811  (the fixture of that name)
    """The textfile has the lines that the page shows."""
    nights(3)
    assert machine(crontab("*/30 * * * *"), code=8) == ("", "")
    text = (tmp_path / "var/lib/prometheus/node-exporter/mailkit.prom").read_text(encoding="utf-8")
    for line in literal("mailkit_bounces{", PAGE).splitlines():
        assert line.rpartition(" ")[0] + " " in text
    rules = literal("groups:", PAGE)
    assert all(name in text for name in re.findall(r"mailkit_bounces_\w+", rules))


def test_nagios(nights, machine, tmp_path):  # noqa: F811  (the fixture of that name)
    """The script keeps the conventions of plugins: OK, WARNING, CRITICAL, UNKNOWN, each with a line."""
    script = literal("#!/bin/sh\n# check_mailkit_bounces", PAGE)
    (tmp_path / "plugin").write_text(script)
    call = literal("check_mailkit_bounces 'hard", PAGE)
    call = script.replace("#!/bin/sh\n", "set -- {}\n".format(call.partition(" ")[2].strip()))
    # The machine's shell ends at the first command that fails; a plugin's does not.
    call = "set +e\n" + call
    out, err = machine(call, code=3)
    assert out.startswith("UNKNOWN: mailkit-bounces: the database: ") and out.count("\n") == 1
    for bounces, code, begin in ((1, 0, "OK: no limit"), (2, 1, "WARNING hard>1%: "), (3, 2, "CRITICAL hard>2%: ")):
        nights(bounces)
        out, err = machine(call, code=code)
        assert (out[: len(begin)], out.count("\n"), err) == (begin, 1, ""), bounces
