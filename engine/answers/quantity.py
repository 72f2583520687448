"""Exact numbers as people and models write them: fractions, powers of ten, per cent, units.

Every size is bounded before anything is computed, so that no text makes a huge number. Knows
nothing of votes.
"""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Final

_MOST_CHARACTERS: Final = 120
_MOST_EXPONENT: Final = 60

_ABOUT = re.compile(
    r"(?:(?:about|approximately|approx\.?|roughly|around|exactly|only|just)\s+|[≈~=]\s*"
    r"|\\approx\s*|[a-z]\s*=\s*|[\d\s+*/×÷^(),.-]+=\s*(?=\S))",
    re.IGNORECASE,
)
_CURRENCY: Final = r"(?:US\$|[$€£¥₹]|USD\s|EUR\s)\s*"
_SIGNED = re.compile(rf"(?:{_CURRENCY})?([+-]?)\s*(?:{_CURRENCY})?")
_GROUPED = re.compile(r"\d{1,3}(?:([,_' ])\d{3})(?:\1\d{3})*(?!\d)(?!\1\d)")
_MIXED = re.compile(
    r"(\d+)\s*(?:\s(\d+)\s*/\s*(\d+)(?!\d)|\\frac\s*\{\s*(\d+)\s*\}\s*\{\s*(\d+)\s*\})"
)
_RATIO = re.compile(r"(\d+)\s*/\s*(\d+)(?![\d/])")
_LATEX_FRACTION = re.compile(
    r"\\frac\s*(?:\{\s*([+-]?\d+)\s*\}|(\d))\s*(?:\{\s*([+-]?\d+)\s*\}|(\d))"
)
_DECIMAL = re.compile(
    r"(\d+(?:\.\d*)?|\.\d+)"
    r"(?:e([+-]?\d{1,3})(?![\w.])|\s*(?:\*|x|×|\\times|\\cdot)\s*10\s*\^\s*\{?([+-]?\d{1,3})\}?)?",
    re.IGNORECASE,
)
_PERCENT = re.compile(r"\s*(?:%|percent\b|per\s+cent\b)", re.IGNORECASE)
_SCALES: Final = {
    "dozen": 12,
    "hundred": 10**2,
    "thousand": 10**3,
    "million": 10**6,
    "billion": 10**9,
    "trillion": 10**12,
}
_SCALE = re.compile(rf"\s+({'|'.join(_SCALES)})\b", re.IGNORECASE)
_COMMENT = re.compile(r"\s*\((?!.*\bmod)[^()]*\)$")
_GLUED_UNIT = re.compile(
    r"\s*(?:\^\s*\{?\\circ\}?|°)\s*[CFK]?"
    r"|\s*[€£$¥¢]"
    r"|(?:km|cm|mm|kg|mg|ml|cl|lbs?|oz|ft|hrs?|min|ms|secs?|mph|kph|kWh?|kJ|[kMG]?Hz|[kMG]B|m/s)"
    r"(?:\^?\{?[23]\}?)?(?:/(?:h|hr|min|s|m|kg|l)(?:\^?\{?[23]\}?)?)?",
    re.IGNORECASE,
)
_UNIT_WORDS = re.compile(r"(?:\s+[a-z°µ$€£.]+(?:\^?\{?[23]\}?)?(?:/[a-z]+)?){1,4}", re.IGNORECASE)
_NO_UNIT = re.compile(
    r"\b(?:and|or|to|times|plus|minus|mod|modulo|choose|out|pi|sqrt|but|not|if|dozen|hundred"
    r"|thousand|[mbtr]illions?|squared|cubed|factorial|[^\W\dmgslhJWVANKCF])\b"
    r"|\b(?i:[ap]\.?m|bce?|ad|ce|below|above|under|over|loss|profit|negative)\b"
    r"|\b(?i:january|february|march|april|may|june|july|august|september|october|november|december"
    r"|(?:mon|tues|wednes|thurs|fri|satur|sun)day|(?:north|south)?(?:east|west)|north|south"
    r"|later|earlier|late|early|ahead|behind|increase|decrease|noon|midnight|morning|afternoon"
    r"|evening|night|hal(?:f|ves)|(?:third|quarter|fourth|fifth|sixth|seventh|eighth|ninth|tenth"
    r"|hundredth|thousandth)s?|lakhs?|crores?)\b"
    r"|\b[rR]\s?\d"
)
_WORDED_SIGN = re.compile(r"(?:minus|negative)\s+(?=\.?\d)", re.IGNORECASE)
_SMALL: Final = (
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"),
    *("eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen"),
    "nineteen",
)
_TENS: Final = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_IN_WORDS: Final = {word: value for value, word in enumerate(_SMALL)} | {
    f"{ten}{joint}{_SMALL[unit]}" if unit else ten: 10 * tens + unit
    for tens, ten in enumerate(_TENS, start=2)
    for unit in range(10)
    for joint in ("-", " ")
}


def quantity_key(text: str) -> str | None:
    """Return the key of a number, `7`, `-3/2` or `50%`, or None if the text is none.

    Args:
        text: The whole answer, without mark-up.
    """
    if len(text) > _MOST_CHARACTERS:
        return None
    worded = _IN_WORDS.get(text.casefold())
    if worded is not None:
        return str(worded)
    body = _WORDED_SIGN.sub("-", text, count=1) if _WORDED_SIGN.match(text) else text
    while about := _ABOUT.match(body):
        body = body[about.end() :]
    signed = _SIGNED.match(body)
    assert signed is not None  # every part of it is optional
    body = _GROUPED.sub(_without_separators, body[signed.end() :], count=1)
    read = _value(body)
    if read is None:
        return None
    value, rest = read
    if scale := _SCALE.match(rest):
        value *= _SCALES[scale[1].casefold()]
        rest = rest[scale.end() :]
    percent = _PERCENT.match(rest)
    if percent:
        rest = rest[percent.end() :]
    if not _is_unit(_COMMENT.sub("", rest)):
        return None
    return f"{-value if signed[1] == '-' else value}{'%' if percent else ''}"


def _without_separators(match: re.Match[str]) -> str:
    return match[0].replace(match[1], "") if match.start() == 0 else match[0]


def _value(body: str) -> tuple[Fraction, str] | None:
    """Read a number at the beginning; returns it and what follows."""
    if match := _MIXED.match(body):
        whole, *parts = (int(part) for part in match.groups() if part is not None)
        return _divided(whole * parts[1] + parts[0], parts[1], body[match.end() :])
    if match := _LATEX_FRACTION.match(body):
        above, below = (int(part) for part in match.groups() if part is not None)
        return _divided(above, below, body[match.end() :])
    if match := _RATIO.match(body):
        return _divided(int(match[1]), int(match[2]), body[match.end() :])
    if match := _DECIMAL.match(body):
        exponent = int(match[2] or match[3] or 0)
        if abs(exponent) > _MOST_EXPONENT:
            return None
        return Fraction(match[1]) * Fraction(10) ** exponent, body[match.end() :]
    return None


def _divided(above: int, below: int, rest: str) -> tuple[Fraction, str] | None:
    return (Fraction(above, below), rest) if below else None


def _is_unit(rest: str) -> bool:
    if not rest.strip():
        return True
    if _GLUED_UNIT.fullmatch(rest):
        return True
    return _UNIT_WORDS.fullmatch(rest) is not None and _NO_UNIT.search(rest) is None
