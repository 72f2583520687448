"""Two sweeps beside each other, compared in pairs where they asked the same questions."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import zip_longest

from engine.lab.curve import Curve
from engine.lab.records import SweepRecord
from engine.lab.results import Results
from engine.lab.rule import Rule
from engine.lab.statistics import difference, difference_words


@dataclass(frozen=True, slots=True)
class Comparison:
    """What two sweeps show together.

    Attributes:
        curves: Of both; each label names its sweep.
        paired: Whether they asked the same questions and finished the same ones.
        words: How they differ, a sentence each.
    """

    curves: tuple[Curve, ...]
    paired: bool
    words: tuple[str, ...]


def compare(first: tuple[SweepRecord, Results], second: tuple[SweepRecord, Results]) -> Comparison:
    """Compare two sweeps at the largest budget that both have, rule by rule."""
    (record, results), (other_record, other_results) = first, second
    names = _names(record, other_record)
    same_set = record.plan.questions.digest == other_record.plan.questions.digest
    paired = same_set and results.questions == other_results.questions and results.questions > 0
    ours = [replace(c, label=f"{c.label}, {names[0]}") for c in results.curves]
    theirs = [replace(c, label=f"{c.label}, {names[1]}") for c in other_results.curves]
    curves = [c for pair in zip_longest(ours, theirs) for c in pair if c is not None]
    words = []
    if not same_set:
        words.append("the two sweeps asked different questions, so they are not compared in pairs")
    elif not paired:
        words.append("the two sweeps have not finished the same questions, so nothing is compared")
    else:
        for one in ours:
            words += [_gap(one, two) for two in theirs if _comparable(one, two)]
    return Comparison(tuple(curves), paired, tuple(words))


def _names(first: SweepRecord, second: SweepRecord) -> tuple[str, str]:
    """The sweeps' names, told apart by their ids where they are the same."""
    one, two = first.summary, second.summary
    if one.name != two.name:
        return one.name, two.name
    return f"{one.name} {one.sweep_id[:6]}", f"{two.name} {two.sweep_id[:6]}"


def _comparable(one: Curve, two: Curve) -> bool:
    return one.rule == two.rule and one.rule != Rule.COVERAGE.value and bool(_common(one, two))


def _common(one: Curve, two: Curve) -> set[int]:
    return {p.budget for p in one.points} & {p.budget for p in two.points}


def _gap(one: Curve, two: Curve) -> str:
    budget = max(_common(one, two))
    columns = [
        curve.by_question[:, [p.budget for p in curve.points].index(budget)] for curve in (one, two)
    ]
    return f"{difference_words(one.label, two.label, difference(*columns))} at {budget}"
