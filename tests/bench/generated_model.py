"""Makes llama-architecture GGUF files with random weights, for benches and tests.

They cost no download, their speed is that of a real model of their shape, and their text is
gibberish. Knows nothing of the engine.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import gguf
import numpy as np
from numpy.typing import NDArray

CHAT_TEMPLATE: Final = (
    "{% for m in messages %}<|{{ m['role'] }}|>{{ m['content'] }}</s>{% endfor %}"
    "{% if add_generation_prompt %}<|assistant|>{% endif %}"
)
CONTROL_TOKENS: Final = ("<|user|>", "<|assistant|>", "<|system|>", "<think>", "</think>")
_FIRST_CHARACTERS: Final = "▁etaoinshrdlucmfwypvbgkjqxz0123456789.,?!"
_FIRST_BYTE: Final = 3
_BLOCK: Final = gguf.GGMLQuantizationType.Q8_0


@dataclass(frozen=True, slots=True)
class Shape:
    """What is generated. The default is the bench's model of about 0.4 billion weights.

    Attributes:
        layers: Number of blocks.
        width: Embedding length.
        heads: Attention heads.
        kv_heads: Key and value heads.
        feed_forward: Hidden length of the feed-forward part.
        vocabulary: Number of tokens.
        context: Context length that the file claims.
        quantized: Matrices in Q8_0 rather than 32 bits.
        seed: Of the weights.
        chat_template: Its chat template, or None to leave it out.
    """

    layers: int = 24
    width: int = 896
    heads: int = 14
    kv_heads: int = 2
    feed_forward: int = 4864
    vocabulary: int = 32000
    context: int = 32768
    quantized: bool = True
    seed: int = 1
    chat_template: str | None = CHAT_TEMPLATE


TINY: Final = Shape(
    layers=2,
    width=64,
    heads=4,
    kv_heads=2,
    feed_forward=128,
    vocabulary=320,
    context=512,
    quantized=False,
)
"""Small enough for a test: a quarter of a megabyte, microseconds a token."""


def generate_model(path: Path, shape: Shape = Shape()) -> Path:
    """Write a model of this shape. The same shape gives the same bytes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_name(f"Random {shape.layers}x{shape.width}")
    writer.add_file_type(
        gguf.LlamaFileType.MOSTLY_Q8_0 if shape.quantized else gguf.LlamaFileType.ALL_F32
    )
    writer.add_vocab_size(shape.vocabulary)
    writer.add_context_length(shape.context)
    writer.add_embedding_length(shape.width)
    writer.add_block_count(shape.layers)
    writer.add_feed_forward_length(shape.feed_forward)
    writer.add_head_count(shape.heads)
    writer.add_head_count_kv(shape.kv_heads)
    writer.add_rope_dimension_count(shape.width // shape.heads)
    writer.add_layer_norm_rms_eps(1e-5)
    add_vocabulary(writer, shape.vocabulary, shape.chat_template)
    _add_weights(writer, shape)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def add_vocabulary(writer: gguf.GGUFWriter, size: int, chat_template: str | None) -> None:
    """Add a SentencePiece vocabulary: bytes, single characters, then made-up words."""
    texts = ["<unk>", "<s>", "</s>", *(f"<0x{byte:02X}>" for byte in range(256))]
    kinds = [gguf.TokenType.UNKNOWN, gguf.TokenType.CONTROL, gguf.TokenType.CONTROL]
    kinds += [gguf.TokenType.BYTE] * 256
    texts += CONTROL_TOKENS
    kinds += [gguf.TokenType.CONTROL] * len(CONTROL_TOKENS)
    words = itertools.chain(_FIRST_CHARACTERS, _made_up_words())
    texts += itertools.islice(words, size - len(texts))
    kinds += [gguf.TokenType.NORMAL] * (size - len(kinds))
    writer.add_tokenizer_model("llama")
    writer.add_tokenizer_pre("default")
    writer.add_token_list([text.encode() for text in texts])
    writer.add_token_scores([-float(place) for place in range(size)])
    writer.add_token_types([int(kind) for kind in kinds])
    writer.add_unk_token_id(0)
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(2)
    writer.add_add_bos_token(value=True)
    writer.add_add_space_prefix(value=False)
    if chat_template is not None:
        writer.add_chat_template(chat_template)


def _made_up_words() -> itertools.chain[str]:
    syllables = [a + b for a, b in itertools.product("bdfgklmnprstv", "aeiou")]
    return itertools.chain.from_iterable(
        ("".join(parts) for parts in itertools.product(*spelling))
        for spelling in (
            [syllables],
            [["▁"], syllables],
            [syllables, syllables],
            [["▁"], syllables, syllables],
            [["▁"], syllables, syllables, syllables],
        )
    )


def _add_weights(writer: gguf.GGUFWriter, shape: Shape) -> None:
    generator = np.random.default_rng(shape.seed)
    width, hidden = shape.width, shape.feed_forward
    kv_width = width // shape.heads * shape.kv_heads

    def add(name: str, rows: int, columns: int, gain: float = 1.0) -> None:
        weight = generator.standard_normal((rows, columns), dtype=np.float32)
        weight *= gain / np.sqrt(columns)
        if name == "output.weight":
            # The end token never leads, for a bench wants full lengths. Letters come as the
            # tokenizer would write them, with some broken bytes among them.
            weight[: _FIRST_BYTE + 128] = 0
            weight[_FIRST_BYTE + 128 : _FIRST_BYTE + 256] *= 0.7
        _add_matrix(writer, name, weight, quantized=shape.quantized)

    def add_norm(name: str) -> None:
        writer.add_tensor(name, np.ones(width, dtype=np.float32))

    add("token_embd.weight", shape.vocabulary, width, gain=np.sqrt(width))
    for layer in range(shape.layers):
        block = f"blk.{layer}"
        add_norm(f"{block}.attn_norm.weight")
        add(f"{block}.attn_q.weight", width, width)
        add(f"{block}.attn_k.weight", kv_width, width)
        add(f"{block}.attn_v.weight", kv_width, width)
        add(f"{block}.attn_output.weight", width, width)
        add_norm(f"{block}.ffn_norm.weight")
        add(f"{block}.ffn_gate.weight", hidden, width)
        add(f"{block}.ffn_up.weight", hidden, width)
        add(f"{block}.ffn_down.weight", width, hidden)
    add_norm("output_norm.weight")
    add("output.weight", shape.vocabulary, width, gain=3.0)


def _add_matrix(
    writer: gguf.GGUFWriter, name: str, weight: NDArray[np.float32], *, quantized: bool
) -> None:
    if quantized:
        writer.add_tensor(name, gguf.quants.quantize(weight, _BLOCK), raw_dtype=_BLOCK)
    else:
        writer.add_tensor(name, weight)
