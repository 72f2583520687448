r"""Answer keys: the canonical form of an extracted answer. Equal keys are one vote group.

A key is a string, so grouping by it is symmetric and transitive by construction, which pairwise
comparison is not. A key is also its own key.

Numbers are exact: 0.5, 1/2, \frac12 and .50 share a key; 0.3333 and 1/3 do not. A unit after a
number and a currency sign before it are dropped, because one question asks for one unit and
responses differ in whether they repeat it; "pm" and "below" are no units. "50 %" has a key of its
own, because it means 0.5 to some and 50 to others. Arithmetic that is written out is worked out;
several numbers, ratios and times of day have one form; other expressions keep their case and lose
their spaces; words lose their case, outer punctuation and a leading article.
"""

from __future__ import annotations

import hashlib
import re
from typing import Final

from engine.answers.expression import expression_value
from engine.answers.markup import without_markup
from engine.answers.quantity import quantity_key

MAX_CHARACTERS: Final = 400
"""Longer answers are compared whole, by a digest."""
_MAX_READ: Final = 100_000
_MOST_LAYERS: Final = 8
"""How many wrappers around each other are taken off; nobody writes more than three."""

_LETTER = re.compile(r"\(?([A-Ja-j])\)?")
_SYMBOLIC = re.compile(
    r"[\\^=+*/<>{}\[\]()|_√π]|[0-9][a-z]|[a-z][0-9]|\bpi\b|\bsqrt\b|-[a-z]\b|\b[a-z]-",
    re.IGNORECASE,
)
_TWO_WORDS = re.compile(r"(?<!\\)\b[^\W\d_]{2,}\s+[^\W\d_]{2,}")
_MOMENT = re.compile(r"(\d{1,2})(?:[:.](\d\d))?\s*([ap])\.?\s?m\b\.?", re.IGNORECASE)
_HOURS: Final = 12
_PAIR: Final = 2
_CLOCK = re.compile(
    r"(0\d|1\d|2[0-3]):([0-5]\d)(?:\s*(?:h|hrs?|hours|uhr|o'clock))?", re.IGNORECASE
)
"""By the clock of 24 hours; "7:15" and "10:30" do not say which half of the day."""
_ORDER = re.compile(r"(?:[A-Z]-){2,}[A-Z]")
_DATE = re.compile(r"\d{4}/\d{1,2}/\d{1,2}|\d{1,2}/\d{1,2}/\d{4}")
_ONE_NUMBER: Final = r"[+-]?(?:\d+(?:\.\d+)?|\.\d+)(?:/\d+)?"
_NUMBERS = re.compile(rf"{_ONE_NUMBER}(?:\s*[,;]\s*{_ONE_NUMBER})+")
_RATIO = re.compile(r"(\d+(?:\.\d+)?)\s*:\s*(\d+(?:\.\d+)?)")
_LOOSE_SPACE = re.compile(r"(?<![a-zA-Z])\s+|\s+(?![a-zA-Z])")
_OUTER = " \t\n.,;:!?\"'`*_~"
_ARTICLE = re.compile(r"(?:the|an|a)\s+")


def canonical_key(text: str) -> str:
    """Return the key of an answer; "" if it says nothing.

    Args:
        text: An extracted answer.
    """
    if len(text) > MAX_CHARACTERS:
        text = " ".join(text[:_MAX_READ].split()) + ("…" if len(text) > _MAX_READ else "")
        if len(text) > MAX_CHARACTERS:
            digest = hashlib.sha256(text.casefold().encode(errors="replace")).hexdigest()
            return f"{len(text)} characters {digest[:32]}"
    key = text
    for _ in range(_MOST_LAYERS):
        previous, key = key, _key_once(key)
        if key == previous:
            break
    return key


def is_simple(key: str) -> bool:
    """Whether a key is a number, a choice letter or plain words: nothing to compute about.

    Two simple keys that differ are different answers; anything else may be equal symbolically.
    """
    if quantity_key(key) == key or _ORDER.fullmatch(key) or _DATE.fullmatch(key):
        return True
    return _SYMBOLIC.search(key) is None and _NUMBERS.fullmatch(key) is None


def equal_numbers(first: str, second: str) -> bool | None:
    """Whether two lists of numbers are the same, or None where one of the keys is none.

    Of two numbers, as the solutions of an equation, the order says nothing; of more it does.
    """
    if not (_NUMBERS.fullmatch(first) and _NUMBERS.fullmatch(second)):
        return None
    one, other = (
        [quantity_key(part.strip()) for part in re.split("[,;]", key)] for key in (first, second)
    )
    return one == other or (len(one) == len(other) == _PAIR and one == other[::-1])


def _key_once(text: str) -> str:
    plain = without_markup(text)
    quantity = quantity_key(plain)
    if quantity is not None:
        return quantity
    if (value := expression_value(plain)) is not None:
        return str(value)
    if letter := _LETTER.fullmatch(plain):
        return letter[1].upper()
    if (written := _in_one_form(plain)) is not None:
        return written
    if _SYMBOLIC.search(plain) and not _TWO_WORDS.search(plain):
        return _LOOSE_SPACE.sub("", plain).strip(_OUTER)
    words = " ".join(plain.casefold().split()).strip(_OUTER)
    return _ARTICLE.sub("", words, count=1) if _ARTICLE.match(words) else words


def _in_one_form(plain: str) -> str | None:
    """A time of day, several numbers or a ratio, whatever the spaces in it; None for all else."""
    if moment := _MOMENT.fullmatch(plain):
        return f"{int(moment[1])}:{moment[2] or '00'} {moment[3].lower()}m"
    if (clock := _CLOCK.fullmatch(plain)) and (int(clock[1]) > _HOURS or clock[1][0] == "0"):
        hour = int(clock[1])
        return f"{(hour - 1) % _HOURS + 1}:{clock[2]} {'pm' if hour >= _HOURS else 'am'}"
    if _NUMBERS.fullmatch(plain):
        return ", ".join(re.split(r"\s*[,;]\s*", plain))
    if ratio := _RATIO.fullmatch(plain):
        return f"{ratio[1]}:{ratio[2]}"
    return None
