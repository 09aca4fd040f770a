"""Tables: columns stay aligned; on a terminal a row is a line, in a pipe every cell is whole."""

import re
import sys
from datetime import datetime

import pytest

from mailkit_xmlrpc.cli.formats import render, table
from mailkit_xmlrpc.cli.formats.columns import COLUMNS, TABLE_COLUMNS
from mailkit_xmlrpc.cli.formats.table import cut, width_of
from tests.cli.given import Terminal
from tests.cli.test_formats import FIRST, bounce, text


def test_table_counts_wide_characters_twice_and_accents_not():
    """Columns stay aligned under East Asian characters and combining accents."""
    lines = text(
        [bounce(bounce_cat="日本"), bounce(bounce_cat="e\u0301"), bounce(bounce_cat="ab")], "table"
    ).splitlines()
    assert [line.rstrip() for line in lines[2:]] == [
        "1" + " " * 84 + "日本",
        "1" + " " * 84 + "e\u0301",
        "1" + " " * 84 + "ab",
    ]
    wide = text([bounce("x", bounce_cat="日本")], "table").splitlines()
    assert wide[2] == "1" + " " * 84 + "日本" + " " * 8 + "x"


def test_table_cell_that_is_long_pushes_its_own_row_alone():
    """No cell is cut, and one long cell does not widen the column of all others beyond 40."""
    rows = [bounce("x", email="a" * 300), bounce("x", email="b" * 10)]
    lines = text(rows, "table").splitlines()
    assert "a" * 300 in lines[2] and len(lines[3]) < 200


def test_table_of_more_than_a_block_has_one_header():
    """A long plain table is one table."""
    lines = text([FIRST] * 1100, "table").splitlines()
    assert len(lines) == 1102 and len(set(lines[2:])) == 1


def on_terminal(monkeypatch, columns, rows, names=TABLE_COLUMNS, rich=False):
    """The lines of a table on a terminal so wide, without rich or with it."""
    monkeypatch.setenv("COLUMNS", str(columns))
    if not rich:
        monkeypatch.setitem(sys.modules, "rich.console", None)
    return "".join(render(rows, "table", terminal=Terminal(), columns=names)).splitlines()


def row(reason, email="", date=None):
    """A row whose texts are there."""
    return bounce(reason, email=email, date=date, bounce_cat="", status="")


LONG = row(
    "mailbox is full " * 30,
    email="a" * 300 + "@example.com",
    date=datetime(2024, 2, 29, 12, 0, 0),
)


@pytest.mark.parametrize("rich", [False, True])
@pytest.mark.parametrize("columns", [80, 160])
def test_table_fits_the_terminal(monkeypatch, columns, rich):
    """A row is a line, however long its texts are; an ellipsis says what was cut."""
    if rich:
        pytest.importorskip("rich", reason="rich (extra cli) is not installed")
    rows = [LONG, row("short"), row("Schr\u00e1nka pln\u00e1 " * 9, email="\u65e5" * 90)]
    lines = [re.sub("\x1b[^m]*m", "", line) for line in on_terminal(monkeypatch, columns, rows, rich=rich)]
    assert len(lines) == 5 and max(map(width_of, lines)) <= columns
    assert lines[2].count("\u2026") == 2 and "2024-02-29T12:00:00" in lines[2]


def test_table_fits_a_dumb_terminal(monkeypatch):
    """Where TERM is dumb, rich believes in 80 columns, whatever there are; none is lost."""
    pytest.importorskip("rich", reason="rich (extra cli) is not installed")
    monkeypatch.setenv("TERM", "dumb")
    monkeypatch.delenv("COLUMNS", raising=False)
    monkeypatch.setattr(table, "width", lambda: 160)
    header, _, line = "".join(render([LONG], "table", terminal=Terminal(), columns=TABLE_COLUMNS)).splitlines()
    assert header.split() == list(TABLE_COLUMNS) and width_of(line) == 160


def test_table_cuts_prose_first(monkeypatch):
    """An address keeps its length while the reason can give way."""
    lines = on_terminal(monkeypatch, 80, [row("full " * 40, email="b" * 26 + "@example.com")])
    assert "b" * 26 + "@example.com" in lines[2] and lines[2].endswith("\u2026") and len(lines[2]) == 80


def test_table_of_all_columns_is_wider_than_the_terminal(monkeypatch):
    """Where cells would become unreadable, lines are longer; a cell takes at most 40."""
    lines = on_terminal(monkeypatch, 80, [LONG], COLUMNS)
    assert "a" * 39 + "\u2026" in lines[2]


def test_cut():
    """Cut by columns of the terminal, not by characters."""
    assert cut("abcdef", 6) == "abcdef" and cut("abcdef", 5) == "abcd\u2026"
    assert cut("\u65e5" * 4, 6) == "\u65e5\u65e5\u2026" and cut("e\u0301" * 4, 3) == "e\u0301" * 2 + "\u2026"


def test_cut_on_a_terminal_that_is_not_utf_8(monkeypatch):
    """Where there is no ellipsis, three dots are one."""
    monkeypatch.setitem(sys.modules, "rich.console", None)
    drawn = "".join(render([LONG], "table", terminal=Terminal("ascii"), columns=TABLE_COLUMNS))
    assert drawn.endswith("...\n") and "\u2026" not in drawn


def test_long_table_by_rich_is_drawn_block_by_block(monkeypatch):
    """500 rows at a time, in memory that does not grow; an empty report is a header."""
    pytest.importorskip("rich", reason="rich (extra cli) is not installed")
    lines = on_terminal(monkeypatch, 80, [FIRST] * 1001, rich=True)
    assert len([line for line in lines if "kind" in line]) == 3
    assert len([line for line in on_terminal(monkeypatch, 80, [FIRST] * 1000, rich=True) if "kind" in line]) == 2
    assert len([line for line in on_terminal(monkeypatch, 80, [], rich=True) if "kind" in line]) == 1


def test_table_without_rich_is_plain(monkeypatch):
    """Without rich installed, a terminal gets the plain table."""
    for name in ("rich", "rich.console"):
        monkeypatch.setitem(sys.modules, name, None)
    assert text([FIRST], "table", terminal=Terminal()) == text([FIRST], "table")


def test_table_that_is_not_on_a_terminal_never_imports_rich(monkeypatch):
    """A pipe gets the plain table, whatever is installed, and no cell of it is cut."""
    monkeypatch.setitem(sys.modules, "rich", None)
    assert "a" * 300 in text([LONG], "table")


def test_table_by_the_real_rich_shows_data_as_data(monkeypatch):
    """The real rich neither reads markup nor emoji names in a cell."""
    pytest.importorskip("rich", reason="rich (extra cli) is not installed")
    drawn = "\n".join(on_terminal(monkeypatch, 160, [row("[red]:smile:[/red] \x1b[0m")], rich=True))
    assert r"[red]:smile:[/red] \x1b[0m" in drawn and table._BLOCK == 500
