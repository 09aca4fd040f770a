"""What was seen of one answer: its head, its encoding, and how its rows look. No value of a row is kept."""

import re
from collections import Counter
from typing import Collection, Dict, List, Optional, Set, Tuple, cast

from ..exceptions import ResponseError
from ..exceptions.boundary import raised_by_caller
from ..model.records import Bounce, Campaign
from ..protocol.base import Protocol
from ..protocol.calls import Call, Row
from ..protocol.encoding import UTF_8, Body, charset_of, is_utf_8
from ..protocol.fields import MEMBERS, DateTimeText, plain, read_text
from ..protocol.replies import fault, refusal_in, type_name
from ..transport.http import Head

_FEW = 20  # orders of members that are kept
_MANY = 40  # names of members, and words of a vocabulary; what an open one has beyond them is "(others)"
_WORD = re.compile(r"[a-z]{2,20}(?:-[a-z]{1,20}){0,4}")
_NAME = re.compile(r"[A-Za-z][A-Z_a-z]{0,30}")
_NUMBER = re.compile(r"-?[0-9]{1,15}(?:\.[0-9]{1,10})?")
_INTEGER = re.compile(rb"<(int|i4|i8)>[ \t\r\n]*(-?[0-9]{1,19})[ \t\r\n]*</")
_DECLARED = re.compile(rb"""<\?xml[^>]{0,100}?encoding *= *["']([A-Za-z0-9._-]{1,40})""")

#: a form -> what it looks like
DATE_FORMS = (
    ("YYYY-MM-DD HH:MM:SS", re.compile(r"(?!0000)[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}")),
    ("YYYY-MM-DD HH:MM", re.compile(r"(?!0000)[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}")),
    ("YYYY-MM-DD", re.compile(r"(?!0000)[0-9]{4}-[0-9]{2}-[0-9]{2}")),
    ("zeros", re.compile(r"[0: -]+")),
    ("dateTime", re.compile(r"[0-9]{4}-?[0-9]{2}-?[0-9]{2}T[0-9]{2}:?[0-9]{2}:?[0-9]{2}")),
    ("empty", re.compile("")),
)
STATUS_FORMS = (
    ("of RFC 3463", re.compile(r"[245]\.[0-9]{1,3}\.[0-9]{1,3}")),
    ("two numbers", re.compile(r"[0-9]\.[0-9]{1,3}")),
    ("one number", re.compile(r"[0-9]{1,4}")),
    ("empty", re.compile("")),
)
_FORMS = {"DATE": DATE_FORMS, "STATUS": STATUS_FORMS}
DOCUMENTED = tuple(member.name for member in MEMBERS)
#: texts of which the words are counted
_VOCABULARIES = ("EMAIL_STATUS", "BOUNCE_CAT")


class Seen:
    """The answer to *call*.

    :param start: the first bytes of its body
    """

    def __init__(self, protocol: Protocol, call: "Call[Row]", head: Head, body: Body, start: bytes) -> None:
        self.protocol = protocol
        self.fields = head.fields
        self.size = body.size
        self.charset = charset_of(body.content_type)
        declared = _DECLARED.match(body.head.lstrip(b"\xef\xbb\xbf \t\r\n"))
        self.declared = declared and declared.group(1).decode("ascii")
        self.is_utf_8 = is_utf_8(body.pieces())
        #: tag and whether 32 bits would do -> how often, in the first bytes
        self.integers = Counter(
            (tag.decode("ascii"), -(1 << 31) <= int(digits) < 1 << 31) for tag, digits in _INTEGER.findall(start)
        )
        #: why it could not be read, if so
        self.error: Optional[ResponseError] = None
        #: characters that were no text
        self.replaced = 0
        #: "rows", "nothing", "refusal", "fault" or "other"
        self.outcome = "other"
        #: what stands for no rows, or "array" where there are some
        self.form = ""
        #: what a refusal says
        self.refusal = ""
        self.rows = 0
        #: member -> type -> how often
        self.types: "Dict[str, Counter[str]]" = {name: Counter() for name in DOCUMENTED}
        #: member -> form, or word -> how often
        self.forms: "Dict[str, Counter[str]]" = {name: Counter() for name in (*_FORMS, *_VOCABULARIES)}
        #: texts that look like a number -> whether they came as one -> how often
        self.numeric: "Counter[bool]" = Counter()
        #: orders in which members stood
        self.orders: Set[Tuple[str, ...]] = set()
        #: rows in which the state of the address and the status say different things
        self.differing = 0
        self.newest = ""
        self.repeated = 0
        self._messages: Set[int] = set()
        #: the same for the same rows, in any order
        self.total = 0
        self._call = call
        #: of a campaign, to ask for its deliveries
        self.id_message: Optional[int] = None
        self._read(body)

    def _read(self, body: Body) -> None:
        decoder = self.protocol.decoder()
        try:
            text = self.protocol.text(body, True)
            for piece in text.of(body.pieces()):
                decoder.feed(piece)
                self._take(decoder.items)
            decoder.close()
            self._take(decoder.items)
            self.replaced = text.replaced
            self._conclude(decoder.found)
        except ResponseError as error:
            if raised_by_caller(error):
                raise
            self.error = error
        finally:
            decoder.forget()
            self._messages.clear()

    def _conclude(self, found: Dict[str, object]) -> None:
        if "fault" in found:
            self.outcome, self.refusal = "fault", fault(found["fault"]).detail
        elif "array" in found:
            self.outcome, self.form = ("rows", "array") if self.rows else ("nothing", "an empty array")
        else:
            self._lone(found["value"])

    def _lone(self, value: object) -> None:
        error = refusal_in(value, None) if type(value) is dict else None
        if error is not None:
            self.outcome, self.refusal = "refusal", error.message
        elif type(value) is str and value.strip():
            self.outcome, self.refusal = "refusal", value.strip()
        elif type(value) is dict and value:
            self.outcome, self.form = "rows", "a lone struct"
            self._take([value])
        elif value is None or value in ("", {}):
            self.outcome = "nothing"
            self.form = "nil" if value is None else "an empty " + type_name(value)

    # --- rows -------------------------------------------------------------------------------------------------------

    def _take(self, structs: List[object]) -> None:
        for struct in structs:
            row = self._call.row(struct, None, self.rows)
            self._note(cast(Dict[str, object], struct), row)
            self.rows += 1
        del structs[:]

    def _note(self, struct: Dict[str, object], row: object) -> None:
        if len(self.orders) < _FEW:
            self.orders.add(tuple(map(shown_name, struct)))
        for name, value in struct.items():
            self.types.setdefault(_kept(shown_name(name), self.types), Counter())[_type_of(value)] += 1
            if name in self.forms:
                self._note_form(name, str(plain(value)))
        for name in ("STATUS", "REASON"):
            text = read_text(struct.get(name))
            if type(text) is str and _NUMBER.fullmatch(text):
                self.numeric[isinstance(struct[name], (int, float))] += 1
        if isinstance(row, Bounce):
            self._note_bounce(row)
        elif isinstance(row, Campaign):
            self.id_message = row.id_message

    def _note_form(self, name: str, text: str) -> None:
        counts = self.forms[name]
        if name in _FORMS:
            form = next((form for form, pattern in _FORMS[name] if pattern.fullmatch(text)), "another form")
            if form == "YYYY-MM-DD HH:MM:SS":
                self.newest = max(self.newest, text)
        else:
            form = _kept(text if not text or _WORD.fullmatch(text) else "(no word)", counts)
        counts[form or "(empty)"] += 1

    def _note_bounce(self, bounce: Bounce) -> None:
        self.total += hash(bounce)
        is_lasting = {"permanent": True, "temporary": False}.get(bounce.email_status)
        self.differing += is_lasting is not None and bounce.status[:2] == ("4." if is_lasting else "5.")
        if bounce.id_send_message is not None:
            self.repeated += bounce.id_send_message in self._messages
            self._messages.add(bounce.id_send_message)


def _kept(word: str, words: Collection[str]) -> str:
    """*word*, unless it is a new one beside many *words*."""
    return word if word in words or len(words) < _MANY else "(others)"


def _type_of(value: object) -> str:
    if value == "" and type(value) is str:
        return "empty string"
    if value is None:
        return "nil"
    return "dateTime" if type(value) is DateTimeText else type_name(value)


def shown_name(name: str) -> str:
    """*name* of a member, if it looks like one."""
    return name if _NAME.fullmatch(name) else "(no name)"


def is_utf_8_name(name: Optional[str]) -> bool:
    """Whether *name* is a name of UTF-8."""
    return name is not None and name.lower().replace("_", "-") in (UTF_8, "utf8")
