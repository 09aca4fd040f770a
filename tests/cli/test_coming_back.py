"""What is changed for spreadsheets and JSON comes off exactly when it is read, and is no more than what it must be."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailkit_xmlrpc.cli.saved import read_rows
from mailkit_xmlrpc.cli.texts import formula_back, formula_safe, json_text, printable
from mailkit_xmlrpc.model.plain import marked, unmarked
from tests.cli.test_formats import bounce, cell_of, text


@pytest.mark.parametrize("email", ["+anna@example.com", "-x@example.com", "+420-1_a.b@mail.EXAMPLE.co.uk"])
def test_address_that_is_no_formula_is_left_alone(email):
    """An address may begin with a sign: it stays as it is, where nothing in it could be run."""
    assert cell_of(bounce(email=email), column="email") == email
    assert formula_back(email) == email


@pytest.mark.parametrize("output", ["csv", "tsv"])
def test_blanks_of_czech_texts_stay(output):
    """The no-break space and the soft hyphen stay as they are in CSV and TSV, and are escapes in a table."""
    assert cell_of(bounce("k\xa0n\xad\u011bmu"), output) == "k\xa0n\xad\u011bmu"
    assert "k\\xa0n\\xad" in text([bounce("k\xa0n\xad")], "table")


@given(st.text() | st.text(alphabet="=+-@\uff1d;, \"'a\xa0\xad\t."))
def test_property_guard_comes_off_exactly(reason):
    """Whatever a text is, what the guard adds comes off again, and nothing else."""
    assert formula_back(formula_safe(reason)) == reason


@given(
    st.recursive(
        st.text("$bytes", max_size=8) | st.binary(max_size=3) | st.integers(),
        lambda inner: (
            st.lists(inner, max_size=2)
            | st.dictionaries(st.sampled_from(["$bytes", "$$bytes", "$$$bytes", "bytes", "$"]), inner, max_size=2)
        ),
    )
)
def test_property_mark_of_bytes(value):
    """A member with the name of our own mark comes back as it was, and so do bytes."""
    assert unmarked(json.loads(json_text(marked(value)))) == value


@pytest.mark.parametrize("reason", ["\t=1", "\r=1", "\n", "\u3000=1", "\x00=1"])
def test_formula_behind_what_does_not_print(reason):
    """An escape stands before the formula then: no spreadsheet takes it for one."""
    assert cell_of(bounce(reason)) == printable(reason)


@pytest.mark.parametrize("reason, safe", [("a;=1", "a;'=1"), ("a, -1", "a,' -1"), ('a;"=1', "a;'\"=1"), ("a;b", "a;b")])
def test_formula_behind_a_separator_gets_an_apostrophe(reason, safe):
    """A spreadsheet that separates by semicolons finds no formula either."""
    assert cell_of(bounce(reason)) == safe


@pytest.mark.parametrize("reason", ["", "5.1.1", "Bad Mailbox", "a=b", "a-b", "x@example.com", "'", "{}", "a; b"])
def test_text_that_is_harmless_is_left_alone(reason):
    """Ordinary texts are not touched."""
    assert formula_safe(reason) == reason


def test_guard_inside_extra_comes_off_once(tmp_path):
    """Each text of extra has its own guard, and the cell around them has none."""
    row = bounce(extra={",'@": ["'=1", "a;''-1"]}, email="", status="", email_status="", bounce_cat="")
    path = tmp_path / "rows"
    path.write_text(text([row], "csv"), encoding="utf-8")
    assert list(read_rows(str(path))) == [row]
