"""The plugin of pytest: what its page shows runs, blocked tests fail, and loading it costs nothing."""

import os
import re
import subprocess
import sys
import textwrap
from types import SimpleNamespace

import pytest

import mailkit_xmlrpc
from mailkit_xmlrpc import ConnectError, MailkitClient
from mailkit_xmlrpc.testing import plugin
from mailkit_xmlrpc.transport import lookup
from tests.project.test_readme import ROOT, blocks

HOME = os.path.dirname(os.path.dirname(os.path.abspath(mailkit_xmlrpc.__file__)))
CODE_UNDER_TEST, FIVE, _, UNITTEST = [code for _, code in blocks((ROOT / "docs" / "testing.rst").read_text("utf-8"))]


def run(folder, *command, **environment):
    """(exit code, what is printed) of Python with *command* in *folder*, where nothing else is."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("MAILKIT", "PYTEST", "COV"))}
    done = subprocess.run(
        [sys.executable] + list(command),
        cwd=str(folder),
        env=dict(clean, PYTHONPATH=HOME, PYTHONDONTWRITEBYTECODE="1", **environment),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        universal_newlines=True,
        timeout=120,
    )
    return done.returncode, done.stdout


def run_pytest(folder, code, *options, **environment):
    """The same of pytest with one file of tests. The plugin is named, for it may be not installed; others are not
    loaded."""
    environment.setdefault("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    (folder / "test_it.py").write_text(textwrap.dedent(code), encoding="utf-8")
    plugins = ("-p", "mailkit_xmlrpc.testing.plugin", "-p", "no:cacheprovider", "-p", "no:randomly")
    return run(folder, "-m", "pytest", "-W", "error", "-rA", *plugins, *options, **environment)


def test_page_of_pytest(tmp_path):
    """The five tests of the page pass as they stand there."""
    code, printed = run_pytest(tmp_path, CODE_UNDER_TEST + FIVE, "--mailkit-block-network")
    assert code == 0 and "5 passed" in printed, printed


def test_page_of_unittest(tmp_path):
    """So do the same with unittest."""
    (tmp_path / "test_it.py").write_text(CODE_UNDER_TEST + UNITTEST, encoding="utf-8")
    code, printed = run(tmp_path, "-W", "error", "-m", "unittest", "-v", "test_it")
    assert code == 0 and "Ran 5 tests" in printed, printed


FIXTURES = """
    import os
    import subprocess
    import sys
    from mailkit_xmlrpc import MailkitClient

    def test_first(mailkit, mailkit_client):
        assert mailkit.calls == [] and "MAILKIT_CLIENT_MD5_FILE" not in os.environ
        assert mailkit_client.campaigns() == []
        assert len(mailkit.calls) == 1

    def test_second_has_its_own(mailkit):
        assert mailkit.calls == []
        mailkit.add(7, [{"EMAIL": "a@example.com"}])
        with MailkitClient.from_env(protocol="json") as client:
            assert len(client.bounces(7)) == 1
        command = [sys.executable, "-m", "mailkit_xmlrpc", "fetch", "7", "-o", "csv"]
        assert b"a@example.com" in subprocess.check_output(command)

    def test_last():
        assert (os.environ["MAILKIT_CLIENT_MD5_FILE"], "MAILKIT_URL" in os.environ) == ("/nowhere", False)
"""


@pytest.mark.slow
def test_fixtures_set_the_environment_of_their_test(tmp_path):
    """Each test has its own simulator, and the environment is as it was after it."""
    code, printed = run_pytest(tmp_path, FIXTURES, MAILKIT_CLIENT_MD5_FILE="/nowhere")
    assert code == 0 and "3 passed" in printed, printed


BLOCKED = """
    import contextlib
    import unittest
    import pytest
    from mailkit_xmlrpc import MailkitClient, MailkitError
    from mailkit_xmlrpc.cli import main

    def ask(**options):
        with MailkitClient(1234567, "0" * 32, **options) as client:
            return client.bounces(1)

    def test_failed_by_the_error():
        ask()

    def test_failed_though_it_takes_no_notice():
        with contextlib.suppress(MailkitError):
            ask(protocol="json", proxy="")

    def test_failed_by_its_proxy():
        with pytest.raises(MailkitError, match="nothing was sent"):
            ask(url="https://127.0.0.1:9/", proxy="http://proxy.example:3128")

    def test_failed_on_threads():
        with MailkitClient(1234567, "0" * 32, url="https://api.example/") as client:
            assert [outcome.error.retryable for outcome in client.iter_many([1, 2], max_workers=2)] == [False, False]

    def test_failed_by_the_command(monkeypatch):
        monkeypatch.setenv("MAILKIT_CLIENT_MD5", "0" * 32)
        assert main(["doctor", "--client-id", "1", "--url", "https://doctor.example/"]) == 6

    @pytest.mark.xfail(reason="not even so")
    def test_failed_as_expected():
        ask(url="https://xfail.example/")

    @pytest.fixture
    def asked():
        with contextlib.suppress(MailkitError):
            ask(url="https://fixture.example/")

    def test_error_in_its_fixture(asked):
        pass

    class TestCase(unittest.TestCase):
        def test_failed_of_unittest(self):
            self.assertRaises(MailkitError, ask)

    def test_passed_on_loopback(mailkit):
        mailkit.add(1, [])
        assert MailkitClient.from_env().bounces(1) == []
        with pytest.raises(MailkitError):
            ask(url="https://localhost:9/", retry=None)
"""


@pytest.mark.slow
def test_blocked_network_fails_tests(tmp_path):
    """Whoever would reach another host has failed, whatever becomes of the error; this machine may be asked."""
    code, printed = run_pytest(tmp_path, BLOCKED, "--mailkit-block-network")
    outcomes = re.findall(r"^(FAILED|ERROR|PASSED|XFAIL) \S+::(test_\w+)", printed, re.MULTILINE)
    assert {
        name: outcome for outcome, name in outcomes if (outcome, name) != ("PASSED", "test_error_in_its_fixture")
    } == {
        "test_failed_by_the_error": "FAILED",
        "test_failed_though_it_takes_no_notice": "FAILED",
        "test_failed_by_its_proxy": "FAILED",
        "test_failed_on_threads": "FAILED",
        "test_failed_by_the_command": "FAILED",
        "test_failed_as_expected": "FAILED",
        "test_failed_of_unittest": "FAILED",
        "test_error_in_its_fixture": "ERROR",
        "test_passed_on_loopback": "PASSED",
    }, printed
    text = "--mailkit-block-network: this test would have reached {} by mailkit_xmlrpc, which was not allowed to."
    for host in ("api.mailkit.eu:443", "proxy.example:3128", "doctor.example:443", "xfail.example:443"):
        assert text.format(host) in printed, printed
    assert code == 1


LOADED = """
import sys, pytest
before = set(sys.modules)
import mailkit_xmlrpc{}
print(" ".join(sorted(set(sys.modules) - before)))
"""


def test_plugin_loads_no_more_than_the_package(tmp_path):
    """Before a fixture is used, the plugin has loaded itself and what ``import mailkit_xmlrpc`` loads."""
    package, plugin = (
        set(run(tmp_path, "-c", LOADED.format(more))[1].split()) for more in ("", ", mailkit_xmlrpc.testing.plugin")
    )
    assert plugin - package == {"mailkit_xmlrpc.testing", "mailkit_xmlrpc.testing.plugin"}


@pytest.mark.slow
def test_plugin_may_be_named_twice(tmp_path):
    """By -p, by pytest_plugins and by its entry point: it is one."""
    (tmp_path / "conftest.py").write_text('pytest_plugins = ["mailkit_xmlrpc.testing.plugin"]\n', encoding="utf-8")
    code, printed = run_pytest(tmp_path, "def test_it(mailkit): pass", PYTEST_DISABLE_PLUGIN_AUTOLOAD="")
    assert code == 0 and "1 passed" in printed, printed


# --- the same in this process, which coverage sees --------------------------------------------------------------------


def test_client_of_this_test(mailkit, mailkit_client):
    """The fixtures give a simulator without deliveries, and a client that does not pause."""
    mailkit.add(7, [{"EMAIL": "a@example.com"}])
    mailkit.fail(7, "status-503", times=2)
    assert [row.email for row in mailkit_client.bounces(7)] == ["a@example.com"]
    assert [call.outcome for call in mailkit.calls] == ["status-503", "status-503", "rows"]


class Config:
    """As much of pytest's as the plugin asks for."""

    def __init__(self, block):
        self.block = block
        self.pluginmanager = self
        self.registered = []

    def getoption(self, name):
        assert name == "--mailkit-block-network"
        return self.block

    def register(self, one, name):
        self.registered.append(one)


def test_option_is_added():
    """The option is a switch, and off without a word."""
    added = []
    group = SimpleNamespace(addoption=lambda *names, **options: added.append((names, options["action"])))
    plugin.pytest_addoption(SimpleNamespace(getgroup=lambda name: group))
    assert added == [(("--mailkit-block-network",), "store_true")]


def report_after(blocking, outcome):
    """What the plugin makes of a report."""
    report = SimpleNamespace(outcome=outcome, longrepr=None, sections=[])
    making = blocking.pytest_runtest_makereport()
    next(making)
    with pytest.raises(StopIteration):
        making.send(SimpleNamespace(get_result=lambda: report))
    return report


def test_blocking_of_this_test(mailkit, mailkit_client):
    """What is blocked is told once, in the report of the test that did it; afterwards nothing is blocked."""
    configs = [Config(False), Config(True)]
    for config in configs:
        plugin.pytest_configure(config)
    assert configs[0].registered == []
    (blocking,) = configs[1].registered
    blocking.pytest_configure()
    try:
        mailkit.add(7, [])
        assert mailkit_client.bounces(7) == []
        assert report_after(blocking, "passed").outcome == "passed"
        for outcome in ("passed", "failed"):
            with MailkitClient(1, "0" * 32, url="https://api.example/", proxy="") as client:
                with pytest.raises(ConnectError) as caught:
                    client.bounces(1)
            assert str(caught.value) == (
                "api.example:443 is blocked by --mailkit-block-network; nothing was sent: let the test ask the "
                "simulator, by the fixture `mailkit`"
            )
            report = report_after(blocking, outcome)
            assert report.outcome == "failed"
            assert "api.example:443" in (report.longrepr if outcome == "passed" else report.sections[0][1])
        with pytest.raises(ConnectError):
            lookup.addresses_of("dns.example", 53, 1.0)
    finally:
        blocking.pytest_unconfigure()
    assert "dns.example" in report_after(blocking, "passed").longrepr
    assert lookup.addresses_of.__module__ == "mailkit_xmlrpc.transport.lookup"
    assert lookup.addresses_of.__name__ == "addresses_of"
