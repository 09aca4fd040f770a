"""Bring the catalogues of the page up to date: every text that the page can say, and the binary form of each.

    python tools/catalogue.py

It needs Jinja2 and polib. A text that has no translation is written with an empty one, which a test then names.
"""

import ast
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
REPORT = ROOT / "mailkit_xmlrpc" / "report"
#: names of the functions that take a text (the second one two texts)
_ONE, _TWO = ("_", "text", "marked"), ("n_", "plural")


def messages():
    """(text, its plural or None) of all that a page can say, each once, in the order of their texts."""
    from jinja2 import Environment
    from jinja2.ext import extract_from_ast

    sys.path.insert(0, str(ROOT))
    from mailkit_xmlrpc.analysis.hints import TEMPLATES
    from mailkit_xmlrpc.model.enhanced_status import DETAILS, SUBJECTS

    found = set()
    page = Environment().parse((REPORT / "page.html").read_text(encoding="utf-8"))
    for _, _, text in extract_from_ast(page, gettext_functions=_ONE[:1] + _TWO[:1]):
        # Of a text alone, what else it is given are its values.
        found.add(text[:2] if isinstance(text, tuple) and text[1] is not None else (_first(text), None))
    for path in sorted(REPORT.glob("*.py")):
        found.update(_in_python(path))
    found.update((text, None) for text in TEMPLATES + tuple(DETAILS.values()) + tuple(SUBJECTS.values()))
    found.add(("not registered", None))
    return sorted(found, key=str)


def _first(text):
    return text[0] if isinstance(text, tuple) else text


def _in_python(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            name = getattr(node.func, "attr", getattr(node.func, "id", ""))
            texts = list(map(_text, node.args))
            if name in _ONE and texts and isinstance(texts[0], str):
                yield texts[0], None
            elif name in _TWO and len(texts) > 1 and isinstance(texts[0], str):
                yield texts[0], texts[1]


def _text(node):
    # ast.Str until Python 3.7, ast.Constant since 3.8.
    return node.s if type(node).__name__ == "Str" else getattr(node, "value", None)


def main():
    """Write the catalogues."""
    import polib

    for path in sorted(REPORT.glob("locale/*/LC_MESSAGES/*.po")):
        old = polib.pofile(str(path))
        new = polib.POFile(wrapwidth=110)
        new.metadata = old.metadata
        for one, many in messages():
            entry = old.find(one) or polib.POEntry(msgid=one, msgid_plural=many or "")
            new.append(entry)
        new.save(str(path))
        path.with_suffix(".mo").write_bytes(new.to_binary())


if __name__ == "__main__":
    main()
