"""Shared by the tests over sockets."""

import tempfile

import pytest

from tests.support.bench import Bench
from tests.support.scripted_server import ScriptedServer


@pytest.fixture
def watched(tmp_path, monkeypatch):
    """A directory for temporary files of this test's own."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


@pytest.fixture(scope="session")
def authority():
    """A certificate authority of our own."""
    return pytest.importorskip("trustme", reason="certificates for the tests need trustme").CA()


@pytest.fixture
def bench():
    """See Bench."""
    with ScriptedServer() as server:
        yield Bench(server)
