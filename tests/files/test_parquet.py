"""Parquet and Arrow: typed columns, in row groups, the same to pyarrow, DuckDB, polars and pandas."""

from datetime import datetime

import pytest

from mailkit_xmlrpc import Bounce, ConfigurationError, Delivery, MailkitError, Suppression, to_arrow
from mailkit_xmlrpc.cli.formats.columns import COLUMNS
from mailkit_xmlrpc.cli.saved import read_rows
from mailkit_xmlrpc.model import arrow
from tests.files.test_reading_back import put
from tests.support.extras import needed
from tests.support.saved_rows import AWARE, HOSTILE, content, kept

pyarrow = needed("pyarrow")
parquet = needed("pyarrow.parquet")

ROWS = [AWARE] + HOSTILE
WORDS = "dictionary<values=string, indices=int32, ordered=0>"
TYPES = ["int64", "string", "int64", "int64", "int64", "timestamp[us]", WORDS, WORDS, WORDS, "string", "string"]


def expected(rows=ROWS):
    """The values of *rows* as a file holds them, but ``extra``."""
    return [list(vars(kept("parquet", row)).values())[:-1] for row in rows]


def values_in(table):
    """The values of a table, row by row."""
    return list(map(list, zip(*[column.to_pylist() for column in table.columns])))


def test_pyarrow_reads_it(tmp_path):
    """pyarrow finds the values, with types: int64, timestamps without a zone, dictionary-encoded words, texts."""
    table = parquet.read_table(put(tmp_path, content("parquet", ROWS), "rows.parquet"))
    assert [(field.name, str(field.type)) for field in table.schema] == list(zip(COLUMNS, TYPES))
    assert [row[:-1] for row in values_in(table)] == expected()
    assert table.column("extra")[1].as_py() == '{"=1+1": ["=1+1"]}'
    assert table.column("extra")[0].as_py() is None


def test_duckdb_reads_it(tmp_path):
    """DuckDB finds the same, with its own types."""
    duckdb = needed("duckdb")
    path = put(tmp_path, content("parquet", ROWS), "rows.parquet")
    with duckdb.connect() as database:
        found = database.execute("SELECT * EXCLUDE extra FROM read_parquet(?)", [path])
        types = [str(column[1]) for column in found.description]
        assert types == ["BIGINT", "VARCHAR"] + ["BIGINT"] * 3 + ["TIMESTAMP"] + ["VARCHAR"] * 4
        assert [list(row) for row in found.fetchall()] == expected()


def test_polars_reads_it(tmp_path):
    """polars finds the same, with its own types."""
    polars = needed("polars")
    frame = polars.read_parquet(put(tmp_path, content("parquet", ROWS), "rows.parquet")).drop("extra")
    texts = [str(kind) for kind in frame.dtypes]
    assert texts[:6] == ["Int64", "String", "Int64", "Int64", "Int64", "Datetime(time_unit='us', time_zone=None)"]
    assert {kind.split("(")[0] for kind in texts[6:9]} <= {"Categorical", "Enum"}
    assert [list(row) for row in frame.rows()] == expected()


def test_to_arrow():
    """All fields and the kind, as a stream; read_all() is a table."""
    reader = to_arrow(iter(ROWS))
    assert [(field.name, str(field.type)) for field in reader.schema] == list(zip(COLUMNS + ["kind"], TYPES + [WORDS]))
    table = reader.read_all()
    assert [row[:-2] for row in values_in(table)] == expected()
    assert table.column("kind").to_pylist() == [str(row.kind) for row in ROWS]
    assert to_arrow([]).read_all().num_rows == 0


def test_to_arrow_for_others(monkeypatch):
    """polars and DuckDB take what it returns, also where it comes in several batches."""
    polars, duckdb = needed("polars"), needed("duckdb")
    monkeypatch.setattr(arrow, "_BATCH_ROWS", 3)
    frame = polars.from_arrow(to_arrow(HOSTILE).read_all())
    assert frame.get_column("email").to_list() == [kept("parquet", row).email for row in HOSTILE]
    bounces = to_arrow(HOSTILE)
    with duckdb.connect() as database:
        database.register("bounces", bounces)
        found = database.execute("SELECT kind, count(*) FROM bounces GROUP BY kind").fetchall()
    assert sum(number for _, number in found) == len(HOSTILE)


def test_streamed(monkeypatch):
    """Rows are taken while it is read, some at a time; long texts make the groups smaller."""
    taken = []

    def rows(reason):
        for number in range(20):
            taken.append(number)
            yield Bounce(7, "", number, None, None, None, "", "", "", reason)

    monkeypatch.setattr(arrow, "_BATCH_ROWS", 8)
    monkeypatch.setattr(arrow, "_BATCH_CHARACTERS", 1000)
    reader = to_arrow(rows(""))
    assert taken == []
    assert [reader.read_next_batch().num_rows, len(taken)] == [8, 8]
    assert [batch.num_rows for batch in reader] == [8, 4]
    assert [batch.num_rows for batch in to_arrow(rows("x" * 400))] == [3] * 6 + [2]


def test_row_groups(tmp_path, monkeypatch):
    """A file has a row group for each of them."""
    monkeypatch.setattr(arrow, "_BATCH_ROWS", 4)
    path = put(tmp_path, content("parquet", HOSTILE[:10]), "rows.parquet")
    assert parquet.ParquetFile(path).metadata.num_row_groups == 3
    assert list(read_rows(path)) == [kept("parquet", row) for row in HOSTILE[:10]]


@pytest.mark.parametrize("error", [MailkitError("half"), ZeroDivisionError()])
def test_rows_that_fail(error):
    """What the rows raise arrives as it is; what was written until then is no file of Parquet."""

    def rows():
        yield HOSTILE[0]
        raise error

    with pytest.raises(type(error)) as caught:
        to_arrow(rows()).read_all()
    assert caught.value is error
    with pytest.raises(type(error)):
        content("parquet", rows())


def test_other_rows(tmp_path):
    """Deliveries and plans are written with the types of their fields."""
    columns = ["id_message", "id_send", "subject", "date", "read_count", "extra"]
    delivery = Delivery(1, None, "Spring", "a@example.com", datetime(2024, 3, 1), 10, 9, None, None, None, None, "1")
    path = put(tmp_path, content("parquet", [delivery], columns=columns, record=Delivery), "rows.parquet")
    schema = parquet.read_table(path).schema
    assert [str(field.type) for field in schema] == ["int64", "int64", "string", "timestamp[us]", "int64", "string"]
    data = content("parquet", [], columns=Suppression._fields, record=Suppression)
    schema = parquet.read_table(put(tmp_path, data, "plan.parquet")).schema
    types = ["string", "int64", WORDS, "string", "int64", "timestamp[us]", "timestamp[us]", WORDS, WORDS]
    assert [str(field.type) for field in schema] == types


def test_explained(tmp_path):
    """Columns that are no fields are texts."""
    path = put(tmp_path, content("parquet", HOSTILE[:1], columns=["email", "kind", "explain"]), "rows.parquet")
    assert [str(field.type) for field in parquet.read_table(path).schema] == ["string", WORDS, "string"]


def test_changed_by_others(tmp_path):
    """A file whose ids became fractions, as data frames make of them, is refused; so is one whose dates are days."""
    for column, value in (("id_email", pyarrow.array([1.0])), ("date", pyarrow.array([5], pyarrow.date32()))):
        table = parquet.read_table(put(tmp_path, content("parquet", HOSTILE[:1]), "rows.parquet"))
        table = table.set_column(COLUMNS.index(column), column, value)
        parquet.write_table(table, str(tmp_path / "other.parquet"))
        with pytest.raises(ValueError, match="is not what fetch writes"):
            list(read_rows(str(tmp_path / "other.parquet")))


def test_without_pyarrow(monkeypatch):
    """Without pyarrow it says what is missing."""
    monkeypatch.setitem(__import__("sys").modules, "pyarrow", None)
    with pytest.raises(ConfigurationError, match="this needs pyarrow, the extra arrow: pip install pyarrow"):
        to_arrow([])
