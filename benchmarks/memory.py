"""Peak memory of reading one report over HTTP, by the number of its rows. See README.rst.

Each figure comes from a process of its own: its peak at the end, less what it had when the package was imported and
nothing else was done. The server is another process.
"""

import os
import subprocess
import sys

import server
import table
from documents import DOCUMENTS
from readers import READERS

_MIB = 1 << 20


def measured(key, url, rows):
    """Bytes above idle, or None where the reader failed (most likely for want of memory; it has said so)."""
    command = [sys.executable, os.path.join(os.path.dirname(os.path.abspath(__file__)), "readers.py"), key, url]
    done = subprocess.run(command, stdout=subprocess.PIPE)
    if done.returncode:
        return None
    found, above = map(int, done.stdout.split())
    if found != rows:
        sys.exit("{} read {} rows instead of {}".format(key, found, rows))
    return above


def in_mib(size):
    return "failed" if size is None else "{:.1f}".format(size / _MIB)


def main(argv=None):
    parser = table.argument_parser(__doc__.partition("\n")[0])
    sizes = [1000, 10000, 100000, 1000000]
    parser.add_argument("--rows", nargs="+", type=table.at_least(1), default=sizes, help="(%(default)s)")
    parser.add_argument("--document", choices=list(DOCUMENTS), default="compact", help="(%(default)s)")
    table.add_names(parser, "--peers", READERS)
    options = parser.parse_args(argv)

    keys = [key for key in options.peers if table.installed(READERS[key].module)]
    lines = []
    with server.running() as url:
        for key in keys:
            peaks = [measured(key, "{}/{}/{}".format(url, options.document, rows), rows) for rows in options.rows]
            line = [READERS[key].label] + [in_mib(size) for size in peaks]
            if len(peaks) > 1:
                line.append("" if None in peaks[-2:] else "{:+.1f}".format((peaks[-1] - peaks[-2]) / _MIB))
            lines.append(line)
    header = ["rows"] + [str(rows) for rows in options.rows]
    if len(options.rows) > 1:
        header.append("last step")
    title = "Peak MiB above the idle interpreter with the package imported; {} document".format(options.document)
    table.show(options.form, [title], header, lines)


if __name__ == "__main__":
    main()
