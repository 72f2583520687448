"""From a path to everything a backend needs: model, context, cache, template and report."""

from __future__ import annotations

import time
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypedDict

from engine.backends.base import LoadProgress
from engine.backends.llama.cache import TRUNK, Cache, ForkingCache, RestoringCache
from engine.backends.llama.capacity import (
    DEFAULT_CONTEXT_TOKENS,
    MOST_ROWS,
    CacheShape,
    Capacity,
    attention_for,
    cell_bytes,
    cell_type_for,
    default_threads,
    plan,
)
from engine.backends.llama.model import Model
from engine.backends.llama.native import (
    gpu_devices,
    has_avx512,
    low,
)
from engine.backends.llama.native_log import NATIVE_LOG
from engine.backends.llama.runner import Runner
from engine.backends.llama.template import ChatTemplate
from engine.errors import LoadCancelledError, ModelFileError, ModelMemoryError
from engine.generation import (
    BLANK_LINE,
    CellType,
    FlashAttention,
    LoadOptions,
    Message,
    ModelReport,
    Notice,
)
from engine.machine import available_memory_bytes

_CELL_TYPES: Final[dict[CellType, int]] = {
    "f16": low.GGML_TYPE_F16,
    "q8_0": low.GGML_TYPE_Q8_0,
    "q4_0": low.GGML_TYPE_Q4_0,
}
_LONGEST_STEP_END: Final = 16
_FLASH_ATTENTION: Final[dict[FlashAttention, int]] = {
    "auto": low.LLAMA_FLASH_ATTN_TYPE_AUTO,
    "on": low.LLAMA_FLASH_ATTN_TYPE_ENABLED,
    "off": low.LLAMA_FLASH_ATTN_TYPE_DISABLED,
}


@dataclass(frozen=True, slots=True)
class Loaded:
    """A model ready to run.

    Attributes:
        model: The file.
        runner: Its context.
        cache: What the context holds.
        capacity: How much the context can hold.
        slots: Sequence numbers for candidates.
        template: Its chat template.
        report: What was loaded.
        notices: What works differently than asked.
    """

    model: Model
    runner: Runner
    cache: Cache
    capacity: Capacity
    slots: tuple[int, ...]
    template: ChatTemplate
    report: ModelReport
    notices: tuple[Notice, ...]

    def close(self) -> None:
        """Free everything. Idempotent."""
        self.runner.close()
        self.model.close()


def load(path: Path, options: LoadOptions, progress: LoadProgress | None) -> Loaded:
    """Load a model file and make its context.

    Args:
        path: A GGUF file.
        options: How.
        progress: Told how far it is; may cancel.

    Raises:
        ModelFileError: It is no model that can answer.
        ModelMemoryError: It does not fit.
        LoadCancelledError: `progress` returned False.
    """
    started = time.monotonic()
    with ExitStack() as undo:
        model = Model.load(path, options, progress)
        undo.callback(model.close)
        threads = options.threads or default_threads()
        capacity, runner = _make_context(model, options, threads)
        undo.callback(runner.close)
        if progress is not None and not progress(1.0):
            raise LoadCancelledError
        template = _template(model)
        seconds = time.monotonic() - started
        report = _report(model, capacity, template, threads, seconds)
        notices = _notices(options, report, template)
        cache, slots = _cache(model, runner, capacity)
        undo.pop_all()
    return Loaded(model, runner, cache, capacity, slots, template, report, notices)


def _cache(model: Model, runner: Runner, capacity: Capacity) -> tuple[Cache, tuple[int, ...]]:
    """What keeps book of the cells, and the sequence numbers for candidates."""
    if not model.can_fork:
        return RestoringCache(runner.context, runner.memory), (TRUNK,)
    context = None if model.layers_on_gpu else runner.context
    cache = ForkingCache(runner.memory, unified=capacity.unified, context=context)
    return cache, tuple(range(TRUNK + 1, TRUNK + 1 + capacity.slots))


def _make_context(model: Model, options: LoadOptions, threads: int) -> tuple[Capacity, Runner]:
    available = _bytes_for_cache(model)
    on_gpu = model.layers_on_gpu > 0
    avx512 = has_avx512() and not on_gpu
    cell_type = cell_type_for(options, model.head_sizes, avx512=avx512)
    one_cell = cell_bytes(model.cell_values, cell_type)
    train_context_tokens = int(low.llama_model_n_ctx_train(model.pointer))
    capacity: Capacity | None = plan(
        options,
        CacheShape(train_context_tokens, model.cell_values, model.can_fork),
        cell_type=cell_type,
        attention=attention_for(options, cell_type, model.head_sizes, avx512=avx512),
        on_gpu=on_gpu,
        available_bytes=available,
    )
    NATIVE_LOG.forget()
    while capacity is not None:
        if 0 < available < capacity.cells * one_cell:
            # the system would promise the memory and end the process when it is used
            capacity = capacity.smaller()
            continue
        NATIVE_LOG.forget()
        context = low.llama_init_from_model(model.pointer, _parameters(capacity, threads, model))
        if context is not None:
            if low.llama_get_memory(context) is None:
                low.llama_free(context)
                raise ModelFileError("this model keeps no context, it cannot write answers")
            return capacity, Runner(context, model.vocabulary.size, can_rewind=model.can_fork)
        if not NATIVE_LOG.tells_of_memory:
            raise ModelFileError(NATIVE_LOG.failure())
        capacity = capacity.smaller()
    detail = NATIVE_LOG.failure() or f"{available} bytes are left for the context"
    raise ModelMemoryError(detail)


def _parameters(capacity: Capacity, threads: int, model: Model) -> low.llama_context_params:
    parameters: low.llama_context_params = low.llama_context_default_params()
    parameters.n_ctx = capacity.cells
    parameters.n_batch = MOST_ROWS
    parameters.n_ubatch = capacity.most_rows
    parameters.n_seq_max = capacity.slots + 1 if model.can_fork else 1
    # one row of logits for each candidate and one for the prompt that is read; the default
    # reserves a row for each token of a step, 300 MB with a vocabulary of 150,000
    parameters.n_outputs_max = capacity.slots + 1
    parameters.kv_unified = capacity.unified
    parameters.n_threads = parameters.n_threads_batch = threads
    parameters.flash_attn_type = _FLASH_ATTENTION[capacity.attention]
    parameters.type_k = parameters.type_v = _CELL_TYPES[capacity.cell_type]
    return parameters


def _bytes_for_cache(model: Model) -> int:
    """Memory left beside the weights, on the device that holds them."""
    weights = int(low.llama_model_size(model.pointer))
    if model.layers_on_gpu:
        return sum(device.free_bytes for device in gpu_devices())
    available = available_memory_bytes()
    return max(available - weights, available // 8)


def _template(model: Model) -> ChatTemplate:
    vocabulary = model.vocabulary
    return ChatTemplate.from_model(
        model.metadata("tokenizer.chat_template") or None,
        vocabulary.begin_text,
        vocabulary.end_text,
        vocabulary.special_texts(),
    )


def _report(
    model: Model, capacity: Capacity, template: ChatTemplate, threads: int, seconds: float
) -> ModelReport:
    rendered = template.render((Message("user", "Hello"),))
    return ModelReport(
        path=str(model.path),
        name=model.metadata("general.name") or model.path.stem,
        family=model.metadata("ponder.family"),
        architecture=model.architecture,
        quantization=model.quantization,
        parameters=int(low.llama_model_n_params(model.pointer)),
        size_bytes=int(low.llama_model_size(model.pointer)),
        layers=model.layers,
        layers_on_gpu=model.layers_on_gpu,
        devices=model.devices,
        gpu_build=bool(low.llama_supports_gpu_offload()),
        context_tokens=capacity.context_tokens,
        train_context_tokens=int(low.llama_model_n_ctx_train(model.pointer)),
        slots=capacity.slots,
        unified_cache=capacity.unified,
        can_fork=model.can_fork,
        threads=threads,
        template=template.kind,
        thought_opening=rendered.thought_opening,
        load_seconds=seconds,
        cache_type=capacity.cell_type,
        flash_attention=capacity.attention,
        own_thinking=template.own_thinking,
        **_skills(model),
    )


class _Skills(TypedDict):
    skills: tuple[str, ...]
    step_end: str
    verify_texts: tuple[str, str]


def _skills(model: Model) -> _Skills:
    """What the file says it was trained for, as far as its vocabulary bears it out."""
    claimed = model.metadata("ponder.skills").split(",")
    texts = (model.metadata("ponder.verify.right"), model.metadata("ponder.verify.wrong"))
    can_verify = "verify" in claimed and set(texts) <= model.vocabulary.special_texts()
    skills = (*(["revise"] if "revise" in claimed else []), *(["verify"] if can_verify else []))
    step_end = model.metadata("ponder.step_end")
    return {
        "skills": skills,
        "step_end": step_end if 0 < len(step_end) <= _LONGEST_STEP_END else BLANK_LINE,
        "verify_texts": texts if can_verify else ("", ""),
    }


def _notices(
    options: LoadOptions, report: ModelReport, template: ChatTemplate
) -> tuple[Notice, ...]:
    notices = [template.notice] if template.notice is not None else []
    if not report.can_fork:
        notices.append(Notice("no-fork", report.architecture))
    asked = options.gpu_layers
    if asked == "all" or (isinstance(asked, int) and asked != 0):
        if not report.gpu_build:
            notices.append(Notice("cpu-only", "this build of llama.cpp has no GPU support"))
        elif not report.layers_on_gpu:
            notices.append(Notice("cpu-only", ""))
    wanted = report.layers if asked in {"all", "auto"} else min(int(asked), report.layers)
    if report.gpu_build and 0 < report.layers_on_gpu < wanted:
        notices.append(
            Notice("partly-offloaded", f"{report.layers_on_gpu} of {report.layers} layers")
        )
    wished = options.context_tokens or min(DEFAULT_CONTEXT_TOKENS, report.train_context_tokens)
    if report.context_tokens < wished:
        notices.append(Notice("context-reduced", f"{report.context_tokens} of {wished} tokens"))
    return tuple(notices)
