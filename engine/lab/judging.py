"""Whether an answer is right: by the same keys and the same equivalence as votes, or by a checker.

A checker decides where many answers are right, such as a numbers game; who joins the lab with a
generator of questions brings its checkers along.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Final

import msgspec

from engine.answers.canonical import canonical_key, is_simple
from engine.answers.choices import letter_of, offered_choices
from engine.answers.equivalence import EquivalenceChecker
from engine.candidate import ExtractedAnswer
from engine.lab.questions import Question

Checker = Callable[[str, str, str], bool]
"""Told the question, the answer given and the right answer."""

NO_CHECKERS: Final[Mapping[str, Checker]] = {}


class Judgement(msgspec.Struct, frozen=True):
    """What was said of one answer.

    Attributes:
        right: Whether it is right; None where nobody knows the right answer.
        why: `no-reference`, `no-answer`, `same-key`, `symbolic`, `checker` or `different`.
    """

    right: bool | None
    why: str


class Judge:
    """Judges answers. One thread uses it; a comparison of expressions may block for seconds.

    Args:
        checker: Compares expressions; to be closed by who made it.
        checkers: By the names that questions use.
    """

    def __init__(
        self, checker: EquivalenceChecker, checkers: Mapping[str, Checker] = NO_CHECKERS
    ) -> None:
        self._equivalence = checker
        self._checkers = checkers
        self._known: dict[tuple[str, ...], Judgement] = {}

    def judge(self, question: Question, answer: ExtractedAnswer | None) -> Judgement:
        """Say whether an answer to a question is right."""
        if question.answer is None:
            return Judgement(None, "no-reference")
        if answer is None:
            return Judgement(right=False, why="no-answer")
        # the keys of both answers depend on the choices that the question offers
        place = (question.text, question.checker, question.answer, answer.text, answer.key)
        if place not in self._known:
            self._known[place] = self._judged(question, question.answer, answer)
        return self._known[place]

    def unknown_checker(self, questions: Iterable[Question]) -> str | None:
        """The name of a checker that some question needs and nobody brought along, or None."""
        named = (question.checker for question in questions if question.checker)
        return next((name for name in named if name not in self._checkers), None)

    def _judged(self, question: Question, reference: str, answer: ExtractedAnswer) -> Judgement:
        if question.checker:
            check = self._checkers[question.checker]
            return Judgement(check(question.text, answer.text, reference), "checker")
        wanted = reference_key(question, reference)
        if answer.key == wanted:
            return Judgement(right=True, why="same-key")
        if is_simple(answer.key) and is_simple(wanted):
            return Judgement(right=False, why="different")
        if self._equivalence.compare(reference, answer.text):
            return Judgement(right=True, why="symbolic")
        return Judgement(right=False, why="different")


def reference_key(question: Question, reference: str) -> str:
    """Return the key of the right answer, all of which counts."""
    return letter_of(reference, offered_choices(question.text)) or canonical_key(reference)
