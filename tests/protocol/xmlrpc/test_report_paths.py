"""The fast path and the general decoder, whose turns a report is read by, give the same."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailkit_xmlrpc import MailkitError
from tests.support import fixture_files
from tests.support.one_report import outcome, read, report, row

XML = [fixture_files.load(path) for path in fixture_files.paths() if path.suffix == ".xml"]


@pytest.mark.parametrize("fixture", XML, ids=lambda fixture: fixture.name)
def test_paths_agree_on_fixture(fixture):
    """A fixture gives the same by both ways, in any pieces."""
    expected = outcome(fixture.body, fast=False)
    assert outcome(fixture.body) == outcome(fixture.body, 1) == outcome(fixture.body, 1, fast=False) == expected


values = st.sampled_from(
    [
        "",
        "<string/>",
        "<nil/>",
        "<ex:nil/>",
        "<string></string>",
        "plain",
        "<string>text</string>",
        " <string> a </string>\n",
        "5",
        "<int>5</int>",
        "<i4>-5</i4>",
        "<i8>5000000000</i8>",
        "<int> 5 </int>",
        "<int>+5</int>",
        "<int>05</int>",
        "<int>9223372036854775807</int>",
        "<int>99999999999999999999</int>",
        "<int></int>",
        "<string>0012</string>",
        "<double>5.1</double>",
        "<double>5.09999999999999964473</double>",
        "<double>5</double>",
        "<double>1e999</double>",
        "<boolean>1</boolean>",
        "<base64>AA==</base64>",
        "<string>2014-12-23 12:36:02</string>",
        "<string>0000-00-00</string>",
        "<string>2014-02-30 12:36:02</string>",
        "<string>2014-12-23 24:00:00</string>",
        "<dateTime.iso8601>20141223T12:36:02</dateTime.iso8601>",
        "<string>a&amp;b&#x10d;</string>",
        "&#10;",
        "&#1;",
        "&x;",
        "<string>č\n\tč</string>",
        "<string>a\r\nb</string>",
        "<![CDATA[x]]>",
        "<string>a]]>b</string>",
        "<!-- c -->5",
        "\u0085",
        "\ufffe",
        "\u0001",
        "<b/>",
        "<array/>",
        "<struct/>",
        "<string>x</string>y",
        "<string a='b'>x</string>",
    ]
)
names = st.sampled_from(
    [
        "EMAIL",
        "ID_EMAIL",
        "ID_SEND_MESSAGE",
        "DATE",
        "STATUS",
        "REASON",
        "email",
        "Reason",
        "OTHER",
        "X Y",
        "",
        "\u0159",
        "&amp;",
    ]
)
spaces = st.sampled_from(["", "", "", "\n", " \t", "<!-- c -->", "x", "\u00a0"])


@st.composite
def reports(draw):
    """Rows in runs of one kind (the fast path learns), each kind with irregular members, and here and there damage."""
    rows = []
    for _ in range(draw(st.integers(1, 3))):
        space = draw(spaces)
        members = draw(st.lists(st.tuples(names, st.lists(values, min_size=1, max_size=2)), max_size=4))
        for number in range(draw(st.sampled_from([1, 2, 3, 6]))):
            member = "<member>{0}<name>{1}</name>{0}<value>{2}</value></member>{0}".format
            rows.append(row(number, "".join(member(space, name, some[number % len(some)]) for name, some in members)))
    return report(*rows)


@settings(max_examples=200, deadline=None, database=None)
@given(reports(), st.integers(1, 400))
def test_paths_agree(document, length):
    """Whatever the rows look like, fast and general give the same rows or the same kind of error, in any pieces."""
    expected = outcome(document, fast=False)
    assert outcome(document) == expected
    assert outcome(document, length) == expected


@pytest.mark.parametrize("length", [300, 2000, 100000])
@pytest.mark.parametrize("irregular_at", [(), (3,), (3, 40), tuple(range(5, 60, 4)), (79,)])
def test_error_behind_many_rows_tells_row_and_byte(irregular_at, length):
    """However regular and irregular rows take turns, in pieces of any size, what is wrong behind them is at its own row
    and byte; the letters are of two bytes, so that characters and bytes differ."""
    rows = [row(number, "<!-- irregular -->" if number in irregular_at else "") for number in range(80)]
    rows = [text.replace("@", "@\u017elu\u0165") for text in rows]
    twice = "<member><name>X</name><value/></member>" * 2
    ends = ("<int>5</int></value>", "<struct>{}</struct></value>".format(twice), "<struct><member></wrong>")
    for end in ends:
        document = report(*(rows + ["<value>" + end]))
        told = []
        for fast, size in ((True, length), (False, len(document))):
            with pytest.raises(MailkitError) as caught:
                read(document, size, fast=fast)
            told.append(str(caught.value))
        assert told[0] == told[1]
        assert ("byte {}".format(document.index(b"wrong")) if "wrong" in end else "row 80 ") in told[0]
