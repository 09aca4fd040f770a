"""The bytes of an answer as characters that can be turned into the very same bytes again. Pure."""

import codecs
from typing import Iterator, NamedTuple, Optional

from ..exceptions import ConfigurationError, ResponseError
from ..exceptions.boundary import raised_by_caller
from ..protocol.encoding import Body, encoding_of
from ..protocol.xmlrpc.declaration import declared_encoding

_GZIP = b"\x1f\x8b"
_UTF_32 = ((codecs.BOM_UTF32_LE, "utf-32-le"), (codecs.BOM_UTF32_BE, "utf-32-be"))
_EBCDIC = (b"\x4c\x6f\xa7\x94\x93", "cp037")  # <?xml
_HEAD = 1 << 12  # bytes


class Decoded(NamedTuple):
    """The characters of a body."""

    text: str
    codec: str
    #: bytes behind the last whole character
    rest: bytes = b""
    #: bytes before the first one: a byte order mark that the codec would take for letters
    mark: bytes = b""

    def encoded(self, text: str) -> bytes:
        """Return the body that *text* stands for."""
        return self.mark + text.encode(self.codec, _errors(self.codec)) + self.rest


def decoded(body: bytes, content_type: str) -> Decoded:
    """Return the characters of *body*. What its encoding forbids, and a body in an unknown one, can be turned back too.

    :raises ConfigurationError: it is compressed
    """
    if body.startswith(_GZIP):
        raise ConfigurationError("the answer is compressed, which no header said; decompress it first")
    codec = _codec_of(body, content_type)
    if codec is not None:
        width = 4 if "32" in codec else 2 if "16" in codec else 1
        whole = len(body) - len(body) % width
        try:
            return Decoded(body[:whole].decode(codec, _errors(codec)), codec, body[whole:])
        except UnicodeError as error:
            if raised_by_caller(error):
                raise
    # Here every byte is a character.
    mark = next((mark for mark, _ in _UTF_32 if body.startswith(mark)), b"")
    return Decoded(body[len(mark) :].decode("latin-1"), "latin-1", mark=mark)


class WholeBody(Body):
    """*body*, as protocols read it."""

    def __init__(self, body: bytes, content_type: str) -> None:
        super().__init__(content_type, len(body), body[:_HEAD])
        self._body = body

    def pieces(self) -> Iterator[bytes]:
        return iter((self._body,))


def _errors(codec: str) -> str:
    return "surrogatepass" if codec.startswith(("utf-16", "utf-32")) else "surrogateescape"


def _codec_of(body: bytes, content_type: str) -> Optional[str]:
    """What reads *body*; None where its encoding is not read."""
    for mark, codec in _UTF_32 + (_EBCDIC,):
        if body.startswith(mark):
            return codec
    answer = WholeBody(body, content_type)
    try:
        return encoding_of(answer, _declared_in(answer), False)
    except ResponseError as error:
        if raised_by_caller(error):
            raise
        return None


def _declared_in(answer: Body) -> Optional[str]:
    """The encoding that *answer* declares; None too where its declaration is broken, which reading it tells."""
    try:
        return declared_encoding(answer)
    except ResponseError as error:
        if raised_by_caller(error):
            raise
        return None
