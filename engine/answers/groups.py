"""Which answer keys are one vote group: equal keys first, then symbolic equality with a leader.

A key joins the first earlier group whose leader it equals, in order of arrival, and never through
a third member, because symbolic equality is not transitive.
"""

from __future__ import annotations

from collections.abc import Mapping

from engine.answers.canonical import is_simple
from engine.answers.equivalence import EquivalenceChecker
from engine.candidate import ExtractedAnswer
from engine.generation import Notice
from engine.tally import GroupingMethod


class AnswerGroups:
    """The groups of one deliberation.

    Args:
        checker: Compares expressions; shared between deliberations.
    """

    def __init__(self, checker: EquivalenceChecker) -> None:
        self._checker = checker
        self._leaders: dict[str, str] = {}
        self._group_of: dict[str, str] = {}

    @property
    def group_of(self) -> Mapping[str, str]:
        """Key to the leading key of its group, for every key seen."""
        return self._group_of

    @property
    def method(self) -> GroupingMethod:
        """Symbolic once any two different keys were merged."""
        merged = any(key != leader for key, leader in self._group_of.items())
        return GroupingMethod.SYMBOLIC if merged else GroupingMethod.EXACT

    @property
    def notice(self) -> Notice | None:
        """Why symbolic comparison was not available, if it was needed and was not."""
        return self._checker.notice

    def add(self, answer: ExtractedAnswer) -> str:
        """Place an answer and return its group's key."""
        known = self._group_of.get(answer.key)
        if known is not None:
            return known
        for leader, text in self._leaders.items():
            if is_simple(leader) and is_simple(answer.key):
                continue
            if self._checker.compare(text, answer.text):
                self._group_of[answer.key] = leader
                return leader
        self._leaders[answer.key] = answer.text
        self._group_of[answer.key] = answer.key
        return answer.key
