"""The columns: the fields of a Bounce in their order, and what else can be asked for."""

from dataclasses import fields
from datetime import datetime
from typing import Any, Callable, Dict

from ...model.records import Bounce

COLUMNS = [field.name for field in fields(Bounce)]
#: those of a table, unless others are asked for: they fit into 80 columns of a terminal
TABLE_COLUMNS = ["date", "email", "kind", "status", "reason"]
#: reads a column from a row
Reader = Callable[[Any], object]
#: Columns that can be asked for beside the fields, each with what reads it from a row.
MORE_COLUMNS: Dict[str, Reader] = {"kind": lambda row: str(row.kind), "explain": Bounce.explain}
IDS = ("id_send", "id_email", "id_user_list", "id_send_message")
#: digits of a number that Excel keeps
EXCEL_DIGITS = 15
# All spreadsheets agree on dates from here on: Excel's year 1900 has a 29 February.
_FIRST_DATE = datetime(1900, 3, 1)


def is_excels(date: datetime) -> bool:
    """Return whether Excel can hold *date*: without a time zone, to the second, and not before 1 March 1900."""
    return date.tzinfo is None and not date.microsecond and date >= _FIRST_DATE
