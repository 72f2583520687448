"""Vote: independent samples, and the most common answer wins (self-consistency).

All samples are started at once: a backend decodes side by side what it has slots for, and the rest
waits there at no cost. Starting a few and waiting for their votes would save tokens on a clear
question but leave slots idle, and idle slots cost seconds. What an early stop saves is therefore
the attempts that were waiting, and the rest of those that were running.

Votes can weigh by confidence (`engine.strategies.confidence`). With `first_finished` the vote ends
when so many have finished, and a tie goes to the shortest: short-m@k, arXiv 2505.17813. Thoughts
that end first are right more often there; it needs a model that thinks, and says nothing about one
that does not.

Source: arXiv 2203.11171; early stopping as in `engine.strategies.settling`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Final

from engine.candidate import Candidate
from engine.options import DEFAULT_OPTIONS, StrategyOptions
from engine.strategies.base import Asking, Attempt, Decision, Progress, Strategy
from engine.strategies.confidence import confidence_weights
from engine.strategies.settling import is_settled
from engine.verdict import StoppedWhy

_SHORTEST_BONUS: Final = 0.001
"""Added weight of the shortest candidate; each longer one has half of it.

More than all longer ones together, so that of groups with as many votes the one with the shortest
candidate leads; never enough to win a vote, and in all less than `engine.tally.TIE_BREAK`.
"""


@dataclass(frozen=True, slots=True)
class Vote(Strategy):
    """Starts every sample the budget pays for; the backend runs as many as it has slots."""

    name: ClassVar[str] = "vote"
    asking: ClassVar[Asking] = Asking.PLAIN
    options: StrategyOptions = DEFAULT_OPTIONS

    @property
    def wants_scores(self) -> bool:
        """See `Strategy`."""
        return self.options.weighting.needs_scores

    def decide(self, progress: Progress) -> Decision:
        """Start what is missing, stop when settled or spent."""
        if is_settled(progress):
            spent = len(progress.finished) >= progress.budget.samples
            return Decision(stop=StoppedWhy.BUDGET_SPENT if spent else StoppedWhy.SETTLED)
        if len(progress.finished) >= progress.budget.samples:
            return Decision(stop=StoppedWhy.BUDGET_SPENT)
        enough = self.options.first_finished
        if enough is not None and progress.tally.votes >= enough:
            return Decision(stop=StoppedWhy.ENOUGH_FINISHED)
        missing = progress.budget.samples - progress.started
        return Decision(start=(Attempt(asking=self.asking),) * max(0, missing))

    def weights(self, voters: Sequence[Candidate]) -> Mapping[int, float]:
        """See `Strategy`."""
        if self.options.first_finished is None:
            return confidence_weights(voters, self.options.weighting, self.options.sharpness)
        answering = [candidate for candidate in voters if candidate.counts and candidate.answer]
        by_length = sorted(answering, key=lambda candidate: (candidate.tokens, candidate.index))
        return {
            candidate.index: 1 + _SHORTEST_BONUS * 0.5**rank
            for rank, candidate in enumerate(by_length)
        }
