"""The report page: its numbers are those of the rows, it asks nobody for anything, a stranger's words stay words."""

import html.parser
import importlib.util
import json
import re
import sys
from datetime import datetime, timedelta

import pytest

from mailkit_xmlrpc import Bounce, ConfigurationError, ConnectError, Delivery, Window, report_html, summarize
from mailkit_xmlrpc.cli import main
from mailkit_xmlrpc.cli.formats import render

needs_extra = pytest.mark.skipif(importlib.util.find_spec("jinja2") is None, reason="needs the extra report")

HOSTILE = "</style></title><script>alert(1)</script><img src=//x.invalid onerror=alert(2)>{{7*7}}\u202e\x1b[31m\"'&amp;"
DAY = datetime(2024, 3, 1, 8)


def bounce(email="a@example.com", status="5.1.1", category="bad-mailbox", date=DAY, reason="", message=None):
    return Bounce(123456, email, None, None, message, date, status, "permanent", category, reason)


@pytest.fixture
def page_of():
    """Rows to the text of their page."""

    def make(rows, **options):
        return report_html(rows, **options)

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
        "Bounces of delivery 123456",
        "Sent 1,000",
        "Bounced 48",
        "4.8 %",
        "Hard 30",
        "Soft 12",
        "Blocked 5",
        "Unknown 1",
        "Stop mailing 34 addresses: 30 that cannot receive mail, 4 that bounced repeatedly.",
        "Keep the addresses of 5 blocked messages: they are fine.",
        "from 2024-03-01 08:00 to 2024-03-12 08:00",
        "5 have no date.",
        "They are listed at the end of this page.",
        "34 addresses address kind",
        "h0@example.com hard 1",
        "5: spam-related, 5.7.1: delivery is not authorized: the message was refused; “refused <address>”",
        "All percentages on this page are of the 1,000 messages sent. They are rounded.",
        "The most frequent cause (5 messages): taken for spam (spam-related), 5.7.1: delivery is not authorized",
    ):
        assert words in page.text, words


@needs_extra
def test_page_is_self_contained(page_of):
    """No script, no link out of it, no address of another host, no inline handler; a policy forbids it besides."""
    text = page_of(ROWS, sent=1000)
    page = Page(text)
    foreign = {"script", "link", "img", "iframe", "object", "embed", "base", "form", "image", "use"}
    assert not set(page.tags) & foreign
    assert not [name for name, _ in page.attributes if name.startswith("on") or name in ("src", "xlink:href")]
    links = [value for name, value in page.attributes if name == "href"]
    assert links == ["#words"] and "words" in page.ids
    assert re.findall(r"[a-z]+://", text) == []
    assert "url(" not in text and "@import" not in text
    assert "default-src 'none'; style-src 'unsafe-inline'" in text


@needs_extra
def test_page_is_accessible(page_of):
    """Headings in order, a name and a description for each plot, a table beside it, no id twice."""
    page = Page(page_of(ROWS))
    assert page.tags.count("figure") == page.tags.count("title") - 1 == page.tags.count("desc") == 4
    assert page.tags.count("h1") == page.tags.count("main") == 1 and "h3" not in page.tags
    assert len(page.ids) == len(set(page.ids))
    labelled = [word for name, value in page.attributes if name == "aria-labelledby" for word in value.split()]
    assert set(labelled) <= set(page.ids)
    assert page.attributes.count(("role", "img")) == 4
    assert page.tags.count("table") == page.tags.count("caption") == 7
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
    assert "{{7*7}}" in text and "49" not in page.text.rsplit("How to read", 1)[0].replace("49.", "")
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
    assert "There are no bounces." in page.text
    assert "Nothing for now. Make this page again" in page.text
    assert "Sent not known" in page.text
    assert "svg" not in page.tags and "Whom to stop mailing" not in page.text


@needs_extra
def test_page_of_harmless_rows(page_of):
    """Where there is nobody to stop mailing the page says that; without dates it says that too."""
    rows = [bounce("a@example.com", "5.7.1", "", None)]
    page = Page(page_of(rows + [Bounce(7, "b", None, None, None, None, "x", "", "", "")], sent=None))
    for words in (
        "no address that you should stop",
        "No bounce has a date.",
        "Bounces of 2 deliveries",
        "are of the 2 bounces",
    ):
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
    for words in ("(78 more)", "(85 more)", "(before)", "5 of 90 domains; bounces at the others: 85"):
        assert words in page.text
    for name in ("category", "domain", "status", "day"):
        table = text.split("Messages by {} and kind".format(name))[1].split("</tbody>")[0]
        sums = re.findall(r'<td class="n" data-h="all">([\d,]+)</td><td class="n">[^<]*%</td></tr>', table)
        assert sum(map(int, sums)) == 90, name


@needs_extra
def test_plan_longer_than_the_page(page_of):
    """Of a long plan the page has the first hundred, says so twice, and says who can get the others, and how."""
    rows = [bounce("h{}@example.com".format(n)) for n in range(101)]
    page = Page(page_of(rows))
    assert "Stop mailing 101 addresses that cannot receive mail. The first 100 are listed at the end of" in page.text
    assert "Whoever made this page can get all of them with “mailkit-bounces suppress”." in page.text
    assert "the first 100 of 101" in page.text
    for text in (Page(page_of(rows[:100])).text, Page(page_of(rows[:1])).text):
        assert "the first" not in text and "mailkit-bounces suppress" not in text
    one = Page(page_of(rows[:1], lang="cs")).text
    assert "Přestaňte obesílat 1 adresu, která nemůže přijímat poštu. Najdete ji na konci stránky." in one
    assert " 1 adresa adresa " in one and " 1 doména doména " in one


@needs_extra
def test_plan_is_of_the_options(page_of):
    """The number of soft bounces can be chosen, and windows are told."""
    assert "Stop mailing 30 addresses" in Page(page_of(ROWS, soft_count=None)).text
    assert "Stop mailing 34 addresses" in Page(page_of(ROWS, soft_within=timedelta(days=8))).text
    assert "Stop mailing 30 addresses" in Page(page_of(ROWS, soft_within=timedelta(days=7))).text
    page = Page(page_of(ROWS, exclude=[Window("example.com")]))
    assert "Stop mailing 4 addresses" in page.text and "30 bounces were left out on request." in page.text
    assert "Unknown 0" in Page(page_of(ROWS[:30])).text


def delivery(id_send, subject="", sent=None, date=None, campaign=12345):
    return Delivery(campaign, id_send, subject, "", date, sent, None, None, None, None, None, "")


@needs_extra
def test_page_names_its_deliveries(page_of):
    """Subject, date and number sent come from the deliveries; percentages are of their sum; those without are told."""
    known = [delivery(123456, "Spring <offers>", 800, DAY), delivery(7, "Quiet", 200), delivery(8, "x" * 300, 1)]
    page = Page(page_of(ROWS, deliveries=iter(known)))
    for words in (
        "Bounces of 3 deliveries",
        "3 deliveries; 2 had no bounce",
        "Spring <offers> 2024-03-01 08:00 123456 12345 800 48 6.0 %",
        "Quiet 7 12345 200 0 0.0 %",
        "Sent 1,001",
        "All percentages on this page are of the 1,001 messages sent.",
        "x" * 199 + "\u2026",
    ):
        assert words in page.text, words
    page = Page(page_of(ROWS, deliveries=[delivery(7, "Quiet", 200)]))
    assert "(subject not known) 123456 48" in page.text and "Sent not known" in page.text
    assert "Bounces of \u201cSpring <offers>\u201d" in Page(page_of(ROWS, deliveries=known[:1])).text
    many = Page(page_of([], deliveries=[delivery(number, "News") for number in range(1, 61)]))
    assert "60 deliveries; 60 had no bounce" in many.text and "(10 more)" in many.text


@needs_extra
def test_page_says_what_is_missing(page_of):
    """A delivery that failed is named with the reason, and is not counted as one without a bounce."""
    known = [delivery(123456, "Spring", 800), delivery(7, "Lost", 200)]
    page = Page(page_of(ROWS, deliveries=known, failed={7: ConnectError("x <y>")}))
    assert "Not on this page: delivery 7. It could not be read: " + str(ConnectError("x <y>")) in page.text
    assert "of the 800 messages sent" in page.text and "had no bounce" not in page.text
    page = Page(page_of(ROWS, deliveries=known, failed={7: ConnectError("x")}, lang="cs"))
    assert "Nepodařilo se ji načíst. Hlášení (anglicky): " + str(ConnectError("x")) in page.text


@needs_extra
def test_page_compares_with_the_period_before(page_of):
    """With numbers sent for both there are percentages, and otherwise not."""
    before = summarize(ROWS[:12], sent=1200)
    page = Page(page_of(ROWS, sent=1000, before=before))
    assert "sent 1,000 1,200 bounces 48 (4.8 %) 12 (1.0 %) hard 30 (3.0 %) 12 (1.0 %)" in page.text
    page = Page(page_of(ROWS, before=before))
    assert "bounces 48 12 hard 30 12" in page.text and "without percentages" in page.text


@needs_extra
def test_hour_in_a_hint(page_of):
    """A hint writes its hour as the rest of the page writes dates."""
    rows = [bounce("a{}@{}.example".format(n, n), date=DAY + timedelta(minutes=n // 50 * 60)) for n in range(51)]
    assert "came back in one hour, 2024-03-01 08:00. This" in Page(page_of(rows)).text
    czech = Page(page_of(rows, lang="cs"))
    assert "během jedné hodiny, 1. 3. 2024 08:00. Hned" in czech.text and "2024-" not in czech.text


@needs_extra
def test_mailbox_that_is_disabled_for_now(page_of):
    """X.2.1 may pass or stay (RFC 3463), so its text promises neither."""
    text = Page(page_of([bounce(status="4.2.1", category="")], lang="cs")).text
    assert "4.2.1: schránka je vypnutá a nepřijímá zprávy" in text and "zrušen" not in text


@needs_extra
def test_page_in_czech(page_of):
    """Every word of ours is Czech, plots and hints too; numbers and dates as Czechs write them."""
    page = Page(page_of(ROWS, lang="cs", deliveries=[delivery(123456, "Jaro", 1000000, DAY)]))
    for words in (
        "Nedoručené zprávy: „Jaro“",
        "Odesláno 1 000 000",
        "Více než polovina všech nedoručených zpráv (30 z 48) je u jedné domény, example.com.",
        "od 1. 3. 2024 08:00 do 12. 3. 2024 08:00",
        "4.2.2: schránka je plná",
        "nedoručeny 3 zprávy; poslední:",
        "30, které nemohou přijímat poštu, 4, u kterých",
        "< 0,1 %",
    ):
        assert words in page.text, words
    assert ("lang", "cs") in page.attributes
    said = page.text.split("}")[-1].replace("mailkit-bounces", "").replace("<address>", "")
    assert not re.search("[Bb]ounce[sd]|messages|[Dd]eliver|address", said)


@needs_extra
@pytest.mark.parametrize(
    "lang, number, said",
    [
        ("en", 1, "not known Bounced 1 message Hard"),
        ("en", 2, "not known Bounced 2 messages Hard"),
        ("cs", 1, "není známo Nedoručeno 1 zpráva Trvalé"),
        ("cs", 2, "není známo Nedoručeno 2 zprávy Trvalé"),
        ("cs", 5, "není známo Nedoručeno 5 zpráv Trvalé"),
        ("en", 1, "The bounce came back at 2024-03-01 08:00 (to the hour)."),
        ("cs", 1, "Zpráva se vrátila 1. 3. 2024 08:00 (s přesností na hodiny)."),
        ("cs", 2, "Zprávy se vrátily 1. 3. 2024 08:00 (s přesností na hodiny)."),
        ("cs", 1, "U 1 blokované zprávy adresu v seznamu ponechte: je v pořádku."),
        ("cs", 1, "„refused“"),
        ("cs", 1, "Zprávy podle hodiny a druhu"),
        ("en", 1, "are of the 1 bounce, as"),
    ],
)
def test_numbers_and_words_agree(page_of, lang, number, said):
    """One, few and many have their forms, an unknown number has no noun, and one hour is not from it to itself."""
    rows = [bounce("b{}@example.net".format(n), "5.7.1", "spam-related", DAY, "refused") for n in range(number)]
    assert said in Page(page_of(rows, lang=lang)).text


@needs_extra
@pytest.mark.parametrize(
    "count, days, said",
    [
        (3, 30, "po 3 dočasně nedoručených zprávách během 30 dnů."),
        (1, 1, "po 1 dočasně nedoručené zprávě během 1 dne."),
    ],
)
def test_rule_of_soft_bounces_in_czech(page_of, count, days, said):
    """It has the forms of its two numbers."""
    rows = [bounce("s@example.net", "4.2.2", "full-mailbox")]
    text = Page(page_of(rows, lang="cs", soft_count=count, soft_within=timedelta(days=days))).text
    assert "Do plánu se adresa dostane " + said in text


@needs_extra
def test_plot_of_one_moment_has_no_axis(page_of):
    """One hour is one bar with its number; no axis from 0 to 1 is drawn for a single bounce."""
    text = page_of(ROWS[:1])
    assert "highest bar" not in text and text.count("<line") == 0
    assert "highest bar: 1" in page_of(ROWS[30:42])


@needs_extra
@pytest.mark.slow
def test_page_of_many_rows(page_of):
    """100,000 rows are a page like any other."""
    page = Page(page_of(bounce("u{}@d{}.example".format(n, n % 900)) for n in range(100000)))
    assert "Bounced 100,000" in page.text and len(page.text) < 60000


@needs_extra
def test_page_of_long_addresses(page_of):
    """An address of 300 characters is on the page, whole."""
    assert "a" * 300 + "@example.com" in page_of([bounce("a" * 300 + "@example.com")])


def test_report_html_refuses(monkeypatch):
    """A language that is not there, and a machine without the extra."""
    if importlib.util.find_spec("jinja2") is not None:
        with pytest.raises(ConfigurationError, match="lang must be one of"):
            report_html(ROWS, lang="de")
    monkeypatch.setitem(sys.modules, "jinja2", None)
    with pytest.raises(ConfigurationError, match="pip install Jinja2"):
        report_html(ROWS)


@needs_extra
def test_report_command(tmp_path, capfd):
    """The command works on saved rows; its page is whole, and hints are on it."""
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
    assert "Bounced 20,000" in page.text and "2.0 %" in page.text
    assert "post.example" in page.text


def test_report_without_the_extra(tmp_path, capfd, monkeypatch):
    """Without the extra it says what to install, before anything is fetched."""
    monkeypatch.setitem(sys.modules, "jinja2", None)
    for argv in (["report", "1", "-O", str(tmp_path / "x")], ["demo", "--report", str(tmp_path / "x")]):
        assert main(argv) == 2
        err = capfd.readouterr().err
        assert err == "mailkit-bounces: the report needs Jinja2: pip install Jinja2\n"
