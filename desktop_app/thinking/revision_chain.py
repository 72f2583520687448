"""Revisions as a chain: each attempt with its answer, and what it changed."""

from __future__ import annotations

from PySide6.QtCore import (
    QAbstractListModel,
    QCoreApplication,
    QModelIndex,
    QPersistentModelIndex,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QFont
from PySide6.QtWidgets import QAbstractItemView, QFrame, QListView, QWidget
from typing_extensions import override

from desktop_app.theme import current_theme, pixels, theme_changes
from desktop_app.thinking.live import DeliberationView
from desktop_app.thinking.revision_lines import ChainLine, LineKind, chain_lines

_MOST_HEIGHT = 320
Index = QModelIndex | QPersistentModelIndex


def _tr(text: str, count: int = -1) -> str:
    return QCoreApplication.translate("RevisionChain", text, None, count)


class _ChainModel(QAbstractListModel):
    """The lines of all chains."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[ChainLine] = []

    def show_lines(self, lines: list[ChainLine]) -> None:
        """Show lines; those that are there already stay."""
        if lines == self.lines:
            return
        self.beginResetModel()
        self.lines = lines
        self.endResetModel()

    @override
    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self.lines)

    @override
    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        line = self.lines[index.row()]
        match role:
            case Qt.ItemDataRole.DisplayRole | Qt.ItemDataRole.ToolTipRole:
                return line_text(line)
            case Qt.ItemDataRole.AccessibleTextRole:
                return spoken(line)
            case Qt.ItemDataRole.ForegroundRole:
                return QColor(_colour(line.kind))
            case Qt.ItemDataRole.FontRole if line.kind is LineKind.ATTEMPT:
                font = QFont()
                font.setWeight(QFont.Weight.DemiBold)
                return font
        return None


def line_text(line: ChainLine) -> str:
    """A line as it is shown: marks, not colour alone, say what changed."""
    match line.kind:
        case LineKind.ATTEMPT:
            return _tr("#{0}  {1}").format(line.candidate + 1, line.text or _tr("no answer"))
        case LineKind.ADDED:
            return f"   +  {line.text}"
        case LineKind.REMOVED:
            return f"   \N{MINUS SIGN}  {line.text}"
        case LineKind.SAME if line.more:
            return "   … " + _tr("%n more changed lines", line.more)
        case _:
            return "   =  " + _tr("the same")


def spoken(line: ChainLine) -> str:
    """A line for a screen reader."""
    match line.kind:
        case LineKind.ADDED:
            return _tr("added: {0}").format(line.text)
        case LineKind.REMOVED:
            return _tr("removed: {0}").format(line.text)
        case _:
            return line_text(line).strip()


def _colour(kind: LineKind) -> str:
    theme = current_theme()
    return {
        LineKind.ATTEMPT: theme.text,
        LineKind.ADDED: theme.good,
        LineKind.REMOVED: theme.warning,
        LineKind.SAME: theme.muted,
    }[kind]


class RevisionChain(QListView):
    """Shows the chains of one deliberation.

    Attributes:
        candidate_opened: Index of the attempt that was chosen.
    """

    candidate_opened = Signal(int)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAccessibleName(self.tr("Revisions and what they changed"))
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setUniformItemSizes(True)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.viewport().setAutoFillBackground(False)
        self._model = _ChainModel()
        self.setModel(self._model)
        self.activated.connect(self._on_activated)
        self.clicked.connect(self._on_activated)
        theme_changes().changed.connect(self.viewport().update)
        self.hide()

    @property
    def lines(self) -> list[ChainLine]:
        """What is shown."""
        return self._model.lines

    def show_view(self, view: DeliberationView) -> None:
        """Show the chains of a deliberation that revises; nothing otherwise."""
        lines = chain_lines(view) if view.strategy == "revise" else []
        self._model.show_lines(lines)
        self.setVisible(bool(lines))
        self.updateGeometry()

    @override
    def sizeHint(self) -> QSize:
        one = max(1, self.sizeHintForRow(0))
        shown = min(len(self.lines), max(1, pixels(_MOST_HEIGHT) // one))
        return QSize(super().sizeHint().width(), shown * one)

    @override
    def minimumSizeHint(self) -> QSize:
        return QSize(0, self.sizeHint().height())

    def _on_activated(self, index: QModelIndex) -> None:
        self.candidate_opened.emit(self.lines[index.row()].candidate)
