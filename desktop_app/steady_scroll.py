"""Areas that scroll and whose content never moves aside for a scroll bar."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtWidgets import QAbstractScrollArea, QScrollBar
from typing_extensions import override

BAR_WIDTH = 12
"""Pixels, as in the style sheet."""


class _Blank(QObject):
    """Lets a scroll bar show nothing where there is nothing to scroll.

    A bar of another class would do, but item views do not listen to one that replaces their own.
    """

    @override
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        blank = isinstance(watched, QScrollBar) and watched.maximum() <= watched.minimum()
        return blank and event.type() == QEvent.Type.Paint


def keep_bar_room(area: QAbstractScrollArea) -> None:
    """Keep the room of the vertical scroll bar, so that its coming moves nothing."""
    area.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
    area.verticalScrollBar().installEventFilter(_Blank(area))
