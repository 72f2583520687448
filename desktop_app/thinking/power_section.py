"""The power section of the panel: the trace, the figures, and which sensor tells them."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from desktop_app.thinking.power_trace import PowerTrace
from desktop_app.thinking.sections import Figure, Figures, Heading
from desktop_app.words.quantities import format_energy, format_power, format_ratio
from engine.power.meter import EnergyReport, PowerSample, SensorWindow
from engine.power.sampler import PERIOD_SECONDS
from engine.power.trace import power_trace


class PowerSection(QWidget):
    """Shows what a deliberation draws, or that nothing can tell."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._names = (
            self.tr("energy"), self.tr("mean"), self.tr("peak to idle"), self.tr("per candidate"),
        )  # fmt: skip
        self._has_trace = False
        self._heading = Heading(self.tr("Power"), self)
        self._trace = PowerTrace(self)
        self._figures = Figures(self._names, self)
        self._without = QLabel(self.tr("This machine does not tell Ponder what it draws."), self)
        self._without.setProperty("muted", True)
        self._without.setWordWrap(True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        for widget in (self._heading, self._trace, self._figures, self._without):
            layout.addWidget(widget)
        self.show_power((), None, 0)
        self.show_sensor("", "unknown")

    def show_sensor(self, label: str, window: SensorWindow, *, elsewhere: bool = False) -> None:
        """Say what measures; "" for nothing.

        Args:
            label: The meter's label.
            window: What one reading averages over.
            elsewhere: Whether other machines worked too, which no sensor here measures.
        """
        if label:
            told = self.tr("{0}, {1}, {2} ms")
            if elsewhere:
                told = self.tr("this computer only: {0}, {1}, {2} ms")
            remark = told.format(label, window, f"{PERIOD_SECONDS * 1000:.0f}")
        else:
            remark = self.tr("No power sensor")
        self._heading.remark.say(remark)
        self._trace.setVisible(bool(label) and self._has_trace)
        self._figures.setVisible(bool(label))
        self._without.setVisible(not label)

    def show_power(
        self, samples: Sequence[PowerSample], report: EnergyReport | None, finished: int
    ) -> None:
        """Show readings and what they added up to.

        Args:
            samples: Readings in order of time.
            report: The measurement so far, or None.
            finished: Candidates the energy is shared among.
        """
        trace = power_trace(samples)
        self._has_trace = len(trace) > 1
        self._trace.show_trace(trace, report.idle_watts if report else None)
        joules = report.joules if report else None
        alone = report is not None and not report.shared
        share = joules / finished if joules is not None and finished and alone else None
        method = self._method(report)
        values = (
            format_energy(joules),
            format_power(report.mean_watts if report else None),
            format_ratio(report.peak_to_idle if report else None),
            format_energy(share),
        )
        self._figures.show_figures(
            [Figure(name, value, method) for name, value in zip(self._names, values, strict=True)]
        )

    def _method(self, report: EnergyReport | None) -> str:
        match report.method if report is not None else "not available":
            case "counter":
                return self.tr("Measured by the device's energy counter, idle draw included.")
            case "integral":
                return self.tr("Summed up from the power readings, idle draw included.")
            case _:
                return ""
