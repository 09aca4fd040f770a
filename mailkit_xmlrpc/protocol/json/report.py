"""A bounce report in the JSON form: rows become Bounces whole columns at a time, irregular ones one by one. Pure."""

from datetime import tzinfo
from typing import List, Optional

from ...model.records import Bounce
from ..calls import BouncesCall
from ..columns import Words, bounces_of_structs
from ..readers import RowReader
from .decoder import Decoder

_BATCH = 256  # rows converted at once; an irregular one among them slows only these down


class ReportReader(RowReader[Bounce]):
    """Reads one bounce report over JSON."""

    def __init__(self, call: BouncesCall, tz: Optional[tzinfo] = None) -> None:
        super().__init__(Decoder(), call, tz)
        self._id_send = call.id_send
        self._words = Words()

    def _made_of(self, items: List[object], first: int) -> List[Bounce]:
        bounces: List[Bounce] = []
        for at in range(0, len(items), _BATCH):
            batch = items[at : at + _BATCH]
            made = bounces_of_structs(batch, self._id_send, self._tz, self._words)
            bounces += super()._made_of(batch, first + at) if made is None else made
        return bounces
