"""Writing many responses at once with a network in training.

The engine that people use is llama.cpp; this is only for the recipe, which must not depend on it.
Tokens are drawn as the engine draws them by default: temperature and min-p.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import torch
from torch import Tensor

from models.training.network import Memory, Network

_MIN_P: Final = 0.05
_ROWS: Final = 256
_WORTH_KEEPING: Final = 0.8


@torch.no_grad()
def sample(
    network: Network,
    prompts: Sequence[Sequence[int]],
    end: int,
    *,
    temperature: float = 0.8,
    most: int = 480,
    seed: int = 0,
) -> list[list[int]]:
    """Write one response to each prompt.

    Args:
        network: Who writes.
        prompts: Token ids.
        end: The id that ends a response; it is not part of it.
        temperature: 0 takes the likeliest token.
        most: Most tokens of a response.
        seed: The same seed draws the same tokens.
    """
    noise = torch.Generator(device=network.device).manual_seed(seed)
    order = sorted(range(len(prompts)), key=lambda number: len(prompts[number]))
    responses: list[list[int]] = [[] for _ in prompts]
    for start in range(0, len(order), _ROWS):
        chosen = order[start : start + _ROWS]
        written = _write(network, [prompts[n] for n in chosen], end, temperature, most, noise)
        for number, response in zip(chosen, written, strict=True):
            responses[number] = response
    return responses


def _write(
    network: Network,
    prompts: Sequence[Sequence[int]],
    end: int,
    temperature: float,
    most: int,
    noise: torch.Generator,
) -> list[list[int]]:
    """Write a group side by side, prompts padded on the left; finished rows are taken out.

    A prompt that stands in several rows is read once.
    """
    device = network.device
    length = max(map(len, prompts))
    numbers = {prompt: number for number, prompt in enumerate(dict.fromkeys(map(tuple, prompts)))}
    pads = torch.tensor([length - len(prompt) for prompt in numbers], device=device)
    ids = torch.tensor([[0] * (length - len(p)) + list(p) for p in numbers], device=device)
    places = torch.arange(length, device=device)
    seen = places >= pads.unsqueeze(1)
    mask = (seen.unsqueeze(1) & (places.unsqueeze(0) <= places.unsqueeze(1))).unsqueeze(1)
    mask = mask | torch.eye(length, dtype=torch.bool, device=device)
    memory = Memory(network.shape, len(numbers), length + most, device)
    positions = (places.unsqueeze(0) - pads.unsqueeze(1)).clamp(min=0)
    stream = network(ids, positions, mask, memory)[:, -1]
    read = torch.tensor([numbers[tuple(prompt)] for prompt in prompts], device=device)
    memory.keep(read)
    stream, pads = stream[read], pads[read]
    rows = list(range(len(prompts)))
    running = set(rows)
    responses: list[list[int]] = [[] for _ in prompts]
    for place in range(length, length + most):
        drawn = _draw(network.logits(stream), temperature, noise)
        for row, token in zip(rows, drawn.tolist(), strict=True):
            if token == end:
                running.discard(row)
            elif row in running:
                responses[row].append(token)
        if not running:
            break
        if len(running) < _WORTH_KEEPING * len(rows):
            going = [number for number, row in enumerate(rows) if row in running]
            kept = torch.tensor(going, device=device)
            memory.keep(kept)
            rows, pads, drawn = [rows[number] for number in going], pads[kept], drawn[kept]
        seen = torch.arange(place + 1, device=device) >= pads.unsqueeze(1)
        positions = (place - pads).unsqueeze(1)
        stream = network(drawn.unsqueeze(1), positions, seen[:, None, None, :], memory)[:, -1]
    return responses


def _draw(logits: Tensor, temperature: float, noise: torch.Generator) -> Tensor:
    """Draw one token a row from (rows, vocabulary)."""
    if temperature == 0:
        return logits.argmax(dim=-1)
    chances = torch.softmax(logits / temperature, dim=-1)
    chances = chances * (chances >= _MIN_P * chances.amax(dim=-1, keepdim=True))
    return torch.multinomial(chances, 1, generator=noise).squeeze(1)
