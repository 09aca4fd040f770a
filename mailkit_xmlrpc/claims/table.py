"""The claims: each with its source, in words, and with the function that compares it with what was seen.

``PAGE`` is the vendor's page of the function, ``DOC`` another page of the vendor's, ``PEER`` what a public client of
the same API does, ``INF`` our inference.
"""

import time
from collections import Counter
from email.utils import mktime_tz, parsedate_tz
from typing import Callable, Iterable, List, NamedTuple, Optional, Tuple

from ..exceptions.redact import counted
from ..model.vocabulary import BounceCategory, EmailStatus
from ..protocol.fields import CAMPAIGN_MEMBERS
from .answers import Answers
from .seen import DATE_FORMS, DOCUMENTED, STATUS_FORMS, Seen, is_utf_8_name

CONFIRMED, CONTRADICTED, NOT_SEEN = "confirmed", "contradicted", "not seen"
_IDS = tuple(name for name in DOCUMENTED if name.startswith("ID_"))
_EMPTY_FORMS = ("an empty string", "an empty array", "an empty struct", "nil")
_PRAGUE_SECONDS = 7200  # ahead of UTC at most


class Finding(NamedTuple):
    """What became of a claim, and what was seen, in words."""

    verdict: str
    words: str


#: says what the answers mean for a claim
Compare = Callable[[Answers], Finding]


class Claim(NamedTuple):
    """What is believed, and why."""

    source: str
    text: str
    compare: Compare


def _found(wrong: Iterable[str], seen: object, words: str = "") -> Finding:
    """Contradicted by what is *wrong*, else confirmed where something was *seen*."""
    told = sorted(set(wrong))
    if told:
        return Finding(CONTRADICTED, ", ".join(told))
    return _only_if(seen, words)


def _only_if(seen: object, words: str) -> Finding:
    """Confirmed where it was *seen*; that it was not says nothing."""
    return Finding(CONFIRMED if seen else NOT_SEEN, words if seen else "")


def _counted(counts: "Counter[str]", but: Iterable[str] = ()) -> List[str]:
    return ["{} {}".format(number, what) for what, number in counts.most_common() if what not in but]


# --- how it comes ---------------------------------------------------------------------------------------------------


def _understood(answers: Answers) -> Finding:
    wrong = ["{} in {}".format(type(seen.error).__name__, seen.protocol.name) for seen in answers.reports if seen.error]
    rows, size = counted(answers.report.rows, "row"), counted(answers.report.size, "byte")
    return _found(wrong, True, "{}, {}".format(rows, size))


def _content_type(answers: Answers) -> Finding:
    wrong = [
        "another one for {}".format(seen.protocol.name)
        for seen in answers.reports
        if not seen.protocol.content_types.match(seen.fields.get("content-type", ""))
    ]
    return _found(wrong, True)


def _encoding(answers: Answers) -> Finding:
    wrong = []
    for seen in answers.reports:
        wrong += ["bytes that are no UTF-8"] if not seen.is_utf_8 else []
        wrong += ["another charset"] if seen.charset and not is_utf_8_name(seen.charset) else []
        wrong += ["a declaration of {}".format(seen.declared)] if not is_utf_8_name(seen.declared or "utf-8") else []
    return _found(wrong, True)


def _forbidden(answers: Answers) -> Finding:
    count = sum(seen.replaced for seen in answers.reports)
    return _only_if(count, "{} that XML or the encoding forbids".format(counted(count, "character")))


def _gzip(answers: Answers) -> Finding:
    coding = answers.report.fields.get("content-encoding", "")
    wrong = [] if coding.lower() in ("", "identity", "gzip", "x-gzip") else ["another coding"]
    return _found(wrong, True, "gzip" if "gzip" in coding.lower() else "not compressed")


def _framing(answers: Answers) -> Finding:
    fields = answers.report.fields
    if "transfer-encoding" in fields:
        return Finding(CONFIRMED, "chunks")
    if "content-length" in fields:
        return Finding(CONFIRMED, "Content-Length")
    return Finding(CONTRADICTED, "only the end of the connection ends it")


def _closed(answers: Answers) -> Finding:
    is_closed = "close" in answers.report.fields.get("connection", "").lower()
    return Finding(CONTRADICTED if is_closed else CONFIRMED, "Connection: close" if is_closed else "")


def _one_size(answers: Answers) -> Finding:
    seen = answers.report
    size = seen.size // seen.rows if seen.rows else 0
    words = "{} a row".format(counted(size, "byte"))
    return _found([words] if size > 4096 else [], size, words)


# --- rows, or none --------------------------------------------------------------------------------------------------


def _array(answers: Answers) -> Finding:
    return _found(
        [seen.form for seen in answers.reports if seen.outcome == "rows" and seen.form != "array" and seen.rows > 1]
        + ["neither rows nor none, in {}".format(seen.protocol.name) for seen in answers.reports if _is_neither(seen)],
        answers.report.form == "array",
    )


def _is_neither(seen: Seen) -> bool:
    return seen.error is None and seen.outcome not in ("rows", "nothing")


def _empty(answers: Answers) -> Finding:
    seen = [one for one in (*answers.reports, answers.none) if one is not None and one.outcome == "nothing"]
    forms = ["{} in {}".format(one.form, one.protocol.name) for one in seen]
    return _found([form for form in forms if not form.startswith(_EMPTY_FORMS)], forms, ", ".join(sorted(set(forms))))


def _xml_empty(answers: Answers) -> Finding:
    seen = [one for one in (answers.report, answers.none) if one is not None and one.outcome == "nothing"]
    return _found([one.form for one in seen if one.form != "an empty string"], seen)


def _lone(answers: Answers) -> Finding:
    single = [seen for seen in answers.reports if seen.rows == 1]
    lone = [seen.protocol.name for seen in single if seen.form == "a lone struct"]
    return _only_if(lone, ", ".join(lone))


# --- members --------------------------------------------------------------------------------------------------------


def _all_members(answers: Answers) -> Finding:
    wrong = []
    for seen in answers.reports:
        for name in DOCUMENTED:
            missing = seen.rows - sum(seen.types[name].values())
            wrong += ["{} is missing in {}".format(name, counted(missing, "row"))] if missing else []
    return _found(wrong, answers.report.rows)


def _no_others(answers: Answers) -> Finding:
    return _found((name for name in _names(answers) if name not in DOCUMENTED), answers.report.rows)


def _same_case(answers: Answers) -> Finding:
    wrong = (name for name in _names(answers) if name.upper() in DOCUMENTED and name not in DOCUMENTED)
    return _found(wrong, answers.report.rows)


def _no_id_send(answers: Answers) -> Finding:
    return _found((name for name in _names(answers) if name.upper() == "ID_SEND"), answers.report.rows)


def _names(answers: Answers) -> List[str]:
    """Of members that came."""
    return [name for seen in answers.reports for name in seen.types if seen.types[name]]


def _orders(answers: Answers) -> Finding:
    orders = {order for seen in answers.reports for order in seen.orders}
    return _only_if(len(orders) > 1, "{} orders".format(len(orders)))


def _typed(name: str, expected: Tuple[str, ...]) -> Compare:
    """A member over XML-RPC has one of the *expected* types, or is empty."""

    def compare(answers: Answers) -> Finding:
        counts = answers.report.types[name]
        return _found(_counted(counts, (*expected, "empty string")), set(expected) & set(counts))

    return compare


def _by_value(answers: Answers) -> Finding:
    counts = answers.report.numeric
    like_one = counted(counts[False], "that looks like a number", "that look like a number")
    wrong = [like_one + " came as string"] if counts[False] else []
    return _found(wrong, counts[True], counted(counts[True], "text came as a number", "texts came as numbers"))


def _widths(answers: Answers) -> Finding:
    integers = answers.report.integers
    wrong = ["{} for {} bits".format(tag, 32 if fits else 64) for tag, fits in integers if (tag == "i8") == fits]
    return _found(wrong, integers, ", ".join(sorted({tag for tag, _ in integers})))


def _json_strings(answers: Answers) -> Finding:
    seen = answers.json_report
    types: "Counter[str]" = sum(seen.types.values(), Counter()) if seen else Counter()
    return _found(_counted(types, ("string", "empty string")), types)


def _null(answers: Answers) -> Finding:
    types = answers.report.types
    counts: "Counter[str]" = sum(types.values(), Counter())
    return _found(["{} nil".format(counts["nil"])] if counts["nil"] else [], counts["empty string"])


# --- values ---------------------------------------------------------------------------------------------------------


def _in_form(name: str, form: str) -> Compare:
    """All values of a member have one form."""

    def compare(answers: Answers) -> Finding:
        counts = answers.report.forms[name]
        return _found(_counted(counts, (form,)), counts)

    return compare


def _words(name: str, known: Iterable[str]) -> Compare:
    """All values of a member are known words."""
    words = tuple(str(word) for word in known)

    def compare(answers: Answers) -> Finding:
        counts = answers.report.forms[name]
        return _found(_counted(counts, words), counts, ", ".join(_counted(counts)))

    return compare


def _disabled(answers: Answers) -> Finding:
    count = answers.report.forms["EMAIL_STATUS"][str(EmailStatus.DISABLED)]
    return _only_if(count, counted(count, "row"))


def _prague(answers: Answers) -> Finding:
    date = parsedate_tz(answers.report.fields.get("date", ""))
    if date is None or not answers.report.newest:
        return Finding(NOT_SEEN, "")
    now = mktime_tz(date)
    newest = answers.report.newest
    if newest > _wall_time(now + _PRAGUE_SECONDS):
        return Finding(CONTRADICTED, "a DATE is later than it is in Prague")
    return _only_if(newest > _wall_time(now), "a DATE is later than it is in Greenwich")


def _wall_time(seconds: float) -> str:
    return time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(seconds))


def _of_address(answers: Answers) -> Finding:
    count = answers.report.differing
    rows = counted(count, "row is", "rows are")
    return _only_if(count, "{} permanent with 4.x.x, or temporary with 5.x.x".format(rows))


def _repeated(answers: Answers) -> Finding:
    return _only_if(answers.report.repeated, counted(answers.report.repeated, "row"))


def _same_rows(answers: Answers) -> Finding:
    other = answers.json_report
    if other is None or other.error is not None or answers.report.error is not None:
        return Finding(NOT_SEEN, "")
    if answers.report.rows != other.rows:
        return Finding(CONTRADICTED, "{} over XML-RPC, {} in JSON".format(answers.report.rows, other.rows))
    return _found([] if answers.report.total == other.total else ["values differ"], other.rows)


# --- other answers --------------------------------------------------------------------------------------------------


def _refused(seen: Optional[Seen], text: str) -> Finding:
    if seen is not None and seen.outcome == "refusal":
        return _found([] if seen.refusal == text else ["another text"], True)
    return _otherwise(seen)


def _otherwise(seen: Optional[Seen]) -> Finding:
    """Contradicted by an answer of another kind; not seen where there was none."""
    if seen is None:
        return Finding(NOT_SEEN, "")
    return Finding(CONTRADICTED, seen.outcome if seen.error is None else type(seen.error).__name__)


def _invalid(answers: Answers) -> Finding:
    return _refused(answers.nobodys, "Invalid ID_send")


def _json_invalid(answers: Answers) -> Finding:
    return _refused(answers.json_nobodys, "Invalid ID_send")


def _missing(answers: Answers) -> Finding:
    return _refused(answers.missing, "Missing ID_send")


def _fault(answers: Answers) -> Finding:
    seen = answers.unknown
    return Finding(CONFIRMED, "") if seen is not None and seen.outcome == "fault" else _otherwise(seen)


def _members_of(seen: Optional[Seen], names: Iterable[str]) -> Finding:
    if seen is None or not seen.rows:
        return Finding(NOT_SEEN, "")
    return _found(("{} is missing".format(name) for name in names if not seen.types.get(name)), True)


def _campaigns(answers: Answers) -> Finding:
    return _members_of(answers.campaigns, (member.name for member in CAMPAIGN_MEMBERS))


def _deliveries(answers: Answers) -> Finding:
    return _members_of(answers.deliveries, ("ID_SEND", "SUBJECT", "DATE", "SEND_COUNT", "DELIVERED_COUNT"))


def _delivery_date(answers: Answers) -> Finding:
    seen = answers.deliveries
    counts = seen.forms["DATE"] if seen is not None else Counter()
    return _found(_counted(counts, (DATE_FORMS[0][0],)), counts)


CLAIMS = (
    Claim("DOC", "the report is one: well-formed, whole, and rows or none", _understood),
    Claim("INF", "Content-Type is that of the form", _content_type),
    Claim("PAGE", "the encoding is UTF-8", _encoding),
    Claim("INF", "reasons hold control characters, or bytes that are no text", _forbidden),
    Claim("INF", "the answer is compressed by gzip or not at all", _gzip),
    Claim("INF", "HTTP tells where the answer ends", _framing),
    Claim("PEER", "a connection may be used again", _closed),
    Claim("INF", "a row takes some thousand bytes at most", _one_size),
    Claim("PAGE", "rows are an array of structs", _array),
    Claim("DOC", "no rows are an empty string over XML-RPC", _xml_empty),
    Claim("PEER", "no rows are something empty: a string, an array, a struct or nil", _empty),
    Claim("PEER", "a single row may come without an array", _lone),
    Claim("PAGE", "each row has the nine documented members", _all_members),
    Claim("PAGE", "no row has another member", _no_others),
    Claim("PAGE", "members are written in capitals", _same_case),
    Claim("PEER", "ID_SEND is not among them", _no_id_send),
    Claim("PAGE", "members stand in different orders", _orders),
    *(Claim("PAGE", "{} is an int".format(name), _typed(name, ("int",))) for name in _IDS),
    *(
        Claim("PAGE", "{} is a string".format(name), _typed(name, ("string",)))
        for name in DOCUMENTED
        if name not in _IDS
    ),
    Claim("INF", "types follow the value: a STATUS or REASON that looks like a number comes as one", _by_value),
    Claim("DOC", "integers of 32 bits are int or i4, larger ones i8", _widths),
    Claim("DOC", "every value of the JSON form is a string", _json_strings),
    Claim("INF", "what is not known is an empty string", _null),
    Claim("PAGE", "DATE is YYYY-MM-DD HH:MM:SS", _in_form("DATE", DATE_FORMS[0][0])),
    Claim("INF", "DATE is the time in Prague", _prague),
    Claim("INF", "STATUS is a code of RFC 3463", _in_form("STATUS", STATUS_FORMS[0][0])),
    Claim("PAGE", "EMAIL_STATUS is one of the five documented words", _words("EMAIL_STATUS", tuple(EmailStatus)[:5])),
    Claim("PEER", "EMAIL_STATUS may be disabled, too", _disabled),
    Claim("INF", "BOUNCE_CAT is a word of PowerMTA's, or full-mailbox", _words("BOUNCE_CAT", BounceCategory)),
    Claim("INF", "EMAIL_STATUS is the state of the address, not of the bounce", _of_address),
    Claim("INF", "a message may stand in a report more than once", _repeated),
    Claim("DOC", "both forms tell the same rows", _same_rows),
    Claim("DOC", "a delivery that is not ours is refused by the string Invalid ID_send", _invalid),
    Claim("DOC", "the JSON form refuses it by error_status", _json_invalid),
    Claim("DOC", "a call without ID_send is refused by the string Missing ID_send", _missing),
    Claim("INF", "a function that there is not is a fault", _fault),
    Claim("DOC", "a campaign has ID_MESSAGE, NAME, SEND_COUNT and DELIVERED_COUNT", _campaigns),
    Claim("DOC", "a delivery has ID_SEND, SUBJECT, DATE, SEND_COUNT and DELIVERED_COUNT", _deliveries),
    Claim("INF", "the DATE of a delivery is YYYY-MM-DD HH:MM:SS", _delivery_date),
)
