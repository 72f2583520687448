"""The vote bars: one row a group, growing live, always with its text and count."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QHelpEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget
from typing_extensions import override

from desktop_app.theme import current_theme, numeric_font, pixels, theme_changes
from desktop_app.thinking.live import DeliberationView

_MOST_ROWS = 8


class VoteBars(QWidget):
    """Draws the tally of one deliberation."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows: list[tuple[str, int, str]] = []
        self._more = 0
        self._most = 1
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(self.tr("Votes"))
        theme_changes().changed.connect(self.update)

    def show_view(self, view: DeliberationView | None) -> None:
        """Draw the present tally."""
        theme = current_theme()
        rows: list[tuple[str, int, str]] = []
        more = 0
        if view is not None:
            groups = view.tally.groups
            shown = groups if len(groups) <= _MOST_ROWS else groups[: _MOST_ROWS - 1]
            for group in shown:
                label = group.label or self.tr("most typical response")
                rows.append((label, group.count, theme.group(view.group_number(group.key))))
            more = len(groups) - len(shown)
            if view.tally.no_answer:
                rows.append((self.tr("no answer"), len(view.tally.no_answer), theme.none_group))
        if (rows, more) == (self._rows, self._more):
            return
        taller = len(rows) + bool(more) != len(self._rows) + bool(self._more)
        self._rows, self._more = rows, more
        self._most = max((count for _, count, _ in rows), default=1)
        self.setAccessibleDescription(", ".join(f"{label}: {count}" for label, count, _ in rows))
        if taller:
            self.updateGeometry()
        self.update()

    def _row_height(self) -> int:
        return pixels(24)

    @override
    def sizeHint(self) -> QSize:
        return QSize(200, self._row_height() * (len(self._rows) + bool(self._more)))

    @override
    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        theme = current_theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(numeric_font(self.font()))
        metrics = QFontMetrics(painter.font())
        label_width = min(pixels(112), self.width() // 3)
        count_width = metrics.horizontalAdvance("00") + 12
        height = self._row_height()
        middle = Qt.AlignmentFlag.AlignVCenter
        for row, (label, count, colour) in enumerate(self._rows):
            top = row * height
            painter.setPen(QColor(theme.text))
            elided = metrics.elidedText(label, Qt.TextElideMode.ElideRight, label_width - 8)
            painter.drawText(QRectF(0, top, label_width, height), middle, elided)
            track = QRectF(
                label_width, top + height / 2 - 6, self.width() - label_width - count_width, 12
            )
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(theme.sidebar))
            painter.drawRoundedRect(track, 4, 4)
            bar = QRectF(track)
            bar.setWidth(max(8.0, track.width() * count / self._most))
            painter.setBrush(QColor(colour))
            painter.drawRoundedRect(bar, 4, 4)
            painter.setPen(QColor(theme.text))
            right = middle | Qt.AlignmentFlag.AlignRight
            painter.drawText(QRectF(0, top, self.width(), height), right, str(count))
        if self._more:
            painter.setPen(QColor(theme.muted))
            text = self.tr("{0} more answers").format(self._more)
            painter.drawText(
                QRectF(0, len(self._rows) * height, self.width(), height), middle, text
            )

    @override
    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            row = event.pos().y() // self._row_height()
            if 0 <= row < len(self._rows):
                label, count, _ = self._rows[row]
                QToolTip.showText(event.globalPos(), f"{label}: {count}", self)
                return True
        return super().event(event)
