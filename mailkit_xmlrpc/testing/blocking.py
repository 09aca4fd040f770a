"""``--mailkit-block-network``: this package opens no connection to another host than this machine."""

from typing import Any, Generator, List, Tuple
from unittest.mock import patch

import pytest

from ..client.addresses import is_loopback
from ..exceptions import ConnectError
from ..transport import connect, lookup
from ..transport.route import host_and_port

_TEXT = (
    "--mailkit-block-network: this test would have reached {} by mailkit_xmlrpc, which was not allowed to. "
    "With the fixture `mailkit` (or MAILKIT_URL, or url=) it asks the simulator."
)


class Blocking:
    """A plugin of pytest: the call gets a ConnectError, and the test has failed even if it takes no notice of that."""

    def __init__(self) -> None:
        self._blocked: List[str] = []
        self._patches = [
            patch.object(connect._Opening, "open", self._checked(connect._Opening.open, self._of_opening)),
            patch.object(lookup, "addresses_of", self._checked(lookup.addresses_of, self._of_lookup)),
        ]

    def pytest_configure(self) -> None:
        """Begin."""
        for one in self._patches:
            one.start()

    def pytest_unconfigure(self) -> None:
        """End."""
        for one in self._patches:
            one.stop()

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_makereport(self) -> Generator[None, Any, None]:
        """Let the test fail in whose setup, call or teardown something was blocked."""
        outcome = yield
        blocked, self._blocked = self._blocked, []
        if not blocked:
            return
        report = outcome.get_result()
        text = _TEXT.format(", ".join(sorted(set(blocked))))
        if report.outcome == "failed":
            report.sections.append(("mailkit_xmlrpc", text))
        else:
            report.outcome, report.longrepr = "failed", text

    def _checked(self, original: Any, where: Any) -> Any:
        def checked(*args: object) -> object:
            for host, port in where(*args):
                if not is_loopback(host):
                    name = host_and_port(host, port)
                    self._blocked.append(name)
                    problem = ConnectError(
                        "{} is blocked by --mailkit-block-network".format(name),
                        retryable=False,
                        advice="let the test ask the simulator, by the fixture `mailkit`",
                    )
                    raise problem
            return original(*args)

        return checked

    @staticmethod
    def _of_opening(opening: connect._Opening, session: object) -> List[Tuple[str, int]]:
        route = opening._route
        return [(target.host, target.port) for target in (route.url, route.proxy) if target is not None]

    @staticmethod
    def _of_lookup(host: str, port: int, *others: object) -> List[Tuple[str, int]]:
        return [(host, port)]
