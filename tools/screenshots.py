"""Take the pictures of the documentation: the report page in chromium, the commands in a terminal.

    python tools/screenshots.py [FOLDER]

FOLDER is docs/pictures unless one is given. It needs Jinja2, rich, Playwright, and Debian's chromium.
"""

import contextlib
import io
import os
import re
import shutil
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BROWSER = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-sync"]

#: name of the picture -> (language of the page, width and height, how the browser is set)
PAGES = {
    "desktop": ("en", (1280, 1500), {}),
    "dark": ("en", (1280, 1000), {"color_scheme": "dark"}),
    "phone": ("en", (390, 1700), {"device_scale_factor": 1.5}),
    "czech": ("cs", (1280, 1500), {}),
    "print": ("en", (794, 1123), {}),
}
#: name of the picture -> (columns, the command)
COMMANDS = {
    "table-80": (80, ["fetch", "123456"]),
    "table-160": (160, ["fetch", "123456", "--columns", "all"]),
    "summary-80": (80, ["summary", "123456", "--sent", "20000", "--top", "5"]),
    "usage-80": (80, ["fecth"]),
}


def pages(folder):
    """Take the pictures of the page."""
    from playwright.sync_api import sync_playwright

    from mailkit_xmlrpc.cli import main

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=BROWSER, args=FLAGS)
        for name, (lang, (width, height), options) in PAGES.items():
            path = folder / "page.html"
            assert main(["demo", "--report", str(path), "--language", lang]) == 0
            context = browser.new_context(viewport={"width": width, "height": height}, **options)
            page = context.new_page()
            page.goto(path.as_uri())
            if name == "print":
                page.emulate_media(media="print")
            page.screenshot(path=str(folder / "page-{}.png".format(name)))
            context.close()
            path.unlink()
        browser.close()


class Terminal(io.StringIO):
    """A stream that is a terminal."""

    encoding = "utf-8"

    def isatty(self):
        return True


def terminals(folder):
    """Draw what the commands write to a terminal as SVG, by rich."""
    from rich.console import Console
    from rich.terminal_theme import DEFAULT_TERMINAL_THEME, SVG_EXPORT_THEME
    from rich.text import Text

    from mailkit_xmlrpc.cli import main
    from mailkit_xmlrpc.simulator import Simulator

    os.environ.update(TERM="xterm-256color", MAILKIT_CLIENT_ID="1234567", MAILKIT_CLIENT_MD5="0123456789abcdef" * 2)
    with Simulator() as mailkit:
        os.environ["MAILKIT_URL"] = mailkit.url
        for name, (columns, command) in COMMANDS.items():
            os.environ["COLUMNS"] = str(columns)
            screen = Terminal()
            with contextlib.redirect_stdout(screen), contextlib.redirect_stderr(screen):
                main(command)
            console = Console(file=io.StringIO(), record=True, width=columns, force_terminal=True)
            console.print(Text("$ mailkit-bounces {}".format(" ".join(command))))
            console.print(Text.from_ansi(screen.getvalue()), soft_wrap=False)
            for theme, end in ((SVG_EXPORT_THEME, ""), (DEFAULT_TERMINAL_THEME, "-light")):
                options = {"title": "mailkit-bounces", "theme": theme, "unique_id": name, "clear": False}
                svg = re.sub(r"@font-face \{.*?\}\s*", "", console.export_svg(**options), flags=re.DOTALL)
                # A font of somebody else's server is taken out.
                (folder / "terminal-{}{}.svg".format(name, end)).write_text(svg, encoding="utf-8")


def main():
    """Take all pictures."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "docs" / "pictures"
    folder.mkdir(parents=True, exist_ok=True)
    sys.path.insert(0, str(ROOT))
    terminals(folder)
    pages(folder)


if __name__ == "__main__":
    main()
