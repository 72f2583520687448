"""What a sweep took: time and energy of a token, and power over time.

Many questions share the machine at once, so that the time and the energy of one of them alone are
not measured; those of a token are. What no sensor measured is None.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from engine.lab.records import Stretch, SweepRecord

TRACE_SECONDS: Final = 1.0
"""One stored reading of power is a mean over so long."""
_BRIEF_SECONDS: Final = 1.0
"""A stretch without a token that is shorter is left out: sensors may be too slow for it, and energy
that is missing in one stretch is missing in the whole."""


@dataclass(frozen=True, slots=True)
class Rates:
    """What a token of an arm cost on the machine as a whole; None where it was not measured."""

    seconds: float | None
    joules: float | None

    @property
    def tokens_per_joule(self) -> float | None:
        """Tokens for a joule, or None where none was measured."""
        return 1.0 / self.joules if self.joules else None

    def seconds_of(self, tokens: float) -> float | None:
        """Time of so many tokens."""
        return None if self.seconds is None else self.seconds * tokens

    def joules_of(self, tokens: float) -> float | None:
        """Energy of so many tokens."""
        return None if self.joules is None else self.joules * tokens


@dataclass(frozen=True, slots=True)
class PowerFindings:
    """Power over the running time of a sweep, pauses left out.

    Attributes:
        label: The meter.
        window: What one of its readings averages over.
        trace: (seconds of running time, watts), one a second.
        mean_watts: Energy by time, or None.
        peak_watts: The highest reading, or None.
        idle_watts: The lowest idle draw that was seen before it ran, or None.
        surges: Sudden changes counted, or None where the sensor averages them away.
    """

    label: str
    window: str
    trace: tuple[tuple[float, float], ...]
    mean_watts: float | None
    peak_watts: float | None
    idle_watts: float | None
    surges: int | None

    @property
    def peak_to_idle(self) -> float | None:
        """Peak by idle draw, or None."""
        if self.peak_watts is None or not self.idle_watts:
            return None
        return self.peak_watts / self.idle_watts


def rates_of(record: SweepRecord, arm: int) -> Rates:
    """What a token of an arm cost; energy only where all of its time was measured.

    Tokens are booked when a sample ends, so that a stretch without any was worked through as well.
    """
    stretches = [s for s in record.stretches if s.arm == arm and _tells(s)]
    tokens = sum(stretch.tokens for stretch in stretches)
    if not tokens:
        return Rates(None, None)
    joules = total_joules(stretches)
    return Rates(
        sum(stretch.seconds for stretch in stretches) / tokens,
        None if joules is None else joules / tokens,
    )


def _tells(stretch: Stretch) -> bool:
    return stretch.tokens > 0 or stretch.seconds >= _BRIEF_SECONDS


def total_joules(stretches: Sequence[Stretch]) -> float | None:
    """Energy of all of them, or None where one was not measured."""
    total = 0.0
    for stretch in stretches:
        if stretch.energy is None or stretch.energy.joules is None:
            return None
        total += stretch.energy.joules
    return total if stretches else None


def power_findings(stretches: Sequence[Stretch]) -> PowerFindings | None:
    """What the meter saw, or None without one."""
    measured = [(s, s.energy) for s in stretches if s.energy is not None]
    if not measured:
        return None
    reports = [report for _, report in measured]
    joules = total_joules([stretch for stretch, _ in measured])
    seconds = sum(stretch.seconds for stretch, _ in measured)
    trace, began = [], 0.0
    for stretch in stretches:
        trace += [
            (began + TRACE_SECONDS * place, watts) for place, watts in enumerate(stretch.watts)
        ]
        began += stretch.seconds
    surges = [report.surges for report in reports if report.surges is not None]
    return PowerFindings(
        label=reports[0].label,
        window=reports[0].window,
        trace=tuple(trace),
        mean_watts=joules / seconds if joules is not None and seconds else None,
        peak_watts=max((r.peak_watts for r in reports if r.peak_watts is not None), default=None),
        idle_watts=min((r.idle_watts for r in reports if r.idle_watts is not None), default=None),
        surges=sum(surges) if surges else None,
    )


def watts_by_second(
    trace: Sequence[tuple[float, float]], start_seconds: float
) -> tuple[float, ...]:
    """Mean watts of each second from a start; a second without a reading keeps the one before.

    Args:
        trace: (moment, watts), rising.
        start_seconds: Moment of the first second, on the same clock.
    """
    buckets: dict[int, list[float]] = {}
    for moment, watts in trace:
        place = int((moment - start_seconds) // TRACE_SECONDS)
        if place >= 0:
            buckets.setdefault(place, []).append(watts)
    if not buckets:
        return ()
    found: list[float] = []
    for place in range(max(buckets) + 1):
        known = buckets.get(place)
        if known:
            found.append(round(sum(known) / len(known), 2))
        elif found:
            found.append(found[-1])
        else:
            found.append(round(buckets[min(buckets)][0], 2))
    return tuple(found)
