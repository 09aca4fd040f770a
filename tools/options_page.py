"""Write docs/options.rst: every command and every option, as the parsers have them.

python tools/options_page.py
"""

import argparse
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "options.rst"

HEAD = """\
Commands and options
====================

.. Written by tools/options_page.py out of the parsers; a test compares.

``mailkit-bounces`` is also ``python -m mailkit_xmlrpc``. :doc:`command_line` explains how options work together,
:doc:`exit_codes` and :doc:`environment` have a page each.

{commands}
"""


def page():
    """The text of the page."""
    sys.path.insert(0, str(ROOT))
    from mailkit_xmlrpc.cli import build_parser

    parser = build_parser()
    (commands,) = [action for action in parser._actions if isinstance(action, argparse._SubParsersAction)]
    short = "\n".join("- ``{}``: {}".format(choice.dest, _plain(choice.help)) for choice in commands._choices_actions)
    return "\n".join([HEAD.format(commands=short)] + list(map(_section, commands.choices.items())))


def _section(item):
    name, parser = item
    lines = ["", "mailkit-bounces " + name, "-" * len("mailkit-bounces " + name), "", _plain(parser.description), ""]
    for group in parser._action_groups:
        actions = [action for action in group._group_actions if action.help != argparse.SUPPRESS]
        actions = [action for action in actions if not isinstance(action, argparse._HelpAction)]
        if actions and group.title not in ("positional arguments", "options", "optional arguments"):
            lines += ["**{}**".format(_title(group)), ""]
        for action in actions:
            lines += ["``{}``".format(_named(action)), "    " + _plain(action.help), ""]
    examples = [line for line in parser.epilog.splitlines()[1:] if line.strip()]
    lines += ["Examples:", "", ".. code-block:: text", ""] + ["  " + line for line in examples]
    return "\n".join(lines) + "\n"


def _title(group):
    return group.title[0].upper() + group.title[1:] + (" ({})".format(group.description) if group.description else "")


def _named(action):
    value = action.metavar or ("|".join(map(str, action.choices)) if action.choices else action.dest.upper())
    if not action.option_strings:
        return value + (" ..." if action.nargs in ("*", "+") else "")
    value = "" if action.nargs == 0 else " " + value
    return ", ".join(option + value for option in action.option_strings)


def _plain(text):
    return text.replace("%%", "%").replace("*", "\\*")


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
