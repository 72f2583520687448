"""A pyqtgraph plot in Ponder's colours: muted axes, hairlines, nothing that asks for attention."""

from __future__ import annotations

from typing import Any, Final

import pyqtgraph  # type: ignore[import-untyped]
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFont, QPen
from PySide6.QtWidgets import QApplication

from desktop_app.look.theme import current_theme, numeric_font, pixels
from engine.lab.series import Series, Stroke

AXIS_PIXELS: Final = 12
_TITLE_PIXELS: Final = 13
_DASHES: Final[dict[Stroke, list[float]]] = {
    Stroke.SOLID: [],
    Stroke.DASHED: [4, 2.5],
    Stroke.DOTTED: [1, 2],
    Stroke.DASH_DOT: [5, 2, 1, 2],
}
"""Lengths of pieces and gaps, in widths of the pen."""


def themed_plot(name: str) -> Any:
    """Return an empty plot that can be zoomed and moved with the mouse.

    Args:
        name: What a screen reader says.
    """
    plot = pyqtgraph.PlotWidget()
    plot.setAccessibleName(name)
    plot.setMenuEnabled(False)
    plot.hideButtons()
    plot.showGrid(x=False, y=True, alpha=0.6)
    return plot


def restyle(plot: Any, bottom: str, left: str, ground: str = "") -> None:
    """Give a plot the colours and sizes of now, its titles, and what is behind it.

    Args:
        plot: The plot.
        bottom: Under the horizontal axis.
        left: Beside the vertical one.
        ground: A colour; the window's where "".
    """
    theme = current_theme()
    plot.setBackground(ground or theme.window)
    for side, title in (("left", left), ("bottom", bottom)):
        axis = plot.getAxis(side)
        axis.setTextPen(theme.muted)
        axis.setPen(theme.hairline)
        axis.setTickFont(plot_font())
        axis.enableAutoSIPrefix(False)  # it would add a power of ten that our own ticks do not mean
        plot.setLabel(side, title, color=theme.muted, **{"font-size": f"{pixels(_TITLE_PIXELS)}px"})


def plot_font() -> QFont:
    """The font of numbers and words in a plot, as large as now."""
    font = numeric_font(QApplication.font())
    font.setPixelSize(pixels(AXIS_PIXELS))
    return font


def series_colour(number: int | None) -> QColor:
    """One of the series' colours, told apart by colour-blind eyes, or the grey."""
    theme = current_theme()
    return QColor(theme.none_group if number is None else theme.group(number))


def series_pen(series: Series) -> QPen:
    """The pen of a curve."""
    pen = QPen(series_colour(series.colour), 2)
    pen.setCosmetic(True)
    dashes = _DASHES[series.stroke]
    if dashes:
        pen.setCapStyle(Qt.PenCapStyle.FlatCap)
        pen.setDashPattern(dashes)
    return pen
