"""``mailkit-bounces doctor``: from settings to credentials, each step ok or what to do; nothing secret is shown."""
import argparse
import socket
import time
from typing import Any, Callable, Iterator, Tuple

from ._account import is_about_account
from ._command import add_command
from ._streams import write
from .client import MailkitClient
from .exceptions import DisallowedIPError, InvalidSendIdError, LocalError, MailkitError, UnauthorizedError

_EXAMPLES = """\
mailkit-bounces doctor
MAILKIT_URL=https://api.example/rpc.fcgi mailkit-bounces doctor
"""
_PROBE = 1  # an ID_SEND that is hardly ours: "Invalid ID_send" says that all before it is well
_SECONDS = 30.0  # for a connection

Step = Tuple[str, bool, str]  # (name, ok, what is so or what to do)


def add(
    commands: Any,
    add_account: Callable[[argparse.ArgumentParser], None],
    client_of: Callable[[argparse.Namespace], MailkitClient],
) -> None:
    """Add the command."""
    short = "find out why it does not work"
    parser = add_command(commands, "doctor", lambda given: _run(given, client_of), short, _EXAMPLES)
    add_account(parser)


def _run(arguments: argparse.Namespace, client_of: Callable[[argparse.Namespace], MailkitClient]) -> int:
    steps = list(_steps(lambda: client_of(arguments)))
    write("{:5} {:12} {}\n".format("ok" if ok else "FAIL", name, text) for name, ok, text in steps)
    return 0 if all(ok for _, ok, _ in steps) else 2


def _steps(client_of: Callable[[], MailkitClient]) -> Iterator[Step]:
    """Yield what was found, step by step; the first that fails is the last."""
    try:
        client = client_of()
    except MailkitError as error:
        advice = "; API ID and MD5 stand in your account under Profile / Integration" if is_about_account(error) else ""
        yield "settings", False, str(error) + advice
        return
    with client:
        settings = client._settings
        yield "settings", True, "client_id {}, md5 set, {}".format(settings.client_id, settings.url.shown)
        proxy = settings.proxy
        where = (settings.url.host, settings.url.port) if proxy is None else (proxy.host, proxy.port)
        yield "proxy", True, "none" if proxy is None else "{}:{}, from the environment".format(*where)
        try:
            found = socket.getaddrinfo(where[0], where[1], 0, socket.SOCK_STREAM)
        except (OSError, UnicodeError):
            yield "DNS", False, "{} cannot be looked up: check its name and this machine's resolver".format(where[0])
            return
        yield "DNS", True, "{} has {} address(es)".format(where[0], len(found))
        yield from _connected(client)


def _connected(client: MailkitClient) -> Iterator[Step]:
    from ._call import new_pool
    from ._deadline import Deadline

    name = "TLS" if client._settings.url.tls else "connection"
    try:
        new_pool(client._settings).take(Deadline(_SECONDS, time.monotonic)).close()
    except MailkitError as error:
        yield name, False, str(error)
        return
    yield name, True, "connected" + ("" if name == "connection" else ", the certificate is accepted")
    try:
        client.bounces(_PROBE)
    except InvalidSendIdError:
        pass  # it looked for the delivery: so it knows us
    except DisallowedIPError as error:
        yield "allowed IP", False, str(error)
        return
    except UnauthorizedError as error:
        yield "allowed IP", True, "Mailkit answered"  # INF: in which order it looks at the two is not documented
        yield "credentials", False, str(error)
        return
    except LocalError as error:
        yield "machine", False, str(error)
        return
    except MailkitError as error:
        yield "answer", False, str(error)
        return
    yield "allowed IP", True, "calls from here are allowed"
    yield "credentials", True, "Mailkit accepts them"
