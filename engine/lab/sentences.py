"""What a sweep comes to, in sentences: slopes, differences, and what a learned table saves."""

from __future__ import annotations

from collections.abc import Sequence

from engine.lab.curve import Curve
from engine.lab.policy import LearnedPolicy, Spent
from engine.lab.rule import Rule
from engine.lab.statistics import (
    FEWEST_QUESTIONS,
    difference,
    difference_words,
    in_points,
)


def curve_words(curves: Sequence[Curve]) -> list[str]:
    """Slopes, where they end, and how the last budgets compare with the plain vote."""
    said = []
    votes = {curve.model: curve for curve in curves if curve.rule == Rule.VOTE.value}
    for curve in curves:
        if curve.rule == Rule.COVERAGE.value:
            continue
        if curve.fit is not None and len(curve.by_question) >= FEWEST_QUESTIONS:
            slope = curve.fit.per_doubling
            text = (
                f"{curve.label}: {in_points(slope.value):+.1f} points per doubling "
                f"(95 % {in_points(slope.low):.1f} to {in_points(slope.high):.1f})"
            )
            if curve.fit.saturates_at is not None:
                end, count = curve.fit.saturates_at, len(curve.by_question)
                text += f"; no gain past {end:.0f} can be told with {count} questions"
            said.append(text)
        vote = votes.get(curve.model)
        if vote is not None and vote is not curve:
            said += _against_vote(vote, curve)
    models = list(votes)
    if len(models) > 1:
        first, second = votes[models[0]], votes[models[1]]
        gap = difference(first.by_question[:, -1], second.by_question[:, -1])
        said.append(difference_words(first.label, second.label, gap))
    return said


def _against_vote(vote: Curve, curve: Curve) -> list[str]:
    budgets = [point.budget for point in vote.points]
    last = curve.points[-1].budget
    if last not in budgets:
        return []
    gap = difference(vote.by_question[:, budgets.index(last)], curve.by_question[:, -1])
    return [f"{difference_words(vote.label, curve.label, gap)} at {last}"]


def policy_words(named: tuple[str, LearnedPolicy]) -> str:
    """Say what a learned table saves, judged on questions it was not learned from."""
    name, found = named
    return f"auto with a table learned here, {name}: {saving_words(found)}"


def saving_words(found: LearnedPolicy) -> str:
    """Say what a learned table saves, beside the built-in one and a fixed vote."""
    return (
        f"{_spent_words(found.judged)}; with the built-in table: {_spent_words(found.shipped)}; "
        f"a fixed vote of {found.samples}: {_percent_for_tokens(found.fixed)}"
    )


def _spent_words(spent: Spent) -> str:
    said = _percent_for_tokens(spent)
    if spent.ratio is None:
        return f"{said}, more than any fixed vote"
    if spent.ratio < 1:
        return f"{said}, {1 / spent.ratio:.1f} times more than a fixed vote as right"
    return f"{said}, {spent.ratio:.1f} times fewer than a fixed vote as right"


def _percent_for_tokens(spent: Spent) -> str:
    return f"{100 * spent.accuracy:.1f} % for {spent.tokens:.0f} tokens"
