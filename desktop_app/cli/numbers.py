"""Numbers as words of a command, and what is said where they are none."""

from __future__ import annotations

import argparse
import math

from desktop_app.cli.usage import UsageError

_MOST = 1_000_000


def whole(text: str) -> int:
    """Read a whole number.

    Raises:
        argparse.ArgumentTypeError: It is none.
    """
    try:
        return int(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number") from None


def number(text: str) -> float:
    """Read a number.

    Raises:
        argparse.ArgumentTypeError: It is none, or not finite.
    """
    try:
        found = float(text)
    except ValueError:
        found = math.nan
    if not math.isfinite(found):
        raise argparse.ArgumentTypeError(f"{text!r} is no number")
    return found


def at_least_one(text: str) -> int:
    """Read a number of things, 1 to a million.

    Raises:
        argparse.ArgumentTypeError: It is none.
    """
    found = whole(text)
    if not 1 <= found <= _MOST:
        raise argparse.ArgumentTypeError(f"must be 1 to {_MOST:,}, not {text}")
    return found


def seed(text: str) -> int:
    """Read where randomness starts: a whole number of at most 63 bits.

    Raises:
        argparse.ArgumentTypeError: It is none.
    """
    found = whole(text)
    if not -(2**63) <= found < 2**63:
        raise argparse.ArgumentTypeError(f"must have at most 63 bits, unlike {text}")
    return found


def whole_numbers(option: str, text: str) -> list[int]:
    """Read whole numbers between commas.

    Raises:
        UsageError: They are none.
    """
    try:
        return [int(word) for word in text.split(",")]
    except ValueError:
        raise UsageError(f"{option} are whole numbers, such as 1,4,16,64") from None
