"""docs/nightly.rst: its recipe runs as it stands, against the simulator; its statements are those that are used."""

import os
import re
import shlex
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

import mailkit_xmlrpc
from tests.support.databases import KINDS
from tests.support.nights import report, row

PAGE = Path(__file__).resolve().parents[2] / "docs" / "nightly.rst"

pytestmark = pytest.mark.skipif(not PAGE.exists(), reason="the documentation is not here")


def literal(start, page=PAGE):
    """The literal block of the page whose first line begins so."""
    text = page.read_text(encoding="utf-8")
    for match in re.finditer(r"::\n\n((?:    .*\n|\n)+)", text):
        block = textwrap.dedent(match.group(1)).strip("\n") + "\n"
        if block.startswith(start):
            return block
    raise AssertionError("the page has no block that begins with " + start)


@pytest.fixture
def machine(sqlite_nights, tmp_path):
    """``machine(text)``: *text* as a shell runs it on a machine that was set up as the page says, with our paths."""
    program = tmp_path / "opt" / "mailkit" / "bin" / "mailkit-bounces"
    program.parent.mkdir(parents=True)
    program.write_text('#!/bin/sh\nexec "{}" -W error -m mailkit_xmlrpc "$@"\n'.format(sys.executable))
    program.chmod(0o755)

    def ours(text):
        return re.sub(
            "/(opt/mailkit|etc/mailkit|var/lib/(mailkit|prometheus))", lambda found: str(tmp_path) + found.group(), text
        )

    for folder in ("etc/mailkit", "var/lib/mailkit", "var/lib/prometheus/node-exporter"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "etc/mailkit/env").write_text(ours(literal("MAILKIT_CLIENT_ID=")))
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(Path(mailkit_xmlrpc.__file__).resolve().parents[1]),
        "MAILKIT_URL": sqlite_nights.mailkit.url,
        "NO_PROXY": "*",
    }

    def run(text, code=0, **more):
        done = subprocess.run(
            ["/bin/sh", "-e", "-c", ours(text)],
            env=dict(environment, **more),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            universal_newlines=True,
            timeout=120,
        )
        assert done.returncode == code, done.stderr
        return done.stdout, done.stderr

    sqlite_nights.look_at("sqlite:///{}/var/lib/mailkit/bounces.db".format(tmp_path))
    return run


def test_recipe(sqlite_nights, machine, tmp_path):
    """From an empty machine to what cron and systemd run, each command as it stands on the page."""
    sqlite_nights.add(1, report(3), sent=3)
    out, err = machine(literal("set -a; . /etc/mailkit/env; set +a"))
    assert "ok    credentials" in out and "3" in out
    assert err.startswith("mailkit-bounces: deliveries: 1 asked, 0 failed, 0 settled; rows: 3 new, 0 changed")
    sqlite_nights.add(1, report(5), sent=3)
    service = dict(line.split("=", 1) for line in literal("[Unit]\nDescription=Bounces").splitlines() if "=" in line)
    (line,) = literal("17 3 * * *").splitlines()
    minute, hour, *_, user, command = line.split(" ", 6)
    assert (minute, hour, user) == ("17", "3", "mailkit") and service["User"] == user
    assert machine(command) == ("", "")
    sqlite_nights.check()
    sqlite_nights.add(1, report(6), sent=3)
    lines = (tmp_path / service["EnvironmentFile"].lstrip("/")).read_text().splitlines()
    variables = dict(line.split("=", 1) for line in lines)
    assert machine(" ".join(map(shlex.quote, service["ExecStart"].split())), **variables) == ("", "")
    sqlite_nights.check()
    assert "OnCalendar=*-*-* 03:17\n" in literal("[Unit]\nDescription=Every night")


def test_page_is_short():
    """The recipe takes less than a page of 66 lines."""
    text = PAGE.read_text(encoding="utf-8")
    recipe = text[text.index("From nothing to every night") : text.index("PostgreSQL\n---")]
    assert recipe.count("\n") <= 66


@pytest.mark.parametrize("db", [kind for kind in KINDS if kind.startswith("psycopg")], indirect=True)
def test_statements(db):
    """The statements on the page are those that are used."""
    from mailkit_xmlrpc.sync.database import printed_ddl

    assert literal("CREATE TABLE mailkit_bounce").strip() == printed_ddl(db).strip()


def test_queries(nights):
    """The five queries run on each database, and give what they promise."""
    nights.add(
        1, report(4) + [row(9, STATUS="4.2.2", BOUNCE_CAT="full-mailbox")], sent=3, subject="Spring", send_count=50
    )
    nights.add(2, [{"EMAIL": {1}}])
    nights.run()
    (found,) = nights.select(literal("SELECT d.sent_date"))
    assert (found[1], found[3], found[4]) == ("Spring", "hard", "5.1.1")
    shares = nights.select(literal("SELECT d.id_send, d.subject"))
    assert [(share[0], share[3], float(share[4])) for share in shares if share[0] == 1] == [(1, 5, 10.0)]
    hard = nights.select(literal("SELECT email, COUNT"))
    assert [address for address, *_ in hard] == ["user{}@example.com".format(number) for number in range(4)]
    assert len(nights.select(literal("SELECT id_send, message_key"))) == 5
    look = nights.select(literal("SELECT 'delivery'"))
    assert [(what, number) for what, number, _ in look] == [("delivery", 2), ("failed", 1)]
