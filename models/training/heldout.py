"""The held-out problems: 300 with a fixed seed, written once and never trained on.

Every number of steps from 2 to 10 is there about equally often. They lie beside the tests so that
the engine can ask the shipped file the same questions.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from models.training.stories import FEWEST_STEPS, MOST_STEPS, stories

SEED = 20_260
COUNT = 300
HELD_OUT_PATH = Path(__file__).parents[2] / "tests" / "models" / "data" / "heldout_stories.jsonl"


@dataclass(frozen=True, slots=True)
class Problem:
    """A question, its answer and how many operations it takes."""

    question: str
    answer: int
    steps: int


def make_held_out() -> list[Problem]:
    """Compose the problems anew; the same ones each time."""
    each, more = divmod(COUNT, MOST_STEPS - FEWEST_STEPS + 1)
    wanted = {
        steps: each + (steps - FEWEST_STEPS < more) for steps in range(FEWEST_STEPS, MOST_STEPS + 1)
    }
    problems: list[Problem] = []
    source = stories(SEED)
    while len(problems) < COUNT:
        story = next(source)
        if wanted.get(story.steps, 0):
            wanted[story.steps] -= 1
            problems.append(Problem(story.question, story.answer, story.steps))
    return problems


def write_held_out(path: Path = HELD_OUT_PATH) -> None:
    """Write the problems, one JSON object a line."""
    lines = [
        json.dumps(
            {"question": problem.question, "answer": problem.answer, "steps": problem.steps},
            ensure_ascii=False,
        )
        for problem in make_held_out()
    ]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def held_out_questions() -> frozenset[str]:
    """Return the questions that training must leave out."""
    return frozenset(problem.question for problem in make_held_out())
