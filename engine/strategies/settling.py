"""When a vote may stop early, for every strategy that votes.

Attempts that finish first are not a fair sample: short ones finish first. So the rule looks only at
the longest run of attempts, in the order they were started, that have all finished.
"""

from __future__ import annotations

from engine.strategies.base import Progress
from engine.tally import SETTLED_THRESHOLD, settled_probability


def is_settled(progress: Progress) -> bool:
    """Whether the leader will stay the majority with at least `SETTLED_THRESHOLD`.

    The Beta rule in closed form (Adaptive-Consistency, arXiv 2305.11860), over the unbroken prefix
    of finished attempts. Both the whole tally and the prefix must have the same leader.
    """
    if not progress.stop_early or progress.tally.leader is None:
        return False
    finished = {candidate.index for candidate in progress.finished}
    prefix = 0
    while prefix in finished:
        prefix += 1
    counts = sorted(
        (
            (sum(index < prefix for index in group.candidates), group.key)
            for group in progress.tally.groups
        ),
        reverse=True,
    )
    lead, key = counts[0]
    second = counts[1][0] if len(counts) > 1 else 0
    if key != progress.tally.leader.key or lead == second:
        return False
    return settled_probability(lead, second) >= SETTLED_THRESHOLD
