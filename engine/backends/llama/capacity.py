"""How much context to make: cells of the KV cache, candidates side by side, threads.

One candidate may hold `context_tokens`. All candidates share the cells; there are fewer cells
than all could need at worst, because most answers are short and the scheduler can put a candidate
back in the queue when cells run out.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

from engine.generation import CellType, FlashAttention, LoadOptions
from engine.machine import usable_cores

DEFAULT_CONTEXT_TOKENS: Final = 8192
MOST_ROWS: Final = 512
"""Tokens of one step, of prompts and candidates together."""
_MOST_ROWS_WITH_SCORES: Final = 128
_SMALLEST_CONTEXT_TOKENS: Final = 512
_CELLS_FOR_SLOT: Final = 512
"""Cells planned for each candidate beside the longest one."""
_FEWEST_CELLS_FOR_SLOT: Final = 128
"""With fewer for each, fewer candidates run side by side."""
_MEMORY_SHARE: Final = 3
"""The cache may take one third of the memory that is left after the weights."""
_CHEAP_SPLIT_BYTES: Final = 2**29
"""Up to this size each candidate gets a stream of its own for its whole context.

In one buffer every candidate looks past everyone's cells. With a small model and many candidates
that takes longer than the model itself; see docs/decisions/0004-kv-cache-layout.md.
"""
_MOST_WITH_SCORES: Final = 16
"""Candidates side by side on a processor without flash attention, where streams for all that were
asked for are too large.

More save it little of reading the weights and, in one buffer, cost it each other's cells; see
docs/decisions/0018-attention-on-a-processor.md.
"""
_FEW_SPLIT_BYTES: Final = 2**31
"""Up to this size so few get streams of their own."""
_PADDING: Final = 256
"""llama.cpp rounds the number of cells up to this."""
_MOST_SEQUENCES: Final = 255
"""llama.cpp's `LLAMA_MAX_SEQ` is 256; one is the trunk."""
_FLASH_BLOCK: Final = 128
VALUE_BITS: Final[dict[CellType, float]] = {"f16": 16, "q8_0": 8.5, "q4_0": 4.5}
"""Bits of one cached number."""
_STEP: Final = 64
"""ggml's AVX-512 code takes so many numbers of 16 bits at a time, and the rest of a row one by one.

See docs/decisions/0015-cells-of-8-bits.md.
"""
_BLOCK: Final = 32
"""Numbers of 8 bits share a scale by so many; a head must be made of whole blocks."""


@dataclass(frozen=True, slots=True)
class Capacity:
    """Sizes of a context.

    Attributes:
        context_tokens: What one candidate may hold, prompt included.
        slots: Candidates side by side.
        cells: Cells of the cache in all.
        unified: Whether they are one buffer.
        cell_type: Number format of what they hold.
        attention: Whether flash attention is used; "auto" is llama.cpp's own choice.
        most_rows: Rows that llama.cpp evaluates together at most. Without flash attention it keeps
            a score of each of them for every cell and head, and a processor reads a prompt as fast
            in smaller parts.
    """

    context_tokens: int
    slots: int
    cells: int
    unified: bool
    cell_type: CellType
    attention: FlashAttention = "auto"
    most_rows: int = MOST_ROWS

    def smaller(self) -> Capacity | None:
        """About half of it, or None when it is already as small as is of use."""
        if self.slots > 1:
            slots = max(1, self.slots // 4)
            extra = slots * _CELLS_FOR_SLOT if slots > 1 else 0
            cells = min(self.cells, _padded(self.context_tokens + extra))
            return replace(self, slots=slots, cells=cells, unified=True)
        tokens = self.context_tokens // 2
        if tokens < _SMALLEST_CONTEXT_TOKENS:
            return None
        return replace(self, context_tokens=tokens, cells=_padded(tokens))


@dataclass(frozen=True, slots=True)
class CacheShape:
    """What a model needs of a cache.

    Attributes:
        train_context_tokens: Length that the model was trained for, 0 when unknown.
        cell_values: Numbers that one cell holds, keys and values of all layers.
        can_fork: Whether candidates can run side by side.
    """

    train_context_tokens: int
    cell_values: int
    can_fork: bool = True


def plan(
    options: LoadOptions,
    shape: CacheShape,
    *,
    cell_type: CellType,
    attention: FlashAttention,
    on_gpu: bool,
    available_bytes: int,
) -> Capacity:
    """Choose sizes.

    Args:
        options: What is asked for.
        shape: What the model needs.
        cell_type: Format of the cells, as `cell_type_for` chooses it.
        attention: How attention is worked out, as `attention_for` chooses it.
        on_gpu: Whether a GPU holds any layer.
        available_bytes: Memory left for the cache after the weights, 0 when unknown.
    """
    tokens = options.context_tokens or DEFAULT_CONTEXT_TOKENS
    if shape.train_context_tokens:
        tokens = min(tokens, shape.train_context_tokens)
    with_scores = attention == "off" and not on_gpu
    most_rows = _MOST_ROWS_WITH_SCORES if with_scores else MOST_ROWS
    made = partial(Capacity, cell_type=cell_type, attention=attention, most_rows=most_rows)
    one_cell_bytes = cell_bytes(shape.cell_values, cell_type)
    room_bytes = available_bytes / _MEMORY_SHARE if available_bytes else math.inf
    affordable = room_bytes / one_cell_bytes
    slots = max(1, min(options.slots, _MOST_SEQUENCES)) if shape.can_fork else 1
    while options.context_tokens is None and tokens > affordable and tokens >= 2048:
        tokens //= 2
    stream_bytes = _padded(tokens) * one_cell_bytes
    cheap = (slots + 1) * stream_bytes <= min(_CHEAP_SPLIT_BYTES, room_bytes)
    if with_scores and not cheap and options.unified_cache != "off":
        slots = min(slots, _MOST_WITH_SCORES)
        cheap = (slots + 1) * stream_bytes <= min(_FEW_SPLIT_BYTES, room_bytes)
    split = options.unified_cache == "off" or (options.unified_cache == "auto" and cheap)
    if shape.can_fork and split:
        slots = max(1, int(min(slots, affordable / _padded(tokens) - 1)))
        cells = (slots + 1) * _padded(tokens)
        return made(tokens, slots, cells, unified=False)
    spare = max(0.0, affordable - tokens)
    slots = max(1, min(slots, int(min(spare / _FEWEST_CELLS_FOR_SLOT, _MOST_SEQUENCES))))
    extra = int(min(spare, slots * min(tokens, _CELLS_FOR_SLOT))) if shape.can_fork else 0
    cells = _padded(tokens + extra)
    return made(tokens, slots, cells, unified=True)


def cell_type_for(options: LoadOptions, head_sizes: tuple[int, int], *, avx512: bool) -> CellType:
    """Number format of the cells; "auto" is 16 bits but where these would be handled one by one.

    Args:
        options: What is asked for.
        head_sizes: Numbers in a key and in a value of one head.
        avx512: Whether a processor handles the cells, with AVX-512.
    """
    if options.cache_type != "auto":
        return options.cache_type
    one_by_one = avx512 and max(head_sizes) < _STEP
    possible = options.flash_attention != "off" and not any(size % _BLOCK for size in head_sizes)
    return "q8_0" if one_by_one and possible else "f16"


def attention_for(
    options: LoadOptions, cell_type: CellType, head_sizes: tuple[int, int], *, avx512: bool
) -> FlashAttention:
    """How attention is worked out; "auto" leaves it to llama.cpp, which takes flash attention.

    ggml's AVX-512 code takes up to ten times as long for a cell with flash attention where heads
    are no whole blocks of 128. Other processors were not measured. See
    docs/decisions/0018-attention-on-a-processor.md.

    Args:
        options: What is asked for.
        cell_type: Format of the cells; llama.cpp needs flash attention for values of fewer bits.
        head_sizes: Numbers in a key and in a value of one head.
        avx512: Whether a processor handles the cells, with AVX-512.
    """
    slow = avx512 and cell_type == "f16" and any(size % _FLASH_BLOCK for size in head_sizes)
    return "off" if slow and options.flash_attention == "auto" else options.flash_attention


def cell_bytes(cell_values: int, cell_type: CellType) -> float:
    """Size of one cell that holds so many numbers, keys and values of all layers."""
    return max(1.0, cell_values * VALUE_BITS[cell_type] / 8)


def default_threads() -> int:
    """One thread for each core that this process may use, less one for the window."""
    return max(1, usable_cores() - 1)


def _padded(cells: int) -> int:
    return -(-cells // _PADDING) * _PADDING
