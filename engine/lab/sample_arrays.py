"""An arm's stored samples as arrays, the form in which every rule is replayed."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from engine.lab.plan import Arm
from engine.lab.records import Place, SampleRecord
from engine.lab.replay import Samples
from engine.lab.statistics import Floats
from engine.options import Weighting
from engine.strategies.confidence import confidence_weights


def samples_of(
    plan_arm: Arm,
    samples: Sequence[SampleRecord],
    rows: Sequence[Place],
    weighting: Weighting | None = None,
) -> Samples | None:
    """Put an arm's samples into arrays; None where there are none.

    A question that could not be answered has fewer than the others: each that is missing is a wrong
    one without an answer, so that the question counts as wrong and the others keep their budgets.

    Args:
        plan_arm: The arm.
        samples: All of the sweep's.
        rows: Deliberations that have ended.
        weighting: What a weighted vote weighs; None is as the same vote in a chat would.

    Raises:
        ValueError: The model was not asked for what it should weigh.
    """
    by_row = samples_by_row(plan_arm, samples, rows)
    count = max((len(row) for row in by_row), default=0)
    if not count:
        return None
    shape = (len(rows), count)
    right, group = np.zeros(shape, dtype=bool), np.full(shape, -1, dtype=np.int64)
    tokens = np.zeros(shape, dtype=np.int64)
    for number, row in enumerate(by_row):
        numbers: dict[str, int] = {}
        for place, sample in enumerate(row):
            right[number, place] = sample.counts_right is True
            if sample.group_key is not None:
                group[number, place] = numbers.setdefault(sample.group_key, len(numbers))
            tokens[number, place] = sample.candidate.tokens
    how = _weighting(plan_arm, [sample for row in by_row for sample in row], weighting)
    sharpness = plan_arm.options.sharpness if how is plan_arm.options.weighting else None
    weight = vote_weights(by_row, count, how, sharpness)
    return Samples(right, group, tokens, weight)


def samples_by_row(
    arm: Arm, samples: Sequence[SampleRecord], rows: Sequence[Place]
) -> list[list[SampleRecord]]:
    """The samples of each deliberation, no more than were asked for."""
    wanted = {place: number for number, place in enumerate(rows)}
    by_row: list[list[SampleRecord]] = [[] for _ in rows]
    for sample in samples:
        if sample.place in wanted:
            by_row[wanted[sample.place]].append(sample)
    return [row[: arm.budget.attempts] for row in by_row]


def vote_weights(
    by_row: Sequence[Sequence[SampleRecord]],
    count: int,
    weighting: Weighting,
    sharpness: float | None,
) -> Floats:
    """What each sample's vote weighs, (questions, samples)."""
    weight = np.ones((len(by_row), count))
    for number, row in enumerate(by_row):
        found = confidence_weights([sample.candidate for sample in row], weighting, sharpness)
        for place, sample in enumerate(row):
            weight[number, place] = found.get(sample.candidate.index, 1.0)
    return weight


def _weighting(arm: Arm, samples: Sequence[SampleRecord], wanted: Weighting | None) -> Weighting:
    """What a weighted vote over an arm's samples weighs, as the same vote in a chat would.

    The model's own scores where it gave any, else how likely the tokens were; a choice comes first.

    Raises:
        ValueError: What is wanted needs scores, and there are none.
    """
    scored = any(sample.candidate.score is not None for sample in samples)
    if wanted is not None:
        if wanted.needs_scores and not scored:
            raise ValueError("the model was not asked how sure it is of these samples")
        return wanted
    if arm.options.weighting is not Weighting.EQUAL:
        return arm.options.weighting
    return Weighting.SELF_ASSESSED if scored else Weighting.LIKELIHOOD
