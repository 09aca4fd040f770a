"""Hostile values: every wrong way to write a number, a boolean, base64, an id or a date, and the unusual right ones."""

from typing import Any, Dict, Iterator, Tuple

Case = Tuple[str, bytes, Dict[str, Any]]

MALFORMED = {"error": "MalformedResponseError"}

DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'
HEAD = "<methodResponse><params><param><value><array><data><value><struct>"
TAIL = "</struct></value></data></array></value></param></params></methodResponse>"


def answer(members: str, head: str = DECLARATION) -> bytes:
    """A report of one row: an address and *members*."""
    return (head + HEAD + member("EMAIL", "anna@example.com") + members + TAIL).encode("utf-8")


def member(name: str, value: str) -> str:
    """One member of a struct."""
    return "<member><name>{}</name><value>{}</value></member>".format(name, value)


def row(**fields: Any) -> Dict[str, Any]:
    """The expectation: the one row of ``answer``, with *fields* beside its address."""
    return {"rows": [dict(fields, email="anna@example.com")]}


def extra(value: Any) -> Dict[str, Any]:
    return row(extra={"X": value})


# --- numbers and other scalars --------------------------------------------------------------------------------------


def ints() -> Iterator[Case]:
    """What Python's int() takes and XML-RPC does not; and the reverse."""
    wrong = [
        "+",
        "-",
        "+-5",
        "--5",
        "5-",
        "5 5",
        "1_000",
        "0x10",
        "0b1",
        "1e3",
        "1.0",
        "5.",
        "five",
        "None",
        "5L",
        "\u0665",
        "\uff15",
        "\u00b2",
        "\u00a05",
        "5\u2003",
        "1,000",
        "1'000",
        "9" * 21,
        "-" + "9" * 20,
        "0" * 21,
        "9" * 5000,
        "9" * 100000,
        "&#1637;",
        "0o7",
        "inf",
        "nan",
    ]
    for number, text in enumerate(wrong):
        yield "int-wrong-{:02}".format(number), answer(member("X", "<int>" + text + "</int>")), MALFORMED
    for tag in ("i4", "i8"):
        yield tag + "-empty", answer(member("X", "<{0}></{0}>".format(tag))), extra(None)
        yield tag + "-empty-tag", answer(member("X", "<{}/>".format(tag))), extra(None)
        yield tag + "-underscore", answer(member("X", "<{0}>1_0</{0}>".format(tag))), MALFORMED
    right = [
        ("", None),
        (" \n", None),
        ("0", 0),
        ("-0", 0),
        ("+5", 5),
        ("007", 7),
        (" 5", 5),
        ("5\n", 5),
        ("\t\r\n5 ", 5),
        ("-9223372036854775808", -(1 << 63)),
        ("18446744073709551615", (1 << 64) - 1),
        ("9" * 20, 10**20 - 1),
        ("0" * 19 + "5", 5),
        ("&#53;", 5),
        ("<![CDATA[5]]>", 5),
    ]
    for number, (text, value) in enumerate(right):
        yield "int-right-{:02}".format(number), answer(member("X", "<int>" + text + "</int>")), extra(value)
    yield "int-beyond-32-bits-in-i4", answer(member("X", "<i4>99999999999</i4>")), extra(99999999999)


def doubles() -> Iterator[Case]:
    """Nothing that is not finite, nothing that is no number."""
    wrong = [
        ".",
        "+",
        "e5",
        "nan",
        "NaN",
        "-nan",
        "inf",
        "-inf",
        "INF",
        "Infinity",
        "1e999",
        "-1e999",
        "1e99999999999",
        "1,5",
        "1_0.5",
        "0x1p3",
        "1.5.5",
        "1 5",
        "1.5f",
        "\u0665.5",
        "1e",
        "1e+",
        "--1.5",
        "five",
        "snan",
        "1/2",
        "9" * 100000,
    ]
    for number, text in enumerate(wrong):
        yield "double-wrong-{:02}".format(number), answer(member("X", "<double>" + text + "</double>")), MALFORMED
    right = [
        ("", None),
        (" \n", None),
        ("5", 5.0),
        ("-0.5", -0.5),
        ("+1.5", 1.5),
        (" 1.5\n", 1.5),
        ("1e3", 1000.0),
        ("1E-3", 0.001),
        ("0.1", 0.1),
        ("1e-400", 0.0),
        ("5.09999999999999964473", 5.1),
        ("1.7976931348623157e308", 1.7976931348623157e308),
        ("123456789012345680000000.00000000000000000000", 1.2345678901234568e23),
    ]
    for number, (text, value) in enumerate(right):
        yield "double-right-{:02}".format(number), answer(member("X", "<double>" + text + "</double>")), extra(value)


def booleans() -> Iterator[Case]:
    """Only 0 and 1."""
    for number, text in enumerate(["", "2", "-1", "true", "false", "TRUE", "yes", "1.0", "01", "+1", "1 1", "\u0661"]):
        yield "boolean-wrong-{:02}".format(number), answer(member("X", "<boolean>" + text + "</boolean>")), MALFORMED


def base64s() -> Iterator[Case]:
    """White space is fine, other junk would silently be dropped."""
    wrong = [
        "!!!!",
        "YWJ",
        "YW",
        "Y",
        "YWJj!",
        "YW-j",
        "YW_j",
        "YWJj\u00e9",
        "YW=j",
        "=YWJj",
        "YWJj====",
        "YWJj=",
        "YWJj==",
        "=",
        "==",
        "====",
        "a b!c",
        "&#0065;&lt;",
    ]
    for number, text in enumerate(wrong):
        yield "base64-wrong-{:02}".format(number), answer(member("X", "<base64>" + text + "</base64>")), MALFORMED
    right = [
        ("", ""),
        (" \n", ""),
        ("YWJj", "YWJj"),
        ("\n YW\r\n\tJj \n", "YWJj"),
        ("YQ==", "YQ=="),
        ("YWI=\n", "YWI="),
        ("+/+/", "+/+/"),
    ]
    for number, (text, value) in enumerate(right):
        yield (
            "base64-right-{:02}".format(number),
            answer(member("X", "<base64>" + text + "</base64>")),
            extra({"$bytes": value}),
        )


# --- characters -----------------------------------------------------------------------------------------------------


def ids() -> Iterator[Case]:
    """Strings and doubles that Python would take for numbers: kept in extra, whatever their length."""
    texts = [
        "9" * 5000,
        "1e3",
        "0x1F",
        "1_0",
        "\uff11",
        "-1",
        "+1",
        "1.0",
        "1 2",
        "nan",
        "inf",
        "None",
        "True",
        "9223372036854775808",
        "\u00a05",
    ]
    for number, text in enumerate(texts):
        yield "id-string-{:02}".format(number), answer(member("ID_EMAIL", text)), row(extra={"ID_EMAIL": text})
    yield "id-string-largest", answer(member("ID_EMAIL", "9223372036854775807")), row(id_email=(1 << 63) - 1)
    yield "id-double-huge", answer(member("ID_EMAIL", "<double>1e300</double>")), row(extra={"ID_EMAIL": 1e300})
    yield (
        "id-int-below",
        answer(member("ID_EMAIL", "<i8>-9223372036854775808</i8>")),
        row(extra={"ID_EMAIL": -(1 << 63)}),
    )


def dates() -> Iterator[Case]:
    """Dates that strptime or datetime would trip over: None, and the text in extra."""
    texts = [
        "0000-01-01",
        "9999-99-99",
        "10000-01-01",
        "2014-13-01",
        "2014-00-10",
        "2015-02-29",
        "2014-12-23 24:00:00",
        "2014-12-23 12:60",
        "2014-12-23 12:36:60",
        "2014-12-23 12:36:02.5",
        "2014-12-23  12:36:02",
        "2014-12-23T12:36:02",
        "2014-12-23 12",
        "2014-12-23\u00a0",
        "14-12-23",
        "2014/12/23",
        "20141223",
        "2014-1-2",
        "-2014-12-23",
        "2014-12-23\u2028",
        "2014\u201312\u201323",
        "1419338162",
        "NULL",
        "2014-12-23 12:36:02 CET",
        "2014-12-23 \u0661\u0662:36:02",
    ]
    for number, text in enumerate(texts):
        yield "date-string-{:02}".format(number), answer(member("DATE", text)), row(extra={"DATE": text})
    unusual = [
        "20141323T00:00:00",
        "20140230T00:00:00",
        "2014T12:36:02",
        "20141223T24:00:00",
        "20141223T12:36:02.5",
        "20141223T12:36:02-05:00",
        "99999999T99:99:99",
        "T",
        " 20141223T12:36:02x",
    ]
    for number, text in enumerate(unusual):
        yield (
            "date-iso-{:02}".format(number),
            answer(member("DATE", "<dateTime.iso8601>" + text + "</dateTime.iso8601>")),
            row(extra={"DATE": text}),
        )
    yield "date-first", answer(member("DATE", "0001-01-01 00:00:00")), row(date="0001-01-01T00:00:00")
    yield "date-last", answer(member("DATE", "9999-12-31 23:59:59")), row(date="9999-12-31T23:59:59")
