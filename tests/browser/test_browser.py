"""The report page in a real browser: nothing asked of anybody, no complaint, plots to be seen, strangers harmless.

It needs Debian's chromium (``apt-get install chromium``) and Playwright from PyPI; where one is missing it is skipped,
and with MAILKIT_TEST_BROWSER=1, as where the project is proven, it fails instead.
"""

import importlib.util
import os
import shutil

import pytest

from mailkit_xmlrpc import Bounce, Delivery, report_html
from mailkit_xmlrpc.protocol.fields import bounce_from_struct
from mailkit_xmlrpc.simulator.sample import SampleReport

BROWSER = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
# Without these, chromium calls its maker's hosts by itself; as root it needs --no-sandbox.
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
HOSTILE = [
    "</style></title><script>document.title='owned'</script>",
    "<img src=https://x.invalid/ onerror=\"document.title='owned'\">",
    "<svg onload=\"document.title='owned'\"><a href=javascript:document.title='owned'>",
    "\u202e{{7*7}}{% include 'x' %}\x1b]0;owned\x07",
    "'\"><style>@import url(https://x.invalid/)</style>&lt;b&gt;",
]


def needed(name):
    """See that the module *name* is there."""
    if importlib.util.find_spec(name) is None:
        lacking(name)


def lacking(what):
    """Skip, loudly, or fail where it must run."""
    message = "the report page is NOT tested in a browser: {} is missing".format(what)
    (pytest.fail if os.environ.get("MAILKIT_TEST_BROWSER") else pytest.skip)(message)


@pytest.fixture(scope="module")
def browser():
    """Chromium, without a window."""
    needed("jinja2")
    needed("playwright")
    if BROWSER is None:
        lacking("chromium (apt-get install chromium)")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=BROWSER, args=FLAGS, timeout=60000)
        yield chromium
        chromium.close()


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    """The page of 20,000 made-up rows, in both languages, and that of hostile ones."""
    folder = tmp_path_factory.mktemp("pages")
    for name, lang in (("sample.html", "en"), ("czech.html", "cs")):
        rows = (bounce_from_struct(dict(row, DATE=str(row["DATE"])[:19]), 123456) for row in SampleReport(20000))
        (folder / name).write_text(report_html(rows, sent=1000000, lang=lang), encoding="utf-8")
    hostile = [
        Bounce(n + 1, text + "@" + text, None, None, None, None, status, text, text, text)
        for text in HOSTILE
        for n, status in enumerate([text, "5.1.1 " + text])
    ]
    deliveries = [Delivery(5, 1, HOSTILE[0], "", None, 1000, None, None, None, None, None, "")]
    page = report_html(hostile * 10, deliveries=deliveries, sent=1000, title=HOSTILE[0], lang="cs")
    (folder / "hostile.html").write_text(page, encoding="utf-8")
    return folder


# The texts of plots that lie on another text, or leave their plot.
OVERLAPS = """Array.from(document.querySelectorAll("figure > svg")).flatMap(svg => {
    const texts = Array.from(svg.querySelectorAll("text")).filter(text => text.getClientRects().length);
    const plot = svg.getBoundingClientRect();
    const shown = text => {  // An SVG element inside another cuts off what leaves it.
        const box = text.getBoundingClientRect(), place = text.parentNode;
        const end = place === svg ? Infinity : plot.left + place.width.baseVal.value;
        return {left: box.left, right: Math.min(box.right, end), top: box.top, bottom: box.bottom};
    };
    const boxes = texts.map(shown);
    const leaves = box => box.left < plot.left - 1 || box.right > plot.right + 1;
    const overlap = (box, other) => box.left < other.right && other.left < box.right &&
        box.top < other.bottom - 3 && other.top < box.bottom - 3;
    const bad = (box, n) => leaves(box) || boxes.slice(0, n).some(other => overlap(box, other));
    return texts.filter((text, n) => bad(boxes[n], n)).map(text => text.textContent);
})"""


class Visit:
    """A page that was opened, and what happened meanwhile."""

    def __init__(self, browser, path, **options):
        self.requests, self.complaints = [], []
        self.context = browser.new_context(**options)
        self.page = self.context.new_page()
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("dialog", lambda dialog: self.complaints.append("dialog"))
        self.url = path.as_uri()
        self.page.goto(self.url)
        self.page.wait_for_load_state("networkidle")


@pytest.mark.parametrize("name", ["sample.html", "hostile.html"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_page_in_a_browser(browser, pages, name, scheme, width):
    """No request but the page itself, no console message, a plot of each table, nothing wider than the window."""
    visit = Visit(browser, pages / name, color_scheme=scheme, viewport={"width": width, "height": 900})
    page = visit.page
    assert visit.requests == [visit.url]
    assert visit.complaints == []
    assert page.title() == (HOSTILE[0] if name == "hostile.html" else "Bounces of delivery 123456")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    plots = page.query_selector_all("figure > svg")
    assert len(plots) == (3 if name == "hostile.html" else 4)  # of rows without a date there is no plot of time
    for plot in plots:
        box = plot.bounding_box()
        assert box["width"] > 250 and box["height"] >= 40
    assert page.query_selector_all("script, img, link, iframe, [onload], [onerror]") == []
    assert [link.get_attribute("href") for link in page.query_selector_all("[href]")] == ["#words"]
    assert page.evaluate(OVERLAPS) == []
    bars = page.query_selector_all("figure rect.bar")
    assert len(bars) >= 4
    assert max(bar.bounding_box()["width"] for bar in bars) > 100
    colours = {bar.evaluate("bar => getComputedStyle(bar).fill") for bar in bars}
    assert colours and "rgb(0, 0, 0)" not in colours and "none" not in colours
    visit.context.close()


def luminance(colour):
    """WCAG 2.1's relative luminance of a computed colour such as ``rgb(1, 2, 3)``."""
    parts = [float(part) / 255 for part in colour[4:-1].split(",")]
    red, green, blue = (part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_contrast(browser, pages, scheme):
    """Text has a contrast of at least 4.5 to 1, bars of at least 3 to 1 (WCAG 2.1, 1.4.3 and 1.4.11)."""
    visit = Visit(browser, pages / "sample.html", color_scheme=scheme)
    style = "(element, name) => getComputedStyle(element)[name]"

    def contrast(selector, name):
        element = visit.page.query_selector(selector)
        card = visit.page.query_selector(".numbers div" if selector.startswith(".numbers") else "body")
        paper, ink = luminance(card.evaluate(style, "backgroundColor")), luminance(element.evaluate(style, name))
        return (max(paper, ink) + 0.05) / (min(paper, ink) + 0.05)

    for selector in ("h1", "td", ".faint", ".numbers .faint", "caption"):
        assert contrast(selector, "color") >= 4.5, selector
    assert contrast("figure text", "fill") >= 4.5
    assert contrast("figure text.axis", "fill") >= 4.5
    for kind in ("hard", "soft", "block", "unknown"):
        assert contrast("figure rect." + kind, "fill") >= 3, kind
        assert contrast(".legend ." + kind, "color") >= 3, kind
    visit.context.close()


def test_paper(browser, pages):
    """On paper the whole tables are there, dark on white."""
    visit = Visit(browser, pages / "sample.html", color_scheme="dark")
    visit.page.emulate_media(media="print")
    assert visit.page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert visit.page.evaluate("getComputedStyle(document.querySelector('.scroll')).maxHeight") == "none"
    assert visit.page.pdf()[:5] == b"%PDF-"
    visit.context.close()


@pytest.mark.parametrize("name", ["sample.html", "hostile.html"])
def test_nothing_is_cut_off_on_a_phone(browser, pages, name):
    """At 390 pixels every cell that is shown lies within the page: no table must be pushed sideways."""
    visit = Visit(browser, pages / name, viewport={"width": 390, "height": 900})
    sideways = """Array.from(document.querySelectorAll(".scroll, .scroll td, .scroll tbody th")).filter(element =>
        element.getClientRects().length && (element.getBoundingClientRect().right > 390.5
        || element.scrollWidth > element.clientWidth + 1 && element.matches(".scroll"))).length"""
    assert visit.page.evaluate(sideways) == 0
    visit.context.close()


@pytest.mark.parametrize("name", ["sample.html", "czech.html", "hostile.html"])
@pytest.mark.parametrize("width", [800, 1100, 1280, 1600])
def test_no_table_is_wider_than_its_place(browser, pages, name, width):
    """On a desk no table scrolls sideways, also where a scrollbar of 17 pixels stands beside it and beside the page."""
    visit = Visit(browser, pages / name, viewport={"width": width - 17, "height": 900})
    visit.page.add_style_tag(content=".scroll { padding-right: 17px; }")
    wide = """Array.from(document.querySelectorAll(".scroll")).filter(element =>
        element.scrollWidth > element.clientWidth).map(element => element.getAttribute("aria-label"))"""
    assert visit.page.evaluate(wide) == []
    visit.context.close()
