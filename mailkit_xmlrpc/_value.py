"""The answer of any function as one plain value: what a report's reader is for rows. Pure."""
from typing import Any, Callable, Dict, List, Optional, Tuple

from ._answer import fault, refusal
from ._normalise import plain
from .exceptions import ApiError, DisallowedIPError, UnauthorizedError

Shown = Callable[[str], str]


class ValueReader:
    """Reads one answer; what ``close`` returns is the whole of it.

    :param refusal_in: tells which object is a refusal (see ``_form.Form``)
    """

    #: nothing is known before the end
    is_report = False

    def __init__(
        self, decoder: Any, shown: Shown, refusal_in: Callable[[Dict[str, object], None, Shown], Optional[ApiError]]
    ) -> None:
        self._decoder = decoder
        self._shown = shown
        self._refusal_in = refusal_in
        #: values returned so far
        self.rows = 0

    def feed(self, data: bytes) -> List[Tuple[object]]:
        """Read on.

        :raises ResponseError: this cannot be read
        """
        self._decoder.feed(data)
        return []

    def close(self) -> List[Tuple[object]]:
        """Say that the answer has ended; returns its value, in a tuple (a None would be no row).

        :raises ResponseError: it may not end here
        :raises ApiError: Mailkit said no
        """
        decoder = self._decoder
        decoder.close()
        if "fault" in decoder.found:
            raise fault(decoder.found["fault"], self._shown)
        value = decoder.items if "array" in decoder.found else decoder.found["value"]
        error: Optional[ApiError] = None
        if type(value) is dict:
            error = self._refusal_in(value, None, self._shown)
        elif type(value) is str and value.strip():  # other functions answer success with a string
            error = refusal(value.strip(), None, self._shown)
            if not isinstance(error, (UnauthorizedError, DisallowedIPError)):
                error = None
        if error is not None:
            raise error
        self.rows = 1
        return [(plain(value),)]

    def forget(self) -> None:
        """Let go of what is half decoded; nothing more will be read. Twice is fine."""
        self._decoder.forget()
