"""What the system tells of memory and processors."""

from __future__ import annotations

import psutil
import pytest

from engine.machine import available_memory_bytes, machine_load, total_memory_bytes


def test_memory_that_can_be_had_is_part_of_what_there_is() -> None:
    assert 0 < available_memory_bytes() < total_memory_bytes()


def test_a_busy_processor_is_told() -> None:
    machine_load()
    sum(range(20_000_000))
    load = machine_load()
    assert load is not None
    assert 0 < load.busy_percent <= 100
    assert 0 < load.used_bytes < load.total_bytes == total_memory_bytes()


def test_a_system_that_does_not_tell_is_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> None:
        raise OSError("no such file")

    monkeypatch.setattr(psutil, "virtual_memory", refuse)
    assert machine_load() is None
    assert (available_memory_bytes(), total_memory_bytes()) == (0, 0)
