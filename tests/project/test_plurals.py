"""A number and its noun agree: where the number may be one, ``counted`` makes them."""

import ast
import re
from pathlib import Path

import mailkit_xmlrpc

PACKAGE = Path(mailkit_xmlrpc.__file__).resolve().parent
NOUNS = (
    "addresses bounces bytes campaigns changes characters days deliveries files hours ids lines messages reports rows "
    "seconds texts times values"
)
#: a number is put before a noun of many, or before one that leaves it open
MANY = re.compile(r"(?:\{{\w*\}}|%d) (?:[a-z]+ )?(?:{})\b(?!=)|\w\(e?s\)".format(NOUNS.replace(" ", "|")))
#: of these, the number is a limit of the package's, or never one
SURE = (
    "the request is larger than {} bytes",
    "its XML declaration is longer than {} characters",
    "its header is longer than {} bytes",
    "a line longer than {} bytes",
    "more than {} header lines",
    "a value of {} characters (not shown: it may be a secret)",
    "a text of at least {} characters: ",
    "the file of --key-file holds less than {} characters",
    "{} cut, for a cell of Excel holds {} characters",
    "{} has a text of {} characters in the column {}, and may have been cut there",
)


def texts():
    """(file, text) of each text in the package that is neither a docstring nor one of the page's, which has forms."""
    for path in sorted(PACKAGE.rglob("*.py")):
        if path.parent.name == "report":
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            for child in ast.iter_child_nodes(node):
                # Until Python 3.7 it is an ast.Str, with its text in s.
                text = vars(child).get("value", vars(child).get("s"))
                if isinstance(text, str) and not isinstance(node, ast.Expr):
                    yield path.relative_to(PACKAGE).as_posix(), text


def test_number_and_noun_agree():
    """``of 1 deliveries`` is said nowhere."""
    found = [(name, text) for name, text in texts() if MANY.search(text)]
    assert [(name, text) for name, text in found if not text.startswith(SURE)] == []
    assert len(found) >= len(SURE), "texts are looked at"
