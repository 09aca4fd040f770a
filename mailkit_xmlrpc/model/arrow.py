"""Rows as columns of Apache Arrow, by pyarrow (the extra ``arrow``), which is imported when it is asked for.

Ids are int64. Dates are timestamps without a time zone, as the clock in the report shows them. Words, which are few,
are dictionary-encoded. ``extra`` is JSON, and null where it is empty. Texts are verbatim, but for a lone surrogate,
which UTF-8 cannot hold: it becomes an escape.
"""

import json
from dataclasses import fields
from datetime import datetime
from importlib import import_module
from types import ModuleType
from typing import Any, Iterable, Iterator, List, Sequence, get_type_hints

from ..exceptions import ConfigurationError
from .plain import marked
from .records import Bounce

__all__ = ["to_arrow"]

#: columns that hold few different texts
WORDS = ("status", "email_status", "bounce_cat", "kind")
# What is held at once. DuckDB wants row groups of this size; texts may be long.
_BATCH_ROWS = 100000
_BATCH_CHARACTERS = 1 << 24

_COLUMNS = [field.name for field in fields(Bounce)] + ["kind"]


def to_arrow(bounces: Iterable[Bounce]) -> Any:
    """Return a ``pyarrow.RecordBatchReader`` of *bounces*: all fields, and ``kind``.

    It takes rows while it is read, in memory that does not grow with them. ``read_all()`` makes a Table of it. pandas,
    polars, DuckDB and every other library that knows Arrow take both. What *bounces* raises, it raises.

    :param bounces: rows
    :raises ConfigurationError: there is no pyarrow
    """
    pyarrow = require_pyarrow()
    schema = schema_of(Bounce, _COLUMNS)
    values = ([getattr(row, name) for name in _COLUMNS] for row in bounces)
    return pyarrow.ipc.RecordBatchReader.from_batches(schema, batches(values, schema))


def require_pyarrow() -> ModuleType:
    """Return the module ``pyarrow``.

    :raises ConfigurationError: it is not installed; the text names the extra that brings it
    """
    try:
        return import_module("pyarrow")
    except ImportError:
        pass
    raise ConfigurationError("this needs pyarrow, the extra arrow: pip install pyarrow")


def schema_of(record: type, columns: Sequence[str]) -> Iterable[Any]:
    """Return the schema of *columns* of rows of the class *record*."""
    pyarrow = require_pyarrow()
    hints = get_type_hints(record)
    schema: Iterable[Any] = pyarrow.schema(
        [(name, _type(pyarrow, name, str(hints.get(name, str)))) for name in columns]
    )
    return schema


def _type(pyarrow: ModuleType, name: str, hint: str) -> object:
    if name in WORDS:
        return pyarrow.dictionary(pyarrow.int32(), pyarrow.string())
    if "datetime" in hint:
        return pyarrow.timestamp("us")
    return pyarrow.int64() if "int" in hint else pyarrow.string()


def batches(rows: Iterable[List[object]], schema: Iterable[Any]) -> Iterator[object]:
    """Yield *rows*, the values in the order of *schema*, some at a time."""
    pyarrow = require_pyarrow()
    held: List[List[object]] = []
    characters = 0
    for row in rows:
        held.append([_plain(value) for value in row])
        characters += sum(len(value) for value in held[-1] if type(value) is str)
        if len(held) >= _BATCH_ROWS or characters >= _BATCH_CHARACTERS:
            yield _batch(pyarrow, held, schema)
            held, characters = [], 0
    if held:
        yield _batch(pyarrow, held, schema)


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.replace(tzinfo=None)
    if isinstance(value, dict):
        return json.dumps(marked(value), ensure_ascii=False) if value else None
    # An enumeration's member is one of its texts.
    return str(value) if isinstance(value, str) else value


def _batch(pyarrow: ModuleType, held: List[List[object]], schema: Iterable[Any]) -> object:
    columns = zip(*held)
    return pyarrow.RecordBatch.from_arrays(
        [_array(pyarrow, list(column), field.type) for column, field in zip(columns, schema)], schema=schema
    )


def _array(pyarrow: ModuleType, column: List[object], arrow_type: Any) -> object:
    is_words = pyarrow.types.is_dictionary(arrow_type)
    plain = arrow_type.value_type if is_words else arrow_type
    try:
        array = pyarrow.array(column, plain)
    except UnicodeEncodeError:
        array = pyarrow.array([_encodable(value) for value in column], plain)
    return array.dictionary_encode() if is_words else array


def _encodable(value: object) -> object:
    return value.encode("utf-8", "backslashreplace").decode("utf-8") if isinstance(value, str) else value


# Pickles, tracebacks and documentation name the public place, so that the rooms may change.
for _public in __all__:
    globals()[_public].__module__ = "mailkit_xmlrpc"
