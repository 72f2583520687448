"""How much memory a model needs with its candidates, and whether this machine has it.

It knows the file's header and the machine's free memory. How many cells the engine makes for so
many candidates is the engine's policy; who asks here passes the number in.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from models.description import ModelDescription

_ENGINE_BYTES: Final = 60_000_000
"""The engine's process before a model: Python, llama.cpp and its tables."""
_TOKEN_BYTES: Final = 250
"""What llama.cpp's vocabulary and ours keep of one token, by resident memory."""
_FEED_FORWARD_FLOATS: Final = 3.0
_WIDTH_FLOATS: Final = 4.5
"""Activations of one row in 32 bits, fitted to llama.cpp's own report of its compute buffer for
shapes between 256 and 1024 wide: within 10 % of each."""
_MASK_BYTES: Final = 2
_SCORE_BYTES: Final = 4
_STATE_BYTES: Final = 4
"""Of each number of a recurrent state; there is one state, because candidates take turns."""
_GPU_RESERVE_BYTES: Final = 400_000_000
"""What the driver and llama.cpp's kernels take of a GPU beside the buffers."""
_MEMORY_RESERVE: Final = 0.05
"""Share of the main memory that stays free, so that the system does not start to swap."""


class Placement(StrEnum):
    """Where a model would run."""

    GPU = "gpu"
    PARTLY = "partly"
    CPU = "cpu"
    TOO_LARGE = "too-large"


@dataclass(frozen=True, slots=True)
class GpuMemory:
    """One GPU.

    Attributes:
        name: The device.
        free_bytes: Memory that is free now.
        total_bytes: Memory it has.
    """

    name: str
    free_bytes: int
    total_bytes: int


@dataclass(frozen=True, slots=True)
class MachineMemory:
    """What the machine has to spare now.

    Attributes:
        free_bytes: Main memory that can be used without pushing other programs out.
        total_bytes: Main memory installed.
        gpus: GPUs that can hold layers.
        avx512: Whether the engine's code for the processor uses AVX-512.
    """

    free_bytes: int
    total_bytes: int
    gpus: tuple[GpuMemory, ...] = ()
    avx512: bool = False

    def without(self, loaded: MemoryNeed | None, layers_on_gpu_share: float) -> MachineMemory:
        """What is free once the model that is loaded now is gone.

        Args:
            loaded: What it holds, or None without one.
            layers_on_gpu_share: Which part of it lies on the GPUs, 0 to 1.
        """
        if loaded is None:
            return self
        on_gpu = int((loaded.total_bytes - loaded.engine_bytes) * layers_on_gpu_share)
        # weights in main memory are pages of the file, which count as free already
        pages = int(loaded.weights_bytes * (1 - layers_on_gpu_share))
        in_memory = loaded.total_bytes - on_gpu - pages
        free = min(self.total_bytes, self.free_bytes + in_memory)
        gpus = []
        for gpu in self.gpus:
            back = min(on_gpu, gpu.total_bytes - gpu.free_bytes)
            on_gpu -= back
            gpus.append(GpuMemory(gpu.name, gpu.free_bytes + back, gpu.total_bytes))
        return replace(self, free_bytes=free, gpus=tuple(gpus))


@dataclass(frozen=True, slots=True)
class ContextShape:
    """The context that the engine would make.

    Attributes:
        candidates: Candidates side by side.
        cells: Cells of the cache in all.
        longest_cells: Cells that one candidate looks over.
        value_bits: Bits of one cached number.
        rows: Most tokens that are evaluated together.
        flash_attention: Whether attention is worked out without its whole table of scores.
    """

    candidates: int
    cells: int
    longest_cells: int
    rows: int = 512
    value_bits: float = 16.0
    flash_attention: bool = True


@dataclass(frozen=True, slots=True)
class MemoryNeed:
    """What a loaded model holds.

    Attributes:
        weights_bytes: The file's tensors.
        cache_bytes: Keys and values of every cell, and recurrent states.
        compute_bytes: Work space of one decode step, and its logits.
        engine_bytes: The process around it.
    """

    weights_bytes: int
    cache_bytes: int
    compute_bytes: int
    engine_bytes: int

    @property
    def total_bytes(self) -> int:
        """All of it."""
        return self.weights_bytes + self.cache_bytes + self.compute_bytes + self.engine_bytes


@dataclass(frozen=True, slots=True)
class Fit:
    """Where a model would run on this machine.

    Attributes:
        placement: Where.
        need: What it takes.
        layers_on_gpu: Layers that fit on the GPUs, where that is not all of them.
    """

    placement: Placement
    need: MemoryNeed
    layers_on_gpu: int


def head_sizes(description: ModelDescription) -> tuple[int, int] | None:
    """Numbers in a key and in a value of one head; None when unknown."""
    if description.embedding is None:
        return None
    heads = description.heads
    first_heads = heads[0] if isinstance(heads, tuple) else heads
    width = description.embedding // max(1, first_heads or 1)
    return description.key_length or width, description.value_length or width


def cell_values(description: ModelDescription) -> int | None:
    """Numbers in one cell of the cache, keys and values of all layers; None when unknown."""
    layers, heads, sizes = description.layers, description.heads, head_sizes(description)
    if not layers or sizes is None:
        return None
    kv_heads = description.kv_heads if description.kv_heads is not None else heads
    if kv_heads is None:
        return None
    cached = layers if description.cached_layers is None else description.cached_layers
    in_all = sum(kv_heads) if isinstance(kv_heads, tuple) else kv_heads * cached
    return in_all * sum(sizes)


def memory_need(
    description: ModelDescription, weights_bytes: int, shape: ContextShape
) -> MemoryNeed | None:
    """Return what a model needs with such a context; None when its header does not tell.

    Args:
        description: The file's header.
        weights_bytes: Size of the tensors, all parts of a split model together.
        shape: The context.
    """
    values = cell_values(description)
    if values is None or description.embedding is None:
        return None
    vocabulary = description.vocabulary or 0
    feed_forward = description.feed_forward or 4 * description.embedding
    row_floats = _FEED_FORWARD_FLOATS * feed_forward + _WIDTH_FLOATS * description.embedding
    cell_row = _MASK_BYTES if shape.flash_attention else _SCORE_BYTES * _heads(description)
    compute = shape.rows * (4 * row_floats + cell_row * shape.longest_cells)
    logits = 4 * vocabulary * (shape.candidates + 1)
    return MemoryNeed(
        weights_bytes,
        int(values * shape.value_bits / 8 * shape.cells) + _STATE_BYTES * description.state_values,
        int(compute + logits),
        _ENGINE_BYTES + _TOKEN_BYTES * vocabulary,
    )


def fit(
    description: ModelDescription,
    need: MemoryNeed,
    machine: MachineMemory,
    most_layers: int | None = None,
) -> Fit:
    """Say where a model with this need would run: whole on the GPUs where they have the room.

    Args:
        description: The file's header.
        need: What it takes.
        machine: Memory that is free.
        most_layers: Layers that may lie on the GPUs, or None for all of them.
    """
    layers = description.layers or 1
    allowed = layers if most_layers is None else min(layers, most_layers)
    on_device = need.weights_bytes + need.cache_bytes
    free = sum(max(0, gpu.free_bytes - _GPU_RESERVE_BYTES) for gpu in machine.gpus)
    room = machine.free_bytes - int(machine.total_bytes * _MEMORY_RESERVE)
    if machine.gpus and allowed == layers and on_device + need.compute_bytes <= free:
        return Fit(Placement.GPU, need, layers)
    layer_bytes = max(1, on_device // (layers + 1))
    on_gpu = max(0, min(allowed, (free - need.compute_bytes) // layer_bytes))
    left = need.total_bytes - on_gpu * layer_bytes
    if left > room:
        return Fit(Placement.TOO_LARGE, need, on_gpu)
    return Fit(Placement.PARTLY if on_gpu else Placement.CPU, need, on_gpu)


def _heads(description: ModelDescription) -> int:
    heads = description.heads
    return max(heads, default=1) if isinstance(heads, tuple) else heads or 1
