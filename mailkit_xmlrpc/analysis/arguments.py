"""What a plan is asked for with: windows whose rows do not count, and the other arguments, all checked."""

from datetime import datetime, timedelta
from typing import Iterable, List, NamedTuple, Optional

from ..exceptions import ConfigurationError
from ..model.rules import Rules
from .counting import domain_of

__all__ = ["Window"]


class Window(NamedTuple):
    """Bounces that do not count: those at a domain, in a time, or both.

    A row without a date is in every window of its domain, so that a plan has fewer addresses, not more. Where only one
    of two dates has a time zone, they are compared as clocks show them.

    :param domain: None means every domain
    :param since: the first moment; None means no beginning
    :param until: the first moment after it; None means no end
    """

    domain: Optional[str] = None
    since: Optional[datetime] = None
    until: Optional[datetime] = None

    def holds(self, domain: str, date: Optional[datetime]) -> bool:
        """Return whether a bounce at *domain* on *date* is in it."""
        if self.domain is not None and self.domain != domain:
            # One domain has several forms; those in a plan are in the form that is compared.
            if domain_of("@" + self.domain) != domain_of("@" + domain):
                return False
        if date is None:
            return True
        after = self.since is None or not _before(date, self.since)
        return after and (self.until is None or _before(date, self.until))


class Options(NamedTuple):
    """The arguments of :func:`suppressions`, checked; windows with domains as :func:`domain_of` writes them."""

    rules: Rules
    soft_count: Optional[int]
    soft_within: timedelta
    windows: List[Window]
    sent: Optional[int]
    max_share: Optional[float]


def checked(
    rules: Rules = Rules(),
    soft_count: Optional[int] = 3,
    soft_within: timedelta = timedelta(days=30),
    exclude: Iterable[Window] = (),
    sent: Optional[int] = None,
    max_share: Optional[float] = None,
) -> Options:
    """Return the arguments of :func:`suppressions`.

    :raises ConfigurationError: one of them cannot be used
    """
    if not isinstance(rules, Rules):
        raise ConfigurationError("rules must be Rules")
    for value, name in ((soft_count, "soft_count"), (sent, "sent")):
        if value is not None and (type(value) is not int or value < 1):
            raise ConfigurationError("{} must be a positive integer or None".format(name))
    if not isinstance(soft_within, timedelta) or soft_within <= timedelta(0):
        raise ConfigurationError("soft_within must be a positive timedelta")
    if max_share is not None:
        if isinstance(max_share, bool) or not isinstance(max_share, (int, float)) or not 0 <= max_share <= 1:
            raise ConfigurationError("max_share must be a number from 0 to 1 or None")
        if sent is None:
            raise ConfigurationError("max_share needs sent: a share of what?")
    windows = list(exclude) if isinstance(exclude, Iterable) else None
    if windows is None or not all(isinstance(window, Window) for window in windows):
        raise ConfigurationError("exclude must be windows")
    return Options(rules, soft_count, soft_within, list(map(_checked_window, windows)), sent, max_share)


def _checked_window(window: Window) -> Window:
    for name in ("since", "until"):
        moment = getattr(window, name)
        if moment is not None and not isinstance(moment, datetime):
            raise ConfigurationError("{} of a window must be a datetime or None".format(name))
    if window.since is not None and window.until is not None and not _before(window.since, window.until):
        raise ConfigurationError("since of a window must be before its until: else no bounce is in it")
    if window.domain is None or window.domain == "":
        return window
    # Else it would be the window of the rows without a domain.
    domain = domain_of("@" + window.domain) if isinstance(window.domain, str) else ""
    if not domain:
        raise ConfigurationError('domain of a window must be a domain, None for all, or "" for rows without one')
    return window._replace(domain=domain)


def _before(date: datetime, bound: datetime) -> bool:
    """Return whether *date* is before *bound*; where only one of them has a time zone, as clocks show them."""
    if (date.tzinfo is None) != (bound.tzinfo is None):
        return date.replace(tzinfo=None) < bound.replace(tzinfo=None)
    return date < bound


# Pickles, tracebacks and documentation name the public place, so that the rooms may change.
for _public in __all__:
    globals()[_public].__module__ = "mailkit_xmlrpc"
