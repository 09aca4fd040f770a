"""A summary as text: with and without rich, narrow, long words, more of everything than has room."""

import io
import sys
from datetime import datetime, timedelta

import pytest

from mailkit_xmlrpc import Bounce, summarize
from mailkit_xmlrpc.cli.streams import has_blocks
from mailkit_xmlrpc.report.text import render_summary

DAY = datetime(2024, 3, 1, 8)


def bounce(email="a@example.com", status="5.7.1", category="", date=DAY):
    return Bounce(1, email, None, None, None, date, status, "", category, "")


@pytest.fixture
def terminal(monkeypatch):
    """A stream that says it is a terminal with colours."""
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)

    class Terminal(io.StringIO):
        encoding = "utf-8"

        def isatty(self):
            return True

    return Terminal()


def test_rich_colours_by_kind(terminal):
    """With rich, on a terminal, bars have the colour of their kind; the words are the same."""
    pytest.importorskip("rich")
    summary = summarize([bounce(), bounce(status="5.1.1")])
    coloured = render_summary(summary, 80, terminal)
    assert "\x1b[31m" in coloured and "\x1b[35m" in coloured
    plain = render_summary(summary, 80)
    assert "\x1b" not in plain
    words = [line.split() for line in plain.splitlines()]
    assert "block" in words[3] or "hard" in words[3]


def test_no_color(terminal, monkeypatch):
    """NO_COLOR, set to anything, means no colour."""
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b" not in render_summary(summarize([bounce()]), 80, terminal)


def test_without_rich(terminal, monkeypatch):
    """Without rich a terminal gets the plain text."""
    monkeypatch.setitem(sys.modules, "rich.console", None)
    summary = summarize([bounce()])
    assert render_summary(summary, 80, terminal) == render_summary(summary, 80)


def test_strangers_words_are_visible(terminal):
    """No control sequence reaches the terminal, with rich or without; markup means nothing."""
    summary = summarize([bounce("a@\x1b]0;x\x07[bold]", "\x1b[2J", "\u202e[red]")])
    for text in (render_summary(summary, 80), render_summary(summary, 80, terminal)):
        for forbidden in ("\x1b]", "\x1b[2J", "\x07", "\u202e"):
            assert forbidden not in text
        assert "\\x1b]0;x\\x07[bold]" in text and "\\u202e[red]" in text


def test_ascii_only():
    """A terminal of another encoding gets number signs for bars."""
    text = render_summary(summarize([bounce()]), 80, ascii_only=True)
    assert "####" in text and text.isascii() if hasattr(text, "isascii") else True


def test_terminal_with_another_encoding(monkeypatch):
    """Whether there are block characters depends on the terminal's encoding."""

    class Terminal(io.StringIO):
        encoding = "iso-8859-2"

        def isatty(self):
            return True

    monkeypatch.setattr(sys, "stdout", Terminal())
    assert not has_blocks()
    Terminal.encoding = "UTF-8"
    assert has_blocks()


def test_more_than_has_room():
    """Days, categories and domains without end are told as one line more; a long word has a line of its own; hints."""
    rows = [
        bounce("u@d{}.example".format(n), "5.{}.0".format(n), "c{}".format(n), DAY + timedelta(days=n))
        for n in range(40)
    ]
    rows += [bounce("u@{}.example".format("x" * 90), date=None) for _ in range(100)]
    text = render_summary(summarize(rows, sent=100, top=3), 60)
    for words in (
        "\n  " + "x" * 90 + ".example\n",
        "(38 more)",
        "(before)",
        "(no date)",
        "(31 more)",
        "By day",
        "Note: There are more bounces than messages sent",
        "140 bounces of 100 sent (140.0 %)",
    ):
        assert words in text, words


def test_very_narrow():
    """Where there is no room for a bar there is none, and still every number."""
    text = render_summary(summarize([bounce()]), 20)
    assert "1  100.0 %" in text
