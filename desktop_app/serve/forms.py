"""The forms that replies have: those of `/v1/chat/completions` and of `/v1/responses`."""

from __future__ import annotations

from typing import Final

from desktop_app.gathered import Gathered
from desktop_app.serve.chunks import ChunkStream
from desktop_app.serve.desk import Ticket
from desktop_app.serve.question import Question
from desktop_app.serve.refusals import RefusalError
from desktop_app.serve.replies import Reply, whole_reply
from desktop_app.serve.responses_events import EventStream
from desktop_app.serve.responses_reply import Response, ResponseWriter
from desktop_app.serve.responses_wire import ResponsesRequest, in_responses_words


class CompletionForm:
    """The form of `/v1/chat/completions`."""

    end: Final = b"data: [DONE]\n\n"

    def whole(self, question: Question, ticket: Ticket, gathered: Gathered) -> Reply:
        """The answer in one piece."""
        return whole_reply(question, ticket, gathered)

    def pieces(self, question: Question, ticket: Ticket) -> ChunkStream:
        """The answer in chunks."""
        return ChunkStream(question, ticket)

    def refusal(self, refusal: RefusalError) -> RefusalError:
        """A refusal as it is."""
        return refusal


class ResponseForm:
    """The form of `/v1/responses`.

    Args:
        request: What the client sent, some of which is told back.
    """

    end: Final = b""

    def __init__(self, request: ResponsesRequest) -> None:
        self._request = request

    def whole(self, question: Question, ticket: Ticket, gathered: Gathered) -> Response:
        """The answer in one piece."""
        return ResponseWriter(self._request, question, ticket).ended(gathered)

    def pieces(self, question: Question, ticket: Ticket) -> EventStream:
        """The answer in events."""
        return EventStream(self._request, question, ticket)

    def refusal(self, refusal: RefusalError) -> RefusalError:
        """A refusal that calls fields what they are called there."""
        return in_responses_words(refusal)
