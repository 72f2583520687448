"""What a vote weighs: equal, or by a confidence that the model gives for free or when asked.

Confidence-informed self-consistency (CISC, arXiv 2502.06233): w_i = softmax(c_i / T) over the
question's candidates. Only how candidates of one question compare matters, not whether the numbers
are calibrated. T to infinity is the plain vote. Here the weights are scaled to a mean of 1 over
those that answered, so that they read like votes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import exp

from engine.candidate import Candidate
from engine.options import Weighting


def confidence_weights(
    candidates: Sequence[Candidate], weighting: Weighting, sharpness: float
) -> Mapping[int, float]:
    """Return vote weights by candidate index.

    Args:
        candidates: Those that vote.
        weighting: Where the confidence comes from.
        sharpness: T, above 0.

    A candidate without a confidence weighs as much as the mean of the others.
    """
    if weighting is Weighting.EQUAL:
        return {}
    known = {
        candidate.index: value
        for candidate in candidates
        if (value := _confidence(candidate, weighting)) is not None
    }
    if not known:
        return {}
    highest = max(known.values())
    raw = {index: exp((value - highest) / sharpness) for index, value in known.items()}
    answered = {c.index for c in candidates if c.answer is not None and c.counts} & raw.keys()
    scaled = answered or raw.keys()
    mean = sum(raw[index] for index in scaled) / len(scaled)
    return {index: value / mean for index, value in raw.items()}


def _confidence(candidate: Candidate, weighting: Weighting) -> float | None:
    return candidate.score if weighting is Weighting.SELF_ASSESSED else candidate.confidence
