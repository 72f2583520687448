"""What energy costs, once a person has said what electricity costs them. It must not know Qt."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import floor, log10
from typing import Final

from desktop_app.settings import Electricity
from desktop_app.words.quantities import format_number

JOULES_PER_KWH: Final = 3_600_000.0
_MOST_DIGITS: Final = 6
_LEAST: Final = 10.0**-_MOST_DIGITS


@dataclass(slots=True)
class _Chosen:
    electricity: Electricity = field(default_factory=Electricity)


_chosen = _Chosen()


def use_electricity_price(electricity: Electricity) -> None:
    """Choose what a kilowatt-hour costs; without a price no costs are told."""
    _chosen.electricity = electricity


def format_cost(joules: float | None) -> str:
    """For example "2.75 €", "0.0004 €"; "" without a price or without energy."""
    price = _chosen.electricity.price
    if price is None or joules is None:
        return ""
    cost = joules / JOULES_PER_KWH * price
    if cost < _LEAST:
        return f"< {_with_currency(format_number(_LEAST, _MOST_DIGITS))}"
    digits = 2 if cost >= 0.1 else min(_MOST_DIGITS, 1 - floor(log10(cost)))
    return _with_currency(format_number(cost, digits))


def with_cost(energy: str, joules: float | None) -> str:
    """An energy with what it costs in brackets, where that is known."""
    cost = format_cost(joules)
    return f"{energy} ({cost})" if cost else energy


def _with_currency(number: str) -> str:
    return f"{number} {_chosen.electricity.currency}".rstrip()
