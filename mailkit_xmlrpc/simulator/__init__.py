"""A little Mailkit on loopback: try the client, or test an integration, without an account.

Public, like the client: an application's own tests may run against it.

    with Simulator(reports={}) as mailkit:
        mailkit.add(7, [{"EMAIL": "a@example.com", "STATUS": "5.1.1"}])
        mailkit.fail(7, "status-503", times=2)
        MailkitClient(mailkit.client_id, mailkit.client_md5, url=mailkit.url).bounces(7)

``answers`` makes the answer to a call, ``server`` carries it over HTTP, ``faults`` is what can go wrong. What it
imitates is documented by the vendor unless a comment says [inferred]; it is no recording of the live service.
"""

import os
from datetime import date
from typing import TYPE_CHECKING, Dict, Iterable, List, Mapping, Optional, Union

from .account import Account, Report, check_id
from .answers import EITHER_PATH
from .replay import Recording
from .sample import SampleReport, documented_rows, sample_rows
from .script import Call, Script

if TYPE_CHECKING:
    from .faults.lines import Fault
    from .server import Running

__all__ = ["Call", "SampleReport", "Simulator", "documented_rows", "sample_rows"]


class Simulator:
    """A context manager: inside, ``.url`` answers like the documented service, and ``.json_url`` in the JSON form:
    ``mailkit.report.message.bounces``, ``mailkit.report`` and ``mailkit.report.campaign``.

    :param client_id: the one integer that is authorized; any other, or another md5, gets ``Unauthorized``
    :param client_md5: the one string that is authorized with it
    :param reports: ID_SEND (int) -> the rows of its report, each a dict from member name to value. A report is read
        anew for each call: a list, or any object whose ``__iter__`` starts over (rows made on the fly may be more than
        memory holds). None means 123456 with the vendor's three sample rows, and 123457 with none.
    :param campaigns: ID_MESSAGE (int) -> the ID_SEND of its deliveries. None means one, 12345, with all reports
    :param host: the address to listen on; this machine alone can reach the default
    :param port: 0 lets the system choose
    :raises TypeError: a report can be read only once: its second answer would be empty, which is a lie

    Values: int (up to 64 bits), str, float, bool, bytes, None (an empty string, as the service is inferred to send a
    NULL), a datetime (DATE's documented text), lists and dicts. Texts leave as they are: a control character makes the
    answer ill-formed, as it would the service's [inferred].
    """

    def __init__(
        self,
        client_id: int = 1234567,
        client_md5: str = "0123456789abcdef0123456789abcdef",
        reports: Optional[Mapping[int, Report]] = None,
        campaigns: Optional[Mapping[int, Iterable[int]]] = None,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
    ) -> None:
        self.client_id = client_id
        self.client_md5 = client_md5
        self.reports = {123456: documented_rows(), 123457: []} if reports is None else reports
        for id_send, report in self.reports.items():
            if iter(report) is report:
                raise TypeError("the report of {} can be read only once; give a list".format(id_send))
        self.campaigns = {12345: self.reports} if campaigns is None else campaigns
        self._account = Account(client_id, client_md5, self.reports, self.campaigns)
        self._script = Script()
        self._where = (host, port)
        self._running: "Optional[Running]" = None

    @classmethod
    def replay(cls, path: "Union[str, os.PathLike[str]]") -> "Simulator":
        """Return a simulator that answers every call with a recording, whoever asks: what ``mailkit-bounces record``
        has written, or any other body in a file.

        :param path: of its body. Where a file beside it has the same name with ``.http`` behind, status, content type,
            compression, chunks and the end of the connection are as that says
        :raises OSError: there is no such file
        :raises ValueError: the file beside it is no head of a response
        """
        simulator = cls()
        simulator._script.recording = Recording(os.fspath(path))
        return simulator

    def add(
        self,
        id_send: int,
        rows: "Iterable[object]",
        *,
        sent: Union[None, str, date] = None,
        subject: Optional[str] = None,
        send_count: Optional[int] = None,
        campaign: Optional[int] = None,
    ) -> None:
        """Add a delivery. Added again it has another report: so a report grows from day to day, changes, or shrinks.

        :param id_send: ID_SEND
        :param rows: its report: dicts from member name to value, or bounces. It is read anew for each call
        :param sent: DATE of the delivery: a datetime, a date (8 o'clock is meant), or a text like
            ``2014-12-23 08:00:00``
        :param subject: SUBJECT
        :param send_count: SEND_COUNT
        :param campaign: ID_MESSAGE of its campaign; 12345 where none is given

        What is left out stays as it was, where the delivery was added before. Call it at any time, running or not.

        :raises TypeError: the report can be read only once; *id_send* is no int; a row is neither a dict nor a bounce
        """
        self._account.add(id_send, rows, sent, subject, send_count, campaign)

    @property
    def faults(self) -> "Dict[str, Fault]":
        """What can be scripted with ``fail``: name -> a line of the fault matrix (docs/fault_matrix.rst), which tells
        in words what the server does (``.does``), which exception leaves a call (``.expected``), how often the client
        tries (``.tries`` of 3) and the options of the client with which that is so (``.options``)."""
        from .faults import known

        return dict(known())

    def fail(self, id_send: Optional[int], name: str, times: Optional[int] = None) -> None:
        """Let calls fail from now on. What is scripted before for the same calls comes first.

        :param id_send: the delivery whose report is asked for; None: any call, of any function. A fault that comes
            before the request is read (``close-on-accept``, ``stall-before-request``) takes the next connection
        :param name: one of ``faults``, such as ``"status-503"``
        :param times: after so many tries it is over; None: it lasts until ``heal``. ``"refused"`` always does: nobody
            can count connections that were never made
        :raises TypeError: *id_send* is no int
        :raises ValueError: there is no such fault; or another number of times
        """
        if id_send is not None:
            check_id(id_send)
        fault = self.faults.get(name)
        if fault is None:
            from difflib import get_close_matches

            status = "status-{}".format(name)
            close = [status] if status in self.faults else get_close_matches(str(name), self.faults, 1)
            advice = "did you mean {}?".format(close[0]) if close else "see Simulator.faults"
            raise ValueError("there is no fault {!r}; {}".format(name, advice))
        if times is not None and (name == "refused" or times < 1):
            raise ValueError(
                "nobody can count refused connections: leave times out, and call heal()"
                if name == "refused"
                else "times must be at least 1, or None"
            )
        if name == "refused":
            self._script.deaf = True
            if self._running is not None:
                self._running.be_deaf()
            return
        self._script.fail(id_send, name, times, fault.on_connect)
        if fault.on_connect and self._running is not None:
            # Else a client that keeps its connection would not meet it.
            self._running.end_idle()

    def refuse(self, text: Optional[str], after: int = 0) -> None:
        """Refuse every call from now on, as Mailkit does: ``refuse("Disallowed IP 192.0.2.1")``.

        :param text: what is said; None: refuse none
        :param after: answer so many reports before
        """
        self._script.refuse(text, after)

    def delay(self, seconds: float) -> None:
        """Wait *seconds* before each answer from now on; 0: do not.

        :raises TypeError: they are no number
        :raises ValueError: they are less than 0
        """
        if not seconds >= 0:
            raise ValueError("seconds must be at least 0")
        self._script.delay = seconds

    def heal(self) -> None:
        """End whatever was scripted with ``fail``, ``refuse`` and ``delay``."""
        self._script.heal()
        if self._running is not None:
            self._running.listen_again()

    @property
    def calls(self) -> List[Call]:
        """Every try that it saw, oldest first: function, parameters, protocol and outcome; no md5."""
        return self._script.calls()

    @property
    def url(self) -> str:
        """Where it answers, on a port the system chose: ``http://127.0.0.1:PORT/rpc.fcgi``.

        :raises RuntimeError: it is not running
        """
        return self._url("/rpc.fcgi")

    @property
    def json_url(self) -> str:
        """The same for the JSON form: ``http://127.0.0.1:PORT/json.fcgi``.

        :raises RuntimeError: it is not running
        """
        return self._url("/json.fcgi")

    @property
    def environment(self) -> Dict[str, str]:
        """The variables with which ``MailkitClient.from_env()`` and the command line ask it, over either protocol.

        :raises RuntimeError: it is not running
        """
        return {
            "MAILKIT_CLIENT_ID": str(self.client_id),
            "MAILKIT_CLIENT_MD5": self.client_md5,
            "MAILKIT_URL": self._url(EITHER_PATH),
        }

    def _url(self, path: str) -> str:
        if self._running is None:
            raise RuntimeError("the simulator runs only inside its with block")
        return "http://{}{}".format(self._running.netloc, path)

    def start(self) -> "Simulator":
        """Start it, where a ``with`` block does not fit.

        :raises RuntimeError: it is running
        """
        if self._running is not None:
            raise RuntimeError("the simulator is running already")
        from .server import Running

        self._running = Running(self._account, self._script, *self._where)
        return self

    def stop(self) -> None:
        """Stop it; twice is fine."""
        running, self._running = self._running, None
        if running is not None:
            running.stop()

    def __enter__(self) -> "Simulator":
        return self.start()

    def __exit__(self, *exc_info: object) -> None:
        self.stop()


# The public place, which stays when a module moves.
for _public in __all__:
    globals()[_public].__module__ = "mailkit_xmlrpc.simulator"
