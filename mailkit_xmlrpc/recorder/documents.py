"""The values in an answer, found without judging it: an answer that is no XML or JSON at all has some, too. Pure.

A document is walked from its beginning to its end. What is no value comes out as it went in; of each value a function
says what it becomes. So tags, white space, order and spelling stay as they were, whatever the document is.
"""

import re
from typing import Callable, List, Match, NamedTuple, Optional, Pattern, Set, Tuple

from .spelling import IN_JSON, IN_XML, Spelled

#: what may be the tag of a value, beside those of XML-RPC
NAME, COMMENT, MARKUP, NUMBER = "name", "!comment", "!markup", "!number"


class Value(NamedTuple):
    """A value, or another text of a document."""

    text: str
    #: its tag in XML, or "" between tags; in JSON NUMBER or ""; NAME of a member, COMMENT, or MARKUP: what else is
    #: within angle brackets
    tag: str
    #: the names of the members that it is in, the innermost last; "" for an element of an array
    names: Tuple[str, ...]


#: says what a value becomes: a text of the same length
Change = Callable[[Value], str]

_XML = re.compile(
    r"(?P<cdata><!\[CDATA\[)(?P<inside>.*?)(?P<cdata_end>\]\]>|\Z)"
    r"|<!--(?P<comment>.*?)(?:-->|\Z)|<\?(?P<instruction>.*?)(?:\?>|\Z)|<!(?P<declaration>[A-Za-z][^<>\[]*)"
    r"|(?P<broken><!\[C?D?A?T?A?)"
    r"|<(?P<close>/?)(?P<tag>(?:[^\W\d]|:)[\w:.-]*)(?=[\s/>])"
    r"""(?P<attributes>(?:[^<>"'/]|"[^"<]*"|'[^'<]*'|/(?!>))*)(?P<empty>/?)>"""
    r"|(?P<text>[^<]+|<)",
    re.DOTALL,
)
_JSON = re.compile(
    r'"(?P<string>[^"\\]*(?:\\.[^"\\]*)*)(?:"|\\?\Z)|(?P<open>[{\[])|(?P<close>[}\]])'
    r'|(?P<number>-?[0-9][0-9.eE+-]*)|(?P<word>[^\s"{}\[\],:]+)|[\s,:]+',
    re.DOTALL,
)
_CLOSING = {"<![CDATA[": "]]>", "<!--": "-->", "<?": "?>"}
_OPENING = re.compile(r"<!\[CDATA\[|<!--|<\?(?=([xX][mM][lL])?)")
_BEFORE = " \t\r\n\ufeff"
_COLON = re.compile(r"\s*:")
_CONSTANTS = frozenset(("true", "false", "null", "NaN", "Infinity", "-Infinity"))
_LEVELS = ("struct", "data")
_MAX_NAME = 256  # characters; words that are longer are no name, but text in a document that is damaged
_DEPTH = 64  # names that are told; no answer that can be read has more (protocol/limits)


def change_xml(document: str, change: Change) -> str:
    """Return *document*, XML or what looks like it, with each value changed."""
    walk = _XmlWalk(change)
    unclosed: Set[str] = set()
    at = 0
    while at < len(document):
        opening = _OPENING.match(document, at)
        if opening and opening.group() in unclosed:
            at = max(opening.end(), opening.end(1))
            walk.out.append(document[opening.start() : at])
            if opening.group() == "<?" and not document[: opening.start()].strip(_BEFORE):
                # It is the declaration: what it says counts also where it is broken.
                end = document.find("<", at)
                end = len(document) if end < 0 else end
                walk.out.append(document[at:end])
                at = end
            continue
        match = _XML.match(document, at)
        assert match is not None
        if opening and not match.group().endswith(_CLOSING[opening.group()]):
            # It would have all the rest in it. What stands there is looked at as if it had not begun.
            unclosed.add(opening.group())
            continue
        walk.take(match)
        at = match.end()
    walk.settle()
    return "".join(walk.out)


class _XmlWalk:
    """On its way through one document.

    :param change: says what a value becomes
    """

    def __init__(self, change: Change) -> None:
        self._change = change
        #: the new document
        self.out: List[str] = []
        self._names: List[str] = []
        self._tag = ""
        # Of the text since the last tag: where each piece of it stands in the new document, and what spells it.
        # Comments between them do not count.
        self._pieces: List[Tuple[int, str, Optional[Pattern[str]]]] = []
        self._is_blank = True

    def take(self, match: "Match[str]") -> None:
        """Go past *match*."""
        kind = match.lastgroup
        if kind == "text":
            self._add(match.group(), IN_XML)
        elif kind == "empty":
            self.settle()
            self._aside(match, "attributes", MARKUP)
            self._enter_or_leave(*match.group("tag", "close", "empty"))
        elif kind == "cdata_end":
            self.out.append(match.group("cdata"))
            self._add(match.group("inside"), None)
            self.out.append(match.group("cdata_end"))
        elif kind == "comment":
            self._aside(match, "comment", COMMENT)
        else:
            self._aside(match, kind or "", MARKUP)

    def _add(self, raw: str, own: "Optional[Pattern[str]]") -> None:
        self._pieces.append((len(self.out), raw, own))
        self.out.append(raw)
        self._is_blank = self._is_blank and (not raw or raw.isspace())

    def _aside(self, match: "Match[str]", group: str, tag: str) -> None:
        """What is within angle brackets."""
        token, raw = match.group(0, group)
        if raw and not raw.isspace():
            spelled = Spelled(raw, None if tag == COMMENT else IN_XML)
            new = spelled.respelled(self._change(Value(spelled.text, tag, ())))
            start = match.start(group) - match.start()
            token = token[:start] + new + token[start + len(raw) :]
        self.out.append(token)

    def _enter_or_leave(self, tag: str, close: str, empty: str) -> None:
        if tag in _LEVELS and not empty:
            if not close:
                self._names.append("")
            elif self._names:
                self._names.pop()
        self._tag = "" if close or empty else tag

    def settle(self) -> None:
        """Say what the text since the last tag becomes."""
        if not self._is_blank:
            pieces = [(at, Spelled(raw, own)) for at, raw, own in self._pieces]
            text = "".join(piece.text for _, piece in pieces)
            is_name = self._names and _is_name(text)
            tag = "" if self._tag == NAME and not is_name else self._tag
            if tag == NAME:
                self._names[-1] = text
            new = self._change(Value(text, tag, tuple(self._names[-_DEPTH:])))
            start = 0
            for at, piece in pieces:
                end = start + len(piece.text)
                self.out[at] = piece.respelled(new[start:end])
                start = end
        self._is_blank = True
        del self._pieces[:]


def change_json(document: str, change: Change) -> str:
    """Return *document*, JSON or what looks like it, with each value changed."""
    out: List[str] = []
    names: List[str] = []
    are_objects: List[bool] = []
    for match in _JSON.finditer(document):
        token = match.group()
        if match.group("string") is not None:
            spelled = Spelled(match.group("string"), IN_JSON)
            tag = ""
            if names and are_objects[-1] and _COLON.match(document, match.end()):
                names[-1] = spelled.text
                tag = NAME if _is_name(spelled.text) else ""
            if spelled.text.strip():
                new = spelled.respelled(change(Value(spelled.text, tag, tuple(names[-_DEPTH:]))))
                token = '"' + new + token[1 + len(match.group("string")) :]
        elif match.group("open"):
            names.append("")
            are_objects.append(token == "{")
        elif match.group("close") and names:
            names.pop()
            are_objects.pop()
        elif match.group("number") or match.group("word") and token not in _CONSTANTS:
            token = change(Value(token, NUMBER if match.group("number") else "", tuple(names[-_DEPTH:])))
        out.append(token)
    return "".join(out)


def _is_name(text: str) -> bool:
    return len(text) <= _MAX_NAME or len(text.split(None, 1)) == 1


def change_of(document: str) -> Callable[[str, Change], str]:
    """Return which of the two reads *document*."""
    first: Optional[str] = document.lstrip(_BEFORE)[:1]
    return change_json if first and first in '{["' else change_xml
