"""What an error says of a Content-Type that is not the protocol's."""

import pytest

from mailkit_xmlrpc.exceptions import (
    MalformedResponseError,
    ResponseTooLargeError,
    UnexpectedShapeError,
    UnsafeXMLError,
)
from tests.support.clones import clones

NAMED = "detail (its Content-Type is text/html)"


@pytest.mark.parametrize(
    "cls, text",
    [
        (MalformedResponseError, "the answer is not XML-RPC: {}".format(NAMED)),
        (UnsafeXMLError, "the answer holds detail, which XML-RPC never needs{}; it was refused".format(NAMED[6:])),
        (UnexpectedShapeError, "the answer has an undocumented shape: {}".format(NAMED)),
    ],
)
def test_text_with_content_type(cls, text):
    """A Content-Type that is no XML's is named: it often tells whose page came instead of the answer."""
    error = cls("detail")
    error.content_type = "text/html"
    assert str(error) == text
    assert all(str(arrived) == text and arrived.content_type == "text/html" for arrived in clones(error))


def test_text_with_content_type_too_large():
    """So does the one that has a limit."""
    error = ResponseTooLargeError(1024)
    error.content_type = "image/png"
    assert str(error) == "the answer is larger than 1024 bytes (its Content-Type is image/png); it was refused"
