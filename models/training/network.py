"""The network: a llama-architecture decoder, small enough to read.

Names and shapes follow what `export.py` writes, rotary pairs are interleaved as llama.cpp wants
them for this architecture. It knows neither text nor training.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional


@dataclass(frozen=True, slots=True)
class Shape:
    """The sizes of a network.

    Attributes:
        vocabulary: Number of token ids.
        width: Length of the vector of one token.
        layers: Number of blocks.
        heads: Attention heads in each block.
        hidden: Width inside the feed-forward part.
        context: Longest sequence the exported file claims.
    """

    vocabulary: int
    width: int = 192
    layers: int = 4
    heads: int = 6
    hidden: int = 512
    context: int = 2048


ROTARY_BASE = 10000.0
NORM_EPSILON = 1e-5


def rotary_angles(length: int, head_width: int) -> Tensor:
    """Return the rotation of each position and pair: (length, head_width / 2), complex."""
    pairs = torch.arange(0, head_width, 2, dtype=torch.float32) / head_width
    places = torch.arange(length, dtype=torch.float32)
    angles = torch.outer(places, ROTARY_BASE**-pairs)
    return torch.polar(torch.ones_like(angles), angles)


def _rotate(heads: Tensor, angles: Tensor) -> Tensor:
    """Turn each neighbouring pair of (batch, heads, length, head width) by its angle."""
    pairs = torch.view_as_complex(heads.float().reshape(*heads.shape[:-1], -1, 2))
    return torch.view_as_real(pairs * angles).flatten(-2)


class Block(nn.Module):
    """Attention and feed-forward, each behind its norm and added to the stream."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        width, hidden = shape.width, shape.hidden
        self.heads = shape.heads
        self.attn_norm = nn.RMSNorm(width, eps=NORM_EPSILON)
        self.attn_q = nn.Linear(width, width, bias=False)
        self.attn_k = nn.Linear(width, width, bias=False)
        self.attn_v = nn.Linear(width, width, bias=False)
        self.attn_output = nn.Linear(width, width, bias=False)
        self.ffn_norm = nn.RMSNorm(width, eps=NORM_EPSILON)
        self.ffn_gate = nn.Linear(width, hidden, bias=False)
        self.ffn_up = nn.Linear(width, hidden, bias=False)
        self.ffn_down = nn.Linear(hidden, width, bias=False)

    def forward(self, stream: Tensor, angles: Tensor) -> Tensor:
        """Return the new stream (batch, length, width)."""
        normed = self.attn_norm(stream)
        q, k, v = (
            part(normed).unflatten(-1, (self.heads, -1)).transpose(1, 2)
            for part in (self.attn_q, self.attn_k, self.attn_v)
        )
        q, k = _rotate(q, angles), _rotate(k, angles)
        mixed = functional.scaled_dot_product_attention(q, k, v, is_causal=True)
        stream = stream + self.attn_output(mixed.transpose(1, 2).flatten(-2))
        normed = self.ffn_norm(stream)
        gated = functional.silu(self.ffn_gate(normed)) * self.ffn_up(normed)
        down: Tensor = self.ffn_down(gated)
        return stream + down


class Network(nn.Module):
    """Token ids in, a vector per position out; the embedding is also the output layer."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.shape = shape
        self.token_embd = nn.Embedding(shape.vocabulary, shape.width)
        self.blk = nn.ModuleList(Block(shape) for _ in range(shape.layers))
        self.output_norm = nn.RMSNorm(shape.width, eps=NORM_EPSILON)
        for name, weight in self.named_parameters():
            if weight.ndim == 2:
                deep = name.endswith(("attn_output.weight", "ffn_down.weight"))
                nn.init.normal_(weight, std=0.02 / (2 * shape.layers) ** 0.5 if deep else 0.04)

    def forward(self, ids: Tensor) -> Tensor:
        """Run (batch, length) ids and return the stream (batch, length, width), normed."""
        angles = rotary_angles(ids.shape[1], self.shape.width // self.shape.heads)
        stream = self.token_embd(ids)
        for block in self.blk:
            stream = block(stream, angles)
        normed: Tensor = self.output_norm(stream)
        return normed

    def logits(self, stream: Tensor) -> Tensor:
        """Score every token id for each vector of the stream."""
        return functional.linear(stream, self.token_embd.weight)

    def parameter_count(self) -> int:
        """Return the number of trained numbers."""
        return sum(weight.numel() for weight in self.parameters())
