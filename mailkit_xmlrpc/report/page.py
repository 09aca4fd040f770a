"""The report page: what is on it, in which words. How it looks is ``page.html``; both need the extra ``report``.

All text goes through Jinja2 with autoescape, and before that through ``printable``: a stranger's words make no markup,
no control character and no change of direction. The page has no script, and a policy in it forbids any.
"""

import os
from datetime import timedelta
from importlib import import_module
from itertools import islice
from typing import Any, Callable, Dict, Iterable, List, Mapping, NamedTuple, Optional, Sequence

from .._version import __version__
from ..analysis.arguments import Options, Window, checked
from ..analysis.counting import Table
from ..analysis.hints import Hint
from ..analysis.newest import NewestStates
from ..analysis.summary import Combination, Summary, Tally
from ..analysis.suppression import Suppression, SuppressionPlan, planned
from ..exceptions import ConfigurationError, MailkitError
from ..exceptions.redact import printable
from ..model.enhanced_status import EnhancedStatus
from ..model.records import Bounce, Delivery
from ..model.rules import Rules
from .breakdown import KINDS, by_domain, by_time, by_word
from .charts import bars, ticks
from .meanings import MEANS, NAMES, PLOTS, meaning_of
from .words import Words

__all__ = ["report_html"]

_BARS = 12  # of a plot; the rest is one bar
_HOURS = 72  # up to so many hours are plotted one by one, then days
_DAYS = 7  # from so many days on, days are plotted
_TIMES = 60  # bars of time; of more, the last
_ADDRESSES = 100  # of the plan on the page
_DELIVERIES = 50  # one by one on the page
_KEPT = "\u00a0"  # a space that does not break: in numbers
_SUBJECT = 200  # characters


def report_html(
    rows: Iterable[Bounce],
    *,
    deliveries: Iterable[Delivery] = (),
    failed: Mapping[int, MailkitError] = {},
    sent: Optional[int] = None,
    before: Optional[Summary] = None,
    lang: str = "en",
    title: Optional[str] = None,
    top: int = 20,
    rules: Rules = Rules(),
    soft_count: Optional[int] = 3,
    soft_within: timedelta = timedelta(days=30),
    exclude: Sequence[Window] = (),
) -> str:
    """Return a page about *rows*: one file of HTML, without a script, that asks nobody for anything.

    A message counts once, by its last row, as in :func:`suppressions`. Needs Jinja2, the extra ``report``.

    :param rows: bounces of one or more deliveries
    :param deliveries: the deliveries that the page is about, also those without a bounce, as
        :meth:`MailkitClient.deliveries` returns them: the page names them
    :param failed: ID_SEND -> the error, of deliveries that could not be read: the page tells what is missing
    :param sent: messages sent; None takes the sum of SEND_COUNT of *deliveries*, where each has one
    :param before: the period before, to compare with: ``summarize(rows_before, sent=...)``
    :param lang: language of the page: ``en`` or ``cs``
    :param title: of the page; None names the deliveries
    :param top: so many domains are listed one by one
    :param rules: which kind a bounce is of
    :param soft_count: as in :func:`suppressions`, for the plan at the end of the page
    :param soft_within: likewise
    :param exclude: likewise
    :raises ConfigurationError: an argument cannot be used, or Jinja2 is not installed
    :raises LocalError: no room for the temporary file, or this Python has no sqlite3
    """
    check_extra()
    words = Words(lang)
    plan_options: Dict[str, Any] = dict(rules=rules, soft_count=soft_count, soft_within=soft_within, exclude=exclude)
    with NewestStates(rows) as newest:
        return page_of(
            newest,
            lambda: Rest(deliveries, failed, newest.repeated),
            words,
            sent=sent,
            before=before,
            title=title,
            top=top,
            **plan_options,
        )


class Rest(NamedTuple):
    """What a page tells beside the rows; known when all of them have been read.

    :param deliveries: the deliveries that the page is about
    :param failed: ID_SEND -> the error, of deliveries that could not be read
    :param repeated: rows that do not count, because a later row tells of the same message
    :param left_out: rows that the options left out
    """

    deliveries: Iterable[Delivery] = ()
    failed: Mapping[int, MailkitError] = {}
    repeated: int = 0
    left_out: int = 0


def page_of(
    rows: Iterable[Bounce],
    rest: Callable[[], Rest],
    words: Words,
    *,
    sent: Optional[int] = None,
    before: Optional[Summary] = None,
    title: Optional[str] = None,
    top: int = 20,
    **plan_options: Any,
) -> str:
    """As :func:`report_html`, of *rows* that are known to be of different messages; *rest* is called after them."""
    options = checked(**plan_options)
    tally = Tally(options.rules)
    with planned(tally.counting(rows), options) as plan:
        told = rest()
        told = told._replace(deliveries=list(told.deliveries))
        mailings = _mailings(told, tally.summary(None, 0))
        sent = sent_of(told.deliveries, [mailing.id_send for mailing in mailings]) if sent is None else sent
        summary = tally.summary(sent, top, told.repeated)
        return _View(words, summary, plan, options).page(mailings, told, before, title)


def check_extra() -> None:
    """See that Jinja2 is there, before anything is fetched.

    :raises ConfigurationError: it is not
    """
    try:
        import_module("jinja2")
    except ImportError:
        raise ConfigurationError("the report needs Jinja2: pip install Jinja2")


class Mailing(NamedTuple):
    """A delivery that the page is about; *delivery* is None where only its number is known."""

    id_send: int
    delivery: Optional[Delivery]
    bounces: int

    @property
    def subject(self) -> str:
        """Its subject, not too long; "" where that is unknown."""
        text = "" if self.delivery is None else self.delivery.subject
        return text if len(text) <= _SUBJECT else text[: _SUBJECT - 1] + "\u2026"

    @property
    def send_count(self) -> Optional[int]:
        """How many messages were sent, where that is known."""
        return None if self.delivery is None else self.delivery.send_count


def _mailings(told: Rest, summary: Summary) -> List[Mailing]:
    """Return the deliveries, the one with most bounces first."""
    known = {delivery.id_send: delivery for delivery in told.deliveries if delivery.id_send is not None}
    numbers = dict.fromkeys(known, 0)
    numbers.update(summary.by_delivery)
    mailings = [Mailing(id_send, known.get(id_send), count) for id_send, count in numbers.items()]
    return sorted(
        (mailing for mailing in mailings if mailing.id_send not in told.failed),
        key=lambda mailing: (-mailing.bounces, mailing.id_send),
    )


def sent_of(deliveries: Iterable[Delivery], ids: Iterable[int]) -> Optional[int]:
    """Return how many messages were sent in the deliveries *ids*; None where that is not known of each of them."""
    known = {delivery.id_send: delivery.send_count for delivery in deliveries}
    counts = [known.get(id_send) for id_send in ids]
    total = sum(count or 0 for count in counts)
    return None if None in counts or not total else total


class _View:
    """What the template asks for, about one summary."""

    def __init__(self, words: Words, summary: Summary, plan: SuppressionPlan, options: Options) -> None:
        self.words = words
        self.summary = summary
        self.plan = plan
        self.options = options

    def page(self, mailings: List[Mailing], told: Rest, before: Optional[Summary], title: Optional[str]) -> str:
        """Return the page as HTML."""
        jinja2 = import_module("jinja2")
        environment = jinja2.Environment(
            autoescape=True, undefined=jinja2.StrictUndefined, finalize=_finalized, keep_trailing_newline=True
        )
        words, summary = self.words, self.summary
        environment.filters.update(number=words.number, percent=words.percent, moment=words.moment)
        environment.globals.update(_=words.text, n_=words.plural)
        with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "page.html"), encoding="utf-8") as file:
            template = environment.from_string(file.read())
        page = template.render(
            lang=words.lang,
            title=title or self._title(mailings),
            period=self._period(told.left_out),
            left_out=told.left_out,
            summary=summary,
            mailings=mailings[:_DELIVERIES],
            more_mailings=len(mailings[_DELIVERIES:]),
            mailings_number=len(mailings),
            without=sum(1 for mailing in mailings if not mailing.bounces),
            has_sent=summary.sent is not None,
            failed=told.failed,
            before=before,
            both_sent=before is not None and bool(before.sent and summary.sent),
            kinds=KINDS,
            names={kind: words.text(NAMES[kind]) for kind in KINDS},
            means={kind: words.text(MEANS[kind]) for kind in KINDS},
            hints=[self._hint(hint) for hint in summary.hints if isinstance(hint, Hint)],
            plots=self._plots(),
            base=summary.sent or summary.bounces,
            plan=self.plan,
            soft_rule=self._soft_rule(),
            addresses=[(entry, self._why(entry)) for entry in islice(self.plan, _ADDRESSES)],
            cause=self.cause,
            advised=self.advised,
            version=__version__,
        )
        return str(page)

    # --- words --------------------------------------------------------------------------------------------------------

    def _title(self, mailings: List[Mailing]) -> str:
        words = self.words
        if len(mailings) == 1:
            subject = mailings[0].subject
            if subject:
                return words.text("Bounces of \u201c{subject}\u201d", subject=subject)
            return words.text("Bounces of delivery {id_send}", id_send=mailings[0].id_send)
        if not mailings:
            return words.text("No bounces")
        return words.plural("Bounces of {n} delivery", "Bounces of {n} deliveries", len(mailings))

    def _period(self, left_out: int) -> str:
        """Return when the bounces came back, and which rows are not among them."""
        words, summary = self.words, self.summary
        sentences = [self._times(left_out)]
        if summary.undated and summary.undated < summary.bounces:
            sentences.append(words.plural("{n} has no date.", "{n} have no date.", summary.undated))
        if left_out:
            sentences.append(
                words.plural(
                    "{n} row was left out, as the options asked.",
                    "{n} rows were left out, as the options asked.",
                    left_out,
                )
            )
        if summary.repeated:
            sentences.append(
                words.plural(
                    "{n} row is not counted: a later row tells of the same message.",
                    "{n} rows are not counted: a later row tells of the same message.",
                    summary.repeated,
                )
            )
        return " ".join(sentences)

    def _times(self, left_out: int) -> str:
        words, summary = self.words, self.summary
        hours = [hour for hour in summary.kinds_by_hour if hour[:1].isdigit()]
        if len(hours) == 1:
            return words.plural(
                "The bounce came back at {time} (to the hour).",
                "The bounces came back at {time} (to the hour).",
                summary.bounces - summary.undated,
                time=words.moment(hours[0]),
            )
        if hours:
            return words.text(
                "The bounces came back from {first} to {last} (to the hour).",
                first=words.moment(hours[0]),
                last=words.moment(hours[-1]),
            )
        if summary.bounces:
            return words.text("No bounce has a date.")
        return words.text("No bounce matches the options.") if left_out else words.text("There are no bounces.")

    def _hint(self, hint: Hint) -> str:
        values = {name: self._hints_value(name, value) for name, value in hint.values.items()}
        return self.words.text(hint.template, **values)

    def _hints_value(self, name: str, value: object) -> object:
        if isinstance(value, int):
            return self.words.number(value)
        return self.words.moment(str(value)) if name == "hour" else value

    def _soft_rule(self) -> str:
        """Return when soft bounces put an address into the plan."""
        count, days = self.options.soft_count, self.options.soft_within.days
        if count is None:
            return self.words.text("Soft bounces alone never add an address to the plan.")
        return self.words.plural(
            "An address is added to the plan after {n} soft bounce in {days}.",
            "An address is added to the plan after {n} soft bounces in {days}.",
            count,
            days=self.words.plural("{n} day", "{n} days", days),
        )

    def _why(self, entry: Suppression) -> str:
        cause = self._words_of(entry.bounce_cat, entry.status)
        if entry.kind == "hard":
            return cause
        return self.words.plural(
            "{n} message bounced; the last one: {cause}",
            "{n} messages bounced; the last one: {cause}",
            entry.bounces,
            cause=cause,
        )

    def cause(self, combination: Combination) -> str:
        """Return category and status of *combination* in words."""
        return self._words_of(combination.bounce_cat, combination.status)

    def advised(self, combination: Combination) -> str:
        """Return what the category of *combination* means, its word in parentheses, and its status in words."""
        meaning = meaning_of(combination.bounce_cat)
        if meaning is None:
            return self.cause(combination)
        meant = "{} ({})".format(self.words.text(meaning), combination.bounce_cat)
        return "{}, {}".format(meant, self._status(combination.status))

    def _words_of(self, bounce_cat: str, status: str) -> str:
        return "{}, {}".format(bounce_cat or self.words.text("(no category)"), self._status(status))

    def _status(self, status: str) -> str:
        code = EnhancedStatus.parse(status)
        if code is None:
            return status or self.words.text("(no status)")
        return "{}: {}".format(status, self.words.text(code.text))

    # --- plots, each with the table beside it -------------------------------------------------------------------------

    def _plots(self) -> List[Dict[str, object]]:
        words, summary = self.words, self.summary
        hourly = len(summary.kinds_by_hour) <= _HOURS and len(summary.kinds_by_day) < _DAYS
        return [
            self._plot("category", "category", self._by_word("bounce_cat")),
            self._plot("domain", "domain", by_domain(summary, _BARS, words)),
            self._plot("status", "status", self._by_word("status")),
            self._plot("time", "hour" if hourly else "day", by_time(summary, hourly, _TIMES, words)),
        ]

    def _plot(self, name: str, what: str, table: Table) -> Dict[str, object]:
        """Return what the template needs for a plot.

        :param name: a part of ids
        :param what: a name of PLOTS
        """
        title, head, caption = map(self.words.text, PLOTS[what])
        labels = ticks(table) if name == "time" else []
        plot: Dict[str, object] = {"name": name, "title": title, "head": head, "caption": caption, "table": table}
        return dict(plot, bars=bars(table), ticks=labels)

    def _category(self, word: str) -> str:
        meaning = meaning_of(word)
        return word if meaning is None else "{}: {}".format(word, self.words.text(meaning))

    def _by_word(self, name: str) -> Table:
        label = self._status if name == "status" else self._category
        return by_word(self.summary, name, _BARS, label, self.words)


def _finalized(value: object) -> object:
    # What has __html__ is markup already.
    return printable(value, _KEPT) if isinstance(value, str) and not hasattr(value, "__html__") else value


# Pickles, tracebacks and documentation name the public place, so that the rooms may change.
for _public in __all__:
    globals()[_public].__module__ = "mailkit_xmlrpc"
