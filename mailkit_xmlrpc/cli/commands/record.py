"""``mailkit-bounces record`` and ``mailkit-bounces scrub``: an answer as it came, but for what is personal."""

import argparse
import os
from typing import Any, Mapping, Optional

from ...client.environment import content_of
from ...exceptions.redact import Secret
from ...protocol.calls import BouncesCall, Call, CampaignsCall, DeliveriesCall
from ...recorder.answers import Answer
from ...recorder.files import EXPECT, FROM_FILE, HTTP, Origin, files_of, read
from ...recorder.record import record, scrubbed_answer
from .. import dates, options
from ..errors import UsageError, say
from ..files import target_of, write_file
from ..parser import Commands
from ..texts import printable

_RECORD_EXAMPLES = """\
mailkit-bounces record 123456 -O recording.xml
mailkit-bounces record --campaigns --protocol json -O campaigns.json
mailkit-bounces record --deliveries 12345 --since 2024-03-01 -O deliveries.xml
"""
_SCRUB_EXAMPLES = """\
mailkit-bounces scrub answer.xml
mailkit-bounces scrub answer.xml --keep VENDOR_CODE -O recording.xml
"""
_LEAST_KEY = 16  # characters


def add(commands: Commands) -> None:
    """Add both commands."""
    parser = commands.add(
        "record", run_record, "keep an answer of Mailkit's as it came, with pseudonyms", _RECORD_EXAMPLES
    )
    parser.add_argument("id_send", metavar="ID_SEND", nargs="?", type=options.positive, help="number of a delivery")
    parser.add_argument("--campaigns", action="store_true", help="the list of campaigns instead of a report")
    parser.add_argument(
        "--deliveries", metavar="ID_MESSAGE", type=options.positive, help="the list of a campaign's deliveries instead"
    )
    parser.add_argument("--since", type=dates.since, metavar="DATE", help="of these lists: " + dates.SINCE)
    parser.add_argument("--until", type=dates.until, metavar="DATE", help="with --since: " + dates.UNTIL)
    _add_file(parser, "write the answer there", required=True)
    _add_pseudonyms(parser)
    options.add_account(parser)
    parser = commands.add("scrub", run_scrub, "put pseudonyms into an answer that you have in a file", _SCRUB_EXAMPLES)
    parser.add_argument("file", metavar="FILE", help="the body of an answer; FILE.http is the head of its response")
    _add_file(parser, "write there; default: FILE itself is replaced", required=False)
    _add_pseudonyms(parser)


def _add_file(parser: argparse.ArgumentParser, text: str, required: bool) -> None:
    text += ", whole or not at all; FILE.http and perhaps FILE.expect stand beside it"
    parser.add_argument("-O", "--output-file", metavar="FILE", type=_file, required=required, help=text)


def _file(text: str) -> str:
    """Read where to write to."""
    path = options.output_file(text)
    if path is None:
        raise argparse.ArgumentTypeError("it must be a file: others are written beside it")
    return path


def _add_pseudonyms(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--keep",
        metavar="NAME",
        action="append",
        default=[],
        help="a member whose values stay, but for addresses; several times means all of them",
    )
    parser.add_argument(
        "--key-file",
        metavar="FILE",
        help="a text of at least {} characters: the same key makes the same pseudonyms; default: a new one each time"
        "".format(_LEAST_KEY),
    )


def run_record(arguments: argparse.Namespace) -> int:
    """Run ``record`` and return its exit code."""
    call = _call_of(arguments)
    key = _key_of(arguments)
    with options.client_of(arguments) as client:
        answer, origin = record(client, call)
        md5 = client._settings.client_md5
    _write(scrubbed_answer(answer, key, arguments.keep, md5), origin, arguments.output_file)
    return 0


def run_scrub(arguments: argparse.Namespace) -> int:
    """Run ``scrub`` and return its exit code."""
    path = arguments.file
    key = _key_of(arguments)
    body, http = _content(path), _content(path + HTTP)
    if body is None:
        raise UsageError("there is no file {}".format(printable(path)))
    answer = read(body, _content(path + EXPECT), http)
    if answer is None:
        say("{} is scrubbed already, and left as it is".format(printable(path)))
        return 0
    target = arguments.output_file or path
    if http is None and os.path.exists(target + HTTP):
        raise UsageError("{} is there, the head of another answer".format(printable(target + HTTP)))
    answer = scrubbed_answer(answer, key, arguments.keep, Secret(_md5(os.environ)))
    _write(answer, FROM_FILE, target, has_head=http is not None)
    return 0


def _md5(environment: Mapping[str, str]) -> str:
    """The md5 that is looked for: that of the account, if there is one."""
    path = environment.get("MAILKIT_CLIENT_MD5_FILE", "")
    return environment.get("MAILKIT_CLIENT_MD5", "") or (content_of(path, "MAILKIT_CLIENT_MD5_FILE") if path else "")


def _call_of(arguments: argparse.Namespace) -> "Call[Any]":
    """The call that is recorded.

    :raises UsageError: there is none, or there are several; the days do not go together
    """
    if "on_bad_text" in vars(arguments):
        arguments.parser.error("--on-bad-text changes nothing that is recorded")
    given = (arguments.id_send is not None) + arguments.campaigns + (arguments.deliveries is not None)
    if given != 1:
        arguments.parser.error("give one of ID_SEND, --campaigns and --deliveries ID_MESSAGE")
    if arguments.id_send is not None:
        if arguments.since or arguments.until:
            arguments.parser.error("--since and --until go with --campaigns or --deliveries")
        return BouncesCall(arguments.id_send)
    days = options.days(arguments)
    return CampaignsCall(*days) if arguments.campaigns else DeliveriesCall(arguments.deliveries, *days)


def _key_of(arguments: argparse.Namespace) -> bytes:
    """The key of the pseudonyms; nobody ever sees one that is made here.

    :raises ConfigurationError: the file of the key cannot be used
    """
    if arguments.key_file is None:
        return os.urandom(32)
    key = content_of(arguments.key_file, "--key-file")
    if len(key) < _LEAST_KEY:
        raise UsageError("the file of --key-file holds less than {} characters".format(_LEAST_KEY))
    return key.encode("utf-8")


def _content(path: str) -> Optional[bytes]:
    """What is in the file at *path*; None where there is none.

    :raises UsageError: it cannot be read
    """
    try:
        with open(path, "rb") as file:
            return file.read()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise UsageError("{} cannot be read: {}".format(printable(path), error.strerror))


def _write(answer: Answer, origin: Origin, path: str, has_head: bool = True) -> None:
    """Write the files of a recording; the body comes last."""
    # An expectation that is there may hold the originals.
    files = files_of(answer, origin, beside=os.path.exists(path + EXPECT))
    if not has_head:
        del files[HTTP]
    # None is written where another cannot be.
    for end in files:
        target_of(path + end)
    for end in sorted(files, reverse=True):
        write_file([files[end]], path + end)
    say("{} is written, with pseudonyms; look through it before you give it away".format(printable(path)))
