"""Shared by the tests of the command line: no setting of whoever runs them, an account, a client that is none."""

import pytest

from mailkit_xmlrpc.cli import options
from mailkit_xmlrpc.simulator import Simulator
from tests.cli.given import ROWS, FakeClient
from tests.support.account import MD5, environment


@pytest.fixture
def use_account(monkeypatch):
    """``use_account(url)``: the environment of a user of the server there, with the account that simulators know."""

    def use(url, md5=MD5):
        for name, value in environment(url, md5).items():
            monkeypatch.setenv(name, value)

    return use


@pytest.fixture(autouse=True)
def terminal_of_80_columns(monkeypatch):
    """Whatever the terminal of whoever runs the tests has."""
    monkeypatch.setenv("COLUMNS", "80")


@pytest.fixture
def account(use_account):
    """The environment of a user of a simulator that has two reports: 7 with two rows, 8 with none."""
    with Simulator(reports={7: ROWS, 8: []}) as simulator:
        use_account(simulator.url)
        yield simulator


@pytest.fixture
def fake(monkeypatch):
    """Put the fake in the client's place; return the dict of its reports."""
    monkeypatch.setattr(options, "MailkitClient", FakeClient)
    monkeypatch.setattr(FakeClient, "reports", {})
    return FakeClient.reports
