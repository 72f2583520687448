"""What a sweep shows, in words: the first sentences, and all of them when asked for."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Final

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)
from typing_extensions import override

from desktop_app.look.steady_scroll import keep_bar_room

FIRST: Final = 3
_MOST_LINES: Final = 8
"""More are scrolled to: the curves below are what the sentences are about."""
_FEWEST_LINES: Final = 3
_APART: Final = 4
"""Pixels between two sentences."""


class Sentences(QWidget):
    """Shows sentences, the most telling first."""

    def __init__(self) -> None:
        super().__init__()
        self._sentences: tuple[str, ...] = ()
        self._text = QLabel()
        self._text.setWordWrap(True)
        self._text.setTextFormat(Qt.TextFormat.RichText)
        self._text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._more = QPushButton()
        self._more.setProperty("flat", True)
        self._more.setCheckable(True)
        self._more.toggled.connect(lambda _on: self._show())
        self._area = _TextArea(self._text)
        row = QHBoxLayout()
        row.addWidget(self._more)
        row.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addWidget(self._area)
        column.addLayout(row)
        self._show()

    def set_sentences(self, sentences: Sequence[str]) -> None:
        """Show other ones; whether all are shown stays."""
        self._sentences = tuple(sentences)
        self._show()

    def _show(self) -> None:
        everything = self._more.isChecked()
        count = len(self._sentences)
        shown = self._sentences if everything else self._sentences[:FIRST]
        self._text.setText("".join(map(_paragraph, shown)))
        self._area.updateGeometry()
        self._more.setVisible(count > FIRST)
        self._more.setText(
            self.tr("Show the first {count}").format(count=FIRST)
            if everything
            else self.tr("Show all {count} findings").format(count=count)
        )


def _paragraph(sentence: str) -> str:
    """Let a sentence that wraps stand apart from the next one."""
    written = escape(f"{sentence[:1].upper()}{sentence[1:]}", quote=False)
    return f'<p style="margin: 0 0 {_APART}px 0">{written}</p>'


class _TextArea(QScrollArea):
    """A wrapped text, as high as it is up to a limit, and lower where there is little room."""

    def __init__(self, text: QLabel) -> None:
        super().__init__()
        self._text = text
        text.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        self.setWidget(text)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        keep_bar_room(self)

    @override
    def sizeHint(self) -> QSize:
        return QSize(super().sizeHint().width(), self._lines(_MOST_LINES))

    @override
    def minimumSizeHint(self) -> QSize:
        return QSize(0, self._lines(_FEWEST_LINES))

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self.updateGeometry()

    def _lines(self, most: int) -> int:
        """The text's height, of so many lines at most."""
        whole = self._text.heightForWidth(self.viewport().width())
        return min(whole, most * self._text.fontMetrics().lineSpacing())
