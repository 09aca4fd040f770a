"""The documented call to Perl's libraries behind real front ends, in both forms."""

import pytest

from mailkit_xmlrpc import (
    ApiError,
    DisallowedIPError,
    FaultError,
    InvalidSendIdError,
    MailkitClient,
    MalformedResponseError,
    Retry,
    UnauthorizedError,
)
from tests.conftest import CLIENT_ID
from tests.servers.application import expected
from tests.servers.conftest import FRONT_ENDS, SCRIPTS

every_way = pytest.mark.parametrize("front_end", FRONT_ENDS)
every_script = pytest.mark.parametrize("script", SCRIPTS)


@every_way
@every_script
def test_report(client, application, front_end, script):
    """The documented call gives the rows, whoever writes the answer and whoever passes it on."""
    id_send = application.plan(rows=5)
    with client(front_end, script) as caller:
        assert caller.bounces(id_send) == expected(id_send, 5)
        assert list(caller.iter_bounces(id_send)) == expected(id_send, 5)
    assert application.calls(id_send) == 2


@every_way
@every_script
def test_large_report(client, application, front_end, script):
    """A report of some megabytes arrives whole, compressed on the way or not."""
    id_send = application.plan(rows=3000)
    assert client(front_end, script).bounces(id_send) == expected(id_send, 3000)


@every_script
@pytest.mark.parametrize("front_end", ["nginx", "mod_fcgid", "mod_proxy_fcgi"])
def test_report_with_its_length(client, application, front_end, script):
    """Content-Length instead of chunks changes nothing."""
    id_send = application.plan(rows=5, length=True)
    assert client(front_end, script).bounces(id_send) == expected(id_send, 5)


@every_script
def test_no_rows(client, application, script):
    """An empty array is an empty report."""
    assert client("nginx", script).bounces(application.plan(rows=0)) == []


@every_script
def test_refusals(client, application, script, nginx):
    """Each documented refusal is its own exception."""
    caller = client("nginx", script)
    with pytest.raises(InvalidSendIdError):
        caller.bounces(1)
    with pytest.raises(DisallowedIPError) as caught:
        caller.bounces(application.plan(text="Disallowed IP 192.0.2.7"))
    assert caught.value.ip == "192.0.2.7"
    with pytest.raises(ApiError, match="Something else"):
        caller.bounces(application.plan(text="Something else"))
    url = nginx.url("plain", "/{}.fcgi".format(script), "http")
    with MailkitClient(CLIENT_ID, "0" * 32, url=url, protocol=SCRIPTS[script]) as stranger:
        with pytest.raises(UnauthorizedError):
            stranger.bounces(1)


@pytest.mark.parametrize("script", ["rpc", "frontier"])
def test_fault_of_an_unknown_function(client, script):
    """A function that is not there is a fault with the library's own code and words."""
    with pytest.raises(FaultError, match="no.such.function") as caught:
        client("nginx", script).call("no.such.function")
    assert caught.value.code != 0


@pytest.mark.parametrize("script", ["rpc", "frontier"])
def test_fault_of_a_missing_module(client, application, script):
    """Perl's message is shown with its "@INC": that is no address."""
    with pytest.raises(FaultError, match="Can't locate Mailkit.*@INC") as caught:
        client("nginx", script).bounces(application.plan(lacks=True))
    assert caught.value.attempts == 1


def test_id_beyond_32_bits(client, application):
    """RPC::XML and the JSON form read an id of more than 32 bits."""
    id_send = application.plan(rows=2, id_send=5000000001)
    for script in ("rpc", "json"):
        assert client("nginx", script).bounces(id_send) == expected(id_send, 2)


def test_id_beyond_32_bits_as_frontier_sees_it(client, application):
    """Frontier knows no <i8>: the error says that call() takes the id as a string, and so it does."""
    id_send = application.plan(rows=2, id_send=5000000002)
    caller = client("nginx", "frontier")
    with pytest.raises(FaultError, match=r"i8.* as a string.*call\(\)|i8.*call\(\).* as a string"):
        caller.bounces(id_send)
    found = caller.call("mailkit.report.message.bounces", str(id_send))
    assert [row["ID_EMAIL"] for row in found] == [1001, 1002]


def test_web_page(client_of, nginx):
    """A page of the front end instead of an answer is said to be one, and is not asked for again."""
    with pytest.raises(MalformedResponseError, match="web page") as caught:
        client_of(nginx.url("plain", "/page", "http"), retry=Retry(3, base=0)).bounces(1)
    assert caught.value.attempts == 1
