"""What the caller's own code raises while an answer is looked at passes, and is not taken for the answer's fault."""

import pytest

from mailkit_xmlrpc import UnauthorizedError
from mailkit_xmlrpc.recorder import answers, decoded, files, leaks, letters, pseudonyms, scrubber, spelling, tokens
from mailkit_xmlrpc.transport.http import Head
from tests.support import fixture_files
from tests.support.scrubbing import KEY

REFUSAL = (fixture_files.FOLDER / "answer-unauthorized.xml").read_bytes()
OK = Head(1, 200, "OK", {"content-type": "text/xml"})


def scrub(text, encoding="utf-8"):
    """Scrub a document that has *text* as its value."""
    body = '<?xml version="1.0" encoding="{}"?><a>{}</a>'.format(encoding, text).encode(encoding)
    return lambda: scrubber.scrubbed(body, "", KEY)


@pytest.mark.parametrize(
    "module, step, error",
    [
        (answers, lambda: answers.Answer(answers.BOUNCES, "xml", OK, REFUSAL).expectation(), UnauthorizedError),
        (decoded, lambda: decoded.decoded(b"<a/>", "text/xml; charset=x-none"), Exception),
        (decoded, lambda: decoded.decoded(b"\xff\xfe\0\0\xff\xff\xff\x7f", ""), UnicodeError),
        (decoded, lambda: decoded.decoded(b"<?xml " + b" " * 1024, ""), Exception),
        (files, lambda: files.read(b"", b"nonsense", None), ValueError),
        (leaks, lambda: leaks.leak_in("", [], [], "no hexadecimal", []), ValueError),
        (letters, scrub("\u00fe", "iso-8859-1"), UnicodeError),
        (letters, lambda: letters._is_name("-"), Exception),
        (pseudonyms, scrub("0001-01-01"), OverflowError),
        (scrubber, scrub("<base64>Y</base64>"), ValueError),
        (spelling, scrub("&#x110000;"), ValueError),
        (spelling, scrub("%FF"), UnicodeError),
        (tokens, scrub("2014-02-30"), ValueError),
    ],
    ids=range(13),
)
def test_it_passes(module, step, error, monkeypatch):
    """It passes as it is."""
    step()
    monkeypatch.setattr(module, "raised_by_caller", lambda error, *objects: True)
    with pytest.raises(error):
        step()
