"""Typesets LaTeX formulas as SVG, or says that it cannot.

It is the one place that knows ziamath, which is imported for the first formula only. It must not
know Qt.
"""

from __future__ import annotations

import math
import re
import warnings
from dataclasses import dataclass
from functools import lru_cache
from xml.etree import ElementTree as ET

MAX_LATEX_CHARACTERS = 2_000
"""Typesetting takes about 5 ms for each 30 characters; a longer formula is shown as source."""

MAX_NESTING = 6
"""Each level of nesting doubles the cost; what is nested deeper is shown as source."""
_OPENS_OR_CLOSES = re.compile(r"\\(?:left|right|begin|end)(?![A-Za-z])|\\.|[{}]", re.DOTALL)

_PARSER_ERRORS = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    RecursionError,
    TypeError,
    ValueError,
    ET.ParseError,
)
"""What the parsers raise on LaTeX they do not understand, besides their own classes."""


@dataclass(frozen=True, slots=True)
class Formula:
    """A typeset formula.

    Attributes:
        svg: The picture.
        width: Its width in pixels.
        ascent: Its height above the base line in whole pixels.
        depth: Its height below the base line in whole pixels.
    """

    svg: bytes
    width: int
    ascent: int
    depth: int


def _import_ziamath() -> None:
    """Import what typesetting needs, which takes 0.15 s once."""
    with warnings.catch_warnings():
        # ziamath 0.13 finds its font with importlib.resources.path, deprecated in Python 3.11 and
        # 3.12 only. To be removed when it uses files().
        warnings.simplefilter("ignore", DeprecationWarning)
        import ziamath  # noqa: F401 (imported for its effect)


@lru_cache(maxsize=1_000)
def typeset(latex: str, size: float, colour: str, *, display: bool) -> Formula | None:
    """Typeset a formula, or return None when it is not understood, too long or nested too deep.

    Args:
        latex: LaTeX without the surrounding marks.
        size: Font size in pixels.
        colour: Hex colour of the text.
        display: Whether it stands on its own line, with large operators.
    """
    if len(latex) > MAX_LATEX_CHARACTERS or _nesting(latex) > MAX_NESTING:
        return None
    _import_ziamath()
    from latex2mathml import exceptions
    from ziamath.config import config
    from ziamath.zmath import Latex

    # With SVG 2 the glyphs are drawn by reference in a way that QtSvg does not follow.
    config.svg2 = False
    cannot: tuple[type[Exception], ...] = (
        *(
            value
            for value in vars(exceptions).values()
            if isinstance(value, type) and issubclass(value, Exception)
        ),
        *_PARSER_ERRORS,
    )
    try:
        drawn = Latex(latex, size=size, color=colour, inline=not display)
        if "\\" in drawn.mathmlstr():  # an unknown command is passed through as text
            return None
        root = drawn.svgxml()
    except cannot:
        return None
    left, top, width, height = (float(number) for number in root.attrib["viewBox"].split())
    if not all(map(math.isfinite, (left, top, width, height))) or max(width, height) > 10_000:
        return None
    ascent, depth = max(1, math.ceil(-top)), max(0, math.ceil(height + top))
    columns = max(1, math.ceil(width))
    root.set("viewBox", f"{left} {-ascent} {columns} {ascent + depth}")
    root.set("width", str(columns))
    root.set("height", str(ascent + depth))
    return Formula(ET.tostring(root), columns, ascent, depth)


def _nesting(latex: str) -> int:
    """The most groups, brackets that grow and environments that stand in each other."""
    depth = deepest = 0
    for found in _OPENS_OR_CLOSES.finditer(latex):
        if found[0] in {"{", "\\left", "\\begin"}:
            depth += 1
        elif found[0] in {"}", "\\right", "\\end"}:
            depth -= 1
        deepest = max(deepest, depth)
    return deepest
