"""The search as a tree of steps with scores; what was left behind is dim, its bar hollow.

A tree view over `StepModel`, as high as its rows up to a limit, so that the panel scrolls as one.
"""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QSize, Qt, Signal
from PySide6.QtWidgets import QAbstractItemView, QFrame, QHeaderView, QTreeView, QWidget
from typing_extensions import override

from desktop_app.look.theme import pixels, theme_changes
from desktop_app.thinking.live import DeliberationView
from desktop_app.thinking.step_model import SCORE, STEP, StepModel
from desktop_app.thinking.step_painter import StepPainter

_MOST_HEIGHT = 300
_INDENT = 12
_SCORE_WIDTH = 78


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
        self.setAllColumnsShowFocus(True)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.viewport().setAutoFillBackground(False)
        self._model = StepModel()
        self._painter = StepPainter(self._model, self)
        self._count = 0
        self.setModel(self._model)
        self.setItemDelegate(self._painter)
        header = self.header()
        header.setStretchLastSection(False)
        header.setMinimumSectionSize(pixels(20))
        header.setSectionResizeMode(STEP, QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(SCORE, QHeaderView.ResizeMode.Fixed)
        self.activated.connect(self._on_activated)
        self.clicked.connect(self._on_activated)
        self.expanded.connect(self.updateGeometry)
        self.collapsed.connect(self.updateGeometry)
        theme_changes().changed.connect(self._on_theme_changed)
        self._on_theme_changed()
        self.hide()

    @property
    def steps(self) -> StepModel:
        """What is shown."""
        return self._model

    def show_view(self, view: DeliberationView) -> None:
        """Show what is new; what the person folded stays folded."""
        self._painter.view = view
        grown = self._model.show_steps(view.steps, over=not view.running)
        if grown is None:
            self.expandAll()
        for index in grown or ():
            self.expand(index)
        self.setVisible(bool(view.steps))
        self.viewport().update()
        if grown is None or len(view.steps) != self._count:
            self._count = len(view.steps)
            self.updateGeometry()

    @override
    def sizeHint(self) -> QSize:
        one = max(1, self.sizeHintForRow(0))
        most = max(1, pixels(_MOST_HEIGHT) // one)
        return QSize(super().sizeHint().width(), self._rows(most) * one)

    @override
    def minimumSizeHint(self) -> QSize:
        return QSize(0, self.sizeHint().height())

    def _rows(self, most: int) -> int:
        """Unfolded rows, counted as far as there is height for them."""
        count, index = 0, self._model.index(0, STEP)
        while index.isValid() and count < most:
            count += 1
            index = self.indexBelow(index)
        return count

    def _on_activated(self, index: QModelIndex) -> None:
        candidate = self._model.step(index).candidate
        if candidate is not None:
            self.candidate_opened.emit(candidate)

    def _on_theme_changed(self) -> None:
        self.setIndentation(pixels(_INDENT))
        self.setColumnWidth(SCORE, pixels(_SCORE_WIDTH))
        self.updateGeometry()
        self.viewport().update()
