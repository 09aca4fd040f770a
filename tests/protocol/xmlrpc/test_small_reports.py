"""Small reports: the fast path reads them too, once reports of their layout have brought enough in this process."""

import pytest

from mailkit_xmlrpc.protocol.calls import BouncesCall
from mailkit_xmlrpc.protocol.limits import SMALL
from mailkit_xmlrpc.protocol.xmlrpc import XmlRpc, fast_path
from tests.support.decoding import answer

MEMBER = "<member><name>{}</name><value><string>x</string></value></member>".format
STRUCT = "<value><struct>{}</struct></value>".format


@pytest.fixture(autouse=True)
def fresh():
    """Nothing is known of any layout, before the test and after it."""

    def clear():
        fast_path._latest.clear()
        for cached in (fast_path._met, fast_path._row_pattern):
            cached.cache_clear()

    clear()
    yield
    clear()


def report(*names, blanks=""):
    """A report of one row with the members *names*, with *blanks* before the end of the row."""
    row = STRUCT("".join(MEMBER(name) for name in names) + blanks)
    return answer("<value><array><data>{}</data></array></value>".format(row)).encode()


def read(document):
    reader = XmlRpc().rows(BouncesCall(7), None, len(document))
    return reader.feed(document) + reader.close()


def compiled():
    return fast_path._row_pattern.cache_info().misses


def test_after_enough_of_them():
    """The rows are the same before and after, and nothing is compiled for the few reports of most processes."""
    document = report("EMAIL", "STATUS")
    first = read(document)
    assert [(row.email, row.status) for row in first] == [("x", "x")]
    calls = 1
    while not compiled():
        assert read(document) == first
        calls += 1
    assert calls - 1 < SMALL / len(document) <= calls
    for _ in range(5):
        assert read(document) == first
    assert compiled() == 1


def test_members_do_not_matter_but_white_space_does():
    """Whatever the members of a row, its layout is the same; reports of a new one begin anew."""
    while not compiled():
        read(report("EMAIL", "STATUS"))
    assert read(report("STATUS", "EMAIL", "NEW"))[0].extra == {"NEW": "x"}
    assert compiled() == 1
    for width in range(1, 40):  # more than are remembered
        assert read(report("EMAIL", blanks=" " * width))[0].email == "x"
    assert compiled() == 1


def test_layout_of_the_report_before(monkeypatch):
    """A small report that has it is read without a look for a layout; one that has not is read all the same. A large
    one has its own look: the usual types of its ids may be others."""
    document, other = report("EMAIL", "STATUS"), report("EMAIL", "STATUS", blanks=" ")
    while not compiled():
        read(document)
    looked = []
    layout_of = fast_path._layout_of
    monkeypatch.setattr(fast_path, "_layout_of", lambda *args: looked.append(args) or layout_of(*args))
    assert read(document)[0].status == "x" and not looked
    assert read(other)[0].status == "x" and len(looked) == 1
    row = STRUCT(MEMBER("EMAIL")).encode()
    assert fast_path.FastPath(SMALL).rows(row, 0, len(row))[1] == len(row) and len(looked) == 2


def test_large_report():
    """A report that is large by itself is worth it at once."""
    fast = fast_path.FastPath(SMALL)
    row = STRUCT(MEMBER("EMAIL")).encode()
    assert fast.rows(row, 0, len(row))[1] == len(row)
    assert compiled() == 1
