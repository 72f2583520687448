"""The statistics of the tables, against hand-worked numbers."""

from __future__ import annotations

import math
import random

import pytest

from tests.bench.attempts import Attempts, Stored
from tests.bench.statistics import (
    by_confidence,
    by_score,
    calibration,
    coverage,
    expected_calibration_error,
    interval,
    quintiles,
    ranking,
    slope,
    vote_accuracy,
    vote_share,
)


def made(*keys: str | None, right: str = "4", scores: tuple[float, ...] = ()) -> list[Stored]:
    padded = (*scores, *[0.5] * len(keys))
    return [
        Stored(key, key == right, 10, -0.1, score) for key, score in zip(keys, padded, strict=False)
    ]


def test_coverage_is_one_minus_the_chance_of_drawing_wrong_ones_only() -> None:
    attempts = made("4", "5", "6", "4", "7")
    assert coverage(attempts, 1) == pytest.approx(2 / 5)
    assert coverage(attempts, 2) == pytest.approx(1 - (3 * 2) / (5 * 4))
    assert coverage(attempts, 4) == 1.0
    assert coverage(made("5", "6"), 2) == 0.0


def test_votes_count_or_weigh_and_ties_are_shared() -> None:
    assert vote_share(made("4", "4", "5")) == 1.0
    assert vote_share(made("4", "5")) == 0.5
    assert vote_share(made(None, None)) == 0.0
    scored = made("5", "5", "4", scores=(0.1, 0.2, 0.9))
    assert vote_share(scored) == 0.0
    assert vote_share(scored, by_score) == 1.0


def test_a_surer_attempt_weighs_more() -> None:
    unsure = Stored(key="5", right=False, tokens=10, confidence=math.log(0.4), score=None)
    sure = Stored(key="4", right=True, tokens=10, confidence=math.log(0.8), score=None)
    assert by_confidence(sure) / by_confidence(unsure) == pytest.approx(math.exp(4 * 0.4))
    assert vote_share([unsure, unsure, sure], by_confidence) == 1.0


def test_the_vote_of_one_is_the_share_of_right_ones() -> None:
    attempts = made("4", "5", "6", "4")
    assert vote_accuracy(attempts, 1, random.Random(1)) == 0.5
    assert vote_accuracy(attempts, 4, random.Random(1)) == 1.0


def test_the_slope_is_points_per_doubling() -> None:
    rows = [[0.1, 0.2, 0.3, 0.4], [0.3, 0.4, 0.5, 0.6]]
    assert slope((1, 2, 4, 8), rows)[0] == pytest.approx(0.1)


def test_an_interval_holds_the_mean() -> None:
    low, high = interval([0.0, 1.0] * 50)
    assert 0.38 < low < 0.5 < high < 0.62


def test_quintiles_sort_by_one_half_and_keep_the_other() -> None:
    halves = [["4" if number >= place else "5" for place in range(1, 5)] for number in range(5)]
    rows = [Attempts("f", 1, tuple(made(*half, "x", "y", "z", "x"))) for half in halves]
    parts = quintiles(rows)
    assert [len(part) for part in parts] == [1] * 5
    assert all(len(part[0].attempts) == 4 for part in parts)
    assert {a.key for part in parts for row in part for a in row.attempts} == {"x", "y", "z"}


def test_calibration_compares_what_is_said_with_what_is_right() -> None:
    rows = [Attempts("f", 1, tuple(made("4", "4", "5", "5", scores=(0.95, 0.95, 0.95, 0.15))))]
    low, high = calibration(rows)
    assert low == pytest.approx((0.15, 0.0, 1))
    assert high == pytest.approx((0.95, 2 / 3, 3))
    error = (0.15 * 1 + (0.95 - 2 / 3) * 3) / 4
    assert expected_calibration_error(rows) == pytest.approx(error)
    assert ranking(rows) == pytest.approx((0.5 + 1 + 0.5 + 1) / 4)
