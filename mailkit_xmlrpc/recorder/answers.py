"""An answer as it came, and what this package makes of it: the expectation of a fixture."""

import base64
from datetime import datetime
from typing import Any, Dict, List, Tuple

from ..client.call import PROTOCOLS, check_end, not_ok
from ..exceptions import ApiError, DisallowedIPError, FaultError, HTTPStatusError, MailkitError, MalformedResponseError
from ..exceptions.boundary import raised_by_caller
from ..exceptions.redact import Secret, redact
from ..protocol.calls import BouncesCall, Call, CampaignsCall, DeliveriesCall
from ..transport.exchange import Response
from ..transport.http import Head, framed
from ..transport.spool import Spool
from .decoded import WholeBody

#: by function; no number in them is anybody's
CALLS: "Dict[str, Call[Any]]" = {
    call.function: call for call in (BouncesCall(123456), CampaignsCall(None, None), DeliveriesCall(12345, None, None))
}
BOUNCES, CAMPAIGNS, DELIVERIES = CALLS


class Answer:
    """An answer: what is a Response to whoever only looks at it.

    :param form: "xml" or "json"
    """

    def __init__(self, function: str, form: str, head: Head, body: bytes) -> None:
        self.function = function
        self.form = form
        self.head = head
        self.body = body

    @property
    def content_type(self) -> str:
        """As the response says, or ""."""
        return self.head.fields.get("content-type", "")

    def with_body(self, body: bytes) -> "Answer":
        """Return it with another body."""
        return Answer(self.function, self.form, self.head, body)

    def expectation(self, replace: bool = False) -> Dict[str, object]:
        """Return what a fixture says must come of it.

        :param replace: with ``on_bad_text="replace"``
        """
        try:
            rows, replaced = self._rows(replace)
        except MailkitError as error:
            if raised_by_caller(error):
                raise
            redact(error, Secret(""))
            return _of_error(error)
        expected: Dict[str, object] = {"rows": [_of_row(row, self.function) for row in rows]}
        if replaced:
            expected["replaced"] = replaced
        return expected

    def _rows(self, replace: bool) -> Tuple[List[object], int]:
        protocol = PROTOCOLS["json" if self.form == "json" else "xmlrpc"]
        body = WholeBody(self.body, self.content_type)
        spool = Spool(memory=len(self.body))
        spool.write(self.body)
        response = _Kept(self.head, spool)
        if self.head.status != 200:
            raise not_ok(response, protocol.fault_in(body, replace))
        check_end(response, body, protocol)
        text = protocol.text(body, replace)
        reader = protocol.rows(CALLS[self.function], None, body.size)
        rows: List[object] = []
        for piece in text.of(spool.pieces()):
            rows += reader.feed(piece)
        return rows + reader.close(), text.replaced


class _Kept(Response):
    """A response without a connection."""

    def __init__(self, head: Head, spool: Spool) -> None:
        self.head = head
        self.status, self.reason = head.status, head.reason
        self.retry_after = None
        self.content_type = head.fields.get("content-type", "")
        self.redirects_to = ""
        self.framed = framed(head)
        self.spool = spool
        self.received = spool.size


def is_malformed(expected: Dict[str, object]) -> bool:
    """Whether an expectation is an error that replaced characters may mend."""
    return bool(expected.get("error") == MalformedResponseError.__name__)


def _of_error(error: MailkitError) -> Dict[str, object]:
    attributes: Dict[str, object] = {}
    if isinstance(error, ApiError):
        attributes["message"] = error.message
    if isinstance(error, DisallowedIPError):
        attributes["ip"] = error.ip
    if isinstance(error, FaultError):
        attributes["code"] = error.code
    if isinstance(error, HTTPStatusError):
        attributes["status"] = error.status
    expected: Dict[str, object] = {"error": type(error).__name__}
    if attributes:
        expected["attributes"] = attributes
    return expected


def _of_row(row: object, function: str) -> Dict[str, object]:
    """The fields of *row*, but those that are as in a row of nothing."""
    asked = "" if function == CAMPAIGNS else "id_message" if function == DELIVERIES else "id_send"
    values = {name: value for name, value in vars(row).items() if name != asked}
    return {name: _plain(value) for name, value in values.items() if value not in (None, "") and value != {}}


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, bytes):
        return {"$bytes": base64.b64encode(value).decode("ascii")}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {name: _plain(item) for name, item in value.items()}
    return value
