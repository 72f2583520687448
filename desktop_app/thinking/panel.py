"""The deliberation panel: votes, candidates, time line and power of one deliberation.

It repaints from a `DeliberationView` at most 30 times a second, only when something changed, and
never steals focus or scrolls by itself.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, QTimer, Signal, Slot
from PySide6.QtWidgets import (
    QComboBox,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from desktop_app.quantities import (
    NOT_AVAILABLE,
    format_energy,
    format_power,
    format_rate,
    format_seconds,
)
from desktop_app.theme import numeric_font, theme_changes
from desktop_app.thinking.candidate_dialog import CandidateDialog
from desktop_app.thinking.cards import CandidateCards, CardOrder
from desktop_app.thinking.live import DeliberationView
from desktop_app.thinking.power_trace import PowerTrace
from desktop_app.thinking.time_line import TimeLine
from desktop_app.thinking.votes import VoteBars
from engine.power.meter import EnergyReport, PowerSample, SensorWindow
from engine.power.trace import power_trace
from engine.tally import GroupingMethod
from engine.verdict import Outcome

REPAINT_MILLISECONDS = 34
PANEL_WIDTH = 416


class _Heading(QWidget):
    """A section's title on the left, a remark on the right."""

    def __init__(self, title: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.remark = QLabel(self)
        self.remark.setProperty("muted", True)
        self.remark.setFont(numeric_font(self.remark.font()))
        self.remark.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        label = QLabel(title, self)
        label.setProperty("heading", True)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 12, 0, 4)
        layout.addWidget(label)
        layout.addWidget(self.remark, 1)


class DeliberationPanel(QWidget):
    """Shows the evidence for an answer.

    Attributes:
        promote_requested: Index of the candidate the person prefers.
        candidate_opened: Index of the candidate that was opened to read.
    """

    promote_requested = Signal(int)
    candidate_opened = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._view: DeliberationView | None = None
        self._painted: tuple[int, int] | None = None
        self._has_sensor = False
        self.setObjectName("deliberation-panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAccessibleName(self.tr("Deliberation"))
        self.setMinimumWidth(240)
        self._empty = QLabel(self.tr("Ask something and the candidates appear here."), self)
        self._empty.setProperty("muted", True)
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._empty.setWordWrap(True)
        self._body = self._build_body()
        scroll = QScrollArea(self)
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setWidget(self._body)
        self._scroll = scroll
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._empty, 1)
        layout.addWidget(scroll, 1)
        self._timer = QTimer(self)
        self._timer.setInterval(REPAINT_MILLISECONDS)
        self._timer.timeout.connect(self.refresh)
        theme_changes().changed.connect(self._on_theme_changed)
        self.show_view(None)

    # --- building -------------------------------------------------------------------------------

    def _build_body(self) -> QWidget:
        body = QWidget(self)
        body.setObjectName("deliberation-body")
        layout = QVBoxLayout(body)
        layout.setContentsMargins(20, 4, 20, 20)
        layout.setSpacing(0)
        self._votes_heading = _Heading(self.tr("Votes"), body)
        self._votes = VoteBars(body)
        self._method = QLabel(body)
        self._method.setProperty("muted", True)
        self._method.setWordWrap(True)
        cards_heading = _Heading(self.tr("Candidates"), body)
        self._order = self._build_order(cards_heading)
        self._cards = CandidateCards(body)
        self._cards.promote_requested.connect(self.promote_requested)
        self._cards.candidate_opened.connect(self._open_candidate)
        self._time_heading = _Heading(self.tr("Time"), body)
        self._time_line = TimeLine(body)
        self._speed = QLabel(body)
        self._speed.setProperty("muted", True)
        self._speed.setFont(numeric_font(self._speed.font()))
        self._speed.setWordWrap(True)
        self._power_heading = _Heading(self.tr("Power"), body)
        self._trace = PowerTrace(body)
        self._no_sensor = QLabel(body)
        self._no_sensor.setProperty("muted", True)
        self._no_sensor.setWordWrap(True)
        for widget in (
            self._votes_heading, self._votes, self._method, cards_heading, self._cards,
            self._time_heading, self._time_line, self._speed, self._power_heading, self._trace,
            self._no_sensor,
        ):  # fmt: skip
            layout.addWidget(widget)
        layout.addWidget(self._build_numbers(body))
        layout.addStretch(1)
        return body

    def _build_order(self, heading: _Heading) -> QComboBox:
        order = QComboBox(heading)
        order.setAccessibleName(self.tr("Order of the candidates"))
        order.setProperty("quiet", True)
        order.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        order.addItem(self.tr("by vote"), CardOrder.BY_VOTE)
        order.addItem(self.tr("by number"), CardOrder.BY_NUMBER)
        order.addItem(self.tr("by time"), CardOrder.BY_TIME)
        order.currentIndexChanged.connect(
            lambda _row: self._cards.set_order(CardOrder(order.currentData()))
        )
        layout = heading.layout()
        assert layout is not None
        layout.addWidget(order)
        return order

    def _build_numbers(self, body: QWidget) -> QWidget:
        numbers = QWidget(body)
        grid = QGridLayout(numbers)
        grid.setContentsMargins(0, 8, 0, 0)
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(2)
        self._numbers: list[QLabel] = []
        names = (
            self.tr("energy"), self.tr("mean"), self.tr("peak to idle"), self.tr("per candidate"),
        )  # fmt: skip
        for column, name in enumerate(names):
            value = QLabel("", numbers)
            value.setProperty("heading", True)
            value.setFont(numeric_font(value.font()))
            label = QLabel(name, numbers)
            label.setProperty("muted", True)
            grid.addWidget(value, 0, column)
            grid.addWidget(label, 1, column)
            grid.setColumnStretch(column, 1)
            self._numbers.append(value)
        self._numbers_box = numbers
        return numbers

    # --- showing --------------------------------------------------------------------------------

    @property
    def view(self) -> DeliberationView | None:
        """What is shown."""
        return self._view

    def show_view(self, view: DeliberationView | None) -> None:
        """Show a deliberation, or the empty state."""
        self._view = view
        self._painted = None
        self._empty.setVisible(view is None)
        self._scroll.setVisible(view is not None)
        self._cards.set_order(CardOrder(self._order.currentData()))
        self._cards.show_view(view)
        if view is None:
            self._timer.stop()
            return
        self.refresh()
        if view.running:
            self._timer.start()

    @Slot()
    def refresh(self) -> None:
        """Repaint what changed since the last time."""
        view = self._view
        if view is None:
            return
        if view.running and not self._timer.isActive():
            self._timer.start()
        state = (id(view), view.revision)
        if state == self._painted:
            return
        self._painted = state
        self._votes.show_view(view)
        self._cards.refresh()
        self._time_line.show_view(view)
        self._write_remarks(view)
        if not view.running:
            self._timer.stop()

    def set_power(
        self,
        samples: Sequence[PowerSample],
        report: EnergyReport | None,
        label: str,
        window: SensorWindow,
        period_seconds: float = 0.05,
    ) -> None:
        """Show power readings and what they added up to.

        Args:
            samples: Readings of this deliberation, with a little idle time before.
            report: The measurement so far, or None.
            label: The meter's label, "" without a sensor.
            window: What one reading averages over.
            period_seconds: Time between readings.
        """
        self._has_sensor = bool(label)
        self._power_heading.remark.setText(
            f"{label}, {window}, {period_seconds * 1000:.0f} ms" if label else ""
        )
        self._trace.setVisible(self._has_sensor and len(samples) > 1)
        self._numbers_box.setVisible(self._has_sensor)
        self._no_sensor.setVisible(not self._has_sensor)
        self._no_sensor.setText(
            self.tr("No power sensor: this machine does not tell Ponder what it draws.")
        )
        self._trace.show_trace(power_trace(samples), report.idle_watts if report else None)
        self._write_numbers(report)

    def _write_numbers(self, report: EnergyReport | None) -> None:
        view = self._view
        finished = 0
        if view is not None:
            finished = sum(1 for c in view.candidates.values() if c.finished is not None)
        joules = report.joules if report else None
        ratio = report.peak_to_idle if report else None
        values = (
            format_energy(joules),
            format_power(report.mean_watts if report else None),
            NOT_AVAILABLE if ratio is None else f"{ratio:.1f}×",
            format_energy(joules / finished if joules is not None and finished else None),
        )
        for label, value in zip(self._numbers, values, strict=True):
            label.setText("–" if value == NOT_AVAILABLE else value)
            label.setToolTip(self.tr("not available") if value == NOT_AVAILABLE else "")
            label.setAccessibleName(value)
        if report is not None:
            self._numbers[0].setToolTip(self.tr("measured by {0}").format(report.method))

    def _write_remarks(self, view: DeliberationView) -> None:
        done = sum(1 for c in view.candidates.values() if c.finished is not None)
        parts = []
        if view.tally.groups and view.tally.method is not GroupingMethod.MEDOID:
            if view.verdict is not None and view.verdict.outcome is Outcome.TIE:
                parts.append(self.tr("no majority"))
            else:
                parts.append(self.tr("{0} settled").format(f"{view.tally.settled:.0%}"))
        parts.append(self.tr("{0} of up to {1}").format(done, view.budget.attempts))
        self._votes_heading.remark.setText(" · ".join(parts))
        self._method.setText(
            {
                GroupingMethod.EXACT: "",
                GroupingMethod.SYMBOLIC: self.tr("Equal answers told symbolically."),
                GroupingMethod.MODEL_JUDGED: self.tr("Agreement judged by the model itself."),
                GroupingMethod.MEDOID: self.tr(
                    "No vote was possible; the most typical response was taken."
                ),
            }[view.tally.method]
        )
        self._method.setVisible(bool(self._method.text()))
        self._time_heading.remark.setText(
            f"{format_seconds(view.elapsed_seconds)} · {self.tr('grey: waiting for first token')}"
        )
        rate = view.tokens / view.elapsed_seconds if view.elapsed_seconds > 0 else None
        speed = [self.tr("{0} in all").format(format_rate(rate))]
        first = view.first_token_seconds
        if first is not None:
            speed.append(self.tr("first token after {0}").format(format_seconds(first)))
        self._speed.setText(" · ".join(speed))

    def _open_candidate(self, index: int) -> None:
        view = self._view
        candidate = view.candidates.get(index) if view is not None else None
        if candidate is None:
            return
        self.candidate_opened.emit(index)
        dialog = CandidateDialog(candidate, self._stats(index), self)
        dialog.promote_requested.connect(lambda: self.promote_requested.emit(index))
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()

    def _stats(self, index: int) -> str:
        assert self._view is not None
        candidate = self._view.candidates[index]
        parts = [format_seconds(candidate.finished.seconds)] if candidate.finished else []
        parts.append(self.tr("{0} tokens").format(candidate.tokens))
        joules = self._view.joules_by_candidate.get(index)
        if joules is not None:
            parts.append(self.tr("about {0}").format(format_energy(joules)))
        done = candidate.finished
        if done is not None and done.confidence is not None:
            parts.append(self.tr("confidence {0}").format(f"{done.confidence:.0%}"))
        if done is not None:
            parts.append(self.tr("seed {0}").format(done.seed))
        return " · ".join(parts)

    def _on_theme_changed(self) -> None:
        self._painted = None
        self.refresh()
