"""What a strategy is: a pure policy from progress to the next attempts, or the end.

It never sees a thread, a token or a clock of its own, so it is tested without a model and can be
replayed over stored candidates.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Protocol

from engine.budget import Budget
from engine.candidate import Candidate
from engine.tally import Tally
from engine.verdict import StoppedWhy


@dataclass(frozen=True, slots=True)
class Attempt:
    """One more candidate to start.

    Attributes:
        round: Its round in a revision chain, from 0.
        earlier: Indexes of finished candidates whose responses it is shown, oldest first.
    """

    round: int = 0
    earlier: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Progress:
    """All a strategy may know.

    Attributes:
        budget: What may be spent; it can change between calls.
        finished: Finished candidates, in the order they finished.
        in_flight: Attempts started and not finished.
        tally: The votes of `finished`.
        stop_early: Whether a settled vote may end the deliberation before the budget is spent.
    """

    budget: Budget
    finished: Sequence[Candidate]
    in_flight: Sequence[Attempt]
    tally: Tally
    stop_early: bool = True

    @property
    def running(self) -> int:
        """Number of attempts in flight."""
        return len(self.in_flight)

    @property
    def started(self) -> int:
        """Attempts made so far, running ones included."""
        return len(self.finished) + self.running


@dataclass(frozen=True, slots=True)
class Decision:
    """What to do now: start attempts, end, or (neither) wait for running ones.

    Attributes:
        start: Attempts to start now.
        stop: Why to end now, or None to go on. Running attempts are then not needed.
    """

    start: tuple[Attempt, ...] = ()
    stop: StoppedWhy | None = None


class Strategy(Protocol):
    """One method of spending a budget."""

    name: ClassVar[str]

    def decide(self, progress: Progress) -> Decision:
        """Return what to do, given everything that happened so far. Must be pure."""
        ...
