"""What the other tests of this folder need."""

from tests.servers.programs import missing_packages


def test_programs_are_there(asked_for):
    """Every program that is needed is there; where these tests are not asked for, this line says so."""
    assert missing_packages() == []
