"""The fault matrix: what a network or a server can do wrong, and what must come of it. Data, played by the simulator.

Each line says what the server does with an exchange, which exception must leave the call (or "rows"), how often
``Retry(attempts=3)`` tries, and which attributes the exception has. The lines are made anew for each answer that they
spoil, over either protocol.
"""

from functools import lru_cache
from typing import Dict, Tuple

from . import connections, content, http
from .lines import Answers, Fault

#: title -> the function that makes its lines, in the order of docs/fault_matrix.rst
_TABLES = {
    "Nobody there": connections.nobody,
    "The connection is reset": connections.connection_resets,
    "The server falls silent": connections.silences,
    "The server drips": connections.drips,
    "The connection ends early": connections.early_ends,
    "Lies about the length": http.lengths,
    "Interim answers": http.interim,
    "Statuses": http.statuses,
    "Bodies of errors": http.error_bodies,
    "More than the answer": http.surplus,
    "Compression": http.gzips,
    "Not HTTP": http.not_http,
    "At 200": content.content,
}

#: what only XML has; and "json", which is a wrong answer there and a good one here
ONLY_XML = frozenset(("dtd", "call", "json"))


def matrix(answers: Answers) -> Dict[str, Tuple[Fault, ...]]:
    """Title -> lines. Over JSON the lines about what JSON does not have are left out: faults and ``ONLY_XML``."""
    tables = {title: make(answers) for title, make in _TABLES.items()}
    if answers.protocol == "json":
        return {title: tuple(line for line in lines if _is_in_json(line)) for title, lines in tables.items()}
    return tables


def _is_in_json(line: Fault) -> bool:
    return line.expected != "FaultError" and line.name not in ONLY_XML


def fault_of(name: str, answers: Answers) -> Fault:
    """The line of that name, for one answer."""
    return {line.name: line for line in _TABLES[_title_of()[name]](answers)}[name]


@lru_cache(maxsize=None)
def known() -> Dict[str, Fault]:
    """Name -> line, for a made-up answer over XML-RPC, in the order of the page."""
    return {line.name: line for lines in matrix(Answers("xmlrpc")).values() for line in lines}


@lru_cache(maxsize=None)
def _title_of() -> Dict[str, str]:
    return {line.name: title for title, lines in matrix(Answers("xmlrpc")).items() for line in lines}
