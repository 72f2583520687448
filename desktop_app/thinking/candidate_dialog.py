"""One candidate in full: its thought, its response, and what it took."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from desktop_app.thinking.cards import headline
from desktop_app.thinking.live import LiveCandidate


class CandidateDialog(QDialog):
    """Shows a candidate's text.

    Attributes:
        promote_requested: The candidate is to be used as the answer.
    """

    promote_requested = Signal()

    def __init__(self, candidate: LiveCandidate, stats: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Candidate #{0}").format(candidate.index + 1))
        self.resize(620, 520)
        title = QLabel(headline(candidate), self)
        title.setProperty("heading", True)
        title.setWordWrap(True)
        numbers = QLabel(stats, self)
        numbers.setProperty("muted", True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(20, 20, 20, 16)
        layout.setSpacing(8)
        layout.addWidget(title)
        layout.addWidget(numbers)
        if candidate.thought:
            layout.addWidget(QLabel(self.tr("Thought"), self))
            layout.addWidget(self._text(candidate.thought, self.tr("Thought")), 1)
            layout.addWidget(QLabel(self.tr("Response"), self))
        layout.addWidget(self._text(candidate.response, self.tr("Response")), 1)
        copy = QPushButton(self.tr("Copy"), self)
        copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(candidate.response))
        use = QPushButton(self.tr("Use this answer"), self)
        use.setEnabled(candidate.finished is not None and bool(candidate.response))
        use.clicked.connect(self._on_use)
        close = QPushButton(self.tr("Close"), self)
        close.setDefault(True)
        close.clicked.connect(self.accept)
        buttons = QHBoxLayout()
        buttons.addWidget(copy)
        buttons.addWidget(use)
        buttons.addStretch(1)
        buttons.addWidget(close)
        layout.addLayout(buttons)

    def _text(self, text: str, name: str) -> QPlainTextEdit:
        view = QPlainTextEdit(text, self)
        view.setReadOnly(True)
        view.setAccessibleName(name)
        return view

    def _on_use(self) -> None:
        self.promote_requested.emit()
        self.accept()
