"""Shares of several GPUs in a model's layers, as the settings have them and as they are typed.

It must not know widgets.
"""

from __future__ import annotations

from typing import Final

_MOST: Final = 1e9
"""Shares are compared with each other; the settings hold no number beyond reason."""


def shares_text(shares: tuple[float, ...]) -> str:
    """Shares as they are typed, such as "3, 1"."""
    return ", ".join(str(share).removesuffix(".0") for share in shares)


def parse_shares(text: str, gpus: int) -> tuple[float, ...] | None:
    """Read what was typed: a number for each GPU, separated by commas or spaces.

    Args:
        text: What was typed.
        gpus: How many GPUs there are; 0 where that is not known.

    Returns:
        The shares, in the GPUs' order, or None where they are none: too many or no numbers, below
        0, beyond reason, all 0.
    """
    try:
        shares = tuple(float(word) for word in text.replace(",", " ").split())
    except ValueError:
        return None
    usable = all(0 <= share < _MOST for share in shares) and any(shares)
    return shares if usable and (not gpus or len(shares) <= gpus) else None


def only(index: int) -> tuple[float, ...]:
    """The shares that put everything on one GPU."""
    return (0.0,) * index + (1.0,)


def only_one(shares: tuple[float, ...]) -> int | None:
    """Which GPU gets everything by these shares, where they are exactly those of `only`."""
    return len(shares) - 1 if shares and shares == only(len(shares) - 1) else None
