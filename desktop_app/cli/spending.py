"""What the options of `ponder ask` mean as strategy, budget and choices beside it."""

from __future__ import annotations

import argparse
from dataclasses import replace
from typing import Final

import msgspec

from desktop_app.cli.usage import UsageError
from desktop_app.presets import Preset, with_preset
from desktop_app.settings import Settings
from desktop_app.spending import Spending, spending_from
from engine.budget import Budget, notch_named
from engine.generation import Sampling
from engine.options import Choice, SearchMethod, StrategyOptions, Weighting
from engine.own_thinking import OwnThinking
from engine.strategies import ATTEMPTS, ROUNDS, width_and_depth

_BELONGS_TO: Final = {
    "weigh": {"vote", "auto"},
    "first_finished": {"vote"},
    "method": {"search"},
    "choose": {"search"},
    "width": {"search"},
    "shown": {"aggregate"},
}


_IN_A_PRESET: Final = (
    "strategy", "samples", "rounds", "notch", "max_tokens", "thought_tokens", "more_thought",
    "thinking", *_BELONGS_TO,
)  # fmt: skip
"""What cannot be said beside a preset, which says it."""


def spending(arguments: argparse.Namespace, preset: Preset | None = None) -> Spending:
    """Return what the words ask for: a preset's way, else four samples that vote.

    Raises:
        UsageError: They contradict each other or are out of range.
    """
    if preset is None:
        strategy, budget, options = _chosen(arguments)
        spent = Spending(strategy, budget, Sampling(), options=options)
    else:
        for name in _IN_A_PRESET:
            if getattr(arguments, name) is not None:
                raise UsageError(f"--{name.replace('_', '-')} does not go with --preset")
        spent = spending_from(with_preset(Settings(), preset))
    seconds = spent.budget.seconds if arguments.seconds is None else arguments.seconds
    try:
        budget = msgspec.structs.replace(spent.budget, seconds=seconds)
    except ValueError as error:
        raise UsageError(str(error)) from error
    return replace(
        spent,
        budget=budget,
        sampling=_drawn(arguments, spent.sampling),
        stop_early=spent.stop_early and not arguments.full_budget,
    )


def _drawn(arguments: argparse.Namespace, sampling: Sampling) -> Sampling:
    temperature, seed = arguments.temperature, arguments.seed
    if temperature is not None and not 0 <= temperature <= 5:
        raise UsageError("--temperature must be between 0 and 5")
    return msgspec.structs.replace(
        sampling,
        temperature=sampling.temperature if temperature is None else temperature,
        seed=sampling.seed if seed is None else seed,
    )


def _chosen(arguments: argparse.Namespace) -> tuple[str, Budget, StrategyOptions]:
    """Strategy, budget and options."""
    strategy = arguments.strategy or ("revise" if arguments.rounds is not None else "vote")
    for name, strategies in _BELONGS_TO.items():
        if getattr(arguments, name) is not None and strategy not in strategies:
            raise UsageError(f"--{name.replace('_', '-')} does not go with the strategy {strategy}")
    samples, rounds = _samples_and_rounds(arguments, strategy)
    first = arguments.first_finished
    if first is not None and first > samples:
        what = f"only {samples} are asked for" if samples > 1 else "only one is asked for"
        raise UsageError(f"--first-finished {first} never comes: {what}")
    try:
        budget = Budget(
            samples=samples,
            rounds=rounds,
            tokens_per_candidate=arguments.max_tokens,
            thought_tokens=arguments.thought_tokens,
            more_thought=arguments.more_thought or 0,
        )
        options = StrategyOptions()
        options = StrategyOptions(
            weighting=Weighting(arguments.weigh or options.weighting),
            first_finished=arguments.first_finished,
            method=SearchMethod(arguments.method or options.method),
            choice=Choice(arguments.choose or options.choice),
            width=options.width if arguments.width is None else arguments.width,
            shown=options.shown if arguments.shown is None else arguments.shown,
            own_thinking=OwnThinking(arguments.thinking or options.own_thinking),
        )
    except ValueError as error:
        raise UsageError(str(error)) from error
    return strategy, budget, options


def spent(strategy: str, budget: Budget) -> str:
    """What a budget pays for, in words."""
    if strategy == "revise":
        chains = f"{budget.samples} chains of " if budget.samples > 1 else ""
        return f"{chains}up to {budget.rounds} rounds"
    if strategy == "aggregate":
        return f"{budget.rounds} rounds of {budget.samples} attempts"
    unit = "paths" if strategy == "search" else "samples"
    return f"up to {budget.samples} {unit}" if budget.samples > 1 else f"1 {unit[:-1]}"


def _samples_and_rounds(arguments: argparse.Namespace, strategy: str) -> tuple[int, int]:
    samples, rounds = arguments.samples, arguments.rounds
    if arguments.notch and (samples is not None or rounds is not None):
        raise UsageError("give --notch, or --samples and --rounds, not both")
    if strategy not in ROUNDS:
        if rounds is not None:
            raise UsageError(f"--rounds does not go with the strategy {strategy}")
        if samples is not None:
            return samples, 1
    elif samples is not None or rounds is not None:
        return samples or 1, rounds if rounds is not None else ROUNDS[strategy]
    attempts = notch_named(arguments.notch).attempts if arguments.notch else ATTEMPTS
    return width_and_depth(strategy, attempts)
