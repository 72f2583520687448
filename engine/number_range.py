"""Which numbers a file from elsewhere may hold: those that something here counts up to."""

from __future__ import annotations

from typing import Final

_LARGEST: Final = 2**31 - 1
_LARGEST_MEASURED: Final = 1e12
_LARGEST_SHARE: Final = 1.001
"""1, and what rounding adds to the probability of tokens that were certain."""
_SEED: Final = 2**63


def in_range(value: object, name: str = "") -> bool:
    """Whether all numbers of a decoded value are such; those called `seed` may be larger.

    Args:
        value: Lists, dictionaries and plain values.
        name: What it is called in the file.
    """
    if isinstance(value, dict):
        return all(in_range(part, str(key)) for key, part in value.items())
    if isinstance(value, list | tuple):
        return all(in_range(part, name) for part in value)
    if isinstance(value, int):
        least, most = (-_SEED, _SEED - 1) if name == "seed" else (0, _LARGEST)
        return least <= value <= most
    return not isinstance(value, float) or abs(value) <= _LARGEST_MEASURED


def is_share(value: float | None) -> bool:
    """Whether a number is a share or a probability, or is not known."""
    return value is None or 0 <= value <= _LARGEST_SHARE


def is_measured(value: float | None) -> bool:
    """Whether a number can have been measured, or is not known."""
    return value is None or 0 <= value <= _LARGEST_MEASURED
