"""Learning auto's table: what it finds on questions whose best table is known."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from engine.budget import Budget
from engine.candidate import Candidate
from engine.lab import policy
from engine.lab.policy import (
    LearnedPolicy,
    Spent,
    Weighed,
    learn_policy,
    table_lines,
    tokens_for,
)
from engine.lab.replay import Samples
from engine.options import StrategyOptions, Weighting
from engine.strategies.auto import Auto
from engine.strategies.base import Progress
from engine.tally import tally_votes
from tests.engine.strategies.test_other_strategies import finished


def samples_of(group: NDArray[np.int64]) -> Samples:
    return Samples(group == 0, group, np.full(group.shape, 10), np.ones(group.shape))


def mixed(easy: int, hard: int, count: int = 32) -> Samples:
    """Easy questions agree at once; hard ones are right a bit more often than each wrong way."""
    rng = np.random.default_rng(3)
    agreed = np.zeros((easy, count), dtype=np.int64)
    shares = [0.4, 0.15, 0.15, 0.15, 0.15]
    torn = rng.choice(5, size=(hard, count), p=shares)
    rows = np.empty((easy + hard, count), dtype=np.int64)
    rows[0::2], rows[1::2] = agreed, torn
    return samples_of(rows)


def learned(samples: Samples, repeats: int = 1) -> LearnedPolicy | None:
    return learn_policy([Weighed(samples)], repeats)


def looks_of(found: LearnedPolicy) -> dict[tuple[int, float], float]:
    (row,) = found.policy.rows
    return {(look.samples, look.unanswered): look.lead for look in row.looks}


def test_it_stops_where_all_agree_and_goes_on_where_they_do_not() -> None:
    found = learned(mixed(100, 100))
    assert found is not None
    assert 1 < looks_of(found)[4, 0.0] <= 4
    assert found.judged.tokens < 0.75 * found.fixed.tokens
    assert found.judged.accuracy >= found.fixed.accuracy - 0.03
    assert found.judged.ratio is not None
    assert found.judged.ratio > 1.3
    assert found.shipped.tokens < found.fixed.tokens
    StrategyOptions(policy=found.policy.rows)  # auto takes it


@pytest.mark.parametrize("seed", [6, 7, 8])
def test_where_nothing_can_be_saved_nothing_much_is_claimed(seed: int) -> None:
    """Judged on what it was learned from, each of these would seem to save a sixth or more."""
    torn = np.random.default_rng(seed).choice(3, size=(100, 16), p=[0.4, 0.3, 0.3])
    found = learned(samples_of(torn))
    assert found is not None
    assert found.judged.ratio is not None
    assert 0.6 < found.judged.ratio < 1.15
    assert 0.6 * found.fixed.tokens < found.judged.tokens < found.fixed.tokens


def test_it_gives_up_where_more_samples_change_nothing() -> None:
    rng = np.random.default_rng(7)
    group = rng.integers(0, 2, size=(60, 32))
    right = np.repeat(rng.random((60, 1)) < 0.5, 32, axis=1)
    found = learned(Samples(right, group, np.full(group.shape, 10), np.ones(group.shape)))
    assert found is not None
    assert looks_of(found)[4, 0.0] == 0.0
    assert found.judged.tokens == 40


@pytest.mark.parametrize("wrong", [0.0, 0.02, 0.05])
def test_what_was_never_seen_is_not_ended_at(wrong: float) -> None:
    """Learned where nearly all agree, it still goes on where nobody does, or nobody answers."""
    rng = np.random.default_rng(4)
    group = np.where(rng.random((80, 16)) < wrong, rng.integers(1, 9, size=(80, 16)), 0)
    found = learned(samples_of(group))
    assert found is not None
    auto = Auto(StrategyOptions(policy=found.policy.rows))
    for answers in (["1", "2", "3", "4"], [None] * 4):
        done = tuple(finished(number, answer) for number, answer in enumerate(answers))
        assert auto.decide(Progress(Budget(16), done, (), tally_votes(done))).stop is None
    agreed = tuple(finished(number, "1") for number in range(4))
    assert auto.decide(Progress(Budget(16), agreed, (), tally_votes(agreed))).stop is not None


def test_silence_is_a_reason_to_go_on() -> None:
    """Half of the questions are answered at once, the others by one sample of sixteen."""
    rng = np.random.default_rng(9)
    rare = np.where(rng.random((100, 64)) < 1 / 16, 0, -1)
    group = np.concatenate([np.zeros((100, 64), dtype=np.int64), rare])
    found = learned(Samples(group == 0, group, np.full(group.shape, 10), np.ones(group.shape)))
    assert found is not None
    looks = looks_of(found)
    assert looks[8, 0.0] <= 4
    assert 0 < looks[8, 0.5] <= 1
    (row,) = found.policy.rows
    auto = Auto(StrategyOptions(policy=(row,)))
    silent = tuple(finished(number, None) for number in range(8))
    assert auto.decide(Progress(Budget(64), silent, (), tally_votes(silent))).stop is None
    spoken = (*silent[:7], finished(7, "4"))
    assert auto.decide(Progress(Budget(64), spoken, (), tally_votes(spoken))).stop is not None


def test_the_weighting_that_saves_most_is_chosen() -> None:
    samples = mixed(60, 60)
    knowing = replace(samples, weight=np.where(samples.right, 3.0, 0.5))
    found = learn_policy([Weighed(samples), Weighed(knowing, Weighting.LIKELIHOOD, 0.05)])
    assert found is not None
    assert (found.policy.weighting, found.policy.sharpness) == (Weighting.LIKELIHOOD, 0.05)
    assert "how likely" in table_lines(found.policy)[-1]
    alike = learned(samples)
    assert alike is not None
    assert found.judged.tokens < alike.judged.tokens


@pytest.mark.parametrize(("rows", "count", "repeats"), [(10, 32, 1), (40, 4, 1), (38, 32, 2)])
def test_too_little_teaches_nothing(rows: int, count: int, repeats: int) -> None:
    assert learned(samples_of(np.zeros((rows, count), dtype=np.int64)), repeats) is None


def test_a_question_is_either_learned_from_or_judged_on_with_all_its_repeats(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    parts: list[NDArray[np.bool_]] = []

    class Watched(policy._Choice):
        def tables(self, chosen: NDArray[np.bool_]) -> Iterator[policy.Thresholds]:
            parts.append(chosen)
            return super().tables(chosen)

    monkeypatch.setattr(policy, "_Choice", Watched)
    found = learned(samples_of(mixed(20, 20).group.repeat(3, axis=0)), repeats=3)
    assert found is not None
    assert found.questions == 40
    halves = [part for part in parts if not part.all()]
    assert len(halves) == 2
    assert (halves[0] ^ halves[1]).all()
    for half in halves:
        by_question = half.reshape(40, 3)
        assert (by_question.all(axis=1) == by_question.any(axis=1)).all()
        assert by_question[:, 0].sum() == 20


def test_what_is_learned_is_what_auto_then_does() -> None:
    """Its own strategy, asked step by step over the same samples, spends what was forecast."""
    samples = mixed(60, 60)
    found = learned(samples)
    assert found is not None
    auto = Auto(StrategyOptions(policy=found.policy.rows))
    rng = np.random.default_rng(2)
    spent = []
    for row in samples.group:
        order = rng.permutation(row)
        done: tuple[Candidate, ...] = ()
        while True:
            state = Progress(Budget(samples.count), done, (), tally_votes(done))
            decision = auto.decide(state)
            if decision.stop is not None:
                break
            first = len(done)
            more = order[first : first + len(decision.start)]
            done += tuple(finished(first + n, str(key)) for n, key in enumerate(more))
        spent.append(10 * len(done))
    assert float(np.mean(spent)) == pytest.approx(found.judged.tokens, rel=0.15)


def test_tokens_of_an_accuracy_lie_on_the_curve() -> None:
    curve = [Spent(10, 0.5), Spent(40, 0.7)]
    assert tokens_for(curve, 0.4) == 10
    assert tokens_for(curve, 0.6) == pytest.approx(20)
    assert tokens_for(curve, 0.8) is None
