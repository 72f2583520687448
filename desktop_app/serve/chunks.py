"""A deliberation as a stream of `/v1/chat/completions`: chunks of text or of progress, the end."""

from __future__ import annotations

import time
from collections.abc import Iterator

import msgspec

from desktop_app.gathered import Gathered
from desktop_app.serve.desk import Ticket
from desktop_app.serve.evidence import PonderReport, ponder_report
from desktop_app.serve.question import Question
from desktop_app.serve.refusals import RefusalError
from desktop_app.serve.replies import AnswerReport, Choice, Usage, choices, reply_id, usage
from desktop_app.serve.unfolding import StreamProgress, Unfolding, Written
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


class ChunkStream:
    """Makes the chunks of one reply.

    Args:
        question: What was asked.
        ticket: Its place at the desk.
    """

    def __init__(self, question: Question, ticket: Ticket) -> None:
        self._question = question
        self._ticket = ticket
        self._created = int(time.time())
        self._unfolding = Unfolding(question, ticket)

    @property
    def gathered(self) -> Gathered:
        """Everything that happened."""
        return self._unfolding.gathered

    def opening(self) -> Iterator[Chunk]:
        """The chunks before anything happened."""
        yield self._chunk(ChunkChoice(0, Delta(role="assistant", content="")))
        yield from map(self._news, self._unfolding.progress())

    def take(self, events: list[SessionEvent]) -> Iterator[Chunk]:
        """The chunks that events make; none when they change nothing that is told.

        Raises:
            RefusalError: The answer is not how the text that was passed on began.
        """
        yield from map(self._news, self._unfolding.take(events))
        if self.gathered.reached is not None:
            yield from self._ending()

    def refused(self, refusal: RefusalError) -> Iterator[object]:
        """The last event where there will be no answer."""
        yield refusal.body()

    def _news(self, news: Written | StreamProgress) -> Chunk:
        if isinstance(news, StreamProgress):
            return self._chunk(ChunkChoice(0, Delta()), ponder=news)
        return self._chunk(ChunkChoice(0, _delta(news)))

    def _ending(self) -> Iterator[Chunk]:
        first, *others = found = choices(self._question, self.gathered)
        yield from map(self._news, self._unfolding.rest_of(first))
        for choice in others:
            yield self._chunk(ChunkChoice(choice.index, _whole_delta(choice)))
        report = ponder_report(self._question, self._ticket, self.gathered)
        for choice in found:
            end = ChunkChoice(choice.index, Delta(), choice.finish_reason, choice.ponder)
            yield self._chunk(end, ponder=report if choice is found[-1] else msgspec.UNSET)
        if self._question.include_usage:
            yield self._chunk(usage=usage(self.gathered))

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


def _delta(written: Written) -> Delta:
    return Delta(content=written.response or None, reasoning_content=written.thought or None)


def _whole_delta(choice: Choice) -> Delta:
    message = choice.message
    return Delta("assistant", message.content or None, message.reasoning_content)
