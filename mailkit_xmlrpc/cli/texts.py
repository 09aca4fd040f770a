"""Texts of strangers, made safe to show; and JSON on one line. Any text in a row may come from a stranger.

A text is changed in three ways:

* ``printable``: what does not print (control characters, bidirectional overrides, zero-width characters, odd spaces)
  becomes an escape, ``\\x1b``. In JSON that is ``\\u001b``, which every parser reads back as the same character. In
  CSV, TSV and xlsx the no-break space and the soft hyphen, which Czech texts are full of, stay as they are.
* ``formula_safe``: an apostrophe goes before what a spreadsheet would take for a formula (OWASP, "CSV Injection"), and
  ``formula_back`` takes off exactly that.
* ``excel_safe``: for Excel, an apostrophe goes before what it would take for a number or a date as well, and
  ``excel_back`` takes off exactly that.
"""

import json
import re
from datetime import datetime
from typing import Callable, List

from ..exceptions.redact import printable as printable
from ..model.plain import marked

Cells = List[str]
#: makes one text of another
Change = Callable[[str], str]

KEPT = "\xa0\xad"  # in CSV, TSV and xlsx, though they do not print

# = + - @ and their full-width, small, raised and lowered forms, which some spreadsheets read as the plain ones, and the
# minus sign itself (U+2212).
SIGNS = "=+\\-@\uff1d\uff0b\uff0d\uff20\ufe66\ufe62\ufe63\ufe6b\u207c\u207a\u207b\u208c\u208a\u208b\u2212"
# A sign counts behind a separator too. A spreadsheet whose locale separates by semicolons (a Czech one, say) splits our
# lines at them, even inside quotes, because its own cell did not begin with a quote. So it makes cells that we never
# wrote. Where apostrophes stand already, one more goes before them: so what the guard adds can be taken off exactly.
_BEFORE_FORMULA = "(?='*[\\s\"\xad]*[" + SIGNS + "])"
_FORMULA = re.compile("(?:^|(?<=[;,]))" + _BEFORE_FORMULA)
_GUARD = re.compile("(?:^|(?<=[;,]))'" + _BEFORE_FORMULA)
# An address of letters, digits, dots and the like is no formula, for want of an operator that takes an at-sign.
_ADDRESS = re.compile(r"[+-][\w.+-]*@[a-z0-9-]+(?:\.[a-z0-9-]+)*\.[a-z]{2,}", re.ASCII | re.IGNORECASE)

# What Excel, in English or in Czech, may take for a number, a date, a time, a truth or an error. 5.1.1 is the fifth of
# January to a Czech one, and of a number only 15 digits are kept.
_NUMBER = r"[\d\s.,:/()%$\u20ac-]*"
_MONTH = (
    "jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|"
    "led|\xfano|b\u0159e|dub|kv\u011b|\u010der|srp|z\xe1\u0159|\u0159\xedj|lis|pro"
)
_WORD = r"(?:e[+-]?|am|pm|k\u010d|czk|(?:" + _MONTH + r")[^\W\d_]{0,8})"
_NUMBER_LIKE = re.compile(
    r"'*(?:(?=.*\d)" + _NUMBER + "(?:" + _WORD + _NUMBER + r"){0,2}|true|false|pravda|nepravda|#[\w/!?]+)",
    re.IGNORECASE | re.DOTALL,
)


def formula_safe(text: str) -> str:
    """Return *text* with an apostrophe before everything that a spreadsheet could take for a formula."""
    return text if _ADDRESS.fullmatch(text) else _FORMULA.sub("'", text)


def formula_back(text: str) -> str:
    """Return the text that :func:`formula_safe` was given."""
    return _GUARD.sub("", text)


def excel_safe(text: str) -> str:
    """Return *text* as :func:`formula_safe` does, with an apostrophe before what Excel could take for a number, too."""
    return formula_safe("'" + text if _NUMBER_LIKE.fullmatch(text) else text)


def excel_back(text: str) -> str:
    """Return the text that :func:`excel_safe` was given."""
    text = formula_back(text)
    return text[1:] if text.startswith("'") and _NUMBER_LIKE.fullmatch(text) else text


def each_text(change: Change, value: object) -> object:
    """Return *value*, which JSON can hold, with every string in it changed, names of members too."""
    if isinstance(value, str):
        return change(value)
    if isinstance(value, dict):
        return {change(name): each_text(change, item) for name, item in value.items()}
    if isinstance(value, list):
        return [each_text(change, item) for item in value]
    return value


def json_text(value: object) -> str:
    """Return *value* as one line of JSON: letters as they are, what does not print as an escape of JSON."""
    text = json.dumps(value, ensure_ascii=False, default=_for_json)
    if text.isprintable():
        return text
    # Only strings can hold such a character, and there an escape is allowed.
    return "".join(char if char.isprintable() else json.dumps(char)[1:-1] for char in text)


def _for_json(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError("not a value of a Bounce: {}".format(type(value).__name__))


def cell(value: object, escape: bool = True, safe: Change = str, kept: str = "") -> str:
    """Return *value* as a cell; a dict as JSON.

    :param escape: make texts printable, but for *kept*; JSON always is
    :param safe: what guards a text, also those inside a dict
    """
    if isinstance(value, str):
        return safe(printable(value, kept) if escape else value)
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, dict):
        return json_text(marked(each_text(safe, value)))
    return str(value)
