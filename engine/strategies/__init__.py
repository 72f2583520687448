"""Strategies: one pure policy a file. No thread, token or clock of their own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from engine.options import StrategyOptions
from engine.strategies.aggregate import Aggregate
from engine.strategies.auto import Auto
from engine.strategies.base import Strategy
from engine.strategies.revise import Revise
from engine.strategies.search import Search
from engine.strategies.think_first import ThinkFirst
from engine.strategies.vote import Vote

STRATEGIES: Final[Mapping[str, Callable[[StrategyOptions], Strategy]]] = MappingProxyType(
    {
        Vote.name: Vote,
        Revise.name: lambda _: Revise(),
        Search.name: Search,
        Aggregate.name: Aggregate,
        ThinkFirst.name: lambda _: ThinkFirst(),
        Auto.name: Auto,
    }
)
"""Every strategy by its name."""

ROUNDS: Final = {Revise.name: 4, Aggregate.name: 3}
"""Strategies that spend rounds, and how many where only samples are named."""
ATTEMPTS: Final = 4
"""Attempts where nothing is said of them, in the terminal and the API."""


def strategy_named(name: str, options: StrategyOptions | None = None) -> Strategy:
    """Return a strategy by name.

    Raises:
        ValueError: There is no such strategy.
    """
    try:
        return STRATEGIES[name](options or StrategyOptions())
    except KeyError:
        raise ValueError(
            f"no strategy is called {name!r}; there are {', '.join(STRATEGIES)}"
        ) from None


def width_and_depth(name: str, attempts: int) -> tuple[int, int]:
    """Split a number of attempts into samples and rounds, as a strategy is best given them.

    Revision chains are about as many as they are long: easy questions gain by length, hard ones by
    width (arXiv 2408.03314, section 6.2). An aggregate gets two to four rounds.

    Args:
        name: A strategy's name.
        attempts: The notch, at least 1.
    """
    if name not in ROUNDS:
        return attempts, 1
    if attempts < 4:
        return 1, attempts
    if name == Revise.name:
        width = 1 << ((attempts.bit_length() - 1) // 2)
        return width, attempts // width
    rounds = 2 if attempts < 12 else 3 if attempts < 64 else 4
    return attempts // rounds, rounds
