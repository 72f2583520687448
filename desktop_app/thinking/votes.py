"""The vote bars: one row a group, growing live, always with its text and count.

A bar's length is the group's share of the candidates that are counted or still under way, so bars
grow as votes fall and stand as shares of the vote at the end.
"""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication, QEvent, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QHelpEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget
from typing_extensions import override

from desktop_app.look.theme import current_theme, numeric_font, pixels, theme_changes
from desktop_app.look.tips import plain_tip
from desktop_app.rich_text.without_marks import without_marks
from desktop_app.thinking.live import DeliberationView
from desktop_app.words.quantities import format_number
from engine.tally import GroupingMethod
from engine.verdict import Outcome

MOST_ROWS = 8
"""Groups with a row of their own; with more, the last row counts the rest."""
_BAR_HEIGHT = 12
_LEAST_TRACK = 72
"""Room for the bars beside long answers."""


def _elided(texts: list[str], metrics: QFontMetrics, width: int) -> list[str]:
    """Cut what is too long at its end, or in its middle where cut ends would read alike."""
    at_the_end = [metrics.elidedText(text, Qt.TextElideMode.ElideRight, width) for text in texts]
    middle = Qt.TextElideMode.ElideMiddle
    return [
        cut if at_the_end.count(cut) == 1 else metrics.elidedText(text, middle, width)
        for text, cut in zip(texts, at_the_end, strict=True)
    ]


def _tr(text: str) -> str:
    return QCoreApplication.translate("VoteBars", text)


@dataclass(frozen=True, slots=True)
class VoteRow:
    """One bar.

    Attributes:
        label: The answer, or what there is instead of one.
        count: Its votes.
        group: The group's number, or None for "no answer".
        weight: What its votes weigh, where they do not weigh the same; else None.
        share: Its share of all weight then, 0 to 1.
    """

    label: str
    count: int
    group: int | None
    weight: float | None = None
    share: float = 0.0

    @property
    def figure(self) -> str:
        """Its votes, and what they weigh if that differs."""
        if self.weight is None:
            return str(self.count)
        return _tr("{0} · weight {1}").format(self.count, format_number(self.weight, 1))


class VoteBars(QWidget):
    """Draws the tally of one deliberation."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows: list[VoteRow] = []
        self._more = 0
        self._most = 1
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(self.tr("Votes"))
        theme_changes().changed.connect(self.updateGeometry)
        theme_changes().changed.connect(self.update)

    @property
    def rows(self) -> list[VoteRow]:
        """What is drawn, from the top."""
        return self._rows

    @property
    def more(self) -> int:
        """Groups without a row of their own."""
        return self._more

    def show_view(self, view: DeliberationView | None) -> None:
        """Draw the present tally."""
        rows, more, most = self._read(view)
        if (rows, more, most) == (self._rows, self._more, self._most):
            return
        taller = len(rows) + bool(more) != len(self._rows) + bool(self._more)
        self._rows, self._more, self._most = rows, more, most
        said = [f"{row.label}: {row.figure}" for row in rows]
        if more:
            said.append(self._more_text())
        self.setAccessibleDescription(", ".join(said))
        if taller:
            self.updateGeometry()
        self.update()

    def _read(self, view: DeliberationView | None) -> tuple[list[VoteRow], int, int]:
        if view is None or view.tally.method is GroupingMethod.MEDOID:
            return [], 0, 1
        groups = view.tally.groups
        if not groups and view.verdict is not None and view.verdict.outcome is Outcome.SINGLE:
            return [], 0, 1  # one response to an open question: nothing was voted on
        shown = groups if len(groups) <= MOST_ROWS else groups[: MOST_ROWS - 1]
        weighed = view.tally.is_weighed
        total = sum(group.weight for group in groups) or 1.0
        rows = [
            VoteRow(
                without_marks(view.label(group)),
                group.count,
                view.group_number(group.key),
                group.weight if weighed else None,
                group.weight / total,
            )
            for group in shown
        ]
        if view.tally.no_answer:
            rows.append(VoteRow(self.tr("no answer"), len(view.tally.no_answer), None))
        return rows, len(groups) - len(shown), max(1, view.counted + view.under_way)

    def _more_text(self) -> str:
        if self._more == 1:
            return self.tr("1 more answer")
        return self.tr("%n more answers", "", self._more)

    # --- drawing --------------------------------------------------------------------------------

    def _row_height(self) -> int:
        return max(pixels(24), QFontMetrics(self.font()).height() + 4)

    @override
    def sizeHint(self) -> QSize:
        return QSize(200, self._row_height() * (len(self._rows) + bool(self._more)))

    @override
    def minimumSizeHint(self) -> QSize:
        return QSize(120, self.sizeHint().height())

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        theme = current_theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        font: QFont = numeric_font(self.font())
        painter.setFont(font)
        metrics = QFontMetrics(font)
        longest = max((metrics.horizontalAdvance(row.label) for row in self._rows), default=0)
        widest = max((metrics.horizontalAdvance(row.figure) for row in self._rows), default=0)
        most = max(pixels(96), self.width() - widest - 12 - pixels(_LEAST_TRACK))
        label_width = min(max(longest + 16, pixels(96)), most)
        height = self._row_height()
        labels = _elided([row.label for row in self._rows], metrics, int(label_width - 12))
        track_width = self.width() - label_width - widest - 12
        middle = Qt.AlignmentFlag.AlignVCenter
        for number, row in enumerate(self._rows):
            top = number * height
            painter.setPen(QColor(theme.muted if row.group is None else theme.text))
            painter.drawText(QRectF(0, top, label_width, height), middle, labels[number])
            track = QRectF(label_width, top + (height - _BAR_HEIGHT) / 2, track_width, _BAR_HEIGHT)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(theme.hairline))
            painter.setOpacity(0.6)
            painter.drawRoundedRect(track, 4, 4)
            painter.setOpacity(1)
            bar = QRectF(track)
            share = row.count / self._most if row.weight is None else row.share
            bar.setWidth(max(8.0, track.width() * share))
            painter.setBrush(
                QColor(theme.none_group if row.group is None else theme.group(row.group))
            )
            painter.drawRoundedRect(bar, 4, 4)
            painter.setPen(QColor(theme.text))
            right = middle | Qt.AlignmentFlag.AlignRight
            painter.drawText(QRectF(0, top, self.width(), height), right, row.figure)
        if self._more:
            painter.setPen(QColor(theme.muted))
            top = len(self._rows) * height
            painter.drawText(QRectF(0, top, self.width(), height), middle, self._more_text())

    @override
    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            number = event.pos().y() // self._row_height()
            if 0 <= number < len(self._rows):
                row = self._rows[number]
                QToolTip.showText(event.globalPos(), plain_tip(f"{row.label}: {row.figure}"), self)
                return True
        return super().event(event)
