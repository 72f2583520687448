"""What the KV cache holds: the last prompt, its forks, and what finished requests left behind.

Sequence 0 is the trunk: it reads prompts, one after another, keeping what they have in common.
Every candidate is a fork of it. A finished candidate's tokens stay until their place is needed,
because the next turn's prompt usually continues one of them.
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterable, Sequence
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from engine.backends.llama.native import low

TRUNK: Final = 0
_CLEAR_BUFFERS: Final = False


class Cache(Protocol):
    """Where evaluated tokens are."""

    trunk: list[int]
    """Tokens of sequence 0."""
    ending: NDArray[np.float32] | None
    """Logits after the trunk's last token, once a whole prompt was read."""

    def turn_to(self, prompt: Sequence[int], live: Iterable[tuple[int, Sequence[int]]]) -> int:
        """Make the trunk the longest known beginning of a prompt that is about to be read.

        Args:
            prompt: The prompt's tokens.
            live: Sequences in use with their evaluated tokens.

        Returns:
            How many of the prompt's tokens are kept.
        """
        ...

    def finish_reading(self, logits: NDArray[np.float32]) -> None:
        """The trunk holds a whole prompt; these are a view of its last token's logits."""
        ...

    def nearest(
        self, prompt: Sequence[int], live: Iterable[tuple[int, Sequence[int]]]
    ) -> tuple[int, int]:
        """The sequence that has most of a prompt, and how many tokens of it, never the last.

        Args:
            prompt: The prompt's tokens.
            live: Sequences in use with their evaluated tokens.
        """
        ...

    def fork_from(self, source: int, slot: int, length: int) -> None:
        """Copy the first tokens of any sequence to a slot, which may be that sequence's own.

        Args:
            source: The sequence.
            slot: The slot; what was there before is gone.
            length: How many tokens, 0 for an empty slot; a number that `turn_to` or `nearest`
                named, or the whole trunk.
        """
        ...

    def choose(self, slots: Sequence[int], source: int) -> int:
        """Which of the free slots a fork of `source` should take."""
        ...

    def lend(self, slot: int, length: int) -> bool:
        """Whether a score may be read behind what is left in a slot, and `give_back` it then.

        Args:
            slot: A free slot.
            length: How much of it the score has in common with it.
        """
        ...

    def give_back(self, slot: int, length: int) -> None:
        """Take away what a score put behind what was left in a slot."""
        ...

    def release(self, slot: int, tokens: Sequence[int], *, keep: bool = False) -> None:
        """A slot is free; `tokens` are evaluated there and may be of use later.

        With `keep` they certainly will be, until `unpin`.
        """
        ...

    def unpin(self, slot: int) -> None:
        """What is left in a slot is not certainly needed any more."""
        ...

    def move(self, source: int, target: int, length: int) -> None:
        """Move a sequence of so many tokens to another slot."""
        ...

    def drop_leftovers(self) -> bool:
        """Free the cells of what finished requests left, and say whether there were any."""
        ...

    def rewind(self, slot: int, position: int) -> None:
        """Forget a sequence from a position on."""
        ...

    def clear(self) -> None:
        """Forget everything."""
        ...


class SavedSequence:
    """What a sequence evaluated, copied out of the cache, to be put into others.

    Args:
        context: llama.cpp's context.
        sequence: The sequence.
    """

    def __init__(self, context: low.llama_context_p, sequence: int) -> None:
        self._context = context
        size = low.llama_state_seq_get_size(context, sequence)
        self._bytes = (ctypes.c_uint8 * size)()
        low.llama_state_seq_get_data(context, self._bytes, size, sequence)

    def put_into(self, sequence: int) -> bool:
        """Make an empty sequence hold it; False where there was no room."""
        size = len(self._bytes)
        return bool(low.llama_state_seq_set_data(self._context, self._bytes, size, sequence))


class ForkingCache:
    """The cache of attention models, where a fork costs a copy at most.

    Args:
        memory: llama.cpp's memory.
        unified: Whether all sequences share one buffer, so that a fork copies nothing.
        context: llama.cpp's context where the cells lie in the processor's memory. The trunk is
            then forked from a saved copy of its own cells: llama.cpp's copy from one stream to
            another takes the whole stream, and plans its graphs anew after it.
    """

    def __init__(
        self,
        memory: low.llama_memory_t,
        *,
        unified: bool,
        context: low.llama_context_p | None = None,
    ) -> None:
        self._memory = memory
        self._unified = unified
        self._context = None if unified else context
        self._saved: SavedSequence | None = None
        self._leftovers: dict[int, list[int]] = {}
        self._pinned: set[int] = set()
        self._lent: set[int] = set()
        """Slots behind whose leftovers a score is read: nothing may be dropped there."""
        self.trunk: list[int] = []
        self.ending: NDArray[np.float32] | None = None

    def turn_to(self, prompt: Sequence[int], live: Iterable[tuple[int, Sequence[int]]]) -> int:
        """See `Cache`."""
        source, kept = self.nearest(prompt, live)
        if source == TRUNK:
            self.rewind(TRUNK, kept)
        else:
            self._copy(source, TRUNK, kept)
        self.trunk = list(prompt[:kept])
        self.ending = self._saved = None
        self._drop(self._unused() - self._pinned)
        return kept

    def nearest(
        self, prompt: Sequence[int], live: Iterable[tuple[int, Sequence[int]]]
    ) -> tuple[int, int]:
        """See `Cache`."""
        source, kept = TRUNK, common_length(self.trunk, prompt)
        for slot, tokens in [*live, *self._leftovers.items()]:
            length = common_length(tokens, prompt)
            if length > kept:
                source, kept = slot, length
        return source, min(kept, len(prompt) - 1)  # the last must be evaluated for its logits

    def finish_reading(self, logits: NDArray[np.float32]) -> None:
        """See `Cache`."""
        self.ending = logits.copy()

    def fork_from(self, source: int, slot: int, length: int) -> None:
        """See `Cache`."""
        left = self._leftovers.pop(slot, ())
        self._pinned.discard(slot)
        whole_trunk = source == TRUNK and length == len(self.trunk)
        if source == slot or (whole_trunk and left[:length] == self.trunk):
            self.rewind(slot, length)
        elif not (whole_trunk and self._restore_trunk(slot)):
            self._copy(source, slot, length)

    def choose(self, slots: Sequence[int], source: int) -> int:
        """See `Cache`.

        Its own if that is free for the taking, else one that begins alike, else the lowest.
        """
        if source in slots and source not in self._pinned:
            return source
        length = len(self.trunk)

        def cost(slot: int) -> tuple[bool, bool, int]:
            alike = source == TRUNK and self._leftovers.get(slot, [])[:length] == self.trunk
            return slot in self._pinned, not alike, slot

        return min(slots, key=cost)

    def lend(self, slot: int, length: int) -> bool:
        """See `Cache`."""
        if length != len(self._leftovers.get(slot, ())):
            return False
        self._lent.add(slot)
        return True

    def give_back(self, slot: int, length: int) -> None:
        """See `Cache`."""
        self._lent.discard(slot)
        self.rewind(slot, length)

    def release(self, slot: int, tokens: Sequence[int], *, keep: bool = False) -> None:
        """See `Cache`."""
        self._leftovers[slot] = list(tokens)
        if keep:
            self._pinned.add(slot)

    def unpin(self, slot: int) -> None:
        """See `Cache`."""
        self._pinned.discard(slot)

    def move(self, source: int, target: int, length: int) -> None:
        """See `Cache`."""
        self.fork_from(source, target, length)
        self.rewind(source, 0)

    def drop_leftovers(self) -> bool:
        """See `Cache`. Pinned ones go last: their forks would have to be evaluated again."""
        unused = self._unused()
        dropped = unused - self._pinned or unused
        self._drop(dropped)
        return bool(dropped)

    def _unused(self) -> set[int]:
        """Slots whose leftovers nobody stands on now."""
        return self._leftovers.keys() - self._lent

    def _drop(self, slots: Iterable[int]) -> None:
        for slot in slots:
            self.rewind(slot, 0)
            del self._leftovers[slot]
            self._pinned.discard(slot)

    def rewind(self, slot: int, position: int) -> None:
        """See `Cache`."""
        low.llama_memory_seq_rm(self._memory, slot, position, -1)

    def clear(self) -> None:
        """See `Cache`."""
        low.llama_memory_clear(self._memory, _CLEAR_BUFFERS)
        self._leftovers.clear()
        self._pinned.clear()
        self._lent.clear()
        self.trunk, self.ending, self._saved = [], None, None

    def _restore_trunk(self, slot: int) -> bool:
        if self._context is None or self.ending is None:
            return False
        if self._saved is None:
            self._saved = SavedSequence(self._context, TRUNK)
        self.rewind(slot, 0)
        return self._saved.put_into(slot)

    def _copy(self, source: int, target: int, length: int) -> None:
        self.rewind(target, 0)
        if self._unified:
            low.llama_memory_seq_cp(self._memory, source, target, 0, length)
            return
        # llama.cpp copies between streams only as a whole
        low.llama_memory_seq_cp(self._memory, source, target, -1, -1)
        self.rewind(target, length)


class RestoringCache:
    """The cache of recurrent and hybrid models, whose state cannot be cut or shared.

    There is one sequence. The state after the prompt is saved, and restored for every candidate.

    Args:
        context: llama.cpp's context.
        memory: Its memory.
    """

    def __init__(self, context: low.llama_context_p, memory: low.llama_memory_t) -> None:
        self._context = context
        self._memory = memory
        self._saved: SavedSequence | None = None
        self._saved_tokens = 0
        self.trunk: list[int] = []
        self.ending: NDArray[np.float32] | None = None

    def turn_to(
        self,
        prompt: Sequence[int],
        live: Iterable[tuple[int, Sequence[int]]],  # noqa: ARG002 - there is only one sequence
    ) -> int:
        """See `Cache`."""
        kept = len(self.trunk)
        usable = self._saved is not None and self.ending is not None and kept < len(prompt)
        if usable and common_length(self.trunk, prompt) == kept:
            self.fork_from(TRUNK, TRUNK, kept)
        else:
            self.rewind(TRUNK, 0)
            kept = 0
        self.trunk, self.ending = list(prompt[:kept]), None
        return kept

    def finish_reading(self, logits: NDArray[np.float32]) -> None:
        """See `Cache`."""
        self.ending = logits.copy()
        self._saved, self._saved_tokens = SavedSequence(self._context, TRUNK), len(self.trunk)

    def fork_from(
        self,
        source: int,  # noqa: ARG002 - there is only the trunk
        slot: int,
        length: int,
    ) -> None:
        """See `Cache`. A state cannot be cut: a fork begins with all of the trunk, or empty."""
        self.rewind(slot, 0)
        if length:
            assert self._saved is not None, "no prompt was read to its end"
            assert length == self._saved_tokens, "a saved state is of use only as a whole"
            self._saved.put_into(slot)

    def nearest(
        self,
        prompt: Sequence[int],  # noqa: ARG002 - there is only one sequence
        live: Iterable[tuple[int, Sequence[int]]],  # noqa: ARG002
    ) -> tuple[int, int]:
        """See `Cache`. Nothing can be forked but the whole trunk."""
        return TRUNK, 0

    def choose(self, slots: Sequence[int], source: int) -> int:  # noqa: ARG002 - there is one
        """See `Cache`."""
        return slots[0]

    def lend(self, slot: int, length: int) -> bool:  # noqa: ARG002 - nothing can be taken away
        """See `Cache`."""
        return False

    def give_back(self, slot: int, length: int) -> None:
        """See `Cache`. Nothing is ever lent."""

    def release(self, slot: int, tokens: Sequence[int], *, keep: bool = False) -> None:
        """See `Cache`."""

    def unpin(self, slot: int) -> None:
        """See `Cache`."""

    def move(self, source: int, target: int, length: int) -> None:
        """See `Cache`. There is nowhere to move to."""

    def drop_leftovers(self) -> bool:
        """See `Cache`."""
        return False

    def rewind(self, slot: int, position: int) -> None:
        """See `Cache`. Only a whole sequence can be forgotten; part of one is, by starting over."""
        low.llama_memory_seq_rm(self._memory, slot, position, -1)

    def clear(self) -> None:
        """See `Cache`."""
        low.llama_memory_clear(self._memory, _CLEAR_BUFFERS)
        self.trunk, self.ending, self._saved = [], None, None
        self._saved_tokens = 0


def common_length(first: Sequence[int], second: Sequence[int]) -> int:
    """How many tokens two sequences have in common at the beginning."""
    low_end, high_end = 0, min(len(first), len(second))
    while low_end < high_end:
        middle = (low_end + high_end + 1) // 2
        if first[low_end:middle] == second[low_end:middle]:
            low_end = middle
        else:
            high_end = middle - 1
    return low_end
