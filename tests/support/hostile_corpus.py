"""Hostile answers that are clearer generated than written down: bombs, deep nesting, endless tokens, every truncation,
every wrong way to write a number. Those whose bytes are the point are files in ``fixtures/hostile/``.

``documents()`` yields (name, bytes, expectation), the expectation as in a fixture (``fixture_files``). The evidence for
all of them is inferred: what a broken or malicious server can send, and what xmlrpc.client makes of it.
"""

from typing import Iterator, Tuple

from tests.support.hostile_values import (
    DECLARATION,
    MALFORMED,
    Case,
    answer,
    base64s,
    booleans,
    dates,
    doubles,
    extra,
    ids,
    ints,
    member,
    row,
)

TOO_LARGE = {"error": "ResponseTooLargeError"}
UNSAFE = {"error": "UnsafeXMLError"}

MIB = 1 << 20


def documents() -> Iterator[Case]:
    """Every generated document with its expectation."""
    for kind in (ints, doubles, booleans, base64s, characters, depths, tokens, sizes, bombs, ids, dates):
        yield from kind()


def truncations() -> Iterator[Tuple[int, bytes]]:
    """A complete answer (two rows, all types, two-byte letters, CDATA, a reference) cut before each of its bytes."""
    second = (
        "</struct></value><value><struct>"
        "<member><name>EMAIL</name><value><![CDATA[bruno@example.com]]></value></member>"
        "<member><name>REASON</name><value>pln\u00e1 &amp; schr\u00e1nka<!-- c --></value></member>"
        "<member><name>FLAG</name><value><boolean>1</boolean></value></member>"
        "<member><name>RAW</name><value><base64>YWJj</base64></value></member>"
        "<member><name>ROWS</name><value><array><data><value><nil/></value></data></array></value></member>"
    )
    whole = answer(member("ID_EMAIL", "<int>5</int>") + member("STATUS", "<double>5.1</double>") + second)
    for end in range(len(whole)):
        yield end, whole[:end]


def characters() -> Iterator[Case]:
    """What XML 1.0 (2.2 Char) excludes, raw and as references; and the unusual ones that it allows."""
    for code in (0x00, 0x01, 0x07, 0x08, 0x0B, 0x0C, 0x0E, 0x1B, 0x1F):
        yield "control-raw-{:02x}".format(code), answer(member("REASON", "a" + chr(code) + "b")), MALFORMED
        yield "control-name-{:02x}".format(code), answer(member("A" + chr(code), "b")), MALFORMED
    for code in (0x00, 0x01, 0x08, 0x0B, 0x1B, 0x1F, 0xD800, 0xDFFF, 0xFFFE, 0xFFFF, 0x110000, 10**12):
        yield "reference-{:x}".format(code), answer(member("REASON", "a&#x{:x};b".format(code))), MALFORMED
    for number, text in enumerate(
        ["&#;", "&#x;", "&#x41", "&#-1;", "&#xG;", "&;", "&amp", "& amp;", "&AMP;", "&eacute;"]
    ):
        yield "reference-wrong-{:02}".format(number), answer(member("REASON", text)), MALFORMED
    for code in (
        0x09,
        0x0A,
        0x0D,
        0x7F,
        0x85,
        0x9F,
        0xA0,
        0xAD,
        0x200B,
        0x202E,
        0x2028,
        0xFEFF,
        0xFFFD,
        0x1F4EC,
        0xE0001,
        0x10FFFF,
    ):
        yield (
            "unusual-reference-{:x}".format(code),
            answer(member("REASON", "a&#x{:x};b".format(code))),
            row(reason="a" + chr(code) + "b"),
        )
    for code in (0x7F, 0x85, 0x9F, 0x200B, 0x202E, 0x2028, 0xFEFF, 0x1F4EC, 0xFDD0, 0x1FFFE, 0x10FFFF):
        yield (
            "unusual-raw-{:x}".format(code),
            answer(member("REASON", "a" + chr(code) + "b")),
            row(reason="a" + chr(code) + "b"),
        )


# --- depth and size -------------------------------------------------------------------------------------------------


def _arrays(depth: int) -> str:
    return (
        "<array><data><value>" * (depth - 1) + "<array><data></data></array>" + "</value></data></array>" * (depth - 1)
    )


def depths() -> Iterator[Case]:
    """32 values inside each other are fine (the report and its row are two of them), one more is not."""
    nested = []  # type: Any
    for _ in range(29):
        nested = [nested]
    yield "depth-32", answer(member("X", _arrays(30))), extra(nested)
    yield "depth-33", answer(member("X", _arrays(31))), TOO_LARGE
    yield (
        "depth-33-structs",
        answer("<member><name>X</name><value><struct>" * 31 + "</struct></value></member>" * 31),
        TOO_LARGE,
    )
    yield "depth-100000", answer(member("X", _arrays(100000))), TOO_LARGE
    yield "depth-100000-unclosed", answer(member("X", "<array><data><value>" * 100000)), TOO_LARGE
    envelope = "<methodResponse><{0}><value>{1}</value></{2}></methodResponse>"
    yield "depth-of-answer", envelope.format("params><param", _arrays(100), "param></params").encode(), TOO_LARGE
    yield "depth-of-fault", envelope.format("fault", _arrays(100), "fault").encode(), TOO_LARGE
    yield "depth-of-unknown-tags", answer(member("X", "<b>" * 5000 + "</b>" * 5000)), MALFORMED
    yield "depth-of-root", b"<a>" * 5000, MALFORMED
    yield "depth-of-values", answer(member("X", "<value>" * 5000 + "</value>" * 5000)), MALFORMED


def tokens() -> Iterator[Case]:
    """Markup that does not end costs old expat quadratic time (CVE-2023-52425): more than 1 MiB of it is refused."""
    big = "x" * (5 * MIB // 2)
    yield "token-comment", answer("<!--" + big + "-->"), TOO_LARGE
    yield "token-comment-unclosed", answer("<!--" + big), TOO_LARGE
    yield "token-comment-before-root", answer("", DECLARATION + "<!--" + big + "-->"), TOO_LARGE
    yield "token-instruction", answer("<?" + big + "?>"), TOO_LARGE
    yield "token-attribute", answer('<member a="' + big + '">'), TOO_LARGE
    yield "token-tag", answer("<" + big + ">"), TOO_LARGE
    yield "token-end-tag", answer("<member></" + big + ">"), TOO_LARGE
    yield (
        "token-many-attributes",
        answer("<member" + "".join(' a{}="b"'.format(n) for n in range(250000)) + ">"),
        TOO_LARGE,
    )
    yield "token-comment-below-limit", answer("<!--" + "x" * (900 << 10) + "-->"), row()
    for name, count, expected in (("token-attributes-below-limit", 900, row()), ("token-attributes", 5000, TOO_LARGE)):
        attributes = b"".join(b' a%d="b"' % number for number in range(count))
        yield name, answer("", "").replace(b"<member>", b"<member" + attributes + b">", 1), expected


def sizes() -> Iterator[Case]:
    """What looks alarming and is fine: data is not markup, and may be long."""
    long = "\u010d\n" * (MIB // 2)
    yield "size-text", answer(member("REASON", long)), row(reason=long)
    yield "size-cdata", answer(member("REASON", "<![CDATA[" + "a" * 2 * MIB + "]]>")), row(reason="a" * 2 * MIB)
    yield "size-references", answer(member("REASON", "&#65;" * 100000)), row(reason="A" * 100000)
    yield (
        "size-base64",
        answer(member("X", "<base64>" + "QUFB" * 300000 + "</base64>")),
        extra({"$bytes": "QUFB" * 300000}),
    )
    yield "size-name", answer(member("N" * 100000, "x")), row(extra={"N" * 100000: "x"})
    yield "size-many-comments", answer("<!-- c -->" * 50000), row()
    yield (
        "size-many-members",
        answer("".join(member("M%05d" % n, "x") for n in range(5000))),
        row(extra={"M%05d" % n: "x" for n in range(5000)}),
    )
    yield "size-white-space", answer(" \n" * MIB), row()
    yield "size-white-space-before", b"\n" * MIB + answer(""), row()
    yield "size-white-space-after", answer("") + b"\n" * MIB, row()


def bombs() -> Iterator[Case]:
    """Entities that grow: refused at the declaration, before anything grows."""
    for kind, count, width in (("laughs", 30, 2), ("laughs-wide", 4, 1000), ("quadratic", 1, 50000)):
        names = ["<!ENTITY a0 '{}'>".format("ha" * 1000)]
        names += ["<!ENTITY a{} '{}'>".format(n, "&a{};".format(n - 1) * width) for n in range(1, count)]
        head = "<!DOCTYPE methodResponse [{}]>".format("".join(names))
        yield (
            "bomb-" + kind,
            answer(member("REASON", "&a{};".format(count - 1) * (width if count == 1 else 1)), head),
            UNSAFE,
        )
    yield (
        "bomb-attribute-defaults",
        answer(
            "", "<!DOCTYPE m [<!ATTLIST member {}>]>".format(" ".join("a{} CDATA 'x'".format(n) for n in range(10000)))
        ),
        UNSAFE,
    )


# --- ids and dates --------------------------------------------------------------------------------------------------
