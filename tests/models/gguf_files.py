"""GGUF files made by hand, byte for byte, so that each can be damaged in one place."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass, field

STRING, ARRAY, UINT32, BOOL, UINT64 = 8, 9, 4, 7, 10
F32, Q8_0 = 0, 8


def text(value: str | bytes) -> bytes:
    content = value.encode() if isinstance(value, str) else value
    return struct.pack("<Q", len(content)) + content


def key(name: str | bytes, kind: int, value: bytes) -> bytes:
    return text(name) + struct.pack("<I", kind) + value


def number(name: str, value: int) -> bytes:
    return key(name, UINT32, struct.pack("<I", value))


def word(name: str, value: str | bytes) -> bytes:
    return key(name, STRING, text(value))


def array(name: str, kind: int, count: int, items: bytes) -> bytes:
    return key(name, ARRAY, struct.pack("<IQ", kind, count) + items)


def tensor(name: str, shape: Sequence[int] = (8,), kind: int = F32, offset: int = 0) -> bytes:
    return (
        text(name)
        + struct.pack("<I", len(shape))
        + b"".join(struct.pack("<Q", size) for size in shape)
        + struct.pack("<IQ", kind, offset)
    )


@dataclass
class Gguf:
    """A small sound file, unless told otherwise.

    Attributes:
        keys: Its metadata, encoded.
        tensors: Its tensors, encoded.
        data_bytes: Length of the weights.
        key_count: What it claims, or None for the truth.
        tensor_count: What it claims, or None for the truth.
    """

    magic: bytes = b"GGUF"
    version: bytes = struct.pack("<I", 3)
    keys: list[bytes] = field(
        default_factory=lambda: [
            word("general.architecture", "llama"),
            number("llama.block_count", 2),
        ]
    )
    tensors: list[bytes] = field(
        default_factory=lambda: [tensor("a"), tensor("b", (4, 2), F32, 32)]
    )
    data_bytes: int = 64
    key_count: int | None = None
    tensor_count: int | None = None
    alignment: int = 32

    def header(self) -> bytes:
        """Everything before the weights."""
        keys = len(self.keys) if self.key_count is None else self.key_count
        tensors = len(self.tensors) if self.tensor_count is None else self.tensor_count
        counts = struct.pack("<QQ", tensors, keys)
        return b"".join([self.magic, self.version, counts, *self.keys, *self.tensors])

    def content(self) -> bytes:
        """The whole file."""
        header = self.header()
        return header + bytes(-len(header) % self.alignment) + bytes(self.data_bytes)
