"""The sampler over a meter that recites: beat, memory, listeners and end."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest

from engine.power.meter import DeviceReading, PowerSample, SensorWindow
from engine.power.sampler import PowerSampler


class RecitedMeter:
    """Counts its readings; each is one joule further."""

    label = "Recited"
    scope = "nothing"
    window: SensorWindow = "instant"

    def __init__(self) -> None:
        self.readings = 0
        self.closed = 0
        self.readers: set[str] = set()

    def read(self) -> PowerSample:
        self.readings += 1
        self.readers.add(threading.current_thread().name)
        return PowerSample(
            time.monotonic(), (DeviceReading("one", 20.0, energy_joules=float(self.readings)),)
        )

    def close(self) -> None:
        self.closed += 1


@pytest.fixture
def meter() -> RecitedMeter:
    return RecitedMeter()


@pytest.fixture
def sampler(meter: RecitedMeter) -> Iterator[PowerSampler]:
    sampler = PowerSampler(meter, period_seconds=0.01)
    yield sampler
    sampler.close()


def listen(sampler: PowerSampler, count: int) -> list[PowerSample]:
    """Start and wait for a number of readings."""
    heard: list[PowerSample] = []
    enough = threading.Event()

    def keep(sample: PowerSample) -> None:
        heard.append(sample)
        if len(heard) == count:
            enough.set()

    sampler.subscribe(keep)
    sampler.start()
    assert enough.wait(30)
    return heard


def test_readings_are_told_and_remembered_in_order(
    sampler: PowerSampler, meter: RecitedMeter
) -> None:
    heard = listen(sampler, 10)
    sampler.close()
    remembered = sampler.samples_between(heard[0].at_seconds, heard[-1].at_seconds)
    assert list(remembered) == heard
    assert meter.readers == {"power"}


def test_a_stretch_holds_its_ends_and_nothing_else(sampler: PowerSampler) -> None:
    heard = listen(sampler, 10)
    sampler.close()
    part = sampler.samples_between(heard[2].at_seconds, heard[6].at_seconds)
    assert list(part) == heard[2:7]
    assert list(sampler.samples_between(0.0, heard[0].at_seconds - 1e-6)) == []
    assert list(sampler.samples_between(heard[-1].at_seconds + 60, float("inf"))) == []


def test_readings_come_no_faster_than_their_period(sampler: PowerSampler) -> None:
    heard = listen(sampler, 20)
    span = heard[-1].at_seconds - heard[0].at_seconds
    assert span >= 0.01 * 18


def test_only_the_latest_readings_are_kept(
    meter: RecitedMeter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.power.sampler.KEPT_SECONDS", 0.05)
    sampler = PowerSampler(meter, period_seconds=0.01)
    heard = listen(sampler, 12)
    sampler.close()
    assert list(sampler.samples_between(0.0, float("inf"))) == heard[-5:]


def test_closing_ends_the_thread_and_the_meter(sampler: PowerSampler, meter: RecitedMeter) -> None:
    listen(sampler, 2)
    sampler.close()
    readings = meter.readings
    assert meter.closed == 1
    assert "power" not in {thread.name for thread in threading.enumerate()}
    sampler.close()
    assert meter.readings == readings


def test_it_tells_what_its_meter_is(sampler: PowerSampler) -> None:
    assert (sampler.label, sampler.window, sampler.scope) == ("Recited", "instant", "nothing")
    assert sampler.period_seconds == 0.01
