"""What a protocol is: the one place that names all in which XML-RPC and JSON differ.

Transport, tries, deadline, rows and errors are the same for both. Pure: bytes and values, no socket and no file.
"""

from datetime import tzinfo
from typing import Dict, List, Optional, Pattern, Sequence

from ..exceptions import ConfigurationError, FaultError, ResponseError
from ..exceptions.boundary import raised_by_caller
from ..model.records import Bounce
from .calls import BouncesCall, Call, Parameters, Row, ValueCall
from .encoding import Body
from .limits import MAX_DEPTH, MAX_REQUEST
from .readers import Decoder, RowReader, ValueReader
from .replies import fault
from .text import Text


class Protocol:
    """One of the two documented protocols."""

    #: as an error calls it
    name: str
    #: of a request
    content_type: str
    #: of a response, as far as it need not be told
    content_types: Pattern[str]
    #: whether parameters are named
    is_named: bool

    def arguments(self, call: "Call[Row]", client_id: int, client_md5: str) -> List[object]:
        """What the function of *call* is called with."""
        raise NotImplementedError

    def encode(self, function: str, arguments: Sequence[object]) -> bytes:
        """Return the body of the request that calls *function* with *arguments*.

        :raises ConfigurationError: a value that the protocol cannot say
        """
        raise NotImplementedError

    def expected_end(self, head: bytes, framed: bool) -> "Optional[Pattern[bytes]]":
        """What a whole body that begins with *head* holds at its end (blanks behind it do not count).

        None where it does not begin as an answer of this protocol: then only the decoder can judge.

        :param framed: whether HTTP told where the body ends
        """
        raise NotImplementedError

    def text(self, body: Body, replace: bool) -> Text:
        """Return what makes the text of *body* that decoders and readers are fed.

        :param replace: whether forbidden characters are replaced; else they are an error
        :raises MalformedResponseError: it is in an encoding that is not read
        """
        raise NotImplementedError

    def decoder(self) -> Decoder:
        """Return what makes values of the bytes of one text."""
        raise NotImplementedError

    def rows(self, call: "Call[Row]", tz: Optional[tzinfo], size: int) -> "RowReader[Row]":
        """Return what makes rows of the bytes of a text that answers *call*.

        :param size: bytes of the answer
        """
        # What Row is, the class of *call* says, which mypy cannot see.
        if isinstance(call, ValueCall):
            return ValueReader(self.decoder(), call, self.is_named)  # type: ignore[return-value]  # see above
        if isinstance(call, BouncesCall):
            return self._bounces(call, tz, size)  # type: ignore[return-value]  # see above
        return RowReader(self.decoder(), call, tz)

    def _bounces(self, call: BouncesCall, tz: Optional[tzinfo], size: int) -> RowReader[Bounce]:
        """As ``rows``, for the one report that may be large."""
        raise NotImplementedError

    def call_of(self, function: object, positional: Sequence[object], named: Dict[str, object]) -> ValueCall:
        """Return the call of any *function*.

        :raises ConfigurationError: this protocol cannot say such parameters
        """
        if self.is_named and positional:
            raise ConfigurationError("the JSON form names its parameters: call(function, ID_send=...)")
        if named and not self.is_named:
            raise ConfigurationError(
                "XML-RPC does not name its parameters: call(function, ...) in the documented order, "
                'or MailkitClient(..., protocol="json")'
            )
        parameters: Parameters = list(named.items()) if self.is_named else [("", value) for value in positional]
        return ValueCall(function, parameters)

    def fault_in(self, body: Body, replace: bool) -> Optional[FaultError]:
        """The fault that a *body* consists of; None where it is anything else, or cannot be read."""
        decoder = self.decoder()
        try:
            for piece in self.text(body, replace).of(body.pieces()):
                decoder.feed(piece)
            decoder.close()
        except ResponseError as error:
            if raised_by_caller(error):
                raise
            return None
        finally:
            decoder.forget()
        return fault(decoder.found["fault"]) if "fault" in decoder.found else None

    def describe(self, error: ResponseError, content_type: Optional[str]) -> None:
        """Note in *error* what the answer was to be, and what it said it was where that is something else."""
        error.protocol = self.name
        expected = not content_type or self.content_types.match(content_type)
        error.content_type = None if expected else content_type


# --- what both may say ----------------------------------------------------------------------------------------------


def name_of(name: object, where: str) -> str:
    """*name* of a member, checked.

    :raises ConfigurationError: it is no str
    """
    if type(name) is not str:
        raise ConfigurationError("{} has a name that is not a str".format(where))
    return name


def finite(value: float, where: str) -> float:
    """*value*, checked.

    :raises ConfigurationError: it is not finite
    """
    if value - value != 0.0:  # of an infinity or NaN
        raise ConfigurationError("{} is not finite".format(where))
    return value


def unsaid(value: object, where: str) -> ConfigurationError:
    """The error for a *value* that cannot be sent."""
    if type(value) in (list, tuple, dict):
        return ConfigurationError("{} is nested deeper than {} levels".format(where, MAX_DEPTH))
    return ConfigurationError("{} must be a plain value (str, int, ...), not {}".format(where, type(value).__name__))


def small_enough(body: bytes) -> bytes:
    """*body* of a request, checked.

    :raises ConfigurationError: it is too large
    """
    if len(body) > MAX_REQUEST:
        raise ConfigurationError("the request is larger than {} bytes".format(MAX_REQUEST))
    return body
