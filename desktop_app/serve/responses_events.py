"""A deliberation as a stream of `/v1/responses`: an item opens, grows, closes; then the whole."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from desktop_app.gathered import Gathered
from desktop_app.serve.desk import Ticket
from desktop_app.serve.question import Question
from desktop_app.serve.refusals import RefusalError, unavailable
from desktop_app.serve.replies import choices
from desktop_app.serve.responses_reply import (
    OutputItem,
    OutputText,
    ReasoningItem,
    ReasoningText,
    Response,
    ResponseWriter,
)
from desktop_app.serve.responses_wire import ResponsesRequest, in_responses_words
from desktop_app.serve.unfolding import StreamProgress, Unfolding, Written
from engine.session import SessionEvent


class ResponseEvent(msgspec.Struct, frozen=True):
    """How the response stands, or its end."""

    type: str
    sequence_number: int
    response: Response


class ItemEvent(msgspec.Struct, frozen=True):
    """An item opens or closes."""

    type: str
    sequence_number: int
    output_index: int
    item: OutputItem


class PartEvent(msgspec.Struct, frozen=True):
    """An item's text opens or closes."""

    type: str
    sequence_number: int
    output_index: int
    item_id: str
    part: OutputText | ReasoningText
    content_index: int = 0


class TextEvent(msgspec.Struct, frozen=True):
    """An item's text grows by `delta`, or is whole as `text`."""

    type: str
    sequence_number: int
    output_index: int
    item_id: str
    content_index: int
    delta: str | msgspec.UnsetType = msgspec.UNSET
    text: str | msgspec.UnsetType = msgspec.UNSET
    logprobs: tuple[()] | msgspec.UnsetType = msgspec.UNSET


Event = ResponseEvent | ItemEvent | PartEvent | TextEvent


class EventStream:
    """Makes the events of one response.

    Args:
        request: What the client sent.
        question: What was asked by it.
        ticket: Its place at the desk.
    """

    def __init__(self, request: ResponsesRequest, question: Question, ticket: Ticket) -> None:
        self._question = question
        self._writer = ResponseWriter(request, question, ticket)
        self._unfolding = Unfolding(question, ticket)
        self._count = 0
        self._closed = 0  # items that are whole
        self._open: OutputItem | None = None
        self._text = ""  # of the open item

    @property
    def gathered(self) -> Gathered:
        """Everything that happened."""
        return self._unfolding.gathered

    def opening(self) -> Iterator[Event]:
        """The events before anything happened."""
        yield self._response("created", self._writer.begun())
        for progress in self._unfolding.progress():
            yield from self._news(progress)

    def take(self, events: list[SessionEvent]) -> Iterator[Event]:
        """What events bring; nothing when they change nothing that is told.

        Raises:
            RefusalError: The answer is not how the text that was passed on began.
        """
        for news in self._unfolding.take(events):
            yield from self._news(news)
        if self.gathered.reached is not None:
            yield from self._ending()

    def refused(self, refusal: RefusalError) -> Iterator[Event]:
        """The last event where there will be no answer."""
        yield self._response("failed", self._writer.failed(in_responses_words(refusal)))

    def _ending(self) -> Iterator[Event]:
        (choice,) = choices(self._question, self.gathered)
        thought = choice.message.reasoning_content or ""
        if not thought.startswith(self._unfolding.thought_passed):
            raise unavailable("serve-began-again", retry_after_seconds=1)
        for written in self._unfolding.rest_of(choice):
            yield from self._news(written)
        response = self._writer.ended(self.gathered)
        for item in response.output[self._closed :]:
            if self._open is None:  # an answer without a word
                yield from self._opening_of(self._writer.message("", "in_progress"))
            yield from self._closing_as(item)
        yield self._response(response.status, response)

    def _news(self, news: Written | StreamProgress) -> Iterator[Event]:
        if isinstance(news, StreamProgress):
            response = self._writer.begun(news)
            yield self._response(response.status, response)
            return
        if news.thought:
            if self._open is None:
                yield from self._opening_of(self._writer.reasoning("", "in_progress"))
            yield self._grown(news.thought)
        if news.response:
            if isinstance(self._open, ReasoningItem):
                yield from self._closing_as(self._writer.reasoning(self._text, "completed"))
            if self._open is None:
                yield from self._opening_of(self._writer.message("", "in_progress"))
            yield self._grown(news.response)

    def _opening_of(self, item: OutputItem) -> Iterator[Event]:
        self._open, self._text = item, ""
        yield ItemEvent("response.output_item.added", self._next(), self._closed, item)
        part = ReasoningText("") if isinstance(item, ReasoningItem) else OutputText("")
        yield self._part("added", part)

    def _grown(self, text: str) -> Event:
        self._text += text
        return self._text_event("delta", delta=text)

    def _closing_as(self, item: OutputItem) -> Iterator[Event]:
        yield self._text_event("done", text=self._text)
        (part,) = item.content or (OutputText(""),)
        yield self._part("done", part)
        yield ItemEvent("response.output_item.done", self._next(), self._closed, item)
        self._open = None
        self._closed += 1

    def _part(self, what: str, part: OutputText | ReasoningText) -> Event:
        assert self._open is not None
        kind = f"response.content_part.{what}"
        return PartEvent(kind, self._next(), self._closed, self._open.id, part)

    def _text_event(self, what: str, **text: str) -> Event:
        assert self._open is not None
        thinks = isinstance(self._open, ReasoningItem)
        return TextEvent(
            f"response.{'reasoning' if thinks else 'output'}_text.{what}",
            self._next(),
            self._closed,
            self._open.id,
            0,
            logprobs=msgspec.UNSET if thinks else (),
            **text,
        )

    def _response(self, what: str, response: Response) -> Event:
        return ResponseEvent(f"response.{what}", self._next(), response)

    def _next(self) -> int:
        self._count += 1
        return self._count - 1
