"""A list of rows that are a title over a muted line, for models, repositories and files."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Generic, TypeVar

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QPersistentModelIndex,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QListView, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from desktop_app.look.tips import plain_tip
from desktop_app.look.two_lines import TwoLines, paint_two_lines, row_height

AnyIndex = QModelIndex | QPersistentModelIndex
T = TypeVar("T")


class Rows(QAbstractListModel):
    """Rows with what they stand for."""

    def __init__(self) -> None:
        super().__init__()
        self._rows: list[tuple[TwoLines, object]] = []

    def set_rows(self, rows: Sequence[tuple[TwoLines, object]]) -> None:
        """Replace all rows; where only texts changed, in place."""
        same = [value for _, value in rows] == [value for _, value in self._rows]
        if same:
            self._rows = list(rows)
            if rows:
                self.dataChanged.emit(self.index(0), self.index(len(rows) - 1))
            return
        self.beginResetModel()
        self._rows = list(rows)
        self.endResetModel()

    def rowCount(self, _parent: AnyIndex = QModelIndex()) -> int:  # noqa: N802, B008 - Qt's
        """How many there are."""
        return len(self._rows)

    def data(self, index: AnyIndex, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """What a screen reader says, and what the delegate draws."""
        if not index.isValid():
            return None
        lines, _ = self._rows[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return lines.title
        if role in {Qt.ItemDataRole.AccessibleTextRole, Qt.ItemDataRole.ToolTipRole}:
            said = ", ".join(filter(None, (lines.title, lines.about, lines.badge, lines.reason)))
            return plain_tip(said) if role == Qt.ItemDataRole.ToolTipRole else said
        return None

    @property
    def has_reasons(self) -> bool:
        """Whether a sentence stands below any of them: all rows are equally high."""
        return any(lines.reason for lines, _ in self._rows)

    def lines_at(self, index: AnyIndex) -> TwoLines:
        """What a row says."""
        return self._rows[index.row()][0]

    def value_at(self, index: AnyIndex) -> object:
        """What a row stands for."""
        return self._rows[index.row()][1]

    def find(self, value: object) -> QModelIndex:
        """The row that stands for this, or an invalid index."""
        for number, (_, known) in enumerate(self._rows):
            if known == value:
                return self.index(number)
        return QModelIndex()


class _RowDelegate(QStyledItemDelegate):
    def sizeHint(self, _option: QStyleOptionViewItem, index: AnyIndex) -> QSize:  # noqa: N802
        model = index.model()
        return QSize(0, row_height(reason=isinstance(model, Rows) and model.has_reasons))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: AnyIndex) -> None:
        model = index.model()
        if isinstance(model, Rows):
            painter.save()
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            paint_two_lines(painter, option.rect, option.state, option.font, model.lines_at(index))
            painter.restore()


class RowList(QListView, Generic[T]):
    """Shows rows and tells which one is chosen.

    Args:
        name: For screen readers.

    Attributes:
        chosen: The value of the row that is selected now, or None.
        opened: The value of a row that was double-clicked or entered.
    """

    chosen = Signal(object)
    opened = Signal(object)

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows = Rows()
        self.setModel(self._rows)
        self.setItemDelegate(_RowDelegate(self))
        self.setAccessibleName(name)
        self.setMouseTracking(True)
        self.setUniformItemSizes(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.selectionModel().currentChanged.connect(self._on_current_changed)
        self.activated.connect(lambda index: self.opened.emit(self._rows.value_at(index)))

    @property
    def value(self) -> T | None:
        """What the selected row stands for."""
        index = self.currentIndex()
        return self._rows.value_at(index) if index.isValid() else None  # type: ignore[return-value]

    def set_rows(self, rows: Sequence[tuple[TwoLines, T]]) -> None:
        """Show other rows; the selected value stays selected where it is still there."""
        before = self.value
        self._rows.set_rows(rows)
        kept = self._rows.find(before) if before is not None else QModelIndex()
        if not kept.isValid() and rows:
            kept = self._rows.index(0)
        if kept.isValid():
            self.setCurrentIndex(kept)
        else:
            self.chosen.emit(None)

    def select(self, value: T) -> None:
        """Select the row that stands for this, if there is one."""
        index = self._rows.find(value)
        if index.isValid():
            self.setCurrentIndex(index)

    def _on_current_changed(self, now: QModelIndex, _before: QModelIndex) -> None:
        self.chosen.emit(self._rows.value_at(now) if now.isValid() else None)
