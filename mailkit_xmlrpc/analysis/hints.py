"""What stands out in a summary, in sentences for a person."""

from typing import Dict, Tuple

_TOO_MANY = (
    "There are more bounces than messages sent. The number of messages sent is wrong, or a report is in here twice."
)
_DOMAIN = (
    "More than half of all bounces ({count} of {total}) are at one domain, {domain}. That provider may have had an "
    "outage, or it refuses your mail."
)
_HARD_DOMAIN = (
    "More than half of all hard bounces ({count} of {total}) are at one domain, {domain}. When a provider has an "
    "outage, good addresses may be reported as unknown. Look at these bounces before you stop mailing the addresses. "
    "You can leave out a time at a domain."
)
_HOUR = (
    "More than half of all bounces with a date ({count} of {total}) came back in one hour, {hour}. This is usual "
    "right after sending. At another time it points to an incident."
)
#: all of them, for catalogues of translations
TEMPLATES = (_TOO_MANY, _DOMAIN, _HARD_DOMAIN, _HOUR)


class Hint(str):
    """A sentence, which also knows what it is made of, so that it can be said in another language.

    :param template: the sentence with ``{names}``
    :param values: what stands in their places
    """

    template: str
    values: Dict[str, object]

    def __new__(cls, template: str, **values: object) -> "Hint":
        hint = str.__new__(cls, template.format(**values))
        hint.template = template
        hint.values = values
        return hint

    def __reduce__(self) -> Tuple[object, ...]:
        return str, (str(self),)


def too_many() -> Hint:
    """More bounces than messages sent."""
    return Hint(_TOO_MANY)


def one_domain(count: int, total: int, domain: str) -> Hint:
    """Most bounces are at one domain."""
    return Hint(_DOMAIN, count=count, total=total, domain=domain)


def hard_at_one_domain(count: int, total: int, domain: str) -> Hint:
    """Most hard bounces are at one domain."""
    return Hint(_HARD_DOMAIN, count=count, total=total, domain=domain)


def one_hour(count: int, total: int, hour: str) -> Hint:
    """Most bounces came back in one hour."""
    return Hint(_HOUR, count=count, total=total, hour=hour + ":00")
