"""Columns of raw values become rows, and words that come often are shared."""

from binascii import b2a_base64
from datetime import datetime

import pytest

from mailkit_xmlrpc.protocol.columns import MAX_WORDS
from mailkit_xmlrpc.protocol.xmlrpc import raw_columns
from mailkit_xmlrpc.protocol.xmlrpc.raw_columns import RawWords, bounces_of
from tests.support.raw_rows import ID_SEND, quickly, raw_row, uniform_row

# --- rows -----------------------------------------------------------------------------------------------------------


def test_rows():
    """Each row has its own values and its own extra; missing members are empty, slots may be."""
    first, second, third = quickly(
        (("X", "<int>1</int>"), ("REASON", "<double>5.10</double>"), ("STATUS", "<i4>-05</i4>")),
        (("Y", "a&amp;"), ("ID_EMAIL", "7"), ("DATE", "2014-12-23 12:36:02")),
        (("X", "<nil/>"), ("EMAIL", "")),
    )
    assert (first.reason, first.status, first.email, first.id_email, first.extra) == ("5.10", "-05", "", None, {"X": 1})
    assert (second.id_email, second.date, second.extra) == (7, datetime(2014, 12, 23, 12, 36, 2), {"Y": "a&"})
    assert third.extra == {"X": None}
    assert (first.id_send, second.id_send) == (ID_SEND, ID_SEND)


def test_uniform_rows_before_others():
    """The first rows of a report may have been uniform."""
    rows = [uniform_row(("EMAIL", "a"), ("STATUS", "5"), ("ID_EMAIL", "7")), uniform_row(("EMAIL", "&amp;"))]
    rows += [raw_row(("EMAIL", "b"), ("X", "c")), raw_row(("EMAIL", "d"), ("Y", "e"))]
    for first, last in ((0, 4), (0, 2), (1, 3), (2, 4)):
        bounces = bounces_of(rows[first:last], ID_SEND, None, RawWords())
        assert [(bounce.email, bounce.status, bounce.id_email, bounce.extra) for bounce in bounces] == [
            ("a", "5", 7, {}),
            ("&", "", None, {}),
            ("b", "", None, {"X": "c"}),
            ("d", "", None, {"Y": "e"}),
        ][first:last]


# --- words ----------------------------------------------------------------------------------------------------------


def test_words_shared():
    """Equal statuses, states and categories of many rows are one string; addresses and reasons are not kept."""
    words = RawWords()
    names = ("STATUS", "EMAIL_STATUS", "BOUNCE_CAT", "EMAIL", "REASON")
    raw = [raw_row(*[(name, "<string>{}{}</string>".format(name, "x")) for name in names]) for _ in range(3)]
    bounces = bounces_of(raw, ID_SEND, None, words)
    for field in ("status", "email_status", "bounce_cat"):
        assert len({id(getattr(bounce, field)) for bounce in bounces}) == 1
    assert set(words.values()) == {"STATUSx", "EMAIL_STATUSx", "BOUNCE_CATx"}


def test_words_bounded(monkeypatch):
    """Only so many, and only short ones, are remembered; what is not is converted with its column."""
    assert raw_columns.MAX_WORDS == MAX_WORDS
    monkeypatch.setattr(raw_columns, "MAX_WORDS", 3)
    words = RawWords()
    assert [words[raw] for raw in (b"a", b"<int>05</int>", b"<base64>YQ==</base64>", b"a")] == ["a", "05", "a", "a"]
    for raw in (b"d", b"e"):
        with pytest.raises(KeyError):
            words[raw]
    assert len(words) == 3
    monkeypatch.undo()
    longest = b"x" * raw_columns._MAX_WORD
    assert words[longest] == longest.decode()
    for raw in (longest + b"x", b"<base64>" + b2a_base64(b"\xff").strip() + b"</base64>"):
        with pytest.raises(KeyError):
            words[raw]
    rows = [raw_row(("STATUS", raw)) for raw in ("a", "x" * 1000, "a")]
    assert [bounce.status for bounce in bounces_of(rows, ID_SEND, None, words)] == ["a", "x" * 1000, "a"]


def test_time_limit_that_strikes(monkeypatch):
    """What a signal handler raises while a column is converted is not taken for a column's own failure."""

    def strike(*args):
        raise KeyError("theirs")

    monkeypatch.setattr(raw_columns.RawWords, "__missing__", strike)
    with pytest.raises(KeyError, match="theirs"):
        quickly((("STATUS", "a"),))
