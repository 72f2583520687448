"""Training conversations: what the model is shown while it learns to solve.

Questions with their working, at times with a system text in front or more turns behind, and now and
then something it cannot answer. `tokenizer.py` decides how that becomes tokens.
"""

from __future__ import annotations

import random
from collections.abc import Collection
from dataclasses import dataclass

from models.training.families import FAMILIES
from models.training.other_questions import REFUSAL, other_question
from models.training.problem import Problem

_SYSTEM_TEXTS = (
    "You are a helpful assistant.",
    "You are a careful assistant. Think step by step and end with 'Answer:'.",
    "Answer the question. Finish with a line 'Answer: N'.",
    "Be brief and exact.",
    "Think step by step.",
    "Solve the problem carefully.",
    "Put the final answer on its own line.",
)
_SHARES = {"stories": 0.25, "numbers": 0.29, "ordering": 0.23, "clock": 0.23}
_OTHER_SHARE = 0.04
_MORE_TURNS = 0.05
_MOST_TURNS = 4


@dataclass(frozen=True, slots=True)
class Turn:
    """What a person says and what the model is to answer.

    Attributes:
        question: What is asked.
        response: What is to be written.
        attempts: Earlier attempts the model is shown, oldest first; none for a first attempt.
        astray: Which lines of the response are shown only, as in `Problem.astray`.
    """

    question: str
    response: str
    attempts: tuple[str, ...] = ()
    astray: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Conversation:
    """Turns in order, with the system text in front if there is one."""

    turns: tuple[Turn, ...]
    system: str = ""


class Problems:
    """An endless, seeded source of problems from all families.

    Args:
        seed: The same seed gives the same problems.
        held_out: Questions that must never be trained on.
    """

    def __init__(self, seed: int, held_out: Collection[str]) -> None:
        self.rng = random.Random(seed)
        self._held_out = held_out

    def next(self, family: str | None = None) -> Problem:
        """Compose one problem, of a family drawn by its share unless one is named."""
        rng = self.rng
        while True:
            name = family or rng.choices(tuple(_SHARES), tuple(_SHARES.values()))[0]
            problem = FAMILIES[name].compose(rng)
            if problem.question not in self._held_out:
                return problem


class Conversations:
    """An endless, seeded source of conversations.

    Args:
        seed: The same seed gives the same conversations.
        held_out: Questions that must never be trained on.
    """

    def __init__(self, seed: int, held_out: Collection[str]) -> None:
        self._problems = Problems(seed, held_out)

    def _turn(self) -> Turn:
        rng = self._problems.rng
        if rng.random() < _OTHER_SHARE:
            return Turn(other_question(rng), REFUSAL)
        problem = self._problems.next()
        return Turn(problem.question, problem.response, astray=problem.astray)

    def next(self) -> Conversation:
        """Compose one conversation."""
        rng = self._problems.rng
        system = rng.choice(_SYSTEM_TEXTS) if rng.random() < 0.04 else ""
        turns = [self._turn()]
        while len(turns) < _MOST_TURNS and rng.random() < _MORE_TURNS:
            turns.append(self._turn())
        return Conversation(tuple(turns), system)
