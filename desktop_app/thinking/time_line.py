"""The time line: a row for each candidate, grey until its first token, then its group's colour."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QHelpEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget
from typing_extensions import override

from desktop_app.quantities import format_seconds
from desktop_app.theme import current_theme, theme_changes
from desktop_app.thinking.live import DeliberationView

_TALLEST_ROW = 12.0
_TALLEST = 220.0
_THINNEST_ROW = 3.4


class TimeLine(QWidget):
    """Draws when each candidate waited, ran and ended."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._view: DeliberationView | None = None
        self._count = 0
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(self.tr("Time line of the candidates"))
        theme_changes().changed.connect(self.update)

    def show_view(self, view: DeliberationView | None) -> None:
        """Draw the present state."""
        self._view = view
        count = len(view.candidates) if view is not None else 0
        if count != self._count:
            self._count = count
            self.updateGeometry()
        if view is not None:
            self.setAccessibleDescription(
                self.tr("{0} candidates in {1}").format(count, format_seconds(view.elapsed_seconds))
            )
        self.update()

    def _row(self) -> float:
        if not self._count:
            return _TALLEST_ROW
        return max(_THINNEST_ROW, min(_TALLEST_ROW, _TALLEST / self._count))

    @override
    def sizeHint(self) -> QSize:
        return QSize(200, round(self._row() * self._count) + 2)

    @override
    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        view = self._view
        if view is None or not view.candidates:
            return
        theme = current_theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        row = self._row()
        bar = max(2.0, row - max(1.2, row / 4))
        scale = self.width() / max(view.elapsed_seconds, 1e-6)
        for place, index in enumerate(sorted(view.candidates)):
            candidate = view.candidates[index]
            done = candidate.finished
            end = done.finished_seconds if done is not None else view.elapsed_seconds
            first = candidate.first_token_seconds
            start = candidate.queued_seconds
            group = view.group_of(index)
            colour = QColor(theme.none_group if group is None else theme.group(group))
            if done is None:
                colour = QColor(theme.accent)
                colour.setAlphaF(0.55)
            waited = end if first is None else first
            top = place * row
            painter.setBrush(QColor(theme.hairline))
            painter.drawRoundedRect(
                QRectF(start * scale, top, max(1.0, (waited - start) * scale), bar), 1.5, 1.5
            )
            if first is not None:
                painter.setBrush(colour)
                painter.drawRoundedRect(
                    QRectF(first * scale, top, max(1.5, (end - first) * scale), bar), 1.5, 1.5
                )

    @override
    def event(self, event: QEvent) -> bool:
        view = self._view
        if (
            isinstance(event, QHelpEvent)
            and event.type() == QEvent.Type.ToolTip
            and view is not None
        ):
            place = int(event.pos().y() / self._row())
            indexes = sorted(view.candidates)
            if 0 <= place < len(indexes):
                QToolTip.showText(event.globalPos(), self._describe(view, indexes[place]), self)
                return True
        return super().event(event)

    def _describe(self, view: DeliberationView, index: int) -> str:
        candidate = view.candidates[index]
        lines = [f"#{index + 1}"]
        if candidate.first_token_seconds is not None:
            lines.append(
                self.tr("first token after {0}").format(
                    format_seconds(candidate.first_token_seconds - candidate.queued_seconds)
                )
            )
        if candidate.finished is not None:
            lines.append(
                self.tr("ended at {0}").format(format_seconds(candidate.finished.finished_seconds))
            )
        return "\n".join(lines)
