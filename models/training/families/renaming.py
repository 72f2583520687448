"""Other names for the people of a problem, so that no name is learned as one of a list.

For training only: which names a held-out problem has is left to its family.
"""

from __future__ import annotations

import random
import re
from dataclasses import replace
from typing import Final

from models.training.families.stories import invented_word
from models.training.problem import Problem
from models.training.words import MORE_NAMES, NAMES

_RENAMED_SHARE: Final = 0.4
_INVENTED_SHARE: Final = 0.25
_WORD: Final = re.compile(r"[A-Z][a-z]+")
_KNOWN: Final = frozenset(NAMES)


def renamed(rng: random.Random, problem: Problem) -> Problem:
    """Return a problem with its people called otherwise, now and then."""
    if rng.random() >= _RENAMED_SHARE:
        return problem
    taken = set(_WORD.findall(problem.question))
    names: dict[str, str] = {}
    for name in sorted(taken & _KNOWN):
        names[name] = _another(rng, taken)
        taken.add(names[name])

    def told(text: str) -> str:
        return _WORD.sub(lambda found: names.get(found[0], found[0]), text)

    return replace(
        problem,
        question=told(problem.question),
        chain=tuple(map(told, problem.chain)),
        answer=told(problem.answer),
    )


def _another(rng: random.Random, taken: set[str]) -> str:
    while True:
        invented = rng.random() < _INVENTED_SHARE
        name = invented_word(rng).capitalize() if invented else rng.choice(MORE_NAMES)
        if name not in taken:
            return name
