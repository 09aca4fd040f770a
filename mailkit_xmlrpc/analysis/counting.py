"""What counting needs: addresses and domains in the form in which they are compared, shares, and tables."""

import unicodedata
from typing import Dict, Iterable, Tuple

#: label -> kind -> rows
Table = Dict[str, Dict[str, int]]

MAX_DOMAIN = 255  # characters; RFC 1035, 2.3.4
_MAX_LABEL = 63  # characters of a part of a domain; likewise
#: what may stand behind a domain: blanks, as str.isspace() has them, and dots
_END = ".\t\n\x0b\x0c\r\x1c\x1d\x1e\x1f \x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(
    map(chr, range(0x2000, 0x200B))
)
_ACE = "xn--"  # how a part in punycode begins (RFC 5890, 2.3.2.1)


def domain_of(email: str) -> str:
    """Return the domain of *email* as it is compared, or "" where there is none that could be one.

    One domain has one form, in lower case: letters and punycode, composed and decomposed accents, a dot at the end,
    blanks around, and ``<anna@example.com>`` make no difference.
    """
    domain = _parts(email)[1]
    return _compared_domain(domain) if len(domain) <= MAX_DOMAIN else ""


def address_of(email: str) -> str:
    """Return *email* as it is compared, or "" where nobody is named: its domain as :func:`domain_of` writes it.

    The case of the local part is kept: it may mean something.
    """
    local, domain = _parts(email)
    local = local if _is_ascii(local) else unicodedata.normalize("NFC", local)
    domain = _compared_domain(domain) if len(domain) <= MAX_DOMAIN else domain.lower()
    return "{}@{}".format(local, domain) if domain else local


def _parts(email: str) -> Tuple[str, str]:
    """Return the local part and the domain of *email*, without what may stand around them."""
    text = email.strip()
    if text.endswith(">"):
        text = text[text.rfind("<") + 1 : -1].strip()
    local, at, domain = text.rpartition("@")
    if not at:
        return text, ""
    return local.rstrip(), domain.lstrip().rstrip(_END)


def _compared_domain(domain: str) -> str:
    lowered = domain.lower()
    if _is_ascii(lowered) and _ACE not in lowered:
        return lowered
    # As browsers compare domains (UTS #46): compatibility forms, too. Every full stop of IDNA parts (RFC 3490, 3.1).
    lowered = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", lowered).lower()).replace("\u3002", ".")
    return ".".join(map(_letters, lowered.split("."))).lstrip().rstrip(_END)


def _letters(label: str) -> str:
    """Return a part of a domain in letters where it is punycode of some, and as it is where it is not."""
    if not label.startswith(_ACE) or len(label) > _MAX_LABEL:
        return label
    try:
        letters = label[len(_ACE) :].encode("ascii").decode("punycode")
        same = letters == unicodedata.normalize("NFKC", letters.lower())
        same = same and letters.encode("punycode").decode("ascii") == label[len(_ACE) :]
    except (UnicodeError, ValueError, OverflowError):
        return label
    # A dot, an at-sign or a blank in it would make another domain of it.
    same = same and letters.isprintable() and not set(letters) & set(" .@\u3002")
    return letters if same and not _is_ascii(letters) else label


def _is_ascii(text: str) -> bool:
    # str.isascii() exists only since Python 3.7.
    return len(text) == len(text.encode("utf-8", "surrogatepass"))


def percent(count: int, total: int) -> str:
    """Return *count* of *total* as text: ``2.5 %``. It is never rounded to nothing or to all where it is neither."""
    part = 100.0 * count / total
    text = "{:.1f}".format(part)
    if text == "0.0" and count:
        return "< 0.1 %"
    if text == "100.0" and count != total:
        return "> 99.9 %" if part < 100 else "{:.1f} %".format(part)
    return text + " %"


def merged(rows: Iterable[Tuple[str, Dict[str, int]]]) -> Table:
    """Return a table of *rows* of (label, kind -> rows). What has the same label is added up, so that nothing is lost.

    A stranger's word may look like one of our own labels: "(none)", "(3 more)".
    """
    table: Table = {}
    for label, kinds in rows:
        sums = table.setdefault(label, {})
        for kind, number in kinds.items():
            sums[kind] = sums.get(kind, 0) + number
    return table
