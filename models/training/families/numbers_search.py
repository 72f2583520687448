"""Looking for a way in the numbers game: tries that miss are seen to miss, then comes a better one.

A model that is only shown ways that get there learns to make its last sum fit. Shown tries that
fail, it learns to work honestly, to begin again, and to end without an answer where it found none;
so what it does answer is mostly right. Searching written out as text: Stream of Search,
arXiv 2404.03683. For training only; held-out problems are composed by `numbers_game.py`.
"""

from __future__ import annotations

import random
from collections.abc import Collection
from typing import Final

from models.training.families.numbers_game import LARGEST_TARGET, Play, draw_game, play, told
from models.training.families.numbers_telling import told_otherwise
from models.training.problem import Problem

_TOLD_OTHERWISE: Final = 0.6
_MISSES: Final = 0.5
"""How likely one more try misses."""
_MOST_TRIES: Final = {2: 5, 3: 4, 4: 3}
"""By operations of a try, so that no working grows long."""
_DRAWN: Final = 30
"""Of so many random ways, the one that comes nearest is the try that misses."""


def practise_numbers_game(rng: random.Random, steps: int) -> Problem:
    """Compose a game with the working of somebody who tries until one way gets there."""
    numbers, way = draw_game(rng, steps)
    tell = told_otherwise if rng.random() < _TOLD_OTHERWISE else told
    question = tell(rng, numbers, way.result)
    most = _MOST_TRIES[steps]
    misses: list[Play] = []
    while len(misses) < most and rng.random() < _MISSES:
        miss = _miss(rng, numbers, way.result, misses)
        if miss is None:
            break
        misses.append(miss)
    found = len(misses) < most
    lines = [f"{' '.join(map(str, numbers))} -> {way.result}"]
    for tried in (*misses, way) if found else misses:
        lines += (*tried.lines[:-1], _ending(tried, way.result))
    return Problem("numbers", question, tuple(lines), way.expression, steps, solved=found)


def _miss(
    rng: random.Random, numbers: list[int], target: int, before: Collection[Play]
) -> Play | None:
    """A way that comes near the target without reaching it, unlike those before."""
    drawn = [play(rng, numbers) for _ in range(_DRAWN)]
    known = {one.expression for one in before}
    fair = [
        one
        for one in drawn
        if one
        and one.result != target
        and one.result <= LARGEST_TARGET
        and one.expression not in known
    ]
    return min(fair, key=lambda one: abs(one.result - target), default=None)


def _ending(tried: Play, target: int) -> str:
    """The last line of a try, with what became of it."""
    sum_of_it = tried.lines[-1].rpartition(" (")[0]
    return f"{sum_of_it}, {'done' if tried.result == target else f'not {target}'}"
