"""What a model's metadata say, with types: the numbers that fit, library and terminal show."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import prod
from typing import Final

from gguf.constants import LlamaFileType

from models.errors import GgufError
from models.gguf import GgufArray, TensorInfo, Value

_THINKS: Final = re.compile(r"<think>|enable_thinking|reasoning_content|<\|channel\|>")
"""Marks of hidden thoughts in chat templates; a hint, not a promise."""
_RECURRENT_PARTS: Final = ("ssm", "shortconv", "wkv", "kda")
"""Parts of a layer that keep a state, as llama.cpp's keys name them."""
_LARGEST: Final = 2**40
"""No number of an architecture comes near it."""


@dataclass(frozen=True, slots=True)
class ModelDescription:
    """What a file says of itself; None where it does not say.

    Attributes:
        architecture: Such as "qwen3".
        name: What its makers call it, or "".
        parameters: Number of weights.
        quantization: Such as "Q4_K_M", or "".
        context_tokens: Context length it was trained for.
        layers: Number of blocks.
        embedding: Length of a token's vector.
        feed_forward: Hidden length of the feed-forward part, the largest of all layers.
        heads: Attention heads, of each layer where these differ.
        kv_heads: Key and value heads, of each layer where these differ.
        key_length: Length of one head's key.
        value_length: Length of one head's value.
        vocabulary: Number of tokens.
        state_values: Numbers of the recurrent state of one candidate; 0 without.
        recurrent: Whether some layers keep a state, which cannot be shared among candidates.
        cached_layers: Blocks that keep keys and values, where not all of them do.
        chat_template: Whether it brings one.
        thinks: Whether the template knows hidden thoughts.
        licence: Such as "apache-2.0", or "".
        parts: Files that it is split into.
    """

    architecture: str
    name: str
    parameters: int | None
    quantization: str
    context_tokens: int | None
    layers: int | None
    embedding: int | None
    feed_forward: int | None
    heads: int | tuple[int, ...] | None
    kv_heads: int | tuple[int, ...] | None
    key_length: int | None
    value_length: int | None
    vocabulary: int | None
    state_values: int
    recurrent: bool
    cached_layers: int | None
    chat_template: bool
    thinks: bool
    licence: str
    parts: int


def describe(
    metadata: Mapping[str, Value], tensors: Sequence[TensorInfo] | None = None
) -> ModelDescription:
    """Read what is known out of a header.

    Args:
        metadata: Keys and values, perhaps only the first of them.
        tensors: The tensors, or None where only the beginning of a file was read.

    Raises:
        GgufError: A key has a value of the wrong kind, or the architecture is missing.
    """
    facts = _Facts(metadata)
    architecture = facts.text("general.architecture")
    if not architecture:
        raise GgufError("metadata general.architecture", "is missing")
    own = f"{architecture}."
    template = facts.text("tokenizer.chat_template")
    heads = facts.numbers(f"{own}attention.head_count")
    return ModelDescription(
        architecture=architecture,
        name=facts.text("general.name"),
        parameters=sum(prod(tensor.shape) for tensor in tensors) if tensors else None,
        quantization=_quantization(facts.number("general.file_type"), tensors),
        context_tokens=facts.number(f"{own}context_length"),
        layers=facts.number(f"{own}block_count"),
        embedding=facts.number(f"{own}embedding_length"),
        feed_forward=_largest(
            facts.numbers(f"{own}feed_forward_length"),
            facts.number(f"{own}expert_feed_forward_length"),
        ),
        heads=heads,
        kv_heads=facts.numbers(f"{own}attention.head_count_kv"),
        key_length=facts.number(f"{own}attention.key_length"),
        value_length=facts.number(f"{own}attention.value_length"),
        vocabulary=facts.count("tokenizer.ggml.tokens") or facts.number(f"{own}vocab_size"),
        state_values=_state_values(facts, own),
        recurrent=any(facts.has(f"{own}{part}.") for part in _RECURRENT_PARTS),
        cached_layers=_cached_layers(facts, own),
        chat_template=bool(template),
        thinks=bool(_THINKS.search(template)),
        licence=facts.text("general.license"),
        parts=max(1, facts.number("split.count") or 1),
    )


class _Facts:
    """Metadata by kind; a key of another kind is an error that names it."""

    def __init__(self, metadata: Mapping[str, Value]) -> None:
        self._metadata = metadata

    def text(self, key: str) -> str:
        value = self._metadata.get(key, "")
        if not isinstance(value, str):
            raise GgufError(f"metadata {key}", "is not text")
        return value

    def number(self, key: str) -> int | None:
        value = self._metadata.get(key)
        return None if value is None else _checked(key, value)

    def numbers(self, key: str) -> int | tuple[int, ...] | None:
        """One number, or one of each layer."""
        value = self._metadata.get(key)
        if not isinstance(value, GgufArray):
            return self.number(key)
        if not value.items:
            raise GgufError(f"metadata {key}", f"has {value.count} numbers")
        return tuple(_checked(key, item) for item in value.items)

    def has(self, beginning: str) -> bool:
        """Whether any key begins so."""
        return any(key.startswith(beginning) for key in self._metadata)

    def count(self, key: str) -> int | None:
        """Length of an array."""
        value = self._metadata.get(key)
        if value is None:
            return None
        if not isinstance(value, GgufArray):
            raise GgufError(f"metadata {key}", "is not a list")
        return value.count


def _checked(key: str, value: Value) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise GgufError(f"metadata {key}", "is not a whole number")
    if not 0 <= value < _LARGEST:
        raise GgufError(f"metadata {key}", f"{value} is out of range")
    return value


def _largest(numbers: int | tuple[int, ...] | None, other: int | None) -> int | None:
    known = [*(numbers if isinstance(numbers, tuple) else [numbers]), other]
    return max((number for number in known if number is not None), default=None)


def _quantization(file_type: int | None, tensors: Sequence[TensorInfo] | None) -> str:
    """The file's own word, else the commonest format of its matrices."""
    if file_type is not None:
        try:
            name = LlamaFileType(file_type).name
            return name.removeprefix("MOSTLY_").removeprefix("ALL_")
        except ValueError:
            pass
    sizes: Counter[str] = Counter()
    for tensor in tensors or ():
        if len(tensor.shape) > 1:
            sizes[tensor.type_name] += tensor.size_bytes
    return sizes.most_common(1)[0][0] if sizes else ""


def _state_values(facts: _Facts, own: str) -> int:
    """Numbers of a recurrent state: convolution and state-space part of each layer.

    Source: llama.cpp, `llama_hparams::n_embd_r` and `n_embd_s`.
    """
    inner = facts.number(f"{own}ssm.inner_size")
    state = facts.number(f"{own}ssm.state_size")
    if not inner or not state:
        return 0
    kernel = facts.number(f"{own}ssm.conv_kernel") or 1
    groups = facts.number(f"{own}ssm.group_count") or 0
    convolution = (kernel - 1) * (inner + 2 * groups * state)
    layers = (facts.number(f"{own}block_count") or 0) - (_cached_layers(facts, own) or 0)
    return layers * (convolution + inner * state)


def _cached_layers(facts: _Facts, own: str) -> int | None:
    """Layers with attention, where only each so-manieth has it (Qwen3-Next and its heirs)."""
    layers = facts.number(f"{own}block_count")
    interval = facts.number(f"{own}full_attention_interval")
    return layers // interval if layers and interval else None
