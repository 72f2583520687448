"""Two sweeps beside each other, compared in pairs where they asked the same questions."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import zip_longest

from engine.lab.curve import Curve
from engine.lab.records import SweepRecord
from engine.lab.results import Results
from engine.lab.rule import Rule
from engine.lab.statistics import FEWEST_QUESTIONS, difference, difference_words


@dataclass(frozen=True, slots=True)
class Comparison:
    """What two sweeps show together.

    Attributes:
        curves: Of both; each label names its sweep.
        paired: Whether they asked the same questions and both have finished enough of them.
        words: How they differ, a sentence each.
    """

    curves: tuple[Curve, ...]
    paired: bool
    words: tuple[str, ...]


def compare(first: tuple[SweepRecord, Results], second: tuple[SweepRecord, Results]) -> Comparison:
    """Compare two sweeps at the largest budget that both have, rule by rule.

    Only questions that both have finished are compared, each with itself.
    """
    (record, results), (other_record, other_results) = first, second
    names = _names(record, other_record)
    same_set = record.plan.questions.digest == other_record.plan.questions.digest
    common = set(results.finished) & set(other_results.finished)
    # a whole set that is as small was chosen so
    fewest = min(FEWEST_QUESTIONS, len(record.plan.questions.questions))
    paired = same_set and len(common) >= max(1, fewest)
    ours = [replace(c, label=f"{c.label}, {names[0]}") for c in results.curves]
    theirs = [replace(c, label=f"{c.label}, {names[1]}") for c in other_results.curves]
    curves = [c for pair in zip_longest(ours, theirs) for c in pair if c is not None]
    words = []
    if not same_set:
        words.append("the two sweeps asked different questions, so they are not compared in pairs")
    elif not paired:
        words.append(_too_few(len(common)))
    else:
        if common != {*results.finished, *other_results.finished}:
            words.append(f"compared on the {len(common)} questions that both sweeps have finished")
        others = [_narrowed(curve, other_results, common) for curve in theirs]
        for curve in ours:
            one = _narrowed(curve, results, common)
            words += [_gap(one, two) for two in others if _comparable(one, two)]
    return Comparison(tuple(curves), paired, tuple(words))


def _too_few(common: int) -> str:
    if not common:
        return "the two sweeps have not finished the same questions, so nothing is compared"
    return f"the two sweeps have finished only {common} of the same questions: too few to compare"


def _narrowed(curve: Curve, results: Results, questions: set[int]) -> Curve:
    """A curve with the rows of some questions only; its points stay those of all."""
    rows = [row for row, question in enumerate(results.finished) if question in questions]
    return replace(curve, by_question=curve.by_question[rows])


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
