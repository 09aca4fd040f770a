"""The client: arguments are checked, one call is made with all its tries, rows come out."""
import os
import re
from datetime import date, tzinfo
from typing import TYPE_CHECKING, Any, Dict, Iterable, List, Mapping, Optional, Tuple, Type, TypeVar, Union

from ._escape import attempted
from ._settings import Settings, checked, positive, secret
from .exceptions import ConfigurationError
from .retry import Retry

if TYPE_CHECKING:
    import ssl
    from concurrent.futures import Executor

    from ._many import Outcomes
    from ._question import Question
    from ._rows import Rows
    from ._stop import Stop
    from .bounce import Bounce
    from .campaign import Campaign, Delivery

__all__ = ["MailkitClient"]


_MAX_FILE = 1024  # characters of a file that holds client_md5; more is another file

#: a day: a date, or a string like ``2014-12-23``
Day = Union[str, date]

_Client = TypeVar("_Client", bound="MailkitClient")


class MailkitClient:
    """Calls Mailkit's API.

    :param client_id: "API ID" of your account, in its menu Profile / Integration; a positive integer
    :param client_md5: "MD5" of the same place
    :param protocol: "xmlrpc" or "json", the two forms the vendor documents; what comes back is the same
    :param url: None means the documented address of the form; ``https`` only, but ``http`` to loopback
    :param timeout: seconds: (to connect, for each read); one number means both. The system's look-up of a host name
        cannot be bounded and is not
    :param deadline: seconds for one call with all its tries and all decoding; None for no limit
    :param retry: how often and after what pause a failed call is repeated; None for one try
    :param max_response_bytes: of the decompressed answer
    :param tz: a tzinfo that dates are in (pytz's too); None leaves them naive, for the vendor states no zone
    :param ssl_context: for a private CA or a client certificate; None makes one that verifies, TLS 1.2 at least
    :param proxy: such as ``http://user:password@proxy.example:3128``; None honours HTTPS_PROXY and NO_PROXY, "" means
        none
    :param rate: calls (tries, to be exact) per second, over all threads that use this client or its copies; waiting for
        a turn counts for the deadline; None for no limit
    :raises ConfigurationError: an argument cannot be used

    One client may be used from many threads at once and across ``fork()``. It can be copied and pickled; the pickle
    holds client_md5 in the clear. Nothing in the process is changed, and no connection is opened before the first call.
    """

    def __init__(
        self,
        client_id: int,
        client_md5: str,
        *,
        protocol: str = "xmlrpc",
        url: Optional[str] = None,
        timeout: Union[float, Tuple[float, float]] = (10.0, 120.0),
        deadline: Optional[float] = 600.0,
        retry: Optional[Retry] = Retry(),
        max_response_bytes: int = 1 << 30,
        tz: Optional[tzinfo] = None,
        ssl_context: "Optional[ssl.SSLContext]" = None,
        proxy: Optional[str] = None,
        rate: Optional[float] = None
    ) -> None:
        options = {
            "url": url,
            "timeout": timeout,
            "deadline": deadline,
            "retry": retry,
            "max_response_bytes": max_response_bytes,
            "tz": tz,
            "ssl_context": ssl_context,
            "proxy": proxy,
            "protocol": protocol,
            "rate": rate,
        }  # type: Dict[str, Any]
        md5 = secret(client_md5)
        # An error's traceback holds this frame: nothing secret may be left in it, wherever it was put by mistake.
        del client_md5, url, timeout, deadline, retry, max_response_bytes, tz, ssl_context, proxy, protocol, rate
        outcome = attempted(checked, client_id, md5, options)
        options.clear()
        if outcome[1] is not None:
            raise outcome.pop()
        self._settings: Settings = outcome[0]

    @classmethod
    def from_env(cls: Type[_Client], **options: Any) -> _Client:
        """Make a client of MAILKIT_CLIENT_ID, MAILKIT_CLIENT_MD5 (or MAILKIT_CLIENT_MD5_FILE, a file with nothing
        else in it), and MAILKIT_URL if set. *options* are the constructor's arguments and count more.

        :raises ConfigurationError: a variable is missing or cannot be used
        """
        outcome = attempted(_from_environment, os.environ, options)
        options.clear()
        if outcome[1] is not None:
            raise outcome.pop()
        outcome = attempted(lambda given: cls(**given), outcome.pop(0))
        if outcome[1] is not None:
            raise outcome.pop()
        client: _Client = outcome[0]
        return client

    # --- calls ------------------------------------------------------------------------------------------------------

    def bounces(self, id_send: int) -> "List[Bounce]":
        """Return the undelivered e-mails of the delivery *id_send* (ID_send, a positive integer), in the server's
        order.

        An empty list means that Mailkit said there are none. A report read early is incomplete: messages still wait.

        :raises ConfigurationError: id_send cannot be an id; nothing was sent
        :raises TransportError: no usable HTTP answer; the fitting leaf
        :raises ResponseError: an answer that is not the documented XML-RPC; the fitting leaf
        :raises ApiError: Mailkit said no; the fitting leaf
        :raises LocalError: this machine could not do its part
        """
        return self.iter_bounces(id_send).rest()

    def iter_bounces(self, id_send: int) -> "Rows[Bounce]":
        """Like :meth:`bounces`, but an iterator whose memory does not grow with the report.

        The call is made here, and raises here; the whole answer is received and proven complete first. Iterating raises
        ResponseError or DeadlineExceededError only, and after either the rows seen are not the report. The deadline
        does not count the time between two rows. The iterator has ``close()``, is a context manager, and survives the
        client's.
        """
        outcome = attempted(self._bounces, id_send)
        if outcome[1] is not None:
            raise outcome.pop()
        rows: Rows[Bounce] = outcome[0]
        return rows

    def campaigns(self, range_from: Optional[Day] = None, range_to: Optional[Day] = None) -> "List[Campaign]":
        """Return the account's campaigns (``mailkit.report``): where an ID_message comes from.

        That there is such a function, its parameters and the members of :class:`Campaign` are from the vendor's public
        pages and other public clients; it was never tried live.

        :param range_from: a date, or a string like ``2014-12-23``; what is left out at the end is not sent
        :param range_to: likewise; not without *range_from*
        :raises MailkitError: as :meth:`bounces`
        """
        outcome = attempted(self._campaigns, range_from, range_to)
        if outcome[1] is not None:
            raise outcome.pop()
        rows: Rows[Campaign] = outcome[0]
        return rows.rest()

    def deliveries(
        self, id_message: int, range_from: Optional[Day] = None, range_to: Optional[Day] = None
    ) -> "List[Delivery]":
        """Return the deliveries of a campaign (``mailkit.report.campaign``): where an ID_send comes from.

        That there is such a function, its parameters, the members of :class:`Delivery`, and that without a range it
        tells about the last three months, are from the vendor's public pages and other public clients; it was never
        tried live.

        :param id_message: ID_message, a positive integer
        :param range_from: a date, or a string like ``2014-12-23``; what is left out at the end is not sent
        :param range_to: likewise; not without *range_from*
        :raises MailkitError: as :meth:`bounces`
        """
        outcome = attempted(self._deliveries, id_message, range_from, range_to)
        if outcome[1] is not None:
            raise outcome.pop()
        rows: Rows[Delivery] = outcome[0]
        return rows.rest()

    def call(self, function: str, *params: Any, **named: Any) -> Any:
        """Call any other Mailkit function and return its answer as plain Python values.

        :param function: its documented name, such as ``mailkit.report.message``
        :param params: over XML-RPC: its parameters after client_id and client_md5, in the documented order: int, str,
            bool, float, bytes (base64), lists, dicts
        :param named: over JSON: its parameters by their documented names; int, str, bool, float, None, lists and dicts,
            each as what it is (the vendor's page shows ids as strings)
        :raises ConfigurationError: parameters of the other kind, or one that cannot be sent; nothing was sent
        :raises ApiError: Mailkit said no: ``Unauthorized``, ``Disallowed IP``, a fault, or a JSON ``error_status``. Any
            other string over XML-RPC is returned, for other functions answer success with one: look at it
        :raises MailkitError: else as :meth:`bounces`

        Note that it is repeated as ``retry=`` says, like all calls: for a function that changes something, make the
        client with ``retry=None``.
        """
        outcome = attempted(self._value, function, params, named)
        del params, named  # an error's traceback holds this frame
        if outcome[1] is not None:
            raise outcome.pop()
        return outcome[0]

    # --- many reports -------------------------------------------------------------------------------------------------

    def iter_many(
        self, id_sends: Iterable[int], *, max_workers: int = 4, executor: "Optional[Executor]" = None
    ) -> "Outcomes":
        """Ask for many reports at once; returns an iterator of :class:`Outcome`, one for each id, as they are complete.

        A failure is an Outcome too and stops nothing, but for Unauthorized and Disallowed IP: no other call could
        succeed, so no more ids are taken, those taken and not sent get that error with ``attempts`` 0, and when all
        outcomes are out the iterator raises it. So does it raise, at the end, what *id_sends* itself raises.

        :param id_sends: any iterable; ids are taken one by one while there is room, so it may be endless
        :param max_workers: calls under way, or complete and not yet handed over, at any time; 1 to 1000
        :param executor: any ``concurrent.futures.Executor``, such as a process pool or Dask's; None for threads of our
            own. To other processes a pickle of the client travels, which holds client_md5 in the clear
        :raises ConfigurationError: an argument cannot be used

        The iterator is a context manager and has ``close()``, which cancels what has not started, ends what threads of
        our own are reading, and waits for these; calls that run in a foreign executor end within their deadline.
        """
        outcome = attempted(self._many, id_sends, max_workers, executor)
        if outcome[1] is not None:
            raise outcome.pop()
        outcomes: Outcomes = outcome[0]
        return outcomes

    def _many(self, id_sends: Any, max_workers: Any, executor: Any) -> "Outcomes":
        from ._many import Outcomes, checked_many

        checked_many(self, id_sends, max_workers, executor)
        return Outcomes(self, id_sends, max_workers, executor)

    # Inside; whatever these raise loses its traceback on its way out.

    def _bounces(self, id_send: Any, stop: "Optional[Stop]" = None) -> "Rows[Bounce]":
        number = positive(id_send, "id_send")
        from ._question import bounces_of  # brings ssl, email, xmlrpc.client and defusedxml along: not before needed

        return self._ask(bounces_of(number), stop)

    def _counted_bounces(self, id_send: Any, stop: "Optional[Stop]" = None) -> "Tuple[List[Bounce], int]":
        """The report, and the tries it took."""
        rows = self._bounces(id_send, stop)
        return rows.rest(), rows.tries

    def _campaigns(self, range_from: Any, range_to: Any) -> "Rows[Campaign]":
        from ._question import campaigns_in

        return self._ask(campaigns_in(range_from, range_to))

    def _deliveries(self, id_message: Any, range_from: Any, range_to: Any) -> "Rows[Delivery]":
        number = positive(id_message, "id_message")
        from ._question import deliveries_of

        return self._ask(deliveries_of(number, range_from, range_to))

    def _value(self, function: Any, params: Tuple[Any, ...], named: Dict[str, Any]) -> Any:
        from ._form import FORMS
        from ._question import anything

        return next(self._ask(anything(FORMS[self._settings.protocol], function, params, named)))[0]

    def _ask(self, question: "Question", stop: "Optional[Stop]" = None) -> "Rows[Any]":
        from . import _call

        # setdefault is atomic: of two threads that come here first one's pool is kept, and the other's has nothing in
        # it
        pool = vars(self).get("_pool") or vars(self).setdefault("_pool", _call.new_pool(self._settings))
        return _call.ask(self._settings, pool, question, stop)

    # --- life and death -----------------------------------------------------------------------------------------------

    def close(self) -> None:
        """Close idle connections. Iterators go on; a later call opens a new connection."""
        pool = vars(self).pop("_pool", None)
        if pool is not None:
            pool.close()

    def __enter__(self: _Client) -> _Client:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()

    def __repr__(self) -> str:
        settings: Optional[Settings] = vars(self).get("_settings")
        if settings is None:  # in the traceback of a constructor that refused
            return "<{}, not set up>".format(type(self).__name__)
        return "{}(client_id={}, url={!r})".format(type(self).__name__, settings.client_id, settings.url.shown)

    def __getstate__(self) -> Dict[str, Any]:
        return {"settings": self._settings}

    def __setstate__(self, state: Dict[str, Any]) -> None:
        self._settings = state["settings"]

    def __deepcopy__(self: _Client, memo: Any) -> _Client:
        copied = type(self).__new__(type(self))
        copied._settings = self._settings  # immutable, and an SSLContext in it cannot be copied
        return copied


_OPTIONS = ["client_id", "client_md5"] + list(MailkitClient.__init__.__kwdefaults__ or ())


def _from_environment(environment: Mapping[str, str], options: Dict[str, Any]) -> Dict[str, Any]:
    """The constructor's arguments: *options*, and what the environment says of the others."""
    given = dict(options)
    unknown = sorted(set(given) - set(_OPTIONS))
    if unknown:
        raise ConfigurationError("there is no option {}".format(unknown[0]))
    if "client_id" not in given:
        text = environment.get("MAILKIT_CLIENT_ID", "")
        if not re.fullmatch("[0-9]{1,19}", text):
            raise ConfigurationError("MAILKIT_CLIENT_ID must be set to a positive integer")
        given["client_id"] = int(text)
    if "client_md5" not in given:
        md5, path = environment.get("MAILKIT_CLIENT_MD5", ""), environment.get("MAILKIT_CLIENT_MD5_FILE", "")
        if bool(md5) == bool(path):
            raise ConfigurationError("one of MAILKIT_CLIENT_MD5 and MAILKIT_CLIENT_MD5_FILE must be set")
        given["client_md5"] = md5 or _content_of(path, "that MAILKIT_CLIENT_MD5_FILE names")
    if "url" not in given and environment.get("MAILKIT_URL"):
        given["url"] = environment["MAILKIT_URL"]
    return given


def _content_of(path: str, which: str) -> str:
    """The text of the small file at *path*, bare of blanks around it.

    :raises ConfigurationError: the file *which* cannot be read, or is another one
    """
    try:
        with open(path, encoding="utf-8-sig") as file:
            text = file.read(_MAX_FILE + 1)
        if len(text) <= _MAX_FILE:
            return text.strip()
    except (OSError, ValueError):
        pass
    raise ConfigurationError("the file {} cannot be read as text".format(which))
