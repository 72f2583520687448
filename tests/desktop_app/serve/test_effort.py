"""Efforts are the notches of the slider; explicit numbers count before them."""

from __future__ import annotations

from typing import Any

import pytest

from desktop_app.serve.effort import spending
from desktop_app.serve.refusals import RefusalError
from desktop_app.serve.wire import ChatRequest
from engine.budget import Budget


def asked(**fields: Any) -> ChatRequest:
    return ChatRequest(messages=(), **fields)


@pytest.mark.parametrize(
    ("effort", "attempts"),
    [("none", 1), ("minimal", 4), ("low", 8), ("medium", 16), ("high", 32), ("xhigh", 64)],
)
def test_an_effort_is_a_notch(effort: str, attempts: int) -> None:
    assert spending(asked(reasoning_effort=effort)) == ("vote", Budget(samples=attempts))


def test_without_a_word_four_samples_or_as_many_as_answers_are_wanted() -> None:
    assert spending(asked())[1].samples == 4
    assert spending(asked(n=6))[1].samples == 6


@pytest.mark.parametrize(
    ("fields", "strategy", "samples", "rounds"),
    [
        ({"samples": 3, "reasoning_effort": "xhigh"}, "vote", 3, 1),
        ({"rounds": 2}, "revise", 1, 2),
        ({"samples": 2, "strategy": "aggregate"}, "aggregate", 2, 3),
        ({"reasoning_effort": "medium", "strategy": "revise"}, "revise", 4, 4),
        ({"samples": 5, "strategy": "auto"}, "auto", 5, 1),
    ],
)
def test_strategy_samples_and_rounds(
    fields: dict[str, Any], strategy: str, samples: int, rounds: int
) -> None:
    chosen, budget = spending(asked(**fields))
    assert (chosen, budget.samples, budget.rounds) == (strategy, samples, rounds)


def test_limits_become_the_budgets() -> None:
    budget = spending(asked(seconds=2.5, max_tokens=9))[1]
    assert (budget.seconds, budget.tokens_per_candidate) == (2.5, 9)


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({"strategy": "guess"}, "strategy"),
        ({"reasoning_effort": "huge"}, "reasoning_effort"),
        ({"samples": 0}, "samples"),
        ({"samples": 1025}, "samples"),
        ({"rounds": 0}, "rounds"),
        ({"rounds": 2, "strategy": "vote"}, "rounds"),
        ({"samples": 100, "rounds": 100}, "samples"),
        ({"seconds": 0.0}, "seconds"),
    ],
)
def test_what_makes_no_sense_is_refused_by_name(fields: dict[str, Any], param: str) -> None:
    with pytest.raises(RefusalError) as caught:
        spending(asked(**fields))
    assert (caught.value.status, caught.value.param) == (400, param)
