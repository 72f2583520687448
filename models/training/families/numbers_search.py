"""Looking for a way in the numbers game: tries that miss are seen to miss, then comes a better one.

A model that is only shown ways that get there learns to make its last sum fit. Shown tries that
fail, it learns to see that, to begin again, and to end without an answer where it found none; so
what it does answer is mostly right. The tries that fail are shown but not learned to be written
(`Problem.astray`), and they are numbered, so that giving up after the last one is easy to learn.
Searching written out as text: Stream of Search, arXiv 2404.03683. For training only; held-out
problems are composed by `numbers_game.py`.
"""

from __future__ import annotations

import random
from collections.abc import Collection
from typing import Final

from models.training.families.numbers_game import (
    LARGEST_TARGET,
    Play,
    draw_game,
    play,
    results,
    told,
)
from models.training.families.numbers_telling import told_otherwise
from models.training.problem import Problem

_TOLD_OTHERWISE: Final = 0.6
_MISSED_SHARE: Final = 0.5
"""How many workings have tries that miss."""
_MOST_TRIES: Final = {2: 4, 3: 4, 4: 3}
"""By operations of a try, so that no working grows long."""
_DRAWN: Final = (1, 6, 24)
"""Of so many random ways, the one that comes nearest is the try that misses."""


def practise_numbers_game(rng: random.Random, steps: int) -> Problem:
    """Compose a game with the working of somebody who tries until one way gets there."""
    numbers, way = draw_game(rng, steps)
    tell = told_otherwise if rng.random() < _TOLD_OTHERWISE else told
    question = tell(rng, numbers, way.result)
    most = _MOST_TRIES[steps]
    misses = _misses(rng, numbers, way.result, most)
    found = len(misses) < most
    lines = [f"{' '.join(map(str, numbers))} -> {way.result}"]
    astray: list[int] = []
    for number, tried in enumerate((*misses, way) if found else misses, start=1):
        if tried is not way:
            astray += range(len(lines), len(lines) + len(tried.lines) - 1)
        first, *others = _lines(tried, way.result)
        lines += (first if number == 1 else f"try {number}: {first}", *others)
    return Problem("numbers", question, tuple(lines), way.expression, steps, found, tuple(astray))


def _misses(rng: random.Random, numbers: list[int], target: int, most: int) -> list[Play]:
    wanted = rng.randint(1, most) if rng.random() < _MISSED_SHARE else 0
    misses: list[Play] = []
    while len(misses) < wanted:
        miss = _miss(rng, numbers, target, misses)
        if miss is None:
            break
        misses.append(miss)
    return misses


def _miss(
    rng: random.Random, numbers: list[int], target: int, before: Collection[Play]
) -> Play | None:
    """A way that comes near the target and cannot reach it any more at its last sum."""
    drawn = [play(rng, numbers) for _ in range(rng.choice(_DRAWN))]
    known = {one.expression for one in before}
    fair = [
        one for one in drawn if one and one.result <= LARGEST_TARGET and one.expression not in known
    ]
    lost = [one for one in fair if target not in results(*one.last)]
    return min(lost, key=lambda one: abs(one.result - target), default=None)


def _lines(tried: Play, target: int) -> list[str]:
    """Write a try, with what became of it at the end."""
    *lines, last = tried.lines
    sum_of_it = last.rpartition(" (")[0]
    ending = "done" if tried.result == target else f"not {target}"
    return [*lines, f"{sum_of_it}, {ending}"]
