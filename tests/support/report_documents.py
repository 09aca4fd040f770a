"""Answers made at random: what the property tests and the fuzz target feed to the reader.

Everything is drawn from a ``random.Random``, so a seed names a document; the strategies at the end hand in one of
hypothesis's own, which can be shrunk. Most documents are reports that can be read: regular rows, alike or ever other,
with irregular ones sprinkled in. Some hold one fatal thing, or two.
"""

from binascii import b2a_base64
from datetime import timedelta, timezone

from hypothesis import strategies as st

from tests.support.damage import mutated
from tests.support.irregular_rows import (
    ANSWERS,
    ENCODINGS,
    FATAL_ROWS,
    HEADS,
    IRREGULAR_HEADS,
    IRREGULAR_ROWS,
    IRREGULAR_TAILS,
    TAILS,
)
from tests.support.irregular_values import (
    ENTITIES,
    FATAL_TEXTS,
    FATAL_VALUES,
    IDS,
    IRREGULAR_DATES,
    IRREGULAR_IDS,
    IRREGULAR_TEXTS,
    IRREGULAR_VALUES,
    NAMES,
    OTHER_NAMES,
    REFERENCES,
    TEXTS,
    WORDS,
)

EAST = timezone(timedelta(hours=1))

# --- values ---------------------------------------------------------------------------------------------------------


def text(random):
    """A text without anything that only the general decoder knows, as it stands in a document."""
    parts = []
    for _ in range(random.choice((1, 1, 1, 2, 5))):
        kind = random.randrange(8)
        if kind < 6:
            parts.append(random.choice(WORDS).replace("&", "&amp;").replace("<", "&lt;"))
        else:
            parts.append(random.choice(ENTITIES) if kind == 6 else random.choice(REFERENCES))
    return "".join(parts)


def digits(random):
    """Digits of a number from 0 on, and at every edge of what the fast path takes."""
    length = random.choice((1, 1, 2, 5, 9, 10, 17, 18))
    return "".join(random.choice("0123456789") for _ in range(length))


def date(random):
    """A date as documented; sometimes one that does not exist."""
    if random.randrange(4):
        return "{:04}-{:02}-{:02} {:02}:{:02}:{:02}".format(
            random.choice((1, 1970, 2014, 2024, 9999)),
            random.randrange(1, 13),
            random.randrange(1, 29),
            random.randrange(24),
            random.randrange(60),
            random.randrange(60),
        )
    return random.choice(
        (
            "",
            "0000-00-00 00:00:00",
            "0000-01-01 00:00:00",
            "2015-02-29 12:00:00",
            "2016-02-29 12:00:00",
            "2014-13-01 12:00:00",
            "2014-12-32 12:00:00",
            "2014-12-23 23:59:59",
            "2014-12-23 12:60:00",
            "2014-12-23 12:00:60",
            "9999-12-31 23:59:59",
            "0001-01-01 00:00:00",
            "2014-04-31 19:00:00",
        )
    )


def value(random, name, kind, gap):
    """What stands in the value tags of member *name*, of the type *kind*."""
    if kind in ("nil", "string/", "nil /"):
        return "{}<{}>{}".format(gap(), "nil/" if kind == "nil" else kind, gap())
    if kind in ("int", "i4", "i8"):
        inside = digits(random)
        if name in TEXTS and not random.randrange(4):
            inside = "-" + inside
    elif kind == "double":
        inside = "{}{}.{}".format(random.choice(("", "", "-")), digits(random), digits(random))
    elif kind == "boolean":
        inside = random.choice("01")
    elif kind == "base64":
        data = text(random).encode("utf-8") if random.randrange(4) else b"\xff" + bytes(random.randrange(5))
        inside = b2a_base64(data).decode("ascii").strip()
    elif name in IDS:
        inside = digits(random) if random.randrange(8) else ""
    elif name == "DATE":
        inside = date(random)
    else:
        inside = text(random)
    if not kind:
        return inside
    return "{2}<{0}>{1}</{0}>{3}".format(kind, inside, gap(), gap())


def irregular_value(random, name, fatal):
    """What stands in the value tags of member *name*, and is not for the fast path, or for nobody."""
    if fatal:
        inside = random.choice(FATAL_TEXTS if random.randrange(2) else FATAL_VALUES)
        return "<string>a{}</string>".format(inside) if inside in FATAL_TEXTS and random.randrange(2) else inside
    kind = random.randrange(3)
    if kind == 0:
        return random.choice(IRREGULAR_VALUES)
    inside = random.choice(IRREGULAR_IDS if name in IDS else IRREGULAR_DATES if name == "DATE" else IRREGULAR_TEXTS)
    return "<string>{}</string>".format(inside) if kind == 1 else inside


# --- rows -----------------------------------------------------------------------------------------------------------

_TEXT_KINDS = ("string",) * 8 + ("", "", "int", "i4", "i8", "double", "nil", "string/", "base64")
_ID_KINDS = ("int", "int", "i4", "i8", "string", "", "nil", "string/")
_DATE_KINDS = ("string",) * 4 + ("", "nil", "string/")
_OTHER_KINDS = ("string", "string", "", "int", "i4", "i8", "nil", "nil /", "double", "boolean", "base64")


def _kinds(random, irregular_types):
    names = list(NAMES)
    if not random.randrange(4):
        names = random.sample(names, random.randrange(1, len(names) + 1))
    if not random.randrange(3):
        names += random.sample(OTHER_NAMES, random.randrange(1, 4))
    if not random.randrange(3):
        random.shuffle(names)
    kinds = []
    for name in names:
        choices = _TEXT_KINDS if name in TEXTS else _ID_KINDS if name in IDS else _OTHER_KINDS
        if name == "DATE":
            choices = _DATE_KINDS
        kinds.append(random.choice(choices) if irregular_types else choices[0])
    return list(zip(names, kinds))


def _row(random, kinds, gap, irregular, fatal):
    target = random.randrange(len(kinds)) if irregular or fatal else -1
    members = []
    for index, (name, kind) in enumerate(kinds):
        inside = irregular_value(random, name, fatal) if index == target else value(random, name, kind, gap)
        members.append(
            "<member>{}<name>{}</name>{}<value>{}</value>{}</member>{}".format(gap(), name, gap(), inside, gap(), gap())
        )
    return "<value>{}<struct>{}{}</struct>{}</value>".format(gap(), gap(), "".join(members), gap())


def _gaps(random):
    """A function that gives the white space between two tags: none, the same one, or any."""
    style = random.randrange(10)
    if style < 4:
        return lambda: ""
    if style < 8:
        same = random.choice(("\n", "\n  ", "\r\n\t", " ", "\n\n"))
        return lambda: same
    if style == 8:
        return lambda: random.choice(("", "", "", "\n", " "))
    return lambda: "".join(random.choice(" \t\r\n") for _ in range(random.randrange(4)))


def rows(random, gap, most=14):
    """The rows of one report, as text: runs of alike ones, irregular ones among them, seldom a fatal one."""
    count = random.choice((0, 1, 2, 3, 5, 9, most, most))
    irregular_types = random.randrange(2)
    change = random.choice((0, 0, 1, 4, 10))  # of ten rows
    irregular_share = random.choice((0, 0, 1, 5))  # of ten rows
    fatal = random.randrange(count) if count and not random.randrange(5) else -1
    kinds = _kinds(random, irregular_types)
    parts = []
    for number in range(count):
        if random.randrange(10) < change:
            kinds = _kinds(random, irregular_types)
        irregular = random.randrange(10) < irregular_share
        if number == fatal and random.randrange(2):
            parts.append(random.choice(FATAL_ROWS))
            if not random.randrange(3):  # a second one: the first shall be told
                fatal += random.randrange(1, 4)
        elif irregular and random.randrange(2):
            parts.append(random.choice(IRREGULAR_ROWS))
        else:
            parts.append(_row(random, kinds, gap, irregular, number == fatal))
        parts.append(gap())
    return "".join(parts)


# --- documents ------------------------------------------------------------------------------------------------------


def document(random):
    """The bytes of one answer, most of the time a report that can be read."""
    gap = _gaps(random)
    head = random.choice(HEADS if random.randrange(25) else IRREGULAR_HEADS)
    tail = random.choice(TAILS if random.randrange(25) else IRREGULAR_TAILS)
    if random.randrange(16):
        answer = "{0}<array>{0}<data>{1}{2}</data>{0}</array>{0}".format(gap(), gap(), rows(random, gap))
    else:
        answer = random.choice(ANSWERS)
    inside = "<params>{0}<param>{0}<value>{1}</value>{0}</param>{0}</params>".format(gap(), answer)
    if not random.randrange(60):
        inside = "<fault><value>{}</value></fault>".format(answer)
    whole = "{0}<methodResponse>{1}{2}{1}</methodResponse>{3}".format(head, gap(), inside, tail)
    if not random.randrange(30):
        whole = whole[: random.randrange(len(whole) + 1)]
    if not random.randrange(25):
        encoding = random.choice(ENCODINGS)
        declared = "utf-16" if encoding == "utf-16-le" else encoding
        whole = "<?xml version='1.0' encoding='{}'?>{}".format(declared, whole[len(head) :])
        return whole.encode(encoding, "xmlcharrefreplace")
    return whole.encode("utf-8", "surrogatepass")


# --- hypothesis -----------------------------------------------------------------------------------------------------


def documents():
    """Strategy: answers as ``document`` makes them."""
    return st.randoms(use_true_random=False).map(document)


@st.composite
def damaged_documents(draw):
    """Strategy: answers with some damage."""
    random = draw(st.randoms(use_true_random=False))
    return mutated(random, document(random), document(random))
