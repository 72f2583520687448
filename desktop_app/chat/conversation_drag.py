"""What is carried when conversations are dragged, and how it looks under the pointer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec
from PySide6.QtCore import QMimeData, QRect, Qt
from PySide6.QtGui import QColor, QPainter, QPixmap
from PySide6.QtWidgets import QApplication

from desktop_app.look.theme import current_theme, pixels

_KIND: Final = "application/x-ponder-conversations"
_WIDEST: Final = 220


def carried(ids: Sequence[str]) -> QMimeData:
    """Conversations, as they are dragged."""
    data = QMimeData()
    data.setData(_KIND, msgspec.json.encode(ids))
    return data


def conversations_in(data: QMimeData) -> list[str]:
    """The conversations that are dragged, or none where it is something else."""
    if not data.hasFormat(_KIND):
        return []
    return msgspec.json.decode(bytes(data.data(_KIND).data()), type=list[str])


def drag_picture(text: str, ratio: float) -> QPixmap:
    """A small card with a text.

    Args:
        text: What is dragged, in a few words.
        ratio: Pixels of the screen to one of ours.
    """
    theme, font = current_theme(), QApplication.font()
    picture = QPixmap(1, 1)
    painter = QPainter(picture)
    painter.setFont(font)
    metrics = painter.fontMetrics()
    shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, pixels(_WIDEST))
    width, height = metrics.horizontalAdvance(shown) + 24, metrics.height() + 12
    painter.end()
    picture = QPixmap(round(width * ratio), round(height * ratio))
    picture.setDevicePixelRatio(ratio)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setFont(font)
    painter.setBrush(QColor(theme.panel))
    painter.setPen(QColor(theme.accent))
    painter.drawRoundedRect(QRect(0, 0, width - 1, height - 1), 8, 8)
    painter.setPen(QColor(theme.text))
    painter.drawText(QRect(0, 0, width, height), Qt.AlignmentFlag.AlignCenter, shown)
    painter.end()
    return picture
