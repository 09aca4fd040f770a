"""The Python in README.rst and docs/ runs, against the package's own simulator."""
import copyreg
import importlib.util
import os
import re
import socket
import textwrap
import warnings
from pathlib import Path

import pytest

from mailkit_xmlrpc.simulator import Simulator

ROOT = Path(__file__).resolve().parent.parent
PAGES = [ROOT / "README.rst"] + sorted((ROOT / "docs").rglob("*.rst"))

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
        monkeypatch.setenv("MAILKIT_CLIENT_ID", str(simulator.client_id))
        monkeypatch.setenv("MAILKIT_CLIENT_MD5", simulator.client_md5)
        monkeypatch.setenv("MAILKIT_URL", simulator.url)
        monkeypatch.setenv("MAILKIT_JSON_URL", simulator.json_url)
        yield simulator


def run(path):
    """Run the Python blocks of one page in order, in one namespace; errors show the page's own lines."""
    namespace = {"__name__": path.stem}
    for line, code in blocks(path.read_text(encoding="utf-8")):
        if "from distributed import" in code and importlib.util.find_spec("distributed") is None:
            continue  # an extra that not every Python has; tests/test_dask.py is skipped with the reason
        exec(compile("\n" * (line - 1) + code, str(path), "exec"), namespace)


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_page_runs(mailkit, tmp_path, monkeypatch, path):
    """Every Python block of the page runs, in order, as a reader would copy it."""
    monkeypatch.chdir(tmp_path)
    pickled_otherwise = dict(copyreg.dispatch_table)  # Dask changes how every exception of the process is pickled
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore" if "distributed" in path.read_text(encoding="utf-8") else "error")
            run(path)
    finally:
        copyreg.dispatch_table.clear()
        copyreg.dispatch_table.update(pickled_otherwise)


def test_readme_prints_a_row(mailkit, capsys):
    """The README's first example really prints a bounce, and not its error branch."""
    run(ROOT / "README.rst")
    printed = capsys.readouterr().out
    assert "5.1.1" in printed
    assert "no report" not in printed


def test_readme_has_python():
    """The extraction finds the README's examples at all."""
    assert len(list(blocks((ROOT / "README.rst").read_text(encoding="utf-8")))) >= 2


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
