"""What is loaded, and what is said when it cannot be."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Final

import gguf
import numpy as np
import pytest

from engine.backends.llama import capacity
from engine.backends.llama.backend import LlamaBackend
from engine.backends.llama.capacity import CacheShape, attention_for, cell_type_for, plan
from engine.backends.llama.model import _count_layers
from engine.backends.llama.native import has_avx512, system_report
from engine.errors import LoadCancelledError, ModelFileError, ModelMemoryError
from engine.generation import CellType, FlashAttention, LoadOptions
from tests.bench.generated_model import CHAT_TEMPLATE, TINY, add_vocabulary, generate_model
from tests.engine.backends.conftest import ask, finish

Load = Callable[..., LlamaBackend]
_WAYS: Final[tuple[FlashAttention, ...]] = ("auto", "on", "off")


def test_the_report_tells_what_the_file_and_llama_say(load: Load, tiny_model: Path) -> None:
    report = load(slots=6).report
    assert (report.path, report.name) == (str(tiny_model), "Random 2x64")
    assert (report.architecture, report.quantization, report.family) == ("llama", "F32", "")
    assert (report.layers, report.layers_on_gpu, report.devices) == (2, 0, ())
    assert report.parameters * 4 == report.size_bytes
    assert (report.context_tokens, report.train_context_tokens) == (512, 512)
    assert (report.slots, report.threads, report.can_fork) == (6, 1, True)
    assert report.template == "model"
    assert not report.thought_opening
    assert 0 < report.load_seconds < 60


def test_a_file_without_template_gets_the_announced_fallback(load: Load, tmp_path: Path) -> None:
    path = generate_model(tmp_path / "plain.gguf", replace(TINY, chat_template=None))
    backend = load(path)
    assert backend.report.template == "fallback"
    assert "template-fallback" in {notice.code for notice in backend.notices}
    backend.submit([ask(0)])
    assert finish(backend).ends.keys() == {0}


def test_a_template_that_opens_the_thought_is_reported(load: Load, tmp_path: Path) -> None:
    template = CHAT_TEMPLATE.replace("<|assistant|>{% endif", "<|assistant|><think>\n{% endif")
    path = generate_model(tmp_path / "thinking.gguf", replace(TINY, chat_template=template))
    assert load(path).report.thought_opening


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (None, "no such file"),
        (b"", "empty"),
        (b"PK\x03\x04" + bytes(4000), "not a GGUF"),
        (b"GGUF", "not a GGUF"),
        (b"GGUF\x03\0\0\0" + b"\xff" * 400, ""),
    ],
)
def test_what_is_no_model_is_refused(
    load: Load, tmp_path: Path, content: bytes | None, says: str
) -> None:
    path = tmp_path / "model.gguf"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ModelFileError) as refused:
        load(path)
    assert says in refused.value.detail
    assert refused.value.detail


def test_a_folder_is_refused(load: Load, tmp_path: Path) -> None:
    with pytest.raises(ModelFileError, match="folder"):
        load(tmp_path)


@pytest.mark.parametrize("part", [0.02, 0.3, 0.9, 0.999])
def test_a_truncated_file_is_refused_with_llamas_own_words(
    load: Load, tiny_model: Path, tmp_path: Path, part: float
) -> None:
    whole = tiny_model.read_bytes()
    path = tmp_path / "cut.gguf"
    path.write_bytes(whole[: int(len(whole) * part)])
    with pytest.raises(ModelFileError) as refused:
        load(path)
    assert len(refused.value.detail) > 20


def test_another_load_works_after_a_refused_one(load: Load, tmp_path: Path) -> None:
    with pytest.raises(ModelFileError):
        load(tmp_path / "missing.gguf")
    backend = load()
    backend.submit([ask(0)])
    assert finish(backend).tokens == {0: 24}


def test_an_unknown_architecture_is_named(load: Load, tmp_path: Path) -> None:
    path = tmp_path / "odd.gguf"
    writer = gguf.GGUFWriter(path, "perpetuum")
    add_vocabulary(writer, 320, None)
    writer.add_tensor("token_embd.weight", np.zeros((320, 32), dtype=np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    with pytest.raises(ModelFileError, match="perpetuum"):
        load(path)


@pytest.mark.parametrize(
    ("key", "value", "says"),
    [("llama.pooling_type", 3, "embedding"), ("llama.attention.causal", False, "encoder")],
)
def test_models_that_cannot_write_are_refused(
    load: Load,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    key: str,
    value: int,
    says: str,
) -> None:
    write_head = gguf.GGUFWriter.add_block_count

    def with_purpose(writer: gguf.GGUFWriter, layers: int) -> None:
        write_head(writer, layers)
        if isinstance(value, bool):
            writer.add_bool(key, value)
        else:
            writer.add_uint32(key, value)

    monkeypatch.setattr(gguf.GGUFWriter, "add_block_count", with_purpose)
    path = generate_model(tmp_path / "other.gguf", TINY)
    with pytest.raises(ModelFileError, match=says):
        load(path)


@pytest.mark.parametrize("digits", ["1" * 5000, "1" * 19, "7\u00b2", "-1", ""])
def test_a_number_of_layers_that_is_none_is_not_reckoned_with(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, digits: str
) -> None:
    monkeypatch.setattr(
        gguf.GGUFWriter,
        "add_block_count",
        lambda writer, _layers: writer.add_string("llama.block_count", digits),
    )
    path = generate_model(tmp_path / "other.gguf", TINY)
    assert _count_layers(path) == 0


def test_progress_is_told_and_can_cancel(tiny_model: Path) -> None:
    seen: list[float] = []

    def watch(fraction: float) -> bool:
        seen.append(fraction)
        return True

    LlamaBackend.load(tiny_model, LoadOptions(threads=1), watch).close()
    assert seen == sorted(seen)
    assert seen[-1] == 1.0
    for refused_at in (1, len(seen)):
        calls = 0

        def refuse(_fraction: float) -> bool:
            nonlocal calls
            calls += 1
            return calls < refused_at  # noqa: B023 - used within this round

        with pytest.raises(LoadCancelledError):
            LlamaBackend.load(tiny_model, LoadOptions(threads=1), refuse)


def test_layers_asked_for_in_a_build_without_gpu_are_announced(load: Load) -> None:
    if system_report().gpu_build:
        pytest.skip("this build can offload")
    assert "cpu-only" in {notice.code for notice in load(gpu_layers="all").notices}
    assert "cpu-only" in {notice.code for notice in load(gpu_layers=1).notices}
    assert not load(gpu_layers="auto").notices
    assert not load(gpu_layers=0).notices


@pytest.mark.parametrize("cache_type", ["f16", "q8_0"])
@pytest.mark.parametrize("flash", ["auto", "on"])
def test_cache_types_and_flash_attention_run(load: Load, cache_type: str, flash: str) -> None:
    options = {"cache_type": cache_type, "flash_attention": flash}
    backend = load(_wide(load), **options)
    backend.submit([ask(0)])
    assert finish(backend).tokens == {0: 24}


@pytest.mark.parametrize(
    ("options", "head_sizes", "chosen"),
    [
        (LoadOptions(), (32, 32), "q8_0"),
        (LoadOptions(), (64, 64), "f16"),
        (LoadOptions(), (96, 96), "f16"),  # the first 64 are taken at once
        (LoadOptions(), (32, 64), "f16"),
        (LoadOptions(), (48, 48), "f16"),  # no whole number of blocks
        (LoadOptions(flash_attention="off"), (32, 32), "f16"),
        (LoadOptions(cache_type="f16"), (32, 32), "f16"),
        (LoadOptions(cache_type="q4_0"), (64, 64), "q4_0"),
    ],
)
def test_the_format_of_cells_follows_from_the_heads(
    options: LoadOptions, head_sizes: tuple[int, int], chosen: str
) -> None:
    assert cell_type_for(options, head_sizes, avx512=True) == chosen
    without = "f16" if options.cache_type == "auto" else options.cache_type
    assert cell_type_for(options, head_sizes, avx512=False) == without


def test_a_model_is_loaded_with_the_format_that_suits_it(load: Load) -> None:
    backend = load(_wide(load))
    slow = has_avx512() and not backend.report.layers_on_gpu
    assert backend.report.cache_type == ("q8_0" if slow else "f16")
    assert load(_wide(load), cache_type="q4_0").report.cache_type == "q4_0"


def _wide(load: Load) -> Path:
    """A model whose heads are 32 wide, the block size of a quantized cache."""
    path = Path(load().report.path).with_name("wide.gguf")
    return path if path.exists() else generate_model(path, replace(TINY, heads=2, kv_heads=1))


def _plan(
    options: LoadOptions,
    gigabytes: float,
    *,
    can_fork: bool = True,
    attention: FlashAttention = "auto",
    on_gpu: bool = False,
) -> capacity.Capacity:
    # 8 billion weights with 8 key and value heads: 65,536 numbers a cell
    return plan(
        options,
        CacheShape(131072, 65536, can_fork),
        cell_type="f16",
        attention=attention,
        on_gpu=on_gpu,
        available_bytes=int(gigabytes * 1e9),
    )


def test_plenty_of_memory_gives_every_slot_its_share() -> None:
    planned = _plan(LoadOptions(), 100)
    assert (planned.context_tokens, planned.slots) == (8192, 64)
    assert planned.cells >= 8192 + 64 * 512
    assert planned.unified


def test_little_memory_gives_fewer_slots_and_then_a_shorter_context() -> None:
    small = _plan(LoadOptions(), 4)
    assert small.context_tokens == 8192
    assert 1 <= small.slots < 64
    assert small.cells * 65536 * 2 <= 4e9 / 2
    tiny = _plan(LoadOptions(), 1.5)
    assert tiny.context_tokens < 8192
    asked = _plan(LoadOptions(context_tokens=8192), 1.5)
    assert asked.context_tokens == 8192


def test_a_small_cache_is_split_and_a_large_one_is_not() -> None:
    options = LoadOptions(context_tokens=512)

    def unified(cell_values: int, gigabytes: float) -> bool:
        return plan(
            options,
            CacheShape(512, cell_values),
            cell_type="f16",
            attention="auto",
            on_gpu=False,
            available_bytes=int(gigabytes * 1e9),
        ).unified

    assert not unified(1280, 8)
    assert unified(65536, 800)
    assert unified(1280, 0.1)


def test_split_streams_hold_a_whole_context_each() -> None:
    planned = _plan(LoadOptions(unified_cache="off", context_tokens=1024, slots=8), 100)
    assert not planned.unified
    assert planned.cells == 9 * 1024


def test_without_flash_attention_few_run_side_by_side_where_streams_for_all_are_large() -> None:
    def planned(
        options: LoadOptions, cell_values: int, attention: FlashAttention = "off"
    ) -> tuple[int, bool]:
        found = plan(
            options,
            CacheShape(8192, cell_values),
            cell_type="f16",
            attention=attention,
            on_gpu=False,
            available_bytes=int(20e9),
        )
        return found.slots, found.unified

    assert planned(LoadOptions(), 256) == (64, False)
    assert planned(LoadOptions(), 6144) == (16, False)  # half a billion weights
    assert planned(LoadOptions(), 65536) == (16, True)
    assert planned(LoadOptions(slots=4), 65536) == (4, True)
    assert planned(LoadOptions(unified_cache="on"), 6144) == (16, True)
    assert planned(LoadOptions(unified_cache="off"), 6144) == (64, False)
    assert planned(LoadOptions(), 6144, "auto") == (64, True)


@pytest.mark.parametrize(
    ("options", "cell_type", "head_sizes", "attention"),
    [
        (LoadOptions(), "f16", (64, 64), "off"),
        (LoadOptions(), "f16", (192, 128), "off"),
        (LoadOptions(), "f16", (128, 128), "auto"),
        (LoadOptions(), "q8_0", (64, 64), "auto"),  # such values need it
        (LoadOptions(flash_attention="on"), "f16", (64, 64), "on"),
        (LoadOptions(flash_attention="off"), "f16", (128, 128), "off"),
    ],
)
def test_flash_attention_is_left_out_where_a_processor_is_slow_with_it(
    options: LoadOptions,
    cell_type: CellType,
    head_sizes: tuple[int, int],
    attention: FlashAttention,
) -> None:
    assert attention_for(options, cell_type, head_sizes, avx512=True) == attention
    assert attention_for(options, cell_type, head_sizes, avx512=False) == options.flash_attention


def test_scores_are_kept_of_fewer_rows_on_a_processor() -> None:
    rows = {
        (attention, on_gpu): _plan(LoadOptions(), 100, attention=attention, on_gpu=on_gpu).most_rows
        for attention in _WAYS
        for on_gpu in (False, True)
    }
    assert rows.pop(("off", False)) == 128
    assert set(rows.values()) == {512}


def test_how_attention_is_worked_out_is_told_and_changes_no_answer(load: Load) -> None:
    slow = has_avx512() and not load().report.layers_on_gpu  # its heads are 16 wide
    assert load().report.flash_attention == ("off" if slow else "auto")
    plain, flash = load(flash_attention="off"), load(flash_attention="on")
    assert (plain.report.flash_attention, flash.report.flash_attention) == ("off", "on")
    long = "a long question " * 12  # more rows than are evaluated together
    texts = []
    for backend in (plain, flash):
        backend.submit([ask(0, long, max_tokens=4)])
        texts.append(finish(backend).texts[0])
    assert texts[0] == texts[1]


def test_models_that_cannot_fork_get_one_slot() -> None:
    assert _plan(LoadOptions(), 100, can_fork=False).slots == 1


def test_a_capacity_shrinks_until_it_is_of_no_use() -> None:
    planned: capacity.Capacity | None = _plan(LoadOptions(), 100)
    sizes = []
    while planned is not None:
        sizes.append(planned.cells)
        planned = planned.smaller()
    assert sizes == sorted(set(sizes), reverse=True)
    assert 3 < len(sizes) < 12


def test_a_context_that_does_not_fit_is_made_smaller_and_announced(
    load: Load, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    path = generate_model(tmp_path / "long.gguf", replace(TINY, context=8192))
    cell = 2 * 2 * 16 * 2 * 2  # layers, heads, width, keys and values, bytes
    monkeypatch.setattr("engine.backends.llama.loading._bytes_for_cache", lambda _: 1500 * cell)
    backend = load(path, context_tokens=4096)
    assert backend.report.context_tokens == 1024
    assert (backend.report.slots, backend.report.unified_cache) == (1, True)
    assert "context-reduced" in {notice.code for notice in backend.notices}
    monkeypatch.setattr("engine.backends.llama.loading._bytes_for_cache", lambda _: 100 * cell)
    with pytest.raises(ModelMemoryError):
        load(path, context_tokens=4096)


def test_one_core_is_left_to_the_window(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.backends.llama.capacity.usable_cores", lambda: 8)
    assert capacity.default_threads() == 7
    monkeypatch.setattr("engine.backends.llama.capacity.usable_cores", lambda: 1)
    assert capacity.default_threads() == 1
