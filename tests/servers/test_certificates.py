"""TLS of real servers: client certificates missing, accepted and refused, HTTP/2 offered, a port without TLS."""

import ssl

import pytest

from mailkit_xmlrpc import ConnectError, MailkitError, Retry
from tests.servers.application import expected

VERSIONS = ["TLSv1.2", "TLSv1.3"]


@pytest.mark.parametrize("version", VERSIONS)
def test_client_certificate(client_of, application, certificates, apache, version):
    """A client certificate in ssl_context lets the call through."""
    id_send = application.plan(rows=2)
    client = client_of(apache.url(version, "/proxied/rpc.fcgi"), ssl_context=certificates.context("own"))
    assert client.bounces(id_send) == client.bounces(id_send) == expected(id_send, 2)


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("certificate", [None, "foreign"])
def test_client_certificate_that_is_refused(client_of, application, certificates, apache, version, certificate):
    """The server wants another certificate: the error says so and blames nobody else, and it is not tried again."""
    client = client_of(
        apache.url(version, "/proxied/rpc.fcgi"), ssl_context=certificates.context(certificate), retry=Retry(3, base=0)
    )
    with pytest.raises(ConnectError, match="client certificate") as caught:
        client.bounces(application.plan(rows=2))
    error = caught.value
    assert not error.retryable and error.attempts == 1
    assert "the certificate of 127.0.0.1" not in str(error)  # the server's was accepted


def test_error_claims_no_more_than_is_known(client_of, application, certificates, apache):
    """TLS 1.3 tells a refused client certificate only after the request is out: no text says that nothing was sent."""
    client = client_of(apache.url("TLSv1.3", "/proxied/rpc.fcgi"), ssl_context=certificates.context())
    with pytest.raises(ConnectError) as caught:
        client.bounces(application.plan(rows=2))
    assert "nothing was sent" not in str(caught.value)


@pytest.mark.parametrize("certificate", [None, "foreign"])
def test_nginx_without_its_certificate(client_of, application, certificates, nginx, certificate):
    """nginx refuses in HTTP, as "400 Bad Request": the error says that it was the client certificate."""
    client = client_of(nginx.url("certificate"), ssl_context=certificates.context(certificate), retry=Retry(3, base=0))
    with pytest.raises(MailkitError, match="(?i)client certificate|SSL certificate") as caught:
        client.bounces(application.plan(rows=2))
    assert caught.value.attempts == 1


def test_nginx_with_its_certificate(client_of, application, certificates, nginx):
    """With a certificate that it knows, nginx lets the call through."""
    id_send = application.plan(rows=2)
    client = client_of(nginx.url("certificate"), ssl_context=certificates.context("own"))
    assert client.bounces(id_send) == expected(id_send, 2)


def test_private_authority(client_of, application, certificates, nginx):
    """A server of a private authority is refused without that authority, once, and trusted with it."""
    id_send = application.plan(rows=2)
    with pytest.raises(ConnectError, match="certificate of 127.0.0.1") as caught:
        client_of(nginx.url("tls"), retry=Retry(3, base=0)).bounces(id_send)
    assert caught.value.attempts == 1 and application.calls(id_send) == 0
    assert client_of(nginx.url("tls"), ssl_context=certificates.context()).bounces(id_send) == expected(id_send, 2)


@pytest.mark.skipif(not ssl.HAS_ALPN, reason="this Python's TLS cannot offer protocols")
def test_http2_that_the_server_takes(client_of, application, certificates, nginx):
    """An ssl_context that offers h2 to a server that takes it: the error says so before anything is sent."""
    context = certificates.context()
    context.set_alpn_protocols(["h2", "http/1.1"])
    before = nginx.errors().count("preface")
    with pytest.raises(ConnectError, match="HTTP/2|h2") as caught:
        client_of(nginx.url("h2"), ssl_context=context, retry=Retry(3, base=0)).bounces(application.plan(rows=2))
    assert not caught.value.retryable and caught.value.attempts == 1
    assert nginx.errors().count("preface") == before  # it read no request in HTTP/1.1


@pytest.mark.skipif(not ssl.HAS_ALPN, reason="this Python's TLS cannot offer protocols")
def test_http2_that_the_server_does_not_take(client_of, application, certificates, nginx):
    """Where the server chooses HTTP/1.1 of what is offered, all is well."""
    context = certificates.context()
    context.set_alpn_protocols(["h2", "http/1.1"])
    id_send = application.plan(rows=2)
    assert client_of(nginx.url("tls"), ssl_context=context).bounces(id_send) == expected(id_send, 2)


def test_port_without_tls(client_of, certificates, nginx):
    """https to a port that speaks plain HTTP: the error says so in words."""
    with pytest.raises(ConnectError, match="does not speak TLS") as caught:
        client_of(nginx.url("plain"), ssl_context=certificates.context(), retry=Retry(3, base=0)).bounces(1)
    assert caught.value.attempts == 1
