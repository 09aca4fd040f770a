"""The exceptions: which there are, what each says word for word, and that each survives a journey."""

import copy
import pickle

import pytest

import mailkit_xmlrpc
from mailkit_xmlrpc import exceptions
from mailkit_xmlrpc.exceptions import (
    ApiError,
    ConfigurationError,
    ConnectError,
    DeadlineExceededError,
    DisallowedIPError,
    FaultError,
    HTTPProtocolError,
    HTTPStatusError,
    IncompleteResponseError,
    InvalidSendIdError,
    LocalError,
    MailkitError,
    MalformedResponseError,
    RequestTimeoutError,
    ResponseError,
    ResponseTooLargeError,
    TransportError,
    UnauthorizedError,
    UnexpectedShapeError,
    UnsafeXMLError,
)
from tests.support.clones import clones

# The tree: each class, and all of its direct bases.
TREE = {
    MailkitError: (Exception,),
    ConfigurationError: (MailkitError, ValueError),
    LocalError: (MailkitError,),
    TransportError: (MailkitError,),
    ConnectError: (TransportError,),
    RequestTimeoutError: (TransportError, TimeoutError),
    DeadlineExceededError: (TransportError, TimeoutError),
    HTTPStatusError: (TransportError,),
    HTTPProtocolError: (TransportError,),
    IncompleteResponseError: (TransportError,),
    ResponseError: (MailkitError,),
    MalformedResponseError: (ResponseError,),
    UnsafeXMLError: (ResponseError,),
    ResponseTooLargeError: (ResponseError,),
    UnexpectedShapeError: (ResponseError,),
    ApiError: (MailkitError,),
    UnauthorizedError: (ApiError,),
    DisallowedIPError: (ApiError,),
    InvalidSendIdError: (ApiError,),
    FaultError: (ApiError,),
}

LATER = "; ask again later"
CHECK = "; check url= and what stands between you and Mailkit"
ACCOUNT = "Profile / Integration in your Mailkit account"

# One line for each way to make one: the exception, its text, its args, its public attributes.
TABLE = [
    (MailkitError(), "", ("",), {}),
    (MailkitError("something"), "something", ("something",), {}),
    (ConfigurationError("timeout must be positive"), "timeout must be positive", ("timeout must be positive",), {}),
    (
        LocalError("cannot write the temporary file: No space left on device"),
        "cannot write the temporary file: No space left on device; this machine could not do its part, Mailkit was not"
        " at fault",
        ("cannot write the temporary file: No space left on device",),
        {},
    ),
    (TransportError("something"), "something", ("something",), {"retryable": True}),
    (
        ConnectError("api.mailkit.eu refused the connection"),
        "api.mailkit.eu refused the connection; nothing was sent: check the host name, the network and the proxy",
        ("api.mailkit.eu refused the connection",),
        {"retryable": True},
    ),
    (
        ConnectError("its certificate has expired", retryable=False),
        "its certificate has expired; nothing was sent: check the host name, the network and the proxy",
        ("its certificate has expired",),
        {"retryable": False},
    ),
    (
        ConnectError("the server refused the client certificate", sent=True, advice="look at it"),
        "the server refused the client certificate; look at it",
        ("the server refused the client certificate",),
        {"retryable": True, "sent": True, "advice": "look at it"},
    ),
    (
        RequestTimeoutError("connecting", 10.0),
        "connecting took longer than 10 s; ask again later or raise timeout=",
        ("connecting",),
        {"phase": "connecting", "seconds": 10.0, "retryable": True},
    ),
    (
        RequestTimeoutError("reading", 0.25),
        "reading took longer than 0.25 s; ask again later or raise timeout=",
        ("reading",),
        {"phase": "reading", "seconds": 0.25, "retryable": True},
    ),
    (
        DeadlineExceededError(600.0),
        "the call was not finished within its deadline of 600 s; ask again later or raise deadline=",
        ("deadline",),
        {"seconds": 600.0, "retryable": False},
    ),
    (
        HTTPStatusError(503, "Service Unavailable"),
        "the server answered HTTP 503 Service Unavailable" + LATER,
        ("HTTP 503 Service Unavailable",),
        {"status": 503, "reason": "Service Unavailable", "retryable": True, "retry_after": None},
    ),
    (
        HTTPStatusError(429),
        "the server answered HTTP 429" + LATER,
        ("HTTP 429",),
        {"status": 429, "reason": "", "retryable": True, "retry_after": None},
    ),
    (
        HTTPStatusError(302, "Found"),
        "the server answered HTTP 302 Found; redirects are not followed: check url=",
        ("HTTP 302 Found",),
        {"status": 302, "reason": "Found", "retryable": False, "retry_after": None},
    ),
    (
        HTTPStatusError(302, "Found", "www.example.com"),
        "the server answered HTTP 302 Found, which leads to www.example.com; redirects are not followed: check url=",
        ("HTTP 302 Found",),
        {"status": 302, "location": "www.example.com", "retryable": False},
    ),
    (
        HTTPStatusError(400, "No required SSL certificate was sent"),
        "the server answered HTTP 400 No required SSL certificate was sent; give it in ssl_context=",
        ("HTTP 400 No required SSL certificate was sent",),
        {"status": 400, "location": "", "retryable": False},
    ),
    (
        HTTPStatusError(404, "Not Found"),
        "the server answered HTTP 404 Not Found" + CHECK,
        ("HTTP 404 Not Found",),
        {"status": 404, "reason": "Not Found", "retryable": False, "retry_after": None},
    ),
    (
        HTTPStatusError(204, "No Content"),
        "the server answered HTTP 204 No Content" + CHECK,
        ("HTTP 204 No Content",),
        {"status": 204, "reason": "No Content", "retryable": False, "retry_after": None},
    ),
    (
        HTTPProtocolError("its first line is not a status line"),
        "the answer is not HTTP: its first line is not a status line" + CHECK,
        ("its first line is not a status line",),
        {"retryable": False},
    ),
    (
        IncompleteResponseError(0, "the connection ended before the answer began"),
        "the answer is incomplete after 0 bytes: the connection ended before the answer began; ask again",
        ("the connection ended before the answer began",),
        {"received": 0, "retryable": True},
    ),
    (
        IncompleteResponseError(1048576),
        "the answer is incomplete after 1048576 bytes: the connection ended early; ask again",
        ("the connection ended early",),
        {"received": 1048576, "retryable": True},
    ),
    (ResponseError("something"), "something", ("something",), {"content_type": None}),
    (
        MalformedResponseError("it is empty"),
        "the answer is not XML-RPC: it is empty",
        ("it is empty",),
        {"content_type": None},
    ),
    (
        UnsafeXMLError("a document type declaration"),
        "the answer holds a document type declaration, which XML-RPC never needs; it was refused",
        ("a document type declaration",),
        {"content_type": None},
    ),
    (
        ResponseTooLargeError(1073741824),
        "the answer is larger than 1073741824 bytes; it was refused",
        ("the answer",),
        {"limit": 1073741824, "unit": "bytes", "content_type": None},
    ),
    (
        ResponseTooLargeError(1024, advice="raise max_response_bytes= if the report is that large"),
        "the answer is larger than 1024 bytes; raise max_response_bytes= if the report is that large",
        ("the answer",),
        {"limit": 1024, "unit": "bytes", "content_type": None},
    ),
    (
        ResponseTooLargeError(32, "levels", "the nesting of its values"),
        "the nesting of its values is larger than 32 levels; it was refused",
        ("the nesting of its values",),
        {"limit": 32, "unit": "levels", "content_type": None},
    ),
    (
        UnexpectedShapeError("row 3 is not a struct"),
        "the answer has an undocumented shape: row 3 is not a struct",
        ("row 3 is not a struct",),
        {"content_type": None},
    ),
    (
        ApiError("Mailing list exist"),
        "Mailkit refused the call: Mailing list exist",
        ("Mailing list exist",),
        {"message": "Mailing list exist"},
    ),
    (
        UnauthorizedError(),
        "Mailkit refused the call: Unauthorized; compare client_id and client_md5 with " + ACCOUNT,
        ("Unauthorized",),
        {"message": "Unauthorized"},
    ),
    (
        DisallowedIPError("Disallowed IP 192.0.2.7", "192.0.2.7"),
        "Mailkit refused the call: Disallowed IP 192.0.2.7; allow 192.0.2.7 under " + ACCOUNT,
        ("Disallowed IP 192.0.2.7",),
        {"message": "Disallowed IP 192.0.2.7", "ip": "192.0.2.7"},
    ),
    (
        DisallowedIPError("Disallowed IP"),
        "Mailkit refused the call: Disallowed IP; allow this machine's public IP address under " + ACCOUNT,
        ("Disallowed IP",),
        {"message": "Disallowed IP", "ip": None},
    ),
    (
        InvalidSendIdError("Invalid ID_send", 123456),
        "Mailkit refused the call: Invalid ID_send; it was asked for ID_send 123456: check that it is a delivery of"
        " this account",
        ("Invalid ID_send",),
        {"message": "Invalid ID_send", "id_send": 123456},
    ),
    (
        FaultError(-32601, "unknown method"),
        "Mailkit's server answered with fault -32601: unknown method",
        ("unknown method",),
        {"message": "unknown method", "code": -32601},
    ),
    (
        FaultError(None, ""),
        "Mailkit's server answered with fault without a code: (no text)",
        ("",),
        {"message": "", "code": None},
    ),
]

IDS = ["{}-{}".format(type(row[0]).__name__, number) for number, row in enumerate(TABLE)]
CASES = pytest.mark.parametrize("error, text, args, attributes", TABLE, ids=IDS)


def tried(error, attempts):
    """*error* as it leaves a call that made *attempts* tries; the table's own stays as it is."""
    error = copy.copy(error)
    error.attempts = attempts
    return error


@CASES
def test_text_exact(error, text, args, attributes):
    """str() says in one line what happened and what to do, whether nothing was sent (0) or one try made."""
    for attempts in (0, 1):
        assert str(tried(error, attempts)) == text
    assert "\n" not in text


@CASES
def test_text_after_three_tries(error, text, args, attributes):
    """More than one try is told at the end of the text."""
    assert str(tried(error, 3)) == text + " (3 tries)"


@CASES
def test_attributes_typed_and_complete(error, text, args, attributes):
    """An exception carries what a program needs, with the types documented, and the tries, 0 before any."""
    assert {name: getattr(error, name) for name in attributes} == attributes
    assert {name: type(getattr(error, name)) for name in attributes} == {n: type(v) for n, v in attributes.items()}
    assert error.attempts == 0
    assert error.args == args


@CASES
def test_journey_of_every_exception(error, text, args, attributes):
    """A pickle of every protocol and a copy give the same class, text, args, attributes and tries."""
    sent = tried(error, 3)
    for arrived in clones(sent):
        assert type(arrived) is type(sent)
        assert (str(arrived), arrived.args, arrived.__dict__) == (str(sent), args, sent.__dict__)
        assert arrived.attempts == 3
        assert {name: getattr(arrived, name) for name in attributes} == attributes


def test_table_names_every_class():
    """No exception lacks its line in the table."""
    assert {type(row[0]) for row in TABLE} == set(TREE)


def test_all_names_every_class():
    """The module exports its exceptions and nothing else; the package exports them too."""
    assert {getattr(exceptions, name) for name in exceptions.__all__} == set(TREE)
    assert len(exceptions.__all__) == len(TREE)
    assert all(getattr(mailkit_xmlrpc, name) is getattr(exceptions, name) for name in exceptions.__all__)


@pytest.mark.parametrize("cls", TREE, ids=lambda cls: cls.__name__)
def test_bases_of_every_class(cls):
    """The class tree is the documented one."""
    assert cls.__bases__ == TREE[cls]


@pytest.mark.parametrize("cls", TREE, ids=lambda cls: cls.__name__)
def test_docstring_of_every_class(cls):
    """Every exception says in its own docstring what it means."""
    assert cls.__dict__["__doc__"].strip()


@pytest.mark.parametrize(
    "error, foreign",
    [
        (ConfigurationError("client_id must be positive"), ValueError),
        (RequestTimeoutError("reading", 120.0), TimeoutError),
        (DeadlineExceededError(600.0), TimeoutError),
    ],
)
def test_except_foreign_class(error, foreign):
    """Code that expects the standard library's class catches ours, and learns the same."""
    with pytest.raises(foreign) as caught:
        raise error
    assert caught.value is error


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504, 520, 527, 530, 598, 599])
def test_retryable_when_passing(status):
    """A status that says "later" may be tried again."""
    assert HTTPStatusError(status).retryable


@pytest.mark.parametrize(
    "status", [201, 204, 301, 400, 401, 403, 404, 407, 410, 426, 501, 505, 519, 528, 529, 531, 597, 999]
)
def test_retryable_when_lasting(status):
    """Any other status would come again."""
    assert not HTTPStatusError(status).retryable


class OfUser(HTTPStatusError):
    """What a user of the package may derive."""

    def __init__(self, team):
        super().__init__(502, "Bad Gateway")
        self.team = team


class OfUserToo(RequestTimeoutError, KeyError):
    """With a second parent, and no constructor."""


def test_journey_of_subclass():
    """A user's subclass travels too, whatever its constructor takes."""
    for arrived in clones(tried(OfUser("billing"), 2)):
        assert type(arrived) is OfUser
        assert (arrived.team, arrived.status, arrived.attempts) == ("billing", 502, 2)
        assert str(arrived) == "the server answered HTTP 502 Bad Gateway; ask again later (2 tries)"
    for arrived in clones(OfUserToo("sending", 5)):
        assert type(arrived) is OfUserToo
        assert str(arrived) == "sending took longer than 5 s; ask again later or raise timeout="


def test_journey_without_inside():
    """Neither the traceback nor the context travels: they may hold what nobody should see."""
    try:
        try:
            raise KeyError("inner secret")
        except KeyError:
            raise MalformedResponseError("it is empty")
    except MalformedResponseError as error:
        assert error.__context__ is not None
        arrived = list(clones(error))
        assert all(b"inner secret" not in pickle.dumps(error, protocol) for protocol in range(5))
    assert all(error.__context__ is error.__traceback__ is None for error in arrived)


def test_page_that_tells_more():
    """nginx says only in its page that a client certificate is missing or wrong."""
    error = HTTPStatusError(400, "Bad Request")
    error.page = "400 The SSL certificate error"
    assert str(error) == (
        'the server answered HTTP 400 Bad Request; it says "400 The SSL certificate error": '
        "check the client certificate in ssl_context="
    )
