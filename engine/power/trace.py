"""What a stretch of power readings says: energy, idle baseline, peak, ramps and surges.

Pure functions over samples. Definitions follow the vocabulary of arXiv 2409.11416 and 2502.01647;
energy from the counter is preferred, the integral of power is the cross-check and the fallback.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from statistics import median
from typing import Final, Protocol

from engine.power.meter import EnergyMethod, EnergyReport, PowerSample, SensorWindow

IDLE_SECONDS: Final = 5.0
"""How much quiet time before the start the idle baseline is the median of."""
_RAMP_SECONDS: Final = 0.1
_SURGE_SECONDS: Final = 0.2
_SURGE_SHARE: Final = 0.2

Trace = Sequence[tuple[float, float]]
"""(seconds, watts) in order of time."""


class Samples(Protocol):
    """Where samples come from: the sampler, or a test."""

    @property
    def label(self) -> str:
        """What measures."""
        ...

    @property
    def window(self) -> SensorWindow:
        """What one reading averages over."""
        ...

    def samples_between(self, start_seconds: float, end_seconds: float) -> Sequence[PowerSample]:
        """Samples of a stretch of `time.monotonic()`, in order."""
        ...


def energy_report(source: Samples, start_seconds: float, end_seconds: float) -> EnergyReport:
    """Measure a stretch of time.

    Args:
        source: The samples; those before the start give the idle baseline.
        start_seconds: `time.monotonic()` of the start.
        end_seconds: `time.monotonic()` of the end.
    """
    inside = source.samples_between(start_seconds, end_seconds)
    before = source.samples_between(start_seconds - IDLE_SECONDS, start_seconds)
    edge = [*before[-1:], *inside]
    trace = power_trace(edge)
    within = [(at, watts) for at, watts in trace if at >= start_seconds] or trace
    integral = integral_joules(trace, start_seconds, end_seconds)
    counter = counter_joules(edge)
    joules, method = _choose(counter, integral)
    idle = median(watts for _, watts in power_trace(before)) if len(before) > 1 else None
    peak = max((watts for _, watts in within), default=None)
    span = end_seconds - start_seconds
    instant = source.window == "instant"
    return EnergyReport(
        joules=joules,
        method=method,
        label=source.label,
        window=source.window,
        integral_joules=integral,
        idle_watts=idle,
        mean_watts=joules / span if joules is not None and span > 0 else None,
        peak_watts=peak,
        peak_to_idle=peak / idle if peak is not None and idle else None,
        max_ramp_watts_per_second=steepest_ramp(within) if instant else None,
        surges=count_surges(within, idle, peak) if instant else None,
    )


def _choose(counter: float | None, integral: float | None) -> tuple[float | None, EnergyMethod]:
    if counter is not None:
        return counter, "counter"
    if integral is not None:
        return integral, "integral"
    return None, "not available"


def power_trace(samples: Sequence[PowerSample]) -> list[tuple[float, float]]:
    """The power over time, unknown readings left out."""
    return [(s.at_seconds, s.power_watts) for s in samples if s.power_watts is not None]


def counter_joules(samples: Sequence[PowerSample]) -> float | None:
    """Difference of the energy counters from the first to the last sample, summed over devices.

    None when a device has no counter, disappears, or its counter was reset in between.
    """
    if len(samples) < 2 or not samples[0].devices:
        return None
    total = 0.0
    for number in range(len(samples[0].devices)):
        readings = [
            sample.devices[number].energy_joules if number < len(sample.devices) else None
            for sample in samples
        ]
        known = [reading for reading in readings if reading is not None]
        if len(known) != len(readings) or any(b < a for a, b in pairwise(known)):
            return None
        total += known[-1] - known[0]
    return total


def integral_joules(trace: Trace, start_seconds: float, end_seconds: float) -> float | None:
    """Integral of power by trapezoids, the last reading held to the end."""
    if len(trace) < 2:
        return None
    points = [*trace, (end_seconds, trace[-1][1])]
    total = 0.0
    for (t0, w0), (t1, w1) in pairwise(points):
        left, right = max(t0, start_seconds), min(t1, end_seconds)
        if right > left:
            total += (right - left) * (w0 + w1) / 2
    return total


def steepest_ramp(trace: Trace) -> float | None:
    """Largest change of power over `_RAMP_SECONDS`, in watts per second."""
    return max(
        (abs(change) / seconds for change, seconds in _changes(trace, _RAMP_SECONDS)), default=None
    )


def count_surges(trace: Trace, idle: float | None, peak: float | None) -> int | None:
    """Number of changes above 20 % of the idle-to-peak span within 200 ms."""
    if idle is None or peak is None or peak <= idle:
        return None
    limit = _SURGE_SHARE * (peak - idle)
    surges, quiet_until = 0, float("-inf")
    for (at, _), (change, _seconds) in zip(trace, _changes(trace, _SURGE_SECONDS), strict=False):
        if abs(change) > limit and at >= quiet_until:
            surges += 1
            quiet_until = at + _SURGE_SECONDS
    return surges


def _changes(trace: Trace, window_seconds: float) -> list[tuple[float, float]]:
    """For each reading, the change to the first reading at least a window later."""
    changes = []
    later = 0
    for at, watts in trace:
        while later < len(trace) and trace[later][0] - at < window_seconds:
            later += 1
        if later == len(trace):
            break
        changes.append((trace[later][1] - watts, trace[later][0] - at))
    return changes
