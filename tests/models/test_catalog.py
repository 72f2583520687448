"""The list of models to begin with, and which one a machine is offered."""

from __future__ import annotations

import pytest

from models.catalog import catalog, recommended
from models.fit import GpuMemory, MachineMemory

GB = 1_000_000_000


def machine(memory_gb: float, *gpus_gb: float) -> MachineMemory:
    devices = tuple(GpuMemory("GPU", int(size * GB), int(size * GB)) for size in gpus_gb)
    return MachineMemory(int(memory_gb * GB), int(memory_gb * GB), devices)


def test_every_entry_is_whole_and_in_order() -> None:
    entries = catalog()
    assert len({(entry.repository, entry.quantization) for entry in entries}) == len(entries) >= 8
    assert [e.memory_bytes for e in entries] == sorted(e.memory_bytes for e in entries)
    assert {entry.kind for entry in entries} == {"chat", "reasoning"}
    for entry in entries:
        assert entry.size_bytes < entry.memory_bytes
        assert entry.why.endswith(".")


@pytest.mark.parametrize(
    ("memory_gb", "gpus_gb", "title"),
    [
        (4, (), "Qwen3 1.7B"),
        (8, (), "SmolLM3 3B"),
        (16, (), "Qwen3 4B Instruct 2507"),
        (64, (), "Qwen3 4B Instruct 2507"),
        (32, (1,), "Qwen3 4B Instruct 2507"),
        (32, (8,), "Qwen3 4B Instruct 2507"),
        (32, (12,), "Qwen3 8B"),
        (32, (24,), "Qwen3 30B A3B Instruct 2507"),
        (64, (80,), "Qwen3 32B"),
    ],
)
def test_a_machine_is_offered_what_suits_it(
    memory_gb: float, gpus_gb: tuple[float, ...], title: str
) -> None:
    assert recommended(machine(memory_gb, *gpus_gb)).title == title
