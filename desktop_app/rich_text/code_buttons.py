"""The copy button on each code block of a rich text view."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer
from PySide6.QtGui import QGuiApplication, QTextBlock
from PySide6.QtWidgets import QTextEdit, QToolButton

from desktop_app.rich_text.formats import (
    CODE_GROUP,
    CODE_HEADER,
    Formats,
)

MAX_BUTTONS = 200
COPIED_MILLISECONDS = 1_500


class CodeButtons(QObject):
    """Places one button per code block.

    Args:
        view: The view whose document holds the code.
    """

    def __init__(self, view: QTextEdit) -> None:
        super().__init__(view)
        self._view = view
        self._buttons: list[QToolButton] = []
        self._starts: list[int] = []

    def place(self, starts: list[int], formats: Formats) -> None:
        """Move the buttons to where the code blocks are now.

        Args:
            starts: Positions of their first lines in the document.
            formats: Fonts and colours.
        """
        document = self._view.document()
        starts = starts[:MAX_BUTTONS]
        layout = document.documentLayout()
        while len(self._buttons) < len(starts):
            self._buttons.append(self._make_button(len(self._buttons)))
        right = int(document.textWidth()) - 6
        colour = formats.theme.muted
        style = (
            f"QToolButton {{ border: none; border-radius: 5px; padding: 2px 7px; color: {colour};"
            f" font-size: {max(9, round(formats.pixel_size * 0.86))}px; }}"
            f"QToolButton:hover, QToolButton:focus {{ color: {formats.theme.text};"
            f" background: {formats.theme.hairline}; }}"
        )
        for index, button in enumerate(self._buttons):
            if index >= len(starts):
                button.hide()
                continue
            block = document.findBlock(starts[index])
            if button.styleSheet() != style:
                button.setStyleSheet(style)
            top = layout.blockBoundingRect(block).top() - CODE_HEADER
            size = button.sizeHint()
            button.setGeometry(
                right - size.width(),
                round(top + (CODE_HEADER - size.height()) / 2) + 1,
                size.width(),
                size.height(),
            )
            button.show()
        self._starts = starts

    def _make_button(self, index: int) -> QToolButton:
        button = QToolButton(self._view.viewport())
        button.setText(self.tr("Copy"))
        button.setAccessibleName(self.tr("Copy this code"))
        button.clicked.connect(lambda: self._copy(index))
        return button

    def _copy(self, index: int) -> None:
        block = self._view.document().findBlock(self._starts[index])
        QGuiApplication.clipboard().setText(_code_of(block))
        button = self._buttons[index]
        button.setText(self.tr("Copied"))
        QTimer.singleShot(COPIED_MILLISECONDS, button, lambda: button.setText(self.tr("Copy")))


def _code_of(block: QTextBlock) -> str:
    group = block.blockFormat().intProperty(CODE_GROUP)
    lines: list[str] = []
    while block.isValid() and block.blockFormat().intProperty(CODE_GROUP) == group:
        lines.append(block.text())
        block = block.next()
    return "\n".join(lines)
