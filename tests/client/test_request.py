"""What leaves this machine for one call: method, target, headers and body, to the byte."""

import socket
import threading

import pytest

import mailkit_xmlrpc
from mailkit_xmlrpc import HTTPStatusError, MailkitClient
from tests.support.account import MD5

DOCUMENTED_BODY = (
    b'<?xml version="1.0" encoding="UTF-8"?>\n'
    b"<methodCall><methodName>mailkit.report.message.bounces</methodName><params>"
    b"<param><value><int>1234567</int></value></param>"
    b"<param><value><string>0123456789abcdef0123456789abcdef</string></value></param>"
    b"<param><value><i4>123456</i4></value></param>"
    b"</params></methodCall>\n"
)


@pytest.fixture
def sent(answering):
    """``sent(client)`` makes one call and returns the request that the server received."""

    def call(client, id_send=123456):
        client.bounces(id_send)
        return answering.requests[-1]

    return call


def test_body_is_the_documented_one(answering, sent):
    """The three params are typed <int>, <string>, <i4> in this order, and nothing else is in the body."""
    request = sent(answering.value(""))
    assert request.get_data() == DOCUMENTED_BODY


def test_method_and_path_are_the_urls(answering, sent):
    """The call is a POST to the path of url=."""
    request = sent(answering.value(""))
    assert (request.method, request.path, request.query_string) == ("POST", "/rpc.fcgi", b"")


def test_query_is_sent_as_written(answering, sent):
    """A query in url= reaches the server undecoded and complete."""
    answering.value("")
    request = sent(answering.client(url=answering.url + "?token=a%20b&x=%2F"))
    assert (request.path, request.query_string) == ("/rpc.fcgi", b"token=a%20b&x=%2F")


@pytest.mark.parametrize(
    "id_send, element",
    [
        (1, b"<i4>1</i4>"),
        (2**31 - 1, b"<i4>2147483647</i4>"),
        (2**31, b"<i8>2147483648</i8>"),
        (2**63 - 1, b"<i8>9223372036854775807</i8>"),
    ],
)
def test_id_send_type_follows_its_size(answering, sent, id_send, element):
    """ID_send is <i4> as documented up to 32 bits, and <i8> beyond."""
    request = sent(answering.value(""), id_send)
    assert request.get_data() == DOCUMENTED_BODY.replace(b"<i4>123456</i4>", element)


@pytest.mark.parametrize(
    "client_id, element",
    [
        (1, b"<int>1</int>"),
        (2**31 - 1, b"<int>2147483647</int>"),
        (2**31, b"<i8>2147483648</i8>"),
        (2**63 - 1, b"<i8>9223372036854775807</i8>"),
    ],
)
def test_client_id_type_follows_its_size(answering, sent, client_id, element):
    """client_id is <int> as documented up to 32 bits, and <i8> beyond."""
    answering.value("")
    with MailkitClient(client_id, MD5, url=answering.url) as client:
        assert sent(client).get_data() == DOCUMENTED_BODY.replace(b"<int>1234567</int>", element)


@pytest.mark.parametrize(
    "md5, text",
    [
        ("a&b<c>d", b"a&amp;b&lt;c&gt;d"),
        ("\u00e9\u010d", b"&#233;&#269;"),
        ("\U0001f511", b"&#128273;"),
        ("]]>\"'", b"]]&gt;\"'"),
    ],
)
def test_client_md5_is_escaped(answering, sent, md5, text):
    """Whatever is printable arrives as it is: markup is escaped, and the body stays pure ASCII."""
    answering.value("")
    with MailkitClient(1234567, md5, url=answering.url) as client:
        body = sent(client).get_data()
    assert body == DOCUMENTED_BODY.replace(MD5.encode("ascii"), text)
    assert max(bytearray(body)) < 128


def test_headers_are_these_and_no_others(answering, sent):
    """Six headers leave: no cookie, no credential, no Python version, nothing the URL or the host process could add."""
    request = sent(answering.value(""))
    assert dict(request.headers) == {
        "Host": answering.url.split("/")[2],
        "User-Agent": "mailkit-xmlrpc/" + mailkit_xmlrpc.__version__,
        "Content-Type": "text/xml",
        "Accept-Encoding": "gzip",
        "Content-Length": str(len(DOCUMENTED_BODY)),
    }


def test_secret_is_in_the_body_only(answering, sent):
    """client_md5 is in no header and not in the target."""
    request = sent(answering.value(""))
    assert MD5 not in str(request.headers) + request.full_path
    assert request.get_data().count(MD5.encode("ascii")) == 1


def test_calls_are_sent_once_each(answering):
    """Two calls are two requests, whatever happens to connections between them."""
    client = answering.value("")
    client.bounces(1)
    client.bounces(2)
    assert [request.get_data().count(b"<i4>") for request in answering.requests] == [1, 1]


def test_failed_call_is_sent_once_without_retry(answering):
    """retry=None is one try, also for an answer that invites another."""
    client = answering(b"", status=503)
    with pytest.raises(HTTPStatusError):
        client.bounces(123456)
    assert len(answering.requests) == 1


# A WSGI server joins repeated headers and shows some of them only once, so the bytes themselves are looked at as well.


def _first_request(family, host, url):
    """The bytes of the first request that a client sends to *url* (``{}`` stands for the port)."""
    received = []
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.settimeout(10)
    try:
        listener.bind((host, 0))
        listener.listen(1)

        def serve():
            connection = listener.accept()[0]
            connection.settimeout(10)
            data = b""
            while not data.endswith(b"</methodCall>\n"):
                data += connection.recv(65536)
            received.append(data)
            connection.sendall(b"HTTP/1.1 204 No Content\r\n\r\n")
            connection.close()

        thread = threading.Thread(target=serve)
        thread.start()
        port = listener.getsockname()[1]
        with MailkitClient(1234567, MD5, url=url.format(port), retry=None, timeout=10) as client:
            with pytest.raises(HTTPStatusError):
                client.bounces(123456)
        thread.join(10)
    finally:
        listener.close()
    return received[0], port


def test_request_to_the_byte():
    """Request line, headers (each once) and body are exactly these bytes."""
    request, port = _first_request(socket.AF_INET, "127.0.0.1", "http://127.0.0.1:{}/a/b?c=d")
    head = (
        "POST /a/b?c=d HTTP/1.1\r\n"
        "Host: 127.0.0.1:{}\r\n"
        "User-Agent: mailkit-xmlrpc/{}\r\n"
        "Content-Type: text/xml\r\n"
        "Accept-Encoding: gzip\r\n"
        "Content-Length: {}\r\n"
        "\r\n"
    ).format(port, mailkit_xmlrpc.__version__, len(DOCUMENTED_BODY))
    assert request == head.encode("ascii") + DOCUMENTED_BODY


def test_host_of_an_ipv6_url_is_in_brackets():
    """Host is what RFC 9110 wants of an IPv6 address, and a URL without a path asks for the root."""
    try:
        request, port = _first_request(socket.AF_INET6, "::1", "http://[::1]:{}")
    except OSError:
        pytest.skip("no IPv6 on this machine")
    assert request.startswith("POST / HTTP/1.1\r\nHost: [::1]:{}\r\n".format(port).encode("ascii"))


def test_localhost_is_looked_up():
    """A name for loopback works as well as its number, and is what Host says."""
    request, port = _first_request(socket.AF_INET, "127.0.0.1", "http://localhost:{}/rpc.fcgi")
    assert "Host: localhost:{}\r\n".format(port).encode("ascii") in request
