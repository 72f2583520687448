"""The NVML meter through the real pynvml, over a compiled stand-in for the driver's library.

Each test drives a child process, because a process loads the driver's library once.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest

from engine.power.meter import DeviceReading, PowerSample

_SOURCE = Path(__file__).with_name("nvml_stub.c")
_ROOT = Path(__file__).parents[3]

_CHILD = """
import sys, msgspec
from engine.power.nvml import gpu_facts, open_nvml
from engine.power.select import open_meter
if sys.argv[1] == "facts":
    print(msgspec.json.encode(gpu_facts()).decode(), flush=True)
    sys.exit()
meter = {"nvml": open_nvml, "any": open_meter}[sys.argv[1]]()
print("none" if meter is None else f"{meter.label}|{meter.window}|{meter.scope}", flush=True)
for line in sys.stdin:
    print(msgspec.json.encode(meter.read()).decode(), flush=True)
if meter is not None:
    meter.close()
    meter.close()
    print("closed", flush=True)
"""

ONE_GPU = """\
devices 1
0.name Some GPU
0.power 80000
0.instant 120500
0.energy 5000250
0.temperature 41
0.busy 73
0.used 1000
0.total 4000
"""


class Machine:
    """A process that sees the GPUs which a file describes."""

    def __init__(self, folder: Path, library: Path, gpus: str, which: str) -> None:
        self._file = folder / "gpus.txt"
        self.now_has(gpus)
        environment = os.environ | {
            "LD_LIBRARY_PATH": str(library),
            "PONDER_NVML_STUB": str(self._file),
            "PYTHONPATH": str(_ROOT),
        }
        self._child = subprocess.Popen(
            [sys.executable, "-W", "error", "-c", _CHILD, which],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=environment,
        )
        self.described = self._line()

    def now_has(self, gpus: str) -> None:
        """Change what the driver tells from now on."""
        fresh = self._file.with_suffix(".new")
        fresh.write_text(gpus, encoding="utf-8")
        fresh.replace(self._file)

    def read(self) -> tuple[DeviceReading, ...]:
        """Let the meter look once."""
        assert self._child.stdin is not None
        self._child.stdin.write("read\n")
        self._child.stdin.flush()
        return msgspec.json.decode(self._line(), type=PowerSample).devices

    def end(self) -> tuple[str, int]:
        """End the process; return its last words and status."""
        rest, _ = self._child.communicate()
        return rest, self._child.returncode

    def _line(self) -> str:
        assert self._child.stdout is not None
        return self._child.stdout.readline().strip()


Start = Callable[..., Machine]


@pytest.fixture(scope="module")
def drivers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folders `new` and `old`, each with its driver library; `none` is empty."""
    compiler = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
    if compiler is None or not sys.platform.startswith("linux"):
        pytest.skip("the stand-in for NVML needs Linux and a C compiler")
    folder = tmp_path_factory.mktemp("drivers")
    (folder / "none").mkdir()
    for name, options in (("new", []), ("old", ["-DOLD_DRIVER"])):
        (folder / name).mkdir()
        target = folder / name / "libnvidia-ml.so.1"
        command = [compiler, "-shared", "-fPIC", "-Wall", "-Werror", *options]
        subprocess.run([*command, "-o", str(target), str(_SOURCE)], check=True)
    return folder


@pytest.fixture
def start(tmp_path: Path, drivers: Path) -> Iterator[Start]:
    machines: list[Machine] = []

    def begin(gpus: str = ONE_GPU, driver: str = "new", which: str = "nvml") -> Machine:
        machines.append(Machine(tmp_path, drivers / driver, gpus, which))
        return machines[-1]

    yield begin
    for machine in machines:
        _, status = machine.end()
        assert status == 0


def without(gpus: str, *fields: str) -> str:
    """The description without some values: not supported there."""
    lines = gpus.splitlines(keepends=True)
    return "".join(line for line in lines if line.split(" ")[0].split(".")[-1] not in fields)


def test_every_value_is_read_in_its_unit_and_instant_power_is_preferred(start: Start) -> None:
    machine = start()
    assert machine.described == "NVML|instant|whole GPU"
    assert machine.read() == (
        DeviceReading(
            name="Some GPU",
            power_watts=120.5,
            energy_joules=5000.25,
            temperature_celsius=41.0,
            utilization=0.73,
            memory_used_bytes=1000,
            memory_total_bytes=4000,
        ),
    )


@pytest.mark.parametrize("driver", ["new", "old"])
def test_without_the_instant_field_power_is_of_an_unknown_window(start: Start, driver: str) -> None:
    gpus = without(ONE_GPU, "instant") if driver == "new" else ONE_GPU
    machine = start(gpus, driver)
    assert machine.described == "NVML|unknown|whole GPU"
    assert machine.read()[0].power_watts == 80.0


@pytest.mark.parametrize(
    ("unsupported", "fields"),
    [
        (("power", "instant"), ["power_watts"]),
        (("energy",), ["energy_joules"]),
        (("temperature",), ["temperature_celsius"]),
        (("busy",), ["utilization"]),
        (("used",), ["memory_used_bytes", "memory_total_bytes"]),
    ],
)
def test_an_unsupported_value_is_none_and_the_others_stay(
    start: Start, unsupported: tuple[str, ...], fields: list[str]
) -> None:
    (device,) = start(without(ONE_GPU, *unsupported)).read()
    values = msgspec.structs.asdict(device)
    assert [name for name, value in values.items() if value is None] == fields


def test_two_gpus_are_read_apart_and_a_card_without_instant_power_says_so(start: Start) -> None:
    second = without(ONE_GPU, "devices", "instant").replace("0.", "1.", 1)
    second = "".join(f"1.{line[2:]}" for line in second.splitlines(keepends=True))
    machine = start(ONE_GPU.replace("devices 1", "devices 2") + second.replace("Some", "Other"))
    assert machine.described == "NVML|unknown|whole GPU"
    first, other = machine.read()
    assert (first.name, first.power_watts) == ("Some GPU", 120.5)
    assert (other.name, other.power_watts) == ("Other GPU", 80.0)


def test_a_gpu_that_is_lost_on_the_way_tells_nothing_more_and_may_come_back(start: Start) -> None:
    machine = start()
    assert machine.read()[0].power_watts == 120.5
    machine.now_has(ONE_GPU + "0.lost 1\n")
    assert machine.read() == (DeviceReading("Some GPU"),)
    machine.now_has(ONE_GPU)
    assert machine.read()[0].energy_joules == 5000.25


def test_a_gpu_that_is_lost_from_the_start_is_kept_without_values(start: Start) -> None:
    assert start(ONE_GPU + "0.lost 1\n").read() == (DeviceReading("NVIDIA GPU"),)


@pytest.mark.parametrize(
    ("gpus", "driver"),
    [(ONE_GPU, "none"), ("init 9\n" + ONE_GPU, "new"), ("devices 0\n", "new")],
    ids=["no driver", "driver not loaded", "no GPU"],
)
def test_without_driver_or_gpu_there_is_no_meter(start: Start, gpus: str, driver: str) -> None:
    assert start(gpus, driver).described == "none"


def test_closing_twice_is_fine(start: Start) -> None:
    assert start().end() == ("closed\n", 0)


def test_a_gpu_that_tells_power_is_preferred_to_everything_else(start: Start) -> None:
    assert start(which="any").described.startswith("NVML|")


def test_a_gpu_that_tells_neither_power_nor_energy_is_no_meter(start: Start) -> None:
    machine = start(without(ONE_GPU, "power", "instant", "energy"), which="any")
    assert not machine.described.startswith("NVML|")


@pytest.mark.parametrize(
    ("gpus", "driver", "facts"),
    [
        (
            ONE_GPU + "driver 580.1\n0.limit 450000\n",
            "new",
            {"driver": "580.1", "power limit of Some GPU 0": "450 W"},
        ),
        (
            ONE_GPU,
            "new",
            {"driver": "not available", "power limit of Some GPU 0": "not available"},
        ),
        (ONE_GPU, "none", {}),
    ],
    ids=["told", "not told", "no driver"],
)
def test_a_run_card_names_driver_and_power_limit(
    start: Start, gpus: str, driver: str, facts: dict[str, str]
) -> None:
    machine = start(gpus, driver, which="facts")
    assert msgspec.json.decode(machine.described) == facts
    assert machine.end() == ("", 0)
