"""Strategies: one pure policy a file. No thread, token or clock of their own."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from engine.strategies.base import Strategy
from engine.strategies.revise import Revise
from engine.strategies.vote import Vote

STRATEGIES: Final[Mapping[str, Strategy]] = MappingProxyType(
    {strategy.name: strategy for strategy in (Vote(), Revise())}
)
"""Every strategy by its name."""


def strategy_named(name: str) -> Strategy:
    """Return a strategy by name.

    Raises:
        ValueError: There is no such strategy.
    """
    try:
        return STRATEGIES[name]
    except KeyError:
        raise ValueError(
            f"no strategy is called {name!r}; there are {', '.join(STRATEGIES)}"
        ) from None
