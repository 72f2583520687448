"""One deliberation on a loaded model, without a worker: what it said and what it cost."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass

from engine.answers.equivalence import EquivalenceChecker
from engine.answers.groups import AnswerGroups
from engine.backends.llama.backend import LlamaBackend
from engine.candidate import Candidate
from engine.deliberation import Deliberation
from engine.generation import Notice
from engine.protocol import CandidateFinished, Deliberate, Event, StepFinished, VerdictReached
from engine.verdict import Verdict

_REQUEST_IDS: Iterator[int] = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Deliberated:
    """A finished deliberation.

    Attributes:
        verdict: Its result.
        candidates: All of them, by index.
        tokens: Everything that was generated, dropped steps and cut attempts included.
        events: All that was told.
    """

    verdict: Verdict
    candidates: tuple[Candidate, ...]
    tokens: int
    events: tuple[Event, ...]

    @property
    def response(self) -> str:
        """What the chosen candidate says, or "" without a winner."""
        chosen = self.verdict.chosen
        return next((c.response for c in self.candidates if c.index == chosen), "")


def deliberate(
    backend: LlamaBackend, command: Deliberate, checker: EquivalenceChecker
) -> Deliberated:
    """Run a command to its verdict.

    Raises:
        RuntimeError: It failed.
    """
    events: list[Event] = []
    deliberation = Deliberation(
        command, backend, AnswerGroups(checker), _REQUEST_IDS, events.append
    )
    deliberation.begin()
    while not deliberation.done:
        for event in backend.step():
            if not isinstance(event, Notice) and deliberation.owns(event.request_id):
                deliberation.handle(event)
        deliberation.tick()
    reached = events[-1]
    verdict = reached.verdict if isinstance(reached, VerdictReached) else None
    if verdict is None:
        raise RuntimeError(f"the deliberation failed: {reached}")
    candidates = [told.candidate for told in events if isinstance(told, CandidateFinished)]
    tokens = sum(told.step.tokens for told in events if isinstance(told, StepFinished))
    tokens += sum(candidate.tokens for candidate in candidates if not candidate.path)
    candidates.sort(key=lambda candidate: candidate.index)
    return Deliberated(verdict, tuple(candidates), tokens, tuple(events))
