"""The plugin of pytest, from 7.0 on: fixtures ``mailkit`` and ``mailkit_client``, and ``--mailkit-block-network``.

See docs/testing.rst.
"""

from typing import TYPE_CHECKING, Iterator

import pytest

if TYPE_CHECKING:
    from ..client.client import MailkitClient
    from ..simulator import Simulator

#: would change where the code under test takes its account from
_OTHERS = ("MAILKIT_CLIENT_MD5_FILE", "MAILKIT_CA_FILE")


def pytest_addoption(parser: "pytest.Parser") -> None:
    """Add the option."""
    parser.getgroup("mailkit").addoption(
        "--mailkit-block-network",
        action="store_true",
        help="fail each test that would reach another host than this one by mailkit_xmlrpc",
    )


@pytest.fixture
def mailkit() -> "Iterator[Simulator]":
    """A Mailkit on loopback, without deliveries: mailkit_xmlrpc.simulator.Simulator. MAILKIT_CLIENT_ID, _MD5 and _URL
    are set, so that MailkitClient.from_env() asks it."""
    from ..simulator import Simulator

    # Not the fixture `monkeypatch`, which a test may undo in its middle.
    with Simulator(reports={}, campaigns={}) as simulator, pytest.MonkeyPatch.context() as patch:
        for name, value in simulator.environment.items():
            patch.setenv(name, value)
        for name in _OTHERS:
            patch.delenv(name, raising=False)
        yield simulator


@pytest.fixture
def mailkit_client(mailkit: "Simulator") -> "Iterator[MailkitClient]":
    """A MailkitClient made of the environment, for the simulator of the test: it tries three times, without pauses."""
    from ..client.client import MailkitClient
    from ..client.retry import Retry

    with MailkitClient.from_env(retry=Retry(base=0.0)) as client:
        yield client


def pytest_configure(config: "pytest.Config") -> None:
    """Block the network, where that is asked for."""
    if config.getoption("--mailkit-block-network"):
        from .blocking import Blocking

        config.pluginmanager.register(Blocking(), "mailkit-blocking")
