"""The network: a llama-architecture decoder, small enough to read.

Names and shapes follow what `export.py` writes, rotary pairs are interleaved as llama.cpp wants
them for this architecture. It knows neither text nor training.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

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

SHAPES_FOR_PROCESSOR: Mapping[str, Shape] = MappingProxyType(
    {
        "small": Shape(2048, width=128, layers=4, heads=4, hidden=352),
        "base": Shape(2048, width=256, layers=6, heads=8, hidden=704),
    }
)
"""What two cores can train in hours: 1.1 and 5.3 million numbers, the second grown from it."""
SHAPES_FOR_GPU: Mapping[str, Shape] = MappingProxyType(
    {
        "small": Shape(2048, width=160, layers=4, heads=5, hidden=448),
        "base": Shape(2048, width=512, layers=7, heads=16, hidden=1280),
    }
)
"""What the sizes of the files allow, at 8.5 bits a number: 1.6 and 22 million numbers."""


class Memory:
    """Keys and values of what was read, for writing one token after another.

    Args:
        shape: Of the network.
        rows: Sequences side by side.
        length: Most tokens of each.
        device: Where it lies.
    """

    def __init__(self, shape: Shape, rows: int, length: int, device: torch.device) -> None:
        size = (shape.layers, rows, shape.heads, length, shape.width // shape.heads)
        self.keys = torch.zeros(size, device=device)
        self.values = torch.zeros(size, device=device)
        self.length = 0

    def keep(self, rows: Tensor) -> None:
        """Go on with these rows, any of them as often as it is named."""
        self.keys, self.values = self.keys[:, rows], self.values[:, rows]


def rotary_angles(positions: Tensor, head_width: int) -> Tensor:
    """Return the rotation of each position and pair: (*positions, head_width / 2), complex."""
    places = torch.arange(0, head_width, 2, dtype=torch.float32, device=positions.device)
    angles = positions.float().unsqueeze(-1) * ROTARY_BASE ** -(places / head_width)
    return torch.polar(torch.ones_like(angles), angles)


def _rotate(heads: Tensor, angles: Tensor) -> Tensor:
    """Turn each neighbouring pair of (batch, heads, length, head width) by its angle."""
    pairs = torch.view_as_complex(heads.float().reshape(*heads.shape[:-1], -1, 2))
    return torch.view_as_real(pairs * angles).flatten(-2).to(heads.dtype)


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

    def forward(
        self, stream: Tensor, angles: Tensor, mask: Tensor | None, kept: tuple[Tensor, Tensor, int]
    ) -> Tensor:
        """Return the new stream (batch, length, width)."""
        normed = self.attn_norm(stream)
        q, k, v = (
            part(normed).unflatten(-1, (self.heads, -1)).transpose(1, 2)
            for part in (self.attn_q, self.attn_k, self.attn_v)
        )
        q, k = _rotate(q, angles), _rotate(k, angles)
        keys, values, start = kept
        if keys.numel():
            end = start + k.shape[2]
            keys[:, :, start:end], values[:, :, start:end] = k, v
            k, v = keys[:, :, :end], values[:, :, :end]
        mixed = functional.scaled_dot_product_attention(
            q, k, v, attn_mask=mask, is_causal=mask is None
        )
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

    def forward(
        self,
        ids: Tensor,
        positions: Tensor | None = None,
        mask: Tensor | None = None,
        memory: Memory | None = None,
    ) -> Tensor:
        """Read ids and return the stream (batch, length, width), normed.

        Args:
            ids: (batch, length).
            positions: (batch, length) places in the text; in order from 0 where None.
            mask: (batch, 1, length, length seen) what each may attend to; everything up to itself
                where None.
            memory: What was read before; it is added to.
        """
        if positions is None:
            positions = torch.arange(ids.shape[1], device=ids.device).unsqueeze(0)
        angles = rotary_angles(positions, self.shape.width // self.shape.heads).unsqueeze(1)
        stream = self.token_embd(ids)
        nothing = torch.empty(0)
        for number, block in enumerate(self.blk):
            kept = (nothing, nothing, 0)
            if memory is not None:
                kept = (memory.keys[number], memory.values[number], memory.length)
            stream = block(stream, angles, mask, kept)
        if memory is not None:
            memory.length += ids.shape[1]
        normed: Tensor = self.output_norm(stream)
        return normed

    def logits(self, stream: Tensor) -> Tensor:
        """Score every token id for each vector of the stream."""
        return functional.linear(stream, self.token_embd.weight)

    def parameter_count(self) -> int:
        """Return the number of trained numbers."""
        return sum(weight.numel() for weight in self.parameters())

    @property
    def device(self) -> torch.device:
        """Where it lies."""
        return self.token_embd.weight.device
