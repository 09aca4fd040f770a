"""The textfile for Prometheus, which node_exporter's textfile collector reads.

https://prometheus.io/docs/instrumenting/exposition_formats/ has the format. All series carry the name of the file as
``check``, so that several checks can write a file each.
"""

import os
import time
from typing import Dict, Iterator, List, Optional

from .limits import Reached


def render_textfile(path: str, by_kind: Dict[str, int], sent: Optional[int], reached: List[Reached]) -> Iterator[str]:
    """Yield the text, a line at a time.

    :param path: of the file
    :param by_kind: kind -> bounces
    :param sent: messages sent; None where that is unknown
    """
    check = {"check": os.path.splitext(os.path.basename(path))[0]}
    yield from _head("mailkit_bounces", "Bounces, by what they say about the address.")
    for kind, number in by_kind.items():
        yield _line("mailkit_bounces", dict(check, kind=kind), number)
    if sent is not None:
        yield from _head("mailkit_bounces_sent", "Messages sent.")
        yield _line("mailkit_bounces_sent", check, sent)
    yield from _head("mailkit_bounces_limit_passed", "Whether more bounces than allowed count for a limit.")
    for one in reached:
        yield _line("mailkit_bounces_limit_passed", dict(check, limit=one.limit.text), int(one.is_passed))
    yield from _head("mailkit_bounces_limit_bounces", "Bounces that count for a limit.")
    for one in reached:
        yield _line("mailkit_bounces_limit_bounces", dict(check, limit=one.limit.text), one.bounces)
    yield from _head("mailkit_bounces_last_check_timestamp_seconds", "When the bounces were last known.")
    yield _line("mailkit_bounces_last_check_timestamp_seconds", check, int(time.time()))


def _head(name: str, text: str) -> Iterator[str]:
    yield "# HELP {} {}\n".format(name, text)
    yield "# TYPE {} gauge\n".format(name)


def _line(name: str, labels: Dict[str, str], value: int) -> str:
    pairs = ",".join('{}="{}"'.format(label, _escaped(text)) for label, text in labels.items())
    return "{}{{{}}} {}\n".format(name, pairs, value)


def _escaped(text: str) -> str:
    text = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    # A name of a file may hold bytes that are no text.
    return text.encode("utf-8", "backslashreplace").decode("utf-8")
