"""The steps of one search as text: what each path says so far, and where it can be gone on from.

It keeps what the backend keeps: a step whose request is not needed any more is given back.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from engine.step import Step
from engine.strategies.base import Attempt


class SearchPaths:
    """Finished steps by index.

    Args:
        step_end: What stands between two steps.
        first_index: Name of the first step; those of an earlier turn keep theirs.
    """

    def __init__(self, step_end: str, first_index: int = 0) -> None:
        self.step_end = step_end
        self._first_index = first_index
        self._steps: list[Step] = []
        self._requests: dict[int, int] = {}
        self._logprobs: dict[int, float | None] = {}

    @property
    def steps(self) -> tuple[Step, ...]:
        """Finished steps in the order they ended."""
        return tuple(self._steps)

    @property
    def next_index(self) -> int:
        """Name of the next step."""
        return self._first_index + len(self._steps)

    def add(self, step: Step, request_id: int, mean_logprob: float | None) -> None:
        """Take a finished step, the kept request that wrote it, and how likely its tokens were."""
        self._steps.append(step)
        self._logprobs[step.index] = mean_logprob
        if step.candidate is None:
            self._requests[step.index] = request_id

    def request_of(self, index: int) -> int:
        """The kept request that wrote an open step."""
        return self._requests[index]

    def path(self, index: int | None) -> list[Step]:
        """A step and all before it, first one first."""
        path: list[Step] = []
        while index is not None:
            path.append(self._step(index))
            index = path[-1].parent
        return path[::-1]

    def text(self, parent: int | None, last: str) -> str:
        """What a path says that ends with a new step."""
        return self.step_end.join([*(step.text for step in self.path(parent)), last])

    def tokens(self, index: int | None) -> int:
        """Generated tokens of a path."""
        return sum(step.tokens for step in self.path(index))

    def mean_logprob(
        self, parent: int | None, tokens: int, mean_logprob: float | None
    ) -> float | None:
        """Mean log-probability of a path's tokens, or None where it is not known of every step.

        Args:
            parent: The step before the last one.
            tokens: Of the last step.
            mean_logprob: Of the last step's tokens.
        """
        parts = [(step.tokens, self._logprobs[step.index]) for step in self.path(parent)]
        total = logprob = 0.0
        for count, mean in [*parts, (tokens, mean_logprob)]:
            if mean is None:
                return None
            total += count
            logprob += count * mean
        return logprob / total if total else None

    def superseded(self, in_flight: Iterable[Attempt]) -> Collection[int]:
        """Take out and return requests that nothing will be gone on from.

        A step can still be needed while a running attempt goes on from it, or while nothing in its
        subtree is deeper.
        """
        parents = {attempt.parent for attempt in in_flight if attempt.parent is not None}
        deepest: dict[int, int] = {}
        for step in self._steps:
            deepest[step.branch] = max(deepest.get(step.branch, 0), step.depth)
        for parent in parents:
            step = self._step(parent)
            deepest[step.branch] = max(deepest[step.branch], step.depth + 1)
        done = [
            index
            for index in self._requests
            if index not in parents and self._step(index).depth < deepest[self._step(index).branch]
        ]
        return [self._requests.pop(index) for index in done]

    def abandon(self) -> Collection[int]:
        """Take out and return all requests."""
        requests = list(self._requests.values())
        self._requests.clear()
        return requests

    def _step(self, index: int) -> Step:
        return self._steps[index - self._first_index]
