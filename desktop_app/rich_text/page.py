"""A page of rich text that scrolls, for a dialog."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtWidgets import QScrollArea, QWidget

from desktop_app.rich_text.view import RichTextView


class RichTextPage(QScrollArea):
    """Shows Markdown over its whole width, and scrolls what is too long.

    Attributes:
        view: The text.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.view = RichTextView()
        self.setWidget(self.view)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.viewport().setAutoFillBackground(False)
        self.viewport().installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        """Lay the text out anew in another width."""
        if watched is self.viewport() and event.type() == QEvent.Type.Resize:
            self.view.set_width(self.viewport().width())
        return super().eventFilter(watched, event)
