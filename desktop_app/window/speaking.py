"""Announcements to a screen reader, of what nobody moved the focus to."""

from __future__ import annotations

from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent
from PySide6.QtWidgets import QWidget


def speak(widget: QWidget, text: str) -> None:
    """Let a screen reader say a text when it has finished what it says.

    Args:
        widget: Where it happened.
        text: In the window's language; short.
    """
    QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(widget, text))
