"""The simulator answers like the documented service, over real HTTP, and leaves nothing behind."""
import gc
import http.client
import json
import socket
import threading
import warnings
import xmlrpc.client
from datetime import datetime
from urllib.parse import urlsplit

import pytest

from mailkit_xmlrpc import ApiError, InvalidSendIdError, MailkitClient, UnauthorizedError
from mailkit_xmlrpc.simulator import Simulator, documented_rows

MD5 = "0123456789abcdef0123456789abcdef"
METHOD = "mailkit.report.message.bounces"

DOCUMENTED = """\
<?xml version="1.0" encoding="utf-8"?>
<methodResponse>
 <params>
  <param>
   <value>
    <array>
     <data>
      <value>
       <struct>
        <member>
         <name>EMAIL</name>
         <value>
          <string>mail@mail.com</string>
         </value>
        </member>
        <member>
         <name>ID_EMAIL</name>
         <value>
          <int>49872054</int>
         </value>
        </member>
       </struct>
      </value>
     </data>
    </array>
   </value>
  </param>
 </params>
</methodResponse>
"""
EMPTY = """\
<?xml version="1.0" encoding="utf-8"?>
<methodResponse>
 <params>
  <param>
   <value>
    <string></string>
   </value>
  </param>
 </params>
</methodResponse>
"""


def connect(simulator):
    """Return a connection of the standard library's to *simulator*."""
    address = simulator.url.split("/")[2]
    return http.client.HTTPConnection(address, timeout=10)


def exchange(connection, body, path="/rpc.fcgi", **headers):
    """Return the answer's status, headers and body (decoded)."""
    connection.request("POST", path, body, headers)
    response = connection.getresponse()
    return response.status, response.headers, response.read().decode("utf-8")


def ask(simulator, *params, method=METHOD):
    """Return what the standard library's own parser makes of the answer to one call."""
    connection = connect(simulator)
    try:
        body = exchange(connection, xmlrpc.client.dumps(params, method))[2]
    finally:
        connection.close()
    (value,), _ = xmlrpc.client.loads(body)
    return value


@pytest.fixture
def simulator():
    """A simulator with its default reports."""
    with Simulator() as running:
        yield running


def test_rows_by_default_are_the_documented_ones(simulator):
    """123456 answers with the vendor's three sample rows, values and types as documented."""
    assert ask(simulator, 1234567, MD5, 123456) == documented_rows()


def test_rows_documented_hold_no_placeholder():
    """Every DATE of the default rows is a date, every EMAIL_STATUS one documented word."""
    for row in documented_rows():
        assert datetime.strptime(row["DATE"], "%Y-%m-%d %H:%M:%S")
        assert row["EMAIL_STATUS"] in ("temporary", "permanent")


def test_answer_has_the_documented_form_byte_for_byte():
    """The XML is laid out as in the vendor's sample."""
    row = {"EMAIL": "mail@mail.com", "ID_EMAIL": 49872054}
    with Simulator(reports={5: [row]}) as simulator:
        connection = connect(simulator)
        status, headers, body = exchange(connection, xmlrpc.client.dumps((1234567, MD5, 5), METHOD))
        connection.close()
    assert (status, body) == (200, DOCUMENTED)
    assert headers["Content-Type"] == "text/xml"
    assert headers["Content-Length"] == str(len(DOCUMENTED))


def test_answer_to_an_empty_report_is_an_empty_string(simulator):
    """A report with no rows answers <string></string>, this API's documented form of an empty list."""
    connection = connect(simulator)
    body = exchange(connection, xmlrpc.client.dumps((1234567, MD5, 123457), METHOD))[2]
    connection.close()
    assert body == EMPTY


@pytest.mark.parametrize(
    "params, answer",
    [
        ((), "Unauthorized"),
        ((1234567,), "Unauthorized"),
        ((7654321, MD5, 123456), "Unauthorized"),
        ((1234567, "x" * 32, 123456), "Unauthorized"),
        (("1234567", MD5, 123456), "Unauthorized"),
        ((1234567.0, MD5, 123456), "Unauthorized"),
        ((1234567, MD5), "Missing ID_send"),
        ((1234567, MD5, 1), "Invalid ID_send"),
        ((1234567, MD5, "123456"), "Invalid ID_send"),
        ((1234567, MD5, True), "Invalid ID_send"),
        ((1234567, MD5, [123456]), "Invalid ID_send"),
    ],
)
def test_error_is_a_string(simulator, params, answer):
    """A refused call is answered with the documented plain string, credentials being looked at first."""
    assert ask(simulator, *params) == answer


def test_method_unknown_is_a_fault(simulator):
    """Another function is answered with a fault that names it."""
    with pytest.raises(xmlrpc.client.Fault) as caught:
        ask(simulator, method="mailkit.other")
    assert (caught.value.faultCode, caught.value.faultString) == (-32601, "Unknown method: mailkit.other")


@pytest.mark.parametrize(
    "body",
    [
        "",
        "not xml",
        "<methodCall><methodName>x</methodName>",
        '<!DOCTYPE m SYSTEM "x"><methodCall><methodName>x</methodName></methodCall>',
        "<methodCall><params><param><value><int></int></value></param></params></methodCall>",
        "<methodCall></methodCall>",
    ],
)
def test_request_that_is_no_call_is_a_fault(simulator, body):
    """A body that is not a methodCall, or carries a DTD, is answered with a fault."""
    connection = connect(simulator)
    status, _, answer = exchange(connection, body)
    connection.close()
    assert status == 200
    with pytest.raises(xmlrpc.client.Fault) as caught:
        xmlrpc.client.loads(answer)
    assert caught.value.faultCode == -32700


def test_values_of_every_kind_arrive():
    """Each kind of value leaves as its XML-RPC type, texts character by character."""
    row = {
        "A<&>": "<p> & \"q\" ]]> \r\n ř\t\U0001f600",
        "INT": 2147483647,
        "I8": 2147483648,
        "MIN": -(1 << 63),
        "FLOAT": 5.1,
        "BOOL": True,
        "NULL": None,
        "BYTES": b"\x00\xff",
        "LIST": [1, ("x", [])],
        "DICT": {"inner": {}},
        "DATE": datetime(800, 1, 2, 3, 4, 5, 6),
    }
    with Simulator(reports={5: [row]}) as simulator:
        connection = connect(simulator)
        body = exchange(connection, xmlrpc.client.dumps((1234567, MD5, 5), METHOD))[2]
        connection.close()
    (value,), _ = xmlrpc.client.loads(body, use_builtin_types=True)
    assert value == [dict(row, NULL="", LIST=[1, ["x", []]], DATE="0800-01-02 03:04:05")]
    assert "<i8>2147483648</i8>" in body and "<int>2147483647</int>" in body


@pytest.mark.parametrize("text", ["\x1b", "\x00", "\ud800"])
def test_text_that_xml_forbids_is_sent_all_the_same(text):
    """A control character makes the answer ill-formed, as it would the service's."""
    with Simulator(reports={5: [{"REASON": text}]}) as simulator:
        with pytest.raises(xmlrpc.client.expat.ExpatError):
            ask(simulator, 1234567, MD5, 5)


@pytest.mark.parametrize("value", [1 << 63, {1}, object])
def test_value_that_cannot_be_sent_is_a_500(value):
    """A value XML-RPC has no type for is HTTP status 500, with the exception's name as the reason."""
    with Simulator(reports={5: [{"X": value}]}) as simulator:
        connection = connect(simulator)
        status = exchange(connection, xmlrpc.client.dumps((1234567, MD5, 5), METHOD))[0]
        connection.close()
    assert status == 500


class Rows:
    """A report made on the fly; *fail* raises in place of its last row."""

    def __init__(self, count, fail=False):
        self.count = count
        self.fail = fail

    def __iter__(self):
        for number in range(self.count):
            if self.fail and number == self.count - 1:
                raise ZeroDivisionError
            yield {"ID_EMAIL": number, "REASON": "x" * 1000}


def test_report_that_is_large_leaves_in_chunks():
    """A large answer has no Content-Length, arrives whole, and its connection serves the next call."""
    with Simulator(reports={5: Rows(2000)}) as simulator:
        connection = connect(simulator)
        for _ in range(2):
            status, headers, body = exchange(connection, xmlrpc.client.dumps((1234567, MD5, 5), METHOD))
            sock = connection.sock
            assert sock is not None
            assert (status, headers["Transfer-Encoding"], headers["Content-Length"]) == (200, "chunked", None)
            assert [row["ID_EMAIL"] for row in xmlrpc.client.loads(body)[0][0]] == list(range(2000))
        connection.close()


def test_report_that_is_large_to_a_client_of_http_1_0_ends_with_the_connection():
    """A client that knows no chunks gets none."""
    with Simulator(reports={5: Rows(2000)}) as simulator:
        body = xmlrpc.client.dumps((1234567, MD5, 5), METHOD).encode()
        with socket.create_connection(("127.0.0.1", int(simulator.url.split(":")[2].split("/")[0])), 10) as sock:
            sock.sendall(b"POST /rpc.fcgi HTTP/1.0\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))
            with sock.makefile("rb") as reader:
                head, _, body = reader.read().partition(b"\r\n\r\n")
    assert b"chunked" not in head and b"Connection: close" in head
    assert len(xmlrpc.client.loads(body)[0][0]) == 2000


@pytest.mark.parametrize("count, raised", [(1, None), (2000, http.client.IncompleteRead)])
def test_report_that_raises_never_looks_complete(count, raised):
    """A report that fails is a 500, or where rows have left already, an answer cut short."""
    with Simulator(reports={5: Rows(count, fail=True)}) as simulator:
        connection = connect(simulator)
        connection.request("POST", "/rpc.fcgi", xmlrpc.client.dumps((1234567, MD5, 5), METHOD))
        response = connection.getresponse()
        if raised is None:
            assert (response.status, response.reason) == (500, "Simulator: ZeroDivisionError")
        else:
            with pytest.raises(raised):
                response.read()
        response.close()
        connection.close()


def test_report_that_can_be_read_once_is_refused():
    """An iterator would be empty on the second call, so it is refused at once."""
    with pytest.raises(TypeError) as caught:
        Simulator(reports={5: iter([])})
    assert str(caught.value) == "the report of 5 can be read only once; give a list"


def test_connection_is_kept_alive(simulator):
    """Two calls travel over one connection."""
    connection = connect(simulator)
    exchange(connection, "")
    sock = connection.sock
    exchange(connection, "")
    assert connection.sock is sock is not None
    connection.close()


@pytest.mark.parametrize(
    "path, headers, status",
    [
        ("/", {}, 404),
        ("/rpc.fcgi", {"Content-Length": "65537"}, 413),
        ("/rpc.fcgi", {"Content-Length": "-1"}, 411),
        ("/rpc.fcgi", {"Content-Length": "9" * 20}, 411),
    ],
)
def test_request_that_is_not_served_has_its_status(simulator, path, headers, status):
    """A wrong path, a body too large or of unknown length is refused by its HTTP status."""
    connection = connect(simulator)
    assert exchange(connection, "", path, **headers)[0] == status
    connection.close()


def test_request_at_the_size_limit_is_read(simulator):
    """65536 bytes are still read (and answered)."""
    connection = connect(simulator)
    assert exchange(connection, " " * 65536)[0] == 200
    connection.close()


def test_request_of_many_threads_is_answered(simulator):
    """Several clients are served at once, each with its own answer."""
    answers = []
    threads = [threading.Thread(target=lambda: answers.append(ask(simulator, 1234567, MD5, 123456))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [documented_rows()] * 8


def test_stop_leaves_no_thread_and_no_socket(capfd):
    """Leaving the block ends every thread, closes idle connections, warns and prints nothing."""
    before = set(threading.enumerate())
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        with Simulator() as simulator:
            url = simulator.url
            idle, dropped = connect(simulator), connect(simulator)
            exchange(idle, "")
            dropped.connect()
            dropped.close()
        del simulator
        gc.collect()
    assert set(threading.enumerate()) == before
    assert [str(warning.message) for warning in caught] == []
    assert capfd.readouterr() == ("", "")
    with pytest.raises(OSError):
        exchange(idle, "")
    idle.close()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", int(url.split(":")[2].split("/")[0])), 10)


def test_stop_does_not_wait_for_a_client_that_reads_nothing():
    """A client that stops reading in the middle of a large answer does not keep the simulator running."""
    with Simulator(reports={5: Rows(20000)}) as simulator:
        connection = connect(simulator)
        connection.request("POST", "/rpc.fcgi", xmlrpc.client.dumps((1234567, MD5, 5), METHOD))
        response = connection.getresponse()
    response.close()
    connection.close()


def test_url_outside_the_block_is_an_error():
    """There is no address before the start and after the stop; one simulator can run again."""
    simulator = Simulator()
    for _ in range(2):
        with pytest.raises(RuntimeError) as caught:
            simulator.url
        assert str(caught.value) == "the simulator runs only inside its with block"
        with simulator:
            assert simulator.url.startswith("http://127.0.0.1:")
    simulator.__exit__(None, None, None)


def test_enter_twice_is_an_error(simulator):
    """One simulator runs once at a time."""
    with pytest.raises(RuntimeError) as caught:
        simulator.__enter__()
    assert str(caught.value) == "the simulator is running already"


def test_import_is_cheap():
    """Importing the module imports no server, no client and no parser."""
    import subprocess
    import sys

    code = (
        "import sys; from mailkit_xmlrpc import simulator; "
        "print([n for n in ('http.server', 'socketserver', 'http.client', 'xmlrpc.client', 'defusedxml', 'ssl') "
        "if n in sys.modules])"
    )
    out = subprocess.check_output([sys.executable, "-c", code], universal_newlines=True)
    assert out == "[]\n"


# --- the JSON form, and the other functions ---------------------------------------------------------------------------


@pytest.fixture(params=["xmlrpc", "json"])
def client_of(request):
    """``client_of(simulator)``: a client in either form."""
    clients = []

    def made(simulator, md5=None):
        url = simulator.json_url if request.param == "json" else simulator.url
        options = dict(protocol=request.param, url=url, retry=None, proxy="")
        clients.append(MailkitClient(simulator.client_id, md5 or simulator.client_md5, **options))
        return clients[-1]

    yield made
    for client in clients:
        client.close()


def test_both_forms_give_the_documented_rows(client_of):
    """The vendor's three rows, and an empty report."""
    with Simulator() as simulator:
        rows = client_of(simulator).bounces(123456)
        assert [row.email for row in rows] == ["mail@mail.com", "adresa1@nejakadomena.cz", "adresa2@nejakadomena.cz"]
        assert [row.id_user_list for row in rows] == [123, 12345, 12345]
        assert client_of(simulator).bounces(123457) == []


def test_both_forms_find_deliveries(client_of):
    """From the campaigns to their deliveries to their reports, within a range or without."""
    with Simulator(campaigns={5: [123456, 123457], 6: []}) as simulator:
        client = client_of(simulator)
        assert [campaign.id_message for campaign in client.campaigns("2014-01-01")] == [5, 6]
        assert [delivery.id_send for delivery in client.deliveries(5)] == [123456, 123457]
        assert client.deliveries(5, "2014-12-24") == client.deliveries(5, "2014-12-01", "2014-12-22") == []
        assert len(client.deliveries(5, "2014-12-23", "2014-12-23")) == 2
        assert client.deliveries(6) == []
        with pytest.raises(ApiError, match="Invalid ID_message"):
            client.deliveries(7)


def test_both_forms_refuse(client_of):
    """Wrong credentials, an id that is none, a function there is none of."""
    with Simulator() as simulator:
        with pytest.raises(UnauthorizedError):
            client_of(simulator, "wrong").campaigns()
        with pytest.raises(InvalidSendIdError):
            client_of(simulator).bounces(5)
        with pytest.raises(ApiError, match="Unknown method: mailkit.x"):
            client_of(simulator).call("mailkit.x")


def test_parameters_that_are_missing(client_of):
    """What is required is said to be missing."""
    with Simulator() as simulator:
        client = client_of(simulator)
        for function, name in (("message.bounces", "ID_send"), ("campaign", "ID_message")):
            try:
                answer = client.call("mailkit.report." + function)
            except ApiError as error:
                answer = error.message
            assert answer == "Missing " + name


def test_json_values_are_strings():
    """As documented; what holds others holds strings."""
    row = {"EMAIL": None, "N": 5, "F": 0.5, "B": True, "L": [1, {"A": 2}], "D": datetime(2014, 12, 23), "X": b"x"}
    with Simulator(reports={7: [row]}) as simulator:
        client = MailkitClient(1234567, simulator.client_md5, protocol="json", url=simulator.json_url, proxy="")
        with client:
            [answer] = client.call("mailkit.report.message.bounces", ID_send=7)
    assert answer == {
        "EMAIL": "", "N": "5", "F": "0.5", "B": "1", "L": ["1", {"A": "2"}], "D": "2014-12-23 00:00:00", "X": "eA==",
    }  # fmt: skip


def test_json_that_is_no_call():
    """An error object, not a closed connection."""
    with Simulator() as simulator:
        for body in (b"", b"[]", b"{}", b"<methodCall/>", b'{"function": "x", "parameters": 5}'):
            connection = http.client.HTTPConnection(urlsplit(simulator.json_url).netloc)
            connection.request("POST", "/json.fcgi", body)
            assert json.loads(connection.getresponse().read().decode()) == {
                "error_status": 1,
                "error": "parse error. not well formed",
            }
            connection.close()
