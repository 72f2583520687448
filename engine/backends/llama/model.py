"""Loads a model file, or says clearly why not. Knows nothing of contexts and candidates."""

from __future__ import annotations

import ctypes
from pathlib import Path
from typing import Final

from engine.backends.base import LoadProgress
from engine.backends.llama.native import gpu_devices, low
from engine.backends.llama.native_log import NATIVE_LOG
from engine.backends.llama.vocabulary import Vocabulary
from engine.errors import LoadCancelledError, ModelFileError, ModelLoadError, ModelMemoryError
from engine.generation import LoadOptions
from engine.machine import total_memory_bytes

_MAGIC: Final = b"GGUF"
_SMALLEST_BYTES: Final = 32
_MOST_DIGITS: Final = 9
_ALL_LAYERS: Final = -1
_GPU_SHARE: Final = 0.8
"""Part of the devices' free memory that weights may take; the cache and buffers need the rest."""


class Model:
    """A loaded model. Build it with `load`."""

    def __init__(self, pointer: low.llama_model_p, path: Path) -> None:
        vocabulary = low.llama_model_get_vocab(pointer)
        assert vocabulary is not None
        self.pointer: low.llama_model_p | None = pointer
        self.path = path
        self.vocabulary = Vocabulary(vocabulary)
        self.vocabulary_kind = int(low.llama_vocab_type(vocabulary))
        self.layer_devices = NATIVE_LOG.layer_devices

    @classmethod
    def load(cls, path: Path, options: LoadOptions, progress: LoadProgress | None) -> Model:
        """Load a file.

        Args:
            path: A GGUF file.
            options: Where its layers go.
            progress: Told how far it is; may cancel.

        Raises:
            ModelFileError: It is no model that can answer.
            ModelMemoryError: It does not fit.
            LoadCancelledError: `progress` said so.
        """
        _check_file(path)
        NATIVE_LOG.install()
        low.llama_backend_init()
        failure: ModelLoadError | None = None
        for layers in _layers_to_try(path, options):
            try:
                model = cls(_load(path, options, layers, progress), path)
            except ModelMemoryError as error:
                failure = error
                continue
            try:
                model._check_purpose()
            except ModelFileError:
                model.close()
                raise
            return model
        assert failure is not None
        raise failure

    def metadata(self, key: str) -> str:
        """A value of the file's header as text, or "" when it has none."""
        return _metadata(self.pointer, key)

    @property
    def architecture(self) -> str:
        """Value of `general.architecture`."""
        return self.metadata("general.architecture")

    @property
    def layers(self) -> int:
        """Number of layers."""
        return int(low.llama_model_n_layer(self.pointer))

    @property
    def layers_on_gpu(self) -> int:
        """How many of them llama.cpp says it put on a device beside the processor."""
        return sum(
            not device.startswith("CPU")
            for layer, device in self.layer_devices.items()
            if layer < self.layers
        )

    @property
    def devices(self) -> tuple[str, ...]:
        """Devices beside the processor that hold layers."""
        names = dict.fromkeys(self.layer_devices.values())
        return tuple(name for name in names if not name.startswith("CPU"))

    @property
    def quantization(self) -> str:
        """For example "Q4_K - Medium" as llama.cpp writes it, shortened to "Q4_K_M"."""
        name = low.llama_ftype_name(low.llama_model_ftype(self.pointer))
        if not self.metadata("general.file_type") or not name:
            return ""
        text = name.decode(errors="replace").removeprefix("mostly ").removeprefix("all ")
        text, _, size = text.partition(" - ")
        return f"{text}_{size[0]}" if size in {"Small", "Medium", "Large"} else text

    @property
    def can_fork(self) -> bool:
        """Whether a sequence's past can be shared and cut, which a recurrent state cannot."""
        return not (
            low.llama_model_is_recurrent(self.pointer) or low.llama_model_is_hybrid(self.pointer)
        )

    @property
    def cell_values(self) -> int:
        """Numbers that one cell of the KV cache holds, keys and values of all layers."""
        return self.layers * int(low.llama_model_n_head_kv(self.pointer)) * sum(self.head_sizes)

    @property
    def head_sizes(self) -> tuple[int, int]:
        """Numbers in a key and in a value of one head."""
        prefix = f"{self.architecture}.attention"
        width = low.llama_model_n_embd(self.pointer) // max(1, low.llama_model_n_head(self.pointer))
        keys = _number(self.metadata(f"{prefix}.key_length"), width)
        values = _number(self.metadata(f"{prefix}.value_length"), width)
        return keys, values

    def close(self) -> None:
        """Free the model. Idempotent."""
        if self.pointer is not None:
            low.llama_model_free(self.pointer)
            self.pointer = None

    def _check_purpose(self) -> None:
        pooling = self.metadata(f"{self.architecture}.pooling_type")
        causal = self.metadata(f"{self.architecture}.attention.causal")
        if low.llama_model_has_encoder(self.pointer) or causal == "false":
            raise ModelFileError("this is an encoder model, it cannot write answers")
        if pooling not in {"", "0"}:
            raise ModelFileError("this is an embedding or ranking model, it cannot write answers")
        if low.llama_model_is_diffusion(self.pointer):
            raise ModelFileError("diffusion language models are not supported")
        if self.vocabulary_kind == low.LLAMA_VOCAB_TYPE_NONE or not self.vocabulary.size:
            raise ModelFileError("the file has no tokenizer")


def _check_file(path: Path) -> None:
    """See what llama.cpp would only call a failure to load."""
    try:
        if path.is_dir():
            raise ModelFileError("this is a folder, not a file")
        size = path.stat().st_size
        with path.open("rb") as file:
            magic = file.read(len(_MAGIC))
    except FileNotFoundError:
        raise ModelFileError("there is no such file") from None
    except OSError as error:
        raise ModelFileError(error.strerror or type(error).__name__) from error
    if not size:
        raise ModelFileError("the file is empty")
    if magic != _MAGIC or size < _SMALLEST_BYTES:
        raise ModelFileError("this is not a GGUF file")
    memory = total_memory_bytes()
    if 0 < memory < size and not gpu_devices():
        raise ModelMemoryError(f"the file has {size} bytes, this machine {memory} bytes of memory")


def _layers_to_try(path: Path, options: LoadOptions) -> list[int]:
    """Numbers of layers to offload, the most wished first."""
    if options.gpu_layers == "all":
        return [_ALL_LAYERS]
    if options.gpu_layers != "auto":
        return [options.gpu_layers]
    devices = gpu_devices()
    if not devices or not low.llama_supports_gpu_offload():
        return [0]
    share = _GPU_SHARE * sum(device.free_bytes for device in devices) / path.stat().st_size
    layers = _count_layers(path)
    if share >= 1:
        return [_ALL_LAYERS, layers * 3 // 4, layers // 2, 0]
    return [int(layers * share), int(layers * share / 2), 0]


def _count_layers(path: Path) -> int:
    """Number of layers, from the header alone; 0 when it cannot be read."""
    parameters = low.llama_model_default_params()
    parameters.vocab_only = True
    pointer = low.llama_model_load_from_file(_encoded(path), parameters)
    if not pointer:
        return 0
    architecture = _metadata(pointer, "general.architecture")
    layers = _metadata(pointer, f"{architecture}.block_count")
    low.llama_model_free(pointer)
    return _number(layers, 0)


def _load(
    path: Path, options: LoadOptions, layers: int, progress: LoadProgress | None
) -> low.llama_model_p:
    cancelled = False

    def report(fraction: float, _data: object) -> bool:
        nonlocal cancelled
        cancelled = cancelled or (progress is not None and not progress(fraction))
        return not cancelled

    parameters = low.llama_model_default_params()
    parameters.n_gpu_layers = layers
    parameters.main_gpu = options.main_gpu
    parameters.progress_callback = low.llama_progress_callback(report)
    if options.tensor_split:
        shares = (ctypes.c_float * int(low.llama_max_devices()))()
        count = min(len(shares), len(options.tensor_split))
        shares[:count] = list(options.tensor_split[:count])
        parameters.tensor_split = shares
    NATIVE_LOG.forget()
    pointer: low.llama_model_p | None = low.llama_model_load_from_file(_encoded(path), parameters)
    if pointer and not cancelled:
        return pointer
    if pointer:
        low.llama_model_free(pointer)
    if cancelled:
        raise LoadCancelledError
    detail = NATIVE_LOG.failure() or "llama.cpp refused the file"
    raise ModelMemoryError(detail) if NATIVE_LOG.tells_of_memory else ModelFileError(detail)


def _number(text: str, otherwise: int) -> int:
    """A header's value as a number; a damaged or unusual header has other things there."""
    sound = text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS
    return int(text) if sound else otherwise


def _encoded(path: Path) -> bytes:
    return str(path).encode("utf-8", "surrogateescape")


def _metadata(pointer: low.llama_model_p | None, key: str) -> str:
    name = key.encode()
    size = 256
    while True:
        buffer = ctypes.create_string_buffer(size)
        length = low.llama_model_meta_val_str(pointer, name, buffer, size)
        if length < size:
            return buffer.value.decode(errors="replace") if length >= 0 else ""
        size = length + 1
