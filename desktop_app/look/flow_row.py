"""A row of widgets that goes on in another row where it is too long."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QEvent, QRect, QSize
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget
from typing_extensions import override

_SPACING = 6


class FlowRow(QWidget):
    """Puts widgets side by side, and below each other as far as there is no room beside.

    Args:
        widgets: From left to right.
    """

    def __init__(self, widgets: Iterable[QWidget]) -> None:
        super().__init__()
        self._widgets = list(widgets)
        for widget in self._widgets:
            widget.setParent(self)
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    @override
    def heightForWidth(self, width: int) -> int:
        return max((place.bottom() + 1 for _, place in self._places(width)), default=0)

    @override
    def sizeHint(self) -> QSize:
        """All of them side by side."""
        sizes = [widget.sizeHint() for widget in self._shown]
        width = sum(size.width() for size in sizes) + _SPACING * max(0, len(sizes) - 1)
        return QSize(width, max((size.height() for size in sizes), default=0))

    @override
    def minimumSizeHint(self) -> QSize:
        """As wide as the widest."""
        width = max((widget.sizeHint().width() for widget in self._shown), default=0)
        return QSize(width, self.sizeHint().height())

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    @override
    def event(self, event: QEvent) -> bool:
        """One of them has come, gone, or another size."""
        if event.type() == QEvent.Type.LayoutRequest:
            self._arrange()
            self.updateGeometry()
        return super().event(event)

    @property
    def _shown(self) -> list[QWidget]:
        return [widget for widget in self._widgets if not widget.isHidden()]

    def _arrange(self) -> None:
        for widget, place in self._places(self.width()):
            widget.setGeometry(place)

    def _places(self, room: int) -> list[tuple[QWidget, QRect]]:
        """Where each widget stands in a row of this width."""
        places: list[tuple[QWidget, QRect]] = []
        x = y = height = 0
        for widget in self._shown:
            size = widget.sizeHint()
            if x > 0 and x + size.width() > room:
                x, y, height = 0, y + height + _SPACING, 0
            places.append((widget, QRect(x, y, min(size.width(), room), size.height())))
            x, height = x + size.width() + _SPACING, max(height, size.height())
        return places
