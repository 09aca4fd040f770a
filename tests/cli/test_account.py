"""The account on the command line: where the MD5 comes from, what is said where it is missing, what is logged."""

import getpass
import io
import logging
import sys

import pytest

from mailkit_xmlrpc.cli import main
from tests.cli.given import Terminal
from tests.support.account import MD5

HINT = "; you find API ID and MD5 in your Mailkit account under Profile / Integration\n"


def test_configuration_missing_says_where_it_comes_from(capsys):
    """Without settings the exit code is 2 and stderr says where they come from."""
    assert main(["fetch", "1"]) == 2
    out, err = capsys.readouterr()
    assert out == "" and err.startswith("mailkit-bounces: ") and err.endswith(HINT) and err.count("\n") == 1


@pytest.mark.parametrize("by_option", [True, False])
def test_md5_from_a_file(account, monkeypatch, tmp_path, capsys, by_option):
    """The MD5 may stand in a file, named by --md5-file (which counts more) or by the environment."""
    path = tmp_path / "md5"
    path.write_text(MD5 + "\n")
    if by_option:
        monkeypatch.setenv("MAILKIT_CLIENT_MD5", "wrong")
    else:
        monkeypatch.delenv("MAILKIT_CLIENT_MD5")
        monkeypatch.setenv("MAILKIT_CLIENT_MD5_FILE", str(path))
    assert main(["fetch", "8"] + (["--md5-file", str(path)] if by_option else [])) == 0
    assert capsys.readouterr() == ("", "mailkit-bounces: no bounces\n")


@pytest.mark.parametrize(
    "content, words", [(None, "cannot be read: No such file or directory"), (b"\xff", "is not text")]
)
def test_md5_file_that_cannot_be_read(account, tmp_path, capsys, content, words):
    """A file that is not there or not text is a configuration error."""
    path = tmp_path / "md5"
    if content is not None:
        path.write_bytes(content)
    assert main(["fetch", "8", "--md5-file", str(path)]) == 2
    assert capsys.readouterr().err == "mailkit-bounces: the file of --md5-file ({}) {}".format(path, words) + HINT


def sit_at_a_terminal(monkeypatch, typed):
    """Make stdin and stderr terminals and return *typed* (or raise it) at the prompt."""

    def prompt(text):
        prompts.append(text)
        if isinstance(typed, BaseException):
            raise typed
        return typed

    prompts = []
    monkeypatch.delenv("MAILKIT_CLIENT_MD5", raising=False)
    monkeypatch.setattr(sys, "stdin", Terminal())
    monkeypatch.setattr(sys, "stderr", Terminal())
    monkeypatch.setattr(getpass, "getpass", prompt)
    return prompts


def test_md5_is_asked_for_on_a_terminal(account, monkeypatch):
    """Where the MD5 is missing and somebody sits there, it is asked for without echo."""
    prompts = sit_at_a_terminal(monkeypatch, " " + MD5 + " ")
    assert main(["fetch", "8"]) == 0
    assert prompts == ["MD5 (Mailkit account, Profile / Integration): "]


@pytest.mark.parametrize("typed, code", [(EOFError(), 2), ("", 2), (KeyboardInterrupt(), 130)])
def test_md5_that_is_not_typed(account, monkeypatch, typed, code):
    """An empty or refused prompt is a configuration error, Ctrl-C an interruption."""
    sit_at_a_terminal(monkeypatch, typed)
    assert main(["fetch", "8"]) == code


@pytest.mark.parametrize("name", ["stdin", "stderr"])
def test_md5_is_not_asked_for_without_a_terminal(account, monkeypatch, name):
    """A job without a terminal, or without the stream at all, is never left waiting at a prompt."""
    for stream in (io.StringIO(), None):
        prompts = sit_at_a_terminal(monkeypatch, MD5)
        monkeypatch.setattr(sys, name, stream)
        assert main(["fetch", "8"]) == 2
        assert prompts == []


def test_verbose_logs_to_stderr_without_the_md5(account, capsys):
    """-v shows the package's log for this run, and takes its handler away again."""
    logger = logging.getLogger("mailkit_xmlrpc")
    before = (list(logger.handlers), logger.level)
    assert main(["fetch", "7", "-v"]) == 0
    err = capsys.readouterr().err
    assert "mailkit.report.message.bounces" in err and MD5 not in err
    assert (list(logger.handlers), logger.level) == before
    main(["fetch", "7"])
    assert capsys.readouterr().err == ""
