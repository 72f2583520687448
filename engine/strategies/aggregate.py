"""Aggregate: a population of attempts, put together a few at a time, round after round.

Recursive self-aggregation (arXiv 2509.26626) in a light form: round 0 is `samples` independent
attempts; every attempt of the next rounds is shown a random few of the round before and asked to
use what is right in them; the last round decides. The paper uses 16 attempts, 4 shown, 10 rounds;
2 rounds of aggregation of 8 with 3 shown are a fair start on a person's machine. Reasoning models
and open questions gain, where no vote can be taken.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from engine.candidate import Candidate
from engine.options import DEFAULT_OPTIONS, StrategyOptions
from engine.strategies.base import Asking, Attempt, Decision, Progress, Strategy
from engine.strategies.prompts import listed_attempts
from engine.verdict import StoppedWhy


def aggregation_prompt(question: str, attempts: Sequence[str]) -> str:
    """Return the question with attempts below it, to be put together."""
    return (
        f"{question}\n\nHere are attempts at this, some of them wrong:\n"
        f"{listed_attempts(attempts)}\n\n"
        "Take what is right in them, leave out what is wrong, and write one better solution. "
        "If all of them are wrong, solve it in another way."
    )


@dataclass(frozen=True, slots=True)
class Aggregate(Strategy):
    """Runs `rounds` rounds of `samples` attempts; the last one votes."""

    name: ClassVar[str] = "aggregate"
    options: StrategyOptions = DEFAULT_OPTIONS

    def decide(self, progress: Progress) -> Decision:
        """Start the next round when one is complete, stop after the last."""
        budget = progress.budget
        if progress.running:
            missing = self._missing(progress, _latest_round(progress))
            return Decision(start=missing)
        latest = _latest_round(progress)
        if len(_of_round(progress.finished, latest)) < budget.samples:
            return Decision(start=self._missing(progress, latest))
        usable = [c for c in _of_round(progress.finished, latest) if c.response.strip()]
        if latest + 1 >= budget.rounds or not usable:
            return Decision(stop=StoppedWhy.BUDGET_SPENT)
        return Decision(start=self._round(usable, latest + 1, range(budget.samples)))

    def voters(self, finished: Sequence[Candidate]) -> Sequence[Candidate]:
        """The last round of which anything is finished."""
        return _of_round(finished, max((c.round for c in finished if c.counts), default=0))

    def _missing(self, progress: Progress, latest: int) -> tuple[Attempt, ...]:
        """What the present round lacks, after the budget grew."""
        made = len(_of_round(progress.finished, latest))
        made += sum(1 for attempt in progress.in_flight if attempt.round == latest)
        if latest == 0:
            return (Attempt(),) * max(0, progress.budget.samples - made)
        before = [c for c in _of_round(progress.finished, latest - 1) if c.response.strip()]
        return self._round(before, latest, range(made, progress.budget.samples))

    def _round(
        self, before: Sequence[Candidate], number: int, places: range
    ) -> tuple[Attempt, ...]:
        attempts = []
        for place in places:
            rng = random.Random(f"{number} {place}")
            shown = rng.sample(before, min(self.options.shown, len(before)))
            indexes = tuple(sorted(candidate.index for candidate in shown))
            attempts.append(Attempt(number, indexes, Asking.AGGREGATE))
        return tuple(attempts)


def _latest_round(progress: Progress) -> int:
    rounds = [candidate.round for candidate in progress.finished]
    rounds += [attempt.round for attempt in progress.in_flight]
    return max(rounds, default=0)


def _of_round(candidates: Sequence[Candidate], number: int) -> list[Candidate]:
    return [candidate for candidate in candidates if candidate.round == number]
