"""Rows a second into a file of each format, beside csv.writer and json.dumps; and peak memory. See README.rst.

Each figure comes from a process of its own. Its rows are made before the clock starts.
"""

import csv
import importlib.util
import itertools
import json
import os
import subprocess
import sys
import tempfile
import time
from datetime import datetime, timedelta
from operator import attrgetter

import readers
import table

from mailkit_xmlrpc import Bounce
from mailkit_xmlrpc.cli.files import write_file
from mailkit_xmlrpc.cli.formats import FORMATS, render
from mailkit_xmlrpc.cli.formats.columns import COLUMNS
from mailkit_xmlrpc.cli.formats.database import store

_MIB = 1 << 20
_DIFFERENT = 10000  # rows; then the same come again
_REASONS = (
    ("5.1.1", "permanent", "bad-mailbox", "550 5.1.1 <user{}@example.com>: Recipient address rejected: User unknown"),
    ("4.2.2", "temporary", "full-mailbox", "452 4.2.2 Schránka uživatele {} je plná"),
    ("5.7.1", "temporary", "spam-related", 'Message {} rejected as "spam", see http://example.com/{}'),
)
#: what is there before memory is measured
_IMPORTED = {"sqlite": ["sqlite3"], "xlsx": ["xlsxwriter"], "parquet": ["pyarrow.parquet"]}
_values = attrgetter(*COLUMNS)


def rows_of(number):
    """*number* rows, of which the first 10,000 differ."""
    first = datetime(2024, 3, 1)
    different = []
    for index in range(min(number, _DIFFERENT)):
        status, email_status, category, reason = _REASONS[index % 3]
        email = "user{}@example{}.com".format(index, index % 50)
        date = first + timedelta(seconds=index)
        words = status, email_status, category, reason.format(index, index)
        different.append(Bounce(123456, email, 49000000 + index, 123, 1234567890 + index, date, *words))
    return itertools.islice(itertools.cycle(different), number)


def _csv(rows, path):
    with open(path, "w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(map(_values, rows))


def _json(rows, path):
    with open(path, "w", encoding="utf-8") as file:
        for row in rows:
            file.write(json.dumps(dict(zip(COLUMNS, _values(row))), ensure_ascii=False, default=str) + "\n")


def _ours(name, **options):
    return lambda rows, path: write_file(render(rows, name, **options), path)


def writers():
    """Name -> what writes rows to the file at a path, of all that is installed."""
    found = {"csv.writer": _csv, "json.dumps": _json}
    for one in FORMATS:
        # Found and not imported: the process that measures memory must have no more than it needs.
        if all(map(importlib.util.find_spec, one.extra.modules if one.extra else ())):
            found[one.name] = store if one.name == "sqlite" else _ours(one.name)
    found["csv --excel"] = _ours("csv", excel=True)
    return found


def child(name, number):
    """Write a file, and print its seconds, its bytes, and the bytes of the peak above the process that began."""
    rows = rows_of(int(number))
    write = writers()[name]
    for module in _IMPORTED.get(name, ()):
        importlib.import_module(module)
    idle = readers.peak()
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "rows")
        start = time.perf_counter()
        write(rows, path)
        seconds = time.perf_counter() - start
        print(seconds, os.path.getsize(path), max(0, readers.peak() - idle))


def measured(name, number):
    """The seconds, the size and the peak of writing *number* rows."""
    return map(
        float,
        subprocess.check_output([sys.executable, os.path.abspath(__file__), "--child", name, str(number)]).split(),
    )


def main(argv=None):
    if sys.argv[1:2] == ["--child"]:
        return child(*sys.argv[2:])
    parser = table.argument_parser(__doc__.partition("\n")[0])
    parser.add_argument("--rows", type=table.at_least(10), default=1000000, help="(%(default)s)")
    table.add_names(parser, "--formats", writers())
    options = parser.parse_args(argv)
    lines = []
    for name in options.formats:
        *_, few = measured(name, options.rows // 10)
        seconds, size, peak = measured(name, options.rows)
        figures = ["{:.0f}".format(options.rows / seconds), "{:.1f}".format(size / _MIB)]
        lines.append([name] + figures + ["{:.1f}".format(above / _MIB) for above in (few, peak)])
    header = ["format", "rows a second", "MiB of the file", "peak of a tenth", "peak"]
    title = "{} rows into a file; peak MiB above the process that is about to write".format(options.rows)
    table.show(options.form, [title], header, lines)


if __name__ == "__main__":
    main()
