"""How programs of others are found and started."""

import pytest

from tests.servers import programs


def test_missing_packages_are_named(asked_for, monkeypatch):
    """What is missing is told as Debian's packages, each once."""
    monkeypatch.setattr(programs, "NEEDED", {"no-such-program": "some", "/no/such/file": "other", "perl": "perl"})
    assert programs.missing_packages() == ["other", "some"]


def test_program_that_does_not_start_says_why(asked_for, tmp_path):
    """A program that ends at once is no riddle: its own words are shown."""
    with pytest.raises(AssertionError, match="perl ended at once:\nbecause of this"):
        programs.Program(["perl", "-e", 'die "because of this\n"'], tmp_path, [1]).start()
