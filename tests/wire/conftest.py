"""Shared by the tests over TLS."""
import pytest


@pytest.fixture(scope="session")
def authority():
    """A certificate authority of our own."""
    return pytest.importorskip("trustme", reason="certificates for the tests need trustme").CA()
