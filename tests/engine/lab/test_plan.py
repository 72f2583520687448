"""What a sweep's arms are called."""

from __future__ import annotations

import pytest

from engine.budget import Budget
from engine.lab.plan import Arm, arm_labels


@pytest.mark.parametrize(
    ("path", "strategy", "label"),
    [
        ("/m/some-model.gguf", "vote", "vote, some-model"),
        ("/e/pool.engine.json", "vote", "vote, pool"),
        ("/e/pool.engine.json", "auto", "auto 8, pool"),
    ],
)
def test_an_arm_is_called_by_its_strategy_and_its_models_name(
    path: str, strategy: str, label: str
) -> None:
    assert arm_labels([Arm(path, strategy, 8, Budget(8))]) == [label]
