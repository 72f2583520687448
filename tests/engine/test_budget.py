"""Budgets that can be spent, and the slider's stops."""

from __future__ import annotations

import math

import msgspec
import pytest

from engine.budget import MAX_ATTEMPTS, NOTCHES, Budget, notch_named


@pytest.mark.parametrize(
    "wrong",
    [
        {"samples": 0},
        {"samples": -1},
        {"rounds": 0},
        {"samples": MAX_ATTEMPTS + 1},
        {"samples": 64, "rounds": 64},
        {"seconds": 0},
        {"seconds": -1.0},
        {"seconds": math.nan},
        {"tokens_per_candidate": 0},
        {"thought_tokens": -5},
        {"patience": 3},
    ],
)
def test_a_budget_nobody_can_spend_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(wrong, Budget)


def test_attempts_are_width_times_depth() -> None:
    assert Budget(samples=4, rounds=3).attempts == 12
    assert Budget().attempts == 1
    assert Budget(samples=MAX_ATTEMPTS).attempts == MAX_ATTEMPTS


def test_a_budget_survives_the_pipe() -> None:
    budget = Budget(samples=8, seconds=2.5, thought_tokens=100)
    assert msgspec.json.decode(msgspec.json.encode(budget), type=Budget) == budget


def test_the_notches_double_and_are_found_in_any_case() -> None:
    attempts = [notch.attempts for notch in NOTCHES]
    assert attempts == sorted(set(attempts))
    assert notch_named("dEEp").attempts == 16
    assert all(notch_named(notch.name) is notch for notch in NOTCHES)


def test_an_unknown_notch_lists_the_known_ones() -> None:
    with pytest.raises(ValueError, match="instant, quick, balanced"):
        notch_named("medium")
