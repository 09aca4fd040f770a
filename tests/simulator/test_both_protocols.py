"""The simulator answers over both protocols, and knows the functions that find deliveries."""

import http.client
import json
from datetime import date, datetime
from urllib.parse import urlsplit

import pytest

from mailkit_xmlrpc import ApiError, Bounce, InvalidSendIdError, MailkitClient, UnauthorizedError
from mailkit_xmlrpc.simulator import Simulator, answers


@pytest.fixture(params=["xmlrpc", "json"])
def client_of(request):
    """``client_of(simulator)``: a client of either protocol."""
    clients = []

    def made(simulator, md5=None):
        url = simulator.json_url if request.param == "json" else simulator.url
        options = dict(protocol=request.param, url=url, retry=None, proxy="")
        clients.append(MailkitClient(simulator.client_id, md5 or simulator.client_md5, **options))
        return clients[-1]

    yield made
    for client in clients:
        client.close()


def test_both_protocols_give_the_documented_rows(client_of):
    """The vendor's three rows, and an empty report."""
    with Simulator() as simulator:
        rows = client_of(simulator).bounces(123456)
        assert [row.email for row in rows] == ["mail@mail.com", "adresa1@nejakadomena.cz", "adresa2@nejakadomena.cz"]
        assert [row.id_user_list for row in rows] == [123, 12345, 12345]
        assert client_of(simulator).bounces(123457) == []


def test_both_protocols_find_deliveries(client_of):
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


def test_both_protocols_refuse(client_of):
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
        client = MailkitClient(
            simulator.client_id, simulator.client_md5, protocol="json", url=simulator.json_url, proxy=""
        )
        with client:
            [answer] = client.call("mailkit.report.message.bounces", ID_send=7)
    assert answer == {
        "EMAIL": "",
        "N": "5",
        "F": "0.5",
        "B": "1",
        "L": ["1", {"A": "2"}],
        "D": "2014-12-23 00:00:00",
        "X": "eA==",
    }


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


def test_added_delivery_is_found(client_of):
    """A delivery that was added is told by its campaign with what was said of it, and its report is asked for."""
    with Simulator(reports={}, campaigns={}) as simulator:
        simulator.add(
            7, [{"EMAIL": "a@example.com"}], sent="2024-03-01 10:20:30", subject="Spring", send_count=500, campaign=9
        )
        client = client_of(simulator)
        (campaign,) = client.campaigns()
        assert (campaign.id_message, campaign.send_count, campaign.delivered_count) == (9, 500, 499)
        (delivery,) = client.deliveries(9)
        assert (delivery.id_send, delivery.subject, delivery.date) == (7, "Spring", datetime(2024, 3, 1, 10, 20, 30))
        assert (delivery.send_count, delivery.delivered_count) == (500, 499)
        assert [row.email for row in client.bounces(7)] == ["a@example.com"]


def test_added_again_is_another_report(client_of):
    """Added again, a delivery has the new report, and what is not said anew stays: so a report grows."""
    with Simulator() as simulator:
        client = client_of(simulator)
        simulator.add(123456, [], subject="Spring", sent=date(2024, 3, 1), send_count=10)
        assert client.bounces(123456) == []
        simulator.add(123456, [{"EMAIL": "a@example.com"}] * 2, campaign=12345)
        assert len(client.bounces(123456)) == 2
        found = {delivery.id_send: delivery for delivery in client.deliveries(12345)}
        assert sorted(found) == [123456, 123457]
        assert (found[123456].subject, found[123456].date) == ("Spring", datetime(2024, 3, 1, 8))
        assert (found[123456].send_count, found[123456].delivered_count) == (10, 8)


def test_added_rows_may_be_bounces(client_of):
    """Rows may be bounces, unknown members too; they come back as they are."""
    row = Bounce(
        7, "a@example.com", 1, None, 2, datetime(2024, 3, 1), "5.1.1", "permanent", "bad-mailbox", "no", {"X": "y"}
    )
    with Simulator() as simulator:
        simulator.add(7, [row])
        assert client_of(simulator).bounces(7) == [row]


def test_added_rows_are_read_anew():
    """A report that can be read only once is refused, as by the constructor."""
    with pytest.raises(TypeError, match="the report of 7 can be read only once"):
        Simulator().add(7, iter([]))


@pytest.mark.parametrize(
    "id_send, rows, text",
    [
        ("7", [], "id_send must be an int, not of type str"),
        (True, [], "id_send must be an int, not of type bool"),
        (
            7,
            [{}, ["a@example.com"]],
            "the report of 7 must be a list of dicts or bounces, with nothing of type list in it",
        ),
        (7, {"EMAIL": "a"}, "the report of 7 must be a list of dicts or bounces, with nothing of type str in it"),
        (7, "EMAIL", "the report of 7 must be a list of dicts or bounces, with nothing of type str in it"),
    ],
)
def test_delivery_that_cannot_be_added(id_send, rows, text):
    """What no call could ever get is refused at once."""
    with pytest.raises(TypeError) as caught:
        Simulator().add(id_send, rows)
    assert str(caught.value) == text


def test_ranges_are_honoured(client_of):
    """Only what was sent within the range is told, of campaigns and of deliveries; an empty campaign is told always."""
    with Simulator(reports={}, campaigns={4: []}) as simulator:
        for id_send, sent, campaign in (
            (1, "2024-03-01", 5),
            (2, datetime(2024, 3, 31, 23, 59), 5),
            (3, "2024-05-01", 6),
        ):
            simulator.add(id_send, [], sent=sent, campaign=campaign)
        client = client_of(simulator)
        assert [campaign.id_message for campaign in client.campaigns("2024-03-02", "2024-03-31")] == [4, 5]
        assert [campaign.id_message for campaign in client.campaigns("2024-04-01")] == [4, 6]
        assert [delivery.id_send for delivery in client.deliveries(5, "2024-03-01", "2024-03-31")] == [1, 2]
        assert [delivery.id_send for delivery in client.deliveries(5, "2024-03-02")] == [2]
        assert client.deliveries(4) == []


def test_protocol_without_words():
    """A protocol says itself how everything is read and written."""
    protocol = answers.Protocol()
    for method, arguments in (
        (protocol.read, (b"",)),
        (protocol.credentials, (None,)),
        (protocol.id_of, (1,)),
        (protocol.refusal, ("no",)),
        (protocol.trouble, (1, "no")),
        (protocol.rows, ([],)),
    ):
        with pytest.raises(NotImplementedError):
            method(*arguments)
