"""Answer keys: the canonical form of an extracted answer. Equal keys are one vote group.

A key is a string, so grouping by it is symmetric and transitive by construction, which pairwise
comparison is not. Numbers are exact: 0.5, 1/2 and .50 share a key, 50 % has one of its own because
"50 %" means 0.5 to some and 50 to others.
"""

from __future__ import annotations

import re
import unicodedata
from fractions import Fraction
from typing import Final

MAX_CHARACTERS: Final = 400
"""Longer answers are compared by their beginning and length only."""
_MAX_DIGITS: Final = 60

_LATEX_WRAP = re.compile(r"\\(?:text|mathrm|mathbf|textbf|boxed|mbox|operatorname)\s*\{([^{}]*)\}")
_LATEX_FRACTION = re.compile(r"\\[dt]?frac\s*\{([^{}]*)\}\s*\{([^{}]*)\}")
_LATEX_NOISE = re.compile(r"\\(?:left|right|displaystyle|,|;|!|:|quad|qquad| )")
_GROUPED = re.compile(r"(?<![\d.])[+-]?\d{1,3}(?:[,_ ' ]\d{3})+(?![\d])")
_NUMBER = r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)"
_PLAIN = re.compile(rf"^({_NUMBER})(?:[eE]([+-]?\d{{1,3}}))?$")
_POWER = re.compile(
    rf"^({_NUMBER})\s*(?:\*|x|×|\\times|\\cdot)\s*10\s*\^\s*\{{?([+-]?\d{{1,3}})\}}?$"
)
_RATIO = re.compile(r"^([+-]?\d+)\s*/\s*([+-]?\d+)$")
_MIXED = re.compile(r"^(\d+)\s+(\d+)\s*/\s*(\d+)$")
_UNIT = re.compile(r"^(\S+(?:\s*/\s*\d+)?)\s*(?:[a-zA-Z°µ²³/\^.]+(?:\s+[a-zA-Z.]+){0,3})$")
_CURRENCY = "$€£¥₹"
_ARTICLES = re.compile(r"^(?:the|an|a)\s+")


def canonical_key(text: str) -> str:
    """Return the key of an answer.

    Numbers become `int`, `p/q`, or `q%`; choice letters upper case; other text is case-folded with
    white space, surrounding punctuation and a leading article removed. Units after a number and a
    currency sign before it are dropped.

    Args:
        text: An extracted answer.
    """
    plain = _strip(text)
    if len(plain) > MAX_CHARACTERS:
        return f"{plain[:MAX_CHARACTERS].casefold()}…{len(plain)}"
    number = _number(plain)
    if number is not None:
        return number
    if re.fullmatch(r"\(?[A-Ja-j]\)?", plain):
        return plain.strip("()").upper()
    words = " ".join(plain.casefold().split()).strip(".,;:!?\"'`*_ ")
    return _ARTICLES.sub("", words)


def _strip(text: str) -> str:
    """Remove what carries no meaning: LaTeX wrappers, emphasis, odd minus signs."""
    plain = unicodedata.normalize("NFKC", text[: 4 * MAX_CHARACTERS]).strip()
    plain = plain.replace("\u2212", "-").replace("\u2013", "-").replace("\\%", "%")
    plain = plain.replace("\u2044", "/").replace("\\$", "$")
    for _ in range(3):
        plain = _LATEX_WRAP.sub(r"\1", plain)
        plain = _LATEX_FRACTION.sub(r"\1/\2", plain)
    plain = _LATEX_NOISE.sub("", plain)
    plain = plain.strip().strip("*_` ").removesuffix(".").strip()
    if plain.startswith("$") and plain.endswith("$") and len(plain) > 1:
        plain = plain.strip("$").strip()
    return plain.removeprefix("\\(").removesuffix("\\)").strip()


def _number(plain: str) -> str | None:
    """The key of a number, with or without unit, or None."""
    if not any(character.isdigit() for character in plain):
        return None
    body = plain.strip(_CURRENCY + " ")
    sign = "-" if body.startswith("-") else ""
    body = sign + body.removeprefix("-").strip(_CURRENCY + " ")
    body = re.sub(r"^(?:about|approximately|approx\.?|roughly|≈|~|=)\s*", "", body, flags=re.I)
    body = re.sub(r"^[a-zA-Z]\s*=\s*", "", body)
    body = _GROUPED.sub(lambda match: re.sub(r"[,_ ' ]", "", match[0]), body)
    value = _exact(body)
    if value is not None:
        return _written(value)
    percent = re.fullmatch(r"(.+?)\s*(?:%|percent|per cent)", body)
    if percent:
        value = _exact(percent[1])
        return None if value is None else _written(value) + "%"
    with_unit = _UNIT.match(body)
    if with_unit:
        value = _exact(with_unit[1])
        if value is not None:
            return _written(value)
    return None


def _exact(body: str) -> Fraction | None:
    """Read an exact number, or None. Sizes are bounded so that nothing hostile grows."""
    if len(body) > _MAX_DIGITS:
        return None
    body = body.strip()
    if match := _PLAIN.match(body) or _POWER.match(body):
        exponent = int(match[2] or 0)
        if abs(exponent) > _MAX_DIGITS:
            return None
        return Fraction(match[1]) * Fraction(10) ** exponent
    if match := _RATIO.match(body):
        return Fraction(int(match[1]), int(match[2])) if int(match[2]) else None
    if match := _MIXED.match(body):
        whole, above, below = (int(part) for part in match.groups())
        return whole + Fraction(above, below) if below else None
    return None


def _written(value: Fraction) -> str:
    return str(value.numerator) if value.denominator == 1 else str(value)


def is_simple(key: str) -> bool:
    """Whether a key is a number, a choice letter or plain words: nothing to compute about.

    Two simple keys that differ are different answers; anything else may be equal symbolically.
    """
    return re.fullmatch(r"-?\d+(?:/\d+)?%?|[\w ,.'-]*", key) is not None and not re.search(
        r"\d\s*[a-z]|[a-z]\s*\d|sqrt|pi\b", key
    )
