"""The push decompressor: whole and in any pieces the same, every end and every trailer checked, output bounded."""

import gzip
import io
import struct
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailkit_xmlrpc import IncompleteResponseError, MalformedResponseError
from mailkit_xmlrpc.transport.http import Gunzip

TEXT = b"<methodResponse>" + b"user@example.com " * 200 + b"</methodResponse>"
PACKED = gzip.compress(TEXT)


def gunzip(packed, length=1 << 20, piece=1 << 18):
    """What *packed* decompresses to, fed *length* bytes at a time."""
    decompressor = Gunzip(piece)
    out = []
    for at in range(0, len(packed), length):
        out += decompressor.feed(packed[at : at + length])
    decompressor.close()
    assert all(0 < len(part) <= piece for part in out)
    return b"".join(out)


def with_all_fields():
    """A member whose header has an extra field, a name, a comment and a checksum (RFC 1952 2.3)."""
    head = b"\x1f\x8b\x08\x1e" + b"\0" * 6 + struct.pack("<H", 3) + b"abc" + b"name\0" + b"comment\0"
    head += struct.pack("<H", zlib.crc32(head) & 0xFFFF)
    return head + PACKED[10:]


@pytest.mark.parametrize("length", [1, 2, 7, 1 << 20])
@pytest.mark.parametrize(
    "packed, text",
    [
        (PACKED, TEXT),
        (gzip.compress(b""), b""),
        (gzip.compress(TEXT, 0), TEXT),
        (PACKED * 3, TEXT * 3),
        (gzip.compress(b"") * 3 + PACKED, TEXT),
        (PACKED + b"\0", TEXT),
        (PACKED + b"\0" * 1000, TEXT),
        (PACKED + b"\0" * 9 + PACKED + b"\0", TEXT * 2),
        (with_all_fields(), TEXT),
        (b"", b""),
    ],
    ids=range(10),
)
def test_complete(packed, text, length):
    """One member or several, padded with zeros or not, in pieces of any length."""
    assert gunzip(packed, length) == text


def test_written_by_gzip_file():
    """What gzip(1) writes has a file's name in it."""
    out = io.BytesIO()
    with gzip.GzipFile("answer.xml", "wb", fileobj=out) as file:
        file.write(TEXT)
    assert gunzip(out.getvalue()) == TEXT


@pytest.mark.parametrize("length", [1, 1 << 20])
@pytest.mark.parametrize("whole", [PACKED, PACKED + b"\0\0" + PACKED], ids=["one member", "two members"])
def test_cut_short(whole, length):
    """Cut anywhere but between members it is incomplete, and tells how many bytes had come."""
    fine = {0, len(PACKED), len(PACKED) + 1, len(PACKED) + 2}
    for end in range(len(whole)):
        if end in fine:
            assert gunzip(whole[:end], length) == (TEXT if end else b"")
            continue
        with pytest.raises(IncompleteResponseError) as caught:
            gunzip(whole[:end], length)
        assert (caught.value.detail, caught.value.received) == ("its compressed form is cut short", end)


@pytest.mark.parametrize("length", [1, 1 << 20])
@pytest.mark.parametrize(
    "packed",
    [
        PACKED[:-8] + b"\0\0\0\0" + PACKED[-4:],
        PACKED[:-4] + b"\0\0\0\0",
        PACKED[:20] + b"\xff" * 20 + PACKED[40:],
        PACKED[:2] + b"\x07" + PACKED[3:],
        PACKED[:10] + b"\x07" + PACKED[11:],
        PACKED + PACKED[:-8] + b"\0" * 8,
    ],
    ids=["checksum", "length", "data", "method", "block", "second"],
)
def test_damaged(packed, length):
    """A wrong checksum, length or byte inside of a member is damage on the way: incomplete."""
    with pytest.raises(IncompleteResponseError) as caught:
        gunzip(packed, length)
    assert caught.value.detail == "its compressed form is damaged"
    assert caught.value.__context__ is None  # zlib's error has our data in its frames
    assert 0 < caught.value.received <= len(packed)


@pytest.mark.parametrize("length", [1, 1 << 20])
@pytest.mark.parametrize(
    "packed",
    [
        TEXT,
        b"<",
        b"\x1f<",
        b"\0" + PACKED,
        b"\n" + PACKED,
        zlib.compress(TEXT),
        PACKED + b"x",
        PACKED + b"\0x",
        PACKED + TEXT,
    ],
    ids=range(9),
)
def test_not_compressed_so(packed, length):
    """What does not begin like gzip, in front or behind a member, is not what it was said to be."""
    with pytest.raises(MalformedResponseError) as caught:
        gunzip(packed, length)
    assert caught.value.detail == "its Content-Encoding is gzip, but it is not compressed so"


@pytest.mark.parametrize("piece", [1, 100, len(TEXT) - 1, len(TEXT), len(TEXT) + 1])
def test_output_pieces(piece):
    """Output comes in pieces of at most the length asked for, at its edges too."""
    assert gunzip(PACKED, piece=piece) == TEXT
    assert gunzip(PACKED * 2, piece=piece) == TEXT * 2


def test_bomb_stopped_by_its_reader():
    """A bomb grows no further than its reader asks for."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    bomb = b"".join(packer.compress(bytes(1 << 20)) for _ in range(64)) + packer.flush()
    assert len(bomb) < 1 << 17
    pieces = Gunzip(1 << 12).feed(bomb)
    assert [len(next(pieces)) for _ in range(100)] == [1 << 12] * 100
    pieces.close()


@settings(max_examples=100, deadline=None, database=None)
@given(st.lists(st.binary(max_size=300), max_size=4), st.integers(1, 50), st.integers(1, 50))
def test_any_data_in_any_pieces(members, length, piece):
    """Whatever was compressed comes out again, however it is cut on its way in and out."""
    assert gunzip(b"".join(map(gzip.compress, members)), length, piece) == b"".join(members)


@settings(max_examples=200, deadline=None, database=None)
@given(st.binary(max_size=60), st.integers(0, len(PACKED)), st.integers(0, 20), st.integers(1, 50))
def test_any_damage(noise, at, gap, length):
    """Damaged anyhow it gives one of our two errors, or the text."""
    try:
        gunzip(PACKED[:at] + noise + PACKED[at + gap :], length)
    except (IncompleteResponseError, MalformedResponseError):
        pass
