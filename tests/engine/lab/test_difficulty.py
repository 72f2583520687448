"""Which fifths of the questions strategies differ in, and when that cannot be told."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.lab.difficulty import Difficulty, difficulty_of
from engine.lab.replay import Samples
from engine.lab.rule import Rule

RULES = (Rule.VOTE, Rule.COVERAGE)


def _difficulty(each: int, better: NDArray[np.float64], repeats: int = 1) -> Difficulty:
    """Five rows of so many questions; the vote is always wrong, another strategy as given."""
    count = 5 * each
    rows = tuple(np.array_split(np.arange(count * repeats), 5))
    return Difficulty(4, rows, {"vote": np.zeros(count * repeats), "search": better}, repeats)


def test_fifths_in_which_one_beats_the_other_are_named() -> None:
    better = np.zeros(50)
    better[30:] = 1
    assert _difficulty(10, better).words() == [
        "fifths 4 and 5: search beats vote (95 %)",
        "other fifths: not distinguishable, 10 questions each",
    ]
    assert _difficulty(10, -better).words()[0] == "fifths 4 and 5: vote beats search (95 %)"
    better[:] = 1
    assert _difficulty(10, better).words() == ["fifths 1, 2, 3, 4 and 5: search beats vote (95 %)"]
    better[:] = 0
    assert _difficulty(10, better).words() == [
        "nothing is distinguishable from vote in any fifth, 10 questions each"
    ]


def test_fifths_of_few_questions_tell_nothing() -> None:
    assert _difficulty(5, np.ones(25)).words() == [
        "fifths of 5 questions are too few to tell anything apart"
    ]


def test_a_question_that_is_asked_twice_counts_once() -> None:
    found = _difficulty(4, np.ones(40), repeats=2)
    assert found.words() == ["fifths of 4 questions are too few to tell anything apart"]


def test_coverage_is_no_rival_of_a_vote() -> None:
    right = np.tile([True, False, False, False], (40, 2))
    group = np.tile([0, 1, 1, 1], (40, 2))
    samples = Samples(right, group, np.ones((40, 8), dtype=np.int64), np.ones((40, 8)))
    found = difficulty_of(samples, RULES, 1)
    assert found.samples == 4
    assert found.accuracy("vote") == (0.0,) * 5
    assert found.accuracy("coverage") == (1.0,) * 5
    assert found.words() == ["nothing is distinguishable from vote in any fifth, 8 questions each"]


def test_a_strategy_that_ran_is_judged_in_the_same_fifths() -> None:
    right = np.zeros((40, 8), dtype=bool)
    right[20:] = True
    samples = Samples(
        right, np.where(right, 0, 1), np.ones((40, 8), dtype=np.int64), np.ones((40, 8))
    )
    found = difficulty_of(samples, RULES, 1).with_strategy("search", [n < 20 for n in range(40)])
    # the easiest are the later ones, which the search has wrong
    assert found.accuracy("vote") == (1.0, 1.0, 0.5, 0.0, 0.0)
    assert found.accuracy("search") == (0.0, 0.0, 0.5, 1.0, 1.0)
    assert found.words()[:2] == [
        "fifths 4 and 5: search beats vote (95 %)",
        "fifths 1 and 2: vote beats search (95 %)",
    ]
