"""How long a chat template may run, and how much it may make.

A template repeats itself by loops, macros, filters and whatever multiplies text, and one operation
of Python can run for hours where lists hold each other many times over. So the clock is looked at
after every operation, what may be multiplied is estimated before it is made, and everything that
was made is measured. No single operation on values within these limits takes long.

Knows nothing of Jinja's syntax trees; these are in `engine.backends.llama.sandbox`.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final

from jinja2.exceptions import SecurityError
from jinja2.runtime import LoopContext
from jinja2.utils import Cycler, Joiner, Namespace

MOST_CHARACTERS: Final = 4_000_000
"""No text within a template, and no prompt, is longer."""
_MOST_SECONDS: Final = 2.0
_MOST_STEPS: Final = 500_000
_MOST_MADE: Final = 64 * MOST_CHARACTERS
"""Characters of everything that one rendering makes, which bounds its memory."""
_ITEM_CHARACTERS: Final = 8
"""What an item of a list counts beside its own text."""
_MOST_NESTED: Final = 32
_MOST_BITS: Final = 4096
_MOST_SORTED: Final = MOST_CHARACTERS // 4
_MOST_PARTS: Final = 100_000
_MOST_PLACES: Final = 100
"""Decimal places that a number is rounded to."""
_WIDE_FORMAT: Final = re.compile(r"\d{5}|\*|:[^{}]*\{")
"""A width of five digits, or one that is an argument."""
_WIDTH: Final = re.compile(r"\d+")
_EMPTY: Final[dict[str, str]] = {}
_VIEWS: Final = (type(_EMPTY.keys()), type(_EMPTY.values()), type(_EMPTY.items()))
_CONTAINERS: Final = (list, tuple, dict, set, frozenset, range, *_VIEWS)
_OPAQUE: Final = (Namespace, LoopContext, Cycler, Joiner)
"""Values whose attributes are values again, of any size. They may not be items, so that a list
holds no more than can be counted."""
_TOO_LONG: Final = "the chat template takes too long"
_TOO_MUCH: Final = "the chat template produces too much text"


class Limits:
    """The limits of one template's renderings."""

    def __init__(self) -> None:
        self.begin()

    def begin(self) -> None:
        """Start anew, before each rendering."""
        self._steps = self._made = 0
        self._began = time.thread_time()
        self._deadline = time.monotonic() + _MOST_SECONDS

    def look(self, value: Any = None) -> Any:
        """Look at the clock, and return `value`.

        Only time that was worked counts: the machine may have slept, or been busy. The clock for
        that is slow to read, so it is read when the other one has run out.

        Raises:
            SecurityError: The template runs too long.
        """
        if time.monotonic() > self._deadline:
            left = _MOST_SECONDS - (time.thread_time() - self._began)
            if left <= 0:
                raise SecurityError(_TOO_LONG)
            self._deadline = time.monotonic() + left
        return value

    def step(self, characters: int) -> None:
        """Count one turn of a loop or one macro call.

        Args:
            characters: Of the template's own text in it.

        Raises:
            SecurityError: The template runs too long, or makes too much.
        """
        self.look()
        self._steps += 1
        self._made += characters
        if self._steps > _MOST_STEPS:
            raise SecurityError(_TOO_LONG)
        if self._made > _MOST_MADE:
            raise SecurityError(_TOO_MUCH)

    def made(self, value: Any) -> Any:
        """Look at the clock, count what an operation made, and return it.

        Raises:
            SecurityError: The template runs too long, or makes too much.
        """
        self.look()
        if isinstance(value, str):
            size = len(value)
        else:
            size_of(value)
            # of items only the places are new, their texts were there before
            size = _ITEM_CHARACTERS * len(value) if isinstance(value, _CONTAINERS) else 0
        self._made += size
        if size > MOST_CHARACTERS or self._made > _MOST_MADE:
            raise SecurityError(_TOO_MUCH)
        return value

    def shown(self, value: Any) -> str:
        """Return a value as text, which is counted as a whole: it shares nothing.

        Raises:
            SecurityError: The template runs too long, or makes too much.
        """
        if isinstance(value, str):
            text = value
        else:
            size_of(value)
            text = str(value)
        self.made(text)
        return text


def check_size(characters: int, most: int = MOST_CHARACTERS) -> int:
    """Return how many characters something has or would have, if these are not too many.

    Raises:
        SecurityError: They are.
    """
    if characters > most:
        raise SecurityError(_TOO_MUCH)
    return characters


def size_of(value: Any) -> int:
    """Characters of all text in a value and its items, however often these are shared.

    Raises:
        SecurityError: It is too large, nested too deep, or holds what cannot be counted.
    """
    if isinstance(value, str):
        return check_size(len(value))
    size = 0
    level: list[Any] = [value]
    for depth in range(_MOST_NESTED):
        below: list[Any] = []
        for part in level:
            if isinstance(part, str):
                size += len(part)
            elif isinstance(part, int):
                _check_bits(part.bit_length())
            elif isinstance(part, _CONTAINERS):
                size = check_size(size + _ITEM_CHARACTERS * len(part))
                below += part
                below += part.values() if isinstance(part, dict) else ()
            elif depth and isinstance(part, _OPAQUE):
                raise SecurityError("the chat template puts a namespace or a loop into a list")
        check_size(size)
        if not below:
            return size
        level = below
    raise SecurityError("the chat template nests lists too deep")


def check_product(left: Any, right: Any) -> None:
    """Make sure that `left * right` is not too large.

    Raises:
        SecurityError: It would be.
    """
    for sequence, times in ((left, right), (right, left)):
        if isinstance(times, int) and isinstance(sequence, str | list | tuple):
            check_size(size_of(sequence) * times)


def check_power(base: Any, exponent: Any) -> None:
    """Make sure that `base ** exponent` is not too large.

    Raises:
        SecurityError: It would be.
    """
    if isinstance(base, int) and isinstance(exponent, int):
        _check_bits(base.bit_length() * exponent)


def check_percent(pattern: Any, values: Any) -> None:
    """Make sure that `pattern % values` is not too large.

    Raises:
        SecurityError: It would be.
    """
    if isinstance(pattern, str):
        _check_pattern(pattern, pattern.count("%("), (values,))


def check_growth(name: str, value: Any, arguments: tuple[Any, ...]) -> None:
    """Make sure that a filter or a method of texts makes nothing too large of a value.

    Args:
        name: Of the filter or method.
        value: The text or list.
        arguments: All others, those with a keyword last.

    Raises:
        SecurityError: It would.
    """
    if name in _GROWTH:
        _GROWTH[name](value, arguments)


def sortable(name: str, value: Any) -> Any:
    """The input of a filter, as a list where the filter sorts or searches a whole iterator.

    Raises:
        SecurityError: It is too large for that.
    """
    if name in _SORTING:
        value = list(value) if isinstance(value, Iterator) else value
        check_size(size_of(value), _MOST_SORTED)
    return value


def check_join(separator: str, texts: Iterable[str]) -> None:
    """Make sure that texts are not too long together.

    Raises:
        SecurityError: They would be.
    """
    check_size(sum(len(separator) + len(text) for text in texts))


def _check_bits(bits: int) -> None:
    if bits > _MOST_BITS:
        raise SecurityError("the chat template uses too large a number")


def _check_pattern(pattern: str, repeated: int, values: tuple[Any, ...]) -> None:
    """Check a format whose values may each stand at so many places beside one."""
    if _WIDE_FORMAT.search(pattern):
        raise SecurityError(_TOO_MUCH)
    widths = sum(int(width) for width in _WIDTH.findall(pattern))
    filled = (1 + repeated) * sum(map(size_of, values))
    check_size(len(pattern) + widths + filled, 4 * MOST_CHARACTERS)


def _grow_by_format(value: Any, arguments: tuple[Any, ...]) -> None:
    text = str(value)
    _check_pattern(text, text.count("{") + text.count("%("), arguments)


def _grow_by_replacing(value: Any, arguments: tuple[Any, ...]) -> None:
    text = str(value)
    texts = [str(argument) for argument in arguments[:2]]  # in the order in which they were named
    places = max(map(text.count, texts))
    check_size(len(text) + places * max(map(len, texts)))


def _grow_by_padding(_value: Any, arguments: tuple[Any, ...]) -> None:
    check_size(_widest(arguments))


def _grow_by_line(value: Any, arguments: tuple[Any, ...]) -> None:
    text = str(value)
    places = 1 + text.count("\n") + text.count("\t")
    check_size(len(text) + places * _widest(arguments))


def _grow_by_parts(_value: Any, arguments: tuple[Any, ...]) -> None:
    check_size(_widest(arguments), _MOST_PARTS)


def _grow_by_places(_value: Any, arguments: tuple[Any, ...]) -> None:
    check_size(_widest(arguments), _MOST_PLACES)


def _widest(arguments: tuple[Any, ...]) -> int:
    """The largest number among arguments, a text's length being one."""
    lengths = [len(argument) for argument in arguments if isinstance(argument, str)]
    return max([*lengths, *(n for n in arguments if isinstance(n, int))], default=0)


_GROWTH: Final[dict[str, Callable[[Any, tuple[Any, ...]], None]]] = {
    "batch": _grow_by_parts,
    "center": _grow_by_padding,
    "expandtabs": _grow_by_line,
    "format": _grow_by_format,
    "format_map": _grow_by_format,
    "indent": _grow_by_line,
    "ljust": _grow_by_padding,
    "replace": _grow_by_replacing,
    "rjust": _grow_by_padding,
    "round": _grow_by_places,
    "slice": _grow_by_parts,
    "zfill": _grow_by_padding,
}
_SORTING: Final = frozenset(
    {"dictsort", "groupby", "max", "min", "sort", "title", "unique", "wordcount"}
)
"""Filters that are slow for every item or word."""
