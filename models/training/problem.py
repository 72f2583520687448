"""A problem with its written working: what every family composes and every skill is trained on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

GAVE_UP: Final = "I find no way."
"""How a working ends that does not get there: without an answer, so it is no vote."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One question that has an answer which can be checked.

    Attributes:
        family: Which family composed it: `stories`, `numbers`, `ordering` or `clock`.
        question: What a person asks.
        chain: The working, one step a line, none of them empty.
        answer: What it leads to, as the last line writes it.
        steps: How hard it is: the operations a person would need. From 1.
        solved: Whether the working gets there. One that does not ends without an answer.
        astray: Which lines of the working lead nowhere: shown, but never learned to be written.
    """

    family: str
    question: str
    chain: tuple[str, ...]
    answer: str
    steps: int
    solved: bool = True
    astray: tuple[int, ...] = ()

    @property
    def response(self) -> str:
        """What the model is to write: the working, then the answer on its own mark."""
        return "\n".join((*self.chain, f"Answer: {self.answer}" if self.solved else GAVE_UP))


def plain_answer(text: str) -> str:
    """Return an answer without what does not matter: case, outer spaces, a final stop."""
    return " ".join(text.casefold().rstrip(" .").split())
