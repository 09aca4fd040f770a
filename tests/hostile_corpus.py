"""Hostile answers that are clearer generated than written down: bombs, deep nesting, endless tokens, every truncation,
every wrong way to write a number. Those whose bytes are the point are files in ``fixtures/hostile/``.

``documents()`` yields (name, bytes, expectation), the expectation as in a fixture (``fixture_files``). The evidence for
all of them is inferred: what a broken or malicious server can send, and what xmlrpc.client makes of it.
"""

from typing import Any, Dict, Iterator, Tuple

Case = Tuple[str, bytes, Dict[str, Any]]

MALFORMED = {"error": "MalformedResponseError"}
TOO_LARGE = {"error": "ResponseTooLargeError"}
UNSAFE = {"error": "UnsafeXMLError"}

DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'
HEAD = "<methodResponse><params><param><value><array><data><value><struct>"
TAIL = "</struct></value></data></array></value></param></params></methodResponse>"
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


def answer(members: str, head: str = DECLARATION) -> bytes:
    """A report of one row: an address and *members*."""
    return (head + HEAD + member("EMAIL", "anna@example.com") + members + TAIL).encode("utf-8")


def member(name: str, value: str) -> str:
    """One member of a struct."""
    return "<member><name>{}</name><value>{}</value></member>".format(name, value)


def row(**fields: Any) -> Dict[str, Any]:
    """The expectation: the one row of ``answer``, with *fields* beside its address."""
    return {"rows": [dict(fields, email="anna@example.com")]}


def _extra(value: Any) -> Dict[str, Any]:
    return row(extra={"X": value})


# --- numbers and other scalars --------------------------------------------------------------------------------------


def ints() -> Iterator[Case]:
    """What Python's int() takes and XML-RPC does not; and the reverse."""
    wrong = [
        "", " ", "\n", "+", "-", "+-5", "--5", "5-", "5 5", "1_000", "0x10", "0b1", "1e3", "1.0", "5.", "five",
        "None", "5L", "\u0665", "\uff15", "\u00b2", "\u00a05", "5\u2003", "1,000", "1'000", "9" * 21, "-" + "9" * 20,
        "0" * 21, "9" * 5000, "9" * 100000, "&#1637;", "0o7", "inf", "nan",
    ]  # fmt: skip
    for number, text in enumerate(wrong):
        yield "int-wrong-{:02}".format(number), answer(member("X", "<int>" + text + "</int>")), MALFORMED
    for tag in ("i4", "i8"):
        yield tag + "-empty", answer(member("X", "<{0}></{0}>".format(tag))), MALFORMED
        yield tag + "-empty-tag", answer(member("X", "<{}/>".format(tag))), MALFORMED
        yield tag + "-underscore", answer(member("X", "<{0}>1_0</{0}>".format(tag))), MALFORMED
    right = [
        ("0", 0), ("-0", 0), ("+5", 5), ("007", 7), (" 5", 5), ("5\n", 5), ("\t\r\n5 ", 5),
        ("-9223372036854775808", -(1 << 63)), ("18446744073709551615", (1 << 64) - 1), ("9" * 20, 10 ** 20 - 1),
        ("0" * 19 + "5", 5), ("&#53;", 5), ("<![CDATA[5]]>", 5),
    ]  # fmt: skip
    for number, (text, value) in enumerate(right):
        yield "int-right-{:02}".format(number), answer(member("X", "<int>" + text + "</int>")), _extra(value)
    yield "int-beyond-32-bits-in-i4", answer(member("X", "<i4>99999999999</i4>")), _extra(99999999999)


def doubles() -> Iterator[Case]:
    """Nothing that is not finite, nothing that is no number."""
    wrong = [
        "", " ", ".", "+", "e5", "nan", "NaN", "-nan", "inf", "-inf", "INF", "Infinity", "1e999", "-1e999",
        "1e99999999999", "1,5", "1_0.5", "0x1p3", "1.5.5", "1 5", "1.5f", "\u0665.5", "1e", "1e+", "--1.5", "five",
        "snan", "1/2", "9" * 100000,
    ]  # fmt: skip
    for number, text in enumerate(wrong):
        yield "double-wrong-{:02}".format(number), answer(member("X", "<double>" + text + "</double>")), MALFORMED
    right = [
        ("5", 5.0), ("-0.5", -0.5), ("+1.5", 1.5), (" 1.5\n", 1.5), ("1e3", 1000.0), ("1E-3", 0.001), ("0.1", 0.1),
        ("1e-400", 0.0), ("5.09999999999999964473", 5.1), ("1.7976931348623157e308", 1.7976931348623157e308),
        ("123456789012345680000000.00000000000000000000", 1.2345678901234568e23),
    ]  # fmt: skip
    for number, (text, value) in enumerate(right):
        yield "double-right-{:02}".format(number), answer(member("X", "<double>" + text + "</double>")), _extra(value)


def booleans() -> Iterator[Case]:
    """Only 0 and 1."""
    for number, text in enumerate(["", "2", "-1", "true", "false", "TRUE", "yes", "1.0", "01", "+1", "1 1", "\u0661"]):
        yield "boolean-wrong-{:02}".format(number), answer(member("X", "<boolean>" + text + "</boolean>")), MALFORMED


def base64s() -> Iterator[Case]:
    """White space is fine, other junk would silently be dropped."""
    wrong = [
        "!!!!", "YWJ", "YW", "Y", "YWJj!", "YW-j", "YW_j", "YWJj\u00e9", "YW=j", "=YWJj", "YWJj====", "YWJj=",
        "YWJj==", "=", "==", "====", "a b!c", "&#0065;&lt;",
    ]  # fmt: skip
    for number, text in enumerate(wrong):
        yield "base64-wrong-{:02}".format(number), answer(member("X", "<base64>" + text + "</base64>")), MALFORMED
    right = [
        ("", ""), (" \n", ""), ("YWJj", "YWJj"), ("\n YW\r\n\tJj \n", "YWJj"), ("YQ==", "YQ=="), ("YWI=\n", "YWI="),
        ("+/+/", "+/+/"),
    ]  # fmt: skip
    for number, (text, value) in enumerate(right):
        yield "base64-right-{:02}".format(number), answer(member("X", "<base64>" + text + "</base64>")), _extra(
            {"$bytes": value}
        )


# --- characters -----------------------------------------------------------------------------------------------------


def characters() -> Iterator[Case]:
    """What XML 1.0 (2.2 Char) excludes, raw and as references; and the odd ones that it allows."""
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
        yield "odd-reference-{:x}".format(code), answer(member("REASON", "a&#x{:x};b".format(code))), row(
            reason="a" + chr(code) + "b"
        )
    for code in (0x7F, 0x85, 0x9F, 0x200B, 0x202E, 0x2028, 0xFEFF, 0x1F4EC, 0xFDD0, 0x1FFFE, 0x10FFFF):
        yield "odd-raw-{:x}".format(code), answer(member("REASON", "a" + chr(code) + "b")), row(
            reason="a" + chr(code) + "b"
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
    yield "depth-32", answer(member("X", _arrays(30))), _extra(nested)
    yield "depth-33", answer(member("X", _arrays(31))), TOO_LARGE
    yield "depth-33-structs", answer(
        "<member><name>X</name><value><struct>" * 31 + "</struct></value></member>" * 31
    ), TOO_LARGE
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
    yield "token-many-attributes", answer(
        "<member" + "".join(' a{}="b"'.format(n) for n in range(250000)) + ">"
    ), TOO_LARGE
    yield "token-comment-below-limit", answer("<!--" + "x" * (900 << 10) + "-->"), row()
    yield "token-attributes-below-limit", answer("", "").replace(
        b"<member>", b"<member" + b"".join(b' a%d="b"' % n for n in range(5000)) + b">", 1
    ), row()


def sizes() -> Iterator[Case]:
    """What looks alarming and is fine: data is not markup, and may be long."""
    long = "\u010d\n" * (MIB // 2)
    yield "size-text", answer(member("REASON", long)), row(reason=long)
    yield "size-cdata", answer(member("REASON", "<![CDATA[" + "a" * 2 * MIB + "]]>")), row(reason="a" * 2 * MIB)
    yield "size-references", answer(member("REASON", "&#65;" * 100000)), row(reason="A" * 100000)
    yield "size-base64", answer(member("X", "<base64>" + "QUFB" * 300000 + "</base64>")), _extra(
        {"$bytes": "QUFB" * 300000}
    )
    yield "size-name", answer(member("N" * 100000, "x")), row(extra={"N" * 100000: "x"})
    yield "size-many-comments", answer("<!-- c -->" * 50000), row()
    yield "size-many-members", answer("".join(member("M%05d" % n, "x") for n in range(5000))), row(
        extra={"M%05d" % n: "x" for n in range(5000)}
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
        yield "bomb-" + kind, answer(
            member("REASON", "&a{};".format(count - 1) * (width if count == 1 else 1)), head
        ), UNSAFE
    yield "bomb-attribute-defaults", answer(
        "", "<!DOCTYPE m [<!ATTLIST member {}>]>".format(" ".join("a{} CDATA 'x'".format(n) for n in range(10000)))
    ), UNSAFE


# --- ids and dates --------------------------------------------------------------------------------------------------


def ids() -> Iterator[Case]:
    """Strings and doubles that Python would take for numbers: kept in extra, whatever their length."""
    texts = [
        "9" * 5000, "1e3", "0x1F", "1_0", "\uff11", "-1", "+1", "1.0", "1 2", "nan", "inf", "None", "True",
        "9223372036854775808", "\u00a05",
    ]  # fmt: skip
    for number, text in enumerate(texts):
        yield "id-string-{:02}".format(number), answer(member("ID_EMAIL", text)), row(extra={"ID_EMAIL": text})
    yield "id-string-largest", answer(member("ID_EMAIL", "9223372036854775807")), row(id_email=(1 << 63) - 1)
    yield "id-double-huge", answer(member("ID_EMAIL", "<double>1e300</double>")), row(extra={"ID_EMAIL": 1e300})
    yield "id-int-below", answer(member("ID_EMAIL", "<i8>-9223372036854775808</i8>")), row(
        extra={"ID_EMAIL": -(1 << 63)}
    )


def dates() -> Iterator[Case]:
    """Dates that strptime or datetime would trip over: None, and the text in extra."""
    texts = [
        "0000-01-01", "9999-99-99", "10000-01-01", "2014-13-01", "2014-00-10", "2015-02-29", "2014-12-23 24:00:00",
        "2014-12-23 12:60", "2014-12-23 12:36:60", "2014-12-23 12:36:02.5", "2014-12-23  12:36:02",
        "2014-12-23T12:36:02", "2014-12-23 12", "2014-12-23 ", "14-12-23", "2014/12/23", "20141223", "2014-1-2",
        "-2014-12-23", "2014-12-23\n", "2014\u201312\u201323", "1419338162", "NULL", "2014-12-23 12:36:02 CET",
        "2014-12-23 \u0661\u0662:36:02",
    ]  # fmt: skip
    for number, text in enumerate(texts):
        yield "date-string-{:02}".format(number), answer(member("DATE", text)), row(extra={"DATE": text})
    odd = [
        "20141323T00:00:00", "20140230T00:00:00", "2014T12:36:02", "20141223T24:00:00", "20141223T12:36:02.5",
        "20141223T12:36:02-05:00", "99999999T99:99:99", "T", " 20141223T12:36:02x",
    ]  # fmt: skip
    for number, text in enumerate(odd):
        yield "date-iso-{:02}".format(number), answer(
            member("DATE", "<dateTime.iso8601>" + text + "</dateTime.iso8601>")
        ), row(extra={"DATE": text})
    yield "date-first", answer(member("DATE", "0001-01-01 00:00:00")), row(date="0001-01-01T00:00:00")
    yield "date-last", answer(member("DATE", "9999-12-31 23:59:59")), row(date="9999-12-31T23:59:59")
