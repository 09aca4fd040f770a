"""The Python in README.rst and docs/ runs, against the package's own simulator."""

import copyreg
import gc
import importlib.util
import os
import re
import socket
import textwrap
import warnings
from pathlib import Path

import pytest

from mailkit_xmlrpc.simulator import Simulator

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.rst"] + sorted((ROOT / "docs").rglob("*.rst"))

#: (what a block has that needs an extra, the module that the extra brings)
EXTRAS = (
    ("from distributed import", "distributed"),
    ("from mailkit_xmlrpc.sync import", "sqlalchemy"),
    ("from celery import", "celery"),
    ("from django.", "django"),
    ("from fastapi import", "fastapi"),
    ("from airflow.", "airflow"),
    ("import pandas", "pandas"),
    ("import polars", "polars"),
    ("import duckdb", "duckdb"),
    ("to_arrow", "pyarrow"),
    (".parquet", "pyarrow"),
)
_BLOCK = re.compile(r"^( *)\.\. code(?:-block)?:: *python *\n((?:\1 +:.*\n)*)((?: *\n|\1 +.*\n)+)", re.MULTILINE)


def blocks(text):
    """(line it begins at, its code) of each Python block in reStructuredText."""
    for match in _BLOCK.finditer(text + "\n"):
        yield text.count("\n", 0, match.start(3)) + 1, textwrap.dedent(match.group(3))


@pytest.fixture
def mailkit(monkeypatch):
    """The simulator, announced in the environment; no other host can be looked up (None is this one)."""
    original = socket.getaddrinfo

    def loopback_only(host, *args, **kwargs):
        assert host in ("127.0.0.1", "localhost", None), "the documentation calls {}".format(host)
        return original(host, *args, **kwargs)

    with Simulator() as simulator:
        monkeypatch.setattr(socket, "getaddrinfo", loopback_only)
        for name, value in dict(simulator.environment, MAILKIT_JSON_URL=simulator.json_url).items():
            monkeypatch.setenv(name, value)
        yield simulator


def run(path):
    """Run the Python blocks of one page in order, in one namespace; errors show the page's own lines."""
    namespace = {"__name__": path.stem}
    for line, code in blocks(path.read_text(encoding="utf-8")):
        compiled = compile("\n" * (line - 1) + code, str(path), "exec")
        if any(word in code and importlib.util.find_spec(name) is None for word, name in EXTRAS):
            continue  # tests of the extra are skipped with the reason
        exec(compiled, namespace)


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_page_runs(mailkit, tmp_path, monkeypatch, path):
    """Every Python block of the page runs, in order, as a reader would copy it."""
    monkeypatch.chdir(tmp_path)
    pickled_otherwise = dict(copyreg.dispatch_table)  # Dask changes how every exception of the process is pickled
    try:
        with warnings.catch_warnings():
            foreign = any(word in path.read_text(encoding="utf-8") for word in ("distributed", "celery"))
            warnings.simplefilter("ignore" if foreign else "error")
            run(path)
            gc.collect()  # what is not closed is this page's failure, not the next one's
    finally:
        copyreg.dispatch_table.clear()
        copyreg.dispatch_table.update(pickled_otherwise)


def test_readme_prints_a_row(mailkit, capsys):
    """The README's first example really prints a bounce, and not its error branch."""
    run(ROOT / "README.rst")
    printed = capsys.readouterr().out
    assert "5.1.1" in printed
    assert "no report" not in printed


def test_readme_starts_without_variables(mailkit, monkeypatch, capsys):
    """The README's first example runs as it stands, also where no variable is set: it asks Mailkit itself then."""
    monkeypatch.delenv("MAILKIT_URL")
    monkeypatch.setattr("mailkit_xmlrpc.client.settings.URLS", {"xmlrpc": mailkit.url, "json": mailkit.json_url})
    line, code = next(blocks((ROOT / "README.rst").read_text(encoding="utf-8")))
    exec(compile(code, "README.rst", "exec"), {"__name__": "README"})
    assert "5.1.1" in capsys.readouterr().out


def test_nothing_unpublished_is_named_as_published():
    """No page tells to install this package by name, for it is on no index."""
    for path in PAGES:
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"(install[^\n]*|``)['\" ]?mailkit[-_]xmlrpc(\[|==)", text), path


def test_readme_has_python():
    """The extraction finds the README's examples at all."""
    assert len(list(blocks((ROOT / "README.rst").read_text(encoding="utf-8")))) == 1


def test_blocks_are_found_with_their_lines():
    """Blocks of Python are found whatever their indent and options, with their line numbers; others are left alone."""
    text = textwrap.dedent("""\
        Text
        .. code-block:: python

            a = 1

            if a:
                b = 2

        ..  code-block:: console

            $ no

        * item

          .. code-block:: python
             :caption: x

             c = 3
        end::

            no
        """)
    found = [(line, code.strip()) for line, code in blocks(text)]
    assert found == [(3, "a = 1\n\nif a:\n    b = 2"), (17, "c = 3")]


def test_error_shows_the_pages_line(tmp_path):
    """A failing example is reported at the line where it stands in the page."""
    page = tmp_path / "page.rst"
    page.write_text("x\n\n.. code-block:: python\n\n    a = 1\n    a / 0\n", encoding="utf-8")
    with pytest.raises(ZeroDivisionError) as caught:
        run(page)
    assert caught.traceback[-1].lineno + 1 == 6
    assert os.path.basename(str(caught.traceback[-1].path)) == "page.rst"
