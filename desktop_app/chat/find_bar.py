"""The small bar above the transcript in which a text of the conversation is looked for."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QLineEdit, QToolButton, QWidget

from desktop_app.look.theme import current_theme, pixels, theme_changes, themed_icon
from desktop_app.window.shortcuts import keep_escape

_FIELD_WIDTH = 200
_COUNT_WIDTH = 120
_ICON = 14


class FindBar(QFrame):
    """A field, what was found, and buttons to go on.

    Args:
        parent: The transcript.

    Attributes:
        sought: Another text is looked for.
        step_requested: (+1 or -1) The next or the previous place.
        closed: The person is done.
    """

    sought = Signal(str)
    step_requested = Signal(int)
    closed = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("findBar")
        self.field = QLineEdit(self)
        self.field.setAccessibleName(self.tr("Find in this conversation"))
        self.field.setPlaceholderText(self.tr("Find in this conversation"))
        self.field.textChanged.connect(self.sought)
        self.found = QLabel(self)
        self.found.setProperty("muted", True)
        self.found.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._buttons = {
            "chevron-up": self._button(self.tr("Previous place"), self.tr("Shift+Enter")),
            "chevron-down": self._button(self.tr("Next place"), self.tr("Enter")),
            "close": self._button(self.tr("Close"), self.tr("Escape")),
        }
        up, down, close = self._buttons.values()
        up.clicked.connect(lambda: self.step_requested.emit(-1))
        down.clicked.connect(lambda: self.step_requested.emit(1))
        close.clicked.connect(self.closed)
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 6, 6, 6)
        row.setSpacing(4)
        for widget in (self.field, self.found, up, down, close):
            row.addWidget(widget)
        theme_changes().changed.connect(self._restyle)
        self._restyle()
        self.hide()

    def open(self) -> None:
        """Show it, the text of last time selected."""
        self.show()
        self.field.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.field.selectAll()

    def say(self, place: int, places: int) -> None:
        """Show at which of the messages that have the text the view is.

        Args:
            place: From 1; 0 where there is none.
            places: How many messages have it.
        """
        if not self.field.text():
            said = ""
        elif not places:
            said = self.tr("not found")
        else:
            said = self.tr("message {0} of {1}").format(place, places)
        self.found.setText(said)
        for icon in ("chevron-up", "chevron-down"):
            self._buttons[icon].setEnabled(bool(places))

    def event(self, event: QEvent) -> bool:
        """Let Escape close the bar instead of stopping what is thought about."""
        return keep_escape(event) or super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 (Qt's name)
        """Go on with Enter, back with Shift+Enter, close with Escape."""
        if event.key() == Qt.Key.Key_Escape:
            self.closed.emit()
        elif event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            back = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
            self.step_requested.emit(-1 if back else 1)
        else:
            super().keyPressEvent(event)

    def _button(self, name: str, keys: str) -> QToolButton:
        button = QToolButton(self)
        button.setAccessibleName(name)
        button.setToolTip(f"{name} ({keys})")
        button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        return button

    def _restyle(self) -> None:
        theme = current_theme()
        side = pixels(_ICON)
        for icon, button in self._buttons.items():
            button.setIcon(themed_icon(icon, "muted"))
            button.setIconSize(QSize(side, side))
        self.field.setMinimumWidth(pixels(_FIELD_WIDTH))
        self.found.setMinimumWidth(pixels(_COUNT_WIDTH))
        self.setStyleSheet(
            f"#findBar {{ background: {theme.panel}; border: 1px solid {theme.hairline};"
            " border-radius: 9px; margin: 6px; }"
        )
