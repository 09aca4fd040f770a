"""The report page in a real browser: nothing asked of anybody, no complaint, plots to be seen, strangers harmless.

It needs Debian's chromium (``apt-get install chromium``) and Playwright from PyPI; where one is missing it is skipped,
and with MAILKIT_TEST_BROWSER=1, as where the project is proven, it fails instead.
"""
import importlib.util
import os
import shutil
from pathlib import Path

import pytest

from mailkit_xmlrpc import Bounce
from mailkit_xmlrpc._command_report import write_report
from mailkit_xmlrpc._normalise import bounce_from_struct
from mailkit_xmlrpc._sample import SampleReport

BROWSER = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
# Without these, chromium calls its maker's hosts by itself; as root it needs --no-sandbox.
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
HOSTILE = [
    "</style></title><script>document.title='owned'</script>",
    "<img src=https://x.invalid/ onerror=\"document.title='owned'\">",
    "<svg onload=\"document.title='owned'\"><a href=javascript:document.title='owned'>",
    "\u202e{{7*7}}{% include 'x' %}\x1b]0;owned\x07",
    "'\"><style>@import url(https://x.invalid/)</style>&lt;b&gt;",
]


def needed(name):
    """See that the module *name* is there. It is not imported: pygal would add to the process's imports."""
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
    needed("pygal")
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
    """The page of 20,000 made-up rows, and that of hostile ones."""
    folder = tmp_path_factory.mktemp("pages")
    rows = (bounce_from_struct(dict(row, DATE=str(row["DATE"])[:19]), 123456) for row in SampleReport(20000))
    write_report(rows, str(folder / "sample.html"), sent=1000000)
    hostile = [
        Bounce(n + 1, text + "@" + text, None, None, None, None, status, text, text, text)
        for text in HOSTILE
        for n, status in enumerate([text, "5.1.1 " + text])
    ]
    write_report(hostile * 10, str(folder / "hostile.html"), sent=1000, title=HOSTILE[0])
    return folder


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
    """No request but the page itself, no console message, four plots with bars, nothing wider than the window."""
    visit = Visit(browser, pages / name, color_scheme=scheme, viewport={"width": width, "height": 900})
    page = visit.page
    assert visit.requests == [visit.url]
    assert visit.complaints == []
    assert page.title() == (HOSTILE[0] if name == "hostile.html" else "Bounces of delivery 123456")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    plots = page.query_selector_all("figure svg")
    assert len(plots) == 4
    for plot in plots:
        box = plot.bounding_box()
        assert box["width"] > 250 and box["height"] > 80
    assert page.query_selector_all("script, img, link, iframe, [onload], [onerror], [href]") == []
    bars = page.query_selector_all("#chart-category .bar rect, #chart-domain .bar rect, #chart-status .bar rect")
    assert len(bars) >= 3
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
    assert contrast("figure svg .axis text", "fill") >= 4.5
    for bar in range(4):
        assert contrast("#chart-domain .serie-{} .bar rect".format(bar), "fill") >= 3, bar
    visit.context.close()


def test_paper(browser, pages):
    """On paper the whole tables are there, dark on white."""
    visit = Visit(browser, pages / "sample.html", color_scheme="dark")
    visit.page.emulate_media(media="print")
    assert visit.page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert visit.page.evaluate("getComputedStyle(document.querySelector('.scroll')).maxHeight") == "none"
    assert visit.page.pdf()[:5] == b"%PDF-"
    visit.context.close()


def test_screenshot(browser, pages):
    """The picture in the documentation can be made anew: MAILKIT_SCREENSHOT=1 writes it."""
    visit = Visit(browser, pages / "sample.html", color_scheme="light", viewport={"width": 1280, "height": 1900})
    picture = visit.page.screenshot()
    assert 20000 < len(picture) < 400000
    if os.environ.get("MAILKIT_SCREENSHOT"):
        target = Path(__file__).resolve().parents[2] / "docs" / "report.png"
        target.parent.mkdir(exist_ok=True)
        target.write_bytes(picture)
    visit.context.close()
