"""Attempts that build on others: each with its answer, and what it changed or was made from.

A list view, so that keyboard and screen readers work; signs, underlines and strokes say what
changed, colour only repeats it.
"""

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
from PySide6.QtWidgets import QAbstractItemView, QFrame, QListView, QWidget
from typing_extensions import override

from desktop_app.look.theme import pixels, theme_changes
from desktop_app.look.tips import plain_tip
from desktop_app.thinking.live import DeliberationView
from desktop_app.thinking.revision_lines import ChainLine, LineKind, built_lines
from desktop_app.thinking.revision_painter import RevisionPainter

_MOST_HEIGHT = 320
LINE_ROLE = Qt.ItemDataRole.UserRole
Index = QModelIndex | QPersistentModelIndex


def _tr(text: str, count: int = -1) -> str:
    return QCoreApplication.translate("RevisionChain", text, None, count)


class _ChainModel(QAbstractListModel):
    """The lines of all chains or rounds."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[ChainLine] = []

    def show_lines(self, lines: list[ChainLine]) -> None:
        """Show lines; those that are there already stay where the person reads them."""
        old, least = self.lines, min(len(self.lines), len(lines))
        same = next((n for n in range(least) if old[n] != lines[n]), least)
        tail = next((n for n in range(least - same) if old[-1 - n] != lines[-1 - n]), least - same)
        gone, come = len(old) - same - tail, len(lines) - same - tail
        if gone:
            self.beginRemoveRows(QModelIndex(), same, same + gone - 1)
            self.lines = old[:same] + old[same + gone :]
            self.endRemoveRows()
        if come:
            self.beginInsertRows(QModelIndex(), same, same + come - 1)
            self.lines = lines
            self.endInsertRows()

    @override
    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self.lines)

    @override
    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not 0 <= index.row() < len(self.lines):
            return None
        line = self.lines[index.row()]
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return line_text(line)
            case Qt.ItemDataRole.ToolTipRole:
                return plain_tip(spoken(line))
            case Qt.ItemDataRole.AccessibleTextRole:
                return spoken(line)
        return line if role == LINE_ROLE else None


def line_text(line: ChainLine) -> str:
    """A line as it is shown, without the sign before a changed one."""
    match line.kind:
        case LineKind.HEADING:
            return _heading(line)
        case LineKind.ATTEMPT:
            return _attempt(line)
        case LineKind.SAME:
            return _same(line)
        case _:
            return line.text


def _heading(line: ChainLine) -> str:
    if line.round is not None:
        return _tr("Round {0}").format(line.round + 1)
    return " → ".join(text or _tr("no answer") for text in line.answers)


def _attempt(line: ChainLine) -> str:
    text = _tr("#{0}  {1}").format(line.candidate + 1, line.text or _tr("no answer"))
    if not line.made_from:
        return text
    sources = ", ".join(f"#{index + 1}" for index in line.made_from)
    return _tr("{0}  from {1}").format(text, sources)


def _same(line: ChainLine) -> str:
    if not line.more:
        return _tr("nothing changed")
    one = line.more == 1
    return _tr("1 more changed line") if one else _tr("%n more changed lines", line.more)


def spoken(line: ChainLine) -> str:
    """A line for a screen reader, and whole in its tooltip."""
    text = line_text(line)
    match line.kind:
        case LineKind.ADDED:
            return _tr("added: {0}").format(text)
        case LineKind.REMOVED:
            return _tr("removed: {0}").format(text)
        case LineKind.HEADING if line.round is None:
            return _tr("chain: {0}").format(text)
        case _:
            return text


class RevisionChain(QListView):
    """Shows the chains or rounds of one deliberation.

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
        self._shown: tuple[object, ...] = ()
        self.setModel(self._model)
        self.setItemDelegate(RevisionPainter(LINE_ROLE, self))
        self.activated.connect(self._on_activated)
        self.clicked.connect(self._on_activated)
        theme_changes().changed.connect(self.viewport().update)
        self.hide()

    @property
    def lines(self) -> list[ChainLine]:
        """What is shown."""
        return self._model.lines

    def show_view(self, view: DeliberationView) -> None:
        """Show what was built on what; nothing where attempts stand alone."""
        ended = sum(1 for candidate in view.candidates.values() if candidate.finished is not None)
        state = (view.deliberation_id, view.way, ended)
        if state == self._shown:
            return
        self._shown = state
        self._model.show_lines(built_lines(view))
        self.setVisible(bool(self.lines))
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
