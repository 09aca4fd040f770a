"""``mailkit-bounces doctor``: from settings to credentials, each step ok or what to do; nothing secret is shown."""

import argparse
import os
import time
from collections import Counter
from typing import Iterator, Mapping, NamedTuple, Optional

from ...client.client import MailkitClient
from ...client.settings import doubt_about_md5
from ...exceptions import DisallowedIPError, InvalidSendIdError, LocalError, MailkitError, UnauthorizedError
from ...exceptions.redact import counted
from ...transport.route import HttpProxy, host_and_port
from ..errors import NOT_AS_BELIEVED, exit_code, say, words_of
from ..options import add_account, client_of, positive
from ..parser import Commands
from ..streams import write

_EXAMPLES = """\
mailkit-bounces doctor
mailkit-bounces doctor --live 123456
MAILKIT_URL=https://api.example/rpc.fcgi mailkit-bounces doctor
"""
_PROBE = 1  # an ID_SEND that is hardly ours: "Invalid ID_send" says that all before it is well
_SECONDS = 30.0  # for a connection


class Step(NamedTuple):
    """What was found in one step.

    :param error: what went wrong; None where all is well
    :param text: what is so where all is well
    """

    name: str
    error: Optional[MailkitError]
    text: str = ""

    def __str__(self) -> str:
        verdict, text = ("ok", self.text) if self.error is None else ("FAIL", words_of(self.error))
        return "{:5} {:12} {}\n".format(verdict, self.name, text)


def add(commands: Commands) -> None:
    """Add the command."""
    parser = commands.add("doctor", run, "check settings, network and account, step by step", _EXAMPLES)
    parser.add_argument(
        "--live",
        metavar="ID_SEND",
        type=positive,
        help="if all is well, compare what is answered for that delivery with what this package believes of Mailkit",
    )
    add_account(parser)


def run(arguments: argparse.Namespace) -> int:
    """Run the command and return its exit code."""
    steps = list(_steps(arguments))
    write(map(str, steps))
    # The first that fails is the last.
    error = steps[-1].error
    if error is not None:
        return exit_code(error)
    return 0 if arguments.live is None else _compared(arguments)


def _compared(arguments: argparse.Namespace) -> int:
    """Print what became of each claim, and return the exit code."""
    from ...claims.answers import answers_of
    from ...claims.table import CLAIMS, CONTRADICTED

    with client_of(arguments) as client:
        answers = answers_of(client, arguments.live)
    findings = [(claim, claim.compare(answers)) for claim in CLAIMS]
    line = "{:13} {:5} {}{}\n".format
    write(
        line(found.verdict, claim.source, claim.text, ": " + found.words if found.words else "")
        for claim, found in findings
    )
    counts = Counter(found.verdict for _, found in findings)
    say("doctor: " + ", ".join("{} {}".format(number, verdict) for verdict, number in sorted(counts.items())))
    return NOT_AS_BELIEVED if counts[CONTRADICTED] else 0


def _steps(arguments: argparse.Namespace) -> Iterator[Step]:
    """Yield what was found, step by step; the first that fails is the last."""
    try:
        client = client_of(arguments)
    except MailkitError as error:
        yield Step("settings", error)
        return
    with client:
        settings = client._settings
        doubt = doubt_about_md5(settings.client_md5)
        md5 = "md5 set" + (", but doubtful: {}".format(doubt) if doubt else "")
        yield Step("settings", None, "client_id {}, {}, {}".format(settings.client_id, md5, settings.url.redacted))
        proxy = settings.proxy
        yield Step("proxy", None, proxy_in_words(proxy, settings.url.tls, vars(arguments).get("proxy"), os.environ))
        from ...transport.lookup import addresses_of

        host, port = (settings.url.host, settings.url.port) if proxy is None else (proxy.host, proxy.port)
        try:
            found = addresses_of(host, port, _SECONDS, "" if proxy is None else "the proxy ")
        except MailkitError as error:
            yield Step("DNS", error)
            return
        yield Step("DNS", None, "{} has {}".format(host, counted(len(found), "address", "addresses")))
        yield from _connected(client)


def proxy_in_words(proxy: Optional[HttpProxy], tls: bool, given: Optional[str], environment: Mapping[str, str]) -> str:
    """Return which proxy is used, and why.

    :param tls: whether the API is asked over https
    :param given: what ``--proxy`` says; None where it is not given
    """
    where = "none" if proxy is None else host_and_port(proxy.host, proxy.port)
    if given is not None:
        return where + ", from --proxy"
    if not tls:
        return "none: http goes to this machine only"
    names = {name.lower(): name for name in sorted(environment, key=str.lower) if environment[name]}
    # As the standard library has it, the variable in lower case counts more.
    names.update({name: name for name in environment if name in ("https_proxy", "no_proxy") and environment[name]})
    if environment.get("https_proxy") == "":
        return "none: https_proxy is empty"
    if proxy is not None:
        return "{}, from {}{}".format(where, names["https_proxy"], _about_exceptions(names, environment))
    if "https_proxy" in names:
        return "none: {} names this host, and {} does not count".format(
            names.get("no_proxy", "NO_PROXY"), names["https_proxy"]
        )
    ignored = "; {} does not count, set HTTPS_PROXY".format(names["all_proxy"]) if "all_proxy" in names else ""
    return "none: HTTPS_PROXY is not set" + ignored


def _about_exceptions(names: Mapping[str, str], environment: Mapping[str, str]) -> str:
    """Return what is to be said of ``NO_PROXY``, which follows the standard library."""
    if "no_proxy" not in names:
        return ""
    text = "; {} does not name this host".format(names["no_proxy"])
    return text + (" (ranges of addresses do not count there)" if "/" in environment[names["no_proxy"]] else "")


def _connected(client: MailkitClient) -> Iterator[Step]:
    """Yield the steps from the connection on."""
    from ...client.call import new_pool
    from ...transport.deadline import Deadline

    name = "TLS" if client._settings.url.tls else "connection"
    try:
        new_pool(client._settings).take(Deadline(_SECONDS, time.monotonic)).close()
    except MailkitError as error:
        yield Step("proxy" if str(error).startswith("the proxy ") else name, error)
        return
    yield Step(name, None, "connected" + ("" if name == "connection" else ", the certificate is accepted"))
    try:
        client.bounces(_PROBE)
    except InvalidSendIdError:
        pass  # it looked for the delivery: so it knows us
    except DisallowedIPError as error:
        yield Step("allowed IP", error)
        return
    except UnauthorizedError as error:
        # INF: in which order it looks at the two is not documented.
        yield Step("allowed IP", None, "Mailkit answered")
        yield Step("credentials", error)
        return
    except MailkitError as error:
        yield Step("machine" if isinstance(error, LocalError) else "answer", error)
        return
    yield Step("allowed IP", None, "calls from here are allowed")
    yield Step("credentials", None, "Mailkit accepts them")
