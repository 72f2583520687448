"""Areas that scroll and whose content never moves aside for a scroll bar."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QSize, Qt
from PySide6.QtWidgets import QAbstractScrollArea, QFrame, QScrollArea, QScrollBar, QWidget
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


class SteadyPage(QScrollArea):
    """A page that scrolls up and down only: it is never narrower than what is on it.

    Args:
        page: What is on it.
    """

    def __init__(self, page: QWidget) -> None:
        super().__init__()
        self.setWidget(page)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        keep_bar_room(self)
        page.installEventFilter(self)

    @override
    def minimumSizeHint(self) -> QSize:
        page = self.widget()
        width = page.minimumSizeHint().width() if page is not None else 0
        return QSize(width + BAR_WIDTH, super().minimumSizeHint().height())

    @override
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """What is on the page may have become wider, by larger text for one."""
        if event.type() == QEvent.Type.LayoutRequest and watched is self.widget():
            self.updateGeometry()
        return super().eventFilter(watched, event)
