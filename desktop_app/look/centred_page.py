"""A page with little on it: a heading, some words, perhaps what to do next."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QScrollArea, QVBoxLayout, QWidget

from desktop_app.look.theme import current_theme, pixels, theme_changes

_COLUMN_WIDTH: Final = 560


class CentredPage(QScrollArea):
    """A centred column of texts and buttons that scrolls when there is little room."""

    def __init__(self) -> None:
        super().__init__()
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        body = QWidget()
        self._column_widget = QWidget()
        self._column_widget.setMaximumWidth(_COLUMN_WIDTH)
        self.column = QVBoxLayout(self._column_widget)
        self.column.setContentsMargins(24, 24, 24, 24)
        self.column.setSpacing(12)
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(self._column_widget, 8)
        row.addStretch(1)
        outer = QVBoxLayout(body)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addStretch(2)
        outer.addLayout(row)
        outer.addStretch(3)
        self.setWidget(body)
        self._title = self.add_text("")
        theme_changes().changed.connect(self._restyle)
        self._restyle()

    def set_title(self, text: str) -> None:
        """Set the page's heading."""
        self._title.setText(text)
        self.setAccessibleName(text)

    def add_text(self, text: str, *, muted: bool = False) -> QLabel:
        """Add a paragraph."""
        label = QLabel(text)
        label.setWordWrap(True)
        label.setProperty("muted", muted)
        label.setTextInteractionFlags(Qt.TextInteractionFlag.NoTextInteraction)
        self.column.addWidget(label)
        return label

    def _restyle(self) -> None:
        self._title.setStyleSheet(f"font-size: {pixels(22)}px; font-weight: 600;")
        self.setStyleSheet(
            f"QScrollArea, QScrollArea > QWidget > QWidget {{ background: {current_theme().window};"
            " border: none; }"
        )
