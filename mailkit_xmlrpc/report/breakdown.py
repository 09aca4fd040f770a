"""A summary taken apart into labelled tables, for the text and for the page alike.

A table is label -> kind -> rows. Labels may be words of strangers: who shows them makes them printable.
"""

from typing import Callable

from ..analysis.counting import Table, merged
from ..analysis.summary import Summary
from .words import ENGLISH, Words, marked

KINDS = ("hard", "soft", "block", "unknown")  # in the order of the parts of a bar

NO_WORD = marked("(none)")
MORE = marked("({number} more)")
BEFORE = marked("(before)")


def by_word(summary: Summary, name: str, most: int, label: Callable[[str], str] = str, words: Words = ENGLISH) -> Table:
    """Return the rows by the word of one field, the most frequent first.

    :param name: ``bounce_cat``, ``status`` or ``email_status``
    :param most: so many words are listed one by one; the others are one sum
    :param label: makes the label of a word
    :param words: of our own labels
    """
    table = merged((label(getattr(row, name)), {str(row.kind): row.bounces}) for row in summary.combinations)
    ranked = sorted(table.items(), key=lambda item: (-sum(item[1].values()), item[0]))
    more, none = _more(len(ranked) - most, words), words.text(NO_WORD)
    return merged((word or none if place < most else more, kinds) for place, (word, kinds) in enumerate(ranked))


def by_domain(summary: Summary, most: int, words: Words = ENGLISH) -> Table:
    """Return the rows by domain, the most frequent first; beyond *most* domains the others are one sum."""
    listed = summary.domains[:most]
    rows = [(domain.domain or words.text(NO_WORD), domain.by_kind) for domain in listed]
    others = summary.domain_count - len(listed)
    if others:
        left = {
            kind: number - sum(domain.by_kind.get(kind, 0) for domain in listed)
            for kind, number in summary.by_kind.items()
        }
        rows.append((_more(others, words), left))
    return merged(rows)


def by_time(summary: Summary, hourly: bool, most: int, words: Words = ENGLISH) -> Table:
    """Return the rows by hour (``2014-12-23 12:00``) or by day, those without a date left out.

    :param most: so many hours or days are listed one by one, the last ones; those before them are one sum
    """
    times = summary.kinds_by_hour if hourly else summary.kinds_by_day
    early = len(times) - most
    return merged(
        (words.text(BEFORE) if place < early else words.moment(time), kinds)
        for place, (time, kinds) in enumerate(times.items())
    )


def _more(number: int, words: Words) -> str:
    return words.text(MORE, number=words.number(number))
