"""The model that ships with Ponder, and questions that show what it can do.

It exists so that the application answers on its first start without a download. It knows where the
file lies, not how to run it.
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


CARD = Path(__file__).with_name("README.md")
"""The model card."""


def builtin_models() -> dict[str, Path]:
    """Return the model files by name, smallest first."""
    return {"small": Path(__file__).with_name("ponder-small.gguf")}


def builtin_model_path() -> Path:
    """Return where the model of the first start lies."""
    return Path(__file__).with_name("ponder-stories.gguf")
