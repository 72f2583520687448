"""The held-out problems: 500 a family from a seed of their own, never trained on.

They are composed anew wherever they are needed; a digest of them tells whether the generators still
make the same ones, which is what figures measured on them are worth.
"""

from __future__ import annotations

import hashlib
import random
from typing import Final

from models.training.families import FAMILIES
from models.training.problem import Problem

HELD_OUT_SEED: Final = 20_260
HELD_OUT_COUNT: Final = 500


def held_out(family: str, count: int = HELD_OUT_COUNT) -> list[Problem]:
    """Compose the first held-out problems of a family; every number of steps equally often."""
    chosen = FAMILIES[family]
    rng = random.Random(f"{HELD_OUT_SEED} {family}")
    span = chosen.most - chosen.fewest + 1
    problems: list[Problem] = []
    questions: set[str] = set()
    while len(problems) < count:
        problem = chosen.make(rng, chosen.fewest + len(problems) % span)
        if problem.question not in questions:
            questions.add(problem.question)
            problems.append(problem)
    return problems


def held_out_questions() -> frozenset[str]:
    """Return the questions that training must leave out."""
    return frozenset(problem.question for name in FAMILIES for problem in held_out(name))


def held_out_digest() -> str:
    """Return the SHA-256 of all held-out questions and answers."""
    text = "\n".join(
        f"{problem.question}\t{problem.answer}" for name in FAMILIES for problem in held_out(name)
    )
    return hashlib.sha256(text.encode()).hexdigest()
