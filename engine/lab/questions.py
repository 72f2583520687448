"""Question sets: what a sweep asks, with the answers it is judged by."""

from __future__ import annotations

import hashlib

import msgspec


class Question(msgspec.Struct, frozen=True):
    """One question.

    Attributes:
        text: What is asked, choices included.
        answer: The right answer, or None where nobody knows; then only agreement is measured.
        group: A part of the set it belongs to, such as a subject, or "".
        checker: How its answers are checked, by name; "" is equality of answers.
    """

    text: str
    answer: str | None = None
    group: str = ""
    checker: str = ""


class QuestionSet(msgspec.Struct, frozen=True):
    """Questions in an order.

    Attributes:
        name: What people call it.
        source: Where it came from: a file's name, a generator with its seed, a repository.
        questions: In order.
    """

    name: str
    source: str
    questions: tuple[Question, ...]

    @property
    def digest(self) -> str:
        """SHA-256 of the questions and answers, to tell whether two sweeps asked the same."""
        return hashlib.sha256(msgspec.json.encode(self.questions)).hexdigest()

    @property
    def judged(self) -> bool:
        """Whether any question has an answer to be judged by; accuracy is of those that have."""
        return any(question.answer is not None for question in self.questions)
