"""Scrolling that moves nothing aside: a bar's place is kept, a bar is seen where it is needed."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractScrollArea

STEADY_STYLE: Final = "QScrollBar::handle:disabled { background: transparent; }"
"""Belongs into the style sheet of a window with steady bars."""


def keep_bars_place(area: QAbstractScrollArea) -> None:
    """Keep the place of an area's vertical bar, also while there is nothing to scroll."""
    bar = area.verticalScrollBar()
    area.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
    bar.rangeChanged.connect(lambda low, high: bar.setEnabled(high > low))
    bar.setEnabled(bar.maximum() > bar.minimum())
