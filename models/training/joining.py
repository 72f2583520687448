"""Joins states of one network: the mean of their weights, which is often better than each.

States that share a beginning lie in one valley, so their mean does too; what each learned by chance
cancels out (model soups, arXiv 2203.05482).
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import torch

from models.training.network import Network
from models.training.train import load_network


def joined(paths: Sequence[Path], shares: Sequence[float] = ()) -> Network:
    """Return the mean of saved states.

    Args:
        paths: States of one shape, at least one.
        shares: How much each counts; alike where empty.

    Raises:
        ValueError: The shapes differ, or there are not as many shares as states.
    """
    weights = list(shares) or [1.0] * len(paths)
    if not paths or len(weights) != len(paths):
        raise ValueError("there must be a share for each state")
    networks = [load_network(path) for path in paths]
    if any(network.shape != networks[0].shape for network in networks):
        raise ValueError("states of different shapes cannot be joined")
    total = sum(weights)
    mean: dict[str, torch.Tensor] = {}
    for network, weight in zip(networks, weights, strict=True):
        for name, value in network.state_dict().items():
            part = value * (weight / total)
            mean[name] = mean[name] + part if name in mean else part
    result = networks[0]
    result.load_state_dict(mean)
    return result
