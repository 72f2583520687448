"""Written working for one operation, in pieces small enough for a tiny network to get right.

One operation is one line. Products are split on digits, differences often too, quotients are long
division, so no piece needs more than a table fact or a sum. A person can follow each line.
"""

from __future__ import annotations

import random


class Working:
    """The lines written so far for one problem.

    Attributes:
        lines: One operation each, in order.
    """

    def __init__(self, rng: random.Random) -> None:
        self.lines: list[str] = []
        self._rng = rng

    def add(self, left: int, right: int) -> int:
        """Write a sum. The order of the two is free, which makes attempts differ."""
        if self._rng.random() < 0.3:
            left, right = right, left
        self.lines.append(f"{left}+{right}={left + right}")
        return left + right

    def subtract(self, left: int, right: int) -> int:
        """Write a difference, often digit by digit; that it is not always makes attempts differ."""
        digitwise = self._rng.random() < 0.6
        self.lines.append(f"{left}-{right}={_difference(left, right, digitwise=digitwise)}")
        return left - right

    def multiply(self, left: int, right: int) -> int:
        """Write a product, split on the digits of one factor, mostly of the smaller."""
        way = self._rng.random()  # of the four, each with a share
        if way < 0.3:
            left, right = right, left
        split_larger = 0.2 < way < 0.55
        self.lines.append(f"{left}*{right}={_product(left, right, split_larger=split_larger)}")
        return left * right

    def divide(self, dividend: int, divisor: int) -> int:
        """Write an exact quotient as long division.

        Raises:
            ValueError: The division leaves a remainder.
        """
        if dividend % divisor:
            raise ValueError(f"{dividend} is no multiple of {divisor}")
        self.lines.append(f"{dividend}/{divisor}{_long_division(dividend, divisor)}")
        return dividend // divisor


def _parts(number: int) -> list[int]:
    """Split 345 into 300, 40 and 5."""
    digits = str(number)
    return [
        int(digit) * 10 ** (len(digits) - place - 1)
        for place, digit in enumerate(digits)
        if digit != "0"
    ]


def _difference(left: int, right: int, *, digitwise: bool) -> str:
    """Return what stands after the first equals sign: 477-44=433 in 877-444=477-44=433."""
    parts = _parts(right)
    if not digitwise or len(parts) < 2 or left < 100:
        return str(left - right)
    text = ""
    for part in parts[:-1]:
        left, right = left - part, right - part
        text += f"{left}-{right}="
    return text + str(left - right)


def _product(left: int, right: int, *, split_larger: bool) -> str:
    """Return what stands after the first equals sign of a product."""
    small, large = sorted((left, right))
    if split_larger or len(_parts(small)) == 1:
        split, factor = large, small
    else:
        split, factor = small, large
    parts = _parts(split)
    if len(parts) < 2 or (small < 10 and large < 30):
        return str(left * right)
    sums = "+".join(str(part * factor) for part in parts)
    return f"{sums}={left * right}"


def _long_division(dividend: int, divisor: int) -> str:
    """Return what stands after the dividend and the divisor of a quotient."""
    if dividend < 100 and divisor < 13:
        return f"={dividend // divisor}"
    pieces: list[str] = []
    rest = 0
    for digit in str(dividend):
        rest = rest * 10 + int(digit)
        if rest < divisor and not pieces:
            continue
        pieces.append(f"{rest}={divisor}*{rest // divisor}+{rest % divisor}")
        rest %= divisor
    return f": {', '.join(pieces)}, so {dividend // divisor}"
