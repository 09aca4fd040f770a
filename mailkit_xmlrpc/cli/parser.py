"""The parser of the command line: its commands, and errors of one or two lines that tell the value and the remedy.

argparse prints its usage before each error, up to a page of it; here an error names what was given, what would be
right, and where more is said. What could be a secret in the wrong place is never repeated.
"""

import argparse
import difflib
import itertools
import re
import sys
from typing import Any, Callable, Iterable, List, NoReturn, Optional, Sequence, Tuple

from ..exceptions.redact import printable
from .streams import write

_MOST = 60  # characters of a value that are shown
# An MD5, a token or a password that got into the wrong place: a long run of letters and digits, or user:password@host.
_SECRET = re.compile(r"[0-9A-Za-z]{20,}|(?=[0-9]*[A-Fa-f])[0-9A-Fa-f]{16,}|:[^/]*@")
_PREFIX = "argument "


class Complete(argparse.ArgumentTypeError):
    """An error of a value whose text says all: the value itself is in it, or must not be shown."""


def shown(value: str) -> str:
    """Return *value* as an error shows it: in quotes, printable and not too long; or that it is not shown."""
    if _SECRET.search(value):
        return "a value of {} characters (not shown: it may be a secret)".format(len(value))
    return "'{}'".format(printable(value if len(value) <= _MOST else value[: _MOST - 3] + "..."))


def meant(word: str, known: Iterable[str]) -> str:
    """Return `` (did you mean X?)`` for what of *known* looks like *word*; an empty text where nothing does."""
    found = difflib.get_close_matches(word, list(known), 1)
    return " (did you mean {}?)".format(found[0]) if found else ""


class Parser(argparse.ArgumentParser):
    """An ArgumentParser with our errors. It takes no abbreviation: "--md5 VALUE" must not become --md5-file."""

    #: whether it is that of a command
    is_command = False

    def __init__(self, **options: Any) -> None:
        super().__init__(formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False, **options)

    def error(self, message: str) -> NoReturn:
        """End with *message* and where more is said, instead of argparse's page of usage."""
        if message.startswith(_PREFIX):
            message = message[len(_PREFIX) :]
        if message.endswith("required: COMMAND"):
            message = "give a command, such as demo, fetch or doctor"
        message = message.replace("the following arguments are required:", "missing:")
        self.exit(2, "{0}: {1}\nsee {0} --help\n".format(self.prog, message))

    def _print_message(self, message: str, file: Any = None) -> None:
        """Write help and version as all other data: argparse is silent where they cannot be written."""
        if file is not None and file is sys.stdout:
            write([message])
        else:
            super()._print_message(message, file)

    def parse_args(  # type: ignore[override]  # typeshed overloads it by the class of *namespace*, which is ours alone
        self, args: Optional[Sequence[str]] = None, namespace: Optional[argparse.Namespace] = None
    ) -> argparse.Namespace:
        """Parse *args*; what is unknown is named, with the option that may have been meant."""
        found, left = self.parse_known_args(args, namespace)
        if left:
            self._parser_of(found).reject(left)
        return found

    def parse_known_args(  # type: ignore[override]  # for the reason given at parse_args
        self, args: Optional[Sequence[str]] = None, namespace: Optional[argparse.Namespace] = None
    ) -> Tuple[argparse.Namespace, List[str]]:
        """Parse *args*, and return what is unknown, too. An unknown option is an error before anything else is: its
        value would be taken for an ID_SEND, or for a command."""
        args = sys.argv[1:] if args is None else args
        ours = itertools.takewhile(lambda word: word != "--" and (self.is_command or word.startswith("-")), args)
        long = [word for word in ours if word.startswith("--")]
        unknown = [word for word in long if word.partition("=")[0] not in self._option_string_actions]
        if unknown:
            self.reject(unknown)
        return super().parse_known_args(args, namespace)

    def reject(self, left: Sequence[str]) -> NoReturn:
        """End with what of *left*, which nobody knows, is told."""
        # A word without a dash may be the value of the unknown option, and so a secret.
        word = next((word for word in left if word.startswith("-")), left[0]).partition("=")[0]
        options = [option for option, action in self._option_string_actions.items() if action.help != argparse.SUPPRESS]
        likely = meant(word, options) if word.startswith("-") else ""
        what = "there is no option" if word.startswith("-") else "one word too many:"
        self.error("{} {}{}".format(what, shown(word), likely))

    def _parser_of(self, found: argparse.Namespace) -> "Parser":
        (commands,) = [action for action in self._actions if isinstance(action, argparse._SubParsersAction)]
        parser: Parser = commands.choices[found.command]
        return parser

    # These two are argparse's own joints, the same from Python 3.6 to 3.15: where a value is read, and where it is
    # looked for among the choices.

    def _get_value(self, action: argparse.Action, arg_string: str) -> Any:
        reader: Any = self._registry_get("type", action.type, action.type)
        try:
            return reader(arg_string)
        except Complete as error:
            raise argparse.ArgumentError(action, str(error))
        except argparse.ArgumentTypeError as error:
            problem = str(error)
        except (TypeError, ValueError):
            problem = "it must be a number"
        raise argparse.ArgumentError(action, "{} cannot be used: {}".format(shown(arg_string), problem))

    def _check_value(self, action: argparse.Action, value: Any) -> None:
        if action.choices is None or value in action.choices:
            return
        known = list(map(str, action.choices))
        likely = meant(str(value), known)
        if isinstance(action, argparse._SubParsersAction):
            text = "there is no command {}{}".format(shown(str(value)), likely)
            self.error(text if likely else "{}; commands are {}".format(text, ", ".join(known)))
        words = "{} cannot be used: it must be one of {}{}".format(shown(str(value)), ", ".join(known), likely)
        raise argparse.ArgumentError(action, words)


class Commands:
    """The commands of *parser*, which are added one by one."""

    def __init__(self, parser: argparse.ArgumentParser) -> None:
        self._commands = parser.add_subparsers(dest="command", metavar="COMMAND")
        # An argument of add_subparsers only since Python 3.7.
        self._commands.required = True

    def add(
        self, name: str, run: Callable[[argparse.Namespace], int], short: str, examples: str
    ) -> argparse.ArgumentParser:
        """Add a command and return its parser.

        :param run: runs the command with its arguments, and returns the exit code
        :param short: what it does, in a few words
        :param examples: command lines, one a line
        """
        parser: Parser = self._commands.add_parser(  # type: ignore[assignment]  # made of the class of *parser*, which typeshed cannot know
            name,
            help=short,
            description=short[0].upper() + short[1:] + ".",
            epilog="examples:\n" + "".join("  {}\n".format(line) for line in examples.strip().splitlines()),
        )
        parser.is_command = True
        parser.set_defaults(run=run, parser=parser)
        # The default action, that of options with a value which are not made for several.
        for action in (None, "store"):
            parser.register("action", action, _Once)
        return parser


class _Once(argparse.Action):
    """Keeps the value of an option, which may be given once: of two, one would have been for nothing."""

    def __call__(
        self, parser: argparse.ArgumentParser, namespace: argparse.Namespace, values: object, option: object = None
    ) -> None:
        given = vars(namespace).setdefault("given", set())
        if self.option_strings and self.dest in given:
            raise argparse.ArgumentError(self, "it is given twice")
        given.add(self.dest)
        setattr(namespace, self.dest, values)
