"""Where a model would run, in words. Free of Qt, so that the terminal can use it."""

from __future__ import annotations

from models.fit import Fit, Placement


def placement_words(fit: Fit) -> str:
    """For example "fits on the GPU", "18 layers on the GPU", "CPU", "too large"."""
    match fit.placement:
        case Placement.GPU:
            return "fits on the GPU"
        case Placement.PARTLY:
            return f"{fit.layers_on_gpu} layers on the GPU"
        case Placement.CPU:
            return "CPU"
        case Placement.TOO_LARGE:
            return "too large"
