"""Which answer keys are one vote group: equal keys first, then symbolic equality with a leader.

A key joins the first earlier group whose leader it equals, in order of arrival, and never through
a third member, because symbolic equality is not transitive.

Comparing blocks, so its time is bounded for each deliberation: when `MOST_SECONDS` are used up,
exact keys decide and a notice says so. The worst case is that many seconds plus one comparison.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Final

from engine.answers.canonical import equal_numbers, is_simple
from engine.answers.equivalence import EquivalenceChecker
from engine.answers.json_value import JSON_RULE
from engine.candidate import ExtractedAnswer
from engine.generation import Notice
from engine.tally import GroupingMethod

MOST_SECONDS: Final = 10.0


class AnswerGroups:
    """The groups of one deliberation.

    Args:
        checker: Compares expressions; shared between deliberations.
        clock: Seconds, monotonic.
    """

    def __init__(
        self, checker: EquivalenceChecker, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._checker = checker
        self._clock = clock
        self._leaders: dict[str, str] = {}
        self._group_of: dict[str, str] = {}
        self._spent_seconds = 0.0
        self._ran_out = False

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
        if self._ran_out:
            return Notice("symbolic-unavailable", f"no result within {MOST_SECONDS:.0f} s")
        needed = any(not is_simple(key) for key in self._leaders)
        return self._checker.notice if needed else None

    def add(self, answer: ExtractedAnswer) -> str:
        """Place an answer and return its group's key."""
        known = self._group_of.get(answer.key)
        if known is not None:
            return known
        if answer.rule == JSON_RULE:  # equal values have equal keys, and others are not equal
            self._group_of[answer.key] = answer.key
            return answer.key
        leader = self._equal_leader(answer)
        if leader is None:
            leader = answer.key
            self._leaders[leader] = answer.text
        self._group_of[answer.key] = leader
        return leader

    def _equal_leader(self, answer: ExtractedAnswer) -> str | None:
        simple = is_simple(answer.key)
        if not simple:
            self._checker.start()  # so that it is ready when there is something to compare with
        for leader, text in self._leaders.items():
            if simple and is_simple(leader):
                continue
            listed = equal_numbers(leader, answer.key)
            if listed is not None:
                if listed:
                    return leader
                continue
            if self._spent_seconds >= MOST_SECONDS:
                self._ran_out = True
                return None
            started = self._clock()
            equal = self._checker.compare(text, answer.text)
            self._spent_seconds += self._clock() - started
            if equal:
                return leader
        return None
