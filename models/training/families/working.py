"""Written working for one operation, in pieces small enough for a tiny network to get right.

Sums, differences and products are done in columns from the last digit, with what is carried, as at
school; quotients are long division. So no piece needs more than a table fact: plain sums are much
harder for a small network (arXiv 2307.03381). A person can follow each line.
"""

from __future__ import annotations

import random
from typing import Final

_IN_THE_HEAD: Final = 10
"""A number below this is added to or taken from one of two digits without columns."""


_KNOWN_BY_HEART: Final = 10
"""Up to this divisor a digit of a quotient and what it leaves are found in one go."""


class Working:
    """The lines written so far for one problem.

    Attributes:
        lines: In order; an operation is one line, a product of long numbers several.
        operations: How many there were.
    """

    def __init__(self, rng: random.Random) -> None:
        self.lines: list[str] = []
        self.operations = 0
        self._rng = rng

    def add(self, left: int, right: int) -> int:
        """Write a sum. The order of the two is free, which makes attempts differ."""
        self.operations += 1
        if self._rng.random() < 0.3:
            left, right = right, left
        self.lines.append(_sum(left, right))
        return left + right

    def subtract(self, left: int, right: int) -> int:
        """Write a difference, now and then in columns where it could be done without."""
        self.operations += 1
        in_columns = self._rng.random() < 0.2
        if in_columns or left >= 100 or right >= _IN_THE_HEAD:
            self.lines.append(f"{left}-{right}: {_column_difference(left, right)}")
        else:
            self.lines.append(f"{left}-{right}={left - right}")
        return left - right

    def multiply(self, left: int, right: int) -> int:
        """Write a product; a smaller factor of several digits is taken apart."""
        self.operations += 1
        if self._rng.random() < 0.3:
            left, right = right, left
        small, large = sorted((left, right))
        product = left * right
        if large <= 12 or small <= 1:
            self.lines.append(f"{left}*{right}={product}")
        elif small < 10:
            self.lines.append(_short_product(large, small))
        else:
            self._multiply_long(large, small)
        return product

    def _multiply_long(self, large: int, small: int) -> None:
        parts = _parts(small)
        if len(parts) > 1:
            self.lines.append(f"{large}*{small}: {'+'.join(f'{large}*{part}' for part in parts)}")
        total = 0
        for part in parts:
            digit = int(str(part)[0])
            if digit > 1:
                self.lines.append(_short_product(large, digit))
            if part > 9:
                self.lines.append(f"{large}*{part}={large * part}")
            if total:
                self.lines.append(_sum(total, large * part))
            total += large * part

    def divide(self, dividend: int, divisor: int) -> int:
        """Write an exact quotient as long division.

        Raises:
            ValueError: The division leaves a remainder.
        """
        if dividend % divisor:
            raise ValueError(f"{dividend} is no multiple of {divisor}")
        self.operations += 1
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


def _digits(number: int) -> list[int]:
    """The digits of a number, the last one first."""
    return [int(digit) for digit in reversed(str(number))]


def _sum(left: int, right: int) -> str:
    """A sum: 1535+265: 5+5=10, 3+6+1=10, 5+2+1=8, 1, so 1800."""
    if min(left, right) < _IN_THE_HEAD and max(left, right) < 100:
        return f"{left}+{right}={left + right}"
    some, others = _digits(left), _digits(right)
    pieces: list[str] = []
    carried = 0
    for place in range(max(len(some), len(others))):
        terms = [digits[place] for digits in (some, others) if place < len(digits)]
        terms += [1] * carried
        total = sum(terms)
        said = f"={total}" if len(terms) > 1 else ""
        pieces.append("+".join(map(str, terms)) + said)
        carried = total // 10
    return f"{left}+{right}: {', '.join(pieces)}, so {left + right}"


def _column_difference(left: int, right: int) -> str:
    """Return what stands behind 130-36: 10-6=4, 12-3=9, 0, so 94."""
    taken = _digits(right)
    pieces: list[str] = []
    borrowed = 0
    for place, digit in enumerate(_digits(left)):
        have = digit - borrowed
        if place >= len(taken) and have >= 0:
            pieces.append(str(have))
            borrowed = 0
            continue
        less = taken[place] if place < len(taken) else 0
        borrowed = int(have < less)
        have += 10 * borrowed
        pieces.append(f"{have}-{less}={have - less}")
    return f"{', '.join(pieces)}, so {left - right}"


def _short_product(number: int, digit: int) -> str:
    """A product with one digit: 219*9: 9*9=81, 1*9+8=17, 2*9+1=19, so 1971."""
    if number <= 12:
        return f"{number}*{digit}={number * digit}"
    pieces: list[str] = []
    carried = 0
    for one in _digits(number):
        total = one * digit + carried
        pieces.append(f"{one}*{digit}{f'+{carried}' if carried else ''}={total}")
        carried = total // 10
    return f"{number}*{digit}: {', '.join(pieces)}, so {number * digit}"


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
        quotient, left = divmod(rest, divisor)
        if divisor > _KNOWN_BY_HEART:
            product = divisor * quotient
            pieces.append(f"{divisor}*{quotient}={product}, {rest}-{product}={left}")
        else:
            pieces.append(f"{rest}={divisor}*{quotient}+{left}")
        rest = left
    return f": {', '.join(pieces)}, so {dividend // divisor}"
