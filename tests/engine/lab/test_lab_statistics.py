"""Statistics against hand-worked numbers and published formulas."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.lab.statistics import (
    coverage,
    difference,
    difference_words,
    estimate,
    in_points,
    knee,
    log_fit,
    pareto_front,
    percentiles,
    quintile_order,
    share,
)


@given(st.lists(st.booleans(), min_size=1, max_size=9), st.integers(1, 9))
def test_coverage_is_the_share_of_all_subsets_with_a_right_one(
    right: list[bool], count: int
) -> None:
    count = min(count, len(right))
    subsets = list(itertools.combinations(right, count))
    expected = sum(any(subset) for subset in subsets) / len(subsets)
    assert coverage(np.array([right]), count)[0] == pytest.approx(expected)


def test_few_questions_have_the_interval_of_wilson() -> None:
    # by hand: n / (n + 1.96^2) of n right answers; 3 of 4 from the formula of the paper
    assert share(np.ones(2)).low == pytest.approx(2 / (2 + 1.959964**2))
    assert share(np.ones(2)).high == 1.0
    assert share(np.zeros(200)).high == pytest.approx(1.959964**2 / (200 + 1.959964**2))
    some = share(np.array([1.0, 1.0, 1.0, 0.0]))
    assert (some.value, some.low, some.high) == pytest.approx((0.75, 0.3006, 0.9544), abs=1e-4)
    with pytest.raises(ValueError, match="no questions"):
        share(np.array([]))


def test_many_questions_are_resampled() -> None:
    values = np.array([1.0] * 30 + [0.0] * 10)
    assert share(values) == estimate(values)


def test_a_zero_has_no_sign() -> None:
    assert f"{in_points(-0.0001):.1f}" == "0.0"
    assert f"{in_points(-0.0001):+.1f}" == "+0.0"
    assert f"{in_points(-0.0123):.1f}" == "-1.2"


def test_an_interval_is_that_of_the_binomial() -> None:
    values = np.array([1.0] * 300 + [0.0] * 100)
    found = estimate(values)
    spread = 1.96 * math.sqrt(0.75 * 0.25 / 400)
    assert found.value == 0.75
    assert found.low == pytest.approx(0.75 - spread, abs=0.006)
    assert found.high == pytest.approx(0.75 + spread, abs=0.006)
    with pytest.raises(ValueError, match="no questions"):
        estimate(np.array([]))


def test_differences_are_paired() -> None:
    rng = np.random.default_rng(1)
    hard = rng.random(200)
    better = np.clip(hard + 0.05, 0, 1)
    told = difference(hard, better)
    assert told.distinguishable
    assert told.enough is None
    assert "new beats old by" in difference_words("old", "new", told)
    shuffled = difference(hard, rng.permutation(better))
    assert shuffled.points.high - shuffled.points.low > 5 * (told.points.high - told.points.low)


def test_a_few_questions_tell_nothing() -> None:
    for gaps in ([1.0], [1.0] * 5, [0.0] * 3 + [1.0] * 3):
        found = difference(np.zeros(len(gaps)), np.array(gaps))
        assert not found.distinguishable
        assert "not distinguishable" in difference_words("vote", "auto", found)
    assert difference(np.zeros(6), np.ones(6)).distinguishable


def test_it_says_how_many_questions_would_do() -> None:
    gaps = np.array([0.4, -0.3] * 50)
    found = difference(np.zeros(100), gaps)
    spread = float(gaps.std(ddof=1))
    needed = ((1.96 + 0.8416) * spread / 0.05) ** 2
    assert found.enough is not None
    assert needed <= found.enough <= 1.1 * needed + 10
    rng = np.random.default_rng(4)
    again = [difference(np.zeros(found.enough), rng.choice(gaps, found.enough)) for _ in range(200)]
    assert 0.7 < np.mean([one.distinguishable for one in again]) < 0.9
    words = difference_words("vote", "auto", found)
    assert words == (
        f"vote and auto are not distinguishable with 100 questions; about {found.enough} would do"
    )
    same = difference(np.zeros(10), np.zeros(10))
    assert same.enough is None
    assert difference_words("a", "b", same).endswith("10 questions")


def test_a_line_has_its_slope_and_its_end() -> None:
    rng = np.random.default_rng(2)
    budgets = [1, 2, 4, 8, 16]
    levels = np.array([0.3, 0.35, 0.4, 0.45, 0.5])
    rows = levels + rng.normal(0, 0.02, (400, 1)) + rng.normal(0, 0.02, (400, 5))
    fit = log_fit(budgets, rows)
    assert fit.per_doubling.value == pytest.approx(0.05, abs=0.002)
    assert fit.per_doubling.low < 0.05 < fit.per_doubling.high
    assert fit.saturates_at is None
    flat = rows.copy()
    flat[:, 2:] = rows[:, 2:3] + rng.normal(0, 0.02, (400, 3))
    assert log_fit(budgets, flat).saturates_at == 4
    with pytest.raises(ValueError, match="two budgets"):
        log_fit([1], rows[:, :1])


def test_the_front_leaves_out_what_is_dearer_and_worse() -> None:
    costs, values = [1.0, 2.0, 3.0, 4.0, 2.0], [0.2, 0.5, 0.4, 0.6, 0.3]
    assert pareto_front(costs, values) == [0, 1, 3]


def test_the_knee_is_where_the_curve_bends() -> None:
    costs = [1.0, 2.0, 4.0, 8.0, 16.0]
    assert knee(costs, [0.1, 0.5, 0.55, 0.57, 0.58]) == 1
    assert knee(costs, [0.1, 0.2, 0.3, 0.4, 0.5]) is None
    assert knee(costs[:2], [0.1, 0.5]) is None


def test_quintiles_sort_by_the_first_half_only() -> None:
    right = np.zeros((10, 4), dtype=bool)
    right[:5, :2] = True
    right[5:, 2:] = True
    order = quintile_order(right)
    assert [len(part) for part in order] == [2, 2, 2, 2, 2]
    assert set(order[0]) | set(order[1]) <= set(range(5))


def test_percentiles() -> None:
    assert percentiles(list(range(101))) == (50, 90, 99)
