"""What the tests of the simulator share."""

import pytest

from mailkit_xmlrpc.simulator import Simulator


@pytest.fixture
def simulator():
    """A simulator with its default reports."""
    with Simulator() as running:
        yield running
