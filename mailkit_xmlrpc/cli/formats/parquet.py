"""Parquet, by pyarrow: what Arrow makes of the rows, in row groups."""

import io
import json
from importlib import import_module
from typing import Iterator, List, Sequence

from ...model.arrow import batches, require_pyarrow, schema_of
from .base import How, Record, RowFormat, Saved, Values
from .columns import COLUMNS

_BATCH = 10000  # rows that are read at once


class Parquet(RowFormat):
    """One file of Parquet."""

    magic = b"PAR1"

    @staticmethod
    def write(rows: Values, columns: Sequence[str], how: How) -> Iterator[bytes]:
        """Yield the file, one row group after the other."""
        pyarrow = require_pyarrow()
        schema = schema_of(how.record, columns)
        pieces = _Pieces()
        with import_module("pyarrow.parquet").ParquetWriter(pieces, schema) as writer:
            for batch in batches(rows, schema):
                # write_batch() came with pyarrow 8, which Python 3.6 has not.
                writer.write_table(pyarrow.Table.from_batches([batch]))
                yield pieces.taken()
        yield pieces.taken()

    @staticmethod
    def read_file(saved: Saved) -> Iterator[Record]:
        """Yield the rows."""
        pyarrow = require_pyarrow()
        try:
            file = import_module("pyarrow.parquet").ParquetFile(saved.file)
            names = file.schema_arrow.names
            if not set(names) & set(COLUMNS) or len(set(names)) != len(names):
                raise ValueError("not a header")
            for batch in file.iter_batches(_BATCH, use_threads=False):
                # RecordBatch.to_pylist() came with pyarrow 7.
                for values in zip(*[column.to_pylist() for column in batch.columns]):
                    record = dict(zip(names, values))
                    record["extra"] = json.loads(record.get("extra") or "{}")
                    yield record
        except (pyarrow.ArrowException, OSError) as error:
            problem = error
        else:
            return
        raise ValueError("no Parquet: {}".format(problem))


class _Pieces(io.RawIOBase):
    """Takes what is written to it, until it is fetched."""

    def __init__(self) -> None:
        self._pieces: List[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, piece: bytes) -> int:  # type: ignore[override]  # RawIOBase says any buffer; bytes() takes it
        self._pieces.append(bytes(piece))
        return len(self._pieces[-1])

    def taken(self) -> bytes:
        """Return what was written since this was last asked."""
        taken = b"".join(self._pieces)
        self._pieces.clear()
        return taken
