"""Translates the table of error texts for the window.

It exists because `error_text` serves the terminal too and must stay free of Qt.
"""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from desktop_app.error_text import ErrorText


def translated(text: ErrorText) -> ErrorText:
    """Return a text in the window's language."""
    return ErrorText(
        *(
            QCoreApplication.translate("error_text", part)
            for part in (text.title, text.cause, text.next_step)
        )
    )
