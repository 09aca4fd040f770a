"""Whole columns of raw values become fields of rows, many times faster than value by value. Pure.

A raw value is what stood in a value's tags, such as ``<string>5.1.1</string>``, ``<int>550</int>``, ``<string/>``, or
text without a tag; the expressions below say which ones there may be. All of them can be converted: what could turn out
to be an error never gets here. They mean what ``scalars`` and ``fields`` say (property tests hold the two together).

Most values of a member have its usual type. Of these only the inside comes here, so that a column of them is joined,
decoded and split: a few calls a column instead of some for each value. The raw values of other types have a column of
their own. Texts are literals whatever their tags.
"""

import re
from binascii import a2b_base64
from datetime import tzinfo
from functools import lru_cache
from itertools import repeat
from typing import Any, Dict, Iterable, Iterator, List, Match, Optional, Sequence, Tuple

from ...exceptions.boundary import raised_by_caller
from ...model.records import Bounce, quick_bounce
from ..columns import DATE, ID, MAX_WORDS, SHARED, Extras, dates_of
from ..fields import MEMBERS, Reader, read_date, read_id, read_text, text_of_double
from .scalars import SCALARS

#: Of each documented member, in their order, the inside, if it has its usual type, and the raw value, if it has another
#: one; but of those with few different texts (``SHARED``) only the raw value. Then name and raw value of each unknown
#: member, in slots. A uniform row has only the insides. What is not there is ``MISSING``.
RawRow = Tuple[bytes, ...]

# --- what raw values look like --------------------------------------------------------------------------------------
# The expressions are linear: what follows a repetition never begins with what the repetition may hold.

# Without > (so no "]]>"), without CR (XML makes it LF), without what XML forbids. What an & begins, doubt_in() sees to.
TEXT = "[^<>\0-\x08\x0b-\x1f]*"
_INT = "-?[0-9]{1,18}"
_DOUBLE = "-?[0-9]{1,18}(?:[.][0-9]{1,24})?(?:[eE][-+]?[0-9]{1,2})?"
_BASE64 = "(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?"
_EMPTY = "<string ?/>|<nil ?/>"
INTS = ("int", "i4", "i8")
_INTS = "|".join("<{0}>{{0}}</{0}>".format(kind) for kind in INTS)

_AS_TEXT = "<string>{}</string>|{}|<double>{}</double>|{}|<base64>{}</base64>".format(
    TEXT, _INTS.format(_INT), _DOUBLE, _EMPTY, _BASE64
)

#: by the reader of a documented member, and of an unknown one (None): with a tag, without one
RAW_VALUES: Dict[Optional[Reader], Tuple[str, str]] = {
    read_text: (_AS_TEXT, TEXT),
    read_id: ("{0}|<string>(?:{1})?</string>|{2}".format(_INTS.format(ID), ID, _EMPTY), "(?:{})?".format(ID)),
    read_date: ("<string>(?:{})?</string>|{}".format(DATE, _EMPTY), "(?:{})?".format(DATE)),
    None: (_AS_TEXT + "|<boolean>[01]</boolean>", TEXT),
}
#: stands for what is not there: of a documented member that is the same as an empty text
MISSING = b""

# The references whose meaning is beyond doubt (XML 1.0, 4.6, 4.1, and 2.2 Char); all others are the decoder's.
_REFERENCE = (
    "(?:amp|lt|gt|quot|apos"
    "|#(?:9|10|13|3[2-9]|[4-9][0-9]|[1-9][0-9]{2,3}|[1-4][0-9]{4}|[7-9][0-9]{4}|1[0-9]{5})"
    "|#x(?:9|[aAdD]|[2-9a-fA-F][0-9a-fA-F]|[1-9a-fA-F][0-9a-fA-F]{2}|[1-9a-cA-C][0-9a-fA-F]{3}|[1-9a-fA-F][0-9a-fA-F]{4})"
    ");"
)
#: what no raw value may hold, by its first byte: other references; U+FFFE and U+FFFF
_DOUBTFUL = {
    b"&": re.compile("&(?!{})".format(_REFERENCE).encode("ascii")),
    b"\xef": re.compile(b"\xef\xbf[\xbe\xbf]"),
}


def doubt_in(data: bytes, at: int) -> int:
    """Where in *data* from *at* on the first thing stands that no raw value may hold; its length if there is none."""
    end = len(data)
    for first, doubtful in _DOUBTFUL.items():
        found = data.find(first, at, end)  # many times faster than to search for the expression
        match = doubtful.search(data, found, end) if found >= 0 else None
        if match is not None:
            end = match.start()
    return end


# --- columns of one kind --------------------------------------------------------------------------------------------

_SPLIT = re.compile("&([^;]*);").split
_NAMED = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "apos": "'"}


class _References(Dict[str, str]):
    """What entities and character references stand for."""

    def __missing__(self, reference: str) -> str:
        self[reference] = chr(int(reference[2:], 16) if reference[1] == "x" else int(reference[1:]))
        return self[reference]


def _resolved(texts: List[str]) -> List[str]:
    parts = _SPLIT(_BETWEEN.join(texts))
    parts[1::2] = map(_References(_NAMED).__getitem__, parts[1::2])
    return "".join(parts).split(_BETWEEN)


_BETWEEN = "\0"  # values of a joined column; no value holds it, and no reference stands for it
_BEGIN, _END = "<string>", "</string>"
_NO_TEXT = b"<string></string>"
_INSIDE = re.compile(">([^<]*)</").findall
_LONG_DOUBLE = re.compile("<double>[^<]{18,}").sub
_text_of_double = lru_cache(maxsize=1024)(text_of_double)


def _strings(column: Sequence[bytes], joined: str) -> List[str]:
    """What stands inside the tags of each of *column*, references and all; doubles as the text that was meant.

    :param joined: the same in one piece
    """
    if "<" not in joined:
        return joined.split(_BETWEEN)
    if joined.count(_END) == len(column):
        return joined[len(_BEGIN) : -len(_END)].split(_END + _BETWEEN + _BEGIN)
    if "<double>" in joined:
        joined = _LONG_DOUBLE(_short_double, joined)
    strings = _INSIDE(joined.replace("/>", "></"))  # <string/> and <nil/>; no text holds a >
    if len(strings) == len(column):
        return strings
    tagged = [raw if raw[:1] == b"<" else b"<string>" + raw + b"</string>" for raw in column]
    return _strings(tagged, _joined(tagged))


def _joined(column: Sequence[bytes]) -> str:
    return b"\0".join(column).decode("utf-8")


def _short_double(match: "Match[str]") -> str:
    return "<double>" + _text_of_double(match.group()[8:])


def _insides(column: Sequence[bytes]) -> List[str]:
    joined = _joined(column)
    texts = joined.split(_BETWEEN)
    return _resolved(texts) if "&" in joined else texts


def _texts(column: Sequence[bytes], name: str, extras: Extras) -> List[str]:
    """The texts of raw values; what is none stays in the row's *extras*."""
    joined = _joined(column)
    binary = {}
    if "<base64>" in joined:
        column = list(column)
        for index, raw in enumerate(column):
            if raw.startswith(b"<base64>"):
                binary[index] = a2b_base64(raw[len("<base64>") : -len("</base64>")])
                column[index] = _NO_TEXT
        joined = _joined(column)
    texts = _strings(column, joined)
    if "&" in joined:
        texts = _resolved(texts)
    for index, value in binary.items():
        text = read_text(value)
        if isinstance(text, str):
            texts[index] = text
        else:
            extras[index][name] = value
    return texts


def _any_text(text: str) -> str:
    return _resolved([text])[0] if "&" in text else text


def _any(raw: str) -> object:
    """The value of an unknown member."""
    if raw[:1] != "<":
        return _any_text(raw)
    tag, _, rest = raw[1:].partition(">")
    text = rest.partition("<")[0]
    if tag == "string":
        return _any_text(text)
    if tag in INTS:
        return int(text)
    return float(text) if tag == "double" else SCALARS[tag.rstrip(" /")](text)


# --- rows -----------------------------------------------------------------------------------------------------------

_MAX_WORD = 1 << 8  # bytes of one, with tags, references or base64


class RawWords(Dict[bytes, str]):
    """Gives the text of a raw value, for members that have few different ones: each is converted once a report.

    :raises KeyError: it is not known, and would better be converted with its column
    """

    def __missing__(self, raw: bytes) -> str:
        extras: Extras = [{}]
        if len(self) >= MAX_WORDS or len(raw) > _MAX_WORD:
            raise KeyError
        text = _texts((raw,), "", extras)[0]
        if extras[0]:
            raise KeyError
        self[raw] = text
        return text


def bounces_of(rows: List[RawRow], id_send: int, tz: Optional[tzinfo], words: RawWords) -> List[Bounce]:
    """The Bounces of *rows*; the first of them may be uniform."""
    width = len(rows[-1])
    if len(rows[0]) != width:
        uniform = sum(len(row) != width for row in rows)
        return bounces_of(rows[:uniform], id_send, tz, words) + bounces_of(rows[uniform:], id_send, tz, words)
    columns = iter(zip(*rows))
    extras: Extras = [{} for _ in rows]
    fields: List[Iterable[Any]] = []
    for member in MEMBERS:
        inside = next(columns)
        if member.name in SHARED:
            fields.append(_shared(inside, member.name, extras, words))
            continue
        texts: List[Any] = list(inside) if member.read is read_id else _insides(inside)
        if width != len(MEMBERS):
            _fill(texts, next(columns), member.name, extras)
        if member.read is read_id:
            fields.append([int(digits) if digits else None for digits in texts])
        else:
            fields.append(dates_of(texts, tz, extras) if member.read is read_date else texts)
    _keep_unknown(columns, extras)
    return list(map(quick_bounce, repeat(id_send), *fields, extras))


def _fill(texts: List[Any], raws: Sequence[bytes], name: str, extras: Extras) -> None:
    """Put the text of each of *raws* that is there into its place in *texts*."""
    if raws.count(MISSING) < len(raws):
        places = [place for place, raw in enumerate(raws) if raw]
        for place, text in zip(places, _texts([raws[at] for at in places], name, [extras[at] for at in places])):
            texts[place] = text


def _keep_unknown(columns: Iterator[Sequence[bytes]], extras: Extras) -> None:
    for names, raws in zip(columns, columns):
        if names.count(MISSING) < len(names):
            for extra, name, raw in zip(extras, names, raws):
                if name:
                    extra[name.decode("ascii")] = _any(raw.decode("utf-8"))


def _shared(column: Sequence[bytes], name: str, extras: Extras, words: RawWords) -> List[str]:
    try:
        return list(map(words.__getitem__, column))
    except KeyError as error:
        if raised_by_caller(error):
            raise
    return _texts(column, name, extras)
