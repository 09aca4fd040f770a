"""What CONTRIBUTING.rst says of the tree is so: the rooms are all drawn, and every file that it names exists."""

import re
from pathlib import Path

import pytest

import mailkit_xmlrpc
from tests.support.fixture_files import SOURCES, TAGS

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "CONTRIBUTING.rst"
PACKAGE = Path(mailkit_xmlrpc.__file__).resolve().parent

pytestmark = pytest.mark.skipif(not PAGE.exists(), reason="the documentation is not here")


def section(title):
    """The text under *title*."""
    text = PAGE.read_text(encoding="utf-8").split("\n{}\n{}\n".format(title, "-" * len(title)))[1]
    return re.split(r"\n.+\n-{5,}\n", text)[0]


def test_every_room_is_drawn():
    """The drawing of the rooms shows each folder of the package, and no other."""
    drawn = re.findall(r"^      ([a-z_]+)/ ", section("The rooms"), re.MULTILINE)
    assert sorted(drawn) == sorted(path.parent.name for path in PACKAGE.glob("*/__init__.py"))


@pytest.mark.parametrize(
    "title",
    [
        "The way of a byte",
        "Where else to look",
        "Add a fixture",
        "Add a field",
        "Add a fault, or a claim",
        "Add a command",
        "Habits",
    ],
)
def test_files_that_are_named_exist(title):
    """Modules, folders and pages are where the page says that they are."""
    named = re.findall(r"``([\w.]+(?:/[\w.]*)+)``", section(title))
    assert [name for name in named if not ((ROOT / name).exists() or (PACKAGE / name).exists())] == []


def test_recordings_are_asked_for():
    """Whoever has an account is asked for a recording, and each tag and source of a fixture is named."""
    known = section("What is known of the service")
    assert "please send a recording" in known and "``mailkit-bounces record ID_SEND -O recording.xml``" in known
    assert [tag for tag in TAGS if "``{}``".format(tag) not in known] == []
    fixture = section("Add a fixture")
    assert [source for source in SOURCES if "``{}``".format(source) not in fixture] == []


def test_way_of_a_byte_passes_each_room():
    """From the client through protocol and transport to the model, by modules."""
    modules = re.findall(r"``(\w+)/[\w/]+\.py``", section("The way of a byte"))
    assert set(modules) == {"client", "protocol", "transport", "model"}
    assert (modules[0], modules[-1]) == ("client", "model")
