"""When a vote may stop early, for every strategy that votes.

Attempts that finish first are not a fair sample: short ones finish first. So the rule walks through
the attempts in the order they were started, and every one of them that is still running counts as
a vote against the leader. An early stop therefore never depends on what the slow ones would have
said, and a single straggler does not hold up a clear vote.

Attempts that were cut short in an earlier turn of the same deliberation say nothing and count
nowhere. Revisions are not independent of the attempts they were shown; the rule is applied to them
all the same, as the vote is, and errs towards stopping there.
"""

from __future__ import annotations

from collections import Counter
from functools import lru_cache
from typing import Final

from engine.strategies.base import Progress
from engine.tally import SETTLED_THRESHOLD, settled_probability

_WORTH_COMPUTING: Final = 1.5
"""Lead over the square root of the votes below which the exact probability cannot reach 0.95: its
limit for many votes is 1.645, for few it is higher (2 for 4 votes to 0)."""

_probability = lru_cache(maxsize=4096)(settled_probability)


def is_settled(progress: Progress) -> bool:
    """Whether the leader stays the majority with at least `SETTLED_THRESHOLD`.

    The Beta rule in closed form (Adaptive-Consistency, arXiv 2305.11860) over some first attempts,
    as if it had been asked after each of them. The leader of all votes must lead among these.
    """
    leader = progress.tally.leader
    if not progress.stop_early or leader is None:
        return False
    group_of = {index: group.key for group in progress.tally.groups for index in group.candidates}
    counts: Counter[str] = Counter()
    finished = sorted(candidate.index for candidate in progress.finished)
    for position, index in enumerate(finished):
        key = group_of.get(index)
        if key is None:
            continue
        counts[key] += 1
        missing = index - position
        second = max((count for key, count in counts.items() if key != leader.key), default=0)
        if _is_enough(counts[leader.key], second + min(missing, progress.running)):
            return True
    return False


def _is_enough(lead: int, against: int) -> bool:
    if lead <= against or lead - against < _WORTH_COMPUTING * (lead + against) ** 0.5:
        return False
    return _probability(lead, against) >= SETTLED_THRESHOLD
