"""Search: write responses step by step, score each step, and go on from the best.

The scorer is the model itself: its own verifier where it was trained as one, else its answer to
"is this right so far, yes or no?". Without a trained verifier expect less; with a bad one a search
does worse than a vote at large budgets, because it finds what the scorer likes.

- `beam`: N first steps; keep the best N/M of all; write M continuations of each; until N responses
  are complete (arXiv 2408.03314, section 5.2).
- `dvts`: N/M independent subtrees, the best of M steps in each, so that one bad score cannot take
  over everything (Hugging Face, search-and-learn).
- `best-of-n`: N whole attempts, scored at their end: the same with one step.

The verdict adds up the scores of equal answers (weighted best-of-N), or takes the best one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Final

from engine.candidate import Candidate
from engine.options import DEFAULT_OPTIONS, Choice, SearchMethod, StrategyOptions
from engine.step import Step
from engine.strategies.base import Attempt, Decision, Progress, Strategy
from engine.verdict import StoppedWhy

_UNKNOWN_SCORE: Final = 0.5


@dataclass(frozen=True, slots=True)
class Search(Strategy):
    """Spends `samples` paths."""

    name: ClassVar[str] = "search"
    options: StrategyOptions = DEFAULT_OPTIONS

    @property
    def wants_scores(self) -> bool:
        """See `Strategy`."""
        return True

    @property
    def picks_best(self) -> bool:
        """See `Strategy`."""
        return self.options.choice is Choice.BEST

    def weights(self, voters: Sequence[Candidate]) -> Mapping[int, float]:
        """Each vote weighs its score."""
        return {candidate.index: _score(candidate) for candidate in voters}

    def decide(self, progress: Progress) -> Decision:
        """Start first steps or continuations once a level is complete; stop when all paths are."""
        paths = progress.budget.samples
        if len(progress.finished) >= paths:
            return Decision(stop=StoppedWhy.BUDGET_SPENT)
        if self.options.method is SearchMethod.BEST_OF_N:
            missing = paths - progress.started
            return Decision(start=(Attempt(),) * max(0, missing))
        start = tuple(self._starts(progress, paths))
        if not start and not progress.running:
            return Decision(stop=StoppedWhy.BUDGET_SPENT)
        return Decision(start=start)

    def _starts(self, progress: Progress, paths: int) -> Iterable[Attempt]:
        """What the subtrees lack; `beam` is one subtree."""
        grown = {step.candidate for step in progress.steps}
        width = paths - sum(1 for one in progress.finished if one.index not in grown)
        sizes = [width]
        if self.options.method is SearchMethod.DVTS:
            each = min(self.options.width, max(1, width))
            sizes = [each] * (width // each) + ([width % each] if width % each else [])
        for branch, size in enumerate(sizes):
            if not any(attempt.branch == branch for attempt in _step_attempts(progress)):
                yield from self._level(progress, branch, size)

    def _level(self, progress: Progress, branch: int, size: int) -> Iterable[Attempt]:
        """The next level of one subtree, all of whose attempts have ended."""
        steps = [step for step in progress.steps if step.branch == branch]
        if not steps:
            yield from (Attempt(branch=branch, one_step=True),) * size
            return
        depth = max(step.depth for step in steps)
        ended = sum(1 for step in steps if step.candidate is not None)
        level = [step for step in steps if step.depth == depth]
        frontier = [step for step in level if step.candidate is None]
        room = size - ended
        if room <= 0 or not frontier:
            return
        if self.options.method is SearchMethod.DVTS:
            best = max(level, key=_rank)
            if best.candidate is not None:
                return  # the best of this subtree is complete
        keep = max(1, -(-room // self.options.width))
        if self.options.method is SearchMethod.DVTS:
            keep = 1
        kept = _best_different(frontier, keep)
        one_step = depth + 1 < self.options.most_steps
        for number in range(room):
            parent = kept[number % len(kept)].index
            yield Attempt(parent=parent, branch=branch, one_step=one_step)


def _step_attempts(progress: Progress) -> list[Attempt]:
    return [
        attempt for attempt in progress.in_flight if attempt.one_step or attempt.parent is not None
    ]


def _best_different(steps: Sequence[Step], count: int) -> list[Step]:
    """The best steps; one that says the same from the same place comes after all others."""
    ranked = sorted(steps, key=_rank, reverse=True)
    first: dict[tuple[int | None, str], Step] = {}
    for step in ranked:
        first.setdefault((step.parent, step.text), step)
    others = [step for step in ranked if first[step.parent, step.text] is not step]
    return [*first.values(), *others][:count]


def _rank(step: Step) -> tuple[float, int]:
    return (_UNKNOWN_SCORE if step.score is None else step.score, -step.index)


def _score(candidate: Candidate) -> float:
    return _UNKNOWN_SCORE if candidate.score is None else candidate.score
