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
    "le": "≤", "leq": "≤", "ge": "≥", "geq": "≥", "ne": "≠", "neq": "≠", "circ": "°",
    "degree": "°", "left": "", "right": "",
}  # fmt: skip
_LINE_MARK: Final = re.compile(r"^\s*(?:#{1,6}\s+|[-*+]\s+|>\s*|`{3,}\w*\s*$)")
_CODE: Final = re.compile(r"(?<!`)`([^`\n]+)`(?!`)")
_STRONG: Final = re.compile(r"(?<![\w*])\*\*(?=[^\s*])([^*]*[^\s*])\*\*(?![\w*])")
_COMMAND: Final = re.compile(r"\\([A-Za-z]+) ?")
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
    lines = (_LINE_MARK.sub("", line) for line in text[:_LONGEST].splitlines())
    words = _STRONG.sub(r"\1", _CODE.sub(r"\1", " ".join(lines)))
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
    words = _COMMAND.sub(lambda found: _SIGNS.get(found[1], found[0]), words)
    plain = not re.search(r"[\\{}^_]", words)
    return words if plain else latex


def _part(text: str) -> str:
    """A numerator or denominator, in brackets where it is more than one thing."""
    return text if re.fullmatch(r"[\w.,]*", text) else f"({text})"
