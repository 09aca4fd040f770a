"""One report, written in both documented forms, gives equal rows or the same exception through both clients.

It is written as a Perl server would: in XML-RPC each value is typed by its text, in JSON every value is a string. So
the texts are such as survive that unchanged: ``550`` does, ``0550`` would come back as ``550`` and is left out.
"""

import json
import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mailkit_xmlrpc import MailkitClient, MailkitError
from tests.support.answering_server import AnsweringServer
from tests.support.length import examples

NAMES = (
    "EMAIL",
    "ID_EMAIL",
    "ID_USER_LIST",
    "ID_SEND_MESSAGE",
    "DATE",
    "STATUS",
    "EMAIL_STATUS",
    "BOUNCE_CAT",
    "REASON",
)
# What a serialiser that looks at the text takes for a number (RPC::XML's smart_encode), and what becomes of it.
_INT = re.compile(r"-?(?:0|[1-9][0-9]{0,17})")
_DOUBLE = re.compile(r"-?(?:0|[1-9][0-9]{0,5})\.[0-9]{1,6}")
_LOOKS_LIKE_A_NUMBER = re.compile(r"\s*[+-]?[0-9.]+(?:[eE][+-]?[0-9]+)?\s*")


def typed_by_its_text(text):
    """The XML of *text* as such a server sends it."""
    if _INT.fullmatch(text):
        value = int(text)
        tag = "int" if -(1 << 31) <= value < 1 << 31 else "i8"
    elif _DOUBLE.fullmatch(text):
        tag, text = "double", "%.20f" % float(text)
    else:
        tag, text = "string", escaped(text)
    return "<{0}>{1}</{0}>".format(tag, text)


def escaped(text):
    """*text* as it stands in XML; a bare carriage return would come back as a line feed."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\r", "&#13;")


def survives(text):
    """Whether *text* comes out of both forms unchanged."""
    if _INT.fullmatch(text):
        return str(int(text)) == text
    if _DOUBLE.fullmatch(text):
        return repr(float(text)) == text and not float(text).is_integer()
    return not _LOOKS_LIKE_A_NUMBER.fullmatch(text)


# what XML can hold (1.0, 2.2) and a text can have in both
PLAIN = st.text(
    st.characters(blacklist_categories=("Cs",), blacklist_characters="\ufffe\uffff").filter(
        lambda char: char >= " " or char in "\t\n\r"
    ),
    max_size=10,
)
TEXTS = st.one_of(
    PLAIN,
    st.integers(-5, 1 << 62).map(str),
    st.floats(0, 1000).map("{:.3}".format),
    st.sampled_from(
        [
            "",
            "5.1.1",
            "4.2",
            "550",
            "2014-12-23 12:36:02",
            "2014-12-23",
            "0000-00-00",
            "permanent",
            "a@example.com",
            "{",
            '"',
            "\\",
            "&amp;",
            "]]>",
            "Unauthorized",
            "\u017elu\u0165ou\u010dk\u00fd k\u016f\u0148",
        ]
    ),
).filter(survives)
EXTRA_NAMES = st.sampled_from(["X", "ID_SEND", "email", "Reason", "error", "A&B"])
ROWS = st.lists(st.dictionaries(st.sampled_from(NAMES) | EXTRA_NAMES, TEXTS, max_size=9), max_size=4)
REFUSALS = st.sampled_from(
    ["Unauthorized", " Unauthorized ", "Disallowed IP 192.0.2.1", "Missing ID_send", "Invalid ID_send"]
)


def as_text(value):
    """An ``extra`` compared as text: the types of unknown members are the form's own."""
    return {
        name: value if type(value) is str else repr(value) if type(value) is float else str(value)
        for name, value in value.items()
    }


def outcome(client):
    """The rows, or the class and the text of the error."""
    try:
        rows = client.bounces(123456)
    except MailkitError as error:
        return type(error), str(error)
    return [(dict(vars(row), extra=None), as_text(row.extra)) for row in rows]


@pytest.fixture(scope="module")
def both():
    """``both(xml, value)``: what one answer is over XML-RPC and over JSON."""
    bodies = {}
    with AnsweringServer(lambda _: bodies[server.form]) as server:
        clients = [
            MailkitClient(1, "0" * 32, protocol=form, url=server.url, retry=None, proxy="", deadline=30)
            for form in ("xmlrpc", "json")
        ]

        def asked(xml, value):
            response = "<methodResponse><params><param><value>{}</value></param></params></methodResponse>"
            bodies.update(xmlrpc=response.format(xml).encode("utf-8"), json=json.dumps(value).encode("ascii"))
            outcomes = []
            for server.form, client in zip(("xmlrpc", "json"), clients):
                outcomes.append(outcome(client))
            return outcomes

        yield asked
        for client in clients:
            client.close()


# The server is made once for all examples: each sets it anew.
SETTINGS = settings(max_examples=examples(200), suppress_health_check=list(HealthCheck))


@SETTINGS
@given(rows=ROWS, random=st.randoms(use_true_random=False), bare=st.booleans())
def test_rows(both, rows, random, bare):
    """Members in any order, missing, unknown, or of another letter case: equal rows, or the same exception."""
    structs, objects = [], []
    for row in rows:
        members = list(row.items())
        random.shuffle(members)
        objects.append(dict(members))
        random.shuffle(members)
        member = "<member><name>{}</name><value>{}</value></member>"
        texts = [member.format(name.replace("&", "&amp;"), typed_by_its_text(text)) for name, text in members]
        structs.append("<struct>{}</struct>".format("".join(texts)))
    if bare and len(rows) == 1 and "error" not in rows[0]:
        over_xml, over_json = both(structs[0], objects[0])
    else:
        values = "".join("<value>{}</value>".format(struct) for struct in structs)
        over_xml, over_json = both("<array><data>{}</data></array>".format(values), objects)
    assert over_xml == over_json


@SETTINGS
@given(text=REFUSALS | PLAIN.filter(str.strip), status=st.sampled_from([1, "1", -1, "x", 2.5]))
def test_refusals(both, text, status):
    """A refusal is the same exception with the same text, a string here and an object there."""
    xml = "<string>{}</string>".format(escaped(text))
    over_xml, over_json = both(xml, {"error_status": status, "error": text})
    assert over_xml == over_json
    assert isinstance(over_xml, tuple)
