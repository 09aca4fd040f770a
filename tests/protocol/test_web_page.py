"""A web page is told from an answer, whatever stands before its root, and in little time."""

import pytest

from mailkit_xmlrpc import MalformedResponseError
from mailkit_xmlrpc.protocol.replies import reject_web_page

UNITS = [
    b" ",
    b" \r\n",
    b"<!---->",
    b"<!-- x -->",
    b"<!--",
    b"<?p?>",
    b"<?p",
    b"<?p?> ",
    b"<!----><?p?>",
    b"<title>",
    b"-->",
]


@pytest.mark.parametrize("unit", UNITS, ids=repr)
def test_hostile_beginning_ends(unit):
    """Blanks, comments and processing instructions as many as there may be, and nothing behind them."""
    reject_web_page(unit * 600)
    reject_web_page(unit * 600 + b"<methodResponse>")


@pytest.mark.parametrize(
    "before", [b"", b" \r\n", b"<?xml version='1.0'?>\n<!-- a --> <!-- > -->", b"\xef\xbb\xbf"], ids=repr
)
@pytest.mark.parametrize("root", [b"<html>", b"<!DOCTYPE html>", b"<!doctype\nHTML PUBLIC ''>"], ids=repr)
def test_web_page_is_told(before, root):
    """The root or the document type is html, in any letter case, behind whatever may stand there."""
    with pytest.raises(MalformedResponseError, match="it is a web page"):
        reject_web_page(before + root)


TITLE = "\xdadr\u017eba"


@pytest.mark.parametrize(
    "encoding, content_type",
    [
        ("utf-8", ""),
        ("utf-8", "text/html; charset=iso-8859-1"),
        ("utf-8", "text/html; charset=klingon"),
        ("windows-1250", "text/html; charset=windows-1250"),
        ("iso-8859-2", 'text/html; charset="ISO-8859-2"'),
        ("utf-16", ""),
        ("utf-16-be", "text/html"),
    ],
)
def test_title_in_its_encoding(encoding, content_type):
    """The title is read as the page's mark, its bytes or its Content-Type say."""
    page = "<!doctype html><title>{}</title>".format(TITLE).encode(encoding)
    with pytest.raises(MalformedResponseError, match='it is a web page with the title "{}"'.format(TITLE)):
        reject_web_page(page, content_type)


def test_title_in_an_unknown_encoding():
    """What cannot be read is replaced."""
    page = "<html><title>{}</title>".format(TITLE).encode("windows-1250")
    with pytest.raises(MalformedResponseError, match='with the title "\ufffddr\ufffdba"'):
        reject_web_page(page, "text/html; charset=klingon")
    with pytest.raises(MalformedResponseError, match='with the title "\ufffddr\ufffdba"'):
        reject_web_page(page)
