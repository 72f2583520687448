"""What a strategy is: a pure policy from progress to the next attempts, or the end.

It never sees a thread, a token or a clock of its own, so it is tested without a model and can be
replayed over stored candidates.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from engine.budget import Budget
from engine.candidate import Candidate
from engine.options import StrategyChoice
from engine.step import Step
from engine.tally import Tally
from engine.verdict import StoppedWhy


class Asking(StrEnum):
    """How an attempt is asked for."""

    PLAIN = "plain"
    """The question alone."""
    REVISE = "revise"
    """Shown earlier attempts, to write a better one."""
    AGGREGATE = "aggregate"
    """Shown earlier attempts, to put together what is good in them."""
    THINK_FIRST = "think-first"
    """To write a hidden thought before the response."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """One more candidate, or one more step of one, to start.

    Attributes:
        round: Its round in a revision chain or an aggregation, from 0.
        earlier: Indexes of finished candidates whose responses it is shown, oldest first.
        asking: How it is asked for.
        parent: The step it goes on from, or None to begin.
        branch: The independent subtree of a search it belongs to.
        one_step: Whether it ends where the step ends.
    """

    round: int = 0
    earlier: tuple[int, ...] = ()
    asking: Asking = Asking.PLAIN
    parent: int | None = None
    branch: int = 0
    one_step: bool = False


@dataclass(frozen=True, slots=True)
class Progress:
    """All a strategy may know.

    Attributes:
        budget: What may be spent; it can change between calls.
        finished: Finished candidates, in the order they finished.
        in_flight: Attempts started and not finished, or not yet scored.
        tally: The votes of `finished`.
        stop_early: Whether a settled vote may end the deliberation before the budget is spent.
        steps: Finished steps of a search, in the order they finished.
        chosen: What `auto` has decided by now, if anything.
    """

    budget: Budget
    finished: Sequence[Candidate]
    in_flight: Sequence[Attempt]
    tally: Tally
    stop_early: bool = True
    steps: Sequence[Step] = ()
    chosen: StrategyChoice | None = None

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
        chosen: What `auto` has decided by now, if anything.
    """

    start: tuple[Attempt, ...] = ()
    stop: StoppedWhy | None = None
    chosen: StrategyChoice | None = None


class Strategy:
    """One method of spending a budget. Subclasses are immutable and `decide` is pure.

    Attributes:
        name: What people call it.
    """

    name: ClassVar[str]

    @property
    def wants_scores(self) -> bool:
        """Whether each candidate is to be scored by the model before it votes."""
        return False

    @property
    def picks_best(self) -> bool:
        """Whether the candidate with the highest score wins, instead of a vote."""
        return False

    def decide(self, progress: Progress) -> Decision:
        """Return what to do, given everything that happened so far."""
        raise NotImplementedError

    def after(self, choice: StrategyChoice) -> Strategy:
        """Who makes the votes and the verdict once `Decision.chosen` has said what follows."""
        del choice
        return self

    def voters(self, finished: Sequence[Candidate]) -> Sequence[Candidate]:
        """Which of the finished candidates vote; all, unless a strategy says otherwise."""
        return finished

    def weights(self, voters: Sequence[Candidate]) -> Mapping[int, float]:
        """Vote weights by candidate index; 1 where absent."""
        del voters
        return {}
