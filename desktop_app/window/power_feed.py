"""Brings the power readings to the top bar and the deliberation panel.

It exists so that the panel shows a running measurement without asking the meter itself. It must
not know widgets' insides or who else listens.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Protocol

from PySide6.QtCore import QObject, QTimer

from desktop_app.chat.answer import Answer
from desktop_app.thinking.panel import DeliberationPanel
from desktop_app.window.top_bar import TopBar
from desktop_app.words.endpoint_text import runs_elsewhere
from engine.generation import ModelReport
from engine.power.meter import PowerSample
from engine.power.sampler import PowerSampler
from engine.power.trace import energy_report

_IDLE_SECONDS_BEFORE = 3.0
_PANEL_MILLISECONDS = 250
_BAR_SECONDS = 1.0


class Meters(Protocol):
    """What is needed of a session."""

    @property
    def model(self) -> ModelReport | None:
        """What is loaded."""
        ...

    @property
    def sampler(self) -> PowerSampler | None:
        """The power sampler, or None without a sensor."""
        ...

    def power_samples(self, since_seconds: float) -> Sequence[PowerSample]:
        """Readings since a `time.monotonic()` moment."""
        ...


class PowerFeed(QObject):
    """Follows one answer at a time.

    Args:
        meters: Where readings come from.
        panel: Shows them in full.
        top_bar: Shows the latest.
    """

    def __init__(self, meters: Meters, panel: DeliberationPanel, top_bar: TopBar) -> None:
        super().__init__(panel)
        self._meters = meters
        self._panel = panel
        self._top_bar = top_bar
        self._answer: Answer | None = None
        self._bar_at = float("-inf")
        self._timer = QTimer(self)
        self._timer.setInterval(_PANEL_MILLISECONDS)
        self._timer.timeout.connect(self._refresh)

    def close(self) -> None:
        """Show nothing more."""
        self._timer.stop()

    def show_answer(self, answer: Answer | None) -> None:
        """Follow another answer."""
        self._answer = answer
        self._refresh()
        if answer is not None and answer.running:
            self._timer.start()
        else:
            self._timer.stop()

    def on_sample(self, sample: PowerSample) -> None:
        """Show a reading in the top bar, at most once a second."""
        if sample.at_seconds - self._bar_at >= _BAR_SECONDS:
            self._bar_at = sample.at_seconds
            self._top_bar.show_power(sample)

    def _refresh(self) -> None:
        sampler, answer = self._meters.sampler, self._answer
        if answer is not None and not answer.running and self._timer.isActive():
            self._timer.stop()
        stored = answer.energy if answer is not None else None
        elsewhere = self._is_elsewhere(answer)
        started_at = answer.view.started_at if answer is not None else None
        if sampler is None or started_at is None:
            label = stored.label if stored else (sampler.label if sampler else "")
            window = stored.window if stored else "unknown"
            self._panel.set_power((), stored, label, window, elsewhere=elsewhere)
            return
        running = answer is not None and answer.running
        end = time.monotonic()
        if answer is not None and not running:
            end = started_at + answer.view.elapsed_seconds - answer.view.earlier_seconds
        samples = [
            sample
            for sample in self._meters.power_samples(started_at - _IDLE_SECONDS_BEFORE)
            if sample.at_seconds <= end
        ]
        report = energy_report(sampler, started_at, end) if running else stored
        self._panel.set_power(samples, report, sampler.label, sampler.window, elsewhere=elsewhere)

    def _is_elsewhere(self, answer: Answer | None) -> bool:
        """Whether other machines work on an answer, or did."""
        if answer is None or answer.running:
            return runs_elsewhere(self._meters.model)
        return answer.ran_elsewhere
