"""``report``, ``summary`` and ``suppress`` fetch as ``fetch`` does: campaigns, ids from a file; what failed is told."""

import importlib.util
import json

import pytest

from mailkit_xmlrpc.simulator import Simulator
from tests.cli.given import run


@pytest.fixture(autouse=True)
def campaign(use_account):
    """Campaign 70: delivery 7 with two bounces, 8 with none, 9 that Mailkit does not know; 71 without 9."""
    hard = {"EMAIL": "a@example.com", "STATUS": "5.1.1", "BOUNCE_CAT": "bad-mailbox"}
    with Simulator(reports={7: [hard, dict(hard, EMAIL="b@example.com")], 8: []}, campaigns={70: [7, 8, 9]}) as mailkit:
        mailkit.add(7, mailkit.reports[7], subject="Spring offers", send_count=100, campaign=71)
        mailkit.add(8, [], subject="Quiet news", send_count=300, campaign=71)
        use_account(mailkit.url)
        yield mailkit


@pytest.mark.parametrize("jobs", [[], ["--jobs", "2"]])
def test_summary_of_a_campaign(capfd, jobs):
    """The number sent is what the campaign tells; nothing is to be added up by hand."""
    told = json.loads(run(capfd, "summary", "--campaign", 71, "-o", "json", *jobs).out)
    assert (told["bounces"], told["sent"], told["by_delivery"], told["failed"]) == (2, 400, {"7": 2}, {})
    assert json.loads(run(capfd, "summary", "--campaign", 71, "--sent", 5, "-o", "json").out)["sent"] == 5


def test_ids_of_a_file(capfd, tmp_path):
    """--ids-from is read as by fetch."""
    path = tmp_path / "ids"
    path.write_text("7 # spring\n8\n")
    assert "2 bounces" in run(capfd, "summary", "--ids-from", path).out
    assert run(capfd, "suppress", "--ids-from", path, "-o", "csv").out.count("\n") == 3


@pytest.mark.parametrize("jobs", [[], ["--jobs", "2"]])
def test_what_failed_is_told(capfd, jobs):
    """With --keep-going the rest counts, what is missing is said, and the exit code is 1."""
    given = [7, 8, 9, "--keep-going"] + jobs
    captured = run(capfd, "summary", *given, code=1)
    assert "Note: The delivery 9 is missing: " in captured.out
    assert "the delivery with ID_SEND 9 is missing: it could not be read" in captured.err
    failed = json.loads(run(capfd, "summary", "-o", "json", *given, code=1).out)["failed"]
    assert list(failed) == ["9"] and "Invalid ID_send" in failed["9"]
    captured = run(capfd, "suppress", "-o", "csv", *given, code=1)
    assert captured.out.count("\n") == 3 and "the delivery with ID_SEND 9 is missing" in captured.err
    if importlib.util.find_spec("jinja2") is not None:
        page = run(capfd, "report", "-O", "-", *given, code=1).out
        assert "Not on this page: delivery 9." in page and "2 deliveries; 1 had no bounce" in page


@pytest.mark.parametrize("jobs", [[], ["--jobs", "2"]])
def test_half_a_report_does_not_count(capfd, campaign, jobs):
    """Of a report that cannot be read to its end, no row is in the numbers, however many came before."""
    rows = [{"EMAIL": "{}@example.com".format(number), "STATUS": "5.1.1"} for number in range(3000)]
    campaign.add(30, rows + [{"EMAIL": "a@example.com", "REASON": "\x07"}])
    given = [7, 30, "--keep-going"] + jobs
    told = json.loads(run(capfd, "summary", "-o", "json", *given, code=1).out)
    assert (told["bounces"], list(told["failed"])) == (2, ["30"])
    assert run(capfd, "suppress", "-o", "csv", *given, code=1).out.count("\n") == 3


def test_error_names_options(capfd, campaign):
    """In the note of a summary an error names options, as on standard error."""
    campaign.fail(8, "status-404")
    captured = run(capfd, "summary", 7, 8, "--keep-going", code=1)
    assert "url=" not in captured.out + captured.err and "--url" in captured.out


def test_first_failure_stops(capfd):
    """Without --keep-going nothing is printed that looks whole."""
    captured = run(capfd, "summary", 7, 9, 8, code=5)
    assert captured.out == "" and "rows printed" not in captured.err
    run(capfd, "suppress", 9, "--keep-going", code=5)


def test_page_of_a_campaign(capfd):
    """Subjects are on it, in the language that is asked for."""
    pytest.importorskip("jinja2", reason="the page needs the extra report")
    page = run(capfd, "report", "--campaign", 71, "-O", "-").out
    assert "Spring offers" in page and "of the 400 messages sent" in page
    assert "Jak stránku číst" in run(capfd, "report", "--campaign", 71, "--language", "cs", "-O", "-").out
