"""Forbidden characters in an answer: what the error says, what is replaced, and which byte an error names."""

import pytest

from mailkit_xmlrpc import LocalError, MailkitError, MalformedResponseError, UnexpectedShapeError, UnsafeXMLError
from mailkit_xmlrpc.protocol.calls import BouncesCall, ValueCall
from mailkit_xmlrpc.protocol.json import Json
from mailkit_xmlrpc.protocol.limits import SMALL
from mailkit_xmlrpc.protocol.xmlrpc import XmlRpc
from tests.support import fixture_files, length
from tests.support.bodies import body_of
from tests.support.decoding import answer
from tests.support.inside import raising

XMLRPC, JSON = XmlRpc(), Json()
PROTOCOLS = {"xmlrpc": XMLRPC, "json": JSON}
FIXTURES = [fixture for fixture in map(fixture_files.load, fixture_files.paths()) if fixture.form == "xml"]
ADVICE = 'on_bad_text="replace" reads it with U+FFFD in its place'


def read(protocol, data, content_type="", replace=False, size=1 << 16, call=BouncesCall(1)):
    """The rows of *data*, and how many characters were replaced; or the error, explained."""
    body = body_of(data, content_type, size)
    text = protocol.text(body, replace)
    reader = protocol.rows(call, None, len(data))
    rows = []
    try:
        for piece in text.of(body.pieces()):
            rows += reader.feed(piece)
        rows += reader.close()
    except MailkitError as error:
        return text.explained(error, protocol.decoder())
    finally:
        reader.forget()
    return rows, text.replaced


def xml(*reasons):
    """A report with those reasons, as they stand in XML."""
    row = (
        "<value><struct><member><name>EMAIL</name><value>a@example.com</value></member>"
        "<member><name>REASON</name><value>{}</value></member></struct></value>"
    )
    return answer("<value><array><data>{}</data></array></value>".format("".join(map(row.format, reasons))))


def in_json(*reasons):
    """The same in JSON; the reasons as they stand in a string."""
    return "[{}]".format(",".join('{{"EMAIL": "a@example.com", "REASON": "{}"}}'.format(text) for text in reasons))


def forbidden(protocol):
    """Texts of a reason with something forbidden in them, in bytes, and the words for it."""
    found = [
        (b"\x07", "the forbidden character U+0007"),
        (b"\xe1", "a byte that is not UTF-8 (0xE1)"),
        (b"\xed\xa0\x80", "a byte that is not UTF-8 (0xED)"),
        (b"\xc5", "a byte that is not UTF-8 (0xC5)"),
    ]
    if protocol == "xmlrpc":
        found.append((b"\xef\xbf\xbe", "the forbidden character U+FFFE"))
        found.append((b"&#7;", "a reference to a forbidden character"))
    else:
        found.append((b"\n", "the forbidden character U+000A"))
        found.append((rb"\ud800", "half of a surrogate pair"))
    return found


CASES = [(protocol, *case) for protocol in PROTOCOLS for case in forbidden(protocol)]


@pytest.mark.parametrize("protocol, bad, words", CASES)
@pytest.mark.parametrize("before", [0, 1, 3, 400])
@pytest.mark.parametrize("size", [1, 100, 1 << 16])
def test_error(protocol, bad, words, before, size):
    """It names the row, the byte and the option, whichever path has read the rows before."""
    if size == 1 and before == 400:
        size = 1000
    make = xml if protocol == "xmlrpc" else in_json
    reasons = ["pln\u00e1 {}".format(number) for number in range(before)]
    data = make(*reasons, "\u00e1BAD", "BAD").encode().replace(b"BAD", bad)
    assert before < 400 or len(data) > SMALL
    error = read(PROTOCOLS[protocol], data, size=size)
    assert type(error) is MalformedResponseError
    assert error.detail == "row {} has {}".format(before, words)
    assert error.at == make(*reasons, "\u00e1BAD").encode().index(b"BAD")
    error.protocol = PROTOCOLS[protocol].name
    assert str(error) == "the answer is not {}: row {} has {} at byte {}; {}".format(
        PROTOCOLS[protocol].name, before, words, error.at, ADVICE
    )


@pytest.mark.parametrize("protocol, bad, words", CASES)
@pytest.mark.parametrize("size", [1, 100, 1 << 16])
def test_replaced(protocol, bad, words, size):
    """Each is replaced where that is asked for, and counted; the rest is as it was."""
    make = xml if protocol == "xmlrpc" else in_json
    data = make("pln\u00e1", *["BAD"] * 40, "aBAD").encode().replace(b"BAD", bad)
    rows, replaced = read(PROTOCOLS[protocol], data, replace=True, size=size)
    each = 3 if bad == b"\xed\xa0\x80" else 1
    assert [row.reason for row in rows] == ["pln\u00e1"] + ["\ufffd" * each] * 40 + ["a" + "\ufffd" * each]
    assert replaced == 41 * each


@pytest.mark.parametrize(
    "data, content_type, detail, bad",
    [
        (b"<!-- \x07 -->" + answer("<value/>").encode(), "", "it has the forbidden character U+0007", b"\x07"),
        (answer("<value>a\x07</value>").encode(), "", "it has the forbidden character U+0007", b"\x07"),
        (
            xml("\u017eB").encode("cp1250").replace(b"B<", b"\x81<"),
            "text/xml; charset=windows-1250",
            "row 0 has a byte that is not CP1250 (0x81)",
            b"\x81",
        ),
        (xml("\u017eB").encode("utf-16-le").replace(b"B\0<", b"\0\xdc<"), "", "row 0 has half of a", b"\0\xdc<"),
        (xml("B").encode("utf-16-be").replace(b"\0B\0<", b"\xd8\0\0<"), "", "row 0 has half of a", b"\xd8\0\0<"),
    ],
)
def test_error_elsewhere(data, content_type, detail, bad):
    """A forbidden character outside of rows, or in another encoding, is named as well."""
    error = read(XMLRPC, data, content_type)
    assert error.detail.startswith(detail)
    assert error.at == data.index(bad)
    assert error.advice == ADVICE


@pytest.mark.parametrize("protocol", ["xmlrpc", "json"])
def test_error_before_it_counts(protocol):
    """Where something else is wrong before, that is the error, and the option is not named: it would not help."""
    data = {
        "xmlrpc": xml("x", "</value>", "\x07"),
        "json": '[{"EMAIL": "x"}, {"EMAIL": tru}, {"EMAIL": "\x07"}]',
    }[protocol].encode()
    error = read(PROTOCOLS[protocol], data)
    assert type(error) is MalformedResponseError
    assert error.advice == ""
    assert "forbidden" not in error.detail


@pytest.mark.parametrize("data", [b"[1, \x07]", b'[1, "a" \xe1]', b'["a", "\\x07"]', b'["a" \\ud800]'])
def test_outside_of_a_string(data):
    """What is forbidden outside of a string is an error in JSON, with and without the option, which would not help."""
    for replace in (False, True):
        error = read(JSON, data, replace=replace, call=ValueCall("a.b", ()))
        assert type(error) is MalformedResponseError
        assert error.advice == ""


@pytest.mark.parametrize("size", [1, 1 << 16])
@pytest.mark.parametrize("replace", [False, True])
@pytest.mark.parametrize("encoding", ["utf-8", "cp1250", "utf-16-le"])
@pytest.mark.parametrize(
    "wrong, detail",
    [("</wrong>", "mismatched tag"), ("<<", "not well-formed (invalid token)"), ("\u017e<!\u017e", "")],
)
def test_other_error_tells_the_byte_as_received(wrong, detail, encoding, replace, size):
    """Whatever the bytes went through, an error names that of the body as it was received."""
    before = "\u017elu\u0165 &#x41;"
    if replace:
        before = "&#7;" + before + "\x07\x08" if encoding != "utf-16-le" else before
    text = xml("x", before + wrong)
    error = read(XMLRPC, text.encode(encoding), "text/xml; charset=windows-1250", replace, size)
    assert type(error) is MalformedResponseError
    assert error.advice == ""
    at = text.index(wrong) + {"</wrong>": 2, "<<": 1}.get(wrong, len(wrong) - 1)
    assert error.detail.startswith(detail)
    assert error.at == len(text[:at].encode(encoding))


@pytest.mark.parametrize("size", [1, 30, 1000])
def test_row_that_is_none_before_a_byte(size):
    """A row before the forbidden byte that is none counts, however the answer is cut."""
    error = read(JSON, b'["a", {"EMAIL": "b\xe1"}]', size=size)
    assert (type(error), error.detail) == (UnexpectedShapeError, "row 0 is not a struct")


def test_end_within_a_character():
    """UTF-16 with an odd number of bytes is no text."""
    data = xml("x").encode("utf-16-le")[:-1]
    for replace in (False, True):
        error = read(XMLRPC, data, replace=replace)
        assert (type(error), error.at) == (MalformedResponseError, None)


def test_end_that_is_missing():
    """An error at the very end names the last byte."""
    data = xml("\u017e").encode("cp1250")[: -len("</methodResponse>")]
    error = read(XMLRPC, data, "text/xml; charset=cp1250")
    assert error.at == len(data)


def test_other_classes_stay():
    """Only what is malformed is looked at again."""
    error = read(XMLRPC, b"<!DOCTYPE x><x>\x07</x>")
    assert type(error) is UnsafeXMLError


@pytest.mark.parametrize("encoding, at", [("utf-8", 7), ("cp1250", None)])
def test_body_that_cannot_be_read_again(encoding, at):
    """Where the body is gone, the error stays; it names no byte that is not the body's."""
    body = body_of(xml("\u017e").encode(encoding), "text/xml; charset=cp1250")
    text = XMLRPC.text(body, False)
    body.pieces = raising(LocalError("gone"))
    error = MalformedResponseError("mismatched tag")
    error.at = 7
    assert text.explained(error, XMLRPC.decoder()) is error
    assert error.at == at


@pytest.mark.parametrize("bad", ["", "\x07"])
def test_error_of_the_caller_passes(bad):
    """What a signal handler raises while the body is read again passes, whatever its class."""
    limit = MalformedResponseError("mine")

    def interrupted():
        raise limit
        yield

    body = body_of(xml(bad).encode())
    body.pieces = interrupted
    text = XMLRPC.text(body, False)
    with pytest.raises(MalformedResponseError) as caught:
        text.explained(MalformedResponseError("mismatched tag"), XMLRPC.decoder())
    assert caught.value is limit


@pytest.mark.parametrize("fixture", FIXTURES, ids=lambda fixture: fixture.name)
@pytest.mark.parametrize("size", length.some([7, 1]))
def test_pieces_make_no_difference(fixture, size):
    """In pieces of any size each fixture becomes the same, replaced or not."""
    for replace in (False, True):
        try:
            whole = read(XMLRPC, fixture.body, fixture.content_type, replace)
        except MalformedResponseError:
            continue
        found = read(XMLRPC, fixture.body, fixture.content_type, replace, size)
        if isinstance(whole, Exception):
            assert type(found) is type(whole)
            if getattr(whole, "advice", ""):
                assert vars(found) == vars(whole)
        else:
            assert found == whole
