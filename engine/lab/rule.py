"""How stored samples are put together when they are replayed."""

from __future__ import annotations

from enum import StrEnum


class Rule(StrEnum):
    """How stored samples are put together."""

    VOTE = "vote"
    """The group with the most votes; a tie is broken by chance."""
    WEIGHTED = "weighted"
    """The group with the most weight."""
    BEST = "best"
    """The sample with the most weight decides alone: best-of-N."""
    SETTLED = "settled"
    """A vote that stops when the lead is settled (arXiv 2305.11860)."""
    AHEAD = "ahead"
    """A vote that stops when an answer is three votes ahead, as `auto` does unless it learned."""
    COVERAGE = "coverage"
    """Whether any sample is right: what a perfect judge would reach."""
