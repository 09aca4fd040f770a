"""The functions of Mailkit that this package knows: their parameters as documented, and what makes a row of a struct.

Pure. Each call is a class: ``row`` leads from a struct to the line that makes the row.
"""

import re
from datetime import date, tzinfo
from typing import Dict, Generic, Optional, Sequence, Tuple, TypeVar, Union

from ..exceptions import ConfigurationError
from ..exceptions.boundary import raised_by_caller
from ..model.records import Bounce, Campaign, Delivery
from .fields import bounce_from_struct, campaign_from_struct, delivery_from_struct

#: a day: a date, or a string like ``2014-12-23``
Day = Union[str, date]
#: name and value, in the documented order
Parameters = Sequence[Tuple[str, object]]
Row = TypeVar("Row")

_FUNCTION = re.compile(r"[A-Za-z][A-Za-z0-9_]*(?:\.[A-Za-z0-9_]+)+")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


class I4(int):
    """An id as the vendor's page shows ID_send: ``<i4>`` in XML-RPC (but client_id is ``<int>``), a string in JSON."""


class Call(Generic[Row]):
    """One function with its parameters; its answer is rows."""

    #: the delivery asked for, if it is one
    id_send: Optional[int] = None

    def __init__(self, function: str, parameters: Parameters, about: str = "") -> None:
        self.function = function
        #: name and value, in the documented order
        self.parameters = parameters
        #: what is asked about, for the log
        self.about = about

    def row(self, struct: object, tz: Optional[tzinfo], number: int) -> Row:
        """The row that *struct* describes.

        :param number: of the row, for the error
        :raises UnexpectedShapeError: it describes none
        """
        raise NotImplementedError

    def is_row(self, struct: Dict[str, object]) -> bool:
        """Whether a *struct* that stands by itself, in no array, can be the one row."""
        return True

    def __str__(self) -> str:
        return "{} {}".format(self.function, self.about) if self.about else self.function


class BouncesCall(Call[Bounce]):
    """The bounce report of one delivery."""

    def __init__(self, id_send: int) -> None:
        super().__init__(
            "mailkit.report.message.bounces", [("ID_send", I4(id_send))], about="id_send={}".format(id_send)
        )
        self.id_send: int = id_send

    def row(self, struct: object, tz: Optional[tzinfo], number: int) -> Bounce:
        return bounce_from_struct(struct, self.id_send, tz, number)

    def is_row(self, struct: Dict[str, object]) -> bool:
        # Another function's success has a member "status", too.
        return not {"EMAIL", "ID_EMAIL", "ID_SEND_MESSAGE"}.isdisjoint(name.upper() for name in struct)


class CampaignsCall(Call[Campaign]):
    """The campaigns of a time."""

    def __init__(self, range_from: Optional[Day], range_to: Optional[Day]) -> None:
        super().__init__("mailkit.report", _range(range_from, range_to))

    def row(self, struct: object, tz: Optional[tzinfo], number: int) -> Campaign:
        return campaign_from_struct(struct, tz, number)


class DeliveriesCall(Call[Delivery]):
    """The deliveries of one campaign."""

    def __init__(self, id_message: int, range_from: Optional[Day], range_to: Optional[Day]) -> None:
        parameters = [("ID_message", I4(id_message))] + list(_range(range_from, range_to))
        super().__init__("mailkit.report.campaign", parameters, about="id_message={}".format(id_message))
        self._id_message = id_message

    def row(self, struct: object, tz: Optional[tzinfo], number: int) -> Delivery:
        return delivery_from_struct(struct, self._id_message, tz, number)


class ValueCall(Call[Tuple[object]]):
    """Any other function, whose answer is one plain value.

    :param parameters: without names ("") over XML-RPC
    :raises ConfigurationError: *function* is no name of one
    """

    def __init__(self, function: object, parameters: Parameters) -> None:
        if type(function) is not str or not _FUNCTION.fullmatch(function):
            raise ConfigurationError("function must be a name like mailkit.report.message")
        super().__init__(function, parameters)


def _range(range_from: Optional[Day], range_to: Optional[Day]) -> Parameters:
    """The parameters of a time: what is left out at the end is not sent."""
    if range_from is None and range_to is not None:
        raise ConfigurationError("range_to needs a range_from")
    given = (("range_from", range_from), ("range_to", range_to))
    return [(name, _day(value, name)) for name, value in given if value is not None]


def _day(value: Day, name: str) -> str:
    """*value* as ``YYYY-MM-DD``: a date (of a datetime its day), or such a string."""
    if isinstance(value, date):
        return "{:04d}-{:02d}-{:02d}".format(value.year, value.month, value.day)
    if isinstance(value, str) and _DAY.fullmatch(value):
        try:
            date(*map(int, value.split("-")))
            return str.__str__(value)
        except ValueError as error:  # 30 February
            if raised_by_caller(error):
                raise
    raise ConfigurationError("{} must be a date, or a string like 2014-12-23".format(name))
