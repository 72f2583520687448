"""The time line: a row for each candidate, grey until its first token, then its group's colour.

A candidate that still runs has a neutral colour and an open end; it gets its group's when it votes.
Where several machines worked, each one's rows stand under its name.
"""

from __future__ import annotations

from bisect import bisect_right
from itertools import accumulate
from math import floor, log10

from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QHelpEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget
from typing_extensions import override

from desktop_app.look.theme import Theme, current_theme, numeric_font, pixels, theme_changes
from desktop_app.look.tips import plain_tip
from desktop_app.thinking.colours import candidate_colour
from desktop_app.thinking.lanes import Lane, lanes
from desktop_app.thinking.live import DeliberationView, LiveCandidate
from desktop_app.thinking.wording import stop_text, thought_cut_text
from desktop_app.words.quantities import format_number, format_seconds
from engine.candidate import StopReason

_TALLEST_ROW = 12.0
_TALLEST = 168.0
_THINNEST_ROW = 3.0
_TICK_PIXELS = 72


class TimeLine(QWidget):
    """Draws when each candidate waited, ran and ended."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._view: DeliberationView | None = None
        self._lanes: tuple[Lane, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(self.tr("Time line of the candidates"))
        theme_changes().changed.connect(self.updateGeometry)
        theme_changes().changed.connect(self.update)

    def show_view(self, view: DeliberationView | None) -> None:
        """Draw the present state."""
        self._view = view
        shown = lanes(view) if view is not None else ()
        if shown != self._lanes:
            self._lanes = shown
            self.updateGeometry()
        if view is not None:
            count, seconds = len(view.candidates), format_seconds(view.elapsed_seconds)
            words = [self.tr("{0} candidates in {1}").format(count, seconds)]
            words += [self._heading_text(lane) for lane in shown if lane.index is None]
            self.setAccessibleDescription(", ".join(words))
        self.update()

    # --- geometry -------------------------------------------------------------------------------

    def _row(self) -> float:
        """Height of a candidate's row."""
        count = sum(lane.index is not None for lane in self._lanes)
        return max(_THINNEST_ROW, min(_TALLEST_ROW, _TALLEST / max(1, count)))

    def _heading(self) -> float:
        """Height of a machine's name above its rows."""
        return QFontMetrics(self._axis_font()).height() + 4.0

    def _tops(self) -> list[float]:
        """Where each row begins, and the end of the last."""
        row, heading = self._row(), self._heading()
        steps = (heading if lane.index is None else row for lane in self._lanes)
        return list(accumulate(steps, initial=0.0))

    def _axis_font(self) -> QFont:
        font = numeric_font(self.font())
        font.setPixelSize(pixels(11))
        return font

    @override
    def sizeHint(self) -> QSize:
        if not self._lanes:
            return QSize(200, 0)
        return QSize(200, round(self._tops()[-1]) + 4 + QFontMetrics(self._axis_font()).height())

    @override
    def minimumSizeHint(self) -> QSize:
        return QSize(120, self.sizeHint().height())

    def _row_at(self, y: float) -> int | None:
        """Index of the candidate under a place."""
        place = bisect_right(self._tops(), y) - 1
        return self._lanes[place].index if 0 <= place < len(self._lanes) else None

    # --- drawing --------------------------------------------------------------------------------

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        view = self._view
        if view is None or not view.candidates:
            return
        theme = current_theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        row = self._row()
        bar = max(2.0, row - max(1.2, row / 4))
        scale = self.width() / max(view.elapsed_seconds, 1e-6)
        tops = self._tops()
        self._paint_axis(painter, theme, tops[-1], view.elapsed_seconds)
        for lane, top in zip(self._lanes, tops, strict=False):
            index = lane.index
            if index is None:
                self._paint_heading(painter, theme, lane, top)
                continue
            painter.setPen(Qt.PenStyle.NoPen)
            candidate = view.candidates[index]
            done = candidate.finished
            first = candidate.first_token_seconds
            start = candidate.queued_seconds
            end = candidate.ended_seconds or view.elapsed_seconds
            waited = end if first is None else first
            painter.setBrush(QColor(theme.hairline))
            painter.drawRoundedRect(
                QRectF(start * scale, top, max(1.0, (waited - start) * scale), bar), 1.5, 1.5
            )
            if first is None:
                continue
            ran = QRectF(first * scale, top, max(1.5, (end - first) * scale), bar)
            painter.setBrush(candidate_colour(theme, view, index))
            painter.drawRoundedRect(ran, 1.5, 1.5)
            if done is None:
                painter.setBrush(QColor(theme.muted))
                painter.drawRect(QRectF(ran.right() - 2, top, 2, bar))

    def _paint_heading(self, painter: QPainter, theme: Theme, lane: Lane, top: float) -> None:
        """A machine's name above its rows, on the ground, so that no line of seconds crosses it."""
        text = painter.fontMetrics().elidedText(
            self._heading_text(lane), Qt.TextElideMode.ElideMiddle, self.width()
        )
        height = self._heading()
        width = painter.fontMetrics().horizontalAdvance(text) + 6
        painter.fillRect(QRectF(0, top, width, height), QColor(theme.panel))
        painter.setPen(QColor(theme.muted))
        place = QRectF(0, top, self.width(), height)
        painter.drawText(place, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, text)

    def _heading_text(self, lane: Lane) -> str:
        name = lane.machine or self.tr("not known where")
        return self.tr("{0} · {1}").format(name, lane.count)

    def _paint_axis(
        self, painter: QPainter, theme: Theme, height: float, elapsed_seconds: float
    ) -> None:
        """Where the seconds are: thin lines behind the rows, numbers below them."""
        font = self._axis_font()
        metrics = QFontMetrics(font)
        painter.setFont(font)
        for seconds in ticks(elapsed_seconds, max(1, self.width() // pixels(_TICK_PIXELS))):
            x = seconds / elapsed_seconds * self.width()
            text = _tick_text(seconds)
            width = metrics.horizontalAdvance(text) + 2.0
            if x + width / 2 > self.width():
                break
            painter.setPen(QColor(theme.hairline))
            painter.drawLine(round(x), 0, round(x), round(height + 2))
            painter.setPen(QColor(theme.muted))
            left = max(0.0, x - width / 2)
            place = QRectF(left, height + 3, width, metrics.height())
            painter.drawText(place, Qt.AlignmentFlag.AlignHCenter, text)

    # --- words ----------------------------------------------------------------------------------

    @override
    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            index = self._row_at(event.pos().y())
            if index is not None and self._view is not None:
                text = self.describe(self._view.candidates[index])
                QToolTip.showText(event.globalPos(), plain_tip(text), self)
                return True
        return super().event(event)

    def describe(self, candidate: LiveCandidate) -> str:
        """One candidate's times in words."""
        number = f"#{candidate.index + 1}"
        if candidate.answer is not None:
            number = f"{number}: {candidate.answer}"
        lines = [
            number,
            self.tr("started at {0}").format(format_seconds(candidate.queued_seconds)),
        ]
        if candidate.first_token_seconds is None:
            lines.append(self.tr("waiting for its first token"))
        else:
            wait = candidate.first_token_seconds - candidate.queued_seconds
            lines.append(self.tr("first token after {0}").format(format_seconds(wait)))
        if candidate.finished is not None:
            if candidate.finished.machine:
                lines.append(self.tr("ran on {0}").format(candidate.finished.machine))
            end = format_seconds(candidate.ended_seconds or 0.0)
            lines.append(self.tr("ended at {0}").format(end))
            if candidate.finished.stop is not StopReason.FINISHED:
                lines.append(stop_text(candidate.finished))
            elif candidate.finished.thought_cut:
                lines.append(thought_cut_text(candidate.finished))
        return "\n".join(lines)


def ticks(span_seconds: float, most: int) -> list[float]:
    """Return round numbers from 0 to a span, at most as many steps as given."""
    if span_seconds <= 0:
        return []
    raw = span_seconds / most
    power = 10.0 ** floor(log10(raw))
    step = next(factor * power for factor in (1, 2, 5, 10) if factor * power >= raw * 0.999)
    return [number * step for number in range(int(span_seconds / step + 1e-9) + 1)]


def _tick_text(seconds: float) -> str:
    if seconds == 0:
        return "0"
    if seconds >= 1:
        whole = abs(seconds - round(seconds)) < 1e-6
        return (
            f"{format_number(seconds, 0 if whole else 1)} s"
            if seconds < 120
            else (format_seconds(seconds))
        )
    return format_seconds(seconds)
