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
_MOST_DIRECT_TOKENS: Final = 256
"""A fork or a score that would have to evaluate more is read through the trunk, in chunks."""
_WORTH_COPYING: Final = 64
"""A stream is copied for so many tokens of a prompt, or half of it; else that is read anew."""
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
        self._free_slots = list(slots)
        self._kept_in: dict[int, int] = {}
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

    @property
    def watched(self) -> bool:
        """Whether somebody sees the text of a request while it is written."""
        return any(sequence.watched for sequence in (*self.live, *self.waiting))

    def next_to_start(self, most_read_alone: int) -> Sequence | None:
        """Move the head of the queue to a slot if it has room and its prompt can be had.

        A prompt is forked from the trunk, or read in the slot itself by a request that shares it
        with no other: then nothing is copied, and several such prompts are read in one step.

        Args:
            most_read_alone: Most prompt tokens that a step may read in slots.
        """
        if not self.waiting or not self._free_slots or self._is_being_read(self.waiting[0]):
            return None
        sequence = self.waiting[0]
        if (source := self._source_of(sequence)) is not None:
            return self._start_directly(sequence, *source)
        if self._is_alone(sequence) and sum(s.pending for s in self.live) <= most_read_alone:
            slot, kept = self._best_slot(sequence)
            if len(sequence.tokens) - kept <= most_read_alone:
                return self._start_directly(sequence, slot, kept)
        if self._cache.ending is None or self._cache.trunk != sequence.prompt.tokens:
            return None
        if self.live and not self._has_room(sequence):
            return None
        self.waiting.popleft()
        self._enter(sequence, TRUNK, len(sequence.prompt.tokens))
        return sequence

    def prompt_to_read(self) -> Prompt | None:
        """The prompt the trunk should read on, when the head of the queue waits for it."""
        if not self.waiting or not self._free_slots or self._reading_held:
            return None
        if self._source_of(self.waiting[0]) is not None:
            return None  # it needs room, not a reading
        if self._is_being_read(self.waiting[0]):
            return None
        prompt = self.waiting[0].prompt
        if self._cache.ending is not None and self._cache.trunk == prompt.tokens:
            return None
        if self.reading is not prompt:
            self.kept = self._cache.turn_to(prompt.tokens, self._evaluated())
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
        if sequence.lent is not None:
            self._cache.give_back(sequence.slot, sequence.lent)
            self._leave(sequence)
            return
        evaluated = sequence.tokens[: sequence.position]
        self._cache.release(sequence.slot, evaluated, keep=sequence.keep)
        if sequence.keep:
            self._kept_in[sequence.request.request_id] = sequence.slot
        self._leave(sequence)

    def queue(self, sequence: Sequence) -> None:
        """Put a request in line; direct ones go before what waits for the trunk."""
        if not sequence.direct:
            self.waiting.append(sequence)
            return
        place = next((n for n, other in enumerate(self.waiting) if not other.direct), None)
        if place is None:
            self.waiting.append(sequence)
        else:
            self.waiting.insert(place, sequence)

    def forget(self, request_id: int) -> None:
        """What a kept request left is not certainly needed any more."""
        slot = self._kept_in.pop(request_id, None)
        if slot is not None:
            self._cache.unpin(slot)

    def close_gaps(self) -> None:
        """Let running requests of a split cache have neighbouring streams, in order.

        llama.cpp evaluates only neighbouring streams together; each gap costs a pass of its own.
        """
        if self._capacity.unified:
            return
        self.live.sort(key=_slot)
        while self.live:
            last = self.live[-1]
            below = [slot for slot in self._free_slots if slot < _slot(last)]
            below = [slot for slot in below if slot not in self._kept_in.values()]
            if not below or last.lent is not None:
                return
            target = min(below)
            self._free_slots.remove(target)
            self._cache.move(_slot(last), target, last.position)
            self._free_slots.append(_slot(last))
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
        self._kept_in.clear()
        self.reading = None
        return everything

    def _source_of(self, sequence: Sequence) -> tuple[int, int] | None:
        """Where a direct request can start from, and how many tokens it finds there."""
        if not sequence.direct:
            return None
        source, kept = self._cache.nearest(sequence.tokens, self._evaluated())
        return (source, kept) if len(sequence.tokens) - kept <= _MOST_DIRECT_TOKENS else None

    def _is_being_read(self, sequence: Sequence) -> bool:
        """Whether a running request is about to evaluate much of the same: that is waited for."""
        readers = [other for other in self.live if other.pending >= _WORTH_COPYING]
        if not readers:
            return False
        _, kept = self._cache.nearest(sequence.tokens, self._evaluated())
        return any(
            common_length(other.tokens, sequence.tokens) - max(other.position, kept)
            >= _WORTH_COPYING
            for other in readers
        )

    def _is_alone(self, sequence: Sequence) -> bool:
        """Whether no other request shares its prompt and the trunk does not hold it either."""
        prompt, others = sequence.prompt, (*self.live, *self.waiting)
        known = self._cache.ending is not None and self._cache.trunk == prompt.tokens
        return (
            self._capacity.slots > 1
            and not known
            and self.reading is not prompt
            and all(other.prompt is not prompt or other is sequence for other in others)
        )

    def _best_slot(self, sequence: Sequence) -> tuple[int, int]:
        """What a lone prompt should be read behind, and how much of it is there already."""
        source, kept = self._cache.nearest(sequence.tokens, self._evaluated())
        worth_copying = kept >= min(_WORTH_COPYING, len(sequence.tokens) // 2)
        if worth_copying or self._capacity.unified or source in self._free_slots:
            return source, kept
        return self._cache.choose(self._free_slots, source), 0

    def _start_directly(self, sequence: Sequence, source: int, kept: int) -> Sequence | None:
        if self.live and not self._has_room(sequence):
            return None
        self.waiting.popleft()
        self._enter(sequence, source, kept)
        return sequence

    def _enter(self, sequence: Sequence, source: int, kept: int) -> None:
        """Give a request a slot that begins with tokens of another sequence."""
        sequence.position = sequence.kept = kept
        self.live.append(sequence)
        if sequence.probe and source in self._free_slots and self._cache.lend(source, kept):
            self._free_slots.remove(source)
            sequence.slot, sequence.lent = source, kept
            return
        slot = self._cache.choose(self._free_slots, source)
        self._free_slots.remove(slot)
        self._kept_in = {request: kept for request, kept in self._kept_in.items() if kept != slot}
        sequence.slot = slot
        self._cache.fork_from(source, slot, kept)
        if slot == TRUNK:
            self.reading = None  # half of a prompt went with what was there

    def _evaluated(self) -> list[tuple[int, list[int]]]:
        """Slots in use, with the tokens evaluated there."""
        return [
            (sequence.slot, sequence.tokens[: sequence.position])
            for sequence in self.live
            if sequence.slot is not None
        ]

    def _has_room(self, sequence: Sequence) -> bool:
        if not self._capacity.unified:
            return True
        growth = sum(self._expected_growth(other) for other in self.live)
        needed = sequence.pending - len(sequence.prompt.tokens) + self._expected_growth(sequence)
        return self._cells_in_use() + growth + needed <= self._capacity.cells

    def _expected_growth(self, sequence: Sequence) -> int:
        """Tokens that a request is expected to take beyond those it has."""
        limit = self._capacity.context_tokens - len(sequence.tokens)
        if sequence.max_tokens is not None:
            limit = min(limit, sequence.max_tokens - sequence.generated)
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
        if sequence.lent is not None:
            self._cache.give_back(sequence.slot, sequence.lent)
            sequence.lent = None
        else:
            self._cache.rewind(sequence.slot, 0)
        self._leave(sequence)
        self.waiting.appendleft(sequence)

    def _leave(self, sequence: Sequence) -> None:
        assert sequence.slot is not None
        self.live.remove(sequence)
        self._free_slots.append(sequence.slot)
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
