"""Ids from a file: a list with comments, and whatever ``deliveries`` writes."""

import sys
from io import BytesIO, TextIOWrapper

import pytest

from mailkit_xmlrpc.simulator import Simulator
from tests.cli.given import run


@pytest.fixture(autouse=True)
def campaign(use_account):
    """A campaign of two deliveries, with one bounce each."""
    reports = {number: [{"EMAIL": "a{}@example.com".format(number)}] for number in (7, 8)}
    with Simulator(reports=reports, campaigns={70: [7, 8]}) as simulator:
        use_account(simulator.url)
        yield simulator


def fetched(capfd, path, code=0):
    """The addresses that come of the ids in a file, or what is said."""
    captured = run(capfd, "fetch", "--ids-from", path, "-o", "csv", "--columns", "email", code=code)
    return captured.out.split()[1:] if code == 0 else captured.err


BOTH = ["a7@example.com", "a8@example.com"]


@pytest.mark.parametrize("form", ["csv", "tsv", "json", "jsonl"])
def test_ids_of_what_deliveries_writes(capfd, tmp_path, form):
    """deliveries | fetch --ids-from -, in every format that is data."""
    path = tmp_path / "ids"
    run(capfd, "deliveries", 70, "-o", form, "-O", path)
    assert fetched(capfd, path) == BOTH


def test_ids_of_a_table_for_excel(capfd, tmp_path, campaign):
    """Semicolons, the mark, and the apostrophe of an id that Excel would round."""
    path, number = tmp_path / "ids.csv", 1234567890123456789
    campaign.add(number, [{"EMAIL": "a9@example.com"}], campaign=70)
    run(capfd, "deliveries", 70, "--excel", "-o", "csv", "-O", path)
    assert "'{}".format(number) in path.read_text(encoding="utf-8")
    assert fetched(capfd, path) == BOTH + ["a9@example.com"]


def test_ids_of_a_table_with_comments(capfd, tmp_path):
    """A delivery can be taken out of a table by a #, as out of a list; a subject that begins with one is none."""
    path = tmp_path / "ids.csv"
    path.write_text("# ours\nid_message,id_send,subject\n70,7,News\n# 70,9,None\n#\n70,8,#2\n")
    assert fetched(capfd, path) == BOTH
    path.write_bytes(b"id_send\r\n7\r\n#9\r\n8\r\n")
    assert fetched(capfd, path) == BOTH
    path.write_text("subject,id_send\n#1,7\n#2,8\n")
    assert fetched(capfd, path) == BOTH


def test_ids_of_a_pipe(capfd, tmp_path, monkeypatch):
    """The pipe as the documentation shows it."""
    out = run(capfd, "deliveries", 70, "-o", "csv").out
    monkeypatch.setattr(sys, "stdin", TextIOWrapper(BytesIO(out.encode("utf-8"))))
    assert fetched(capfd, "-") == BOTH


def test_ids_with_comments(capfd, tmp_path):
    """# begins a comment, also one that names the column; empty lines mean nothing."""
    path = tmp_path / "ids"
    path.write_text("# our id_send\n\n7  # the newsletter\n8\n")
    assert fetched(capfd, path) == BOTH
    path.write_text("# only comments\n")
    assert "names no delivery" in run(capfd, "fetch", "--ids-from", path).err


@pytest.mark.parametrize(
    "text, words",
    [
        ("subject,id_send\nNews,7\nMore,\n", "line 3 of --ids-from {}: it must be a whole number"),
        ("id_send \n7\n", "line 2 of --ids-from {}: it has no id_send"),
        ("subject,id_send\nNews\n", "line 2 of --ids-from {}: it has no id_send"),
        ('subject,id_send\n"News,7', "line 2 of --ids-from {}: it is not what deliveries writes, or it is cut off"),
        ('{"id_send": 7}\n{"id_se', "line 2 of --ids-from {}: it is not what deliveries writes, or it is cut off"),
        ('[\n{"id_send": 7},\n', "line 2 of --ids-from {}: it is not what deliveries writes, or it is cut off"),
        ('[{"subject": "News"}]\n', "line 1 of --ids-from {}: it has no id_send"),
        ("[7]\n", "line 1 of --ids-from {}: it has no id_send"),
        ("7\n7 8\n", "line 2 of --ids-from {}: it must be a whole number"),
    ],
)
def test_ids_that_cannot_be_read(capfd, tmp_path, text, words):
    """A line that tells no id is named, and nothing is taken for a list that was cut off."""
    path = tmp_path / "ids"
    path.write_text(text)
    assert words.format(path) in fetched(capfd, path, code=2)
