"""A short text on one line that is cut where there is no room, and whole in its tooltip."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QLabel, QSizePolicy
from typing_extensions import override

from desktop_app.look.tips import plain_tip


class CutLine(QLabel):
    """Shows plain text; it is as wide as it is allowed to be.

    Args:
        text: What it says.
    """

    def __init__(self, text: str = "") -> None:
        super().__init__()
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.say(text)

    def say(self, text: str, about: str = "") -> None:
        """Show a text; `about` is told in the tooltip too."""
        self.setText(text)
        self.setToolTip(plain_tip("\n".join(filter(None, (text, about)))))

    @override
    def minimumSizeHint(self) -> QSize:
        return QSize(0, super().minimumSizeHint().height())

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setFont(self.font())
        painter.setPen(self.palette().color(self.foregroundRole()))
        place = self.contentsRect()
        cut = QFontMetrics(self.font()).elidedText(
            self.text(), Qt.TextElideMode.ElideRight, place.width()
        )
        painter.drawText(place, self.alignment() | Qt.AlignmentFlag.AlignVCenter, cut)
