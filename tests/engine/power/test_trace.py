"""What a stretch of readings says, on traces whose answer is known; and what it refuses to say."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.power.meter import DeviceReading, EnergyReport, PowerSample, SensorWindow
from engine.power.trace import energy_report, joined_report

PERIOD = 0.05


@dataclass
class Recorded:
    """Samples as the sampler would remember them."""

    samples: list[PowerSample]
    window: SensorWindow = "instant"
    label: str = "Test"

    def samples_between(self, start_seconds: float, end_seconds: float) -> Sequence[PowerSample]:
        return [s for s in self.samples if start_seconds <= s.at_seconds <= end_seconds]


def recorded(
    watts: Callable[[float], float | None],
    *,
    first: float = 0.0,
    last: float = 20.0,
    counter: bool = True,
    busy: Callable[[float], float | None] = lambda _: None,
    window: SensorWindow = "instant",
) -> Recorded:
    """Sample a power curve from `first` to `last`, with its exact counter if asked."""
    samples = []
    joules = 1000.0
    for number in range(round((last - first) / PERIOD) + 1):
        at = first + number * PERIOD
        power = watts(at)
        joules += (power or 0.0) * PERIOD
        reading = DeviceReading("one", power, joules if counter else None, utilization=busy(at))
        samples.append(PowerSample(at, (reading,)))
    return Recorded(samples, window)


def step(at: float) -> float:
    """50 W idle, 250 W from second 10 to 14."""
    return 250.0 if 10.0 <= at < 14.0 else 50.0


def test_energy_comes_from_the_counter_and_the_integral_agrees() -> None:
    report = energy_report(recorded(step), 10.0, 14.0)
    assert report.method == "counter"
    assert report.joules == pytest.approx(1000.0, rel=0.02)
    assert report.integral_joules == pytest.approx(1000.0, rel=0.02)
    assert (report.label, report.window) == ("Test", "instant")


def test_idle_mean_peak_and_ratio_of_a_step() -> None:
    report = energy_report(recorded(step), 10.0, 14.0)
    assert (report.idle_watts, report.peak_watts, report.peak_to_idle) == (50.0, 250.0, 5.0)
    assert report.mean_watts == pytest.approx(250.0, rel=0.02)


def test_without_a_counter_the_integral_is_taken_and_named() -> None:
    report = energy_report(recorded(step, counter=False), 10.0, 14.0)
    assert report.method == "integral"
    assert report.joules == report.integral_joules == pytest.approx(1000.0, rel=0.02)


def test_without_any_reading_nothing_is_claimed() -> None:
    assert energy_report(Recorded([]), 10.0, 14.0) == EnergyReport(
        None, "not available", "Test", "instant"
    )
    silent = energy_report(recorded(lambda _: None, counter=False), 10.0, 14.0)
    assert (silent.joules, silent.method, silent.peak_watts) == (None, "not available", None)


@given(st.lists(st.floats(1, 900), min_size=41, max_size=41))
def test_the_integral_of_any_trace_lies_between_its_extremes(watts: list[float]) -> None:
    source = recorded(lambda at: watts[round(at / PERIOD)], last=2.0, counter=False)
    report = energy_report(source, 0.0, 2.0)
    assert report.joules is not None
    assert 2.0 * min(watts) - 1e-6 <= report.joules <= 2.0 * max(watts) + 1e-6


def test_a_ramp_is_integrated_exactly_between_readings() -> None:
    report = energy_report(recorded(lambda at: 10 * at, counter=False), 3.01, 7.02)
    assert report.joules == pytest.approx(5 * (7.02**2 - 3.01**2), rel=1e-3)


@pytest.mark.parametrize("span", [0.06, 0.2, 0.4])
def test_a_short_answer_is_measured_too(span: float) -> None:
    report = energy_report(recorded(lambda _: 100.0, last=10.0 + span), 10.0, 10.0 + span)
    assert report.joules == pytest.approx(100.0 * span, abs=100.0 * PERIOD + 1e-6)


# --- what must not be guessed ---------------------------------------------------------------------


def with_device(source: Recorded, change: Callable[[float, DeviceReading], DeviceReading]) -> None:
    source.samples = [
        PowerSample(s.at_seconds, tuple(change(s.at_seconds, d) for d in s.devices))
        for s in source.samples
    ]


def test_a_counter_that_was_reset_is_not_believed() -> None:
    source = recorded(step)
    with_device(
        source,
        lambda at, d: DeviceReading(
            d.name, d.power_watts, (d.energy_joules or 0) - (900 if at > 12 else 0)
        ),
    )
    assert energy_report(source, 10.0, 14.0).method == "integral"


def test_a_counter_that_stands_still_is_not_believed() -> None:
    source = recorded(step)
    with_device(source, lambda _, d: DeviceReading(d.name, d.power_watts, 1000.0))
    report = energy_report(source, 10.0, 14.0)
    assert report.method == "integral"
    assert report.joules == pytest.approx(1000.0, rel=0.02)


def test_a_device_that_is_lost_on_the_way_makes_the_energy_unknown() -> None:
    source = recorded(step)
    with_device(source, lambda at, d: d if at < 12 else DeviceReading(d.name))
    report = energy_report(source, 10.0, 14.0)
    assert (report.joules, report.method) == (None, "not available")
    assert report.mean_watts is None
    assert report.peak_watts == 250.0


def test_one_lost_gpu_of_two_is_not_left_out_of_the_sum() -> None:
    source = recorded(step)
    source.samples = [
        PowerSample(
            s.at_seconds,
            (*s.devices, DeviceReading("two", 30.0 if s.at_seconds < 12 else None)),
        )
        for s in source.samples
    ]
    report = energy_report(source, 10.0, 14.0)
    assert (report.joules, report.integral_joules) == (None, None)


def test_two_gpus_are_summed_and_a_second_one_without_sensors_is_ignored_by_the_integral() -> None:
    source = recorded(step)
    both = [
        PowerSample(s.at_seconds, (*s.devices, *s.devices, DeviceReading("blind")))
        for s in source.samples
    ]
    report = energy_report(Recorded(both), 10.0, 14.0)
    assert report.method == "integral"
    assert report.joules == pytest.approx(2000.0, rel=0.02)
    counted = [PowerSample(s.at_seconds, s.devices[:2]) for s in both]
    report = energy_report(Recorded(counted), 10.0, 14.0)
    assert report.method == "counter"
    assert report.joules == pytest.approx(2000.0, rel=0.02)


def test_a_short_silence_of_a_sensor_is_bridged_a_long_one_is_not() -> None:
    def silent(seconds: float) -> EnergyReport:
        source = recorded(step, counter=False)
        with_device(source, lambda at, d: DeviceReading("one") if 0 < at - 11 < seconds else d)
        return energy_report(source, 10.0, 14.0)

    assert silent(0.5).joules == pytest.approx(1000.0, rel=0.02)
    assert silent(2.0).joules is None


def test_readings_that_began_late_or_ended_early_cover_nothing() -> None:
    assert energy_report(recorded(step, first=12.0), 10.0, 14.0).joules is None
    assert energy_report(recorded(step, last=12.0), 10.0, 14.0).joules is None


def test_readings_from_long_before_are_not_the_first_of_the_stretch() -> None:
    """The machine slept between the last idle reading and the start."""
    source = recorded(lambda _: 100.0, last=14.0)
    source.samples = [s for s in source.samples if not 5.0 < s.at_seconds < 10.0]
    report = energy_report(source, 10.0, 14.0)
    assert report.joules == pytest.approx(400.0, rel=0.03)


# --- the idle baseline ----------------------------------------------------------------------------


def test_less_than_five_quiet_seconds_are_no_baseline() -> None:
    report = energy_report(recorded(step, first=6.0), 10.0, 14.0)
    assert (report.idle_watts, report.peak_to_idle, report.surges) == (None, None, None)
    assert report.joules is not None


def test_a_spike_while_idle_does_not_move_the_median() -> None:
    report = energy_report(recorded(lambda at: 400.0 if 8.0 < at < 9.0 else step(at)), 10.0, 14.0)
    assert report.idle_watts == 50.0


def test_the_answer_just_before_is_not_taken_for_idle() -> None:
    """Two questions in a row: the first kept the device busy until a second before this one."""

    def watts(at: float) -> float:
        return 300.0 if 6.0 <= at < 11.0 else step(at)

    source = recorded(watts, first=-10.0)
    told = energy_report(source, 12.0, 14.0, busy_until_seconds=11.0)
    assert told.idle_watts is None
    seen = recorded(watts, first=-10.0, busy=lambda at: 0.97 if 6.0 <= at < 14.0 else 0.0)
    assert energy_report(seen, 12.0, 14.0).idle_watts == 50.0


def test_a_desktop_that_draws_a_little_is_still_idle() -> None:
    source = recorded(step, busy=lambda _: 0.04)
    assert energy_report(source, 10.0, 14.0).idle_watts == 50.0


# --- ramps and surges -----------------------------------------------------------------------------


def test_a_ramp_is_the_change_over_a_tenth_of_a_second() -> None:
    report = energy_report(recorded(lambda at: 50 + max(0.0, min(at - 11, 1.0)) * 200), 10.0, 14.0)
    assert report.max_ramp_watts_per_second == pytest.approx(200.0, rel=0.01)


@pytest.mark.parametrize(
    ("watts", "surges"),
    [
        (lambda at: 250.0 if at >= 11 else 50.0, 1),
        (lambda at: 250.0 if 11 <= at < 13 else 50.0, 2),
        (lambda at: 250.0 if 11 <= at < 11.1 else 50.0, 2),
        (lambda at: 50 + max(0.0, min((at - 10.5) / 3, 1.0)) * 200, 0),
        (lambda _: 50.0, None),
    ],
    ids=["step up", "up and down", "short spike", "slow rise", "flat"],
)
def test_surges_are_sudden_changes_up_or_down(
    watts: Callable[[float], float], surges: int | None
) -> None:
    assert energy_report(recorded(watts), 10.0, 14.0).surges == surges


@pytest.mark.parametrize("window", ["1 s average", "interval average", "unknown"])
def test_ramps_and_surges_are_hidden_on_averaged_sensors(window: SensorWindow) -> None:
    report = energy_report(recorded(step, window=window), 10.0, 14.0)
    assert (report.max_ramp_watts_per_second, report.surges) == (None, None)
    assert report.peak_watts == 250.0
    assert report.window == window


def test_a_gap_is_no_ramp() -> None:
    source = recorded(step)
    source.samples = [s for s in source.samples if not 13.0 < s.at_seconds < 14.5]
    report = energy_report(source, 12.0, 16.0)
    assert report.max_ramp_watts_per_second == 0.0
    assert report.surges == 0


# --- two stretches of one deliberation ------------------------------------------------------------


def test_thinking_longer_adds_up() -> None:
    first = EnergyReport(100.0, "counter", "T", "instant", 98.0, 50.0, 25.0, 200.0, 4.0, 900.0, 2)
    second = EnergyReport(60.0, "counter", "T", "instant", 61.0, 55.0, 30.0, 250.0, 4.5, 700.0, 1)
    assert joined_report(first, 4.0, second, 2.0) == EnergyReport(
        joules=160.0,
        method="counter",
        label="T",
        window="instant",
        integral_joules=159.0,
        idle_watts=50.0,
        mean_watts=160.0 / 6.0,
        peak_watts=250.0,
        peak_to_idle=5.0,
        max_ramp_watts_per_second=900.0,
        surges=3,
    )


def test_a_stretch_that_was_not_measured_makes_the_sum_unknown() -> None:
    known = EnergyReport(100.0, "counter", "T", "instant", 98.0, peak_watts=200.0)
    for first, second in (
        (known, None),
        (None, known),
        (known, EnergyReport(None, "not available")),
    ):
        joined = joined_report(first, 4.0, second, 2.0)
        assert joined is not None
        assert (joined.joules, joined.method, joined.mean_watts) == (None, "not available", None)
        assert joined.peak_watts == 200.0
    assert joined_report(None, 4.0, None, 2.0) is None


def test_a_sum_of_counter_and_integral_is_no_counter() -> None:
    first, second = EnergyReport(1.0, "counter"), EnergyReport(2.0, "integral")
    joined = joined_report(first, 1.0, second, 1.0)
    assert joined is not None
    assert (joined.joules, joined.method) == (3.0, "integral")
