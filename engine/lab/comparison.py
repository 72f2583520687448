"""Two sweeps beside each other, compared in pairs where they asked the same questions."""

from __future__ import annotations

from collections import defaultdict, deque
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
        paired: Whether both have finished enough of the same questions.
        words: How they differ, a sentence each.
    """

    curves: tuple[Curve, ...]
    paired: bool
    words: tuple[str, ...]


def compare(first: tuple[SweepRecord, Results], second: tuple[SweepRecord, Results]) -> Comparison:
    """Compare two sweeps at the largest budget that both have, rule by rule.

    Only questions that both have finished are compared, each with itself: those of the same text
    and answer, wherever they stand in their sets.
    """
    (record, results), (other_record, other_results) = first, second
    names = _names(record, other_record)
    shared = _shared(record, other_record)
    ours_done, theirs_done = set(results.finished), set(other_results.finished)
    common = [pair for pair in shared if pair[0] in ours_done and pair[1] in theirs_done]
    sizes = [len(each.plan.questions.questions) for each in (record, other_record)]
    # a whole set that is as small was chosen so
    paired = len(common) >= max(1, min(FEWEST_QUESTIONS, *sizes))
    ours = [replace(c, label=f"{c.label}, {names[0]}") for c in results.curves]
    theirs = [replace(c, label=f"{c.label}, {names[1]}") for c in other_results.curves]
    curves = [c for pair in zip_longest(ours, theirs) for c in pair if c is not None]
    words = []
    if not shared:
        words.append("the two sweeps asked different questions, so they are not compared in pairs")
    elif not paired:
        words.append(_too_few(len(common)))
    else:
        if {len(common)} != {len(results.finished), len(other_results.finished)}:
            words.append(f"compared on the {len(common)} questions that both sweeps have finished")
        others = [_narrowed(curve, other_results, [pair[1] for pair in common]) for curve in theirs]
        for curve in ours:
            one = _narrowed(curve, results, [pair[0] for pair in common])
            words += [_gap(one, two) for two in others if _comparable(one, two)]
    return Comparison(tuple(curves), paired, tuple(words))


def _too_few(common: int) -> str:
    if not common:
        return "the two sweeps have not finished the same questions, so nothing is compared"
    return f"the two sweeps have finished only {common} of the same questions: too few to compare"


def _shared(first: SweepRecord, second: SweepRecord) -> list[tuple[int, int]]:
    """Numbers of the same question in both sets; one that stands there twice is paired twice."""
    places: defaultdict[tuple[str, str | None], deque[int]] = defaultdict(deque)
    for number, question in enumerate(second.plan.questions.questions):
        places[question.text, question.answer].append(number)
    return [
        (number, found.popleft())
        for number, question in enumerate(first.plan.questions.questions)
        if (found := places.get((question.text, question.answer)))
    ]


def _narrowed(curve: Curve, results: Results, questions: list[int]) -> Curve:
    """A curve with the rows of some questions only; its points stay those of all."""
    row_of = {question: row for row, question in enumerate(results.finished)}
    return replace(curve, by_question=curve.by_question[[row_of[each] for each in questions]])


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
