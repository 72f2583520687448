"""What a sweep shows, in words: the first sentences, and all of them in a window of their own."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from math import ceil
from typing import Final

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QResizeEvent, QTextDocument
from PySide6.QtWidgets import (
    QDialogButtonBox,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QTextBrowser,
    QVBoxLayout,
    QWidget,
)
from typing_extensions import override

from desktop_app.look.growing_dialog import GrowingDialog

FIRST: Final = 3
_APART: Final = 4
"""Pixels between two sentences."""
_SIZE: Final = (620, 520)


class Sentences(QWidget):
    """Shows the most telling sentences, as many as there is room for, and a way to all."""

    def __init__(self) -> None:
        super().__init__()
        self._sentences: tuple[str, ...] = ()
        self._dialog: _AllSentences | None = None
        self.first = _FirstSentences()
        self.more = QPushButton()
        self.more.setProperty("flat", True)
        self.more.setStyleSheet("padding-left: 0;")  # its words stand below the sentences
        self.more.clicked.connect(lambda _checked=False: self._show_all())
        row = QHBoxLayout()
        row.addWidget(self.more)
        row.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addWidget(self.first)
        column.addLayout(row)
        self.set_sentences(())

    @property
    def dialog(self) -> QWidget | None:
        """The window with all sentences, once it was asked for."""
        return self._dialog

    def set_sentences(self, sentences: Sequence[str]) -> None:
        """Show other ones."""
        self._sentences = tuple(sentences)
        self.first.set_sentences(self._sentences[:FIRST])
        self.more.setVisible(len(self._sentences) > 1)
        self.more.setText(self.tr("All {count} findings…").format(count=len(self._sentences)))
        if self._dialog is not None:
            self._dialog.set_sentences(self._sentences)

    def _show_all(self) -> None:
        if self._dialog is None:
            self._dialog = _AllSentences(self)
            self._dialog.set_sentences(self._sentences)
        self._dialog.show()
        self._dialog.raise_()
        self._dialog.activateWindow()


class _FirstSentences(QLabel):
    """A few sentences, of which only whole ones are shown."""

    def __init__(self) -> None:
        super().__init__()
        self._sentences: tuple[str, ...] = ()
        self.shown = 0
        """How many there is room for."""
        self.setWordWrap(True)
        self.setTextFormat(Qt.TextFormat.RichText)
        self.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)

    def set_sentences(self, sentences: Sequence[str]) -> None:
        """Show other ones."""
        self._sentences = tuple(sentences)
        self.updateGeometry()
        self._fit()

    @override
    def hasHeightForWidth(self) -> bool:
        return False  # its height is asked for by the two below, whatever it shows now

    @override
    def sizeHint(self) -> QSize:
        return QSize(super().sizeHint().width(), self._height_of(len(self._sentences)))

    @override
    def minimumSizeHint(self) -> QSize:
        return QSize(0, self._height_of(min(1, len(self._sentences))))

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self.updateGeometry()
        self._fit()

    def _fit(self) -> None:
        """Show as many sentences as are whole in the present height; one in any case."""
        count = len(self._sentences)
        while count > 1 and self._height_of(count) > self.height():
            count -= 1
        self.shown = count
        text = _html(self._sentences[:count])
        if text != self.text():
            self.setText(text)

    def _height_of(self, count: int) -> int:
        """Pixels that so many sentences take at the present width."""
        if not count:
            return 0
        page = QTextDocument()
        page.setDefaultFont(self.font())
        page.setDocumentMargin(0)
        page.setHtml(_html(self._sentences[:count]))
        page.setTextWidth(max(1, self.width()))
        return ceil(page.size().height())


class _AllSentences(GrowingDialog):
    """Every sentence, to be read and copied."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(_SIZE, parent)
        self.setWindowTitle(self.tr("Findings"))
        self._text = QTextBrowser()
        self._text.setAccessibleName(self.tr("Findings"))
        self._text.setOpenLinks(False)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 20, 20, 16)
        column.setSpacing(12)
        column.addWidget(self._text, 1)
        column.addWidget(buttons)

    def set_sentences(self, sentences: Sequence[str]) -> None:
        """Show other ones; where it is read stays in sight."""
        bar = self._text.verticalScrollBar()
        place = bar.value()
        self._text.setHtml(_html(sentences))
        bar.setValue(place)


def _html(sentences: Sequence[str]) -> str:
    """Let a sentence that wraps stand apart from the next one."""
    written = (escape(f"{one[:1].upper()}{one[1:]}", quote=False) for one in sentences)
    return "".join(f'<p style="margin: 0 0 {_APART}px 0">{one}</p>' for one in written)
