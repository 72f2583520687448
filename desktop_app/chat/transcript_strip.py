"""The evidence strip below an answer: how many agree, how settled, how long, how much energy."""

from __future__ import annotations

import math

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QWidget

from desktop_app.chat.transcript_figures import Segment, full_text, segments
from desktop_app.chat.turn import Evidence
from desktop_app.look.theme import current_theme
from desktop_app.look.tips import plain_tip
from engine.verdict import Outcome

PADDING = 12
BAR_WIDTH = 84
BAR_HEIGHT = 7
BAR_GAP = 8
RADIUS = 8.0
CUT_WIDTH = 96
"""Less of a text that is cut says nothing."""
_EDGE = 1.0
"""What the frame takes, so that the last segment does not touch it."""


class EvidenceStrip(QAbstractButton):
    """Shows an answer's evidence in one line; clicking it shows the deliberation."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._evidence: Evidence | None = None
        self._segments: list[Segment] = []
        self._marked = False
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)

    def set_evidence(self, evidence: Evidence) -> None:
        """Show other evidence."""
        if evidence == self._evidence:
            return
        self._evidence = evidence
        self._segments = segments(evidence)
        text = full_text(evidence)
        self.setToolTip(plain_tip(text))
        self.setAccessibleName(", ".join(part.text for part in self._segments))
        self.setAccessibleDescription(self.tr("Shows the candidates and votes of this answer"))
        self.update()

    def set_marked(self, *, marked: bool) -> None:
        """Say whether the panel is about this answer."""
        if marked != self._marked:
            self._marked = marked
            self.update()

    @property
    def marked(self) -> bool:
        """Whether the panel is about this answer, and others could be meant."""
        return self._marked

    def width_for(self, available: int) -> int:
        """The width it takes out of the available one; what does not fit is left to the tooltip."""
        return min(available, math.ceil(_EDGE + sum(self._widths(available))))

    def sizeHint(self) -> QSize:  # noqa: N802 (Qt's name)
        """Its size when all segments fit."""
        return QSize(self.width_for(10_000), round(QFontMetricsF(self.font()).height()) + 14)

    def _fonts(self) -> tuple[QFont, QFont]:
        plain = QFont(self.font())
        plain.setPixelSize(max(9, round(_pixels(self.font()) * 0.9)))
        strong = QFont(plain)
        strong.setWeight(QFont.Weight.DemiBold)
        return plain, strong

    def _has_bar(self) -> bool:
        evidence = self._evidence
        return (
            evidence is not None
            and bool(evidence.groups)
            and (
                evidence.under_way is not None
                or evidence.outcome in {Outcome.MAJORITY, Outcome.PLURALITY, Outcome.TIE}
            )
        )

    def _widths(self, available: int) -> list[float]:
        """How wide the segments are that are shown; the first always is, cut if it must be."""
        widths: list[float] = []
        room = available - _EDGE
        for segment in self._segments:
            width = self._text_width(segment) + 2 * PADDING
            if not widths:
                width = min(width + self._bar_room(segment, available), room)
            if segment.may_be_cut and room >= CUT_WIDTH + 2 * PADDING:
                width = min(width, room)
            if width > room:
                break
            widths.append(width)
            room -= width
        return widths

    def _bar_room(self, first: Segment, available: int) -> float:
        """What the bar takes of the first segment: nothing where its words need the room."""
        wanted = BAR_WIDTH + BAR_GAP
        words = self._text_width(first) + 2 * PADDING
        return wanted if self._has_bar() and _EDGE + words + wanted <= available else 0.0

    def _text_width(self, segment: Segment) -> float:
        plain, strong = self._fonts()
        rest = segment.text.replace(segment.strong, "", 1) if segment.strong else segment.text
        strong_width = QFontMetricsF(strong).horizontalAdvance(segment.strong)
        return QFontMetricsF(plain).horizontalAdvance(rest) + strong_width

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002, N802 (Qt's name)
        """Draw it."""
        theme = current_theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        edge = theme.accent if self.hasFocus() or self._marked else theme.hairline
        painter.setPen(QPen(QColor(edge), 2 if self.hasFocus() else 1))
        painter.setBrush(QColor(theme.accent_wash if self.underMouse() else theme.panel))
        painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), RADIUS, RADIUS)
        left = 0.0
        widths = self._widths(self.width())
        for index, (segment, width) in enumerate(zip(self._segments, widths, strict=False)):
            if index:
                painter.setPen(QPen(QColor(theme.hairline), 1))
                x = round(left) + 0.5
                painter.drawLine(
                    QRectF(x, 1, 0, 0).topLeft(), QRectF(x, self.height() - 1, 0, 0).topLeft()
                )
            self._paint_segment(painter, segment, left, width)
            left += width
        painter.end()

    def _paint_segment(
        self, painter: QPainter, segment: Segment, left: float, width: float
    ) -> None:
        theme = current_theme()
        plain, strong = self._fonts()
        x = left + PADDING
        bar = self._bar_room(segment, self.width()) if segment is self._segments[0] else 0.0
        if bar:
            top = (self.height() - BAR_HEIGHT) / 2
            self._paint_bar(painter, QRectF(x, top, BAR_WIDTH, BAR_HEIGHT))
            x += bar
        before, figure, after = segment.text.partition(segment.strong or segment.text)
        if not segment.strong:
            before, figure, after = segment.text, "", ""
        for text, font, colour in (
            (before, plain, theme.muted),
            (figure, strong, theme.text),
            (after, plain, theme.muted),
        ):
            painter.setFont(font)
            painter.setPen(QColor(colour))
            metrics = QFontMetricsF(font)
            area = QRectF(x, 0, left + width - x, self.height())
            room = math.ceil(area.width() - PADDING)
            said = metrics.elidedText(text, Qt.TextElideMode.ElideRight, room)
            painter.drawText(area, Qt.AlignmentFlag.AlignVCenter, said)
            x += metrics.horizontalAdvance(text)

    def _paint_bar(self, painter: QPainter, area: QRectF) -> None:
        """Draw the votes as one stacked bar in the group colours, by weight where they weigh."""
        evidence = self._evidence
        if evidence is None:
            return
        theme = current_theme()
        clip = QPainterPath()
        clip.addRoundedRect(area, BAR_HEIGHT / 2, BAR_HEIGHT / 2)
        painter.save()
        painter.setClipPath(clip)
        x = area.left()
        parts = [
            (group.weight if evidence.weighed else float(group.count), theme.group(group.colour))
            for group in evidence.groups
        ]
        if not evidence.weighed:  # silence has no weight
            parts.append((float(evidence.no_answer), theme.none_group))
        total = sum(share for share, _ in parts) or 1.0
        for share, colour in parts:
            width = area.width() * share / total
            painter.fillRect(QRectF(x, area.top(), width, area.height()), QColor(colour))
            x += width
        painter.restore()


def _pixels(font: QFont) -> float:
    return font.pixelSize() if font.pixelSize() > 0 else QFontMetricsF(font).height() / 1.21
