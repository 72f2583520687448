"""Which server gets the next candidate. A policy over counts and clocks; it sends nothing.

Speeds are learned from what finished. A slow machine is not given the last candidate that a fast
one would have finished sooner.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

_NEWEST: Final = 0.3
"""Weight of the newest candidate in the running mean."""
_FIRST_REST_SECONDS: Final = 0.5
_LONGEST_REST_SECONDS: Final = 60.0


@dataclass(eq=False, slots=True)
class Load:
    """How busy one server is, and how quick.

    Attributes:
        slots: Requests it gets at once.
        running: Of these, how many it has.
        seconds: Running mean of a candidate's time there, or None before one has finished.
        troubles: Failures since it last finished one.
        rests_until: When it may be tried again; infinity for never.
    """

    slots: int
    running: int = 0
    seconds: float | None = None
    troubles: int = 0
    rests_until: float = -math.inf

    @property
    def free(self) -> int:
        """Slots without a request."""
        return self.slots - self.running

    def rests(self, now: float) -> bool:
        """Whether it is not to be asked now."""
        return now < self.rests_until

    def note_finished(self, seconds: float) -> None:
        """A candidate is done."""
        self.troubles = 0
        known = self.seconds
        self.seconds = seconds if known is None else known + _NEWEST * (seconds - known)

    def note_trouble(self, now: float, *, for_good: bool) -> None:
        """Something failed there: let it rest, longer each time."""
        rest = min(_LONGEST_REST_SECONDS, _FIRST_REST_SECONDS * 2.0**self.troubles)
        self.troubles += 1
        self.rests_until = math.inf if for_good else now + rest


def choose(
    loads: Sequence[Load], now: float, waiting: int, avoided: Collection[int] = ()
) -> int | None:
    """The server for the next candidate, or None when it should wait for one.

    The least loaded by its slots and speed. Where quicker servers are full and would be through
    with everything that waits before this one has finished a single candidate, it waits for them.

    Args:
        loads: All servers.
        now: The time, seconds.
        waiting: Candidates that wait, this one included.
        avoided: Indexes of servers that failed this candidate before.
    """
    known = [load.seconds for load in loads if load.seconds is not None]
    typical = sum(known) / len(known) if known else 1.0

    def seconds(index: int) -> float:
        return typical if (own := loads[index].seconds) is None else own

    usable = [
        index for index, load in enumerate(loads) if index not in avoided and not load.rests(now)
    ]
    free = [index for index in usable if loads[index].free > 0]
    if not free:
        return None
    best = min(free, key=lambda i: ((loads[i].running + 1) / loads[i].slots * seconds(i), i))
    through = [
        seconds(index) * (1 + waiting / loads[index].slots)
        for index in usable
        if loads[index].free <= 0
    ]
    if through and seconds(best) > min(through):
        return None
    return best
