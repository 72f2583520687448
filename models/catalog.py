"""Models to begin with: a short list as data, and which of them suits a machine."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from models.fit import MachineMemory

_FILE = Path(__file__).with_name("catalog.toml")
_SMALLEST_GPU_BYTES = 3_000_000_000
"""A smaller GPU holds too little of a model to count."""


class CatalogModel(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One entry.

    Attributes:
        title: What people call it.
        repository: `owner/name` on the hub.
        quantization: Which of its files.
        size_bytes: Of the download, rounded.
        memory_bytes: Memory, of the GPU or the machine, from which on it is comfortable.
        kind: Whether it was trained to think before it answers.
        licence: Its licence's name on the hub.
        why: What it is good for.
    """

    title: str
    repository: Annotated[str, Meta(pattern=r"^[\w.-]+/[\w.-]+$")]
    quantization: str
    size_bytes: Annotated[int, Meta(gt=0)]
    memory_bytes: Annotated[int, Meta(gt=0)]
    kind: Literal["chat", "reasoning"]
    licence: str
    why: str


class _Catalog(msgspec.Struct, frozen=True):
    model: tuple[CatalogModel, ...]


def catalog() -> tuple[CatalogModel, ...]:
    """Return all entries, those that need the least memory first."""
    return msgspec.toml.decode(_FILE.read_bytes(), type=_Catalog).model


def recommended(machine: MachineMemory) -> CatalogModel:
    """Return the entry to begin with on this machine.

    A quick model without hidden thoughts is preferred: it makes the slider's votes cheap. Where
    even the smallest is too large for comfort, it is the smallest.
    """
    largest_gpu = max((gpu.total_bytes for gpu in machine.gpus), default=0)
    on_gpu = largest_gpu >= _SMALLEST_GPU_BYTES
    # on the processor every token costs the whole of the weights, so that half the memory is
    # a lot already
    room = largest_gpu if on_gpu else min(machine.total_bytes // 2, 8_000_000_000)
    entries = catalog()
    fitting = [entry for entry in entries if entry.memory_bytes <= room] or [entries[0]]
    most = max(entry.memory_bytes for entry in fitting)
    best = [entry for entry in fitting if entry.memory_bytes == most]
    return next((entry for entry in best if entry.kind == "chat"), best[0])
