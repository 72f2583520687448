"""The steps of a search as a tree: a Qt model over the view, grown and never rebuilt while it runs.

It knows which steps were left behind: those that nothing goes on from, though a deeper level of
their subtree exists or the search is over. It must not know how a step looks.
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
from typing_extensions import override

from desktop_app.look.tips import plain_tip
from desktop_app.words.quantities import NOT_AVAILABLE, format_number
from engine.step import Step

STEP, SCORE = 0, 1
Index = QModelIndex | QPersistentModelIndex


def _tr(text: str) -> str:
    return QCoreApplication.translate("SearchTree", text)


class StepModel(QAbstractItemModel):
    """Column 0 is the step's text, column 1 its score."""

    def __init__(self) -> None:
        super().__init__()
        self._shown: list[Step] = []
        self._steps: dict[int, Step] = {}
        self._children: defaultdict[int | None, list[int]] = defaultdict(list)
        self._row: dict[int, int] = {}
        self._deepest: dict[int, int] = {}
        self._over = False

    def show_steps(self, steps: list[Step], *, over: bool = False) -> list[QModelIndex] | None:
        """Show steps; if they continue those that are shown, only the new ones are added.

        Args:
            steps: Finished steps, each after its parent.
            over: Whether no step will follow.

        Returns:
            The steps that have got their first continuation, or None if the tree is a new one.
        """
        self._over = over
        if steps[: len(self._shown)] != self._shown:
            self.beginResetModel()
            self._shown = []
            for known in (self._steps, self._children, self._row, self._deepest):
                known.clear()
            for step in steps:
                self._take(step)
            self.endResetModel()
            return None
        parents = []
        for step in steps[len(self._shown) :]:
            parent = self._parent_of(step)
            row = len(self._children[parent])
            self.beginInsertRows(self.index_of(parent), row, row)
            self._take(step)
            self.endInsertRows()
            if row == 0 and parent is not None:
                parents.append(self.index_of(parent))
        return parents

    def _take(self, step: Step) -> None:
        siblings = self._children[self._parent_of(step)]
        self._row[step.index] = len(siblings)
        siblings.append(step.index)
        self._steps[step.index] = step
        self._shown.append(step)
        self._deepest[step.branch] = max(self._deepest.get(step.branch, 0), step.depth)

    def _parent_of(self, step: Step) -> int | None:
        """The step before it; one whose parent was never recorded stands at the top."""
        return step.parent if step.parent in self._steps else None

    def _below(self, parent: Index | None) -> list[int]:
        """Steps under an index; only the first column has any."""
        if parent is None or not parent.isValid():
            return self._children.get(None, [])
        return [] if parent.column() else self._children.get(int(parent.internalId()), [])

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
        return self._over or step.depth < self._deepest[step.branch]

    @override
    def index(self, row: int, column: int, parent: Index | None = None) -> QModelIndex:
        children = self._below(parent)
        if not (0 <= row < len(children) and 0 <= column <= SCORE):
            return QModelIndex()
        return self.createIndex(row, column, children[row])

    @override
    def parent(self, index: Index) -> QModelIndex:  # type: ignore[override]  # Qt has two of them
        if not index.isValid():
            return QModelIndex()
        return self.index_of(self._parent_of(self.step(index)))

    @override
    def rowCount(self, parent: Index | None = None) -> int:
        return len(self._below(parent))

    @override
    def columnCount(self, parent: Index | None = None) -> int:
        return 2

    @override
    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        step = self.step(index)
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return score_text(step) if index.column() == SCORE else _line(step)
            case Qt.ItemDataRole.ToolTipRole:
                return plain_tip(self._described(step))
            case Qt.ItemDataRole.AccessibleTextRole:
                return self._described(step)
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
    return "" if step.score is None else format_number(step.score, 2)


def _line(step: Step) -> str:
    text = " ".join(step.text.split()) or "…"
    return f"#{step.candidate + 1}  {text}" if step.candidate is not None else text
