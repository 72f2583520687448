"""Two models at equal cost, and two sweeps beside each other."""

from __future__ import annotations

import msgspec
import numpy as np
import pytest

from engine.lab.comparison import compare
from engine.lab.curve import Curve, Point
from engine.lab.equal_cost import Measure, equal_cost_words, equal_costs
from engine.lab.plan import SweepPlan
from engine.lab.questions import Question, QuestionSet
from engine.lab.records import RunCard, SweepRecord, SweepStatus, SweepSummary
from engine.lab.results import Results
from engine.lab.statistics import estimate

QUESTIONS = 40


def curve(model: str, shares: list[float], tokens: float, rule: str = "vote") -> Curve:
    """Budgets 1, 2, 4 and so on; the first questions are answered right."""
    rows = np.zeros((QUESTIONS, len(shares)))
    points = []
    for column, share in enumerate(shares):
        rows[: round(share * QUESTIONS), column] = 1.0
        budget = 2**column
        points.append(Point(budget, estimate(rows[:, column]), budget, tokens * budget, None, None))
    return Curve(f"{rule}, {model}", model, rule, tuple(points), rows, None)


def test_a_small_model_that_thinks_against_a_large_one_that_does_not() -> None:
    small = curve("small", [0.25, 0.5, 0.75, 0.75, 1.0], tokens=10)
    large = curve("large", [0.5, 0.75], tokens=10)
    found = equal_costs(large, small, {"small": 100, "large": 400})
    assert [entry.measure for entry in found] == [Measure.FLOPS, Measure.FLOPS]
    first, last = found
    assert (first.first, first.second) == ("small", "large")
    assert first.cost == pytest.approx(2 * 400 * 10)
    assert first.first_samples == pytest.approx(4.0)
    assert first.first_accuracy == pytest.approx(0.75)
    assert first.second_accuracy == pytest.approx(0.5)
    assert first.gap.points.value == pytest.approx(-0.25)
    assert last.cost == pytest.approx(2 * 400 * 20)
    assert last.first_samples == pytest.approx(8.0)
    said = equal_cost_words(first)
    assert said.startswith(
        "at equal operations (8 kFLOP a question): small with 4.0 samples 75.0 %"
    )


def test_between_budgets_accuracy_lies_on_a_line_over_the_logarithm() -> None:
    small = curve("small", [0.25, 0.75], tokens=10)
    large = curve("large", [0.5], tokens=10)
    found = equal_costs(small, large, {"small": 1000, "large": 1414})
    assert found[0].first_accuracy == pytest.approx(0.5, abs=0.001)
    assert found[0].first_samples == pytest.approx(2**0.5, rel=0.001)


def test_costs_that_do_not_meet_or_are_not_known_are_not_compared() -> None:
    small, large = curve("small", [0.25, 0.75], tokens=10), curve("large", [0.5], tokens=10)
    assert equal_costs(small, large, {"small": 1, "large": 1000}) == []
    assert equal_costs(small, large, {"small": 1}) == []


def sweep(
    name: str, questions: str, curves: list[Curve], finished: range = range(QUESTIONS)
) -> tuple[SweepRecord, Results]:
    asked = QuestionSet(
        "q", "by hand", tuple(Question(f"{questions} {n}", "1") for n in range(2 * QUESTIONS))
    )
    summary = SweepSummary(name, name, "2026-01-01", SweepStatus.FINISHED, "", 0, 0)
    record = SweepRecord(summary, SweepPlan(asked, ()), RunCard(), (), (), ())
    results = Results(
        tuple(curves), tuple(finished), judged=True, agreement={}, latency={}, quintiles={},
        front=(), knee=None, words=(), policies={},
    )  # fmt: skip
    return record, results


def test_the_same_questions_are_compared_in_pairs() -> None:
    one = sweep(
        "mine", "same?", [curve("a", [0.25, 0.5], 10), curve("a", [0.5, 1], 10, "coverage")]
    )
    two = sweep("theirs", "same?", [curve("b", [0.5, 1.0], 10)])
    found = compare(one, two)
    assert found.paired
    assert [c.label for c in found.curves] == [
        "vote, a, mine",
        "vote, b, theirs",
        "coverage, a, mine",
    ]
    assert len(found.words) == 1
    assert found.words[0].startswith("vote, b, theirs beats vote, a, mine by 50.0 points")
    assert found.words[0].endswith("at 2")


def test_other_questions_are_shown_but_not_compared() -> None:
    curves = [curve("a", [0.25, 0.5], 10)]
    found = compare(sweep("mine", "one?", curves), sweep("mine", "two?", curves))
    assert not found.paired
    assert len(found.curves) == 2
    assert "different questions" in found.words[0]


def test_what_two_sets_share_is_compared_wherever_it_stands() -> None:
    """The one's later questions are the other's first ones, in another order."""
    right = curve("a", [0.5], 10)  # of the first half of those that are finished
    mine, mine_found = sweep("mine", "same?", [right])
    theirs, theirs_found = sweep("theirs", "same?", [curve("b", [0.5], 10)])
    asked = theirs.plan.questions
    turned = (*asked.questions[35:40][::-1], *(Question(f"own {n}", "1") for n in range(75)))
    other_set = QuestionSet(asked.name, asked.source, turned)
    theirs = msgspec.structs.replace(
        theirs, plan=msgspec.structs.replace(theirs.plan, questions=other_set)
    )
    found = compare((mine, mine_found), (theirs, theirs_found))
    assert not found.paired
    assert "only 5 of the same" in found.words[0]
    turned = (*asked.questions[10:40][::-1], *turned[30:])
    other_set = QuestionSet(asked.name, asked.source, turned)
    theirs = msgspec.structs.replace(
        theirs, plan=msgspec.structs.replace(theirs.plan, questions=other_set)
    )
    found = compare((mine, mine_found), (theirs, theirs_found))
    assert found.paired
    assert found.words[0] == "compared on the 30 questions that both sweeps have finished"
    # 10 to 19 were right there and 39 down to 20 here: no question in both, so the gap is unsure;
    # row by row as they stand, ten more would be right here and none less
    assert "not distinguishable with 30 questions" in found.words[1]


def test_sweeps_are_paired_by_question_and_not_by_how_many() -> None:
    """The first half of the one's questions is right, the second half of the other's."""
    mine, theirs = curve("a", [0.5], 10), curve("b", [0.5], 10)
    half = QUESTIONS // 2
    found = compare(
        sweep("mine", "same?", [mine]),
        sweep("theirs", "same?", [theirs], range(half, half + QUESTIONS)),
    )
    assert found.paired
    assert found.words[0] == f"compared on the {half} questions that both sweeps have finished"
    assert found.words[1].startswith("vote, b, theirs beats vote, a, mine by 100.0 points")


@pytest.mark.parametrize(
    ("begin", "said"), [(QUESTIONS, "not finished the same"), (QUESTIONS - 5, "only 5 of the same")]
)
def test_too_few_common_questions_are_not_compared(begin: int, said: str) -> None:
    right, wrong = curve("a", [1.0], 10), curve("b", [0.0], 10)
    found = compare(
        sweep("mine", "same?", [right]),
        sweep("theirs", "same?", [wrong], range(begin, begin + QUESTIONS)),
    )
    assert not found.paired
    assert len(found.words) == 1
    assert said in found.words[0]
