"""The versions of an answer side by side, so that models and budgets can be told apart at a glance.

It shows values and says which one a person wants; it must not know the chat.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)
from typing_extensions import override

from desktop_app.chat.compare_column import CompareColumn
from desktop_app.chat.versions import Version, best_of
from desktop_app.look.cut_line import CutLine
from desktop_app.look.growing_dialog import GrowingDialog
from desktop_app.look.theme import pixels, theme_changes

_SIZE = (1160, 720)
_NARROWEST = 248
"""Pixels of a column at normal text size; what has no room is scrolled to."""
_MOST_WIDE = 4
_GAP = 12


class CompareDialog(GrowingDialog):
    """Shows versions.

    Args:
        question: What all of them answer, plain text.
        versions: Oldest first; at least one.
        parent: The window.

    Attributes:
        use_requested: (message_id) This version is to be the shown one.
        message_id: One of the versions.
        columns: One for each version.
    """

    use_requested = Signal(str)

    def __init__(
        self, question: str, versions: Sequence[Version], parent: QWidget | None = None
    ) -> None:
        super().__init__(_SIZE, parent)
        self.setWindowTitle(self.tr("Compare versions"))
        self.message_id = versions[0].message_id
        self.columns: list[CompareColumn] = []
        asked = CutLine(" ".join(question.split()))
        asked.setProperty("heading", True)
        self._about = QLabel()
        self._about.setProperty("muted", True)
        self._row = QWidget()
        self._row.setObjectName("compareRow")
        self._side = QHBoxLayout(self._row)
        self._side.setContentsMargins(0, 0, 0, 0)
        self._side.setSpacing(_GAP)
        self._area = QScrollArea()
        self._area.setWidget(self._row)
        self._area.setWidgetResizable(True)
        self._area.setFrameShape(QFrame.Shape.NoFrame)
        self._area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._area.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._area.viewport().installEventFilter(self)
        self._close = QPushButton(self.tr("Close"))
        self._close.setDefault(True)
        self._close.clicked.connect(self.reject)
        foot = QHBoxLayout()
        foot.addWidget(self._about, 1)
        foot.addWidget(self._close)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 16, 20, 16)
        column.setSpacing(12)
        column.addWidget(asked)
        column.addWidget(self._area, 1)
        column.addLayout(foot)
        self.show_versions(versions)
        self._close.setFocus()
        shown = next((n for n, version in enumerate(versions) if version.shown), 0)
        # later: until then the columns have no places
        QTimer.singleShot(0, self, lambda: self._show_column(shown))
        theme_changes().changed.connect(self._fit)

    def show_versions(self, versions: Sequence[Version]) -> None:
        """Show these; what is read of those that stay is not moved."""
        while len(self.columns) < len(versions):
            self._add_column()
        best = best_of(versions)
        for column, version in zip(self.columns, versions, strict=True):
            column.show_version(version, len(versions), best)
        self._about.setText(self.tr("{count} versions, oldest first").format(count=len(versions)))
        self._fit()

    def _add_column(self) -> None:
        column = CompareColumn()
        column.use_requested.connect(self._on_used)
        self.columns.append(column)
        self._side.addWidget(column)

    def _show_column(self, number: int) -> None:
        self._area.ensureWidgetVisible(self.columns[number], _GAP, 0)

    def _on_used(self, message_id: str) -> None:
        self.accept()
        self.use_requested.emit(message_id)

    def _fit(self) -> None:
        """Let up to four columns share the width, none of them narrower than can be read."""
        beside = min(len(self.columns), _MOST_WIDE)
        if not beside:
            return
        room = self._area.viewport().width() - _GAP * (beside - 1)
        width = max(pixels(_NARROWEST), room // beside)
        for column in self.columns:
            column.setFixedWidth(width)

    @override
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Share the width anew when there is another one."""
        if watched is self._area.viewport() and event.type() == QEvent.Type.Resize:
            self._fit()
        return super().eventFilter(watched, event)
