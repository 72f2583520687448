"""A reply that is one JSON value: the value is the answer, however it is written down.

Order of keys, white space, escapes and forms of a number do not matter; 1 and true differ.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any, Final, NoReturn

from engine.candidate import ExtractedAnswer

JSON_RULE: Final = "json"
_LONGEST_SHOWN: Final = 300
_LONGEST_KEY: Final = 400
"""Longer values are compared by a digest."""
_MOST_PLAIN_DIGITS: Final = 30
"""A number that would need more is written with an exponent."""


def json_answer(response: str, *, complete: bool) -> ExtractedAnswer | None:
    """Return the value that a response is, or None where it is none.

    Args:
        response: The visible response.
        complete: Whether it came to its own end: what was cut short may look whole.
    """
    if not complete:
        return None
    try:
        value = parse_json(response)
        key = write_json(value, in_order=False)
    except ValueError:
        return None
    if len(key) > _LONGEST_KEY:
        key = f"{len(key)} characters {hashlib.sha256(key.encode()).hexdigest()[:32]}"
    shown = _readable(value)
    if len(shown) > _LONGEST_SHOWN:
        shown = shown[: _LONGEST_SHOWN - 1] + "…"
    return ExtractedAnswer(shown, key, JSON_RULE)


def _readable(value: Any) -> str:
    """A value in one line; with escapes where half a character could not be sent as it is."""
    shown = write_json(value, ascii_only=False)
    try:
        shown.encode()
    except UnicodeEncodeError:
        return write_json(value)
    return shown


def parse_json(text: str) -> Any:
    """Read strict JSON, every number as a `Decimal`.

    Raises:
        ValueError: It is none, or nested too deeply.
    """
    try:
        return json.loads(
            text, parse_float=Decimal, parse_int=Decimal, parse_constant=_refuse_constant
        )
    except (ArithmeticError, RecursionError) as error:
        raise ValueError("a number or a nesting without measure") from error


def write_json(value: Any, *, in_order: bool = True, ascii_only: bool = True) -> str:
    """Write what `parse_json` has read, without white space, each number in one form.

    Args:
        value: What was read.
        in_order: Keep the order of keys; else they are sorted.
        ascii_only: Whether other characters are escaped; else they stand as they are.

    Raises:
        ValueError: It is nested too deeply.
    """
    try:
        return _written(value, in_order, lambda text: json.dumps(text, ensure_ascii=ascii_only))
    except RecursionError as error:
        raise ValueError("nested too deeply") from error


def is_whole(number: Decimal) -> bool:
    """Whether a number has no fraction; without working out what 1e999999 is."""
    written = _number(number)
    return "." not in written and "e-" not in written


def _written(value: Any, in_order: bool, quote: Callable[[str], str]) -> str:  # noqa: FBT001
    if value is None or isinstance(value, bool):
        return json.dumps(value)
    if isinstance(value, Decimal):
        return _number(value)
    if isinstance(value, str):
        return quote(value)
    if isinstance(value, list):
        return "[" + ",".join([_written(item, in_order, quote) for item in value]) + "]"
    pairs = value.items() if in_order else sorted(value.items())
    return "{" + ",".join([f"{quote(k)}:{_written(v, in_order, quote)}" for k, v in pairs]) + "}"


def _number(number: Decimal) -> str:
    sign, figures, exponent = number.as_tuple()
    assert isinstance(exponent, int)  # JSON has no infinity
    digits = "".join(map(str, figures)).lstrip("0")
    kept = digits.rstrip("0")
    if not kept:
        return "0"
    exponent += len(digits) - len(kept)
    minus = "-" if sign else ""
    if 0 <= exponent <= _MOST_PLAIN_DIGITS - len(kept):
        return f"{minus}{kept}{'0' * exponent}"
    if -_MOST_PLAIN_DIGITS <= exponent < 0:
        padded = kept.rjust(1 - exponent, "0")
        return f"{minus}{padded[:exponent]}.{padded[exponent:]}"
    return f"{minus}{kept}e{exponent}"


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")
