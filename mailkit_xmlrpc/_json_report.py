"""A bounce report in the JSON form: plain rows become Bounces whole columns at a time, odd ones one by one. Pure."""
import re
from datetime import tzinfo
from itertools import chain
from operator import itemgetter
from typing import Any, Callable, Dict, List, Optional, Pattern, Tuple

from ._answer import objects_of
from ._columns import VERBATIM, Shape, Words
from ._json import Decoder
from ._normalise import bounce_from_struct
from ._reader import RowReader
from .bounce import Bounce

_BATCH = 64  # rows converted at once; an odd one among them slows only these down
_MAX_KINDS = 16  # of rows in one answer that get a Shape; more kinds are no kinds


class _Kind:
    """Rows that have the same members."""

    def __init__(self, names: Tuple[str, ...]) -> None:
        self._pick = itemgetter(*names)
        self._width = len(names)
        self._shape = Shape([(name, VERBATIM) for name in names])
        self._checks: List[Tuple[int, Pattern[str]]] = [
            (index, re.compile("(?:{}\n)*".format(group)))
            for index, group in enumerate(self._shape.groups)
            if group != "()"
        ]

    def bounces(self, rows: List[Any], id_send: int, tz: Optional[tzinfo], words: Words) -> Optional[List[Bounce]]:
        """The Bounces of *rows*, or None where one of them is not beyond doubt of this kind, or a value not plain."""
        try:
            picked = list(map(self._pick, rows))
            members = sum(map(len, rows))
        except (KeyError, TypeError):  # a member is missing; no object
            return None
        if members != self._width * len(rows) or set(map(type, chain.from_iterable(picked))) != {str}:
            return None
        columns = list(zip(*picked))
        for index, check in self._checks:
            text = "\n".join(columns[index]) + "\n"
            if not check.fullmatch(text) or text.count("\n") != len(rows):
                return None
        return self._shape.bounces(picked, id_send, tz, words)


class JsonReportReader(RowReader):
    """Reads one bounce report over JSON."""

    def __init__(self, id_send: int, tz: Optional[tzinfo], shown: Callable[[str], str]) -> None:
        super().__init__(Decoder(), id_send, tz, shown, bounce_from_struct, objects_of)
        self._asked = id_send
        self._words = Words()
        self._kinds: Dict[Tuple[str, ...], Optional[_Kind]] = {}

    def _made_of(self, items: List[Any], first: int) -> List[Any]:
        rows: List[Any] = []
        for at in range(0, len(items), _BATCH):
            batch = items[at : at + _BATCH]
            quick = self._quick(batch)
            rows += self._mixed(batch, first + at) if quick is None else quick
        return rows

    def _quick(self, batch: List[Any]) -> Optional[List[Bounce]]:
        kind = self._kind_of(batch[0])
        return None if kind is None else kind.bounces(batch, self._asked, self._tz, self._words)

    def _mixed(self, batch: List[Any], first: int) -> List[Any]:
        """The rows of *batch*, of which some are odd."""
        plain = [index for index, item in enumerate(batch) if _is_flat(item)]
        quick = self._quick([batch[index] for index in plain]) if plain else None
        if quick is None:
            return super()._made_of(batch, first)
        made = dict(zip(plain, quick))
        for index, item in enumerate(batch):
            if index not in made:
                made[index] = self._row_from_struct(item, self._asked, self._tz, first + index)
        return [made[index] for index in range(len(batch))]

    def _kind_of(self, item: Any) -> Optional[_Kind]:
        if type(item) is not dict or len(item) < 2:
            return None
        names = tuple(item)
        if names not in self._kinds and len(self._kinds) < _MAX_KINDS:
            plain = Shape.is_plain([(name, VERBATIM) for name in names])
            self._kinds[names] = _Kind(names) if plain else None
        return self._kinds.get(names)


def _is_flat(item: Any) -> bool:
    return type(item) is dict and set(map(type, item.values())) == {str}
