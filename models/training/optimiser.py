"""Muon for the matrices, AdamW for the rest.

Muon (Jordan and others, 2024, https://kellerjordan.github.io/posts/muon/) replaces the momentum of
a matrix by the nearest matrix with orthogonal rows. PyTorch's own computes that in bfloat16, which
is slow on a processor that cannot multiply such numbers; there this one stays in float32.
"""

from __future__ import annotations

import torch
from torch import Tensor

from models.training.network import Network

_COEFFICIENTS = (3.4445, -4.7750, 2.0315)
_ROUNDS = 5


def orthogonalised(matrix: Tensor, *, halves: bool = False) -> Tensor:
    """Return about the nearest matrix whose singular values are all one (Newton-Schulz).

    Args:
        matrix: (rows, columns); so is what is returned.
        halves: Multiply numbers of 16 bits.
    """
    a, b, c = _COEFFICIENTS
    tall = matrix.shape[0] > matrix.shape[1]
    wide = matrix.T if tall else matrix
    x: Tensor = wide / (wide.norm() + 1e-7)
    if halves:
        x = x.bfloat16()
    for _ in range(_ROUNDS):
        gram = x @ x.T
        x = a * x + (b * gram + c * gram @ gram) @ x
    x = x.to(matrix.dtype)
    return x.T if tall else x


class Optimiser:
    """Both rules behind one step.

    Args:
        network: What is trained.
        matrix_rate: Step size of the matrices at full rate.
        other_rate: Step size of embedding and norms at full rate.
        halves: Multiply numbers of 16 bits on the way to a step.
    """

    def __init__(
        self, network: Network, matrix_rate: float, other_rate: float, *, halves: bool = False
    ) -> None:
        named = dict(network.named_parameters())
        self._matrices = [
            weight for name, weight in named.items() if weight.ndim == 2 and "token" not in name
        ]
        chosen = {id(weight) for weight in self._matrices}
        others = [weight for weight in named.values() if id(weight) not in chosen]
        self._momenta = [torch.zeros_like(weight) for weight in self._matrices]
        self._adam = torch.optim.AdamW(
            others, lr=other_rate, betas=(0.9, 0.98), weight_decay=0.0, fused=True
        )
        self._matrix_rate, self._other_rate, self._halves = matrix_rate, other_rate, halves

    @torch.no_grad()
    def step(self, share: float, momentum: float = 0.95) -> None:
        """Change the weights at a share of the full rate and forget the gradients."""
        for weight, kept in zip(self._matrices, self._momenta, strict=True):
            gradient = weight.grad
            if gradient is None:
                continue
            kept.lerp_(gradient, 1 - momentum)
            update = orthogonalised(gradient.lerp(kept, momentum), halves=self._halves)
            rate = self._matrix_rate * share * max(1.0, weight.shape[0] / weight.shape[1]) ** 0.5
            weight.mul_(1 - 0.01 * self._matrix_rate * share).add_(update, alpha=-rate)
            weight.grad = None
        for group in self._adam.param_groups:
            group["lr"] = self._other_rate * share
        self._adam.step()
        self._adam.zero_grad()

    def state(self) -> dict[str, object]:
        """Return what a later run needs to go on."""
        return {"momenta": self._momenta, "adam": self._adam.state_dict()}

    def restore(self, state: dict[str, object]) -> None:
        """Go on from a saved state."""
        momenta, adam = state["momenta"], state["adam"]
        if not isinstance(momenta, list) or not isinstance(adam, dict):
            raise TypeError("this is not the state of an optimiser")
        self._momenta = momenta
        self._adam.load_state_dict(adam)
