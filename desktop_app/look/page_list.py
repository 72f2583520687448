"""Pages with their names in a list at the left: it has room for all of them in every text size."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QHBoxLayout,
    QListWidget,
    QSizePolicy,
    QStackedWidget,
    QWidget,
)
from typing_extensions import override


class PageList(QWidget):
    """Shows one of several pages; Ctrl+Tab and Ctrl+Page Down go on to the next.

    Args:
        name: What a screen reader calls the list.

    Attributes:
        turned: (place) Another page is shown.
    """

    turned = Signal(int)

    def __init__(self, name: str) -> None:
        super().__init__()
        self._names = _Names()
        self._names.setAccessibleName(name)
        self._pages = QStackedWidget()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(12)
        row.addWidget(self._names)
        row.addWidget(self._pages, 1)
        self._names.currentRowChanged.connect(self._on_row)
        for step, keys in ((1, ("Ctrl+Tab", "Ctrl+PgDown")), (-1, ("Ctrl+Shift+Tab", "Ctrl+PgUp"))):
            shortcut = QShortcut(self)
            shortcut.setKeys([QKeySequence(key) for key in keys])
            shortcut.setContext(Qt.ShortcutContext.WindowShortcut)
            shortcut.activated.connect(lambda step=step: self._step(step))

    def add(self, page: QWidget, name: str) -> None:
        """Add a page as the last one."""
        page.setAccessibleName(name)
        self._pages.addWidget(page)
        self._names.addItem(name)
        if self.place < 0:
            self.turn_to(0)

    @property
    def place(self) -> int:
        """Which page is shown; below 0 while there is none."""
        return self._names.currentRow()

    def turn_to(self, place: int) -> None:
        """Show another page."""
        self._names.setCurrentRow(place)

    def _on_row(self, place: int) -> None:
        self._pages.setCurrentIndex(place)
        self.turned.emit(place)

    def _step(self, step: int) -> None:
        self.turn_to((self.place + step) % self._names.count())


class _Names(QListWidget):
    """As wide as its longest entry."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("pageNames")
        self.ensurePolished()
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Expanding)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)

    @override
    def changeEvent(self, event: QEvent) -> None:
        """Measure the entries anew: they follow the text size."""
        super().changeEvent(event)
        if event.type() in {QEvent.Type.StyleChange, QEvent.Type.FontChange}:
            self.scheduleDelayedItemsLayout()
            self.updateGeometry()

    @override
    def sizeHint(self) -> QSize:
        frame = self.width() - self.viewport().width()
        return QSize(self.sizeHintForColumn(0) + frame, super().sizeHint().height())

    @override
    def minimumSizeHint(self) -> QSize:
        return QSize(self.sizeHint().width(), super().minimumSizeHint().height())
