"""What a text consists of: addresses, dates, codes, names of hosts, words. Pure."""

import re
from datetime import date
from typing import Match, Optional

from ..exceptions.boundary import raised_by_caller

#: domains of so many people that they tell nobody apart; each of two labels
WELL_KNOWN = frozenset(
    """
    aol.com apple.com gmail.com gmx.at gmx.de gmx.net google.com googlemail.com hotmail.com icloud.com live.com me.com
    microsoft.com msn.com office365.com outlook.com proton.me protonmail.com t-online.de web.de yahoo.com
    mail.ru yandex.ru interia.pl o2.pl onet.pl wp.pl
    atlas.cz centrum.cz email.cz post.cz quick.cz seznam.cz spoluzaci.cz tiscali.cz volny.cz
    azet.sk centrum.sk inmail.sk pobox.sk post.sk zoznam.sk
    example.com example.net example.org
    """.split()
)
#: what is below is nobody's (RFC 2606, RFC 6761)
_RESERVED = frozenset("example invalid localhost test".split())
_ENDS = frozenset("biz com edu eu gov info name net online org shop".split())
_MAX_LOCAL = 320  # characters before an at-sign that are looked at; RFC 5321 allows 64

# A byte that the encoding forbids is a lone surrogate in the text.
WORD = re.compile("(?:[^\\W_]+|[\udc80-\udcff]+)+")

_AT = "@\uff20\ufe6b"
_APART = "\\s<>\"'(),:;\\[\\]\\\\" + _AT
#: what is, or may be, an address
ADDRESS = re.compile(
    '(?P<local>"(?:[^"\\\\]|\\\\.){1,64}"|(?<![^%(apart)s])[^%(apart)s]{1,%(most)d})(?P<at>[%(at)s])'
    "(?P<domain>[^%(apart)s]{1,255}|\\[[^\\]\\s]{1,255}\\])" % {"apart": _APART, "most": _MAX_LOCAL, "at": _AT}
)
#: what looks like an md5
CODED = re.compile("(?<![0-9A-Za-z])[0-9A-Fa-f]{32}(?![0-9A-Za-z])")
_PARTS = (
    ADDRESS.pattern,
    # a date as documented, one of ISO 8601
    "(?<![0-9])(?P<year>[0-9]{4})(?P<dash>-?)(?P<month>[0-9]{2})(?P=dash)(?P<day>[0-9]{2})"
    "(?P<time>[ T][0-9]{2}:?[0-9]{2}(?::?[0-9]{2})?(?:\\.[0-9]+)?(?:Z|[+-][0-9]{2}:?[0-9]{2})?|(?<=-[0-9]{2}))"
    "(?![0-9])",
    "(?P<code>(?<![\\w.])[245]\\.[0-9]{1,3}\\.[0-9]{1,3}(?!\\w|\\.[0-9]))",
    "(?P<ip>(?<![\\w.])(?:[0-9]{1,3}\\.){3}[0-9]{1,3}(?!\\w|\\.[0-9]))",
    # an address of IPv6, or a time
    "(?P<colons>(?<![\\w:])(?:[0-9A-Fa-f]{0,4}:){2,7}[0-9A-Fa-f]{0,4}(?![\\w:]))",
    "(?:\\w|[\udc80-\udcff])+(?:\\.(?:\\w|[\udc80-\udcff])+)*",
)
TOKEN = re.compile("|".join(_PARTS))

_DIGITS = re.compile("[0-9]+")
_DOUBLE = re.compile("([+-]?(?:[0-9]+(?:\\.[0-9]*)?|\\.[0-9]+))((?:[eE][+-]?[0-9]{1,4})?)")


def address_of(match: "Match[str]") -> str:
    """The address in *match* of ADDRESS or TOKEN, in lower case, with a plain at-sign and nothing behind it."""
    domain = match.group("domain")
    return "{}@{}".format(match.group("local"), domain[: _end_of_words(domain)]).lower()


def tells(text: str) -> bool:
    """Whether there are two characters of words in *text* beside codes: one alone tells nothing of anybody."""
    tokens = " ".join(match.group() for match in TOKEN.finditer(text) if not match.group("code"))
    return len("".join(WORD.findall(tokens))) > 1


def day_of(match: "Match[str]") -> Optional[date]:
    """The day in *match* of TOKEN; None where there is no such day."""
    try:
        return date(*(int(match.group(name)) for name in ("year", "month", "day")))
    except ValueError as error:
        if raised_by_caller(error):
            raise
        return None


def number_in(text: str, double: bool = False) -> "Optional[Match[str]]":
    """*text* as a number of ASCII digits; with *double* its mantissa and its exponent."""
    return (_DOUBLE if double else _DIGITS).fullmatch(text)


def labels_that_stay(text: str, in_address: bool) -> int:
    """Where in *text*, words with dots between them, the end begins that tells nobody apart.

    :param in_address: whether it stands behind an at-sign
    """
    end = _end_of_words(text)
    labels = text[:end].lower().split(".")
    if labels[-1] in _RESERVED and (in_address or len(labels) > 1):
        return 0
    if ".".join(labels[-2:]) in WELL_KNOWN:
        return end - len(".".join(labels[-2:]))
    if len(labels) > 1 and _is_end(labels[-1]):
        return end - len(labels[-1])
    return len(text)


def _end_of_words(text: str) -> int:
    """Where the last word of *text* ends."""
    end = len(text)
    while end and not WORD.fullmatch(text[end - 1]):
        end -= 1
    return end


def _is_end(label: str) -> bool:
    return label in _ENDS or len(label) == 2 and all("a" <= char <= "z" for char in label)
