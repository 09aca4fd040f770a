"""squid with a password, between the client and nginx."""

import pytest

from mailkit_xmlrpc import ConnectError, Retry
from mailkit_xmlrpc.cli import main
from tests.conftest import CLIENT_ID, MD5
from tests.servers.application import expected
from tests.servers.conftest import PASSWORD, USER


@pytest.fixture
def doctor(monkeypatch, capsys, certificates, nginx):
    """``doctor(proxy)``: the exit code of ``mailkit-bounces doctor`` with that proxy, and what it prints."""

    def doctor(proxy):
        monkeypatch.setenv("MAILKIT_CLIENT_ID", str(CLIENT_ID))
        monkeypatch.setenv("MAILKIT_CLIENT_MD5", MD5)
        monkeypatch.setenv("MAILKIT_URL", nginx.url("tls"))
        monkeypatch.setenv("SSL_CERT_FILE", certificates.authority)
        monkeypatch.setenv("HTTPS_PROXY", proxy)
        return main(["doctor"]), capsys.readouterr().out

    return doctor


def test_call_through_squid(client_of, application, certificates, nginx, squid):
    """With user and password in the proxy's address, the call goes through, in both forms."""
    id_send = application.plan(rows=2)
    proxy = "http://{}:{}@{}".format(USER, PASSWORD, squid)
    for script, protocol in (("rpc", "xmlrpc"), ("json", "json")):
        url = nginx.url("tls", "/{}.fcgi".format(script))
        client = client_of(url, protocol=protocol, ssl_context=certificates.context(), proxy=proxy)
        assert client.bounces(id_send) == client.bounces(id_send) == expected(id_send, 2)


@pytest.mark.parametrize("login", ["", "someone:wrong@"])
def test_call_without_the_password(client_of, application, certificates, nginx, squid, login):
    """Without the password it is a ConnectError that says 407 and how to give one; it is not tried again."""
    id_send = application.plan(rows=2)
    client = client_of(
        nginx.url("tls"), ssl_context=certificates.context(), proxy="http://" + login + squid, retry=Retry(3, base=0)
    )
    with pytest.raises(ConnectError, match="407.* a user and a password") as caught:
        client.bounces(id_send)
    assert caught.value.attempts == 1 and application.calls(id_send) == 0
    assert "wrong" not in str(caught.value)


def test_doctor_through_squid(doctor, squid):
    """doctor finds nothing wrong, and shows no password."""
    code, out = doctor("http://{}:{}@{}".format(USER, PASSWORD, squid))
    assert code == 0 and "FAIL" not in out
    assert PASSWORD not in out


def test_doctor_without_the_password(doctor, squid):
    """A 407 is the proxy's, not TLS's: doctor says so, and how the password is given."""
    code, out = doctor("http://" + squid)
    (failed,) = [line for line in out.splitlines() if line.startswith("FAIL")]
    assert code == 6
    assert failed.split()[1] == "proxy"
    assert "407" in failed and "a user and a password" in failed
