"""The models that ship with Ponder, and questions that show what they can do.

They exist so that the application answers on its first start without a download. It knows where the
files lie, not how to run them.
"""

from __future__ import annotations

from pathlib import Path

SAMPLE_QUESTIONS: tuple[str, ...] = (
    "Nina has 250 beads. She uses 35 beads for each of 4 necklaces. How many beads are left?",
    "Sofia buys 15 books at 24 dollars each. She also pays 138 dollars for a lamp. "
    "The total is shared equally by 6 friends. How much is that for each?",
    "A train has 12 wagons. Each wagon has 48 seats. 75 seats are empty. How many seats are taken?",
    "There are 25 students in a class. 7 more join, then 4 leave. How many students are there?",
    "144 cookies are shared by 12 children. How many cookies does each child get?",
    "What is 7 times 8 plus 5?",
)
REASONER_QUESTIONS: tuple[str, ...] = (
    "A train leaves at 16:35 and the trip takes 2 hours 40 minutes. When does it arrive?",
    "Mia is older than Tom. Zoe is older than Mia. Ben is younger than Tom. Who is the oldest?",
    "Target: 24. Numbers: 3, 5, 7, 9. Use each number exactly once.",
    "A baker makes 25 rolls on each of 6 trays. He sells 90 of them. How many rolls are left?",
)

_QUESTIONS = {"number-stories": SAMPLE_QUESTIONS, "reasoner": REASONER_QUESTIONS}

CARD = Path(__file__).with_name("README.md")
"""The model card."""


STORIES = "stories"
"""The model of the first start."""
SMALL = "small"
"""The reasoner with three skills, for measuring ways to think."""
BASE = "base"
"""The same, larger: what thinking longer is to be compared with."""


def builtin_models() -> dict[str, Path]:
    """Return the model files by name, that of the first start first."""
    names = (STORIES, SMALL, BASE)
    return {name: Path(__file__).with_name(f"ponder-{name}.gguf") for name in names}


def sample_questions(family: str) -> tuple[str, ...]:
    """Return questions to try on a demonstration model; none for any other model.

    Args:
        family: What the file says of itself under `ponder.family`.
    """
    return _QUESTIONS.get(family, ())


def builtin_model_path() -> Path:
    """Return where the model of the first start lies."""
    return builtin_models()[STORIES]
