"""Every damage of a header has an error that names the field; a sound one is read as it is."""

from __future__ import annotations

import struct
import tracemalloc
from pathlib import Path

import gguf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.builtin import builtin_model_path
from models.description import describe
from models.errors import GgufError
from models.gguf import FileSource, GgufArray, GgufHeader, read_header, read_metadata
from tests.bench.generated_model import TINY, generate_model
from tests.models.gguf_files import (
    ARRAY,
    BOOL,
    Q8_0,
    STRING,
    UINT32,
    Gguf,
    array,
    key,
    number,
    tensor,
    text,
    word,
)


class Bytes:
    """A file in memory that counts what is read of it."""

    def __init__(self, content: bytes, size_bytes: int | None = None) -> None:
        self._content = content
        self.size_bytes = len(content) if size_bytes is None else size_bytes
        self.furthest = 0

    def read(self, offset: int, count: int) -> bytes:
        self.furthest = max(self.furthest, offset + count)
        return self._content[offset : offset + count]


def read(content: bytes) -> GgufHeader:
    return read_header(Bytes(content))


ARCHITECTURE = word("general.architecture", "llama")

DAMAGES = {
    "no magic": (Gguf(magic=b"PK\x03\x04"), "magic"),
    "big-endian": (Gguf(version=struct.pack(">I", 3)), "version"),
    "version 1": (Gguf(version=struct.pack("<I", 1)), "version"),
    "version 4": (Gguf(version=struct.pack("<I", 4)), "version"),
    "huge tensor count": (Gguf(tensor_count=2**63), "tensor count"),
    "tensor count beyond the file": (Gguf(tensor_count=50), "tensor count"),
    "one tensor too many": (Gguf(tensor_count=3), "tensor"),
    "huge key count": (Gguf(key_count=2**64 - 1), "metadata count"),
    "huge key": (Gguf(keys=[struct.pack("<Q", 2**62)]), "metadata key 0 length"),
    "key longer than the format allows": (
        Gguf(keys=[word("k" * 65536, "v")]), "metadata key 0 length",
    ),
    "empty key": (Gguf(keys=[number("", 1)]), "metadata key 0"),
    "key that is no text": (Gguf(keys=[key(b"\xff\xfe", UINT32, b"1234")]), "metadata key 0"),
    "key twice": (Gguf(keys=[number("a", 1), number("a", 2)]), "metadata key 1"),
    "text that is no text": (Gguf(keys=[word("a", b"\xff")]), "metadata a"),
    "huge text": (
        Gguf(keys=[key("a", STRING, struct.pack("<Q", 2**40))]), "metadata a length",
    ),
    "unknown value type": (Gguf(keys=[key("a", 77, b"1234")]), "metadata a type"),
    "bool of 2": (Gguf(keys=[key("a", BOOL, b"\x02")]), "metadata a"),
    "huge array": (Gguf(keys=[array("a", UINT32, 2**62, b"")]), "metadata a count"),
    "huge array of texts": (Gguf(keys=[array("a", STRING, 2**40, b"")]), "metadata a count"),
    "more texts than any vocabulary": (
        Gguf(keys=[array("a", STRING, 2**21 + 1, b"")]), "metadata a count",
    ),
    "text in an array beyond the file": (
        Gguf(keys=[array("a", STRING, 1, struct.pack("<Q", 2**50))]), "metadata a length",
    ),
    "unknown array type": (Gguf(keys=[array("a", 99, 1, b"1234")]), "metadata a type"),
    "arrays in arrays in arrays": (
        Gguf(keys=[array("a", ARRAY, 1, struct.pack("<IQIQ", ARRAY, 1, ARRAY, 0))]), "metadata a",
    ),
    "alignment 0": (Gguf(keys=[number("general.alignment", 0)]), "metadata general.alignment"),
    "alignment 24": (Gguf(keys=[number("general.alignment", 24)]), "metadata general.alignment"),
    "alignment 4": (Gguf(keys=[number("general.alignment", 4)]), "metadata general.alignment"),
    "huge alignment": (
        Gguf(keys=[number("general.alignment", 2**31)]), "metadata general.alignment",
    ),
    "alignment in words": (
        Gguf(keys=[word("general.alignment", "32")]), "metadata general.alignment",
    ),
    "tensor twice": (Gguf(tensors=[tensor("a"), tensor("a", offset=32)]), "tensor a"),
    "no dimensions": (Gguf(tensors=[tensor("a", ())]), "tensor a dimensions"),
    "five dimensions": (Gguf(tensors=[tensor("a", (1,) * 5)]), "tensor a dimensions"),
    "dimension of 0": (Gguf(tensors=[tensor("a", (8, 0))]), "tensor a shape"),
    "product beyond 63 bits": (Gguf(tensors=[tensor("a", (2**32, 2**32))]), "tensor a shape"),
    "unknown tensor type": (Gguf(tensors=[tensor("a", kind=99)]), "tensor a type"),
    "removed tensor type": (Gguf(tensors=[tensor("a", kind=4)]), "tensor a type"),
    "broken blocks": (Gguf(tensors=[tensor("a", (31,), Q8_0)]), "tensor a shape"),
    "crooked offset": (Gguf(tensors=[tensor("a", offset=8)]), "tensor a offset"),
    "overlap": (Gguf(tensors=[tensor("a", (16,)), tensor("b", offset=32)]), "tensor b offset"),
    "same place": (Gguf(tensors=[tensor("a"), tensor("b")]), "tensor b offset"),
    "beyond the end": (Gguf(tensors=[tensor("a", offset=64)]), "tensor a offset"),
    "far beyond the end": (Gguf(tensors=[tensor("a", offset=2**63)]), "tensor a offset"),
}  # fmt: skip


@pytest.mark.parametrize("damage", DAMAGES)
def test_each_damage_is_told_with_its_field(damage: str) -> None:
    file, field = DAMAGES[damage]
    tracemalloc.start()
    try:
        with pytest.raises(GgufError) as told:
            read(file.content())
        _, peak_bytes = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert told.value.field.startswith(field)
    assert peak_bytes < 2_000_000


@pytest.mark.parametrize("most_bytes", [None, 2**40])
def test_texts_are_bounded_together(most_bytes: int | None) -> None:
    many = Bytes(Gguf(keys=[word(f"k{number}", b"x" * 2**24) for number in range(5)]).content())
    with pytest.raises(GgufError, match="together") as told:
        read_header(many) if most_bytes is None else read_metadata(many, most_bytes)
    assert told.value.field == "metadata k3 length"


def test_texts_in_arrays_are_bounded_together() -> None:
    few = array("few", STRING, 2**12, bytes(2**15))
    keys = [few, array("many", STRING, 2**21 - 2**12 + 1, b"")]
    with pytest.raises(GgufError, match="all arrays"):
        read(Gguf(keys=keys).content())


def test_so_many_items_of_arrays_are_kept_and_no_more() -> None:
    keys = [array(f"k{number}", UINT32, 4096, bytes(16384)) for number in range(100)]
    kept = read(Gguf(keys=keys).content()).metadata.values()
    assert [isinstance(value, GgufArray) and value.items is not None for value in kept] == [
        *[True] * 64, *[False] * 36,
    ]  # fmt: skip


def test_a_sound_file_is_read_as_it_is() -> None:
    content = Gguf(
        keys=[
            ARCHITECTURE,
            key("flag", BOOL, b"\x01"),
            array("few", UINT32, 2, struct.pack("<II", 7, 8)),
            array("many", UINT32, 5000, bytes(20000)),
            array("words", STRING, 5000, text("ab") * 5000),
            array("nested", ARRAY, 1, struct.pack("<IQ", UINT32, 1) + b"1234"),
        ]
    ).content()
    header = read(content)
    assert header.metadata["general.architecture"] == "llama"
    assert header.metadata["flag"] is True
    assert header.metadata["few"] == GgufArray("UINT32", 2, (7, 8))
    assert header.metadata["many"] == GgufArray("UINT32", 5000, None)
    assert header.metadata["words"] == GgufArray("STRING", 5000, None)
    assert header.metadata["nested"] == GgufArray("ARRAY", 1, None)
    assert [(t.name, t.shape, t.type_name) for t in header.tensors] == [
        ("a", (8,), "F32"), ("b", (4, 2), "F32"),
    ]  # fmt: skip
    assert header.data_offset + 64 == header.size_bytes == len(content)


def test_a_file_cut_anywhere_is_refused() -> None:
    content = Gguf().content()
    for length in range(len(content)):
        with pytest.raises(GgufError):
            read(content[:length])


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_flipped_bytes_raise_nothing_else(data: st.DataObject) -> None:
    content = bytearray(Gguf().content())
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    try:
        header = read(bytes(content))
        describe(header.metadata, header.tensors)
    except GgufError:
        pass


@pytest.mark.parametrize("quantized", [False, True])
def test_what_the_package_writes_is_read_alike(tmp_path: Path, *, quantized: bool) -> None:
    from dataclasses import replace

    path = generate_model(tmp_path / "m.gguf", replace(TINY, quantized=quantized))
    known = gguf.GGUFReader(path)
    with FileSource(path) as source:
        header = read_header(source)
    assert [(t.name, t.shape, t.type_name, t.size_bytes) for t in header.tensors] == [
        (t.name, tuple(int(n) for n in t.shape), t.tensor_type.name, int(t.n_bytes))
        for t in known.tensors
    ]
    assert header.data_offset == known.data_offset
    names = [name for name in known.fields if not name.startswith("GGUF.")]
    assert list(header.metadata) == names


def test_the_shipped_model_is_described() -> None:
    with FileSource(builtin_model_path()) as source:
        header = read_header(source)
    about = describe(header.metadata, header.tensors)
    assert (about.architecture, about.layers, about.vocabulary) == ("llama", 4, 2048)
    assert about.parameters is not None
    assert 2e6 < about.parameters < 2.5e6
    assert about.chat_template
    assert about.state_values == 0


def test_the_beginning_of_a_file_tells_its_architecture() -> None:
    words = array("tokenizer.ggml.tokens", STRING, 5000, text("ab") * 5000)
    file = Gguf(keys=[ARCHITECTURE, number("llama.block_count", 2), words, number("late", 1)])
    source = Bytes(file.content())
    metadata = read_metadata(source, 300)
    assert source.furthest <= 300
    about = describe(metadata)
    assert (about.architecture, about.layers, about.vocabulary) == ("llama", 2, 5000)
    assert "late" not in metadata
    assert "late" in read_metadata(source, 10**6)


def test_a_damaged_beginning_is_told_before_the_rest_is_there() -> None:
    with pytest.raises(GgufError, match="version"):
        read_metadata(Bytes(Gguf(version=b"\x09\0\0\0").content()), 1000)
    with pytest.raises(GgufError, match="tensor count"):
        read_metadata(Bytes(Gguf(tensor_count=2**60).content()), 1000)


@pytest.mark.parametrize(
    ("keys", "field"),
    [
        ([number("llama.block_count", 2)], "general.architecture"),
        ([number("general.architecture", 2)], "general.architecture"),
        ([ARCHITECTURE, word("llama.block_count", "2")], "llama.block_count"),
        ([ARCHITECTURE, key("llama.block_count", BOOL, b"\x01")], "llama.block_count"),
        (
            [ARCHITECTURE, key("llama.embedding_length", 5, struct.pack("<i", -1))],
            "llama.embedding_length",
        ),
        ([ARCHITECTURE, number("tokenizer.ggml.tokens", 2)], "tokenizer.ggml.tokens"),
        *(
            ([ARCHITECTURE, array(f"llama.{name}", UINT32, 0, b"")], f"llama.{name}")
            for name in ("attention.head_count", "attention.head_count_kv", "feed_forward_length")
        ),
    ],
)
def test_a_value_of_the_wrong_kind_names_its_key(keys: list[bytes], field: str) -> None:
    with pytest.raises(GgufError) as told:
        describe(read(Gguf(keys=keys).content()).metadata)
    assert told.value.field == f"metadata {field}"


def test_heads_may_differ_from_layer_to_layer_and_thoughts_show_in_the_template() -> None:
    keys = [
        ARCHITECTURE,
        array("llama.attention.head_count_kv", UINT32, 2, struct.pack("<II", 8, 0)),
        word("tokenizer.chat_template", "{{ '<think>' }}"),
        number("general.file_type", 15),
    ]
    about = describe(read(Gguf(keys=keys).content()).metadata)
    assert about.kv_heads == (8, 0)
    assert about.thinks
    assert about.quantization == "Q4_K_M"
