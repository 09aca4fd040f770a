"""What a call asks for: the function, its parameters as documented, and what reads the answer. Pure."""
import re
from datetime import date, tzinfo
from typing import Any, Callable, Dict, NamedTuple, Optional, Tuple

from ._form import Form
from ._marshal import I4
from ._normalise import campaign_from_struct, delivery_from_struct
from ._reader import RowReader
from ._value import ValueReader
from .exceptions import ConfigurationError

Parser = Callable[[], Any]
Shown = Callable[[str], str]

_FUNCTION = re.compile(r"[A-Za-z][A-Za-z0-9_]*(?:\.[A-Za-z0-9_]+)+")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


class Question(NamedTuple):
    """One call, in either form."""

    function: str
    #: name and value, in the documented order
    parameters: Tuple[Tuple[str, object], ...]
    #: what is asked about, for the log
    about: str
    #: (form, the Transport's ``getparser``, tz, shown, whether the fast lane is worth it) -> what reads the answer
    reader: Callable[[Form, Parser, Optional[tzinfo], Shown, bool], Any]

    def __str__(self) -> str:
        return "{} {}".format(self.function, self.about) if self.about else self.function


def bounces_of(id_send: int) -> Question:
    """The bounce report of one delivery."""

    def reader(form: Form, getparser: Parser, tz: Optional[tzinfo], shown: Shown, fast: bool) -> Any:
        return form.report_reader(getparser, id_send, tz, shown, fast)

    about = "id_send={}".format(id_send)
    return Question("mailkit.report.message.bounces", (("ID_send", I4(id_send)),), about, reader)


def campaigns_in(range_from: Any, range_to: Any) -> Question:
    """The campaigns of a time."""

    def reader(form: Form, getparser: Parser, tz: Optional[tzinfo], shown: Shown, fast: bool) -> Any:
        return RowReader(form.decoder(getparser), None, tz, shown, campaign_from_struct, form.structs_of)

    return Question("mailkit.report", _range(range_from, range_to), "", reader)


def deliveries_of(id_message: int, range_from: Any, range_to: Any) -> Question:
    """The deliveries of one campaign."""

    def row(struct: object, asked: Any, tz: Optional[tzinfo], number: int) -> Any:
        return delivery_from_struct(struct, id_message, tz, number)

    def reader(form: Form, getparser: Parser, tz: Optional[tzinfo], shown: Shown, fast: bool) -> Any:
        return RowReader(form.decoder(getparser), None, tz, shown, row, form.structs_of)

    parameters = (("ID_message", I4(id_message)),) + _range(range_from, range_to)
    return Question("mailkit.report.campaign", parameters, "id_message={}".format(id_message), reader)


def anything(form: Form, function: Any, positional: Tuple[Any, ...], named: Dict[str, Any]) -> Question:
    """Any other function, whose parameters *form* must be able to say.

    :raises ConfigurationError: it is not, or *function* is no name of one
    """
    if type(function) is not str or not _FUNCTION.fullmatch(function):
        raise ConfigurationError("function must be a name like mailkit.report.message")
    if form.named and positional:
        raise ConfigurationError("the JSON form names its parameters: call(function, ID_send=...)")
    if named and not form.named:
        raise ConfigurationError("XML-RPC does not name its parameters: call(function, ...) in the documented order")

    def reader(form: Form, getparser: Parser, tz: Optional[tzinfo], shown: Shown, fast: bool) -> Any:
        return ValueReader(form.decoder(getparser), shown, form.refusal_in)

    parameters = tuple(named.items()) if form.named else tuple(("", value) for value in positional)
    return Question(function, parameters, "", reader)


def _range(range_from: Any, range_to: Any) -> Tuple[Tuple[str, object], ...]:
    """The parameters of a time: what is left out at the end is not sent."""
    if range_from is None and range_to is not None:
        raise ConfigurationError("range_to needs a range_from")
    given = (("range_from", range_from), ("range_to", range_to))
    return tuple((name, _day(value, name)) for name, value in given if value is not None)


def _day(value: Any, name: str) -> str:
    """*value* as ``YYYY-MM-DD``: a date (of a datetime its day), or such a string."""
    if isinstance(value, date):
        return "{:04d}-{:02d}-{:02d}".format(value.year, value.month, value.day)
    if isinstance(value, str) and _DAY.fullmatch(value):
        try:
            date(*map(int, value.split("-")))
            return str.__str__(value)
        except ValueError:  # 30 February
            pass
    raise ConfigurationError("{} must be a date, or a string like 2014-12-23".format(name))
