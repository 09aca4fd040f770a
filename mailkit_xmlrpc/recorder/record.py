"""One call is made, and its answer kept as it came."""

from typing import Collection, Tuple

from ..client.call import receive, repeated
from ..client.client import MailkitClient
from ..client.settings import URLS, Settings
from ..exceptions.boundary import boundary
from ..exceptions.redact import Secret
from ..protocol.base import Protocol
from ..protocol.calls import Call, Row
from ..transport.connect import Pool
from ..transport.deadline import Deadline
from .answers import Answer
from .files import Origin, telling, without_data
from .scrubber import scrubbed

_VENDOR = URLS["xmlrpc"].split("/")[2]
_BY_SIMULATOR = Origin("constructed", "INF: by the simulator")
_BY_ANOTHER = Origin("constructed", "INF: by another server than Mailkit's")


@boundary
def record(client: MailkitClient, call: "Call[Row]") -> Tuple[Answer, Origin]:
    """Make *call* and return its answer, whatever it says, and who gave it. It is repeated where there is none.

    :raises TransportError: there is no whole answer
    """
    settings = client._settings
    return repeated(settings, client._connections(), call, _once)


def _once(
    settings: Settings, pool: Pool, protocol: Protocol, call: "Call[Row]", deadline: Deadline, tries: int
) -> Tuple[Answer, Origin]:
    response = receive(settings, pool, protocol, call, deadline)
    try:
        # It is a fixture already where the simulator serves one.
        body = without_data(b"".join(response.spool.pieces()))
    finally:
        response.spool.close()
        response.release(False)
    form = "json" if settings.protocol == "json" else "xml"
    origin = _origin(settings, response.head.fields.get("server", ""), call.function)
    return Answer(call.function, form, telling(response.head), body), origin


def _origin(settings: Settings, server: str, function: str) -> Origin:
    """Who answered: the vendor only where its own host did, by TLS."""
    if settings.url.host == _VENDOR and settings.url.tls:
        return Origin("recorded", "LIVE: {} answered {}".format(_VENDOR, function))
    return _BY_SIMULATOR if server.startswith("mailkit-simulator") else _BY_ANOTHER


@boundary
def scrubbed_answer(answer: Answer, key: bytes, keep: Collection[str], md5: Secret) -> Answer:
    """Return *answer* with pseudonyms for what is personal.

    :param md5: client_md5, one of "" where it is not known
    :raises ConfigurationError: something of the original would still be found in it
    """
    return answer.with_body(scrubbed(answer.body, answer.content_type, key, keep, md5.reveal()))
