"""A strict reader of GGUF headers: what a model file says of itself, before llama.cpp sees it.

A model file is hostile input. Every count and every offset is held against what the rest of the
file could hold before anything is made for it (the class of CVE-2026-27940); the first that does
not fit raises `GgufError` with the name of the field. Weights are never read.

Source: ggml, docs/gguf.md. Sizes and names of types are the `gguf` package's.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import Final, Protocol, Self

from gguf.constants import GGML_QUANT_SIZES, GGMLQuantizationType, GGUFValueType

from models.errors import GgufError

_MAGIC: Final = b"GGUF"
_VERSIONS: Final = (2, 3)
_LONGEST_KEY_BYTES: Final = 65535
_LONGEST_NAME_BYTES: Final = 65535
_LONGEST_TEXT_BYTES: Final = 16 * 2**20
_MOST_TEXT_BYTES: Final = 64 * 2**20
"""Of all names and texts that are kept; what is there in truth is less than a tenth of that."""
_MOST_KEYS: Final = 65536
_MOST_TENSORS: Final = 1_000_000
_DEEPEST_ARRAY: Final = 2
_MOST_DIMENSIONS: Final = 4
_LARGEST_ALIGNMENT: Final = 2**20
_MOST_TEXTS: Final = 2**21
"""Of all arrays; the largest vocabularies and their merges have less than half of that."""
_KEPT_ITEMS: Final = 4096
"""Longer arrays, such as a vocabulary, are walked over and not kept."""
_MOST_KEPT_ITEMS: Final = 2**18
"""Of all arrays; those behind are walked over, too."""
_SMALLEST_KEY_BYTES: Final = 8 + 1 + 4 + 1
_SMALLEST_TENSOR_BYTES: Final = 8 + 1 + 4 + 8 + 4 + 8
_WINDOW_BYTES: Final = 2**20
_FORMATS: Final = {
    GGUFValueType.UINT8: "<B",
    GGUFValueType.INT8: "<b",
    GGUFValueType.UINT16: "<H",
    GGUFValueType.INT16: "<h",
    GGUFValueType.UINT32: "<I",
    GGUFValueType.INT32: "<i",
    GGUFValueType.FLOAT32: "<f",
    GGUFValueType.UINT64: "<Q",
    GGUFValueType.INT64: "<q",
    GGUFValueType.FLOAT64: "<d",
}


class ByteSource(Protocol):
    """The bytes of a file, wherever it lies."""

    @property
    def size_bytes(self) -> int:
        """Size of the whole file."""
        ...

    def read(self, offset: int, count: int) -> bytes:
        """Return up to `count` bytes; fewer only at the end."""
        ...


class FileSource:
    """A file on disk; to be closed, or used in a `with`.

    Raises:
        OSError: It cannot be opened or read.
    """

    def __init__(self, path: Path) -> None:
        self._file = path.open("rb")
        self._size_bytes = path.stat().st_size

    @property
    def size_bytes(self) -> int:
        """Size of the whole file."""
        return self._size_bytes

    def read(self, offset: int, count: int) -> bytes:
        """Return up to `count` bytes; fewer only at the end."""
        self._file.seek(offset)
        return self._file.read(count)

    def close(self) -> None:
        """Close the file. Idempotent."""
        self._file.close()

    def __enter__(self) -> Self:
        """Use it."""
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        """Close it."""
        self.close()


@dataclass(frozen=True, slots=True)
class GgufArray:
    """An array in the metadata.

    Attributes:
        type_name: Of its items, such as "STRING".
        count: How many there are.
        items: They themselves, or None where there are too many to keep.
    """

    type_name: str
    count: int
    items: tuple[Scalar, ...] | None


Scalar = str | int | float | bool
Value = Scalar | GgufArray


@dataclass(frozen=True, slots=True)
class TensorInfo:
    """One tensor, without its numbers.

    Attributes:
        name: What it is called.
        shape: Its dimensions, the fastest first.
        type_name: Number format, such as "Q4_K".
        offset: Where it begins, bytes behind the header's end.
        size_bytes: How long it is.
    """

    name: str
    shape: tuple[int, ...]
    type_name: str
    offset: int
    size_bytes: int


@dataclass(frozen=True, slots=True)
class GgufHeader:
    """Everything before the weights.

    Attributes:
        version: Of the format.
        metadata: Keys and values.
        tensors: In the file's order.
        data_offset: Where the weights begin, bytes.
        size_bytes: Of the whole file.
    """

    version: int
    metadata: Mapping[str, Value]
    tensors: tuple[TensorInfo, ...]
    data_offset: int
    size_bytes: int


class _BudgetSpentError(Exception):
    """The part of the file that may be read ends here; no fault of the file."""


def read_header(source: ByteSource) -> GgufHeader:
    """Read and check a whole header.

    Raises:
        GgufError: The file breaks the format.
    """
    cursor = _Cursor(source, source.size_bytes)
    version, tensor_count, key_count = _read_counts(cursor)
    metadata = _read_metadata(cursor, key_count)
    alignment = _alignment(metadata)
    tensors = _read_tensors(cursor, tensor_count, alignment)
    data_offset = cursor.position + -cursor.position % alignment
    _check_layout(tensors, data_offset, source.size_bytes)
    return GgufHeader(version, MappingProxyType(metadata), tensors, data_offset, source.size_bytes)


def read_metadata(source: ByteSource, most_bytes: int) -> Mapping[str, Value]:
    """Read the metadata that lie within the first bytes of a file.

    The architecture's numbers come before the vocabulary, so that a few hundred kilobytes tell
    what a file of gigabytes needs.

    Args:
        source: The file.
        most_bytes: How much of it may be read; a header that goes on behind that is cut there.

    Raises:
        GgufError: What was read breaks the format.
    """
    cursor = _Cursor(source, min(most_bytes, source.size_bytes))
    metadata: dict[str, Value] = {}
    try:
        _, _, key_count = _read_counts(cursor)
        _read_metadata(cursor, key_count, metadata)
    except _BudgetSpentError:
        pass
    return MappingProxyType(metadata)


class _Cursor:
    """Reads forward, never past the file's end, nor past what may be read or kept of it."""

    def __init__(self, source: ByteSource, limit: int) -> None:
        self._source = source
        self._size = source.size_bytes
        self._limit = limit
        self._window = b""
        self._start = 0
        self._text_bytes = self._array_texts = self._kept_items = 0
        self.position = 0

    @property
    def left(self) -> int:
        """Bytes to the file's end."""
        return self._size - self.position

    def take(self, count: int, field: str) -> bytes:
        """Return the next bytes."""
        self.check(count, field)
        begin = self.position - self._start
        if begin < 0 or begin + count > len(self._window):
            wanted = min(max(count, _WINDOW_BYTES), self._limit - self.position)
            self._window = self._source.read(self.position, wanted)
            self._start, begin = self.position, 0
            if len(self._window) < count:
                raise GgufError(field, "the file ends in the middle of it")
        self.position += count
        return self._window[begin : begin + count]

    def skip(self, count: int, field: str) -> None:
        """Go over the next bytes without reading them."""
        self.check(count, field)
        self.position += count

    def check(self, count: int, field: str) -> None:
        """Make sure that so many bytes are there and may be read."""
        if count > self.left:
            raise GgufError(field, f"needs {count} bytes, the file has {self.left} left")
        if self.position + count > self._limit:
            raise _BudgetSpentError

    def exhaust(self) -> None:
        """Let nothing more be read: what may be read of the file ended inside of a value."""
        self.position = self._limit

    def number(self, layout: str, field: str) -> int:
        """Return the next whole number."""
        (value,) = struct.unpack(layout, self.take(struct.calcsize(layout), field))
        return int(value)

    def text(self, longest: int, field: str) -> str:
        """Return the next string."""
        length = self.number("<Q", f"{field} length")
        if length > longest:
            raise GgufError(f"{field} length", f"{length} bytes are more than {longest}")
        self._text_bytes += length
        if self._text_bytes > _MOST_TEXT_BYTES:
            raise GgufError(
                f"{field} length", f"all texts together are more than {_MOST_TEXT_BYTES} bytes"
            )
        try:
            return self.take(length, field).decode("utf-8")
        except UnicodeDecodeError as error:
            raise GgufError(field, "is not UTF-8") from error

    def count_texts(self, count: int, field: str) -> None:
        """Make sure that so many more texts or arrays may be walked over."""
        self._array_texts += count
        if self._array_texts > _MOST_TEXTS:
            raise GgufError(f"{field} count", f"all arrays hold more than {_MOST_TEXTS} texts")

    def keeps(self, count: int) -> bool:
        """Whether so many more items of an array are kept."""
        self._kept_items += count if count <= _KEPT_ITEMS else 0
        return count <= _KEPT_ITEMS and self._kept_items <= _MOST_KEPT_ITEMS


def _read_counts(cursor: _Cursor) -> tuple[int, int, int]:
    """Return version, number of tensors, number of keys."""
    magic = cursor.take(4, "magic")
    if magic != _MAGIC:
        raise GgufError("magic", "this is not a GGUF file")
    version = cursor.number("<I", "version")
    if version not in _VERSIONS:
        swapped = int.from_bytes(version.to_bytes(4, "little"), "big")
        if swapped in _VERSIONS:
            raise GgufError("version", "the file is big-endian, made for another kind of machine")
        raise GgufError("version", f"is {version}; versions 2 and 3 can be read")
    tensors = cursor.number("<Q", "tensor count")
    keys = cursor.number("<Q", "metadata count")
    _check_count("tensor count", tensors, _SMALLEST_TENSOR_BYTES, cursor.left, _MOST_TENSORS)
    _check_count("metadata count", keys, _SMALLEST_KEY_BYTES, cursor.left, _MOST_KEYS)
    return version, tensors, keys


def _check_count(field: str, count: int, each_bytes: int, left: int, most: int) -> None:
    if count * each_bytes > left:
        raise GgufError(field, f"{count} do not fit into the {left} bytes that are left")
    if count > most:
        raise GgufError(field, f"{count} are more than {most}")


def _read_metadata(
    cursor: _Cursor, count: int, into: dict[str, Value] | None = None
) -> dict[str, Value]:
    metadata: dict[str, Value] = {} if into is None else into
    for number in range(count):
        key = cursor.text(_LONGEST_KEY_BYTES, f"metadata key {number}")
        if not key or key in metadata:
            raise GgufError(f"metadata key {number}", "is empty" if not key else f"{key!r} again")
        metadata[key] = _read_value(cursor, f"metadata {key}"[:200])
    return metadata


def _value_type(cursor: _Cursor, field: str) -> GGUFValueType:
    number = cursor.number("<I", f"{field} type")
    try:
        return GGUFValueType(number)
    except ValueError:
        raise GgufError(f"{field} type", f"{number} is unknown") from None


def _read_value(cursor: _Cursor, field: str) -> Value:
    kind = _value_type(cursor, field)
    if kind is GGUFValueType.ARRAY:
        return _read_array(cursor, field, 1)
    return _read_scalar(cursor, kind, field)


def _read_scalar(cursor: _Cursor, kind: GGUFValueType, field: str) -> Scalar:
    if kind is GGUFValueType.STRING:
        return cursor.text(_LONGEST_TEXT_BYTES, field)
    if kind is GGUFValueType.BOOL:
        byte = cursor.take(1, field)[0]
        if byte > 1:
            raise GgufError(field, f"{byte} is neither true nor false")
        return bool(byte)
    layout = _FORMATS[kind]
    value: int | float = struct.unpack(layout, cursor.take(struct.calcsize(layout), field))[0]
    return value


def _read_array(cursor: _Cursor, field: str, depth: int) -> GgufArray:
    kind = _value_type(cursor, field)
    count = cursor.number("<Q", f"{field} count")
    smallest = {GGUFValueType.STRING: 8, GGUFValueType.ARRAY: 12, GGUFValueType.BOOL: 1}
    each = smallest.get(kind) or struct.calcsize(_FORMATS[kind])
    if kind in {GGUFValueType.STRING, GGUFValueType.ARRAY}:
        cursor.count_texts(count, field)
    if count * each > cursor.left:
        raise GgufError(
            f"{field} count", f"{count} do not fit into the {cursor.left} bytes that are left"
        )
    try:
        return GgufArray(kind.name, count, _read_items(cursor, field, kind, count, depth))
    except _BudgetSpentError:
        cursor.exhaust()
        return GgufArray(kind.name, count, None)


def _read_items(
    cursor: _Cursor, field: str, kind: GGUFValueType, count: int, depth: int
) -> tuple[Scalar, ...] | None:
    if kind is GGUFValueType.ARRAY:
        if depth == _DEEPEST_ARRAY:
            raise GgufError(field, "arrays are nested too deep")
        for _ in range(count):
            _read_array(cursor, field, depth + 1)
        return None
    if cursor.keeps(count):
        return tuple(_read_scalar(cursor, kind, field) for _ in range(count))
    if kind is GGUFValueType.STRING:
        for _ in range(count):
            length = cursor.number("<Q", f"{field} length")
            cursor.skip(length, field)
    else:
        each = 1 if kind is GGUFValueType.BOOL else struct.calcsize(_FORMATS[kind])
        cursor.skip(count * each, field)
    return None


def _alignment(metadata: Mapping[str, Value]) -> int:
    alignment = metadata.get("general.alignment", 32)
    field = "metadata general.alignment"
    if not isinstance(alignment, int) or isinstance(alignment, bool):
        raise GgufError(field, "is not a whole number")
    if not 8 <= alignment <= _LARGEST_ALIGNMENT or alignment & (alignment - 1):
        raise GgufError(field, f"{alignment} is no power of two between 8 and {_LARGEST_ALIGNMENT}")
    return alignment


def _read_tensors(cursor: _Cursor, count: int, alignment: int) -> tuple[TensorInfo, ...]:
    names: set[str] = set()
    tensors = []
    for number in range(count):
        name = cursor.text(_LONGEST_NAME_BYTES, f"tensor {number} name")
        field = f"tensor {name}"[:200]
        if name in names:
            raise GgufError(field, "is there twice")
        names.add(name)
        dimensions = cursor.number("<I", f"{field} dimensions")
        if not 1 <= dimensions <= _MOST_DIMENSIONS:
            raise GgufError(f"{field} dimensions", f"{dimensions} are not 1 to {_MOST_DIMENSIONS}")
        shape = tuple(cursor.number("<Q", f"{field} shape") for _ in range(dimensions))
        type_name, size_bytes = _tensor_size(shape, cursor.number("<I", f"{field} type"), field)
        offset = cursor.number("<Q", f"{field} offset")
        if offset % alignment:
            raise GgufError(f"{field} offset", f"{offset} is not a multiple of {alignment}")
        tensors.append(TensorInfo(name, shape, type_name, offset, size_bytes))
    return tuple(tensors)


def _tensor_size(shape: tuple[int, ...], type_number: int, field: str) -> tuple[str, int]:
    try:
        kind = GGMLQuantizationType(type_number)
        block_values, block_bytes = GGML_QUANT_SIZES[kind]
    except (ValueError, KeyError):
        raise GgufError(f"{field} type", f"{type_number} is unknown to this version") from None
    values = math.prod(shape)
    if not 0 < values < 2**63:
        raise GgufError(f"{field} shape", f"{' × '.join(map(str, shape))} makes no tensor")
    if shape[0] % block_values:
        raise GgufError(f"{field} shape", f"rows of {shape[0]} are no blocks of {block_values}")
    return kind.name, values // block_values * block_bytes


def _check_layout(tensors: tuple[TensorInfo, ...], data_offset: int, size_bytes: int) -> None:
    """Make sure that the tensors lie inside of the file and none upon another."""
    end = 0
    for tensor in sorted(tensors, key=lambda one: one.offset):
        field = f"tensor {tensor.name}"[:200] + " offset"
        if tensor.offset < end:
            raise GgufError(field, "it overlaps with another tensor")
        end = tensor.offset + tensor.size_bytes
        if data_offset + end > size_bytes:
            missing = data_offset + end - size_bytes
            raise GgufError(field, f"it ends {missing} bytes behind the file's end")
