"""Which deliveries ``fetch`` asks for, and how: one after the other, or many at once."""
import argparse
import contextlib
import sys
from datetime import datetime, timedelta
from typing import Any, Callable, ContextManager, Generator, Iterable, Iterator, Optional, Tuple

from ._streams import UsageError
from .client import MailkitClient
from .exceptions import DisallowedIPError, UnauthorizedError, UnexpectedShapeError

MAX_WORKERS = 1000  # iter_many's own limit

_REFUSALS = UnauthorizedError, DisallowedIPError  # what iter_many raises at its end
_FIRST_END = datetime.min + timedelta.resolution  # the first moment that has one before it

#: (id, what opens its rows)
Report = Tuple[int, Callable[[], ContextManager[Iterable[Any]]]]


def add_ids(parser: argparse.ArgumentParser, positive: Callable[[str], int], jobs: Callable[[str], int]) -> None:
    """Add what says which deliveries are asked for, and how."""
    parser.add_argument("id_send", metavar="ID_SEND", nargs="*", type=positive, help="number of a delivery")
    parser.add_argument("--ids-from", metavar="FILE", help="more of them, one a line; - is standard input")
    parser.add_argument(
        "--campaign",
        metavar="ID_MESSAGE",
        type=positive,
        help="all deliveries of a campaign; --since and --until then say of which days, and leave out no row",
    )
    parser.add_argument("--jobs", metavar="N", type=jobs, default=1, help="ask for so many at once; default: 1")
    parser.add_argument("--keep-going", action="store_true", help="ask for the other deliveries too when one failed")


def settle_ids(parser: argparse.ArgumentParser, arguments: argparse.Namespace) -> None:
    """Set ``total``, how many deliveries are asked for (None: not known before), and with ``--campaign`` make ``days``
    of ``--since`` and ``--until``; refuse options that do not go together.

    :raises UsageError: with ``--campaign``, days that do not
    """
    if not (arguments.id_send or arguments.ids_from or arguments.campaign):
        parser.error("give the ID_SEND of deliveries, --ids-from FILE, or --campaign ID_MESSAGE")
    if arguments.campaign:
        arguments.days = days(arguments)
        arguments.since = arguments.until = None
    arguments.total = None if arguments.ids_from or arguments.campaign else len(arguments.id_send)


def days(arguments: argparse.Namespace) -> Tuple[Optional[datetime], Optional[datetime]]:
    """The first and the last day of ``--since`` and ``--until``, for a question about deliveries or campaigns.

    :raises UsageError: the second without the first
    """
    if arguments.until and not arguments.since:
        raise UsageError("--until needs --since")
    # --until is the first moment that no longer counts
    return arguments.since, arguments.until and max(arguments.until, _FIRST_END) - timedelta.resolution


def ids_of(client: MailkitClient, arguments: argparse.Namespace, positive: Callable[[str], int]) -> Iterator[int]:
    """Yield the ids, those of a file as its lines come.

    :raises UsageError: a line that is none, a file that cannot be read
    :raises MailkitError: the deliveries of the campaign cannot be found
    """
    yield from arguments.id_send
    if arguments.ids_from:
        yield from _lines(arguments.ids_from, positive)
    if arguments.campaign:
        for delivery in client.deliveries(arguments.campaign, *arguments.days):
            if delivery.id_send is None:
                raise UnexpectedShapeError("a delivery without an ID_SEND that can be read")
            yield delivery.id_send


def _lines(path: str, positive: Callable[[str], int]) -> Iterator[int]:
    number = 0
    try:
        with contextlib.ExitStack() as stack:
            if path == "-" and sys.stdin is None:  # closed before we were started
                raise UsageError("standard input is closed")
            lines = sys.stdin if path == "-" else stack.enter_context(open(path, encoding="utf-8-sig"))
            for number, line in enumerate(lines, 1):
                if line.strip():
                    yield positive(line.strip())
    except argparse.ArgumentTypeError as error:
        words = "line {} of --ids-from: {}".format(number, error)
    except UnicodeDecodeError:
        words = "the file of --ids-from is no text"
    except OSError as error:
        words = "the file of --ids-from cannot be read: {}".format(error.strerror)
    else:
        return
    raise UsageError(words)


def reports(client: MailkitClient, ids: Iterable[int], jobs: int) -> Generator[Report, None, None]:
    """Yield the report of each of *ids*, as they are complete; what opens its rows raises what went wrong with it."""
    if jobs == 1:
        for id_send in ids:
            yield id_send, lambda: client.iter_bounces(id_send)  # opened before the next id is taken
        return
    refused = False
    with client.iter_many(ids, max_workers=jobs) as outcomes:
        try:
            for outcome in outcomes:
                refused = refused or isinstance(outcome.error, _REFUSALS)
                yield outcome.id_send, _Opened(outcome.unwrap)
        except _REFUSALS:  # told by the outcomes already, or it was the campaign that was refused
            if not refused:
                raise


class _Opened:
    """A report that is there already, with the manners of one that is being read."""

    def __init__(self, unwrap: Callable[[], Any]) -> None:
        self._unwrap = unwrap

    def __call__(self) -> "_Opened":
        return self

    def __enter__(self) -> Any:
        return self._unwrap()

    def __exit__(self, *exc_info: object) -> None:
        pass
