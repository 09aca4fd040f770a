"""Reports from files, ``ID_SEND.json`` (a list) or ``ID_SEND.jsonl``: of rows, or of bounces as commands write them."""

import json
import os
import re
from typing import Dict, Iterator

from .account import MEMBERS


class SavedReport:
    """The rows of a file, read anew for each call."""

    def __init__(self, path: str) -> None:
        self.path = path

    def __iter__(self) -> Iterator[Dict[str, object]]:
        with open(self.path, encoding="utf-8") as file:
            rows = (
                json.load(file) if self.path.endswith(".json") else (json.loads(line) for line in file if line.strip())
            )
            for row in rows:
                yield _members(row)


def _members(row: Dict[str, object]) -> Dict[str, object]:
    """*row* with Mailkit's names: a bounce has them in lower case, ISO 8601 for its date, and ``extra``."""
    if "email" not in row:
        return row
    members = {name: row.get(name.lower()) for name in MEMBERS}
    members["DATE"] = str(members["DATE"] or "").replace("T", " ")[:19]
    extra = row.get("extra")
    members.update(extra if isinstance(extra, dict) else {})
    return members


def saved_reports(folder: str) -> Dict[int, SavedReport]:
    """ID_SEND -> report, of the files in *folder*.

    :raises OSError: it cannot be read
    :raises ValueError: there are two files of one delivery, or none at all
    """
    reports: Dict[int, SavedReport] = {}
    for name in sorted(os.listdir(folder)):
        match = re.fullmatch(r"([0-9]{1,18})\.jsonl?", name)
        if match is None:
            continue
        if int(match.group(1)) in reports:
            raise ValueError("there are two files of the delivery {} in {}".format(match.group(1), folder))
        reports[int(match.group(1))] = SavedReport(os.path.join(folder, name))
    if not reports:
        raise ValueError("no file in {} is named like a delivery: 123456.json or 123456.jsonl".format(folder))
    return reports
