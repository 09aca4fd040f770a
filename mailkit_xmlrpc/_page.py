"""The report page: what is on it, in which words. How it looks is ``report.html``; both need the extra ``report``.

All text goes through Jinja2 with autoescape, and before that through ``visible``: a stranger's words make no markup, no
control character and no change of direction. The page has no script, and a policy in it forbids any.
"""
import os
from importlib import import_module
from itertools import islice
from typing import Any, Dict, Iterable, List, Optional

from ._charts import KINDS, bar_chart, load_pygal
from ._figures import merged, percent
from ._output import visible
from ._streams import UsageError
from ._version import __version__
from .enhanced_status import EnhancedStatus
from .summary import Combination, Summary
from .suppression import SuppressionPlan

Table = Dict[str, Dict[str, int]]

_BARS = 12  # of a plot; the rest is one bar
_HOURS = 72  # up to so many hours are plotted one by one, then days
_TIMES = 60  # bars of time; of more, the last
_ADDRESSES = 100  # of the plan on the page
_MEANS = {
    "hard": "the address cannot receive",
    "soft": "it may receive later",
    "block": "sender, content or policy refused",
    "unknown": "nothing says",
}


def check_extras() -> None:
    """See that the libraries are there, before anything is fetched.

    :raises UsageError: they are not
    """
    try:
        import_module("jinja2")
        load_pygal()
    except ImportError:
        pass
    else:
        return
    raise UsageError("the report needs Jinja2 and pygal: pip install 'mailkit-xmlrpc[report]'")


def render_page(summary: Summary, plan: SuppressionPlan, title: Optional[str] = None) -> str:
    """Return the page as HTML.

    :param title: of the page; None names the deliveries
    """
    jinja2 = import_module("jinja2")
    environment = jinja2.Environment(
        autoescape=True, undefined=jinja2.StrictUndefined, finalize=_finalized, keep_trailing_newline=True
    )
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "report.html"), encoding="utf-8") as file:
        template = environment.from_string(file.read())
    return str(template.render(**_content(summary, plan, title, import_module("markupsafe").Markup)))


def _finalized(value: Any) -> Any:
    return visible(value) if isinstance(value, str) and not hasattr(value, "__html__") else value


def _content(summary: Summary, plan: SuppressionPlan, title: Optional[str], markup: Any) -> Dict[str, Any]:
    base = summary.sent or summary.bounces
    plots = [
        _plot("category", "By category", "BOUNCE_CAT", _ranked(_kinds(summary.combinations, "bounce_cat")), base),
        _plot("domain", "By domain", "domain", _domain_table(summary), base),
        _plot("status", "By status", "STATUS", _ranked(_with_texts(_kinds(summary.combinations, "status"))), base),
        _time_plot(summary, base),
    ]
    for plot in plots:
        plot["svg"] = markup(plot["svg"])
    return dict(
        title=title or _title(summary),
        period=_period(summary),
        cards=_cards(summary),
        hints=summary.hints,
        advice=_advice(summary, plan),
        plots=plots,
        kinds=KINDS,
        domains=[
            {
                "name": domain.domain or "(none)",
                "bounces": _number(domain.bounces),
                "hard": _number(domain.by_kind.get("hard", 0)),
                "reasons": [_reason(reason) for reason in domain.reasons],
            }
            for domain in summary.domains
        ],
        domains_caption="{} of {} domains; the others have {} bounces together".format(
            len(summary.domains), _number(summary.domain_count), _number(summary.other_domains)
        ),
        plan_text=_plan_text(plan),
        plan=list(islice(plan, _ADDRESSES)),
        plan_caption="the first {} of {}".format(min(len(plan), _ADDRESSES), _number(len(plan))),
        base="the messages sent" if summary.sent else "the bounces, as the number of messages sent was not given",
        version=__version__,
    )


# --- words -----------------------------------------------------------------------------------------------------------


def _title(summary: Summary) -> str:
    ids = list(summary.by_delivery)
    if not ids:
        return "No bounces"
    return "Bounces of delivery {}".format(ids[0]) if len(ids) == 1 else "Bounces of {} deliveries".format(len(ids))


def _period(summary: Summary) -> str:
    hours = [hour for hour in summary.kinds_by_hour if hour[:1].isdigit()]
    undated = "" if not summary.undated else "; {} have no date".format(_number(summary.undated))
    if not hours:
        return "No bounce has a date." if summary.bounces else "Mailkit said that there are no bounces."
    first, last = ("{} {}:00".format(*hour.split("T")) for hour in (hours[0], hours[-1]))
    return "They came back from {} to {} (the hours of the first and the last){}.".format(first, last, undated)


def _cards(summary: Summary) -> List[Dict[str, str]]:
    cards = [
        {
            "kind": "",
            "name": "Sent",
            "number": "not given" if summary.sent is None else _number(summary.sent),
            "text": "messages",
        },
        {
            "kind": "",
            "name": "Bounced",
            "number": _number(summary.bounces),
            "text": "rows" if summary.sent is None else percent(summary.bounces, summary.sent) + " of those sent",
        },
    ]
    for kind in KINDS:
        number = summary.by_kind[kind]
        part = "" if not summary.bounces else percent(number, summary.bounces) + " of the bounces; "
        text = part + _MEANS[kind]
        cards.append({"kind": kind, "name": kind.capitalize(), "number": _number(number), "text": text})
    return cards


def _advice(summary: Summary, plan: SuppressionPlan) -> List[str]:
    if not summary.bounces:
        return ["Nothing. Read the report again later: messages may still wait."]
    advice = []
    if len(plan):
        advice.append(
            "Stop mailing {} addresses: {} that cannot receive, and {} to which message after message came back. They "
            "are at the end of this page; “mailkit-bounces suppress” writes all of them into a file.".format(
                _number(len(plan)), _number(plan.by_kind["hard"]), _number(plan.by_kind["soft"])
            )
        )
    else:
        advice.append("Stop mailing nobody: no address here gives reason to.")
    blocked = [combination for combination in summary.combinations if combination.kind == "block"]
    if blocked:
        advice.append(
            "Keep the addresses of the {} blocked ones: they are not at fault. Find out what was refused; most often, "
            "{} times, it was {}.".format(
                _number(summary.by_kind["block"]), _number(blocked[0].bounces), _reason(blocked[0])["text"]
            )
        )
    if summary.by_kind["soft"]:
        advice.append(
            "Leave the addresses of the {} soft ones on the list; they get into the plan when enough messages came "
            "back within the time.".format(_number(summary.by_kind["soft"]))
        )
    if summary.by_kind["unknown"]:
        advice.append(
            "Of {} bounces nothing says whether the address is at fault: leave these on the list too.".format(
                _number(summary.by_kind["unknown"])
            )
        )
    advice.append("Read the report again in some days: one that is read early is incomplete.")
    return advice


def _plan_text(plan: SuppressionPlan) -> str:
    text = "A plan, and nothing more: no list was changed. {} addresses are in it, {} hard and {} soft.".format(
        _number(len(plan)), _number(plan.by_kind["hard"]), _number(plan.by_kind["soft"])
    )
    if plan.excluded:
        text += " {} bounces were left out on request.".format(_number(plan.excluded))
    return text


def _reason(combination: Combination) -> Dict[str, str]:
    words = [combination.bounce_cat or "(no category)", _with_text(combination.status)]
    return {"bounces": _number(combination.bounces), "text": ", ".join(words), "example": combination.example}


def _with_text(status: str) -> str:
    code = EnhancedStatus.parse(status)
    if code is None:
        return status or "(no status)"
    return "{}: {}".format(status, code.text)


def _number(value: int) -> str:
    return "{:,}".format(value)


# --- tables and plots ------------------------------------------------------------------------------------------------


def _kinds(combinations: Iterable[Combination], name: str) -> Table:
    table: Table = {}
    for combination in combinations:
        kinds = table.setdefault(getattr(combination, name), {})
        kinds[combination.kind] = kinds.get(combination.kind, 0) + combination.bounces
    return table


def _with_texts(table: Table) -> Table:
    return merged((_with_text(status), kinds) for status, kinds in table.items())


def _ranked(table: Table) -> Table:
    """The largest first; what is beyond the last bar as one more."""
    rows = sorted(table.items(), key=lambda item: (-sum(item[1].values()), item[0]))
    more = "({} more)".format(len(rows) - _BARS)
    return merged((label or "(none)" if place < _BARS else more, kinds) for place, (label, kinds) in enumerate(rows))


def _domain_table(summary: Summary) -> Table:
    told = summary.domains[:_BARS]
    rows = [(domain.domain or "(none)", domain.by_kind) for domain in told]
    rest = summary.domain_count - len(told)
    if rest:
        there = merged(("", kinds) for _, kinds in rows).get("", {})
        left = {kind: number - there.get(kind, 0) for kind, number in summary.by_kind.items()}
        rows.append(("({} more)".format(rest), left))
    return merged(rows)


def _time_plot(summary: Summary, base: int) -> Dict[str, Any]:
    hourly = len(summary.kinds_by_hour) <= _HOURS and len(summary.kinds_by_day) < 7
    times = summary.kinds_by_hour if hourly else summary.kinds_by_day
    table = {label.replace("T", " ") + ":00" if hourly and label[:1].isdigit() else label: kinds
             for label, kinds in times.items()}
    early = list(table)[:-_TIMES]
    table = merged(("(before)" if label in early else label, kinds) for label, kinds in table.items())
    title = "By hour" if hourly else "By day"
    plot = _plot("time", title, "hour" if hourly else "day", table, base, horizontal=False)
    if summary.undated:
        plot["caption"] += "; {} rows have no date".format(_number(summary.undated))
    return plot


def _plot(name: str, title: str, head: str, table: Table, base: int, horizontal: bool = True) -> Dict[str, Any]:
    rows = []
    for label, kinds in table.items():
        total = sum(kinds.values())
        numbers = [_number(kinds.get(kind, 0)) for kind in KINDS] + [_number(total)]
        rows.append({"label": label, "numbers": numbers, "share": percent(total, base)})
    described = "; ".join("{} {}".format(row["label"], row["numbers"][-1]) for row in rows[:5])
    description = "Bars stacked by kind. The largest or first ones: {}. All numbers are in the table.".format(described)
    return {
        "name": name,
        "title": title,
        "head": head,
        "caption": "rows by {} and kind".format(head),
        "svg": bar_chart(name, title, description, table, horizontal),
        "rows": rows,
    }
