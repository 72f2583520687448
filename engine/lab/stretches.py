"""What a sweep costs while it runs: time, tokens and energy, in stretches that a crash may lose."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from engine.lab.costs import watts_by_second
from engine.lab.records import Stretch
from engine.power.meter import EnergyReport
from engine.power.sampler import PowerSampler
from engine.power.trace import energy_report, power_trace

STRETCH_SECONDS: Final = 60.0
"""Costs are recorded this often, so that a crash loses no more of them."""


@dataclass(slots=True)
class _Running:
    """What the present stretch took so far."""

    arm: int
    began: float
    started_at: str
    tokens: int = 0


class Stretches:
    """The running stretch and the energy of those before it.

    Args:
        sampler: Reads power, started, or None.
        recorded: Stretches of earlier runs.
    """

    def __init__(self, sampler: PowerSampler | None, recorded: Sequence[Stretch]) -> None:
        self._sampler = sampler
        self.idle_watts: float | None = None
        """Power before this run began to work, or None where it was not measured."""
        self._running: _Running | None = None
        known = [stretch.energy.joules for stretch in recorded if stretch.energy is not None]
        joules = [value for value in known if value is not None]
        self._joules = sum(joules) if joules else None
        self._joules_before = self._joules or 0.0

    @property
    def arm(self) -> int | None:
        """What is running, by its number, or None in a pause."""
        return None if self._running is None else self._running.arm

    @property
    def long_enough(self) -> bool:
        """Whether the running one should be recorded and another begun."""
        running = self._running
        return running is not None and time.monotonic() - running.began >= STRETCH_SECONDS

    @property
    def joules(self) -> float | None:
        """Energy so far, earlier runs and the running stretch included; None without a meter."""
        running = self._running
        report = None
        if self._sampler is not None and running is not None:
            report = energy_report(self._sampler, running.began, time.monotonic())
        now = report.joules if report is not None else None
        return self._joules if now is None else (self._joules or 0.0) + now

    @property
    def joules_of_this_run(self) -> float | None:
        """Energy since this run began, or None without a meter."""
        joules = self.joules
        return None if joules is None else joules - self._joules_before

    def begin(self, arm: int) -> None:
        """Begin a stretch of an arm where none is running."""
        if self._running is None:
            started_at = datetime.now(UTC).isoformat(timespec="seconds")
            self._running = _Running(arm, time.monotonic(), started_at)

    def count(self, tokens: int) -> None:
        """Add tokens that were generated in the running stretch."""
        if self._running is not None:
            self._running.tokens += tokens

    def end(self) -> Stretch | None:
        """End the running stretch and return what it took; None where none is running."""
        running, self._running = self._running, None
        if running is None:
            return None
        now = time.monotonic()
        energy: EnergyReport | None = None
        watts: tuple[float, ...] = ()
        if self._sampler is not None:
            # what came before it was the sweep's own work, and tells nothing of an idle machine
            energy = energy_report(
                self._sampler, running.began, now, running.began, self.idle_watts
            )
            trace = power_trace(self._sampler.samples_between(running.began, now))
            watts = watts_by_second(trace, running.began)
            if energy.joules is not None:
                self._joules = (self._joules or 0.0) + energy.joules
        seconds = now - running.began
        return Stretch(running.arm, running.started_at, seconds, running.tokens, energy, watts)
