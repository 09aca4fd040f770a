"""The client: arguments are checked, one call is made with all its tries, rows come out."""

import os
from datetime import date, tzinfo
from typing import TYPE_CHECKING, Any, Dict, Iterable, List, Optional, Tuple, Type, TypeVar, Union

from ..exceptions.boundary import boundary
from .environment import with_environment
from .retry import Retry
from .settings import Settings, checked, positive

if TYPE_CHECKING:
    import ssl
    from concurrent.futures import Executor

    from ..model.records import Bounce, Campaign, Delivery
    from ..protocol.calls import Call, Row
    from ..transport.connect import Pool
    from .many import Outcomes
    from .rows import Rows

__all__ = ["MailkitClient"]


#: a day: a date, or a string like ``2014-12-23``
Day = Union[str, date]

_Client = TypeVar("_Client", bound="MailkitClient")


class MailkitClient:
    """Calls Mailkit's API.

    :param client_id: "API ID" of your account: you find it under Profile / Integration; a positive integer
    :param client_md5: "MD5", beside it
    :param protocol: "xmlrpc" or "json", the two forms the vendor documents; what comes back is the same
    :param url: None means the documented address of the form; ``https`` only, but ``http`` to loopback
    :param timeout: seconds: (to connect, for each read); one number means both. The look-up of the host name
        counts as connecting
    :param deadline: seconds for one call with all its tries and all decoding; None for no limit
    :param retry: how often and after what pause a failed call is repeated; None for one try
    :param max_response_bytes: of the decompressed answer
    :param tz: a tzinfo that dates are in (pytz's too); None leaves them naive, for the vendor states no zone
    :param ssl_context: for a private CA or a client certificate; None makes one that verifies, TLS 1.2 at least
    :param proxy: such as ``http://user:password@proxy.example:3128``; None honours HTTPS_PROXY and NO_PROXY, "" means
        none
    :param rate: calls (tries, to be exact) per second, over all threads that use this client or its copies; waiting for
        a turn counts for the deadline; None for no limit
    :param on_bad_text: what becomes of a report with a text that holds what XML or the encoding forbids (a control
        character, a byte that is no UTF-8). "error" makes it a MalformedResponseError that names the row and the byte;
        "replace" puts U+FFFD in its place, counted in the log and in ``.replaced`` of what :meth:`iter_bounces` returns
    :param ca_file: a file of certificates (PEM) to trust beside the system's: of a private CA, or of a proxy that looks
        into TLS; not with *ssl_context*
    :raises ConfigurationError: an argument cannot be used

    One client may be used from many threads at once and across ``fork()``. It can be copied and pickled; the pickle
    holds client_md5 in the clear. Nothing in the process is changed, and no connection is opened before the first call.
    """

    @boundary
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
        rate: Optional[float] = None,
        on_bad_text: str = "error",
        ca_file: Optional[str] = None,
    ) -> None:
        self._settings = checked(
            client_id,
            client_md5,
            url=url,
            timeout=timeout,
            deadline=deadline,
            retry=retry,
            max_response_bytes=max_response_bytes,
            tz=tz,
            ssl_context=ssl_context,
            proxy=proxy,
            protocol=protocol,
            rate=rate,
            on_bad_text=on_bad_text,
            ca_file=ca_file,
        )

    @classmethod
    @boundary
    def from_env(cls: Type[_Client], **options: object) -> _Client:
        """Make a client of environment variables: MAILKIT_CLIENT_ID, MAILKIT_CLIENT_MD5 (or MAILKIT_CLIENT_MD5_FILE, a
        file with nothing else in it), and, if set, MAILKIT_URL and MAILKIT_CA_FILE. *options* are the constructor's
        arguments and count more.

        :raises ConfigurationError: a variable is missing or cannot be used
        """
        return cls(**with_environment(options, os.environ))

    # --- calls ------------------------------------------------------------------------------------------------------

    @boundary
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

    @boundary
    def iter_bounces(self, id_send: int) -> "Rows[Bounce]":
        """Like :meth:`bounces`, but an iterator whose memory does not grow with the report.

        The call is made here, and raises here; the whole answer is received and proven complete first. Iterating raises
        ResponseError or DeadlineExceededError only, and after either the rows seen are not the report. The deadline
        does not count the time between two rows. The iterator has ``close()``, is a context manager, and survives the
        client's.
        """
        number = positive(id_send, "id_send")
        from ..protocol.calls import BouncesCall

        return self._ask(BouncesCall(number))

    @boundary
    def campaigns(self, range_from: Optional[Day] = None, range_to: Optional[Day] = None) -> "List[Campaign]":
        """Return the account's campaigns (``mailkit.report``): where an ID_message comes from.

        That there is such a function, its parameters and the members of :class:`Campaign` are from the vendor's public
        pages and other public clients; it was never tried live.

        :param range_from: a date, or a string like ``2014-12-23``; what is left out at the end is not sent
        :param range_to: likewise; not without *range_from*
        :raises MailkitError: as :meth:`bounces`
        """
        from ..protocol.calls import CampaignsCall

        return self._ask(CampaignsCall(range_from, range_to)).rest()

    @boundary
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
        number = positive(id_message, "id_message")
        from ..protocol.calls import DeliveriesCall

        return self._ask(DeliveriesCall(number, range_from, range_to)).rest()

    @boundary
    def call(self, function: str, *params: object, **named: object) -> Any:
        """Call any other Mailkit function and return its answer as plain Python values.

        :param function: its documented name, such as ``mailkit.report.message``
        :param params: over XML-RPC: its parameters after client_id and client_md5, in the documented order: int, str,
            bool, float, bytes (base64), lists, dicts
        :param named: over JSON: its parameters by their documented names; int, str, bool, float, None, lists and dicts,
            each as what it is (the vendor's page shows ids as strings)
        :raises ConfigurationError: parameters of the other kind, or one that cannot be sent; nothing was sent
        :raises ApiError: Mailkit said no: ``Unauthorized``, ``Disallowed IP``, a fault, or a JSON ``error_status``. All
            other strings over XML-RPC are returned, for other functions answer success with one: look at it
        :raises MailkitError: else as :meth:`bounces`

        Note that it is repeated as ``retry=`` says, like all calls: for a function that changes something, make the
        client with ``retry=None``.
        """
        from .call import PROTOCOLS

        call = PROTOCOLS[self._settings.protocol].call_of(function, params, named)
        return next(self._ask(call))[0]

    # --- many reports -------------------------------------------------------------------------------------------------

    @boundary
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
        from .many import Outcomes, SharedClient, checked_many

        checked_many(self._settings, id_sends, max_workers, executor)
        return Outcomes(SharedClient(self._settings, self._connections()), id_sends, max_workers, executor)

    def _ask(self, call: "Call[Row]") -> "Rows[Row]":
        from .call import ask

        return ask(self._settings, self._connections(), call)

    def _connections(self) -> "Pool":
        pool: "Optional[Pool]" = vars(self).get("_pool")
        if pool is None:
            # It brings ssl, email, xmlrpc.client and defusedxml along: not before needed. And not again: an import
            # takes locks in Python code on PyPy, which a signal handler that raises leaves taken.
            from .call import new_pool

            # setdefault is atomic: of two threads that come here first one's pool is kept, and the other's has nothing
            # in it.
            pool = vars(self).setdefault("_pool", new_pool(self._settings))
        return pool

    # --- life and death -----------------------------------------------------------------------------------------------

    @boundary
    def close(self) -> None:
        """Close idle connections. Iterators go on; a later call opens a new connection."""
        pool = vars(self).pop("_pool", None)
        if pool is not None:
            pool.close()

    @boundary
    def __enter__(self: _Client) -> _Client:
        return self

    @boundary
    def __exit__(self, *exc_info: object) -> None:
        self.close()

    def __repr__(self) -> str:
        settings: Optional[Settings] = vars(self).get("_settings")
        if settings is None:  # in the traceback of a constructor that refused
            return "<{}, not set up>".format(type(self).__name__)
        return "{}(client_id={}, url={!r})".format(type(self).__name__, settings.client_id, settings.url.redacted)

    def __getstate__(self) -> Dict[str, Settings]:
        return {"settings": self._settings}

    def __setstate__(self, state: Dict[str, Settings]) -> None:
        self._settings = state["settings"]

    def __deepcopy__(self: _Client, memo: object) -> _Client:
        copied = type(self).__new__(type(self))
        copied._settings = self._settings  # immutable, and an SSLContext in it cannot be copied
        return copied


# Pickles, tracebacks and documentation name the public place, so that the rooms may change.
for _public in __all__:
    globals()[_public].__module__ = "mailkit_xmlrpc"
