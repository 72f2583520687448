"""Numbers within bounds, as rules over their digits."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from engine.errors import SchemaError

_DIGITS: Final = 15
"""On either side of the point: every double holds so many."""
_LARGEST: Final = 10**_DIGITS - 1


@dataclass(frozen=True, slots=True)
class Bounds:
    """Between which numbers one must lie; None is no bound, an open one is not reached."""

    least: Decimal | None = None
    most: Decimal | None = None
    least_open: bool = False
    most_open: bool = False

    @property
    def mirrored(self) -> Bounds:
        """The same below zero as this is above it."""
        return Bounds(_less(self.most), _less(self.least), self.most_open, self.least_open)

    def above(self, floor: Decimal, *, is_open: bool) -> Bounds:
        """These, and another lower bound."""
        least = self.least
        if least is None or floor > least:
            return Bounds(floor, self.most, is_open, self.most_open)
        if floor == least:
            return Bounds(floor, self.most, self.least_open or is_open, self.most_open)
        return self

    def below(self, ceiling: Decimal, *, is_open: bool) -> Bounds:
        """These, and another upper bound."""
        return self.mirrored.above(ceiling.copy_negate(), is_open=is_open).mirrored


def integer_within(bounds: Bounds) -> str:
    """Return an expression for the whole numbers within bounds.

    Raises:
        SchemaError: There is none, or the bounds are too large.
    """
    _check(bounds)
    least = None if bounds.least is None else math.ceil(bounds.least)
    most = None if bounds.most is None else math.floor(bounds.most)
    if least is not None and bounds.least_open and least == bounds.least:
        least += 1
    if most is not None and bounds.most_open and most == bounds.most:
        most -= 1
    ways = []
    if most is None or most >= 0:
        ways.append(_whole(max(least or 0, 0), most))
    if least is None or least < 0:
        above = 1 if most is None else max(1, -most)
        ways.append(_after('"-"', _whole(above, None if least is None else -least)))
    return _any_of(ways)


def number_within(bounds: Bounds) -> str:
    """Return an expression for the numbers within bounds, without exponents.

    Raises:
        SchemaError: There is none, or the bounds are too large or too fine.
    """
    _check(bounds)
    ways = []
    zero = Decimal(0)
    if bounds.most is None or bounds.most >= 0:
        ways.append(_magnitude(bounds.above(zero, is_open=False)))
    if bounds.least is None or bounds.least < 0:
        ways.append(_after('"-"', _magnitude(bounds.mirrored.above(zero, is_open=True))))
    return _any_of(ways)


def _check(bounds: Bounds) -> None:
    for bound in (bounds.least, bounds.most):
        if bound is None:
            continue
        # abs() would calculate, and overflow where the exponent is beyond the decimal context's
        if bound.copy_abs() > _LARGEST or _places(bound) > _DIGITS:
            raise SchemaError(f"a bound of a number needs more than {_DIGITS} digits")


def _places(number: Decimal) -> int:
    exponent = number.as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else _DIGITS + 1


def _less(number: Decimal | None) -> Decimal | None:
    return None if number is None else number.copy_negate()


def _any_of(ways: Iterable[str | None]) -> str:
    known = [way for way in ways if way]
    if not known:
        raise SchemaError("no number lies within its bounds")
    return " | ".join(known)


def _after(sign: str, way: str | None) -> str | None:
    return f"{sign} ( {way} )" if way else None


# --- whole numbers that are not negative --------------------------------------------------------


def _whole(least: int, most: int | None) -> str | None:
    """The numbers between two, both reached, or None where there is none."""
    most = _LARGEST if most is None else most
    if least > most:
        return None
    first, last = str(least), str(most)
    if len(first) == len(last):
        return _alike(first, last)
    ways = [_alike(first, "9" * len(first))]
    shorter = len(last) - 1
    if len(first) < shorter:
        ways.append(f"[1-9] [0-9]{{{len(first)},{shorter - 1}}}")
    return " | ".join([*ways, _alike("1" + "0" * shorter, last)])


def _alike(first: str, last: str) -> str:
    """The numbers between two of as many digits."""
    if not first:
        return '""'
    rest = len(first) - 1
    if first[0] == last[0]:
        return f'"{first[0]}" ( {_alike(first[1:], last[1:])} )'
    low, high = int(first[0]), int(last[0])
    ways = []
    if first[1:].strip("0"):
        ways.append(f'"{low}" ( {_alike(first[1:], "9" * rest)} )')
        low += 1
    end = ""
    if last[1:].strip("9"):
        end = f'"{high}" ( {_alike("0" * rest, last[1:])} )'
        high -= 1
    if low <= high:
        ways.append(f"[{low}-{high}]" + (f" [0-9]{{{rest}}}" if rest else ""))
    return " | ".join([*ways, end] if end else ways)


# --- numbers with a fraction that are not negative ---------------------------------------------


@dataclass(frozen=True, slots=True)
class _Edge:
    """The digits of a bound that a fraction has kept to so far; None where it has left them."""

    digits: str | None
    is_open: bool = False


_FREE: Final = _Edge(None)


def _magnitude(bounds: Bounds) -> str | None:
    assert bounds.least is not None
    low, low_edge = _split(bounds.least, is_open=bounds.least_open)
    low_edge = low_edge if low_edge.digits or low_edge.is_open else _FREE
    if bounds.most is None:
        high, high_edge = _LARGEST, _FREE
    else:
        high, high_edge = _split(bounds.most, is_open=bounds.most_open)
    if low > high:
        return None
    if low == high:
        return _around(low, low_edge, high_edge)
    between = _whole(low + 1, high - 1)
    ways = [_around(low, low_edge, _FREE), _around(high, _FREE, high_edge)]
    if between:
        ways.append(f'( {between} ) ( "." [0-9]{{1,{_DIGITS}}} )?')
    return " | ".join(way for way in ways if way) or None


def _split(number: Decimal, *, is_open: bool) -> tuple[int, _Edge]:
    whole = int(number)
    fraction = f"{number - whole:f}".partition(".")[2].rstrip("0")
    return whole, _Edge(fraction, is_open)


def _around(whole: int, low: _Edge, high: _Edge) -> str | None:
    """One whole number with the fractions that keep it within its edges."""
    fraction = _fraction(low, high, _DIGITS)
    alone = _may_end(low, high)
    if fraction is None:
        return f'"{whole}"' if alone else None
    return f'"{whole}" ( "." ( {fraction} ) ){"?" if alone else ""}'


def _may_end(low: _Edge, high: _Edge) -> bool:
    return low.digits is None and (high.digits is None or high.digits != "" or not high.is_open)


def _fraction(low: _Edge, high: _Edge, left: int) -> str | None:
    """At least one digit that keeps within the edges, and at most so many."""
    if left == 0:
        return None
    if low == high == _FREE:
        return f"[0-9]{{1,{left}}}"
    followed: dict[tuple[_Edge, _Edge], list[int]] = {}
    for digit in range(10):
        after = _low_after(low, digit), _high_after(high, digit)
        if after[0] is not None and after[1] is not None:
            followed.setdefault((after[0], after[1]), []).append(digit)
    ways = []
    for (next_low, next_high), digits in followed.items():
        more = _fraction(next_low, next_high, left - 1)
        alone = _may_end(next_low, next_high)
        here = f"[{digits[0]}-{digits[-1]}]"
        if more is not None:
            ways.append(f"{here} ( {more} )" + ("?" if alone else ""))
        elif alone:
            ways.append(here)
    return " | ".join(ways) or None


def _low_after(low: _Edge, digit: int) -> _Edge | None:
    """What is left of a lower bound behind a digit, or None where the digit is below it."""
    if low.digits is None:
        return _FREE
    wanted = int(low.digits[:1] or "0")
    if digit != wanted:
        return _FREE if digit > wanted else None
    rest = low.digits[1:]
    return _Edge(rest, low.is_open) if rest or low.is_open else _FREE


def _high_after(high: _Edge, digit: int) -> _Edge | None:
    """What is left of an upper bound behind a digit, or None where the digit is above it."""
    if high.digits is None:
        return _FREE
    if high.digits == "" and high.is_open:
        return None
    wanted = int(high.digits[:1] or "0")
    if digit != wanted:
        return _FREE if digit < wanted else None
    return _Edge(high.digits[1:], high.is_open)
