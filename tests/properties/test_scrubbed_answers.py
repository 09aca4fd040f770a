"""Whatever an answer is, scrubbed it is the same but for what is personal, and nothing of that is found in it."""

import base64
import json
import quopri
import random
import re
from html import escape, unescape
from urllib.parse import quote, unquote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailkit_xmlrpc import ApiError, ConfigurationError
from mailkit_xmlrpc.recorder.answers import BOUNCES, Answer
from mailkit_xmlrpc.recorder.files import FROM_FILE, files_of
from mailkit_xmlrpc.recorder.files import read as read_files
from mailkit_xmlrpc.recorder.scrubber import scrubbed
from mailkit_xmlrpc.transport.http import Head
from tests.support import fixture_files, hostile_corpus, report_documents, serialised_documents
from tests.support.length import examples
from tests.support.scrubbing import KEY, compare, forms_of, is_in, read, texts_of

FIXTURES = [fixture_files.load(path) for path in fixture_files.paths() if path.suffix != ".gz"]
CORPUS = list(hostile_corpus.documents())
SMALL = [case for case in CORPUS if len(case[1]) < 20000]


CODE = re.compile(r"[245]\.[0-9]{1,3}\.[0-9]{1,3}")
ZERO_DATE = re.compile(r"0000-[0-9]{2}-[0-9]{2}(?:[ T][0-9:]+)?|00000000T")
NAMED_IN_DETAIL = re.compile(r"\(0x..\)|(?<=the encoding ).*")
# A name that is an address cannot stay, and must; so it is with what damage has made a part of a name.
NAMED = re.compile(rb"<name>(?:(?!</?[a-z0-9]+/?>).)*@", re.DOTALL)
# No reference, and too long to stay, for it may be a number of somebody: the parser may find another fault in it then.
NUMBER_AS_REFERENCE = re.compile(rb"&\0?#\0?[xX]?(?:\0?[0-9a-fA-F]){7}")
RESERVED_HOST = re.compile(r"[^\s@]{1,253}\.example")  # RFC 2606, RFC 1035


def check(body, content_type="text/xml", form="xml"):
    """*body* and what becomes of it: same rows, same errors, same form, and no original."""
    try:
        new = scrubbed(body, content_type, KEY)
    except ConfigurationError:
        assert NAMED.search(body)
        return
    refers = re.search(rb"&\0?#", body)
    assert refers or b"\\u" in body or len(new) == len(body)
    for replace in (False, True):
        before, after = read(body, content_type, form, replace), read(new, content_type, form, replace)
        assert type(before) is type(after), (before, after)
        if isinstance(before, Exception):
            # A text of Mailkit's own may tell about a person, too.
            one, other = (NAMED_IN_DETAIL.sub("", getattr(error, "detail", "")) for error in (before, after))
            assert isinstance(before, ApiError) or one == other or NUMBER_AS_REFERENCE.search(body)
            if not refers:
                assert getattr(before, "at", None) == getattr(after, "at", None)
            continue
        assert [compare(*rows) for rows in zip(before, after)] == [""] * len(before)
        assert len(before) == len(after)
        check_gone(before, after, new)
    check_twice(new, content_type, form)


def check_gone(before, after, new):
    """No text or number of seven characters or more is a value again, and no address is anywhere."""
    originals = {text for row in before for text in texts_of(row) if any(char.isalnum() for char in text)}
    left = {text.strip() for row in after for text in texts_of(row)}
    assert {text for text in originals if len(text) >= 7 and not stays(text)} & left == set()
    lower = new.lower()  # an address in other letters is the same one; base64 in other letters is not
    for row in before:
        local, at, domain = row.email.partition("@")
        if at and local.isalnum() and domain.replace(".", "").isalnum():
            exact = base64.b64encode(row.email.encode()).rstrip(b"=")
            forms = forms_of(row.email, "utf-8") - {exact}
            found = [form for form in forms if is_in(form.lower(), lower)] + [exact] * (exact in new)
            assert found == [], row.email


def stays(text):
    """Whether *text* has nothing in it that tells of a person: a code, a zero date, one letter, a reserved host."""
    rest = ZERO_DATE.sub("", CODE.sub("", unescape(text)))
    if ".example" in rest:
        rest = RESERVED_HOST.sub("", rest)
    return sum(char.isalnum() and char != "0" for char in rest) < 2


def check_twice(new, content_type, form):
    """Scrubbed again, the file that was written stays as it is."""
    answer = Answer(BOUNCES, form, Head(1, 200, "OK", {"content-type": content_type}), new)
    files = files_of(answer, FROM_FILE)
    assert read_files(files[""], files.get(".expect"), files[".http"]) is None


@pytest.mark.parametrize("fixture", FIXTURES, ids=lambda fixture: fixture.name)
def test_fixture(fixture):
    """Each file of fixtures/, hostile and serialised ones among them."""
    check(fixture.body, fixture.content_type, fixture.form)


@pytest.mark.parametrize("case", SMALL, ids=lambda case: case[0])
def test_hostile_document(case):
    """Each small generated document of the hostile corpus."""
    check(case[1])


@pytest.mark.slow
@pytest.mark.parametrize("case", [case for case in CORPUS if case not in SMALL], ids=lambda case: case[0])
def test_large_hostile_document(case):
    """Each large one."""
    check(case[1])


def test_truncations():
    """A report that ends anywhere."""
    for end, body in hostile_corpus.truncations():
        if end % 7 == 0:
            check(body)


@settings(max_examples=examples(300), deadline=None, database=None)
@given(report_documents.documents())
def test_generated_documents(document):
    """Reports made at random, with one fatal thing or two."""
    check(document)


@settings(max_examples=examples(300), deadline=None, database=None)
@given(report_documents.damaged_documents())
def test_damaged_documents(document):
    """The same, damaged."""
    check(document)


@pytest.mark.parametrize("seed", range(examples(300)))
def test_serialised_documents(seed):
    """Rows as other people's serialisers write them, some of them changed."""
    check(serialised_documents.document(random.Random(seed)))


# --- values in every spelling ---------------------------------------------------------------------------------------

LETTERS = st.sampled_from("abkz\u010d\u00e1\u0159\u017e\u0416\u03b1\u00df9")
WORDS = st.text(LETTERS, min_size=1, max_size=9)
HOSTS = st.sampled_from(["gmail.com", "seznam.cz", "example.com", "firma.cz", "mail.firma.co.uk", "x", "intranet"])
LOCALS = st.lists(WORDS, min_size=1, max_size=3).map(".".join)
ADDRESSES = st.tuples(LOCALS, HOSTS).map("@".join)
NUMBERS = st.integers(0, (1 << 63) - 1).map(str)
TEXTS = st.lists(st.one_of(ADDRESSES, WORDS, NUMBERS, st.sampled_from(["5.1.1", "<", "&", '"', "%"])), max_size=5)
ENCODINGS = ["utf-8", "utf-16", "iso-8859-2", "windows-1250", "ascii"]


def in_references(text):
    """*text* as references only."""
    return "".join("&#{};".format(ord(char)) for char in text)


SPELLINGS = [
    escape,
    lambda text: "<string>{}</string>".format(escape(text)),
    lambda text: "<![CDATA[{}]]>".format(text),
    in_references,
    lambda text: "<base64>{}</base64>".format(base64.b64encode(text.encode()).decode()),
    quote,
    lambda text: escape(escape(text)),
    lambda text: escape(quopri.encodestring(text.encode()).decode().replace("=\n", "")),
    lambda text: "<!-- {} -->{}".format(text.replace("-", ""), escape(text)),
]


@st.composite
def spelled_documents(draw):
    """Strategy: a report of a few rows, the addresses in it and its texts."""
    encoding = draw(st.sampled_from(ENCODINGS))
    rows, addresses, texts = [], [], []
    for _ in range(draw(st.integers(1, 4))):
        address = draw(ADDRESSES)
        text = " ".join(draw(TEXTS) + [draw(ADDRESSES), address])
        addresses.append(address)
        texts.append(text)
        values = {"EMAIL": address, "ID_EMAIL": draw(NUMBERS), "REASON": text, "X": draw(WORDS), "STATUS": "5.1.1"}
        spelled = [(name, draw(st.sampled_from(SPELLINGS))(value)) for name, value in values.items()]
        members = ["<member><name>{}</name><value>{}</value></member>".format(*one) for one in spelled]
        rows.append("<value><struct>{}</struct></value>".format("".join(members)))
    document = (
        '<?xml version="1.0" encoding="{}"?><methodResponse><params><param><value><array><data>{}'
        "</data></array></value></param></params></methodResponse>"
    ).format(encoding, "".join(rows))
    if encoding not in ("utf-8", "utf-16"):
        # A character reference is none in a section.
        document = re.sub("<!\\[CDATA\\[(.*?)\\]\\]>", lambda match: escape(match.group(1)), document, flags=re.DOTALL)
        document = re.sub("<!--.*?-->", "", document, flags=re.DOTALL)
    return document.encode(encoding, "xmlcharrefreplace"), encoding, addresses, texts


@pytest.mark.parametrize("before", ["", "x", "%41", "=", "mail=", "%C4%9Bx", "=C4=9B=", "\\u011b "])
def test_address_is_found(before):
    """An address is looked for wherever it begins,"""
    assert is_in(b"b@example.com", (before + "b@example.com").encode())


@pytest.mark.parametrize("before", ["%9", "%C4%9", "=C4=9", "\\u011", "x %41 =9"])
def test_digit_of_an_escape_is_no_address(before):
    """but in the midst of an escape."""
    assert not is_in(b"b@example.com", (before + "b@example.com").encode())
    assert is_in(b"b@example.com", (before + "b@example.com b@example.com").encode())


@settings(max_examples=examples(500), deadline=None, database=None)
@given(spelled_documents())
def test_values_in_every_spelling(given_document):
    """However a value is spelled, it is gone in every form; what could not go is refused."""
    body, encoding, addresses, texts = given_document
    check(body)
    new = scrubbed(body, "", KEY)
    text = new.decode(encoding)
    for address in addresses:
        for view in (text, unescape(text), unquote(unescape(text))):
            assert not is_in(address.encode(), view.encode("utf-8", "surrogatepass"))
        assert not [form for form in forms_of(address, encoding) if is_in(form, new) and len(form) > 8]
    assert not {row.reason for row in read(new)} & set(texts)


@st.composite
def json_documents(draw):
    """Strategy: the same as JSON, with or without escapes."""
    rows = []
    for _ in range(draw(st.integers(1, 4))):
        address = draw(ADDRESSES)
        text = " ".join(draw(TEXTS) + [address])
        number = draw(st.one_of(NUMBERS, NUMBERS.map(int), st.floats(-1e15, 1e15), st.none()))
        rows.append({"EMAIL": address, "REASON": text, "ID_EMAIL": number, "X": [draw(TEXTS), {"Y": draw(WORDS)}]})
    indent = draw(st.sampled_from([None, 1]))
    return json.dumps(rows, ensure_ascii=draw(st.booleans()), indent=indent).encode(), rows


@settings(max_examples=examples(500), deadline=None, database=None)
@given(json_documents())
def test_values_of_json(given_document):
    """So it is with JSON."""
    body, rows = given_document
    check(body, "application/json", "json")
    text = json.dumps(json.loads(scrubbed(body, "application/json", KEY).decode()), ensure_ascii=False)
    assert [row["EMAIL"] for row in rows if row["EMAIL"] in text] == []
    assert [row["REASON"] for row in rows if json.dumps(row["REASON"], ensure_ascii=False) in text] == []
