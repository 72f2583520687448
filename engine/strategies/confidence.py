"""What a vote weighs: equal, or by a confidence that the model gives for free or when asked.

Confidence-informed self-consistency (CISC, arXiv 2502.06233): w_i = softmax(c_i / T) over the
question's candidates, c the mean probability of its tokens or what the model says of it. Only how
candidates of one question compare matters, not whether the numbers are calibrated. T to infinity is
the plain vote.

The two confidences see different errors: tokens are unlikely where the model slipped, and what it
says of a response looks at the whole. `Weighting.COMBINED` multiplies what it says, as weighted
best-of-N adds it up (arXiv 2408.03314, section 5.1), with the softmax of the likelihood.

Weights are scaled to a mean of 1 over those that answered, so that they read like votes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from math import exp

from engine.candidate import Candidate
from engine.options import Weighting


def confidence_weights(
    candidates: Sequence[Candidate], weighting: Weighting, sharpness: float | None = None
) -> Mapping[int, float]:
    """Return vote weights by candidate index.

    Args:
        candidates: Those that vote.
        weighting: Where the confidence comes from.
        sharpness: T, above 0; None is what is usual for the weighting.

    A candidate without a confidence weighs as much as the mean of the others.
    """
    temperature = weighting.usual_sharpness if sharpness is None else sharpness
    match weighting:
        case Weighting.EQUAL:
            return {}
        case Weighting.LIKELIHOOD:
            return _softmax(candidates, _likelihood, temperature)
        case Weighting.SELF_ASSESSED:
            return _softmax(candidates, _score, temperature)
        case Weighting.COMBINED:
            likely = _softmax(candidates, _likelihood, temperature)
            said = _scaled(candidates, _known(candidates, _score))
            both = {index: said.get(index, 1.0) * likely.get(index, 1.0) for index in said | likely}
            return _scaled(candidates, both)


def _softmax(
    candidates: Sequence[Candidate],
    confidence: Callable[[Candidate], float | None],
    temperature: float,
) -> dict[int, float]:
    known = _known(candidates, confidence)
    highest = max(known.values(), default=0.0)
    raw = {index: exp((value - highest) / temperature) for index, value in known.items()}
    return _scaled(candidates, raw)


def _known(
    candidates: Sequence[Candidate], confidence: Callable[[Candidate], float | None]
) -> dict[int, float]:
    found = {candidate.index: confidence(candidate) for candidate in candidates}
    return {index: value for index, value in found.items() if value is not None}


def _scaled(candidates: Sequence[Candidate], raw: Mapping[int, float]) -> dict[int, float]:
    """The same with a mean of 1 over those that answered; none where all are 0."""
    answered = {c.index for c in candidates if c.answer is not None and c.counts} & raw.keys()
    chosen = answered or raw.keys()
    total = sum(raw[index] for index in chosen)
    return {index: value * len(chosen) / total for index, value in raw.items()} if total else {}


def _likelihood(candidate: Candidate) -> float | None:
    return candidate.confidence


def _score(candidate: Candidate) -> float | None:
    return candidate.score
