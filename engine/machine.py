"""This machine's main memory and processors, as its system tells them."""

from __future__ import annotations

import os
import platform
from dataclasses import dataclass
from pathlib import Path

import psutil


@dataclass(frozen=True, slots=True)
class MachineLoad:
    """What all programs together use.

    Attributes:
        busy_percent: Of all processors since the last reading, 0 to 100.
        used_bytes: Main memory that no other program could have.
        total_bytes: Main memory installed.
    """

    busy_percent: float
    used_bytes: int
    total_bytes: int


def available_memory_bytes() -> int:
    """Main memory that can be used without pushing other programs out; 0 when unknown."""
    load = machine_load()
    return load.total_bytes - load.used_bytes if load is not None else 0


def total_memory_bytes() -> int:
    """Main memory installed; 0 when unknown."""
    load = machine_load()
    return load.total_bytes if load is not None else 0


def process_memory_bytes(process_id: int) -> int:
    """Main memory that a process of ours takes; 0 when unknown."""
    try:
        return int(psutil.Process(process_id).memory_info().rss)
    except (OSError, psutil.Error):
        return 0


def machine_load() -> MachineLoad | None:
    """Read how much is in use now, or None where the system does not tell.

    It takes less than a millisecond; the first reading says 0 %.
    """
    try:
        memory = psutil.virtual_memory()
        busy = psutil.cpu_percent(interval=None)
    except (OSError, RuntimeError, ValueError, LookupError, psutil.Error):  # by what is missing
        return None
    return MachineLoad(busy, int(memory.total - memory.available), int(memory.total))


def usable_cores() -> int:
    """Cores that this process may use.

    Not hardware threads: two of one core share its arithmetic units.
    """
    try:
        usable = os.sched_getaffinity(0)
    except AttributeError:  # macOS and Windows
        logical = os.cpu_count() or 1
        two_threads_each = platform.machine() in {"AMD64", "x86_64"} and logical >= 4
        return logical // 2 if two_threads_each else logical
    topology = Path("/sys/devices/system/cpu")
    cores = set()
    for logical in usable:
        siblings = topology / f"cpu{logical}" / "topology" / "thread_siblings_list"
        try:
            cores.add(siblings.read_text("ascii"))
        except OSError:
            cores.add(str(logical))
    return len(cores)
