"""A dialog that grows with its text, as far as the screen goes."""

from __future__ import annotations

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QDialog, QWidget

from desktop_app.look.theme import pixels, theme_changes, zoom

_SCREEN_SHARE = 0.94
"""What a dialog may take of the screen, so that its frame is on it too."""


class GrowingDialog(QDialog):
    """Has its size at the present text size, and another one when that changes.

    What a person made of the size is kept in proportion.

    Args:
        size: (width, height) at normal text size, pixels.
        parent: The window.
    """

    def __init__(self, size: tuple[int, int], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._sized_for = zoom()
        self._resize_on_screen(QSize(*(pixels(length) for length in size)))
        theme_changes().changed.connect(self._on_text_size)

    def _resize_on_screen(self, wanted: QSize) -> None:
        screen = self.screen().availableGeometry().size()
        self.resize(wanted.boundedTo(screen * _SCREEN_SHARE))

    def _on_text_size(self) -> None:
        before, self._sized_for = self._sized_for, zoom()
        if self._sized_for != before:
            self._resize_on_screen(self.size() * (self._sized_for / before))
