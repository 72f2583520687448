"""Auto: let the samples say how hard the question is, and spend accordingly.

Compute-optimal scaling (arXiv 2408.03314, section 3) chooses how to spend by difficulty. Estimating
difficulty costs 2048 samples there; here it is the agreement of the first four, which the chosen
strategy uses itself, so that nothing is spent on the estimate alone. A table says what follows.

A vote goes on in stages and looks again after each: the table says what lead is enough there, and
where more would hardly help. `engine.options.DEFAULT_POLICY` works on any model, and
`engine.lab.policy` learns a table for one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar, Final

import msgspec

from engine.budget import MAX_ATTEMPTS
from engine.candidate import Candidate
from engine.options import (
    DEFAULT_OPTIONS,
    Look,
    PolicyRow,
    StrategyChoice,
    StrategyOptions,
)
from engine.strategies.aggregate import Aggregate
from engine.strategies.base import Attempt, Decision, Progress, Strategy
from engine.strategies.revise import Revise
from engine.strategies.search import Search
from engine.strategies.vote import Vote
from engine.tally import ROUNDING, Tally
from engine.verdict import StoppedWhy

FIRST_SAMPLES: Final = 4


@dataclass(frozen=True, slots=True)
class Auto(Strategy):
    """Samples four, then follows its table."""

    name: ClassVar[str] = "auto"
    options: StrategyOptions = DEFAULT_OPTIONS

    @property
    def wants_scores(self) -> bool:
        """See `Strategy`. Scores are asked for where votes weigh them or a row may need them."""
        ways = [_strategy(row.strategy, self.options) for row in self.options.policy]
        return any(way.wants_scores for way in (Vote(self.options), *ways))

    def decide(self, progress: Progress) -> Decision:
        """Sample, look at the agreement, then do what the row's strategy does."""
        if progress.chosen is not None:
            # the first samples may not vote any more
            agreeing, first = progress.chosen.agreeing, progress.chosen.asked
        else:
            first = min(FIRST_SAMPLES, progress.budget.samples)
            if len(progress.finished) < first:
                return Decision(start=(Attempt(),) * max(0, first - progress.started))
            agreeing = _agreement(progress.finished, progress.tally, first)
        row = self._row(agreeing / first, stop_early=progress.stop_early)
        attempts = max(first, min(row.attempts, progress.budget.samples))
        chosen = StrategyChoice(row.strategy, attempts, agreeing, first)
        if row.strategy == "stop" or attempts <= len(progress.finished):
            settled = row.strategy == "stop" and attempts < progress.budget.samples
            why = StoppedWhy.SETTLED if settled else StoppedWhy.BUDGET_SPENT
            return Decision(stop=why, chosen=chosen)
        if row.strategy == "vote" and row.looks and self.options.first_finished is None:
            return _vote_in_stages(progress, row.looks, chosen)
        rounds = max(1, min(row.rounds, attempts))
        samples = max(1, attempts // rounds)
        budget = msgspec.structs.replace(progress.budget, samples=samples, rounds=rounds)
        way = _strategy(row.strategy, msgspec.structs.replace(self.options, method=row.method))
        return replace(way.decide(replace(progress, budget=budget)), chosen=chosen)

    def after(self, choice: StrategyChoice) -> Strategy:
        """See `Strategy`."""
        return _strategy(choice.strategy, self.options)

    def weights(self, voters: Sequence[Candidate]) -> Mapping[int, float]:
        """As in a vote, which the first samples are."""
        return Vote(self.options).weights(voters)

    def _row(self, agreement: float, *, stop_early: bool) -> PolicyRow:
        row = next(row for row in self.options.policy if agreement >= row.agreement)
        if not stop_early and row.strategy in {"stop", "vote"}:
            return PolicyRow(row.agreement, "vote", MAX_ATTEMPTS)
        return row


def _strategy(name: str, options: StrategyOptions) -> Strategy:
    """The strategy of a row; "stop" ends a vote."""
    if name == Revise.name:
        return Revise()
    if name == Search.name:
        return Search(options)
    return Aggregate(options) if name == Aggregate.name else Vote(options)


def _vote_in_stages(progress: Progress, looks: Sequence[Look], chosen: StrategyChoice) -> Decision:
    """Write samples up to the next look, and end where a look has seen enough."""
    done = len(progress.finished)
    if not progress.running and (look := _look_after(done, progress.tally, looks)):
        lead = lead_of(progress.tally)
        if lead >= look.lead - ROUNDING:
            way = "stop" if done <= chosen.asked else chosen.strategy
            ended = msgspec.structs.replace(chosen, strategy=way, until=done, lead=lead)
            return Decision(stop=StoppedWhy.SETTLED, chosen=ended)
    until = min((look.samples for look in looks if look.samples > done), default=chosen.attempts)
    until = min(until, chosen.attempts)
    missing = max(0, until - progress.started)
    chosen = msgspec.structs.replace(chosen, until=until)
    return Decision(start=(Attempt(),) * missing, chosen=chosen)


def _look_after(samples: int, tally: Tally, looks: Sequence[Look]) -> Look | None:
    """The row that counts after so many samples, if that is a place to look."""
    unanswered = 1 - tally.votes / samples
    fitting = [look for look in looks if look.samples == samples and look.unanswered <= unanswered]
    return max(fitting, key=lambda look: look.unanswered, default=None)


def lead_of(tally: Tally) -> float:
    """Votes that the leader is ahead of the next answer, 0 in a tie or without votes."""
    weights = [group.weight for group in tally.groups[:2]]
    return weights[0] - sum(weights[1:]) if weights else 0.0


def _agreement(finished: Sequence[Candidate], tally: Tally, first: int) -> int:
    """Most of the first samples that are in one vote group."""
    asked = {c.index for c in sorted(finished, key=lambda c: c.index)[:first]}
    return max((len(asked & set(group.candidates)) for group in tally.groups), default=0)
