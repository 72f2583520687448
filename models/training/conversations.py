"""Training conversations: questions, answers, earlier attempts and second turns, as plain turns.

It decides what the model is shown in training; `tokenizer.py` decides how that becomes tokens.
"""

from __future__ import annotations

import random
from collections.abc import Collection
from dataclasses import dataclass

from models.training.everyday import make_everyday
from models.training.other_questions import REFUSAL, other_question
from models.training.stories import FEWEST_STEPS, MOST_STEPS, Story, make_bare, make_story

_SYSTEM_TEXTS = (
    "You are a helpful assistant.",
    "You are a careful assistant. Think step by step and end with 'Answer:'.",
    "Answer the question. Finish with a line 'Answer: N'.",
    "Be brief and exact.",
    "Think step by step.",
    "Solve the problem carefully.",
    "Put the final answer on its own line.",
)
_MOST_ATTEMPTS = 4
_LONGEST_REVISION = 1000
_FEWER_STEPS = 6


@dataclass(frozen=True, slots=True)
class Turn:
    """What a person says and what the model is to answer."""

    question: str
    response: str


@dataclass(frozen=True, slots=True)
class Conversation:
    """Turns in order, with the system text in front if there is one."""

    turns: tuple[Turn, ...]
    system: str = ""


def spoiled(rng: random.Random, response: str) -> str:
    """Change one result in a response and its answer, as an attempt that went wrong looks."""
    lines = response.split("\n")
    where = rng.randrange(len(lines) - 1)
    digits = [place for place, sign in enumerate(lines[where]) if sign.isdigit()]
    place = rng.choice(digits[-3:])
    lines[where] = lines[where][:place] + rng.choice("0123456789") + lines[where][place + 1 :]
    answer = int(lines[-1].removeprefix("Answer: "))
    lines[-1] = f"Answer: {max(0, answer + rng.choice((-100, -20, -10, -1, 1, 2, 10, 30, 100)))}"
    return "\n".join(lines)


def revision_question(question: str, attempts: tuple[str, ...]) -> str:
    """Ask for a better attempt, the earlier ones shown in the words the revise strategy uses."""
    shown = "\n".join(f"{number}. {text}" for number, text in enumerate(attempts, 1))
    return f"{question}\n\nEarlier attempts:\n{shown}\n\nWrite a better attempt."


def _revision(rng: random.Random, story: Story) -> Turn:
    attempts: list[str] = []
    for _ in range(rng.randint(1, _MOST_ATTEMPTS)):
        text = spoiled(rng, story.response) if rng.random() < 0.5 else story.response
        if sum(map(len, attempts)) + len(text) < _LONGEST_REVISION:
            attempts.append(text)
    return Turn(revision_question(story.question, tuple(attempts)), story.response)


class Conversations:
    """An endless, seeded source of training conversations.

    Args:
        seed: The same seed gives the same conversations.
        held_out: Questions that must never be trained on.
    """

    def __init__(self, seed: int, held_out: Collection[str]) -> None:
        self._rng = random.Random(seed)
        self._held_out = held_out

    def _story(self, most: int) -> Story:
        while True:
            story = make_story(self._rng, self._rng.randint(FEWEST_STEPS - 1, most))
            if story.question not in self._held_out:
                return story

    def _turn(self, most: int) -> Turn:
        rng = self._rng
        roll = rng.random()
        if roll < 0.06:
            return Turn(other_question(rng), REFUSAL)
        if roll < 0.20:
            story = make_bare(rng)
        elif roll < 0.36:
            story = make_everyday(rng)
        else:
            story = self._story(most)
        return Turn(story.question, story.response)

    def next(self, *, revisions: float = 0.08) -> Conversation:
        """Compose one conversation."""
        rng = self._rng
        system = rng.choice(_SYSTEM_TEXTS) if rng.random() < 0.05 else ""
        if rng.random() < revisions:
            return Conversation((_revision(rng, self._story(_FEWER_STEPS)),), system)
        turns = [self._turn(MOST_STEPS)]
        while len(turns) < 4 and rng.random() < 0.08:
            turns.append(self._turn(_FEWER_STEPS))
        return Conversation(tuple(turns), system)
