"""A text without spaces to wrap at, such as a path, on one line."""

from __future__ import annotations

from PySide6.QtWidgets import QLineEdit

from desktop_app.look.tips import plain_tip

_QT_MARGIN = 2
"""What every `QLineEdit` keeps beside its text; without it the text stands under other labels."""


class LongLine(QLineEdit):
    """A line that is cut at the page's edge and can be selected to its end.

    Args:
        text: What it says.
    """

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.setReadOnly(True)
        self.setFrame(False)
        self.setTextMargins(-_QT_MARGIN, 0, 0, 0)
        self.setProperty("plain", True)
        self.setToolTip(plain_tip(text))
        self.setCursorPosition(0)
