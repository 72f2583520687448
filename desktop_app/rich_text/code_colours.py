"""Colours of highlighted code, readable (WCAG AA) on the code background of either theme."""

from __future__ import annotations

from PySide6.QtGui import QColor, QTextCharFormat

from desktop_app.rich_text.formats import Formats
from desktop_app.rich_text.highlighting import CodeRole

_LIGHT = {
    CodeRole.KEYWORD: "#7A3E9D",
    CodeRole.STRING: "#2E6B3E",
    CodeRole.NUMBER: "#9A4A00",
    CodeRole.COMMENT: "#6A6E75",
    CodeRole.NAME: "#2A4DB8",
}
_DARK = {
    CodeRole.KEYWORD: "#C6A0E8",
    CodeRole.STRING: "#98CFA2",
    CodeRole.NUMBER: "#E8B27A",
    CodeRole.COMMENT: "#9AA0A8",
    CodeRole.NAME: "#9DB6FA",
}


def code_colours(formats: Formats) -> dict[CodeRole, QTextCharFormat]:
    """The character format of each role."""
    palette = _DARK if formats.theme.dark else _LIGHT
    result = {CodeRole.PLAIN: formats.code}
    for role, colour in palette.items():
        characters = QTextCharFormat(formats.code)
        characters.setForeground(QColor(colour))
        if role is CodeRole.COMMENT:
            characters.setFontItalic(True)
        result[role] = characters
    return result
