"""What an error advises exists: each argument that a text names as ``name=`` is one, and an option, too."""

import ast
import inspect
import re
from pathlib import Path

import pytest

from mailkit_xmlrpc import ConfigurationError, MailkitClient, cli, exceptions
from mailkit_xmlrpc.cli import errors
from mailkit_xmlrpc.cli.errors import IN_OPTIONS, words_of

PACKAGE = Path(cli.__file__).resolve().parents[1]
_NAMED = re.compile(r"(?<![\w?&\"'{])([a-z][a-z_]*)=(?:\"[a-z]+\"|(?![\w={\"'%<-]))")


def texts(path):
    """The strings in a module that are no docstrings."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    docstrings = set()
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if isinstance(body, list) and body and isinstance(body[0], ast.Expr):
            docstrings.add(id(body[0].value))
    for node in ast.walk(tree):
        # ast.Str until Python 3.7, ast.Constant since 3.8.
        text = getattr(node, "s", None) if type(node).__name__ == "Str" else getattr(node, "value", None)
        if type(node).__name__ in ("Str", "Constant") and isinstance(text, str) and id(node) not in docstrings:
            yield text


def advised():
    """(file, name) of each ``name=`` in the sources, but those of the command line, which has options."""
    for path in sorted(PACKAGE.rglob("*.py")):
        if not {"cli", "simulator"} & set(path.relative_to(PACKAGE).parts):
            for text in texts(path):
                for name in _NAMED.findall(text):
                    yield path.name, name


def options():
    """Every option string of the command line."""
    (commands,) = [action for action in cli.build_parser()._actions if action.dest == "command"]
    return {option for parser in commands.choices.values() for one in parser._actions for option in one.option_strings}


def test_advice_is_found():
    """The search finds what there is."""
    assert {"timeout", "deadline", "url", "max_response_bytes", "ca_file", "proxy", "ssl_context"} <= {
        name for _, name in advised()
    }


@pytest.mark.parametrize("place, name", sorted(set(advised())))
def test_advice_exists(place, name):
    """What a text advises is an argument of the client, and an option, or the command line says it otherwise."""
    assert name in inspect.signature(MailkitClient).parameters
    assert name in IN_OPTIONS or name in errors._IN_PYTHON


def test_options_exist():
    """Each option that an argument becomes can be given."""
    assert set(IN_OPTIONS.values()) <= options()
    assert set(IN_OPTIONS) | set(errors._IN_PYTHON) <= set(inspect.signature(MailkitClient).parameters)


def every_text():
    """An error of each class, with each advice there is."""
    yield exceptions.RequestTimeoutError("reading", 1)
    yield exceptions.DeadlineExceededError(1)
    for status in (301, 404, 400):
        yield exceptions.HTTPStatusError(status, "No required SSL certificate was sent")
    yield exceptions.HTTPProtocolError("x")
    yield exceptions.ResponseTooLargeError(1, advice="raise max_response_bytes= if the report is that large")
    for path in sorted((PACKAGE / "transport").glob("*.py")):
        for text in texts(path):
            if _NAMED.search(text):
                yield exceptions.ConnectError("x", advice=text)


@pytest.mark.parametrize("error", list(every_text()), ids=str)
def test_command_line_speaks_of_options(error):
    """On the command line no text names an argument of Python as such."""
    assert _NAMED.search(str(error)) and not _NAMED.search(words_of(error))


@pytest.mark.parametrize(
    "text, expected",
    [
        ("timeout must be a number", "--timeout must be a number"),
        ("ca_file is no file", "--ca-file is no file"),
        ("the url= of it", "the --url of it"),
        ('the rate="slow" of it', "the --rate slow of it"),
        ('the rate="slow"er of it', 'the rate="slow"er of it'),
        ("MAILKIT_CLIENT_ID must be set", "MAILKIT_CLIENT_ID (or --client-id) must be set" + errors.WHERE_IT_IS),
        ("timeouts must", "timeouts must"),
    ],
)
def test_text_of_a_configuration_error(text, expected):
    """A text that begins with an argument begins with its option."""
    assert words_of(ConfigurationError(text)) == expected
