"""The processor's energy counters, over a folder laid out as the kernel does."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.power.rapl import RaplMeter, open_rapl
from engine.power.trace import counter_joules, integral_joules


def zone(root: Path, number: str, name: str, microjoules: int, most: int = 262_143_328_850) -> Path:
    """Make a powercap zone."""
    folder = root / f"intel-rapl:{number}"
    folder.mkdir(parents=True)
    (folder / "name").write_text(f"{name}\n")
    (folder / "max_energy_range_uj").write_text(f"{most}\n")
    (folder / "energy_uj").write_text(f"{microjoules}\n")
    return folder / "energy_uj"


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The time the meter sees, in its only element."""
    now = [100.0]
    monkeypatch.setattr("engine.power.rapl.time.monotonic", lambda: now[0])
    return now


def opened(root: Path) -> RaplMeter:
    meter = open_rapl(root)
    assert isinstance(meter, RaplMeter)
    return meter


def test_power_is_the_difference_quotient_of_each_package(
    tmp_path: Path, clock: list[float]
) -> None:
    first = zone(tmp_path, "0", "package-0", 1_000_000)
    second = zone(tmp_path, "1", "package-1", 7_000_000)
    meter = opened(tmp_path)
    clock[0] += 0.5
    first.write_text("21000000\n")
    second.write_text("12000000\n")
    sample = meter.read()
    assert [d.name for d in sample.devices] == ["package-0", "package-1"]
    assert [d.power_watts for d in sample.devices] == pytest.approx([40.0, 10.0])
    assert [d.energy_joules for d in sample.devices] == pytest.approx([20.0, 5.0])
    assert sample.at_seconds == 100.5
    assert sample.power_watts == pytest.approx(50.0)


def test_parts_of_a_package_and_the_platform_are_not_counted_twice(tmp_path: Path) -> None:
    zone(tmp_path, "0", "package-0", 1)
    zone(tmp_path, "0:0", "core", 1)
    zone(tmp_path, "1", "psys", 1)
    assert [device.name for device in opened(tmp_path).read().devices] == ["package-0"]


def test_a_counter_that_wraps_around_goes_on(tmp_path: Path, clock: list[float]) -> None:
    counter = zone(tmp_path, "0", "package-0", 9_000_000, most=10_000_000)
    meter = opened(tmp_path)
    clock[0] += 1.0
    counter.write_text("2000000\n")
    (device,) = meter.read().devices
    assert [device.power_watts, device.energy_joules] == pytest.approx([3.0, 3.0])


def test_a_counter_that_began_anew_in_a_sleep_is_no_energy(
    tmp_path: Path, clock: list[float]
) -> None:
    counter = zone(tmp_path, "0", "package-0", 100_000_000)
    meter = opened(tmp_path)
    joules = 100.0
    samples = [meter.read()]
    for number in range(40):
        clock[0] += 0.05
        joules = 0.5 if number == 20 else joules + 0.5  # 10 W, and a sleep in between
        counter.write_text(f"{round(joules * 1e6)}\n")
        samples.append(meter.read())
    start, end = samples[0].at_seconds, samples[-1].at_seconds
    watts = [sample.power_watts for sample in samples[1:]]
    assert [w for w in watts if w is not None] == pytest.approx([10.0] * 39)
    assert counter_joules(samples, start, end) is None
    assert integral_joules(samples, start, end) == pytest.approx(20.0)


def test_a_counter_that_cannot_be_read_for_a_moment_loses_no_energy(
    tmp_path: Path, clock: list[float]
) -> None:
    counter = zone(tmp_path, "0", "package-0", 0)
    meter = opened(tmp_path)
    clock[0] += 1.0
    counter.unlink()
    (device,) = meter.read().devices
    assert (device.power_watts, device.energy_joules) == (None, None)
    clock[0] += 1.0
    counter.write_text("10000000\n")
    (device,) = meter.read().devices
    assert [device.power_watts, device.energy_joules] == pytest.approx([5.0, 10.0])


@pytest.mark.parametrize("content", ["", "no number\n", "-5\n"])
def test_a_counter_without_a_number_is_no_sensor(tmp_path: Path, content: str) -> None:
    zone(tmp_path, "0", "package-0", 0).write_text(content)
    assert open_rapl(tmp_path) is None


def test_counters_that_may_not_be_read_are_no_sensor(tmp_path: Path) -> None:
    """A folder in the counter's place fails for root too, who may read every file."""
    counter = zone(tmp_path, "0", "package-0", 0)
    counter.unlink()
    counter.mkdir()
    assert open_rapl(tmp_path) is None


def test_without_powercap_there_is_no_sensor(tmp_path: Path) -> None:
    assert open_rapl(tmp_path / "nothing") is None
