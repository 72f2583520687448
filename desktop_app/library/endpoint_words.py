"""Translates what is said of servers for the window.

It exists because `endpoint_text` serves the terminal too and must stay free of Qt.
"""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from desktop_app.error_text import ERROR_TEXTS

_OF_ERRORS = frozenset(
    part for text in ERROR_TEXTS.values() for part in (text.title, text.cause, text.next_step)
)


def endpoint_words(text: str) -> str:
    """Return a text of `endpoint_text`, or of the error texts it uses, in the window's language."""
    context = "error_text" if text in _OF_ERRORS else "endpoint_text"
    return QCoreApplication.translate(context, text)
