r"""What a piece of Markdown says in one plain line, for a button, a card's title or a bar's label.

It must not know Qt.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from markdown_it.token import Token

from desktop_app.rich_text.markdown import parse

_LONGEST: Final = 400
"""Characters of a text that are looked at; a line shows less."""
_SIGNS: Final = {
    "times": "×", "cdot": "·", "div": "÷", "pm": "±", "pi": "π", "infty": "∞", "approx": "≈",
    "le": "≤", "leq": "≤", "ge": "≥", "geq": "≥", "ne": "≠", "neq": "≠",
    "degree": "°", "left": "", "right": "",
}  # fmt: skip
_LINE_MARK: Final = re.compile(r"^\s*(?:#{1,6}\s+|`{3,}\w*\s*$)")
_ITEM_MARK: Final = re.compile(r"^\s*[-*+]\s+(?=[^\W\d])")
_CODE: Final = re.compile(r"(?<!`)`([^`\n]+)`(?!`)")
STRONG: Final = re.compile(r"(?<!\S)\*\*(?=\S)([^*\n]*[^*\s])\*\*(?=[\s.,;:!?)]|$)")
"""Words set in bold; two stars between numbers are a power."""
_COMMAND: Final = re.compile(r"\\([A-Za-z]+)( ?)")
_DEGREES: Final = re.compile(r"\^(?:\{\\circ\}|\\circ(?![A-Za-z]))")
_FRACTION: Final = re.compile(r"\\[dt]?frac\{([^{}]*)\}\{([^{}]*)\}")
_ROOT: Final = re.compile(r"\\sqrt\{([^{}]*)\}")
_WORDS: Final = re.compile(r"\\(?:text|mathrm|mathbf|mathit|operatorname)\{([^{}]*)\}")
_POWER: Final = re.compile(r"\^(?:\{([0-9+-]+)\}|([0-9]))")
_SPACE: Final = re.compile(r"\\[,;:! ]|~")
_RAISED: Final = str.maketrans("0123456789+-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻")


@lru_cache(maxsize=1024)
def without_marks(text: str) -> str:
    """Return what a text says, without the marks of Markdown and of simple formulas.

    A star between two letters multiplies. A formula that needs more than a line stays as it was
    written.
    """
    lines = [_LINE_MARK.sub("", line) for line in text[:_LONGEST].splitlines()]
    if len(lines) > 1:  # of one line alone it may be a sign: "- 5"
        lines = [_ITEM_MARK.sub("", line) for line in lines]
    words = STRONG.sub(r"\1", _CODE.sub(r"\1", " ".join(lines)))
    words = "".join(_said(parse(words, literal=True))) + text[_LONGEST:]
    return " ".join((words.strip() or text).split())


def _said(tokens: list[Token]) -> Iterator[str]:
    for token in tokens:
        if token.type == "inline":
            yield from _said(token.children or [])
            yield " "
        elif token.type in {"math_inline", "math_display"}:
            yield _formula(token.content)
        elif token.type in {"softbreak", "hardbreak"}:
            yield " "
        else:
            yield token.content


def _formula(latex: str) -> str:
    words = _FRACTION.sub(lambda found: f"{_part(found[1])}/{_part(found[2])}", latex)
    words = _ROOT.sub(lambda found: f"√{_part(found[1])}", words)
    words = _SPACE.sub(" ", _WORDS.sub(r"\1", words))
    words = _POWER.sub(lambda found: (found[1] or found[2]).translate(_RAISED), words)
    words = _COMMAND.sub(_sign, _DEGREES.sub("°", words))
    plain = not re.search(r"[\\{}^_]", words)
    return words if plain else latex


def _sign(found: re.Match[str]) -> str:
    """A command as its sign, with the space that stood behind it; an unknown one as it is."""
    sign = _SIGNS.get(found[1])
    if sign is None:
        return found[0]
    return sign + found[2] if sign else ""


def _part(text: str) -> str:
    """A numerator or denominator, in brackets where it is more than one thing."""
    return text if re.fullmatch(r"[\w.,]*", text) else f"({text})"
