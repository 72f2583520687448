"""Learning auto's table: what it finds on questions whose best table is known."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from engine.lab import policy
from engine.lab.policy import Spent, learn_policy, tokens_for
from engine.lab.replay import Samples, VoteOrders
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


@pytest.mark.parametrize(("rows", "count", "repeats"), [(10, 32, 1), (40, 4, 1), (38, 32, 2)])
def test_too_little_teaches_nothing(rows: int, count: int, repeats: int) -> None:
    assert learn_policy(samples_of(np.zeros((rows, count), dtype=np.int64)), repeats) is None


def test_a_question_is_either_learned_from_or_judged_on_with_all_its_repeats(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    parts: list[NDArray[np.bool_]] = []

    class Watched(policy._Costs):
        def __init__(self, orders: VoteOrders, chosen: NDArray[np.bool_]) -> None:
            parts.append(chosen)
            super().__init__(orders, chosen)

    monkeypatch.setattr(policy, "_Costs", Watched)
    found = learn_policy(samples_of(mixed(20, 20).group.repeat(3, axis=0)), repeats=3)
    assert found is not None
    assert found.questions == 40
    halves = [part for part in parts if not part.all()]
    assert len(halves) == 4
    for half in halves:
        by_question = half.reshape(40, 3)
        assert (by_question.all(axis=1) == by_question.any(axis=1)).all()
        assert by_question[:, 0].sum() == 20


def test_tokens_of_an_accuracy_lie_on_the_curve() -> None:
    curve = [Spent(10, 0.5), Spent(40, 0.7)]
    assert tokens_for(curve, 0.4) == 10
    assert tokens_for(curve, 0.6) == pytest.approx(20)
    assert tokens_for(curve, 0.8) is None
