"""How stored samples are put together when they are replayed."""

from __future__ import annotations

from enum import StrEnum


class Rule(StrEnum):
    """How stored samples are put together."""

    VOTE = "vote"
    """The group with the most votes; a tie is broken by chance."""
    WEIGHTED = "weighted"
    """The group with the most weight."""
    SETTLED = "settled"
    """A vote that stops when the lead is settled (arXiv 2305.11860)."""
    COVERAGE = "coverage"
    """Whether any sample is right: what a perfect judge would reach."""
