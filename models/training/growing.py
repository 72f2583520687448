"""Growing a network into a wider and deeper one that says the same, to be trained on.

What a small network learned need not be learned again by a large one. Widening repeats every unit
and shares what reads it among its copies, unevenly so that they can part (Net2WiderNet in Chen and
others, arXiv 1511.05641). Deepening repeats blocks whose own share in the stream begins at nothing
(as the masked copies of Gong and others' progressive stacking, ICML 2019, and of arXiv 2203.06211).
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from models.training.network import Network, Shape

_UNEVENNESS = 0.5
"""How far the shares of two copies are from one half at most."""


def grown(network: Network, shape: Shape, seed: int) -> Network:
    """Return a network of a larger shape whose logits are those of the given one.

    Args:
        network: What is grown; it stays as it is.
        shape: Of the result: width, heads and hidden the same whole multiple of the network's, at
            least as many layers, the same vocabulary.
        seed: Of the shares.

    Raises:
        ValueError: The shape cannot be reached so.
    """
    times = _times(network.shape, shape)
    noise = torch.Generator().manual_seed(seed)
    result = Network(shape)
    with torch.no_grad():
        _set(result.token_embd.weight, network.token_embd.weight.repeat(1, times))
        # The output layer is the embedding, whose products the copies now repeat.
        _set(result.output_norm.weight, network.output_norm.weight.repeat(times) / times)
        origins = _origins(network.shape.layers, shape.layers)
        for number, (block, origin) in enumerate(zip(result.blk, origins, strict=True)):
            first = number == 0 or origins[number - 1] != origin
            _fill(block, network.blk[origin], times, noise, adds=first)
    return result.to(network.device)


def _times(old: Shape, new: Shape) -> int:
    times = new.width // old.width
    wanted = (old.width * times, old.heads * times, old.hidden * times)
    if (
        (new.width, new.heads, new.hidden) != wanted
        or new.layers < old.layers
        or new.vocabulary != old.vocabulary
    ):
        raise ValueError(f"{old} cannot be grown into {new}")
    return times


def _origins(old: int, new: int) -> list[int]:
    """Which block each new one repeats, in order, each about as often."""
    return [number * old // new for number in range(new)]


def _fill(
    block: nn.Module, origin: nn.Module, times: int, noise: torch.Generator, *, adds: bool
) -> None:
    """Widen a block; one that adds nothing leaves the stream as it is until it is trained."""
    wide = dict(block.named_parameters())
    for name, weight in origin.named_parameters():
        if weight.ndim == 1:
            _set(wide[name], weight.repeat(times))
        elif adds or name not in {"attn_output.weight", "ffn_down.weight"}:
            _set(wide[name], _widened(weight, times, noise))
        else:
            wide[name].zero_()


def _widened(matrix: Tensor, times: int, noise: torch.Generator) -> Tensor:
    """Repeat rows, and share each column among its copies, in every row differently."""
    rows, columns = matrix.shape
    drawn = torch.rand(times, rows * times, columns, generator=noise) - 0.5
    shares = 1 / times + _UNEVENNESS * (drawn - drawn.mean(dim=0))
    copies = shares.to(matrix.device) * matrix.repeat(times, 1)
    return copies.transpose(0, 1).reshape(rows * times, columns * times)


def _set(weight: Tensor, value: Tensor) -> None:
    weight.copy_(value)
