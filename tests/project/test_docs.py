"""The documentation hangs together: pages, links, the reference, shell blocks, words, and the length of sentences."""

import argparse
import dataclasses
import os
import re
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

import mailkit_xmlrpc
from mailkit_xmlrpc import cli, exceptions
from mailkit_xmlrpc.cli import errors
from mailkit_xmlrpc.simulator import Simulator

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
PAGES = sorted(DOCS.glob("*.rst"))
#: what people read first; the other documents at the top are for developers
PROSE = [path for path in PAGES if path.stem not in ("options", "fault_matrix", "benchmarks", "security")]

pytestmark = pytest.mark.skipif(not PAGES, reason="the documentation is not here")


def text_of(path):
    return path.read_text(encoding="utf-8")


def needed(name):
    """Import *name*, or skip; where the documentation is proven, fail."""
    if os.environ.get("MAILKIT_TEST_DOCS"):
        return __import__(name)
    return pytest.importorskip(name, reason="{} (extra docs) is not installed".format(name))


# --- pages and links --------------------------------------------------------------------------------------------------


def test_each_page_is_in_one_list():
    """Every page is reached from the front page, once."""
    listed = re.findall(r"^   ([a-z_]+)$", text_of(DOCS / "index.rst"), re.MULTILINE)
    assert sorted(listed) == sorted(path.stem for path in PAGES if path.stem != "index")


@pytest.mark.parametrize("path", PAGES + [ROOT / "README.rst"], ids=lambda path: path.name)
def test_links_lead_somewhere(path):
    """Pages, files and pictures that are named are there."""
    text = text_of(path)
    for name in re.findall(r":doc:`(?:[^`<]*<)?([^`>]+)>?`", text):
        assert (DOCS / (name + ".rst")).exists(), name
    for name in re.findall(r"(?:image|figure|include):: (\S+)", text) + re.findall(r"`[^`]+ <([^:>]+)>`_", text):
        assert (path.parent / name).exists(), name
    for name in re.findall(r"``((?:docs|fixtures|benchmarks|tools)/[\w./-]+)``", text):
        assert (ROOT / name).exists(), name


def test_readme_is_short():
    """The front page is read to its end."""
    text = text_of(ROOT / "README.rst")
    assert len(text.splitlines()) <= 120
    assert text.split("\n.. The links end the front page.")[1].count("`_") == 5


def test_readme_commands_keep_their_form():
    """.ci/run finds the two commands by their beginnings."""
    lines = [line.strip() for line in text_of(ROOT / "README.rst").splitlines()]
    (demo,) = [line for line in lines if line.startswith("python3 -m venv .venv && .venv/bin/pip install . && ")]
    (suite,) = [line for line in lines if line.startswith(".venv/bin/pip install '.[test]' && ")]
    assert demo.endswith(".venv/bin/mailkit-bounces demo") and suite.endswith("pytest -n 4")


@pytest.mark.slow
def test_site_is_built_without_a_warning(tmp_path):
    """Sphinx has nothing to say."""
    needed("sphinx")
    needed("furo")
    command = [sys.executable, "-m", "sphinx", "-W", "-q", "-b", "html", str(DOCS), str(tmp_path)]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, universal_newlines=True)
    assert done.returncode == 0, done.stdout
    python = (tmp_path / "python.html").read_text(encoding="utf-8")
    for name in ("id_send_message", "deliveries_before", "report_html", "soft_within"):
        assert name in python


# --- the reference ----------------------------------------------------------------------------------------------------


def test_options_are_those_of_the_parsers(monkeypatch):
    """docs/options.rst is what tools/options_page.py writes now."""
    if not (ROOT / "tools").exists():
        pytest.skip("the tools are not here")
    monkeypatch.syspath_prepend(str(ROOT / "tools"))
    import options_page

    assert text_of(DOCS / "options.rst") == options_page.page()


def test_each_option_is_in_the_reference():
    """Every command with every option that its help shows."""
    text = text_of(DOCS / "options.rst")
    (commands,) = [one for one in cli.build_parser()._actions if isinstance(one, argparse._SubParsersAction)]
    sections = dict(re.findall(r"^mailkit-bounces (\w+)\n-+\n(.*?)(?=^mailkit-bounces \w+\n-|\Z)", text, re.M | re.S))
    assert list(sections) == list(commands.choices)
    for name, parser in commands.choices.items():
        shown = set(re.findall(r"(?<![\w-])(--?[a-zA-Z][a-z0-9-]*)(?= |`|,)", sections[name]))
        for action in parser._actions:
            if action.help != argparse.SUPPRESS and action.dest != "help":
                assert set(action.option_strings) <= shown, (name, action.dest)


def test_each_exception_is_in_the_reference():
    """Every exception has its entry and its line in the tree."""
    text = text_of(DOCS / "exceptions.rst")
    for name in exceptions.__all__ + ["PlanRefusedError"]:
        assert ".. autoexception:: {}\n".format(name) in text
        assert re.search(r"^ +{} ".format(name), text, re.M), name


def test_each_public_name_is_in_the_reference():
    """Every class and function of the package and of sync has its entry."""
    from mailkit_xmlrpc import sync

    text = text_of(DOCS / "python.rst")
    for name in set(mailkit_xmlrpc.__all__ + sync.__all__) - set(exceptions.__all__):
        if name not in ("__version__", "PlanRefusedError"):
            assert re.search(r"\.\. auto(class|function):: {}\n".format(name), text), name


def test_each_field_is_in_the_reference():
    """Every field of a record is described where the reference takes it from: its docstring."""
    for name in mailkit_xmlrpc.__all__:
        kind = getattr(mailkit_xmlrpc, name)
        names = getattr(kind, "_fields", ())
        if isinstance(kind, type) and dataclasses.is_dataclass(kind):
            names = [field.name for field in dataclasses.fields(kind)]
        for field in names:
            assert ":param {}:".format(field) in kind.__doc__, (name, field)


def test_each_exit_code_is_in_the_reference():
    """The page has the codes of --help."""
    codes = re.findall(r"^(\d+) ", text_of(DOCS / "exit_codes.rst"), re.M)
    known = {str(code) for _, code in errors._EXIT_CODES} | {"0", "1", "8", "129", "130", "143"}
    assert sorted(map(int, codes)) == sorted(map(int, known))
    assert set(re.findall(r"^  (\d+) ", cli._HELP, re.M)) <= set(codes)


def test_each_environment_variable_is_in_the_reference():
    """Every variable of ours that the sources name is on the page."""
    named = set()
    for path in Path(mailkit_xmlrpc.__file__).resolve().parent.rglob("*.py"):
        named |= set(re.findall(r"\bMAILKIT_[A-Z0-9_]+", path.read_text(encoding="utf-8")))
    assert sorted(named - set(re.findall(r"``(MAILKIT_\w+)``", text_of(DOCS / "environment.rst")))) == []


# --- shell blocks -----------------------------------------------------------------------------------------------------

_BASH = re.compile(r"^\.\. code-block:: bash\n\n((?:    .*\n|\n)+)", re.MULTILINE)


def shell_of(path):
    """All that a reader copies into a shell from the page, in order."""
    return "".join(textwrap.dedent(block) for block in _BASH.findall(text_of(path) + "\n"))


SHELL = [path for path in PAGES + [ROOT / "README.rst"] if shell_of(path) and path.stem != "tutorial"]


@pytest.mark.skipif(os.name == "nt", reason="a POSIX shell")
@pytest.mark.parametrize("path", SHELL, ids=lambda path: path.name)
def test_shell_blocks_run(tmp_path, path):
    """Each command works as it stands, against the simulator."""
    program = tmp_path / "bin" / "mailkit-bounces"
    program.parent.mkdir()
    program.write_text('#!/bin/sh\nexec "{}" -W error -m mailkit_xmlrpc "$@"\n'.format(sys.executable))
    program.chmod(0o755)
    (program.parent / "python3").symlink_to(sys.executable)
    if "report" in shell_of(path):
        pytest.importorskip("jinja2", reason="the page needs the extra report")
    with Simulator() as mailkit:
        environment = {
            "PATH": "{}:{}".format(program.parent, os.environ["PATH"]),
            "PYTHONPATH": str(Path(mailkit_xmlrpc.__file__).resolve().parents[1]),
            "MAILKIT_URL": mailkit.url,
            "MAILKIT_CLIENT_ID": str(mailkit.client_id),
            "MAILKIT_CLIENT_MD5": mailkit.client_md5,
        }
        done = subprocess.run(
            ["/bin/sh", "-e", "-c", shell_of(path)],
            cwd=str(tmp_path),
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            universal_newlines=True,
            timeout=120,
        )
    assert done.returncode == 0, done.stdout
    if path.stem == "alerts":
        assert done.stdout.count("look before you act: exit code 2") == 1 and "too many bounces" not in done.stdout


# --- units of systemd, and cron's line --------------------------------------------------------------------------------


def test_units_of_systemd(tmp_path):
    """They are what systemd's own tool takes, where it is there; each has its sections in any case."""
    text = text_of(DOCS / "nightly.rst")
    found = re.findall(r"::\n\n(    \[Unit\]\n(?:    .*\n|\n)+)", text)
    units = [textwrap.dedent(unit) for unit in found]
    assert len(units) == 2 and "ExecStart=" in units[0] and "OnCalendar=" in units[1]
    tool = shutil.which("systemd-analyze")
    if tool is not None:
        calendar = re.search("OnCalendar=(.*)", units[1]).group(1)
        subprocess.run([tool, "calendar", calendar], check=True, stdout=subprocess.DEVNULL)


def test_line_of_cron():
    """Five fields of time, a user, a command."""
    (line,) = re.findall(r"^    ([\d*/,-]+(?: [\d*/,-]+){4} .*sync)$", text_of(DOCS / "nightly.rst"), re.M)
    minute, hour = map(int, line.split()[:2])
    assert 0 <= minute < 60 and 0 <= hour < 24 and line.split()[5] == "mailkit"


# --- words ------------------------------------------------------------------------------------------------------------

#: what stopped readers, each for its kind
STOPPERS = (
    "stand in its menu",
    "one a line",
    "ask for so many",
    "where it is another",
    "not its fault",
    "nothing says",
    "suppresses less counts",
    "to which message after message",
    "get into the plan when enough",
    "is in no time",
)


def sentences(text):
    """The sentences of the prose of a page: no code, no tables, no headings, no lists of options."""
    text = re.sub(r"^(\.\. code-block::.*|.*::)\n(?:\n|[ ]+.*\n)+", "\n\n", text, flags=re.M)
    text = re.sub(r"^\.\. .*\n(?:[ ]+.*\n)*", "", text, flags=re.M)
    text = re.sub(r"^=+ +=.*?^=+ +=[^\n]*\n\n", "", text, flags=re.M | re.S)
    text = re.sub(r"^.*\n[=~-]{3,}\n", "\n", text, flags=re.M)
    text = re.sub(r"^[*-] ", "\n", text, flags=re.M)
    for paragraph in re.split(r"\n\s*\n", text):
        for sentence in re.split(r"(?<=[.!?:;])\s+", " ".join(paragraph.split())):
            words = re.findall(r"[\w'/.<>@-]+", sentence)
            if len(words) > 2:
                yield len(words)


@pytest.mark.parametrize("path", PROSE + [ROOT / "README.rst"], ids=lambda path: path.name)
def test_sentences_are_short(path):
    """At most 25 words on average."""
    lengths = list(sentences(text_of(path)))
    assert not lengths or sum(lengths) / len(lengths) <= 25


def test_sentences_are_counted():
    """The measure sees a long one, and no code."""
    text = "Title\n=====\n\nOne two three. " + "word " * 40 + "\n\n::\n\n    code in here\n\nA b c.\n"
    assert list(sentences(text)) == [3, 40, 3]


@pytest.mark.parametrize("path", PROSE + [ROOT / "README.rst", DOCS / "options.rst"], ids=lambda path: path.name)
def test_nothing_stops_a_reader(path):
    """The sentences that once did are gone, and stay so."""
    text = " ".join(text_of(path).split())
    assert [words for words in STOPPERS if words in text] == []


def test_spelling():
    """codespell has nothing to say, of the pages and of what the command line shows."""
    needed("codespell_lib")
    from codespell_lib import main

    package = Path(mailkit_xmlrpc.__file__).resolve().parent
    paths = PAGES + [ROOT / "README.rst", ROOT / "SECURITY.rst", package / "cli", package / "report" / "page.html"]
    assert main("--skip=*.po,*.mo,*.pyc", *map(str, paths)) == 0
