"""The value of written-out arithmetic: `(3 + 5) * 4 - 2` is 30, exactly.

Only whole numbers, decimals, brackets and the four signs; every size is bounded before anything is
computed. What has no plus, times or bracket is left alone: `3-1` may be a score and `1/2/24` a day.
"""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Final

_MOST_CHARACTERS: Final = 120
_MOST_DIGITS: Final = 400
_TOKEN = re.compile(r"\s*(?:(\d{1,15}(?:\.\d{1,15})?)|([-+*/()]))")
_SIGNS: Final = str.maketrans({"×": "*", "·": "*", "÷": "/", "\u2212": "-"})
_CERTAIN = re.compile(r"\d\s*[+*]\s*[\d(]|\)\s*[-+*/]|[-+*/]\s*\(")


def expression_value(text: str) -> Fraction | None:
    """Return the value of an arithmetic expression, or None if the text is none.

    Args:
        text: The whole answer.
    """
    plain = text.translate(_SIGNS)
    if len(plain) > _MOST_CHARACTERS or not _CERTAIN.search(plain):
        return None
    tokens: list[str] = []
    place = 0
    while place < len(plain.rstrip()):
        match = _TOKEN.match(plain, place)
        if match is None:
            return None
        tokens.append(match[1] or match[2])
        place = match.end()
    try:
        value, rest = _sum(tokens)
    except (IndexError, ValueError, ZeroDivisionError):
        return None
    return None if rest else value


def _sum(tokens: list[str]) -> tuple[Fraction, list[str]]:
    value, rest = _product(tokens)
    while rest and rest[0] in "+-":
        right, after = _product(rest[1:])
        value, rest = _bounded(value + right if rest[0] == "+" else value - right), after
    return value, rest


def _product(tokens: list[str]) -> tuple[Fraction, list[str]]:
    value, rest = _factor(tokens)
    while rest and rest[0] in "*/":
        right, after = _factor(rest[1:])
        value, rest = _bounded(value * right if rest[0] == "*" else value / right), after
    return value, rest


def _factor(tokens: list[str]) -> tuple[Fraction, list[str]]:
    first, rest = tokens[0], tokens[1:]
    if first == "-":
        value, rest = _factor(rest)
        return -value, rest
    if first != "(":
        return Fraction(first), rest
    value, rest = _sum(rest)
    if rest[0] != ")":
        raise ValueError("a bracket is open")
    return value, rest[1:]


def _bounded(value: Fraction) -> Fraction:
    if max(abs(value.numerator), value.denominator) >= 10**_MOST_DIGITS:
        raise ValueError("too large")
    return value
