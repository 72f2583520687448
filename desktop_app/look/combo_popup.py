"""The list that a combo box opens: one frame with round corners, like a menu's."""

from __future__ import annotations

from PySide6.QtWidgets import QAbstractItemDelegate, QComboBox, QStyledItemDelegate

_STYLABLE = "* {}"
"""Qt 6.12 takes no rule of the application's sheet for a popup that has no sheet of its own.

Source: `unstylable` in qtbase's qstylesheetstyle.cpp.
"""


def dress_popup(box: QComboBox, delegate: QAbstractItemDelegate | None = None) -> None:
    """Let the style sheet dress what a box opens, and the entries in it.

    Args:
        box: The combo box.
        delegate: What draws the entries; without one, they follow the style sheet.
    """
    box.setItemDelegate(delegate or QStyledItemDelegate(box))
    box.view().window().setStyleSheet(_STYLABLE)
