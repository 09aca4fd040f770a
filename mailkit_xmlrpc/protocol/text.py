"""The text of a body, as its decoder wants it: in UTF-8, and on request without forbidden characters. Pure."""

import codecs
import copy
from typing import Iterator, Optional, Tuple, Type

from ..exceptions import MailkitError, MalformedResponseError, ResponseError
from ..exceptions.boundary import raised_by_caller
from .cleaner import Cleaner
from .encoding import UTF_8, Body
from .readers import Decoder

_IN_UTF_16, _IN_BYTES = "surrogatepass", "surrogateescape"  # how codecs tell what they cannot read
_ADVICE = 'on_bad_text="replace" reads it with U+FFFD in its place'


class Text:
    """The text of one *body*.

    :param codec: what reads its bytes
    :param cleaner: takes out what this protocol forbids
    :param replace: whether it shall; else a forbidden character is an error, which the decoder tells
    """

    #: whether the characters are those of a document in UTF-8, as they are
    is_settled = True

    def __init__(self, body: Body, codec: str, cleaner: Type[Cleaner], replace: bool) -> None:
        self._body = body
        self._codec = codec
        # What the encoding forbids becomes a lone surrogate, and the byte again where that is encoded.
        self._errors = _IN_UTF_16 if codec.startswith("utf-16") else _IN_BYTES
        self._new_cleaner = cleaner
        self._replace = replace
        self._cleaner = cleaner() if replace else Cleaner()

    @property
    def replaced(self) -> int:
        """How many forbidden characters were replaced so far."""
        return self._cleaner.replaced

    @property
    def _is_body(self) -> bool:
        """Whether the body is what the decoder wants, as it is."""
        return self._codec == UTF_8 and not self._replace and self.is_settled

    def of(self, pieces: Iterator[bytes]) -> Iterator[bytes]:
        """Make it of *pieces* of the body, once."""
        return pieces if self._is_body else self._rewritten(pieces)

    def _rewritten(self, pieces: Iterator[bytes]) -> Iterator[bytes]:
        for text, final in self._steps(pieces):
            yield _utf_8(self._cleaner.step(text, final))

    def _steps(self, pieces: Iterator[bytes]) -> Iterator[Tuple[str, bool]]:
        """The characters, and whether none follow."""
        for text in self.settled(self._decoded(pieces)):
            yield text, False
        yield "", True

    def settled(self, texts: Iterator[str]) -> Iterator[str]:
        """Make a document in UTF-8 of the characters of this one, as many as there were."""
        return texts

    def _decoded(self, pieces: Iterator[bytes]) -> Iterator[str]:
        decoder = codecs.getincrementaldecoder(self._codec)(self._errors)
        for piece in pieces:
            yield decoder.decode(piece)
        if self._errors == _IN_UTF_16 and len(decoder.getstate()[0]) % 2:
            raise MalformedResponseError("it ends within a character")
        yield decoder.decode(b"", True)

    def _length(self, text: str) -> int:
        """How many bytes of the body *text* is."""
        return len(text.encode(self._codec, self._errors))

    # --- errors -----------------------------------------------------------------------------------------------------

    def explained(self, error: ResponseError, decoder: Decoder) -> ResponseError:
        """Return *error*, which reading this text has raised, or one that says what it is due to.

        Both tell the byte of the body as it was received. For that the body is read once more; where that fails, the
        error is returned as it is.

        :param decoder: reads a text of this protocol, and has read nothing yet
        """
        try:
            return self._explained(error, decoder) if isinstance(error, MalformedResponseError) else error
        finally:
            decoder.forget()

    def _explained(self, error: MalformedResponseError, decoder: Decoder) -> ResponseError:
        try:
            forbidden = None if self._replace else self._first_forbidden(decoder)
            if forbidden is not None:
                return forbidden
            if error.at is not None and not self._is_body:
                error.at = self._received(error.at)
        except MailkitError as problem:
            if raised_by_caller(problem):
                raise
            error.at = error.at if self._is_body else None
        return error

    def _first_forbidden(self, decoder: Decoder) -> Optional[MalformedResponseError]:
        """The error for the first forbidden character; None where there is none, or another error before it."""
        try:
            return self._forbidden_before_error(decoder)
        except ResponseError as error:
            if raised_by_caller(error):
                raise
            return None

    def _forbidden_before_error(self, decoder: Decoder) -> Optional[MalformedResponseError]:
        cleaner = self._new_cleaner()
        rows = 0
        given = taken = 0  # characters that came out; bytes of the body that went in
        for text, final in self._steps(self._body.pieces()):
            held = cleaner.held
            cleaned = cleaner.step(text, final)
            if cleaner.first is not None:
                cleaned = cleaned[: cleaner.first[0] - given]
            decoder.feed(_utf_8(cleaned))
            rows += len(decoder.items)
            del decoder.items[:]
            if cleaner.first is not None:
                at, what = cleaner.first
                where = "row {}".format(rows) if "array" in decoder.found else "it"
                error = MalformedResponseError("{} has {}".format(where, self._words(what)))
                error.at = taken - self._length(held) + self._length((held + text)[: at - given])
                error.advice = _ADVICE
                return error
            given += len(cleaned)
            taken += self._length(text)
        return None

    def _words(self, what: str) -> str:
        """How a text calls *what*, which is forbidden."""
        if what.startswith("&"):
            return "a reference to a forbidden character"
        if what.startswith("\\") or _is_surrogate(what) and self._errors == _IN_UTF_16:
            return "half of a surrogate pair"
        if _is_surrogate(what):
            return "a byte that is not {} (0x{:02X})".format(self._codec.upper(), ord(what) - 0xDC00)
        return "the forbidden character U+{:04X}".format(ord(what))

    def _received(self, at: int) -> int:
        """Where in the body that stands which is the byte *at* of this text."""
        cleaner = self._new_cleaner() if self._replace else Cleaner()
        given = taken = 0  # bytes of this text that came out; bytes of the body that went in
        for text, final in self._steps(self._body.pieces()):
            before = copy.copy(cleaner)
            length = len(_utf_8(cleaner.step(text, final)))
            if given + length > at:
                return taken + self._received_within(text, before, at - given)
            given += length
            taken += self._length(text)
        return taken

    def _received_within(self, text: str, cleaner: Cleaner, at: int) -> int:
        """Of which byte of *text* the byte *at* comes of those that come out when the *cleaner* takes it."""
        given = index = 0
        while True:
            together = cleaner.held + text[index : index + 1]
            out = _utf_8(cleaner.step(text[index : index + 1], not text))
            if given + len(out) > at:
                # As many characters as were put in, but for a reference: that comes out alone.
                beside = together[len(out[: at - given].decode(UTF_8, "ignore")) :]
                return self._length(text[: index + 1]) - self._length(beside)
            given += len(out)
            index += 1


def _utf_8(text: str) -> bytes:
    """*text* in UTF-8; what stands for a byte that is forbidden stays forbidden."""
    return text.encode(UTF_8, "surrogatepass")


def _is_surrogate(char: str) -> bool:
    return "\ud800" <= char <= "\udfff"
