"""Whether a model fits this machine: the engine's plan of a context, and the memory it takes.

Free of Qt. It must not read files or ask the machine itself.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import zip_longest
from typing import Final

import msgspec

from engine.backends.llama.capacity import (
    VALUE_BITS,
    CacheShape,
    Capacity,
    attention_for,
    cell_type_for,
    plan,
)
from engine.budget import NOTCHES, Notch
from engine.generation import LoadOptions
from engine.protocol import MemoryMeasured
from models.description import ModelDescription
from models.fit import (
    ContextShape,
    Fit,
    GpuMemory,
    MachineMemory,
    MemoryNeed,
    Placement,
    cell_values,
    fit,
    head_sizes,
    memory_need,
)

_PREFERENCE: Final = (
    "Q4_K_M", "Q4_K_XL", "MXFP4", "Q5_K_M", "Q4_K_S", "IQ4_XS", "Q4_0", "Q6_K", "Q8_0", "Q3_K_M",
)  # fmt: skip
"""Quantizations as they are recommended where several fit: the usual balance of size and quality
first, as the peers do ("4-bit" is llama.cpp's own default)."""


@dataclass(frozen=True, slots=True)
class Fitting:
    """How a model fits.

    Attributes:
        fit: Where it would run with the slider's samples side by side.
        largest_notch: The largest stop of the slider whose candidates all run side by side, or
            None where not even one does.
    """

    fit: Fit
    largest_notch: Notch | None


def machine_memory(measured: MemoryMeasured) -> MachineMemory:
    """Return what the engine measured, as the estimate takes it."""
    gpus = tuple(GpuMemory(d.name, d.free_bytes, d.total_bytes) for d in measured.devices)
    return MachineMemory(measured.free_bytes, measured.total_bytes, gpus, measured.avx512)


def fitting(
    description: ModelDescription,
    weights_bytes: int,
    options: LoadOptions,
    samples: int,
    machine: MachineMemory,
) -> Fitting | None:
    """Work out how a model fits; None where its header does not tell enough.

    Args:
        description: The file's header.
        weights_bytes: Size of all its files.
        options: How it would be loaded.
        samples: Candidates side by side.
        machine: Memory that is free, the model that would be replaced counted as gone.
    """
    machine = _used(machine, options.tensor_split)
    wanted = _fit(description, weights_bytes, options, samples, machine)
    if wanted is None:
        return None
    if wanted.placement is Placement.TOO_LARGE and samples > 1:
        # fewer candidates at a time still answer, one after another
        alone = _fit(description, weights_bytes, options, 1, machine)
        wanted = alone or wanted
    largest = None
    for notch in NOTCHES:
        shape = _least_shape(description, options, notch.attempts, machine)
        found = _fit(description, weights_bytes, options, notch.attempts, machine)
        fits = found is not None and found.placement is not Placement.TOO_LARGE
        if fits and shape is not None and shape.candidates == notch.attempts:
            largest = notch
    return Fitting(wanted, largest)


def _used(machine: MachineMemory, split: tuple[float, ...]) -> MachineMemory:
    """The machine without the GPUs that a chosen split gives nothing."""
    if not split:
        return machine
    shares = zip_longest(machine.gpus, split[: len(machine.gpus)], fillvalue=0.0)
    gpus = tuple(gpu for gpu, share in shares if isinstance(gpu, GpuMemory) and share)
    return replace(machine, gpus=gpus)


def loaded_need(
    description: ModelDescription, weights_bytes: int, options: LoadOptions, machine: MachineMemory
) -> MemoryNeed | None:
    """Return what the engine would hold once the model is loaded with these options."""
    shape = _shape(description, options, machine, _room(weights_bytes, machine))
    return None if shape is None else memory_need(description, weights_bytes, shape)


def recommended_quantization(placements: dict[str, Placement]) -> str | None:
    """Return which of a repository's quantizations to take, or None where none fits.

    Args:
        placements: Where each would run.
    """
    for best in (Placement.GPU, Placement.PARTLY, Placement.CPU):
        for label in _PREFERENCE:
            named = [name for name in placements if label == name or name.endswith(f"-{label}")]
            for name in named:
                if placements[name] is best:
                    return name
    return next((name for name, p in placements.items() if p is not Placement.TOO_LARGE), None)


def _fit(
    description: ModelDescription,
    weights_bytes: int,
    options: LoadOptions,
    samples: int,
    machine: MachineMemory,
) -> Fit | None:
    shape = _least_shape(description, options, samples, machine)
    if shape is None:
        return None
    need = memory_need(description, weights_bytes, shape)
    most = options.gpu_layers if isinstance(options.gpu_layers, int) else None
    return None if need is None else fit(description, need, machine, most)


def _least_shape(
    description: ModelDescription, options: LoadOptions, samples: int, machine: MachineMemory
) -> ContextShape | None:
    """The smallest context for so many candidates, without the machine's limits."""
    unified = "on" if options.unified_cache == "auto" else options.unified_cache
    asked = msgspec.structs.replace(options, slots=samples, unified_cache=unified)
    return _shape(description, asked, machine, 0)


def _shape(
    description: ModelDescription,
    options: LoadOptions,
    machine: MachineMemory,
    available_bytes: int,
) -> ContextShape | None:
    values, heads = cell_values(description), head_sizes(description)
    if not values or heads is None:
        return None
    on_gpu = bool(machine.gpus) and options.gpu_layers != 0
    avx512 = machine.avx512 and not on_gpu
    cell_type = cell_type_for(options, heads, avx512=avx512)
    capacity: Capacity = plan(
        options,
        CacheShape(description.context_tokens or 0, values, can_fork=not description.recurrent),
        cell_type=cell_type,
        attention=attention_for(options, cell_type, heads, avx512=avx512),
        on_gpu=on_gpu,
        available_bytes=available_bytes,
    )
    streams = 1 if capacity.unified else capacity.slots + 1
    return ContextShape(
        candidates=capacity.slots,
        cells=capacity.cells,
        longest_cells=capacity.cells // streams,
        rows=capacity.most_rows,
        value_bits=VALUE_BITS[cell_type],
        flash_attention=capacity.attention != "off",
    )


def _room(weights_bytes: int, machine: MachineMemory) -> int:
    free = sum(gpu.free_bytes for gpu in machine.gpus) or machine.free_bytes
    return max(1, free - weights_bytes, free // 8)
