"""Rows, errors and outcomes travel between all supported Pythons."""

import pickle
import re

import pytest

import mailkit_xmlrpc
from tests.support import pickled

OBJECTS = pickled.objects()
PROTOCOLS = range(pickle.HIGHEST_PROTOCOL + 1)
#: the modules that a pickle may name: an error needs a function to be made anew
PUBLIC = {b"mailkit_xmlrpc", b"mailkit_xmlrpc.exceptions"}


@pytest.mark.parametrize("name", sorted(OBJECTS))
@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_pickle_gives_the_same(name, protocol):
    """Each object survives every protocol of this Python with its type and all that is in it."""
    travelled = pickle.loads(pickle.dumps(OBJECTS[name], protocol))
    assert pickled.state(travelled) == pickled.state(OBJECTS[name])


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_pickle_names_public_modules_only(protocol):
    """Pickles name classes by their public place, so that they load whatever becomes of the rooms inside."""
    assert set(re.findall(rb"mailkit_xmlrpc[\w.]*", pickle.dumps(OBJECTS, protocol))) == PUBLIC


@pytest.mark.parametrize("path", sorted(pickled.DATA.glob("*.pickle")), ids=lambda path: path.name)
def test_pickle_of_another_python(path):
    """A pickle that another Python wrote (its version is in the file's name) loads as the same objects."""
    travelled = pickle.loads(path.read_bytes())
    assert sorted(travelled) == sorted(OBJECTS)
    for name, thing in OBJECTS.items():
        assert pickled.state(travelled[name]) == pickled.state(thing), name


def test_oldest_and_newest_python_have_written():
    """There is a pickle of the oldest and one of the newest supported Python."""
    names = {path.name for path in pickled.DATA.glob("*.pickle")}
    assert names >= {"python3.6.pickle", "python3.13.pickle"}


@pytest.mark.parametrize("name", [name for name in mailkit_xmlrpc.__all__ if name != "__version__"])
def test_public_name_says_where_it_is_public(name):
    """Every exported class and function says that it is of ``mailkit_xmlrpc``."""
    assert getattr(mailkit_xmlrpc, name).__module__ == "mailkit_xmlrpc"
