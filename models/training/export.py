"""Writes the network and its tokenizer as one GGUF that llama.cpp runs.

The metadata carries the chat template, where the answer ends, and what the file says of itself,
so the application can recognise the demonstration model without knowing its name.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import gguf
import numpy
import sentencepiece
from numpy.typing import NDArray
from torch import Tensor

from models.training.network import NORM_EPSILON, ROTARY_BASE, Network
from models.training.tokenizer import CHAT_TEMPLATE, RIGHT, STEP_END, WRONG

FAMILY_KEY, FAMILY = "ponder.family", "reasoner"
_BLOCK = 32
SKILLS_KEY, SKILLS = "ponder.skills", "solve,revise,verify"
STEP_END_KEY = "ponder.step_end"
RIGHT_KEY, WRONG_KEY = "ponder.verify.right", "ponder.verify.wrong"
_DESCRIPTION = (
    "A demonstration model for number stories, the numbers game, ordering puzzles and sums with "
    "clock and calendar. It writes the steps and an answer, revises earlier attempts, and says how "
    "likely a step is right. It can do nothing else."
)


def _matrix(weight: Tensor) -> tuple[NDArray[Any], gguf.GGMLQuantizationType]:
    """Rows in blocks of 32 at 8.5 bits a number, or at 16 bits where rows do not divide."""
    numbers = weight.detach().numpy().astype(numpy.float32)
    if numbers.shape[1] % _BLOCK:
        return numbers.astype(numpy.float16), gguf.GGMLQuantizationType.F16
    kind = gguf.GGMLQuantizationType.Q8_0
    return gguf.quants.quantize(numbers, kind), kind


def _write_vocabulary(writer: gguf.GGUFWriter, pieces_path: Path) -> None:
    pieces = sentencepiece.SentencePieceProcessor(model_file=str(pieces_path))
    texts: list[bytes] = []
    scores: list[float] = []
    kinds: list[int] = []
    for token in range(pieces.get_piece_size()):
        texts.append(pieces.id_to_piece(token).encode())
        scores.append(pieces.get_score(token))
        kind = gguf.TokenType.NORMAL
        if pieces.is_unknown(token):
            kind = gguf.TokenType.UNKNOWN
        elif pieces.is_control(token):
            kind = gguf.TokenType.CONTROL
        elif pieces.is_byte(token):
            kind = gguf.TokenType.BYTE
        kinds.append(int(kind))
    writer.add_tokenizer_model("llama")
    writer.add_tokenizer_pre("default")
    writer.add_token_list(texts)
    writer.add_token_scores(scores)
    writer.add_token_types(kinds)
    writer.add_unk_token_id(pieces.unk_id())
    writer.add_bos_token_id(pieces.bos_id())
    writer.add_eos_token_id(pieces.eos_id())
    writer.add_eot_token_id(pieces.eos_id())
    writer.add_add_bos_token(value=False)
    writer.add_add_eos_token(value=False)
    writer.add_add_space_prefix(value=False)
    writer.add_chat_template(CHAT_TEMPLATE)


def export(network: Network, pieces_path: Path, path: Path, size: str) -> None:
    """Write a GGUF with 8-bit matrices and 32-bit norms.

    Args:
        network: What was trained.
        pieces_path: Its tokenizer.
        path: Where the file goes.
        size: "small" or "base", for its name.
    """
    network = network.cpu()
    path.parent.mkdir(parents=True, exist_ok=True)
    shape = network.shape
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_name(f"Ponder {size}")
    writer.add_description(_DESCRIPTION)
    writer.add_license("apache-2.0")
    writer.add_author("The Ponder contributors")
    writer.add_string(FAMILY_KEY, FAMILY)
    writer.add_string(SKILLS_KEY, SKILLS)
    writer.add_string(STEP_END_KEY, STEP_END)
    writer.add_string(RIGHT_KEY, RIGHT)
    writer.add_string(WRONG_KEY, WRONG)
    writer.add_file_type(gguf.LlamaFileType.MOSTLY_Q8_0)
    writer.add_vocab_size(shape.vocabulary)
    writer.add_context_length(shape.context)
    writer.add_embedding_length(shape.width)
    writer.add_block_count(shape.layers)
    writer.add_feed_forward_length(shape.hidden)
    writer.add_head_count(shape.heads)
    writer.add_head_count_kv(shape.heads)
    writer.add_rope_dimension_count(shape.width // shape.heads)
    writer.add_rope_freq_base(ROTARY_BASE)
    writer.add_layer_norm_rms_eps(NORM_EPSILON)
    _write_vocabulary(writer, pieces_path)
    for name, weight in network.named_parameters():
        if weight.ndim == 1:
            writer.add_tensor(name, weight.detach().numpy().astype(numpy.float32))
        else:
            rows, kind = _matrix(weight)
            writer.add_tensor(name, rows, raw_dtype=kind)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    print(f"{path.name}: {path.stat().st_size:,} bytes")
