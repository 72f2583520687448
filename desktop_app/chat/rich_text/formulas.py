"""Typesets LaTeX formulas as SVG, or says that it cannot.

It is the one place that knows ziamath, which is imported for the first formula only. It must not
know Qt.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from xml.etree import ElementTree as ET

MAX_LATEX_CHARACTERS = 2_000
"""Typesetting takes about 5 ms for each 30 characters; a longer formula is shown as source."""


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


@lru_cache(maxsize=1_000)
def typeset(latex: str, size: float, colour: str, *, display: bool) -> Formula | None:
    """Typeset a formula, or return None when it cannot be understood or is too long.

    Args:
        latex: LaTeX without the surrounding marks.
        size: Font size in pixels.
        colour: Hex colour of the text.
        display: Whether it stands on its own line, with large operators.
    """
    if len(latex) > MAX_LATEX_CHARACTERS:
        return None
    import ziamath
    from latex2mathml import exceptions

    # With SVG 2 the glyphs are drawn by reference in a way that QtSvg does not follow.
    ziamath.config.svg2 = False
    foreign_errors = tuple(value for value in vars(exceptions).values() if isinstance(value, type))
    try:
        drawn = ziamath.Latex(latex, size=size, color=colour, inline=not display)
        if "\\" in drawn.mathmlstr():  # an unknown command is passed through as text
            return None
        root = drawn.svgxml()
    except (
        *foreign_errors,
        ArithmeticError,
        AssertionError,
        AttributeError,
        LookupError,
        RecursionError,
        TypeError,
        ValueError,
        ET.ParseError,
    ):
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
