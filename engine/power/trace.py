"""What a stretch of power readings says: energy, idle baseline, peak, ramps and surges.

Pure functions over samples; nothing here knows a sensor, a thread or a clock. Definitions follow
the vocabulary of arXiv 2409.11416 and 2502.01647; energy from the counter is preferred, the
integral of power is the cross-check and the fallback. What the samples do not cover is not guessed:
a device that was lost or a gap in the readings makes a number None.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from statistics import median
from typing import Final, Protocol

import msgspec

from engine.power.meter import EnergyMethod, EnergyReport, PowerSample, SensorWindow

IDLE_SECONDS: Final = 5.0
"""How much quiet time the idle baseline is the median of."""
_LOOK_BACK_SECONDS: Final = 60.0
"""How far before the start that quiet time may lie."""
_LONGEST_GAP_SECONDS: Final = 1.0
"""Without a reading for longer, power in between is unknown."""
_SETTLE_SECONDS: Final = 1.0
"""A device needs about this long to fall back to idle, and averaging sensors to show it."""
_BUSY_UTILIZATION: Final = 0.1
_RAMP_SECONDS: Final = 0.1
_SURGE_SECONDS: Final = 0.2
_SURGE_SHARE: Final = 0.2
_JITTER_SECONDS: Final = 0.01
"""How far readings may stray from their period."""

Trace = Sequence[tuple[float, float]]
"""(seconds, value) in order of time."""


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


def energy_report(
    source: Samples,
    start_seconds: float,
    end_seconds: float,
    busy_until_seconds: float = float("-inf"),
    known_idle_watts: float | None = None,
) -> EnergyReport:
    """Measure a stretch of time.

    Args:
        source: The samples; those before the start give the idle baseline.
        start_seconds: `time.monotonic()` of the start.
        end_seconds: `time.monotonic()` of the end.
        busy_until_seconds: Until when we ourselves kept the device busy before the start.
        known_idle_watts: The idle baseline where it was measured earlier, or None.
    """
    samples = source.samples_between(start_seconds - _LOOK_BACK_SECONDS, end_seconds)
    before = [sample for sample in samples if sample.at_seconds < start_seconds]
    inside = [sample for sample in samples if sample.at_seconds >= start_seconds]
    edge = [
        *(s for s in before[-1:] if start_seconds - s.at_seconds <= _LONGEST_GAP_SECONDS),
        *inside,
    ]
    integral = integral_joules(edge, start_seconds, end_seconds)
    joules, method = _choose(counter_joules(edge, start_seconds, end_seconds), integral)
    trace = power_trace(inside)
    quiet_since = busy_until_seconds + _SETTLE_SECONDS
    quiet = [sample for sample in before if sample.at_seconds >= quiet_since]
    idle = idle_watts(quiet) if known_idle_watts is None else known_idle_watts
    peak = max((watts for _, watts in trace), default=None)
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
        max_ramp_watts_per_second=steepest_ramp(trace) if instant else None,
        surges=count_surges(trace, idle, peak) if instant else None,
    )


def joined_report(
    first: EnergyReport | None,
    first_seconds: float,
    second: EnergyReport | None,
    second_seconds: float,
) -> EnergyReport | None:
    """Add the reports of two stretches of one deliberation that was told to think longer.

    Args:
        first: The earlier stretch, or None when there was no meter.
        first_seconds: How long it took.
        second: The later stretch, or None.
        second_seconds: How long it took.

    Returns:
        The sum; its joules are None unless both were measured. None without any report.
    """
    if first is None or second is None:
        known = first or second
        return known and msgspec.structs.replace(
            known, joules=None, method="not available", integral_joules=None, mean_watts=None
        )
    joules = _sum(first.joules, second.joules)
    methods = {first.method, second.method}
    method: EnergyMethod = "counter" if methods == {"counter"} else "integral"
    seconds = first_seconds + second_seconds
    idle = first.idle_watts if first.idle_watts is not None else second.idle_watts
    peak = _largest(first.peak_watts, second.peak_watts)
    return EnergyReport(
        joules=joules,
        method=method if joules is not None else "not available",
        label=second.label,
        window=second.window if second.window == first.window else "unknown",
        integral_joules=_sum(first.integral_joules, second.integral_joules),
        idle_watts=idle,
        mean_watts=joules / seconds if joules is not None and seconds > 0 else None,
        peak_watts=peak,
        peak_to_idle=peak / idle if peak is not None and idle else None,
        max_ramp_watts_per_second=_largest(
            first.max_ramp_watts_per_second, second.max_ramp_watts_per_second
        ),
        surges=None
        if first.surges is None or second.surges is None
        else first.surges + second.surges,
        shared=first.shared or second.shared,
    )


def _sum(first: float | None, second: float | None) -> float | None:
    return None if first is None or second is None else first + second


def _largest(first: float | None, second: float | None) -> float | None:
    return max((value for value in (first, second) if value is not None), default=None)


def _choose(counter: float | None, integral: float | None) -> tuple[float | None, EnergyMethod]:
    if counter is not None:
        return counter, "counter"
    if integral is not None:
        return integral, "integral"
    return None, "not available"


def power_trace(samples: Sequence[PowerSample]) -> list[tuple[float, float]]:
    """The power over time, unknown readings left out."""
    return [(s.at_seconds, s.power_watts) for s in samples if s.power_watts is not None]


def idle_watts(samples: Sequence[PowerSample]) -> float | None:
    """Median power of the latest `IDLE_SECONDS` in a row without work, or None without such a time.

    Args:
        samples: Readings before the start.
    """
    quiet: list[tuple[float, float]] = []
    for sample in reversed(samples):
        watts = sample.power_watts
        if watts is None or _is_busy(sample):
            quiet.clear()
            continue
        if quiet and quiet[-1][0] - sample.at_seconds > _LONGEST_GAP_SECONDS:
            quiet.clear()
        quiet.append((sample.at_seconds, watts))
        if quiet[0][0] - sample.at_seconds >= IDLE_SECONDS - _JITTER_SECONDS:
            return median(watts for _, watts in quiet)
    return None


def _is_busy(sample: PowerSample) -> bool:
    return any((device.utilization or 0.0) > _BUSY_UTILIZATION for device in sample.devices)


def counter_joules(
    samples: Sequence[PowerSample], start_seconds: float, end_seconds: float
) -> float | None:
    """Difference of the energy counters over a stretch, summed over devices.

    None when a device has no counter, disappears, or its counter was reset or stood still.
    """
    traces = _device_traces(
        (s.at_seconds, [device.energy_joules for device in s.devices]) for s in samples
    )
    if not traces:
        return None
    total = 0.0
    for trace in traces:
        if not _reaches(trace, start_seconds, end_seconds):
            return None
        if any(later < earlier for (_, earlier), (_, later) in pairwise(trace)):
            return None
        if trace[-1][1] == trace[0][1]:
            return None
        total += trace[-1][1] - trace[0][1]
    return total


def integral_joules(
    samples: Sequence[PowerSample], start_seconds: float, end_seconds: float
) -> float | None:
    """Integral of power by trapezoids over a stretch, summed over the devices that tell power.

    None when no device does, one was lost on the way, or readings are missing for too long.
    """
    traces = _device_traces(
        (s.at_seconds, [device.power_watts for device in s.devices]) for s in samples
    )
    telling = [trace for trace in traces if trace]
    if not telling:
        return None
    total = 0.0
    for trace in telling:
        gap = max((later - earlier for (earlier, _), (later, _) in pairwise(trace)), default=0.0)
        if gap > _LONGEST_GAP_SECONDS or not _reaches(trace, start_seconds, end_seconds):
            return None
        total += _area(trace, start_seconds, end_seconds)
    return total


def _device_traces(
    moments: Iterable[tuple[float, list[float | None]]],
) -> list[list[tuple[float, float]]]:
    """The known values over time, one trace for each device."""
    traces: list[list[tuple[float, float]]] = []
    for at, values in moments:
        traces.extend([] for _ in range(len(values) - len(traces)))
        for trace, value in zip(traces, values, strict=False):
            if value is not None:
                trace.append((at, value))
    return traces


def _reaches(trace: Trace, start_seconds: float, end_seconds: float) -> bool:
    """Whether a trace has two readings or more and covers a stretch up to a small gap."""
    return (
        len(trace) > 1
        and trace[0][0] - start_seconds <= _LONGEST_GAP_SECONDS
        and end_seconds - trace[-1][0] <= _LONGEST_GAP_SECONDS
    )


def _area(trace: Trace, start_seconds: float, end_seconds: float) -> float:
    """Area below a trace; the first and last reading are held out to the ends."""
    points = [(min(start_seconds, trace[0][0]), trace[0][1]), *trace, (end_seconds, trace[-1][1])]
    total = 0.0
    for (t0, w0), (t1, w1) in pairwise(points):
        left, right = max(t0, start_seconds), min(t1, end_seconds)
        if right > left:
            slope = (w1 - w0) / (t1 - t0)
            middle = w0 + slope * ((left + right) / 2 - t0)
            total += (right - left) * middle
    return total


def steepest_ramp(trace: Trace) -> float | None:
    """Largest change of power over `_RAMP_SECONDS`, in watts per second."""
    steepest: float | None = None
    later = 0
    for at, watts in trace:
        while later < len(trace) and trace[later][0] - at < _RAMP_SECONDS - _JITTER_SECONDS:
            later += 1
        if later == len(trace):
            break
        seconds = trace[later][0] - at
        if seconds <= 2 * _RAMP_SECONDS:
            steepest = _largest(steepest, abs(trace[later][1] - watts) / seconds)
    return steepest


def count_surges(trace: Trace, idle: float | None, peak: float | None) -> int | None:
    """Number of changes, up or down, above 20 % of the idle-to-peak span within 200 ms.

    One change is counted once: the search goes on where it was found.
    """
    if idle is None or peak is None or peak <= idle:
        return None
    limit = _SURGE_SHARE * (peak - idle)
    surges, earlier = 0, 0
    for later, (at, watts) in enumerate(trace):
        while at - trace[earlier][0] > _SURGE_SECONDS + _JITTER_SECONDS:
            earlier += 1
        if any(abs(watts - before) > limit for _, before in trace[earlier:later]):
            surges += 1
            earlier = later
    return surges
