"""What counting needs: the domain of an address, a part as a percentage, tables of label -> kind -> rows."""
from typing import Dict, Iterable, Tuple

MAX_DOMAIN = 255  # characters; RFC 1035, 2.3.4


def domain_of(email: str) -> str:
    """The domain of *email* in lower case, or "" where there is none that could be one."""
    domain = email.rpartition("@")[2] if "@" in email else ""
    return domain.strip().rstrip(".").lower() if len(domain) <= MAX_DOMAIN else ""


def percent(count: int, total: int) -> str:
    """*count* of *total* as text: ``2.5 %``; never rounded to nothing or to all where it is not."""
    part = 100.0 * count / total
    text = "{:.1f}".format(part)
    if text == "0.0" and count:
        return "< 0.1 %"
    if text == "100.0" and count != total:
        return "> 99.9 %" if part < 100 else "{:.1f} %".format(part)
    return text + " %"


def merged(rows: Iterable[Tuple[str, Dict[str, int]]]) -> Dict[str, Dict[str, int]]:
    """*rows* of (label, kind -> rows) as a table; what has the same label is added, so that nothing is lost.

    A stranger's word may look like one of our own labels: "(none)", "(3 more)".
    """
    table: Dict[str, Dict[str, int]] = {}
    for label, kinds in rows:
        sums = table.setdefault(label, {})
        for kind, number in kinds.items():
            sums[kind] = sums.get(kind, 0) + number
    return table
