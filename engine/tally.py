"""The tally: vote groups, the "no answer" group beside them, and how settled the lead is.

Counting only: which answers are equal was decided before (`engine.answers`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Final

import msgspec

from engine.candidate import Candidate

SETTLED_THRESHOLD = 0.95
"""Stop when the leader keeps the majority with this probability.

Source: Adaptive-Consistency, arXiv 2305.11860, the default of its Beta stopping criterion.
"""
ROUNDING: Final = 1e-9
"""Weights add up to what they should, but for this: those that differ by less are the same."""
TIE_BREAK: Final = 0.01
"""Weights closer to the count than this only break a tie."""


class GroupingMethod(StrEnum):
    """How equal answers were told; always shown beside a count."""

    EXACT = "exact"
    SYMBOLIC = "symbolic"
    MODEL_JUDGED = "model-judged"
    MEDOID = "medoid"
    """No groups: the response most like all others stands for them."""


class VoteGroup(msgspec.Struct, frozen=True):
    """Candidates that answer alike.

    Attributes:
        key: The group's canonical key.
        label: The answer as its first member writes it.
        candidates: Member indexes in order of arrival.
        weight: Sum of the members' weights; equals the count under plain voting.
    """

    key: str
    label: str
    candidates: tuple[int, ...]
    weight: float

    @property
    def count(self) -> int:
        """Number of votes."""
        return len(self.candidates)


class Tally(msgspec.Struct, frozen=True):
    """All votes so far.

    Attributes:
        groups: Vote groups, most weight first; equal weights keep the order of arrival.
        no_answer: Indexes of candidates that ended without an answer. Never a vote.
        settled: P(the leader stays the majority), 0 to 1; 0 without votes.
        method: How equal answers were told.
    """

    groups: tuple[VoteGroup, ...] = ()
    no_answer: tuple[int, ...] = ()
    settled: float = 0.0
    method: GroupingMethod = GroupingMethod.EXACT

    @property
    def votes(self) -> int:
        """Number of candidates that voted."""
        return sum(group.count for group in self.groups)

    @property
    def is_weighed(self) -> bool:
        """Whether votes weigh something else than one each."""
        return any(abs(group.weight - group.count) > TIE_BREAK for group in self.groups)

    @property
    def leading(self) -> tuple[VoteGroup, ...]:
        """The groups that weigh as much as the first one, and that one; several in a tie."""
        most = self.groups[0].weight if self.groups else 0.0
        return tuple(group for group in self.groups if abs(most - group.weight) <= ROUNDING)

    @property
    def is_tie(self) -> bool:
        """Whether the first groups weigh the same."""
        return len(self.leading) > 1

    @property
    def leader(self) -> VoteGroup | None:
        """The group with the most weight, or None without votes or in a tie."""
        return None if not self.groups or self.is_tie else self.groups[0]


def settled_probability(lead: int, second: int) -> float:
    """P(the leader's share exceeds one half) against the runner-up, uniform prior.

    With v1 votes for the leader and v2 for the second, the posterior is Beta(v1+1, v2+1) and
    P = 1 - I_{1/2}(v1+1, v2+1) = sum_{j=0}^{v1} C(v1+v2+1, j) / 2^{v1+v2+1}.

    Args:
        lead: Votes of the leader.
        second: Votes of the runner-up.

    Source: Adaptive-Consistency, arXiv 2305.11860, section 3 (Beta criterion), in closed form.
    """
    total = lead + second + 1
    below = term = 1
    for chosen in range(lead):
        term = term * (total - chosen) // (chosen + 1)
        below += term
    return below / (1 << total)


def tally_votes(
    candidates: Sequence[Candidate],
    group_of: Mapping[str, str] | None = None,
    weights: Mapping[int, float] | None = None,
    method: GroupingMethod = GroupingMethod.EXACT,
) -> Tally:
    """Count the votes of finished candidates.

    Args:
        candidates: Finished candidates; those that were cut short by us do not count.
        group_of: Answer key to the key of the group it was merged into, where they differ.
        weights: Candidate index to vote weight; 1 where absent.
        method: How equal answers were told.
    """
    merged = group_of or {}
    members: dict[str, list[Candidate]] = {}
    silent: list[int] = []
    for candidate in candidates:
        if candidate.answer is None:
            if candidate.counts:
                silent.append(candidate.index)
            continue
        if not candidate.counts:
            continue
        key = merged.get(candidate.answer.key, candidate.answer.key)
        members.setdefault(key, []).append(candidate)
    groups = [
        VoteGroup(
            key=key,
            label=voters[0].answer.text if voters[0].answer else key,
            candidates=tuple(voter.index for voter in voters),
            weight=sum((weights or {}).get(voter.index, 1.0) for voter in voters),
        )
        for key, voters in members.items()
    ]
    groups.sort(key=lambda group: -round(group.weight / ROUNDING))
    settled = 0.0
    if groups:
        second = max((group.count for group in groups[1:]), default=0)
        settled = settled_probability(groups[0].count, second)
    return Tally(tuple(groups), tuple(silent), settled, method)
