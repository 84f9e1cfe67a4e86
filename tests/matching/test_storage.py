"""The index file: what is written comes back, and what is not whole is refused by name and reason."""

import json
import os
import struct
import zlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays_of

from matching.storage import ALIGNMENT, FORMAT, MAGIC, IndexFileError, read, write

ARRAYS = {
    "offsets": np.array([0, 2, 3], dtype=np.uint32),
    "rows": np.array([4, 1, 65_535], dtype=np.uint16),
    "matrix": np.arange(12, dtype=np.float64).reshape(3, 4),
    "open": np.array([True, False]),
    "empty": np.zeros((0, 3), dtype=np.int64),
}
DOCUMENTS = {"places": ["Beograd", "Ниш", 'with "quotes" and\nlines'], "head": {"openings": 3, "linker": None}}


@pytest.fixture
def path(tmp_path):
    write(tmp_path / "index", ARRAYS, DOCUMENTS)
    return tmp_path / "index"


def test_what_was_written_comes_back(path):
    stored = read(path)
    assert list(stored.arrays) == list(ARRAYS)
    for name, array in ARRAYS.items():
        assert stored.arrays[name].dtype == array.dtype
        np.testing.assert_array_equal(stored.arrays[name], array)
    assert {name: stored.document(name) for name in DOCUMENTS} == DOCUMENTS
    assert "rows" in stored
    assert "places" in stored
    assert "column" not in stored


@given(
    arrays_of.arrays(
        dtype=st.sampled_from(["u1", "i2", "<f4", ">f4", "f8", "?"]),
        shape=arrays_of.array_shapes(min_dims=1, max_dims=3, min_side=0, max_side=5),
    )
)
def test_any_array_of_numbers_comes_back_to_the_last_bit(tmp_path_factory, array):
    path = tmp_path_factory.mktemp("any") / "index"
    write(path, {"array": array, "turned": array.T}, {})
    stored = read(path).arrays
    assert stored["array"].shape == array.shape
    assert stored["array"].tobytes() == array.astype(array.dtype.newbyteorder("<")).tobytes()
    np.testing.assert_array_equal(stored["turned"], array.T)


def test_equal_content_gives_equal_bytes(path, tmp_path):
    write(tmp_path / "again", ARRAYS, DOCUMENTS)
    assert (tmp_path / "again").read_bytes() == path.read_bytes()


def test_arrays_are_views_of_one_map_that_nobody_can_write_to(path):
    rows = read(path).arrays["rows"]
    with pytest.raises(ValueError, match="read-only"):
        rows[0] = 1
    whole = rows
    while isinstance(whole.base, np.ndarray):
        whole = whole.base
    assert isinstance(whole, np.memmap)
    assert rows.ctypes.data % ALIGNMENT == 0


def test_a_reader_keeps_the_file_it_opened(path):
    stored = read(path)
    write(path, {"rows": np.array([9], dtype=np.uint16)}, {})
    np.testing.assert_array_equal(stored.arrays["rows"], ARRAYS["rows"])
    assert read(path).arrays["rows"].tolist() == [9]


def test_a_failed_write_leaves_the_old_file_and_nothing_else(path, monkeypatch):
    before = path.read_bytes()

    def full(descriptor):
        raise OSError("no space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="no space"):
        write(path, {"rows": np.arange(3)}, {})
    assert path.read_bytes() == before
    assert [found.name for found in path.parent.iterdir()] == ["index"]


@pytest.mark.parametrize("array", [np.array([object()]), np.array(["text"])])
def test_only_numbers_are_stored_as_arrays(tmp_path, array):
    with pytest.raises(TypeError, match="is not stored"):
        write(tmp_path / "index", {"column": array}, {})


def test_a_file_cut_anywhere_is_refused_by_name(path):
    whole = path.read_bytes()
    for length in range(len(whole)):
        path.write_bytes(whole[:length])
        with pytest.raises(IndexFileError, match=str(path)):
            read(path)
    path.write_bytes(whole)
    assert read(path).arrays["rows"].tolist() == ARRAYS["rows"].tolist()


def test_a_flipped_bit_anywhere_is_refused(path):
    whole = bytearray(path.read_bytes())
    for position in range(len(whole)):
        whole[position] ^= 1 << position % 8
        path.write_bytes(whole)
        with pytest.raises(IndexFileError, match=str(path)):
            read(path)
        whole[position] ^= 1 << position % 8


def test_the_damaged_member_is_named(path):
    whole = bytearray(path.read_bytes())
    at = whole.index(ARRAYS["rows"].tobytes())
    whole[at] ^= 1
    path.write_bytes(whole)
    with pytest.raises(IndexFileError, match="rows is damaged"):
        read(path)


def test_another_format_says_which(path):
    start = len(MAGIC) + 8
    (length,) = struct.unpack_from("<I", path.read_bytes(), len(MAGIC))
    whole = path.read_bytes()
    header = json.loads(whole[start : start + length])
    header["format"] = FORMAT + 1
    changed = json.dumps(header).encode().ljust(length)
    path.write_bytes(MAGIC + struct.pack("<II", length, zlib.crc32(changed)) + changed + whole[start + length :])
    with pytest.raises(IndexFileError, match=f"format {FORMAT + 1}, this version reads {FORMAT}"):
        read(path)


def test_bytes_after_the_end_are_refused(path):
    path.write_bytes(path.read_bytes() + bytes(64))
    with pytest.raises(IndexFileError, match="64 bytes too many"):
        read(path)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 a zip archive", b"{}", b"\x80\x04\x95 a pickle" * 9])
def test_another_kind_of_file_is_refused(tmp_path, content):
    (tmp_path / "other").write_bytes(content)
    with pytest.raises(IndexFileError, match="not an index file"):
        read(tmp_path / "other")


def test_a_folder_is_refused_and_a_missing_file_is_missing(tmp_path):
    with pytest.raises(IndexFileError, match="not an index file"):
        read(tmp_path)
    with pytest.raises(FileNotFoundError):
        read(tmp_path / "none")
