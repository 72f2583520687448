"""The task families of the built-in model: each file composes problems of one kind."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from models.training.families import clock, numbers_game, ordering, stories
from models.training.families.clock import make_clock
from models.training.families.everyday import make_everyday
from models.training.families.numbers_game import make_numbers_game, same_game
from models.training.families.numbers_search import practise_numbers_game
from models.training.families.ordering import make_ordering
from models.training.families.renaming import renamed
from models.training.families.stories import make_bare, make_story
from models.training.problem import Problem, plain_answer

_EASIER: Final = 1.5
"""Above 1, small numbers of steps are drawn more often."""


@dataclass(frozen=True, slots=True)
class Family:
    """One kind of problem.

    Attributes:
        name: As in `Problem.family`.
        make: Composes one problem of about so many steps.
        fewest: Fewest steps.
        most: Most steps.
        accepts: Whether an answer is right, given the right one.
        practise: Composes what is trained on, where that differs from what is measured.
    """

    name: str
    make: Callable[[random.Random, int], Problem]
    fewest: int
    most: int
    accepts: Callable[[str, str], bool]
    practise: Callable[[random.Random, int], Problem] | None = None

    def compose(self, rng: random.Random) -> Problem:
        """Compose one problem to train on, easy ones more often than hard ones."""
        span = self.most - self.fewest + 1
        steps = self.fewest + int(span * rng.random() ** _EASIER)
        return renamed(rng, (self.practise or self.make)(rng, steps))


def _make_arithmetic(rng: random.Random, steps: int) -> Problem:
    """A story, or one of the short problems and bare sums that people type first."""
    roll = rng.random()
    if steps <= 3 and roll < 0.55:
        return make_everyday(rng)
    if steps <= 3 and roll < 0.8:
        return make_bare(rng)
    return make_story(rng, max(2, steps))


def _same_text(answer: str, right: str) -> bool:
    return plain_answer(answer) == plain_answer(right)


FAMILIES: Final[Mapping[str, Family]] = MappingProxyType(
    {
        family.name: family
        for family in (
            Family(
                "stories",
                _make_arithmetic,
                stories.FEWEST_STEPS,
                stories.MOST_STEPS,
                _same_text,
            ),
            Family(
                "numbers",
                make_numbers_game,
                numbers_game.FEWEST_STEPS,
                numbers_game.MOST_STEPS,
                same_game,
                practise_numbers_game,
            ),
            Family(
                "ordering",
                make_ordering,
                ordering.FEWEST_STEPS,
                ordering.MOST_STEPS,
                _same_text,
            ),
            Family("clock", make_clock, clock.FEWEST_STEPS, clock.MOST_STEPS, _same_text),
        )
    }
)
"""Every family by its name."""


def is_right(problem: Problem, response: str) -> bool:
    """Whether a response ends with a right answer to a problem.

    Only the answer is judged, never the working that led to it.
    """
    last = response.rstrip().rsplit("\n", 1)[-1]
    if not last.startswith("Answer:"):
        return False
    answer = last.removeprefix("Answer:").strip()
    return FAMILIES[problem.family].accepts(answer, problem.answer)
