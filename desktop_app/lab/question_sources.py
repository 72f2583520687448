"""Where question sets come from: the built-in generators, and files. Free of Qt.

It joins the generators of the built-in models with the lab, which knows neither of them.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from engine.lab.judging import Checker
from engine.lab.question_files import read_questions
from engine.lab.question_table import Columns, QuestionFileError, QuestionSetUnknownError
from engine.lab.questions import Question, QuestionSet
from models.training.families import FAMILIES, Family
from models.training.problem import Problem

DEFAULT_COUNT: Final = 100
DEFAULT_SEED: Final = 7
_EVERY: Final = "mixed"


def built_in_sets() -> tuple[str, ...]:
    """Return the names of the generated sets."""
    return (*FAMILIES, _EVERY)


def generated_set(name: str, count: int = DEFAULT_COUNT, seed: int = DEFAULT_SEED) -> QuestionSet:
    """Compose questions of one family, or of all in turn.

    Args:
        name: One of `built_in_sets`.
        count: How many.
        seed: The same seed gives the same questions.

    Raises:
        QuestionFileError: No generator has this name, or there is nothing to compose.
    """
    if name not in built_in_sets() or count < 1:
        known = ", ".join(built_in_sets())
        raise QuestionFileError(f"{count} of {name!r}; the built-in sets are {known}")
    families = list(FAMILIES.values()) if name == _EVERY else [FAMILIES[name]]
    rng = random.Random(f"lab {seed}")  # not a seed that anything was trained on
    questions: dict[str, Question] = {}
    while len(questions) < count:
        family = families[len(questions) % len(families)]
        problem = family.compose(rng)
        questions.setdefault(problem.question, _question(family, problem))
    return QuestionSet(name, f"generated, seed {seed}", tuple(questions.values()))


def question_set(
    given: str, count: int | None, seed: int, columns: Columns | None = None
) -> QuestionSet:
    """Return the set that is meant: a built-in one's name, else a file.

    Args:
        given: A name or a path.
        count: At most so many; the default number of generated ones, all of a file, where None.
        seed: For generated ones.
        columns: Which columns of a file say what; guessed where None.

    Raises:
        QuestionSetUnknownError: It is neither.
        QuestionFileError: The file is no question set.
    """
    if given in built_in_sets():
        return generated_set(given, DEFAULT_COUNT if count is None else count, seed)
    path = Path(given)
    if not path.exists():
        known = ", ".join(built_in_sets())
        raise QuestionSetUnknownError(f"{given!r}; the built-in sets are {known}")
    found = read_questions(path, columns)
    return QuestionSet(found.name, found.source, found.questions[:count])


def checkers() -> Mapping[str, Checker]:
    """Return the checkers that generated questions name."""
    return {family.name: _checker(family) for family in FAMILIES.values()}


def _question(family: Family, problem: Problem) -> Question:
    return Question(
        problem.question, problem.answer, f"{family.name}, {problem.steps} steps", family.name
    )


def _checker(family: Family) -> Checker:
    return lambda _question, answer, right: family.accepts(answer, right)
