"""A step: a stretch of a response that a search wrote, scored and went on from, or did not."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from engine.candidate import Candidate


class Step(msgspec.Struct, frozen=True):
    """One finished step of a search.

    Attributes:
        index: Its name in the deliberation, from 0, in the order of ending.
        parent: The step before it, or None for a first step.
        depth: How many steps stand before it.
        branch: The independent subtree it belongs to, from 0.
        text: What it says; without what ends a step.
        tokens: Generated tokens.
        score: How likely the response is right so far, 0 to 1, as the model says, or None.
        candidate: The candidate that it completed, or None while the response is open.
        queued_seconds: When it was handed to the backend, since the deliberation's start.
        first_token_seconds: When its first token was there, or None if it never came.
        finished_seconds: When it ended.
    """

    index: int
    parent: int | None
    depth: int
    branch: int
    text: str
    tokens: int
    score: float | None
    candidate: int | None
    queued_seconds: float
    first_token_seconds: float | None
    finished_seconds: float


def generated_tokens(candidates: Iterable[Candidate], steps: Iterable[Step]) -> int:
    """Return the tokens of all candidates and steps; what several paths share counts once.

    Args:
        candidates: Finished or cut short; those that a search put together count by their steps.
        steps: Of all searches among them.
    """
    whole = sum(candidate.tokens for candidate in candidates if not candidate.path)
    return whole + sum(step.tokens for step in steps)
