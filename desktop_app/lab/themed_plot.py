"""A pyqtgraph plot in Ponder's colours: muted axes, hairlines, nothing that asks for attention."""

from __future__ import annotations

from typing import Any, Final

import pyqtgraph  # type: ignore[import-untyped]
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPen

from desktop_app.theme import current_theme

_LIGHT: Final = ("#3257D3", "#C77B1E", "#00785A", "#A8468A", "#5B7083", "#8A6D00", "#8A8F98")
_DARK: Final = ("#7F9CF5", "#E0A458", "#4DC3A0", "#DE92C4", "#A9BCCB", "#D8BE5A", "#7C828B")
_DASHES: Final = (
    Qt.PenStyle.SolidLine,
    Qt.PenStyle.DashLine,
    Qt.PenStyle.DotLine,
    Qt.PenStyle.DashDotLine,
)


def themed_plot(name: str) -> Any:
    """Return an empty plot that can be zoomed and moved with the mouse.

    Args:
        name: What a screen reader says.
    """
    plot = pyqtgraph.PlotWidget()
    plot.setAccessibleName(name)
    plot.setMenuEnabled(False)
    plot.hideButtons()
    plot.showGrid(x=False, y=True, alpha=0.15)
    return plot


def restyle(plot: Any, bottom: str, left: str, ground: str = "") -> None:
    """Give a plot the colours of now, its titles, and what is behind it, the window's where ""."""
    theme = current_theme()
    plot.setBackground(ground or theme.window)
    for side, title in (("left", left), ("bottom", bottom)):
        axis = plot.getAxis(side)
        axis.setTextPen(theme.muted)
        axis.setPen(theme.hairline)
        axis.enableAutoSIPrefix(False)  # it would add a power of ten that our own ticks do not mean
        plot.setLabel(side, title, color=theme.muted)


def series_colour(number: int) -> QColor:
    """The colour of the n-th line, told apart by colour-blind eyes."""
    return QColor((_DARK if current_theme().dark else _LIGHT)[number % len(_LIGHT)])


def series_pen(number: int, *, dashed: bool = False) -> QPen:
    """The pen of the n-th line; after the last colour the dashes differ."""
    dash = Qt.PenStyle.DashLine if dashed else _DASHES[number // len(_LIGHT) % len(_DASHES)]
    pen = QPen(series_colour(number), 2, dash)
    pen.setCosmetic(True)
    return pen
