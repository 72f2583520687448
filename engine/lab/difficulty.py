"""Accuracy of the five parts of a question set from easy to hard, and where strategies differ.

What sorts the questions never judges them: half of a vote's samples sort, the other half is
replayed, and other strategies are judged by what they ran, at as many samples.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from engine.lab.replay import Samples, replay
from engine.lab.rule import Rule
from engine.lab.statistics import FEWEST_QUESTIONS, Floats, difference, quintile_order

_FIFTHS: Final = 5
_NO_FIFTH: Final = "nothing is distinguishable from vote in any fifth"


@dataclass(frozen=True, slots=True)
class Difficulty:
    """The questions of one vote from easy to hard.

    Attributes:
        samples: With how many each question is judged.
        rows: For each fifth, which deliberations of the vote are in it.
        right: By rule or strategy, how right each deliberation was, 0 to 1.
        repeats: How many deliberations in a row ask the same question.
    """

    samples: int
    rows: tuple[NDArray[np.int64], ...]
    right: dict[str, Floats]
    repeats: int

    def accuracy(self, name: str) -> tuple[float, ...]:
        """Mean of each fifth under a rule or strategy."""
        return tuple(float(self.right[name][rows].mean()) for rows in self.rows)

    def with_strategy(self, name: str, right: Sequence[float]) -> Difficulty:
        """Return the same with what a strategy ran.

        Args:
            name: The strategy.
            right: How likely each deliberation is right, of the same questions in the same order,
                at `samples`.
        """
        return replace(self, right={**self.right, name: np.array(right, dtype=np.float64)})

    def words(self) -> list[str]:
        """Say in which fifths, 1 the easiest, another one differs from the plain vote."""
        counts = [len(self._by_question(Rule.VOTE.value, rows)) for rows in self.rows]
        fewest, most = min(counts), max(counts)
        if fewest < FEWEST_QUESTIONS:
            return [f"fifths of {fewest} questions are too few to tell anything apart"]
        said, told = [], set()
        for name in self.right:
            if name in {Rule.VOTE.value, Rule.COVERAGE.value}:
                continue
            gaps = [self._gap(name, rows) for rows in self.rows]
            for sign, words in ((1, f"{name} beats vote"), (-1, f"vote beats {name}")):
                found = [number for number, gap in enumerate(gaps, start=1) if gap == sign]
                told.update(found)
                if found:
                    said.append(f"{_fifths(found)}: {words} (95 %)")
        each = str(fewest) if fewest == most else f"{fewest} or {most}"
        if len(told) < len(self.rows):
            others = "other fifths: not distinguishable" if told else _NO_FIFTH
            said.append(f"{others}, {each} questions each")
        return said

    def _gap(self, name: str, rows: NDArray[np.int64]) -> int:
        """1 where another one beats the vote, -1 where the vote does, 0 where nobody can tell."""
        vote, other = (self._by_question(one, rows) for one in (Rule.VOTE.value, name))
        points = difference(vote, other)
        return int(np.sign(points.points.value)) if points.distinguishable else 0

    def _by_question(self, name: str, rows: NDArray[np.int64]) -> Floats:
        """One number a question: samples of one question are not independent."""
        asked, place = np.unique(rows // self.repeats, return_inverse=True)
        sums = np.bincount(place, weights=self.right[name][rows], minlength=len(asked))
        return np.asarray(sums / np.bincount(place, minlength=len(asked)), dtype=np.float64)


def difficulty_of(samples: Samples, rules: Sequence[Rule], repeats: int) -> Difficulty:
    """Sort a vote's questions by half of their samples and judge them by the other half.

    Args:
        samples: At least two of each question.
        rules: How samples are put together.
        repeats: How many rows in turn ask the same question.
    """
    half = samples.count // 2
    rest = Samples(
        samples.right[:, half:],
        samples.group[:, half:],
        samples.tokens[:, half:],
        samples.weight[:, half:],
    )
    right = {rule.value: replay(rest, rule, [rest.count]).accuracy[:, 0] for rule in rules}
    rows = tuple(part for part in quintile_order(samples.right)[:_FIFTHS] if len(part))
    return Difficulty(rest.count, rows, right, repeats)


def _fifths(numbers: Sequence[int]) -> str:
    """For example "fifth 2", "fifths 4 and 5", "fifths 1, 2 and 4"."""
    if len(numbers) == 1:
        return f"fifth {numbers[0]}"
    return f"fifths {', '.join(map(str, numbers[:-1]))} and {numbers[-1]}"
