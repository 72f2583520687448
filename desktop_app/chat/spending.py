"""What the next question may spend, from the slider and the settings.

It exists so that the slider's one number becomes samples or rounds in one place. It must not know
Qt.
"""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from desktop_app.settings import Settings, ThinkingSettings
from engine.budget import MAX_ATTEMPTS, Budget
from engine.generation import Sampling


@dataclass(frozen=True, slots=True)
class Spending:
    """How a question is thought about.

    Attributes:
        strategy: A strategy's name.
        budget: What it may spend.
        sampling: How candidates are drawn.
        stop_early: Whether a settled vote ends it.
    """

    strategy: str
    budget: Budget
    sampling: Sampling
    stop_early: bool = True


def spending_from(settings: Settings) -> Spending:
    """Return what the settings and the slider's number mean."""
    thinking = settings.thinking
    return Spending(
        strategy=thinking.strategy,
        budget=budget_for(thinking, thinking.strategy),
        sampling=settings.sampling,
        stop_early=thinking.stop_early,
    )


def budget_for(thinking: ThinkingSettings, strategy: str) -> Budget:
    """Return the budget of the slider's number under a strategy."""
    deep = strategy == "revise"
    return Budget(
        samples=1 if deep else thinking.attempts,
        rounds=thinking.attempts if deep else 1,
        tokens_per_candidate=thinking.tokens_per_candidate,
        thought_tokens=thinking.thought_tokens,
    )


def with_attempts(budget: Budget, strategy: str, attempts: int) -> Budget:
    """Return a budget with the slider's number of attempts under a strategy."""
    if strategy == "revise":
        return msgspec.structs.replace(budget, rounds=attempts)
    return msgspec.structs.replace(budget, samples=attempts)


def doubled(budget: Budget, strategy: str) -> Budget:
    """Return twice the attempts, as far as a budget goes."""
    if strategy == "revise":
        most = MAX_ATTEMPTS // budget.samples
        return msgspec.structs.replace(budget, rounds=min(budget.rounds * 2, most))
    most = MAX_ATTEMPTS // budget.rounds
    return msgspec.structs.replace(budget, samples=min(budget.samples * 2, most))
