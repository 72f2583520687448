"""A deliberation as a stream of OpenAI's chunks: text as it is written, or progress, then the end.

With one attempt its text is passed on at once. With several, nothing is an answer before the
verdict; until then chunks without text tell under `ponder` how far it is.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Literal

import msgspec

from desktop_app.gathered import Gathered
from desktop_app.result_json import Vote, votes
from desktop_app.serve.desk import Ticket
from desktop_app.serve.evidence import PonderReport, ponder_report
from desktop_app.serve.question import Question
from desktop_app.serve.refusals import unavailable
from desktop_app.serve.replies import AnswerReport, Choice, Usage, choices, reply_id, usage
from engine.protocol import CandidateDelta, CandidateStarted, Progressed
from engine.session import SessionEvent


class Delta(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is new in a message."""

    role: str | None = None
    content: str | None = None
    reasoning_content: str | None = None


class ChunkChoice(msgspec.Struct, frozen=True):
    """What is new in one choice; `ponder` comes with its end."""

    index: int
    delta: Delta
    finish_reason: str | None = None
    ponder: AnswerReport | msgspec.UnsetType = msgspec.UNSET
    logprobs: None = None


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


class Chunk(msgspec.Struct, frozen=True):
    """One event of a stream. `usage` is null but in the last one, where it was asked for."""

    id: str
    created: int
    model: str
    choices: tuple[ChunkChoice, ...]
    usage: Usage | None = None
    ponder: StreamProgress | PonderReport | msgspec.UnsetType = msgspec.UNSET
    object: str = "chat.completion.chunk"
    system_fingerprint: None = None


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


class ChunkStream:
    """Makes the chunks of one reply.

    Args:
        question: What was asked.
        ticket: Its place at the desk.
    """

    def __init__(self, question: Question, ticket: Ticket) -> None:
        self.gathered = Gathered()
        self._question = question
        self._ticket = ticket
        self._created = int(time.time())
        self._thought = Trimmed()
        self._response = Trimmed()
        self._told: StreamProgress | None = None
        self._live = question.streams_tokens

    def opening(self) -> Iterator[Chunk]:
        """The chunks before anything happened."""
        yield self._chunk(ChunkChoice(0, Delta(role="assistant", content="")))
        yield from self._progress()

    def take(self, events: list[SessionEvent]) -> Iterator[Chunk]:
        """The chunks that events make; none when they change nothing that is told.

        Raises:
            RefusalError: The answer is not how the text that was passed on began.
        """
        for event in events:
            if isinstance(event, CandidateStarted) and event.index in self.gathered.started:
                self._live = False  # it begins again, and what was passed on cannot be taken back
            self.gathered.take(event)
            if self._live and isinstance(event, Progressed):
                for delta in event.deltas:
                    yield from self._text(delta)
        yield from self._progress()
        if self.gathered.reached is not None:
            yield from self._ending()

    def _text(self, delta: CandidateDelta) -> Iterator[Chunk]:
        thought, response = self._thought.feed(delta.thought), self._response.feed(delta.response)
        if thought or response:
            new = Delta(content=response or None, reasoning_content=thought or None)
            yield self._chunk(ChunkChoice(0, new))

    def _progress(self) -> Iterator[Chunk]:
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
            yield self._chunk(ChunkChoice(0, Delta()), ponder=progress)

    def _ending(self) -> Iterator[Chunk]:
        found = choices(self._question, self.gathered)
        for choice in found:
            yield from self._choice_text(choice)
        report = ponder_report(self._question, self._ticket, self.gathered)
        for choice in found:
            end = ChunkChoice(choice.index, Delta(), choice.finish_reason, choice.ponder)
            yield self._chunk(end, ponder=report if choice is found[-1] else msgspec.UNSET)
        if self._question.include_usage:
            yield self._chunk(usage=usage(self.gathered))

    def _choice_text(self, choice: Choice) -> Iterator[Chunk]:
        content, thought = choice.message.content, choice.message.reasoning_content or ""
        if choice.index == 0:
            if not content.startswith(self._response.passed):
                raise unavailable("serve-began-again", retry_after_seconds=1)
            content, thought = self._response.rest(content), self._thought.rest(thought)
        if content or thought or choice.index > 0:
            role = "assistant" if choice.index > 0 else None
            new = Delta(role, content or None, thought or None)
            yield self._chunk(ChunkChoice(choice.index, new))

    def _chunk(
        self,
        choice: ChunkChoice | None = None,
        usage: Usage | None = None,
        ponder: StreamProgress | PonderReport | msgspec.UnsetType = msgspec.UNSET,
    ) -> Chunk:
        return Chunk(
            id=reply_id(self._question),
            created=self._created,
            model=self._question.model_id,
            choices=() if choice is None else (choice,),
            usage=usage,
            ponder=ponder,
        )
