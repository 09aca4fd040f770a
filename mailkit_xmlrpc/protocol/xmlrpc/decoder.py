"""Bytes in pieces go in, XML-RPC values come out: the general decoder. Pure; it knows nothing of sockets or rows.

It is a DefusedExpatParser (no DTD, no entity) with an unmarshaller of our own plugged in. The stdlib's unmarshaller
accepts any sequence of tags and silently shifts, merges and drops values (a nested unknown tag, two values in one
member, a fault beside params, ...); this one knows which element may stand in which, and everything else is an error:

    methodResponse = params | fault          value  = text | scalar | array | struct
    params = param   param = value           array  = [data]   data = value*
    fault  = value                           struct = member*  member = name value

Elements of the outermost array are handed over one by one as they close (``items``), so memory does not grow with them.
"""

import re
from typing import Any, Dict, List, Optional, Sequence, Set, Tuple
from xml.parsers import expat

from defusedxml.common import DefusedXmlException
from defusedxml.xmlrpc import DefusedExpatParser

from ...exceptions import (
    MailkitError,
    MalformedResponseError,
    ResponseTooLargeError,
    UnexpectedShapeError,
    UnsafeXMLError,
)
from ...exceptions.boundary import raised_by_caller
from .. import readers as base
from ..limits import MAX_DEPTH, MAX_NAMES, MAX_TOKEN, MAX_VALUE, MAX_VALUES
from .scalars import BLANK, SCALARS

# --- structure ------------------------------------------------------------------------------------------------------
# A state is the innermost open element and how far it is: a table from the tags that may start now to the state that
# follows.

_State = Dict[str, "_State"]
_SCALAR: _State = {}
_NAME: _State = {}
_STRUCT: _State = {}
_DATA: _State = {}
_ARRAY: _State = {"data": _DATA}
_ARRAY_DONE: _State = {}
_VALUE: _State = dict.fromkeys(SCALARS, _SCALAR)
_VALUE.update(array=_ARRAY, struct=_STRUCT)
_VALUE_DONE: _State = {}
_MEMBER: _State = {"name": _NAME}
_NAMED: _State = {"value": _VALUE}
_MEMBER_DONE: _State = {}
_STRUCT["member"] = _MEMBER
_DATA["value"] = _VALUE
_HOLDER: _State = {"value": _VALUE}  # param or fault
_HOLDER_DONE: _State = {}
_PARAMS: _State = {"param": _HOLDER}
_PARAMS_DONE: _State = {}
_FAULT: _State = {"value": _VALUE}
_RESPONSE: _State = {"params": _PARAMS, "fault": _FAULT}
_RESPONSE_DONE: _State = {}
_DOCUMENT: _State = {"methodResponse": _RESPONSE}
_DOCUMENT_DONE: _State = {}


class Unmarshaller:
    """The target of the parser: ``start``, ``end``, ``data`` and ``xml`` as xmlrpc.client's parsers call them.

    Closures instead of methods: these are called for every tag, and a local is found faster than an attribute. They do
    not know the unmarshaller, so no reference cycle keeps an answer alive.

    :param max_values: in one row, or in the answer's only value
    """

    def __init__(self, max_values: int = MAX_VALUES) -> None:
        #: elements of the outermost array, closed and not yet taken; the caller empties it
        self.items: List[object] = []
        #: what the answer is: "array" once its value is seen to be one, "value" or "fault" once it has closed
        self.found: Dict[str, object] = {}
        handlers = _handlers(self.items, self.found, max_values)
        self.start, self.end, self.data, self.aside, self.settle, self.count, self.between_rows, self.forget = handlers

    def xml(self, encoding: object, standalone: object) -> None:
        """Called by the parser's constructor; there is nothing to note."""


def _handlers(items: List[object], found: Dict[str, object], max_values: int) -> Tuple[Any, ...]:
    texts: List[str] = []
    stack: List[Tuple[Any, str]] = []
    state = _DOCUMENT
    container: Any = None
    name = ""
    value: object = None
    rows = 0
    left = max_values  # that the open row may still have
    in_fault = False
    names: Set[str] = set()  # of attributes and instructions
    join = "".join
    clear = texts.clear

    def start(tag: str, attributes: Sequence[str]) -> None:
        nonlocal state, container, in_fault
        if attributes:
            note(attributes[::2])
        if texts:
            if join(texts).strip(BLANK):
                raise MalformedResponseError("text where none may stand")
            clear()
        if tag not in state:
            raise _misplaced(tag, state)
        state = state[tag]
        if state is _STRUCT or state is _ARRAY:
            if len(stack) >= MAX_DEPTH:
                raise ResponseTooLargeError(MAX_DEPTH, "levels", "the nesting of its values")
            stack.append((container, name))
            if state is _STRUCT:
                container = {}
            elif len(stack) == 1 and not in_fault:
                container = items
                found["array"] = True
            else:
                container = []
        elif state is _FAULT:
            in_fault = True

    def end(tag: str) -> None:
        nonlocal state, container, name, value, rows, left
        if state is _SCALAR:
            value = join(texts) if tag == "string" else SCALARS[tag](join(texts))
            clear()
            state = _VALUE_DONE
        elif state is _NAME:
            name = join(texts)
            clear()
            state = _NAMED
        elif tag == "value":
            left -= 1
            if left < 0:
                raise ResponseTooLargeError(max_values, "values", "the content of one value in it")
            if state is _VALUE:  # it had no tag in it: it is text
                value = join(texts)
                clear()
            elif texts:
                blank()
            if container is None:
                found["fault" if in_fault else "value"] = value
                state = _HOLDER_DONE
            elif type(container) is dict:
                if name in container and not in_fault:  # a fault is a fault, whatever is in it
                    raise UnexpectedShapeError("row {} has two members of one name".format(rows))
                container[name] = value
                state = _MEMBER_DONE
            else:
                container.append(value)
                if container is items:
                    rows += 1
                    left = max_values
                state = _DATA
        else:
            if texts:
                blank()
            if tag == "member":
                if state is not _MEMBER_DONE:
                    raise MalformedResponseError("a member without a name or a value")
                state = _STRUCT
            elif tag == "struct" or tag == "array":
                value = None if container is items else container
                container, name = stack.pop()
                state = _VALUE_DONE
            elif tag == "data":
                state = _ARRAY_DONE
            elif tag == "fault":
                found.setdefault("fault", None)
                state = _RESPONSE_DONE
            elif tag == "param":
                if state is not _HOLDER_DONE:
                    raise MalformedResponseError("a param without a value")
                state = _PARAMS_DONE
            elif state is _RESPONSE or state is _PARAMS:
                raise UnexpectedShapeError("a methodResponse without a param")
            else:
                state = _RESPONSE_DONE if tag == "params" else _DOCUMENT_DONE

    def aside(*args: str) -> None:
        """Called for a comment or a processing instruction, which may stand anywhere but behind the root."""
        if state is _DOCUMENT_DONE:
            raise MalformedResponseError("something behind its end")
        note(args[:-1])

    def note(more: Sequence[str]) -> None:
        """Remember *more* names, which the parser does as well."""
        names.update(more)
        if len(names) > MAX_NAMES:
            raise ResponseTooLargeError(MAX_NAMES, "names", "the vocabulary of its attributes and instructions")

    def blank() -> None:
        """Check that the text since the last tag is white space, and forget it."""
        if join(texts).strip(BLANK):
            raise MalformedResponseError("text where none may stand")
        clear()

    def settle() -> None:
        """Between two pieces: keep no more of the text since the last tag than is needed, where it is not data.

        It is not judged before the next tag, so that the same error is told however the answer came in pieces.
        """
        if texts and state is not _SCALAR and state is not _NAME and state is not _VALUE:
            texts[:] = ["x"] if join(texts).strip(BLANK) else []

    def count(more: int = 0) -> int:
        """Number the rows on as if *more* of them had passed; returns how many have."""
        nonlocal rows
        rows += more
        return rows

    def between_rows() -> bool:
        """Whether the last tag ended a row, or began their array."""
        return state is _DATA and container is items and not texts  # text may be of a CDATA section that is still open

    def forget() -> None:
        """Let go of the values that are open."""
        nonlocal container, value
        container = value = None
        clear()
        stack.clear()
        names.clear()

    return start, end, texts.append, aside, settle, count, between_rows, forget


def _misplaced(tag: str, state: _State) -> MailkitError:
    if state is _DOCUMENT:
        if tag == "methodCall":
            return UnexpectedShapeError("a methodCall instead of a methodResponse")
        return MalformedResponseError("its root is <{}>".format(tag))
    if state is _PARAMS_DONE and tag == "param":
        return UnexpectedShapeError("more than one param")
    if state is _VALUE:
        return MalformedResponseError("a value of the unknown type <{}>".format(tag))
    return MalformedResponseError("<{}> where it may not stand".format(tag))


# --- the parser -----------------------------------------------------------------------------------------------------

#: encodings expat knows or pyexpat can make a table for; any other name would reach a codec of the host (CPython
#: gh-62259)
_ENCODING = re.compile(
    r"utf-8|utf-16(?:le|be)?|us-ascii|ascii|iso[-_]?8859[-_]?[0-9]{1,2}|latin-?[0-9]{1,2}"
    r"|(?:windows|cp|ibm|x-cp)-?[0-9]{3,4}|koi8[-_][rut]",
    re.IGNORECASE,
)
_UTF8_BOM = b"\xef\xbb\xbf"


def getparser(max_values: int = MAX_VALUES) -> Tuple[DefusedExpatParser, Unmarshaller]:
    """Return a parser and its unmarshaller, as a Transport's getparser() does, without a global of xmlrpc.client."""
    unmarshaller = Unmarshaller(max_values)
    parser = DefusedExpatParser(unmarshaller, forbid_dtd=True)
    parser._parser.ordered_attributes = True  # an empty list instead of a dict a tag; nobody looks at them
    parser._parser.buffer_text = True  # one callback a text; without it "č\n" repeated takes 30 times its size
    parser._parser.CommentHandler = parser._parser.ProcessingInstructionHandler = unmarshaller.aside
    # Expat 2.6 holds events back to be linear in tiny pieces. Ours are large, and unfinished tokens bounded: there is
    # nothing to gain, and whether a row is decoded would depend on what stands behind it.
    getattr(parser._parser, "SetReparseDeferralEnabled", bool)(False)
    return parser, unmarshaller


class Decoder(base.Decoder):
    """Feed it the body in pieces (64 KiB or more: small ones are quadratic in expat before 2.6, CVE-2023-52425).

    :param parser: what ``getparser`` returns
    """

    def __init__(
        self,
        parser: DefusedExpatParser,
        unmarshaller: Unmarshaller,
        max_token: int = MAX_TOKEN,
        max_value: int = MAX_VALUE,
    ) -> None:
        self.items = unmarshaller.items
        self.found = unmarshaller.found
        self._settle = unmarshaller.settle
        self._count = unmarshaller.count
        self._between_rows = unmarshaller.between_rows
        self._forget = unmarshaller.forget
        #: as declared, in upper case; "" where nothing is declared, which means UTF-8 (or UTF-16 with a mark)
        self.encoding = ""
        self._parser = parser
        self._expat = parser._parser
        self._expat.XmlDeclHandler = self._check_encoding
        self._max_token = max_token
        self._max_value = max_value
        self._fed = 0
        self._at = 0  # how far it is decoded
        self._rows = 0  # rows decoded by the feed before this one, and
        self._row_at = 0  # how far they came at most
        self._before = 0  # bytes of the body that expat never saw
        self._head = b""  # bytes that may be the beginning of a byte order mark
        self._bom = False

    def feed(self, data: bytes) -> None:
        """Decode *data*.

        :raises ResponseError: the fitting leaf; the decoder is of no use after it
        """
        if not self._fed:  # PHP scripts love to begin with an empty line; XML forbids it
            data = self._without_head(self._head + data)
            if _UTF8_BOM.startswith(data) or self._before and len(data) < 2:  # empty, too
                self._head = data
                return
            self._head = b""
            if self._before and (data[0] in b"\0\xfe\xff" or not data[1]):
                data = b"\xff "  # expat would take it for UTF-16; so it calls it what it is, not well-formed
        self._fed += len(data)
        self._parse(data, False)
        # Since 2.6 expat puts an unfinished token off, and may then tell -1 for where it is.
        self._at = max(self._at, self._expat.CurrentByteIndex)
        if self._fed - self._at > self._max_token:
            self.forget()
            raise ResponseTooLargeError(self._max_token, what="one piece of markup in it")
        rows = self._count()
        if self._rows != rows:
            self._rows, self._row_at = rows, self._fed
        elif self._fed - self._row_at > self._max_value:
            self.forget()
            raise ResponseTooLargeError(self._max_value, what="one value in it")

    def close(self) -> None:
        """Say that the body has ended.

        :raises ResponseError: it may not end here
        """
        if self._head:
            self._parse(self._head, False)
        elif not self._fed:
            self.forget()
            raise MalformedResponseError("it is empty")
        self._parse(b"", True)
        self.forget()

    def between_rows(self) -> bool:
        """Whether all that was fed is decoded, and ended with a row (or with the beginning of their array)."""
        return bool(self._between_rows()) and self._fed == self._at

    def skip(self, length: int, rows: Sequence[object]) -> None:
        """Note that *rows* stand here, in *length* bytes, which were decoded elsewhere. Only between rows."""
        self.items += rows
        self._before += length
        self._rows = self._count(len(rows))
        self._row_at = self._fed

    def _parse(self, data: bytes, final: bool) -> None:
        try:
            self._expat.Parse(data, final)
            self._settle()
        except expat.ExpatError as error:
            malformed = MalformedResponseError(expat.ErrorString(error.code))
            malformed.at = self._before + self._expat.ErrorByteIndex
            problem: MailkitError = malformed
        except DefusedXmlException:
            problem = UnsafeXMLError("a document type declaration")
        except (LookupError, ValueError) as error:
            if raised_by_caller(error):
                self.forget()
                raise
            # pyexpat, of an encoding it cannot make a table for
            problem = MalformedResponseError("an encoding that cannot be read")
        except BaseException:
            self.forget()
            raise
        else:
            return
        self.forget()
        raise problem

    def forget(self) -> None:
        """Take the parser apart: its handlers are bound methods, a cycle that would keep the whole answer alive."""
        self._expat.XmlDeclHandler = None
        vars(self._parser).clear()  # its close() would parse to the end, once more
        self._forget()

    def _without_head(self, data: bytes) -> bytes:
        rest = data.lstrip()
        if rest.startswith(_UTF8_BOM) and not self._bom:
            self._bom = True
            rest = rest[len(_UTF8_BOM) :].lstrip()
        self._before += len(data) - len(rest)
        return rest

    def _check_encoding(self, version: str, encoding: Optional[str], standalone: int) -> None:
        if encoding is None:
            return
        self.encoding = encoding.upper()
        if not _ENCODING.fullmatch(encoding):
            raise MalformedResponseError("the encoding {}, which is not read".format(encoding))
        if self._bom and self.encoding != "UTF-8":  # expat would believe the declaration: wrong letters, no error
            raise MalformedResponseError("a UTF-8 mark before the declaration of another encoding")
