"""What the next question may spend, from the slider and the settings.

It exists so that the slider's one number becomes samples and rounds in one place. It must not know
Qt.
"""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from desktop_app.settings import Settings, ThinkingSettings
from engine.budget import MAX_ATTEMPTS, Budget
from engine.generation import Sampling
from engine.options import DEFAULT_OPTIONS, StrategyOptions
from engine.strategies import ROUNDS, width_and_depth
from engine.strategies.auto import Auto
from engine.strategies.revise import Revise


@dataclass(frozen=True, slots=True)
class Spending:
    """How a question is thought about.

    Attributes:
        strategy: A strategy's name.
        budget: What it may spend.
        sampling: How candidates are drawn.
        stop_early: Whether a settled vote ends it; `auto` always may end early.
        options: What the strategy is told beside the budget.
    """

    strategy: str
    budget: Budget
    sampling: Sampling
    stop_early: bool = True
    options: StrategyOptions = DEFAULT_OPTIONS


def spending_from(settings: Settings, model: str = "") -> Spending:
    """Return what the settings and the slider's number mean with a model, its file or its name."""
    thinking = settings.thinking
    return Spending(
        strategy=thinking.strategy,
        budget=budget_for(thinking, thinking.strategy),
        sampling=settings.sampling,
        stop_early=thinking.stop_early or thinking.strategy == Auto.name,
        options=thinking.options_for(model),
    )


def budget_for(thinking: ThinkingSettings, strategy: str) -> Budget:
    """Return the budget of the slider's number under a strategy."""
    samples, rounds = width_and_depth(strategy, thinking.attempts)
    return Budget(
        samples=samples,
        rounds=rounds,
        tokens_per_candidate=thinking.tokens_per_candidate,
        thought_tokens=thinking.thought_tokens,
        more_thought=thinking.more_thought,
        seconds=thinking.seconds,
    )


def with_attempts(budget: Budget, strategy: str, attempts: int) -> Budget:
    """Return a budget with the slider's number of attempts under a strategy."""
    samples, rounds = width_and_depth(strategy, attempts)
    return msgspec.structs.replace(budget, samples=samples, rounds=rounds)


def doubled(budget: Budget, strategy: str, spent: int) -> Budget:
    """Return twice the attempts, as far as a budget goes: longer chains, one more round, or more.

    What exists stays, so chains and rounds keep their width. Of `auto` it is twice what was spent,
    as it may have spent a small part of its budget.
    """
    if strategy == Auto.name and 0 < spent < budget.samples:
        budget = msgspec.structs.replace(budget, samples=spent)
    if strategy in ROUNDS:
        most = MAX_ATTEMPTS // budget.samples
        more = budget.rounds * 2 if strategy == Revise.name else budget.rounds + 1
        return msgspec.structs.replace(budget, rounds=min(more, most))
    most = MAX_ATTEMPTS // budget.rounds
    return msgspec.structs.replace(budget, samples=min(budget.samples * 2, most))
