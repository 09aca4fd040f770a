"""The calls whose answers the claims are compared with: they only read, and are a dozen at most."""

from typing import Optional

from ..client.call import SpooledBody, check_end, new_pool, not_ok, receive, repeated
from ..client.client import MailkitClient
from ..client.settings import Settings
from ..exceptions import MailkitError
from ..exceptions.boundary import boundary, leaving, raised_by_caller
from ..protocol.base import Protocol
from ..protocol.calls import BouncesCall, Call, CampaignsCall, DeliveriesCall, Row, ValueCall
from ..protocol.replies import refusal
from ..transport.connect import Pool
from ..transport.deadline import Deadline
from ..transport.route import Url
from .seen import Seen

_BOUNCES = "mailkit.report.message.bounces"
_START = 1 << 20  # bytes in which tags are counted
_NOBODYS = (1 << 31) - 1  # an ID_SEND that is hardly ours; the smallest ones are those of a simulator
_LONG_AGO = ("2001-01-01", "2001-01-02")  # no campaign was sent then


@boundary
def answers_of(client: MailkitClient, id_send: int) -> "Answers":
    """Ask for the report of the delivery in both forms, and for what sheds light on the rest.

    :raises MailkitError: there was no report, but an error or a refusal
    """
    return Answers(client._settings, id_send)


class Answers:
    """What was seen, by a name."""

    def __init__(self, settings: Settings, id_send: int) -> None:
        self._settings = settings
        self.report = self._ask("xmlrpc", BouncesCall(id_send))
        if self.report.outcome in ("refusal", "fault"):
            raise refusal(self.report.refusal, id_send)
        json_report = self._tried("json", BouncesCall(id_send))
        #: the report in both forms, and JSON's alone
        self.reports = [self.report] + ([] if json_report is None else [json_report])
        self.json_report = json_report
        self.nobodys = self._tried("xmlrpc", BouncesCall(_NOBODYS))
        self.json_nobodys = self._tried("json", BouncesCall(_NOBODYS))
        self.missing = self._tried("xmlrpc", ValueCall(_BOUNCES, []))
        self.unknown = self._tried("xmlrpc", ValueCall("mailkit.report.nothing", []))
        self.campaigns = self._tried("xmlrpc", CampaignsCall(None, None))
        self.none = self._tried("xmlrpc", CampaignsCall(*_LONG_AGO))
        id_message = self.campaigns.id_message if self.campaigns is not None else None
        self.deliveries = None if not id_message else self._tried("xmlrpc", DeliveriesCall(id_message, None, None))

    def _tried(self, protocol: str, call: "Call[Row]") -> Optional[Seen]:
        """The same for a call that may fail: nothing is seen of it then."""
        try:
            return self._ask(protocol, call)
        except MailkitError as error:
            if raised_by_caller(error):
                raise
            leaving(error)
            return None

    def _ask(self, protocol: str, call: "Call[Row]") -> Seen:
        settings = self._settings
        if settings.protocol != protocol:
            settings = settings._replace(protocol=protocol, url=_other_url(settings.url, protocol))
        pool = new_pool(settings)
        try:
            return repeated(settings, pool, call, self._once)
        finally:
            pool.close()

    def _once(
        self, settings: Settings, pool: Pool, protocol: Protocol, call: "Call[Row]", deadline: Deadline, tries: int
    ) -> Seen:
        response = receive(settings, pool, protocol, call, deadline)
        try:
            if response.status != 200:
                raise not_ok(response, None)
            body = SpooledBody(response, deadline)
            check_end(response, body, protocol)
            return Seen(protocol, call, response.head, body, response.spool.head(_START))
        finally:
            response.spool.close()
            response.release(False)


def _other_url(url: Url, protocol: str) -> Url:
    """Where the other form is answered: beside the one of *url*, as by the service, or there as well."""
    names = ("rpc.fcgi", "json.fcgi") if protocol == "json" else ("json.fcgi", "rpc.fcgi")
    return url._replace(target=url.target.replace(*names))
