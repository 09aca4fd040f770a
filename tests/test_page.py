"""The report page: its numbers are those of the rows, it asks nobody for anything, a stranger's words stay words."""
import html.parser
import json
import re
import sys
from datetime import datetime, timedelta

import pytest

from mailkit_xmlrpc import Bounce, Window
from mailkit_xmlrpc._command_report import write_report
from mailkit_xmlrpc._figures import merged
from mailkit_xmlrpc._output import render
from mailkit_xmlrpc.cli import main

needs_extra = pytest.mark.skipif("not __import__('importlib').util.find_spec('jinja2')"
                                 " or not __import__('importlib').util.find_spec('pygal')",
                                 reason="needs the extra report")  # fmt: skip

HOSTILE = "</style></title><script>alert(1)</script><img src=//x.invalid onerror=alert(2)>{{7*7}}\u202e\x1b[31m\"'&amp;"
DAY = datetime(2024, 3, 1, 8)


def bounce(email="a@example.com", status="5.1.1", category="bad-mailbox", date=DAY, reason="", message=None):
    return Bounce(123456, email, None, None, message, date, status, "permanent", category, reason)


@pytest.fixture
def page_of(tmp_path):
    """Rows to the text of their page."""
    def make(rows, **options):
        path = tmp_path / "report.html"
        write_report(rows, str(path), **options)
        return path.read_text(encoding="utf-8")

    return make


class Page(html.parser.HTMLParser):
    """The tags of a page, its ids, its cells by the heading above them, and all its text."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.tags, self.ids, self.words, self.attributes, self.open = [], [], [], [], []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs
        self.ids += [value for name, value in attrs if name == "id"]

    def handle_data(self, data):
        self.words.append(data)

    @property
    def text(self):
        return " ".join(" ".join(self.words).split())


ROWS = (
    [bounce("h{}@example.com".format(n)) for n in range(30)]
    + [bounce("s{}@example.org".format(n % 4), "4.2.2", "", DAY + timedelta(days=n), "", n) for n in range(12)]
    + [bounce("b@example.net", "5.7.1", "spam-related", None, "refused <b>@example.com</b>")] * 5
    + [bounce("nobody", "", "")]
)


@needs_extra
def test_numbers_are_those_of_the_rows(page_of, capfd):
    """Headline, advice and plan count the rows; the summary command gives the same numbers."""
    page = Page(page_of(ROWS, sent=1000))
    for words in (
        "Bounces of delivery 123456", "Sent 1,000", "Bounced 48", "4.8 % of those sent", "Hard 30", "Soft 12",
        "Block 5", "Unknown 1", "Stop mailing 34 addresses: 30 that cannot receive, and 4 to which",
        "Keep the addresses of the 5 blocked ones", "from 2024-03-01 08:00 to 2024-03-12 08:00",
        "5 have no date", "the first 34 of 34", "h0@example.com hard 1",
        "5: spam-related, 5.7.1: delivery is not authorized: the message was refused; “refused <address>”",
        "Shares are of the messages sent",
    ):  # fmt: skip
        assert words in page.text, words


@needs_extra
def test_page_is_self_contained(page_of):
    """No script, no link, no address of another host, no inline handler; a policy forbids all of it besides."""
    text = page_of(ROWS, sent=1000)
    page = Page(text)
    foreign = {"script", "link", "img", "iframe", "object", "embed", "base", "form", "a", "image", "use"}
    assert not set(page.tags) & foreign
    assert not [name for name, _ in page.attributes if name.startswith("on") or name in ("href", "src", "xlink:href")]
    assert set(re.findall(r"[a-z]+://[^\s\"'<)]*", text)) <= {"http://www.w3.org/2000/svg"}
    assert "url(" not in text and "@import" not in text
    assert "default-src 'none'; style-src 'unsafe-inline'" in text


@needs_extra
def test_page_is_accessible(page_of):
    """Headings in order, a name and a description for each plot, a table beside it, no id twice."""
    page = Page(page_of(ROWS))
    assert page.tags.count("svg") == 4
    assert page.tags.count("h1") == page.tags.count("main") == 1 and "h3" not in page.tags
    assert len(page.ids) == len(set(page.ids))
    labelled = [word for name, value in page.attributes if name == "aria-labelledby" for word in value.split()]
    assert set(labelled) <= set(page.ids)
    assert page.attributes.count(("role", "img")) == 4
    assert page.tags.count("table") == page.tags.count("caption") == 6
    assert ("lang", "en") in page.attributes


@needs_extra
def test_strangers_words_stay_words(page_of):
    """Markup, template syntax and control characters in any field are shown and do nothing."""
    rows = [
        bounce(HOSTILE + str(n) + "@" + HOSTILE, HOSTILE if n % 2 else "5.1.1", HOSTILE, DAY, HOSTILE)
        for n in range(25)
    ]
    text = page_of(rows + [bounce("b@example.org", "4.2.2", "")], title=HOSTILE)
    harmless = Page(page_of(ROWS))
    page = Page(text)
    assert set(page.tags) <= set(harmless.tags) | {"li", "ul", "p", "section"}
    assert "{{7*7}}" in text and "49" not in page.text.split("How to read")[0].replace("49.", "")
    assert "\u202e" not in text and "\x1b" not in text and "\\u202e" in text
    assert "<script>alert(1)" in page.text  # as text, that is


@needs_extra
def test_page_is_the_same_for_the_same_rows(page_of):
    """Nothing on the page is random, or of the moment."""
    assert page_of(ROWS) == page_of(ROWS)


@needs_extra
def test_page_of_nothing(page_of):
    """An empty report is a page that says so."""
    page = Page(page_of([]))
    assert "Mailkit said that there are no bounces." in page.text
    assert "Nothing. Read the report again later" in page.text
    assert "Sent not given" in page.text


@needs_extra
def test_page_of_harmless_rows(page_of):
    """Where there is nobody to stop mailing the page says that; without dates it says that too."""
    rows = [bounce("a@example.com", "5.7.1", "", None)]
    page = Page(page_of(rows + [Bounce(7, "b", None, None, None, None, "x", "", "", "")], sent=None))
    for words in ("Stop mailing nobody", "No bounce has a date.", "Bounces of 2 deliveries", "are of the bounces"):
        assert words in page.text
    assert "no date" in page.text


@needs_extra
def test_many_of_everything(page_of):
    """More categories, domains and days than have room become one bar more, and no row is lost."""
    rows = [
        bounce("u@d{}.example".format(n), "5.{}.0".format(n), "c{}".format(n), DAY + timedelta(days=n))
        for n in range(90)
    ]
    text = page_of(rows, top=5)
    page = Page(text)
    for words in ("(78 more)", "(85 more)", "(before)", "5 of 90 domains; the others have 85 bounces together"):
        assert words in page.text
    for name in ("BOUNCE_CAT", "domain", "STATUS", "day"):
        table = text.split("rows by {} and kind".format(name))[1].split("</tbody>")[0]
        sums = re.findall(r'<td class="n">([\d,]+)</td><td class="n">[^<]*%</td></tr>', table)
        assert sum(map(int, sums)) == 90, name


@needs_extra
def test_plan_is_of_the_options(page_of):
    """The number of soft bounces can be chosen, and windows are told."""
    assert "Stop mailing 30 addresses" in Page(page_of(ROWS, soft_count=None)).text
    assert "Stop mailing 34 addresses" in Page(page_of(ROWS, soft_within=timedelta(days=8))).text
    assert "Stop mailing 30 addresses" in Page(page_of(ROWS, soft_within=timedelta(days=7))).text
    page = Page(page_of(ROWS, exclude=[Window("example.com")]))
    assert "Stop mailing 4 addresses" in page.text and "30 bounces were left out on request." in page.text
    assert "Unknown 0" in Page(page_of(ROWS[:30])).text


@needs_extra
def test_report_command(tmp_path, capfd):
    """The command works on an earlier fetch; its page is whole, and hints are on it."""
    source, target = tmp_path / "rows.jsonl", tmp_path / "report.html"
    source.write_text("".join(render(ROWS, "jsonl")), encoding="utf-8")
    assert main(["report", "--from", str(source), "--sent", "100", "--title", "Mon & Tue", "-O", str(target)]) == 0
    assert capfd.readouterr().err == "mailkit-bounces: the report is in {}\n".format(target)
    page = Page(target.read_text(encoding="utf-8"))
    assert "Mon & Tue" in page.text and "Look at this first" in page.text
    assert main(["summary", "--from", str(source), "-o", "json"]) == 0
    numbers = json.loads(capfd.readouterr().out)
    assert "Hard {}".format(numbers["by_kind"]["hard"]) in page.text


@needs_extra
def test_demo_report(tmp_path, capfd):
    """The demo fetches a larger made-up report over HTTP and makes its page."""
    target = tmp_path / "report.html"
    assert main(["demo", "--report", str(target)]) == 0
    assert capfd.readouterr().out == ""
    page = Page(target.read_text(encoding="utf-8"))
    assert "Bounced 20,000" in page.text and "2.0 % of those sent" in page.text
    assert "post.example" in page.text


@needs_extra
def test_process_keeps_its_imports(page_of):
    """What pygal adds to the process's imports is taken out again."""
    before = list(sys.meta_path)
    for name in [name for name in sys.modules if name.split(".")[0] == "pygal"]:
        del sys.modules[name]
    page_of(ROWS)
    assert sys.meta_path == before


@pytest.mark.parametrize("missing", ["jinja2", "pygal"])
def test_report_without_the_extra(tmp_path, capfd, monkeypatch, missing):
    """Without the extra it says what to install, before anything is fetched."""
    monkeypatch.setitem(sys.modules, missing, None)
    for argv in (["report", "1", "-O", str(tmp_path / "x")], ["demo", "--report", str(tmp_path / "x")]):
        assert main(argv) == 2
        assert "pip install 'mailkit-xmlrpc[report]'" in capfd.readouterr().err


def test_merged_loses_nothing():
    """Labels that look like one of ours are added to it."""
    assert merged([("(none)", {"hard": 1}), ("(none)", {"hard": 2, "soft": 1})]) == {"(none)": {"hard": 3, "soft": 1}}
