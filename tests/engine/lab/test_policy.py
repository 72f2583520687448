"""Learning auto's table: what it finds on questions whose best table is known."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from engine.lab.policy import Spent, learn_policy, tokens_for
from engine.lab.replay import Samples
from engine.options import StrategyOptions


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


def test_it_stops_where_all_agree_and_goes_on_where_they_do_not() -> None:
    found = learn_policy(mixed(100, 100))
    assert found is not None
    by_agreement = {row.agreement: row for row in found.rows}
    assert by_agreement[1.0].attempts <= 8
    assert by_agreement[0.0].attempts >= 16
    assert found.judged.tokens < 0.75 * found.fixed.tokens
    assert found.judged.accuracy >= found.fixed.accuracy - 0.03
    StrategyOptions(policy=found.rows)  # auto takes it


def test_where_nothing_can_be_saved_little_is_claimed() -> None:
    torn = np.random.default_rng(5).choice(3, size=(100, 16), p=[0.4, 0.3, 0.3])
    found = learn_policy(samples_of(torn))
    assert found is not None
    assert found.ratio is None or found.ratio < 2


@pytest.mark.parametrize(("questions", "count"), [(10, 32), (40, 4)])
def test_too_little_teaches_nothing(questions: int, count: int) -> None:
    assert learn_policy(samples_of(np.zeros((questions, count), dtype=np.int64))) is None


def test_tokens_of_an_accuracy_lie_on_the_curve() -> None:
    curve = [Spent(10, 0.5), Spent(40, 0.7)]
    assert tokens_for(curve, 0.4) == 10
    assert tokens_for(curve, 0.6) == pytest.approx(20)
    assert tokens_for(curve, 0.8) is None
