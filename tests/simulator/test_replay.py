"""A recording is served as it was received: its body, its status, and what its head tells about the form."""

import gzip
import http.client

import pytest

from mailkit_xmlrpc import HTTPStatusError, MailkitClient, UnauthorizedError
from mailkit_xmlrpc.simulator import Simulator
from tests.support import fixture_files

BODY = (fixture_files.FOLDER / "answer-array.xml").read_bytes()


def asked(simulator, path="/rpc.fcgi", version=11):
    """What a call is answered: status, reason, fields, body."""
    connection = http.client.HTTPConnection("127.0.0.1", int(simulator.url.split(":")[2].split("/")[0]), timeout=10)
    connection._http_vsn = version
    connection._http_vsn_str = "HTTP/1.{}".format(version - 10)
    try:
        connection.request("POST", path, body=b"anything")
        response = connection.getresponse()
        return response.status, response.reason, response.headers, response.read()
    finally:
        connection.close()


@pytest.fixture
def recording(tmp_path):
    """``recording(body, head)`` writes them and returns the path."""

    def write(body, head=None):
        path = tmp_path / "recording.xml"
        path.write_bytes(body)
        if head is not None:
            (tmp_path / "recording.xml.http").write_text(head)
        return path

    return write


def test_body_alone(recording):
    """Without a head the body is served as a usual answer, on either path, as often as it is asked for."""
    with Simulator.replay(recording(BODY)) as simulator:
        for path in ("/rpc.fcgi", "/json.fcgi"):
            status, reason, fields, body = asked(simulator, path)
            assert (status, reason, body) == (200, "OK", BODY)
            assert fields["Content-Type"] == "text/xml" and fields["Content-Length"] == str(len(BODY))
        assert asked(simulator, "/elsewhere")[0] == 404
        with MailkitClient(1, "any", url=simulator.url) as client:
            assert len(client.bounces(1)) == len(client.bounces(2)) > 0


def test_json(recording):
    """What begins as JSON is said to be that."""
    with Simulator.replay(str(recording(b"[]"))) as simulator:
        assert asked(simulator)[2]["Content-Type"] == "application/json"
        assert MailkitClient(1, "any", url=simulator.json_url, protocol="json").bounces(1) == []


def test_head(recording):
    """Status, type, compression, chunks and the end of the connection are as the head says."""
    head = "HTTP/1.1 200 Fine\nContent-Type: text/xml; charset=utf-8\nContent-Encoding: gzip\n"
    head += "Transfer-Encoding: chunked\n\n"
    with Simulator.replay(recording(BODY, head)) as simulator:
        status, reason, fields, body = asked(simulator)
        assert (status, reason, fields["Content-Type"]) == (200, "Fine", "text/xml; charset=utf-8")
        assert fields["Transfer-Encoding"] == "chunked" and fields["Content-Encoding"] == "gzip"
        assert gzip.decompress(body) == BODY
        assert MailkitClient(1, "any", url=simulator.url).bounces(1)
        # HTTP/1.0 knows no chunks.
        assert "Transfer-Encoding" not in asked(simulator, version=10)[2]


def test_connection_ends(recording):
    """Where the connection was closed it is, and without a length that is the end of the body."""
    with Simulator.replay(recording(BODY * 300, "HTTP/1.1 200\nConnection: close\n")) as simulator:
        _, _, fields, body = asked(simulator)
        assert fields["Connection"] == "close" and "Content-Length" not in fields and body == BODY * 300


def test_other_answers(recording):
    """A status that is not 200, and a refusal."""
    with Simulator.replay(
        recording(b"<html/>", "HTTP/1.1 503 Busy\nContent-Length: 7\nConnection: close\n")
    ) as simulator:
        with pytest.raises(HTTPStatusError) as caught:
            MailkitClient(1, "any", url=simulator.url, retry=None).bounces(1)
        assert (caught.value.status, caught.value.reason) == (503, "Busy")
    refusal = (fixture_files.FOLDER / "answer-unauthorized.xml").read_bytes()
    with Simulator.replay(recording(refusal, "HTTP/1.1 200 OK\n")) as simulator:
        with pytest.raises(UnauthorizedError):
            MailkitClient(1, "any", url=simulator.url).bounces(1)


def test_files_that_cannot_be_served(recording, tmp_path):
    """No such file, and a head that is none."""
    with pytest.raises(OSError):
        Simulator.replay(tmp_path / "nowhere")
    for head in ("", "nonsense"):
        with pytest.raises(ValueError, match="the file of the head does not begin with a status line"):
            Simulator.replay(recording(BODY, head))
