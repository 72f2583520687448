"""The field that opens over the thinking-time slider to type a number."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QFocusEvent, QIntValidator, QKeyEvent
from PySide6.QtWidgets import QLineEdit, QWidget
from typing_extensions import override

from desktop_app.look.theme import numeric_font
from desktop_app.window.shortcuts import keep_escape


class NumberField(QLineEdit):
    """Takes a number in place of the knob: Enter and leaving accept it, Escape does not.

    Args:
        parent: What gets the focus back.
        start: What is written in it at first.
        largest: The largest number it takes.

    Attributes:
        accepted: The number that was typed.
    """

    accepted = Signal(int)

    def __init__(self, parent: QWidget, start: str, largest: int) -> None:
        super().__init__(start, parent)
        self._open = True
        self.setValidator(QIntValidator(1, largest, self))
        self.setMaxLength(len(str(largest)))
        self.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.setFont(numeric_font(self.font()))
        self.setAccessibleName(self.tr("Number of attempts, 1 to {0}").format(largest))

    @override
    def event(self, event: QEvent) -> bool:
        """Let Escape give up the number instead of stopping what is thought about."""
        return keep_escape(event) or super().event(event)

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        match event.key():
            case Qt.Key.Key_Escape:
                self._close(accept=False)
            case Qt.Key.Key_Return | Qt.Key.Key_Enter:
                self._close(accept=True)
            case _:
                super().keyPressEvent(event)

    @override
    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        if event.reason() is not Qt.FocusReason.PopupFocusReason:
            self._close(accept=True)

    def _close(self, *, accept: bool) -> None:
        if not self._open:
            return
        self._open = False
        slider = self.parentWidget()
        if self.hasFocus() and slider is not None:
            slider.setFocus(Qt.FocusReason.OtherFocusReason)
        if accept and self.hasAcceptableInput():
            self.accepted.emit(int(self.text()))
        self.hide()
        self.deleteLater()
