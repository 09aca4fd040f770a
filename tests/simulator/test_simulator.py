"""The simulator answers like the documented service, over real HTTP."""

import xmlrpc.client
from datetime import datetime

import pytest

from mailkit_xmlrpc.simulator import Simulator, documented_rows
from tests.support.account import MD5
from tests.support.simulated import METHOD, ask, connect, exchange

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
        "A<&>": '<p> & "q" ]]> \r\n ř\t\U0001f600',
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


def test_report_that_can_be_read_once_is_refused():
    """An iterator would be empty on the second call, so it is refused at once."""
    with pytest.raises(TypeError) as caught:
        Simulator(reports={5: iter([])})
    assert str(caught.value) == "the report of 5 can be read only once; give a list"


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
