"""What the scripts print: the machine, and one table."""

import argparse
import importlib
import os
import platform
import subprocess
import time
from xml.parsers import expat

import mailkit_xmlrpc


def argument_parser(description):
    """A parser with the options that all scripts have."""
    parser = argparse.ArgumentParser(description=description)
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--markdown", dest="form", action="store_const", const="markdown", help="a table for Markdown")
    form.add_argument("--rst", dest="form", action="store_const", const="rst", help="a table for reStructuredText")
    return parser


def add_names(parser, option, known):
    """Add an option that takes one or more of *known*, by default all."""
    words = ", ".join(known)

    def checked(text):  # argparse's own choices would stand in the help twice
        if text not in known:
            raise argparse.ArgumentTypeError("{} is not one of {}".format(text, words))
        return text

    parser.add_argument(option, nargs="+", type=checked, default=list(known), metavar="NAME", help="of " + words)


def at_least(least):
    """The type of an argument that is an int from *least* on."""

    def number(text):
        if int(text) < least:
            raise ValueError
        return int(text)

    return number


def installed(module):
    """Whether *module* can be imported (it is: do not ask in a process whose imports are measured)."""
    try:
        importlib.import_module(module)
    except ImportError:
        return False
    return True


# --- the machine ----------------------------------------------------------------------------------------------------


def machine():
    """Lines that say where and with what was measured."""
    return [
        "{} UTC; {}, {} cores; {}".format(
            time.strftime("%Y-%m-%d %H:%M", time.gmtime()), _cpu(), os.cpu_count(), platform.platform()
        ),
        "{} {}; {}; lxml {}; defusedxml {}; mailkit_xmlrpc {}".format(
            platform.python_implementation(),
            platform.python_version(),
            expat.EXPAT_VERSION.replace("_", " "),
            _version("lxml"),
            _version("defusedxml"),
            mailkit_xmlrpc.__version__,
        ),
    ]


def _version(module):
    return importlib.import_module(module).__version__ if installed(module) else "not installed"


def _cpu():
    try:
        with open("/proc/cpuinfo", encoding="utf-8", errors="replace") as file:
            for line in file:
                if line.startswith("model name"):
                    return line.partition(":")[2].strip()
    except OSError:
        pass
    try:
        command = ["sysctl", "-n", "machdep.cpu.brand_string"]  # macOS
        found = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, universal_newlines=True)
        return found.stdout.strip() or platform.processor()
    except OSError:
        return platform.processor() or platform.machine()


# --- the table ------------------------------------------------------------------------------------------------------


def show(form, titles, header, rows):
    """Print machine, titles and one table; *header* and *rows* are lists of strings, numbers from the second on."""
    print("\n".join(_paragraph(form, machine() + titles)))
    print()
    print("\n".join(_table(form, header, rows)))


def _paragraph(form, lines):
    if form is None:
        return lines
    bullet = "* " if form == "rst" else "- "
    return [bullet + line for line in lines]


def _table(form, header, rows):
    lines = [header] + rows
    widths = [max(len(line[column]) for line in lines) for column in range(len(header))]
    first, last, between = ("| ", " |", " | ") if form == "markdown" else ("", "", "  ")
    if form == "markdown":
        rule = "|{}|".format("|".join("-" * (width + 1) + "-:"[column > 0] for column, width in enumerate(widths)))
    else:
        rule = "  ".join(("=" if form == "rst" else "-") * width for width in widths)
    table = []
    for line in lines:
        padded = [line[0].ljust(widths[0])] + [cell.rjust(width) for cell, width in zip(line[1:], widths[1:])]
        table.append(first + between.join(padded) + last)
    table.insert(1, rule)
    return table if form == "markdown" else [rule] + table + [rule]
