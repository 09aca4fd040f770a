"""CSV and TSV: quotes stand where they are needed and nowhere else, and a file of any columns can be read again."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailkit_xmlrpc import Bounce
from mailkit_xmlrpc.cli.formats import render
from mailkit_xmlrpc.cli.formats.columns import COLUMNS
from mailkit_xmlrpc.cli.saved import read_rows

SEPARATORS = {"csv": ",", "tsv": "\t"}
TEXTS = ("email", "status", "email_status", "bounce_cat", "reason")
SPECIAL = "\t\r\n \"',;=ab\x01\u2028"

odd_texts = st.text(alphabet=SPECIAL, max_size=6) | st.text(st.characters(blacklist_characters="\0"), max_size=10)
harmless_texts = st.text(alphabet="ab,;\" '", max_size=8).filter(lambda text: not text.startswith("'"))


def rows_of(texts):
    """Lists of rows with *texts* in them."""
    row = st.builds(
        Bounce,
        st.integers(1, 9),
        texts,
        st.none() | st.integers(0, 9),
        st.none(),
        st.none(),
        st.none() | st.datetimes(),
        texts,
        texts,
        texts,
        texts,
        st.dictionaries(texts, texts, max_size=1),
    )
    return st.lists(row, max_size=3)


def some_columns(names):
    """One or more of *names*, in any order."""
    return st.lists(st.sampled_from(names), min_size=1, max_size=len(names), unique=True)


def written(rows, output, columns, raw=False):
    """The text of a file of *rows*."""
    return "".join(render(rows, output, raw=raw, columns=columns))


def cells_of(row, columns, output):
    """The cells of one raw row."""
    values = {name: "" if getattr(row, name) is None else str(getattr(row, name)) for name in columns}
    if "date" in values and row.date is not None:
        values["date"] = row.date.isoformat()
    if "extra" in values:
        ((values["extra"],),) = csv.reader(io.StringIO(written([row], "csv", ["extra"], raw=True).split("\n", 1)[1]))
    cells = [values[name] for name in columns]
    if output == "tsv":
        cells = [cell.replace("\t", "\\t").replace("\n", "\\n").replace("\r", "\\r") for cell in cells]
    return cells


@given(rows_of(odd_texts), st.sampled_from(["csv", "tsv"]), some_columns(COLUMNS))
def test_property_quotes_where_they_are_needed(rows, output, columns):
    """A cell has quotes if a separator, a quote or a line end is in it, or if it is empty and alone in its row."""
    separator = SEPARATORS[output]
    lines = [separator.join(columns)]
    for row in rows:
        cells = cells_of(row, columns, output)
        quoted = [
            '"{}"'.format(cell.replace('"', '""')) if set(cell) & {separator, '"', "\r", "\n"} else cell
            for cell in cells
        ]
        lines.append(separator.join(quoted) if cells != [""] else '""')
    assert written(rows, output, columns, raw=True) == "".join(line + "\n" for line in lines)


@given(rows_of(harmless_texts), st.sampled_from(["csv", "tsv"]), some_columns(TEXTS))
def test_property_any_columns_come_back(tmp_path_factory, rows, output, columns):
    """Whichever columns were asked for, one alone too, ``--from`` reads every cell of them."""
    path = tmp_path_factory.mktemp("rows") / "rows"
    path.write_bytes(written(rows, output, columns).encode("utf-8"))
    back = [[getattr(row, name) for name in columns] for row in read_rows(str(path))]
    assert back == [[getattr(row, name) for name in columns] for row in rows]


@pytest.mark.parametrize("output", ["csv", "tsv"])
def test_empty_cell_alone_in_its_row(tmp_path, output):
    """A row of one empty cell is no blank line, which would be no row."""
    rows = [Bounce(1, email, None, None, None, None, "", "", "", "") for email in ("", "a,b", "")]
    text = written(rows, output, ["email"])
    assert text == 'email\n""\n{}\n""\n'.format('"a,b"' if output == "csv" else "a,b")
    path = tmp_path / "rows"
    path.write_text(text)
    assert [row.email for row in read_rows(str(path))] == ["", "a,b", ""]


def test_blank_line_is_no_row(tmp_path):
    """A blank line, which fetch never writes, is refused."""
    path = tmp_path / "rows"
    path.write_text("email\n\n")
    with pytest.raises(ValueError, match="not what fetch writes"):
        list(read_rows(str(path)))
