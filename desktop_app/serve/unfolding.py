"""A deliberation as it unfolds, for replies in pieces: text as it is written, or progress.

With one attempt its text is passed on at once. With several, nothing is an answer before the
verdict; until then there is progress alone. It knows no form of the pieces.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import msgspec

from desktop_app.gathered import Gathered
from desktop_app.result_json import Vote, votes
from desktop_app.serve.desk import Ticket
from desktop_app.serve.question import Question
from desktop_app.serve.refusals import unavailable
from desktop_app.serve.replies import Choice
from engine.protocol import CandidateStarted, Progressed
from engine.session import SessionEvent


class StreamProgress(msgspec.Struct, frozen=True):
    """How far a deliberation is.

    Attributes:
        state: "queued" or "thinking".
        before: Questions that wait in front of it.
        attempts: The most candidates it may take.
        started: Candidates that were started.
        finished: Of these, how many have ended.
        votes: The votes so far.
        settled: P(the leader stays the majority), or null without votes.
    """

    state: Literal["queued", "thinking"]
    before: int
    attempts: int
    started: int
    finished: int
    votes: tuple[Vote, ...]
    settled: float | None


@dataclass(frozen=True, slots=True)
class Written:
    """Text that is new; one of both is not empty."""

    thought: str
    response: str


class Trimmed:
    """Passes text on without the white space around it, which a finished response lacks too."""

    def __init__(self) -> None:
        self.passed = ""
        self._held = ""

    def feed(self, text: str) -> str:
        """Return what of the text can be passed on now."""
        text = self._held + text
        if not self.passed:
            text = text.lstrip()
        ready = text.rstrip()
        self._held = text[len(ready) :] if ready or self.passed else ""
        self.passed += ready
        return ready

    def rest(self, whole: str) -> str:
        """Return what of the whole text was not passed on yet."""
        return whole[len(self.passed) :] if whole.startswith(self.passed) else ""


class Unfolding:
    """Follows one deliberation.

    Args:
        question: What was asked.
        ticket: Its place at the desk.

    Attributes:
        gathered: Everything that happened.
    """

    def __init__(self, question: Question, ticket: Ticket) -> None:
        self.gathered = Gathered()
        self._question = question
        self._ticket = ticket
        self._thought = Trimmed()
        self._response = Trimmed()
        self._told: StreamProgress | None = None
        self._live = question.streams_tokens

    @property
    def thought_passed(self) -> str:
        """What was passed on of the hidden thought."""
        return self._thought.passed

    def progress(self) -> Iterator[StreamProgress]:
        """How far it is, if that has changed."""
        gathered, budget = self.gathered, self._question.ask.budget
        progress = StreamProgress(
            state="queued" if self._ticket.started_at is None else "thinking",
            before=self._ticket.before,
            attempts=budget.attempts,
            started=len(gathered.started),
            finished=len(gathered.candidates),
            votes=votes(gathered.tally),
            settled=gathered.tally.settled if gathered.tally.groups else None,
        )
        if progress != self._told:
            self._told = progress
            yield progress

    def take(self, events: list[SessionEvent]) -> Iterator[Written | StreamProgress]:
        """What events bring; nothing when they change nothing that is told."""
        for event in events:
            if isinstance(event, CandidateStarted) and event.index in self.gathered.started:
                self._live = False  # it begins again, and what was passed on cannot be taken back
            self.gathered.take(event)
            if self._live and isinstance(event, Progressed):
                for delta in event.deltas:
                    thought = self._thought.feed(delta.thought)
                    response = self._response.feed(delta.response)
                    if thought or response:
                        yield Written(thought, response)
        yield from self.progress()

    def rest_of(self, first: Choice) -> Iterator[Written]:
        """What of the verdict's answer was not passed on yet, if there is more.

        Raises:
            RefusalError: The answer is not how the text that was passed on began.
        """
        if not first.message.content.startswith(self._response.passed):
            raise unavailable("serve-began-again", retry_after_seconds=1)
        thought = self._thought.rest(first.message.reasoning_content or "")
        response = self._response.rest(first.message.content)
        if thought or response:
            yield Written(thought, response)
