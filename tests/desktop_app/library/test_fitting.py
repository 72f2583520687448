"""The estimate of memory against what real loads take, and what it says of machines."""

from __future__ import annotations

import queue
from pathlib import Path
from typing import Literal

import psutil
import pytest

from desktop_app.library.fitting import (
    Fitting,
    fitting,
    loaded_need,
    machine_memory,
    recommended_quantization,
)
from desktop_app.library.hub_fitting import _stem
from engine.budget import Budget
from engine.client import EngineClient
from engine.generation import LoadOptions, Message
from engine.protocol import (
    Deliberate,
    DeliberationFailed,
    Event,
    LoadFailed,
    LoadModel,
    MeasureMemory,
    MemoryMeasured,
    VerdictReached,
)
from models.description import ModelDescription
from models.fit import GpuMemory, MachineMemory, Placement
from models.hub import HubFile, HubModel
from models.library import inspect
from tests.bench.generated_model import Shape, generate_model

GB = 1_000_000_000
SHAPES = {
    "narrow": Shape(12, 256, 4, 1, 704, 8000, 4096),
    "all heads": Shape(8, 512, 8, 8, 1536, 32000, 8192),
    "wide": Shape(4, 1024, 16, 4, 2816, 32000, 8192),
    "deep": Shape(24, 384, 6, 2, 1024, 16000, 8192),
}


def described(path: Path) -> ModelDescription:
    found = inspect(path)
    assert isinstance(found, ModelDescription)
    return found


class Files:
    """A file of each shape, made when it is first asked for."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __getitem__(self, name: str) -> Path:
        path = self._folder / f"{name}.gguf"
        return path if path.exists() else generate_model(path, SHAPES[name])


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Files:
    return Files(tmp_path_factory.mktemp("shapes"))


@pytest.mark.parametrize(
    ("name", "options", "eighths"),
    [
        ("narrow", LoadOptions(slots=8), 1),
        ("narrow", LoadOptions(slots=64), 4),
        ("all heads", LoadOptions(slots=8), 1),
        ("all heads", LoadOptions(slots=64, cache_type="q8_0"), 1),
        ("wide", LoadOptions(slots=16, context_tokens=4096), 1),
        ("deep", LoadOptions(slots=1), 1),
        ("deep", LoadOptions(slots=8, flash_attention="off", context_tokens=2048), 1),
    ],
)
def test_a_real_load_takes_what_was_estimated(
    name: str, options: LoadOptions, eighths: int, files: Files
) -> None:
    path = files[name]
    events: queue.SimpleQueue[Event] = queue.SimpleQueue()
    client = EngineClient(events.put)
    try:
        client.send(MeasureMemory())
        client.send(LoadModel(str(path), options))
        # llama.cpp's work space becomes resident when it is first used
        words = (options.context_tokens or 8192) * eighths // 120
        messages = (Message("user", "so many words " * words),)
        budget = Budget(options.slots, tokens_per_candidate=8)
        client.send(Deliberate("d", messages, "vote", budget, stop_early=False))
        machine = None
        while True:
            event = events.get(timeout=100)
            assert not isinstance(event, LoadFailed | DeliberationFailed)
            if isinstance(event, MemoryMeasured):
                machine = machine_memory(event)
            if isinstance(event, VerdictReached):
                break
        assert client.process_id is not None
        taken = psutil.Process(client.process_id).memory_info().rss
    finally:
        client.close()
    assert machine is not None
    need = loaded_need(described(path), path.stat().st_size, options, machine)
    assert need is not None
    assert need.total_bytes == pytest.approx(taken, rel=0.15), f"{need} against {taken}"


def fits(files: Files, machine: MachineMemory, samples: int = 8) -> Fitting:
    path = files["all heads"]
    found = fitting(described(path), path.stat().st_size, LoadOptions(), samples, machine)
    assert found is not None
    return found


def test_a_roomy_gpu_takes_everything(files: Files) -> None:
    found = fits(files, MachineMemory(8 * GB, 16 * GB, (GpuMemory("GPU", 8 * GB, 8 * GB),)))
    assert found.fit.placement is Placement.GPU
    assert found.largest_notch is not None
    assert found.largest_notch.attempts == 64


def test_a_small_gpu_takes_some_layers(files: Files) -> None:
    gpu = GpuMemory("GPU", 600_000_000, GB)
    found = fits(files, MachineMemory(8 * GB, 16 * GB, (gpu,)))
    assert found.fit.placement is Placement.PARTLY
    assert 0 < found.fit.layers_on_gpu < SHAPES["all heads"].layers


@pytest.mark.parametrize(
    ("layers", "placement"), [(0, Placement.CPU), (1, Placement.PARTLY), ("auto", Placement.GPU)]
)
def test_no_more_layers_are_reckoned_with_than_may_be_offloaded(
    files: Files, layers: int | Literal["auto"], placement: Placement
) -> None:
    path = files["all heads"]
    machine = MachineMemory(8 * GB, 16 * GB, (GpuMemory("GPU", 8 * GB, 8 * GB),))
    options = LoadOptions(gpu_layers=layers)
    found = fitting(described(path), path.stat().st_size, options, 8, machine)
    assert found is not None
    assert found.fit.placement is placement


def test_models_of_one_repository_have_a_header_each_unless_only_quantized() -> None:
    def of(path: str) -> str:
        return _stem(HubModel(path, (HubFile(path, 1, ""),)))

    assert of("Qwen3-0.6B-Q4_K_M.gguf") == of("Qwen3-0.6B-Q8_0.gguf")
    assert of("Qwen3-0.6B-Q4_K_M.gguf") != of("Qwen3-32B-Q4_K_M.gguf")
    assert of("small.gguf") != of("large.gguf")
    assert of("Q4_K_M/m-Q4_K_M.gguf") == of("Q8_0/m-Q8_0.gguf")
    assert of("a/m-Q4_K_M.gguf") != of("b/m-Q4_K_M.gguf")


def test_a_gpu_that_is_full_is_no_help(files: Files) -> None:
    gpu = GpuMemory("GPU", 100_000_000, 8 * GB)
    found = fits(files, MachineMemory(8 * GB, 16 * GB, (gpu,)))
    assert found.fit.placement is Placement.CPU


def test_little_memory_lowers_the_largest_notch_before_it_is_too_large(
    files: Files,
) -> None:
    notches = []
    for free_megabytes in (100, 330, 400, 500, 2000):
        machine = MachineMemory(free_megabytes * 1_000_000, 2 * GB // 10)
        found = fits(files, machine)
        notches.append(found.largest_notch.attempts if found.largest_notch else 0)
    assert notches == sorted(notches)
    assert notches[0] == 0
    assert notches[-1] == 64
    assert len(set(notches)) >= 3
    tiny = fits(files, MachineMemory(100_000_000, 2 * GB))
    assert tiny.fit.placement is Placement.TOO_LARGE


def test_no_more_are_promised_side_by_side_than_will_run(files: Files) -> None:
    roomy = MachineMemory(8 * GB, 16 * GB, avx512=True)
    found = fits(files, roomy, 64)
    assert found.largest_notch is not None
    assert found.largest_notch.attempts == 16
    assert found.fit.need == fits(files, roomy, 16).fit.need


def test_a_gpu_without_a_share_holds_nothing(files: Files) -> None:
    path = files["all heads"]
    gpu = GpuMemory("GPU", 600_000_000, GB)

    def layers(gpus: int, split: tuple[float, ...]) -> int:
        machine = MachineMemory(8 * GB, 16 * GB, (gpu,) * gpus)
        options = LoadOptions(tensor_split=split)
        found = fitting(described(path), path.stat().st_size, options, 8, machine)
        assert found is not None
        return found.fit.layers_on_gpu

    assert layers(2, (1.0,)) == layers(2, (0.0, 1.0)) == layers(1, ())
    assert layers(2, (1.0, 1.0)) == layers(2, ()) > layers(1, ())


def test_more_samples_need_more(files: Files) -> None:
    machine = MachineMemory(8 * GB, 16 * GB)
    needs = [fits(files, machine, samples).fit.need.total_bytes for samples in (8, 16, 64)]
    assert needs == sorted(set(needs))


def test_the_model_that_is_replaced_gives_its_memory_back(files: Files) -> None:
    machine = MachineMemory(100_000_000, 2 * GB, (GpuMemory("GPU", 0, 4 * GB),))
    loaded = fits(files, machine).fit.need
    freed = machine.without(loaded, layers_on_gpu_share=1.0)
    assert freed.gpus[0].free_bytes == loaded.total_bytes - loaded.engine_bytes
    assert freed.free_bytes == machine.free_bytes + loaded.engine_bytes
    on_cpu = machine.without(loaded, layers_on_gpu_share=0.0)
    assert on_cpu.gpus == machine.gpus
    # the weights are pages of the file, which are free for the taking as it is
    assert on_cpu.free_bytes == machine.free_bytes + loaded.total_bytes - loaded.weights_bytes
    assert machine.without(None, layers_on_gpu_share=0.0) == machine


@pytest.mark.parametrize(
    ("placements", "best"),
    [
        ({"Q2_K": Placement.GPU, "Q4_K_M": Placement.GPU, "Q8_0": Placement.GPU}, "Q4_K_M"),
        ({"Q4_K_M": Placement.PARTLY, "Q3_K_M": Placement.GPU}, "Q3_K_M"),
        ({"UD-Q4_K_XL": Placement.CPU, "Q8_0": Placement.TOO_LARGE}, "UD-Q4_K_XL"),
        ({"IQ1_S": Placement.CPU}, "IQ1_S"),
        ({"Q4_K_M": Placement.TOO_LARGE}, None),
    ],
)
def test_the_recommended_quantization_fits_best(
    placements: dict[str, Placement], best: str | None
) -> None:
    assert recommended_quantization(placements) == best
