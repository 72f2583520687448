"""One candidate in full: its thought, its response, and what it took; it grows while it is read."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QGuiApplication, QIcon, QTextCursor
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)
from typing_extensions import override

from desktop_app.look.theme import numeric_font, pixels, themed_icon
from desktop_app.rich_text.page import RichTextPage
from desktop_app.rich_text.without_marks import without_marks
from desktop_app.thinking.live import DeliberationView
from desktop_app.thinking.wording import candidate_figures


class CandidateDialog(QDialog):
    """Shows a candidate's text.

    Args:
        view: The deliberation it belongs to.
        index: Which candidate.
        parent: What it is opened from.

    Attributes:
        promote_requested: The candidate is to be used as the answer.
        prefer_requested: The candidate is to be preferred, or no longer.
    """

    promote_requested = Signal()
    prefer_requested = Signal()

    def __init__(self, view: DeliberationView, index: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._deliberation_id = view.deliberation_id
        self._index = index
        self._written: dict[QPlainTextEdit, str] = {}
        """What was given to each field, which turns some characters into others."""
        self.setWindowTitle(self.tr("Candidate #{0}").format(index + 1))
        self.resize(QSize(pixels(620), pixels(520)))
        self._title = QLabel(self)
        self._title.setProperty("heading", True)
        self._title.setTextFormat(Qt.TextFormat.PlainText)
        self._title.setWordWrap(True)
        self._figures = QLabel(self)
        self._figures.setProperty("muted", True)
        self._figures.setWordWrap(True)
        self._figures.setFont(numeric_font(self._figures.font()))
        self._thought_label = QLabel(self.tr("Thought"), self)
        self._thought = self._text(self.tr("Thought"))
        self._response_label = QLabel(self.tr("Response"), self)
        self._response = self._text(self.tr("Response"))
        self._page = self._build_page(view)
        self._copy = QPushButton(self.tr("Copy response"), self)
        self._copy.clicked.connect(self._on_copy)
        self._use = QPushButton(self.tr("Use this answer"), self)
        self._use.clicked.connect(self._on_use)
        self._prefer = PreferButton(self)
        self._prefer.clicked.connect(self.prefer_requested)
        close = QPushButton(self.tr("Close"), self)
        close.setDefault(True)
        close.clicked.connect(self.accept)
        buttons = QHBoxLayout()
        buttons.addWidget(self._copy)
        buttons.addWidget(self._use)
        buttons.addWidget(self._prefer)
        buttons.addStretch(1)
        buttons.addWidget(close)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(20, 20, 20, 16)
        layout.setSpacing(8)
        layout.addWidget(self._title)
        layout.addWidget(self._figures)
        layout.addSpacing(8)
        layout.addWidget(self._thought_label)
        layout.addWidget(self._thought, 1)
        layout.addWidget(self._response_label)
        layout.addWidget(self._page or self._response, 2)
        layout.addLayout(buttons)
        close.setFocus()
        self.refresh(view)

    def _build_page(self, view: DeliberationView) -> RichTextPage | None:
        """The response of a finished candidate, set as in an answer.

        What still grows stays plain, so that nothing moves while it is read.
        """
        candidate = view.candidates.get(self._index)
        if candidate is None or candidate.finished is None:
            return None
        page = RichTextPage(self)
        page.view.setAccessibleName(self.tr("Response"))
        return page

    def refresh(self, view: DeliberationView | None) -> None:
        """Show the candidate's present state; text that was there does not move.

        Args:
            view: What the panel shows now. While that is not this candidate's deliberation, what
                is read stays as it was, and nothing can be chosen.
        """
        if view is None or view.deliberation_id != self._deliberation_id:
            self._use.setEnabled(False)
            self._prefer.setEnabled(False)
            return
        candidate = view.candidates.get(self._index)
        if candidate is None:
            return
        done = candidate.finished is not None
        if candidate.answer is not None:
            title = self.tr("Answer: {0}").format(without_marks(candidate.answer))
        else:
            title = self.tr("No answer") if done else self.tr("Still thinking")
        self._title.setText(title)
        self._figures.setText(candidate_figures(view, candidate))
        for label, text, content in (
            (self._thought_label, self._thought, candidate.thought),
            (self._response_label, self._response, candidate.response),
        ):
            self._append(text, content)
            text.setVisible(bool(content) or text is self._response)
            label.setVisible(bool(candidate.thought))
        if self._page is not None:
            self._response.hide()
            self._page.view.set_markdown(candidate.response)
        self._copy.setEnabled(bool(candidate.response))
        another = done and bool(candidate.response) and view.chosen != self._index
        self._use.setEnabled(another and not (view.running or view.read_only))
        self._prefer.show_state(
            preferred=view.feedback.preferred == self._index, able=view.can_prefer(self._index)
        )

    def _text(self, name: str) -> QPlainTextEdit:
        view = QPlainTextEdit(self)
        view.setReadOnly(True)
        view.setTabChangesFocus(True)
        view.setAccessibleName(name)
        return view

    def _append(self, view: QPlainTextEdit, content: str) -> None:
        """Write what is new at the end, so that selection and scroll position stay."""
        written = self._written.get(view, "")
        if content == written:
            return
        self._written[view] = content
        if not content.startswith(written):
            view.setPlainText(content)
            return
        cursor = QTextCursor(view.document())
        cursor.movePosition(QTextCursor.MoveOperation.End)
        cursor.insertText(content[len(written) :])

    def _on_copy(self) -> None:
        QGuiApplication.clipboard().setText(self._written.get(self._response, ""))

    def _on_use(self) -> None:
        self.promote_requested.emit()
        self.accept()


class PreferButton(QPushButton):
    """Says that a candidate is preferred, with a star, or offers it.

    It is checked when the preference is recorded, not when it is pressed.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setCheckable(True)
        self.show_state(preferred=False, able=False)

    def show_state(self, *, preferred: bool, able: bool) -> None:
        """Show whether the candidate is preferred, and whether that can be changed."""
        self.setEnabled(able)
        self.setChecked(preferred)
        self.setText(self.tr("Preferred") if preferred else self.tr("Prefer this answer"))
        self.setIcon(themed_icon("star", "accent") if preferred else QIcon())
        self.setToolTip(
            self.tr("Press again to take it back")
            if preferred
            else self.tr("Remember that this is the best of the candidates")
        )

    @override
    def nextCheckState(self) -> None:
        """Stay as it is: `show_state` tells what is recorded."""
