"""Every format that keeps enough is read back: the same rows, or a clear refusal."""

import io
import os
import re
import threading
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailkit_xmlrpc import Bounce
from mailkit_xmlrpc.cli.errors import UsageError
from mailkit_xmlrpc.cli.formats.columns import COLUMNS
from mailkit_xmlrpc.cli.saved import read_rows
from tests.cli.test_formats import bounces
from tests.support.extras import needed
from tests.support.length import examples
from tests.support.saved_rows import AWARE, EXTRAS, FORMATS, HOSTILE, TEXTS, content, kept

EACH = pytest.mark.parametrize("output", FORMATS)


def put(tmp_path, data, name="rows"):
    """The path of a file with *data*."""
    (tmp_path / name).write_bytes(data)
    return str(tmp_path / name)


@EACH
def test_hostile_rows_come_back(tmp_path, output):
    """Formulas, control characters, long ids, dates at the edge: each comes back as the format holds it."""
    rows = [AWARE] + HOSTILE
    back = list(read_rows(put(tmp_path, content(output, rows, tmp_path))))
    expected = [kept(output, row) for row in rows]
    if output == "sqlite":
        back.sort(key=rows.index)
    assert back == expected


@EACH
@given(
    rows=st.lists(bounces, max_size=3), columns=st.none() | st.lists(st.sampled_from(COLUMNS), min_size=1, unique=True)
)
@settings(deadline=None, max_examples=examples(60))
def test_property_any_rows_come_back(tmp_path_factory, output, rows, columns):
    """Whatever the rows and the columns, what is read is what the format holds of them."""
    needed(*EXTRAS.get(output, ("json",)))
    tmp_path = tmp_path_factory.mktemp("rows")
    if output == "sqlite":
        rows = rows[:1]  # of one delivery after the other
        columns = None
    rows = [replaced(row, columns) for row in rows]
    options = {"columns": columns} if columns else {}
    path = put(tmp_path, content(output, rows, tmp_path, **options))
    assert list(read_rows(path, allow_empty=True)) == [kept(output, row) for row in rows]


def replaced(row, columns):
    """*row* with nothing in it but *columns*."""
    empty = dict(vars(Bounce(0, "", None, None, None, None, "", "", "", "")))
    values = dict(empty, **{name: getattr(row, name) for name in columns}) if columns else vars(row)
    return Bounce(**values)


@EACH
def test_no_rows_come_back(tmp_path, output):
    """A report without rows is a file without rows."""
    assert list(read_rows(put(tmp_path, content(output, [], tmp_path)), allow_empty=True)) == []


@pytest.mark.parametrize("output", ["excel", "xlsx", "parquet"])
def test_through_a_pipe(tmp_path, monkeypatch, output):
    """What is read from its end is copied first, where it comes through a pipe."""
    data = content(output, HOSTILE)
    expected = [kept(output, row) for row in HOSTILE]
    reading, writing = os.pipe()

    def feed():
        with open(writing, "wb", 0) as file:
            file.write(data[:3])
            file.write(data[3:])

    thread = threading.Thread(target=feed)
    thread.start()
    assert list(read_rows("/dev/fd/{}".format(reading))) == expected
    thread.join()
    os.close(reading)
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BufferedReader(io.BytesIO(data))))
    assert list(read_rows("-")) == expected


@pytest.mark.parametrize("output", ["xlsx", "parquet"])
def test_cut_off(tmp_path, output):
    """A file that ends at any byte but its last is refused."""
    data = content(output, HOSTILE[:3])
    for length in range(1, len(data), 97):
        with pytest.raises(UsageError, match="is not what fetch writes|is cut off"):
            list(read_rows(put(tmp_path, data[:length])))


@pytest.mark.parametrize("output", ["xlsx", "parquet"])
def test_damaged(tmp_path, output):
    """A byte that is another one gives rows or a refusal, and never any other error."""
    data = bytearray(content(output, HOSTILE[:3]))
    for at in range(0, len(data), 41):
        damaged = bytes(data[:at]) + bytes([data[at] ^ 0x55]) + bytes(data[at + 1 :])
        try:
            list(read_rows(put(tmp_path, damaged), allow_empty=True))
        except UsageError as error:
            assert str(error).startswith("--from ")


@pytest.mark.parametrize(
    "part, what, instead, count",
    [
        ("xl/workbook.xml", b'localSheetId="0"', b'localSheetId="7"', 3),
        ("xl/worksheets/sheet1.xml", rb"<v>[0-9]{5}[.][0-9]+</v>", b"<v>9999999999</v>", None),
        ("xl/styles.xml", b"UTF-8", b"UTF-9", None),
    ],
    ids=["name", "date", "encoding"],
)
def test_damaged_part_of_a_workbook(tmp_path, part, what, instead, count):
    """A name of a sheet that is not there is no matter of ours; what decides is refused. No warning is seen."""
    path = str(tmp_path / "rows")
    with zipfile.ZipFile(io.BytesIO(content("xlsx", HOSTILE[:3]))) as sound, zipfile.ZipFile(path, "w") as damaged:
        for name in sound.namelist():
            data, times = re.subn(what if name == part else b"(?!)", instead, sound.read(name))
            damaged.writestr(name, data)
            assert times or name != part
    if count is None:
        with pytest.raises(UsageError, match="is not what fetch writes"):
            list(read_rows(path))
    else:
        assert len(list(read_rows(path))) == count


def test_date_that_python_cannot_hold(tmp_path):
    """A date in a Parquet file may be one that Python has none for: refused."""
    pyarrow, parquet = needed("pyarrow"), needed("pyarrow.parquet")
    date = pyarrow.array([1 << 42], pyarrow.timestamp("s"))
    parquet.write_table(pyarrow.table({"email": ["a@example.com"], "date": date}), str(tmp_path / "rows"))
    with pytest.raises(UsageError, match="is not what fetch writes"):
        list(read_rows(str(tmp_path / "rows")))


@pytest.mark.parametrize("output", ["csv", "excel", "xlsx", "parquet"])
def test_columns_that_decide(tmp_path, output):
    """A file without a column that decides is refused, and the text names it."""
    path = put(tmp_path, content(output, HOSTILE[:2], columns=["email", "status"]))
    with pytest.raises(UsageError, match="lacks columns that this command needs: id_send"):
        list(read_rows(path, ["id_send", "email"]))
    assert [row.email for row in read_rows(path)] == [kept(output, row).email for row in HOSTILE[:2]]


@pytest.mark.parametrize("output", ["xlsx", "parquet"])
def test_columns_of_others(tmp_path, output):
    """A file whose columns are none of ours, or are there twice, is refused."""
    for columns in (["kind"], ["email", "email"]):
        path = put(tmp_path, content(output, HOSTILE[:1], columns=columns))
        with pytest.raises(UsageError, match=r"is not what fetch writes, or it is cut off"):
            list(read_rows(path))


@pytest.mark.parametrize("output", sorted(EXTRAS))
def test_without_the_extra(tmp_path, monkeypatch, output):
    """Where the library is missing, the refusal names it and the extra."""
    path = put(tmp_path, content(output, HOSTILE[:1]))
    module = {"xlsx": "openpyxl", "parquet": "pyarrow"}[output]
    monkeypatch.setitem(__import__("sys").modules, module, None)
    with pytest.raises(UsageError, match="--from {} needs {}, the extra ".format(path, module)):
        list(read_rows(path))


def test_texts_are_the_columns_of_text():
    """The list of texts is complete."""
    assert [name for name in COLUMNS if isinstance(getattr(HOSTILE[0], name), str)] == list(TEXTS)
