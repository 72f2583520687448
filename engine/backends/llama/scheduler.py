"""Whose turn it is: which requests run, which prompt is read, and who waits when cells run out.

A policy over counts; it moves sequences between the queue and the slots and tells the cache, but
never decodes, samples or writes text.

Cells are given optimistically. A request starts when the cells in use, those that the running
ones are still expected to take, and its own expected ones fit. What is expected of a request is
its own limit, at most what finished ones have taken lately. When cells run out all the same, the
youngest running request goes back to the head of the queue with its tokens, which are evaluated
again later: nothing is lost but time.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from typing import Final

from engine.backends.llama.cache import TRUNK, Cache, common_length
from engine.backends.llama.capacity import Capacity
from engine.backends.llama.sequence import Prompt, Sequence

_FIRST_EXPECTATION: Final = 256
"""Tokens expected of an answer before any has finished."""
_EXPECTATION_WEIGHT: Final = 0.2
"""Weight of the newest length in the running mean."""


class Scheduler:
    """The queue and the slots.

    Args:
        cache: What the KV cache holds.
        capacity: How much it can hold.
        slots: Sequence numbers for candidates.
    """

    def __init__(self, cache: Cache, capacity: Capacity, slots: Iterable[int]) -> None:
        self._cache = cache
        self._capacity = capacity
        self._free_slots = sorted(slots, reverse=True)
        self._expected_tokens = float(_FIRST_EXPECTATION)
        self._reading_held = False
        self.waiting: deque[Sequence] = deque()
        self.live: list[Sequence] = []
        self.reading: Prompt | None = None
        """The prompt that the trunk is turned to."""
        self.kept = 0
        """How many of its tokens were in the cache already."""

    def find(self, matches: Callable[[Sequence], bool]) -> list[Sequence]:
        """Requests, running and waiting, for which `matches` is true."""
        return [sequence for sequence in (*self.live, *self.waiting) if matches(sequence)]

    def next_to_start(self) -> Sequence | None:
        """Move the head of the queue to a slot if its prompt is in the trunk and it has room."""
        if not self.waiting or not self._free_slots:
            return None
        sequence = self.waiting[0]
        if self._cache.ending is None or self._cache.trunk != sequence.prompt.tokens:
            return None
        if self.live and not self._has_room(sequence):
            return None
        self.waiting.popleft()
        sequence.slot = self._free_slots.pop()
        self._cache.fork(sequence.slot)
        sequence.position = len(sequence.prompt.tokens)
        self.live.append(sequence)
        return sequence

    def prompt_to_read(self) -> Prompt | None:
        """The prompt the trunk should read on, when the head of the queue waits for it."""
        if not self.waiting or not self._free_slots or self._reading_held:
            return None
        prompt = self.waiting[0].prompt
        if self._cache.ending is not None and self._cache.trunk == prompt.tokens:
            return None
        if self.reading is not prompt:
            evaluated = [
                (sequence.slot, sequence.tokens[: sequence.position])
                for sequence in self.live
                if sequence.slot is not None
            ]
            self.kept = self._cache.turn_to(prompt.tokens, evaluated)
            self.reading = prompt
        return prompt

    def finish_reading(self) -> None:
        """The trunk holds the whole prompt."""
        self.reading = None

    def end(self, sequence: Sequence) -> None:
        """Take a request out, wherever it is."""
        if sequence.slot is None:
            self.waiting.remove(sequence)
            return
        if sequence.generated:
            mean, weight = self._expected_tokens, _EXPECTATION_WEIGHT
            self._expected_tokens = mean + weight * (sequence.generated - mean)
        self._cache.release(sequence.slot, sequence.tokens[: sequence.position])
        self._leave(sequence)

    def close_gaps(self) -> None:
        """Let running requests of a split cache have neighbouring streams, in order.

        llama.cpp evaluates only neighbouring streams together; each gap costs a pass of its own.
        """
        if self._capacity.unified:
            return
        self.live.sort(key=_slot)
        while self.live and self._free_slots and self._free_slots[-1] < _slot(self.live[-1]):
            last, target = self.live[-1], self._free_slots.pop()
            self._cache.move(_slot(last), target, last.position)
            self._free_slots.append(_slot(last))
            self._free_slots.sort(reverse=True)
            last.slot = target
            self.live.sort(key=_slot)

    def make_room(self) -> Sequence | None:
        """A step found too few cells: free some.

        Returns:
            The request that must end because its context is full, if nothing else helps.
        """
        if self._cache.drop_leftovers():
            return None
        if self.reading is not None and self.live:
            self._reading_held = True
            self._drop_trunk()
            return None
        if len(self.live) > 1:
            self._put_back(self.live[-1])
            return None
        if self.live and self._cache.trunk:
            self._drop_trunk()
            return None
        return self.live[0] if self.live else self.waiting[0]

    def clear(self) -> list[Sequence]:
        """Take everything out and forget the cache; returns what was there."""
        everything = [*self.live, *self.waiting]
        for sequence in list(self.live):
            self._leave(sequence)
        self.waiting.clear()
        self._cache.clear()
        self.reading = None
        return everything

    def _has_room(self, sequence: Sequence) -> bool:
        if not self._capacity.unified:
            return True
        growth = sum(self._expected_growth(other) for other in self.live)
        needed = sequence.pending - len(sequence.prompt.tokens) + self._expected_growth(sequence)
        return self._cells_in_use() + growth + needed <= self._capacity.cells

    def _expected_growth(self, sequence: Sequence) -> int:
        """Tokens that a request is expected to take beyond those it has."""
        limit = self._capacity.context_tokens - len(sequence.tokens)
        if sequence.request.max_tokens is not None:
            limit = min(limit, sequence.request.max_tokens - sequence.generated)
        return max(0, min(limit, int(self._expected_tokens) - sequence.generated))

    def _cells_in_use(self) -> int:
        """Cells of the trunk and of running requests; leftovers are free for the taking."""
        trunk = self._cache.trunk
        prompts = {id(other.prompt): other.prompt.tokens for other in self.live}
        shared = sum(len(tokens) - common_length(tokens, trunk) for tokens in prompts.values())
        own = sum(other.position - len(other.prompt.tokens) for other in self.live)
        return len(trunk) + shared + own

    def _put_back(self, sequence: Sequence) -> None:
        assert sequence.slot is not None
        self._cache.rewind(sequence.slot, 0)
        self._leave(sequence)
        self.waiting.appendleft(sequence)

    def _leave(self, sequence: Sequence) -> None:
        assert sequence.slot is not None
        self.live.remove(sequence)
        self._free_slots.append(sequence.slot)
        self._free_slots.sort(reverse=True)
        sequence.slot = None
        sequence.position = 0
        self._reading_held = False

    def _drop_trunk(self) -> None:
        self._cache.rewind(TRUNK, 0)
        self._cache.trunk, self._cache.ending = [], None
        self.reading = None


def _slot(sequence: Sequence) -> int:
    """The slot of a running request."""
    assert sequence.slot is not None
    return sequence.slot
