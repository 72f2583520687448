"""Auto: let the first samples say how hard the question is, and spend the rest accordingly.

Compute-optimal scaling (arXiv 2408.03314, section 3) chooses the strategy by difficulty. Estimating
difficulty costs 2048 samples there; here it is the agreement of the first four, which the chosen
strategy uses itself, so that nothing is spent on the estimate alone. A table says what follows;
`engine.options.DEFAULT_POLICY` works on any model, and one can be measured for each.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar, Final

import msgspec

from engine.candidate import Candidate
from engine.options import DEFAULT_OPTIONS, PolicyRow, StrategyChoice, StrategyOptions
from engine.strategies.aggregate import Aggregate
from engine.strategies.base import Attempt, Decision, Progress, Strategy
from engine.strategies.revise import Revise
from engine.strategies.search import Search
from engine.strategies.vote import Vote
from engine.tally import Tally
from engine.verdict import StoppedWhy

FIRST_SAMPLES: Final = 4


@dataclass(frozen=True, slots=True)
class Auto(Strategy):
    """Samples four, then follows its table."""

    name: ClassVar[str] = "auto"
    options: StrategyOptions = DEFAULT_OPTIONS

    @property
    def wants_scores(self) -> bool:
        """See `Strategy`. Scores are asked for where a row of the table may need them."""
        return any(row.strategy == "search" for row in self.options.policy)

    def decide(self, progress: Progress) -> Decision:
        """Sample, look at the agreement, then do what the row's strategy does."""
        first = min(FIRST_SAMPLES, progress.budget.samples)
        if len(progress.finished) < first:
            return Decision(start=(Attempt(),) * max(0, first - progress.started))
        agreeing = _agreement(progress.finished, progress.tally, first)
        row = self._row(agreeing / first)
        attempts = max(first, min(row.attempts, progress.budget.samples))
        chosen = StrategyChoice(row.strategy, attempts, agreeing, first)
        if row.strategy == "stop" or attempts <= len(progress.finished):
            settled = row.strategy == "stop" and attempts < progress.budget.samples
            why = StoppedWhy.SETTLED if settled else StoppedWhy.BUDGET_SPENT
            return Decision(stop=why, chosen=chosen)
        rounds = max(1, min(row.rounds, attempts))
        samples = max(1, attempts // rounds)
        budget = msgspec.structs.replace(progress.budget, samples=samples, rounds=rounds)
        decision = self._delegate(row).decide(replace(progress, budget=budget))
        return replace(decision, chosen=chosen)

    def weights(self, voters: Sequence[Candidate]) -> Mapping[int, float]:
        """By score where a search has made any of them, else equal."""
        if any(candidate.path for candidate in voters):
            return Search(self.options).weights(voters)
        return {}

    def _row(self, agreement: float) -> PolicyRow:
        return next(row for row in self.options.policy if agreement >= row.agreement)

    def _delegate(self, row: PolicyRow) -> Strategy:
        options = msgspec.structs.replace(self.options, method=row.method)
        if row.strategy == "revise":
            return Revise()
        if row.strategy == "search":
            return Search(options)
        return Aggregate(options) if row.strategy == "aggregate" else Vote(options)


def _agreement(finished: Sequence[Candidate], tally: Tally, first: int) -> int:
    """Most of the first samples that are in one vote group."""
    asked = {c.index for c in sorted(finished, key=lambda c: c.index)[:first]}
    return max((len(asked & set(group.candidates)) for group in tally.groups), default=0)
