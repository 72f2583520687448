"""The steps of a search as a tree: a Qt model over the view, grown and never rebuilt while it runs.

It knows which steps were left behind: those that nothing goes on from, though a deeper level of
their subtree exists.
"""

from __future__ import annotations

from collections import defaultdict

from PySide6.QtCore import (
    QAbstractItemModel,
    QCoreApplication,
    QModelIndex,
    QPersistentModelIndex,
    Qt,
)
from PySide6.QtGui import QColor
from typing_extensions import override

from desktop_app.quantities import NOT_AVAILABLE
from desktop_app.theme import current_theme
from engine.step import Step

STEP, SCORE = 0, 1
Index = QModelIndex | QPersistentModelIndex


def _tr(text: str) -> str:
    return QCoreApplication.translate("SearchTree", text)


class StepModel(QAbstractItemModel):
    """Column 0 is the step's text, column 1 its score."""

    def __init__(self) -> None:
        super().__init__()
        self._steps: list[Step] = []
        self._children: defaultdict[int | None, list[int]] = defaultdict(list)
        self._row: list[int] = []
        self._deepest: dict[int, int] = {}

    def show_steps(self, steps: list[Step]) -> None:
        """Show steps; if they continue those that are shown, only the new ones are added."""
        if steps[: len(self._steps)] != self._steps:
            self.beginResetModel()
            self._steps, self._row, self._deepest = [], [], {}
            self._children.clear()
            self.endResetModel()
        if len(steps) == len(self._steps):
            return
        for step in steps[len(self._steps) :]:
            siblings = self._children[step.parent]
            self.beginInsertRows(self.index_of(step.parent), len(siblings), len(siblings))
            self._row.append(len(siblings))
            siblings.append(step.index)
            self._steps.append(step)
            self._deepest[step.branch] = max(self._deepest.get(step.branch, 0), step.depth)
            self.endInsertRows()

    def restyle(self) -> None:
        """Colours have changed."""
        if self._steps:
            self.dataChanged.emit(self.index(0, 0), self.index(self.rowCount() - 1, SCORE))

    def step(self, index: Index) -> Step:
        """The step of an index."""
        return self._steps[int(index.internalId())]

    def index_of(self, step: int | None) -> QModelIndex:
        """Where a step stands."""
        return QModelIndex() if step is None else self.createIndex(self._row[step], 0, step)

    def left_behind(self, step: Step) -> bool:
        """Whether the search went on elsewhere."""
        if step.candidate is not None or self._children.get(step.index):
            return False
        return step.depth < self._deepest[step.branch]

    @override
    def index(self, row: int, column: int, parent: Index | None = None) -> QModelIndex:
        above = None if parent is None or not parent.isValid() else int(parent.internalId())
        children = self._children.get(above, [])
        if not 0 <= row < len(children):
            return QModelIndex()
        return self.createIndex(row, column, children[row])

    @override
    def parent(self, index: Index) -> QModelIndex:  # type: ignore[override]  # Qt has two of them
        return self.index_of(self.step(index).parent) if index.isValid() else QModelIndex()

    @override
    def rowCount(self, parent: Index | None = None) -> int:
        above = None if parent is None or not parent.isValid() else int(parent.internalId())
        return len(self._children.get(above, []))

    @override
    def columnCount(self, parent: Index | None = None) -> int:
        return 2

    @override
    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        step = self.step(index)
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return score_text(step) if index.column() == SCORE else _line(step)
            case Qt.ItemDataRole.ToolTipRole | Qt.ItemDataRole.AccessibleTextRole:
                return self._described(step)
            case Qt.ItemDataRole.ForegroundRole:
                theme = current_theme()
                return QColor(theme.muted if self.left_behind(step) else theme.text)
            case Qt.ItemDataRole.TextAlignmentRole if index.column() == SCORE:
                return int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        return None

    def _described(self, step: Step) -> str:
        """Everything about a step, as plain lines."""
        lines = [step.text.strip() or _tr("an empty step")]
        score = score_text(step)
        lines.append(_tr("score {0}").format(score or NOT_AVAILABLE))
        if step.candidate is not None:
            lines.append(_tr("completes #{0}").format(step.candidate + 1))
        elif self.left_behind(step):
            lines.append(_tr("left behind"))
        return "\n".join(lines)


def score_text(step: Step) -> str:
    """A score as a person reads it, empty without one."""
    return "" if step.score is None else f"{step.score:.2f}"


def _line(step: Step) -> str:
    text = " ".join(step.text.split()) or "…"
    return f"#{step.candidate + 1}  {text}" if step.candidate is not None else text
