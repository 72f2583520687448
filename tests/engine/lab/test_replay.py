"""Replaying stored samples against the same rules worked out one by one."""

from __future__ import annotations

import itertools
import time
from collections import Counter

import numpy as np
import pytest

from engine.lab.replay import Samples, replay
from engine.lab.rule import Rule
from engine.tally import SETTLED_THRESHOLD, settled_probability


def samples_of(groups: list[list[int]], right_group: int = 0) -> Samples:
    group = np.array(groups)
    return Samples(
        right=group == right_group,
        group=group,
        tokens=np.full(group.shape, 10),
        weight=np.ones(group.shape),
    )


def exact_vote(groups: list[int], count: int) -> float:
    """Chance that the vote of a random subset is right, group 0 being right."""
    shares = []
    for subset in itertools.combinations(groups, count):
        votes = Counter(group for group in subset if group >= 0)
        most = max(votes.values(), default=0)
        leaders = [group for group, number in votes.items() if number == most]
        shares.append(leaders.count(0) / len(leaders) if leaders else 0.0)
    return sum(shares) / len(shares)


def test_votes_are_those_of_random_subsets() -> None:
    groups = [0, 0, 0, 1, 1, -1, 2]
    found = replay(samples_of([groups] * 200), Rule.VOTE, [1, 2, 3, 5, 7])
    for column, budget in enumerate(found.budgets):
        expected = exact_vote(groups, budget)
        assert found.accuracy[:, column].mean() == pytest.approx(expected, abs=0.015)
    assert found.tokens[0].tolist() == [10, 20, 30, 50, 70]


def test_a_tie_is_broken_by_chance_and_silence_is_no_vote() -> None:
    found = replay(samples_of([[0, 1], [-1, 1], [-1, -1], [-1, 0]]), Rule.VOTE, [2])
    assert found.accuracy[:, 0].tolist() == [0.5, 0.0, 0.0, 1.0]


def test_weights_decide_a_weighted_vote() -> None:
    samples = samples_of([[0, 1, 1]])
    samples.weight[0] = [5.0, 1.0, 1.0]
    assert replay(samples, Rule.VOTE, [3]).accuracy[0, 0] == 0.0
    assert replay(samples, Rule.WEIGHTED, [3]).accuracy[0, 0] == 1.0


def test_the_best_sample_decides_alone() -> None:
    samples = samples_of([[0, 1, 1, -1]])
    samples.weight[0] = [1.5, 1.0, 1.0, 9.0]
    assert replay(samples, Rule.WEIGHTED, [4]).accuracy[0, 0] == 0.0
    assert replay(samples, Rule.BEST, [4]).accuracy[0, 0] == 1.0


def test_small_weights_are_told_apart() -> None:
    samples = samples_of([[0, 1]])
    samples.weight[0] = [3e-12, 1e-12]
    assert replay(samples, Rule.WEIGHTED, [2]).accuracy[0, 0] == 1.0


def test_a_vote_ends_three_votes_ahead_where_auto_looks() -> None:
    rows = [[0] * 16, [0, 1] * 8, [0, 0, 0, 1, 0, 0, 0, 0] + [0] * 8]
    found = replay(samples_of(rows), Rule.AHEAD, [2, 16])
    assert found.samples[0].tolist() == [2, 4]
    assert found.samples[1, 1] > 8
    assert 4 < found.samples[2, 1] <= 8


def test_rounding_decides_no_weighted_vote() -> None:
    samples = samples_of([[0, 0, 1], [1, 1, 0]])
    samples.weight[:] = [0.1, 0.2, 0.3]
    assert replay(samples, Rule.WEIGHTED, [3]).accuracy[:, 0].tolist() == [0.5, 0.5]


def test_a_settled_vote_stops_when_the_rule_says_so() -> None:
    first = next(n for n in range(1, 30) if settled_probability(n, 0) >= SETTLED_THRESHOLD)
    found = replay(samples_of([[0] * 30, list(range(30))]), Rule.SETTLED, [2, 30])
    assert found.samples[0].tolist() == [2, first]
    assert found.tokens[0, 1] == 10 * first
    assert found.samples[1].tolist() == [2, 30]


def test_coverage_needs_one_right_sample() -> None:
    found = replay(samples_of([[0, 1, 1, 1], [1, 1, 1, 1]]), Rule.COVERAGE, [1, 4])
    assert found.accuracy.tolist() == [[0.25, 1.0], [0.0, 0.0]]
    assert found.tokens[0].tolist() == [10, 40]


@pytest.mark.parametrize("budgets", [[], [0], [5]])
def test_a_budget_beyond_what_is_stored_is_refused(budgets: list[int]) -> None:
    with pytest.raises(ValueError, match="budgets must be 1 to 4"):
        replay(samples_of([[0, 1, 1, 1]]), Rule.VOTE, budgets)


def test_the_same_samples_give_the_same_numbers() -> None:
    samples = samples_of([[0, 1, 2, 0, 1, 0]] * 3)
    one, other = (replay(samples, Rule.VOTE, [1, 3]) for _ in range(2))
    assert np.array_equal(one.accuracy, other.accuracy)


def test_many_samples_are_replayed_in_one_pass() -> None:
    rng = np.random.default_rng(4)
    groups = rng.integers(-1, 20, (1000, 64))
    started = time.process_time()
    found = replay(samples_of(groups.tolist()), Rule.VOTE, [1, 2, 4, 8, 16, 32, 64])
    assert found.accuracy.shape == (1000, 7)
    assert time.process_time() - started < 60  # a guard against a loop over samples, no benchmark
