"""The search as a tree of steps with scores; what was left behind is dim.

A tree view over `StepModel`, as high as its rows up to a limit, so that the panel scrolls as one.
"""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QSize, Qt, Signal
from PySide6.QtWidgets import QAbstractItemView, QFrame, QHeaderView, QTreeView, QWidget
from typing_extensions import override

from desktop_app.theme import pixels, theme_changes
from desktop_app.thinking.live import DeliberationView
from desktop_app.thinking.step_model import SCORE, STEP, StepModel

_MOST_HEIGHT = 280
_EXPANDED_STEPS = 400
"""More steps than this are shown folded."""


class SearchTree(QTreeView):
    """Shows the steps of one deliberation.

    Attributes:
        candidate_opened: Index of the candidate whose last step was chosen.
    """

    candidate_opened = Signal(int)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAccessibleName(self.tr("Steps of the search"))
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHeaderHidden(True)
        self.setUniformRowHeights(True)
        self.setIndentation(pixels(12))
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.viewport().setAutoFillBackground(False)
        self._model = StepModel()
        self.setModel(self._model)
        header = self.header()
        header.setStretchLastSection(False)
        header.setSectionResizeMode(STEP, QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(SCORE, QHeaderView.ResizeMode.Fixed)
        header.setMinimumSectionSize(pixels(20))
        self.setColumnWidth(SCORE, pixels(44))
        self.activated.connect(self._on_activated)
        self.clicked.connect(self._on_activated)
        theme_changes().changed.connect(self._model.restyle)
        self.hide()

    @property
    def steps(self) -> StepModel:
        """What is shown."""
        return self._model

    def show_view(self, view: DeliberationView) -> None:
        """Show what is new; nothing moves under the person's hand."""
        before = self._model.rowCount()
        self._model.show_steps(view.steps)
        self.setVisible(bool(view.steps))
        if len(view.steps) <= _EXPANDED_STEPS:
            self.expandAll()
        if before != self._model.rowCount() or view.steps:
            self.updateGeometry()

    @override
    def sizeHint(self) -> QSize:
        rows = self._rows(QModelIndex())
        one = max(1, self.sizeHintForRow(0))
        shown = min(rows, max(1, pixels(_MOST_HEIGHT) // one))
        return QSize(super().sizeHint().width(), shown * one)

    @override
    def minimumSizeHint(self) -> QSize:
        return QSize(0, self.sizeHint().height())

    def _rows(self, parent: QModelIndex) -> int:
        """Rows that can be seen by scrolling; stops counting where the height ends."""
        count = 0
        open_parents = [parent]
        while open_parents and count < 1000:
            above = open_parents.pop()
            rows = self._model.rowCount(above)
            count += rows
            for row in range(rows):
                child = self._model.index(row, STEP, above)
                if self.isExpanded(child):
                    open_parents.append(child)
        return count

    def _on_activated(self, index: QModelIndex) -> None:
        candidate = self._model.step(index).candidate
        if candidate is not None:
            self.candidate_opened.emit(candidate)
