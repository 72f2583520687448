"""A tiny random Mamba model: its state cannot be cut or shared."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import gguf
import numpy as np

from tests.bench.generated_model import CHAT_TEMPLATE, add_vocabulary

_WIDTH: Final = 32
_INNER: Final = 64
_STATE: Final = 8
_RANK: Final = 4
_KERNEL: Final = 4
_VOCABULARY: Final = 320
_LAYERS: Final = 2


def generate_recurrent_model(path: Path) -> Path:
    """Write it."""
    generator = np.random.default_rng(7)
    writer = gguf.GGUFWriter(path, "mamba")
    writer.add_name("Random recurrent")
    writer.add_vocab_size(_VOCABULARY)
    writer.add_context_length(512)
    writer.add_embedding_length(_WIDTH)
    writer.add_feed_forward_length(0)
    writer.add_head_count(0)
    writer.add_block_count(_LAYERS)
    writer.add_ssm_conv_kernel(_KERNEL)
    writer.add_ssm_inner_size(_INNER)
    writer.add_ssm_state_size(_STATE)
    writer.add_ssm_time_step_rank(_RANK)
    writer.add_layer_norm_rms_eps(1e-5)
    add_vocabulary(writer, _VOCABULARY, CHAT_TEMPLATE)

    def add(name: str, *shape: int, gain: float = 1.0) -> None:
        weight = generator.standard_normal(shape, dtype=np.float32)
        if name == "output.weight":
            weight[:131] = 0
        writer.add_tensor(name, (weight * gain / np.sqrt(shape[-1])).astype(np.float32))

    def add_ones(name: str, *shape: int) -> None:
        writer.add_tensor(name, np.ones(shape, dtype=np.float32))

    add("token_embd.weight", _VOCABULARY, _WIDTH, gain=6.0)
    for layer in range(_LAYERS):
        block = f"blk.{layer}"
        add_ones(f"{block}.attn_norm.weight", _WIDTH)
        add(f"{block}.ssm_in.weight", 2 * _INNER, _WIDTH)
        add(f"{block}.ssm_conv1d.weight", _INNER, _KERNEL)
        add(f"{block}.ssm_conv1d.bias", _INNER)
        add(f"{block}.ssm_x.weight", _RANK + 2 * _STATE, _INNER)
        add(f"{block}.ssm_dt.weight", _INNER, _RANK)
        add(f"{block}.ssm_dt.bias", _INNER)
        writer.add_tensor(f"{block}.ssm_a", -np.ones((_INNER, _STATE), dtype=np.float32))
        add_ones(f"{block}.ssm_d", _INNER)
        add(f"{block}.ssm_out.weight", _WIDTH, _INNER)
    add_ones("output_norm.weight", _WIDTH)
    add("output.weight", _VOCABULARY, _WIDTH, gain=3.0)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path
