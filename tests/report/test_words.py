"""The words of the page: catalogues are complete and compiled, numbers and dates are those of the language."""

import gettext
import re
import string
import sys
from datetime import datetime
from pathlib import Path

import pytest

from mailkit_xmlrpc import ConfigurationError
from mailkit_xmlrpc.report import words
from mailkit_xmlrpc.report.words import LANGUAGES, Words

CATALOGUES = sorted(Path(words.FOLDER).glob("*/LC_MESSAGES/*.po"))
TOOLS = Path(__file__).resolve().parents[2] / "tools"


def catalogue(path):
    """The entries of a catalogue."""
    polib = pytest.importorskip("polib", reason="polib (extra test) is not installed")
    return polib.pofile(str(path))


def names(text):
    """The ``{names}`` in a template."""
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_each_language_has_its_catalogue():
    """English is in the sources; every other language has both forms of a catalogue."""
    assert [path.parts[-3] for path in CATALOGUES] == sorted(set(LANGUAGES) - {"en"})
    assert all(path.with_suffix(".mo").exists() for path in CATALOGUES)


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.parts[-3])
def test_compiled_catalogue_is_the_written_one(path):
    """The .mo was made from the .po that lies beside it: ``python tools/catalogue.py``."""
    assert catalogue(path).to_binary() == path.with_suffix(".mo").read_bytes()


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.parts[-3])
def test_catalogue_is_complete(monkeypatch, path):
    """Every text that the page can say is translated, none more is, and each has the values of the English one."""
    pytest.importorskip("jinja2", reason="needs the extra report")
    if not TOOLS.exists():
        pytest.skip("the tools are not here")
    monkeypatch.syspath_prepend(str(TOOLS))
    import catalogue as tool

    entries = catalogue(path)
    assert {(entry.msgid, entry.msgid_plural or None) for entry in entries} == set(tool.messages())
    for entry in entries:
        texts = list(entry.msgstr_plural.values()) or [entry.msgstr]
        assert all(texts) and not entry.fuzzy, entry.msgid
        for text in texts:
            assert names(text) == names(entry.msgid_plural or entry.msgid), entry.msgid
    assert "catalogue" in sys.modules


def test_czech_has_three_plurals():
    """One, few, many: by gettext of the standard library."""
    said = [Words("cs").plural("{n} delivery", "{n} deliveries", number) for number in (1, 2, 5, 1200)]
    assert said == ["1 rozesílka", "2 rozesílky", "5 rozesílek", "1\u00a0200 rozesílek"]
    assert isinstance(Words("cs")._catalogue, gettext.GNUTranslations)


@pytest.mark.parametrize(
    "lang, number, percent, moment, day",
    [
        ("en", "1,234,567", "2.5\u00a0%", "2024-03-01 08:30", "2024-03-01"),
        ("cs", "1\u00a0234\u00a0567", "2,5\u00a0%", "1.\u00a03.\u00a02024 08:30", "1.\u00a03.\u00a02024"),
    ],
)
def test_numbers_and_dates(lang, number, percent, moment, day):
    """As people write them there."""
    said = Words(lang)
    assert (said.number(1234567), said.percent(25, 1000)) == (number, percent)
    assert said.moment(datetime(2024, 3, 1, 8, 30)) == moment
    assert said.moment("2024-03-01") == day and said.moment("(other)") == "(other)"
    assert said.moment("2024-03-01T08") == moment.replace("30", "00")


@pytest.mark.parametrize("lang", ["de", "CS", "", None])
def test_language_that_is_not_there(lang):
    """It is refused."""
    with pytest.raises(ConfigurationError, match="lang must be one of en, cs"):
        Words(lang)


def test_czech_catalogue_is_czech():
    """No English sentence was left as its own translation (a name may be)."""
    for path in CATALOGUES:
        same = [entry.msgid for entry in catalogue(path) if entry.msgstr == entry.msgid]
        assert [text for text in same if re.search("[a-z]{3}", text)] == []
