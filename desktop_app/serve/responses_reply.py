"""A finished deliberation as `/v1/responses` gives it: items, of which the last is the answer."""

from __future__ import annotations

import time
from typing import Final, Literal

import msgspec

from desktop_app.gathered import Gathered
from desktop_app.serve.desk import Ticket
from desktop_app.serve.evidence import PonderReport, ponder_report
from desktop_app.serve.question import Question
from desktop_app.serve.refusals import RefusalError
from desktop_app.serve.replies import AnswerReport, choices, usage
from desktop_app.serve.responses_wire import ResponsesRequest
from desktop_app.serve.unfolding import StreamProgress

ItemStatus = Literal["in_progress", "completed", "incomplete"]
_TEXT: Final = msgspec.Raw(b'{"format":{"type":"text"}}')


class OutputText(msgspec.Struct, frozen=True):
    """The text of a message."""

    text: str
    type: str = "output_text"
    annotations: tuple[()] = ()
    logprobs: tuple[()] = ()


class ReasoningText(msgspec.Struct, frozen=True):
    """The text of a hidden thought."""

    text: str
    type: str = "reasoning_text"


class MessageItem(msgspec.Struct, frozen=True):
    """The answer. `ponder` comes with its end and says which answer it is."""

    id: str
    status: ItemStatus
    content: tuple[OutputText, ...]
    type: str = "message"
    role: str = "assistant"
    ponder: AnswerReport | msgspec.UnsetType = msgspec.UNSET


class ReasoningItem(msgspec.Struct, frozen=True):
    """The hidden thought behind the answer, told whole."""

    id: str
    status: ItemStatus
    content: tuple[ReasoningText, ...]
    type: str = "reasoning"
    summary: tuple[()] = ()


OutputItem = ReasoningItem | MessageItem


class InputDetails(msgspec.Struct, frozen=True):
    """Of the tokens read, those that were still in the cache."""

    cached_tokens: int | None


class OutputDetails(msgspec.Struct, frozen=True):
    """Of the tokens written, those of hidden thought."""

    reasoning_tokens: int


class ResponseUsage(msgspec.Struct, frozen=True):
    """Tokens; those written are of all candidates."""

    input_tokens: int | None
    input_tokens_details: InputDetails
    output_tokens: int
    output_tokens_details: OutputDetails
    total_tokens: int | None


class ResponseError(msgspec.Struct, frozen=True):
    """Why there is no answer."""

    code: str
    message: str


class IncompleteDetails(msgspec.Struct, frozen=True):
    """Why an answer is not whole: a limit of tokens, or of time, which has no name there."""

    reason: str = "max_output_tokens"


class ReasoningEcho(msgspec.Struct, frozen=True):
    """What effort was asked for."""

    effort: str | None
    summary: None = None


class Response(msgspec.Struct, frozen=True):
    """A response, from its beginning on."""

    id: str
    created_at: int
    model: str
    status: Literal["queued", "in_progress", "completed", "incomplete", "failed"]
    reasoning: ReasoningEcho
    completed_at: int | None = None
    output: tuple[OutputItem, ...] = ()
    usage: ResponseUsage | None = None
    error: ResponseError | None = None
    incomplete_details: IncompleteDetails | None = None
    instructions: str | None = None
    max_output_tokens: int | None = None
    temperature: float | None = None
    top_p: float | None = None
    text: msgspec.Raw = _TEXT
    ponder: StreamProgress | PonderReport | msgspec.UnsetType = msgspec.UNSET
    object: str = "response"
    background: bool = False
    parallel_tool_calls: bool = True
    previous_response_id: None = None
    store: bool = False
    tool_choice: str = "auto"
    tools: tuple[()] = ()
    truncation: str = "disabled"


class ResponseWriter:
    """Writes one response as it stands.

    Args:
        request: What the client sent.
        question: What was asked by it.
        ticket: Its place at the desk.
    """

    def __init__(self, request: ResponsesRequest, question: Question, ticket: Ticket) -> None:
        self._question = question
        self._ticket = ticket
        self._id = question.ask.deliberation_id
        effort = request.reasoning.effort if request.reasoning else None
        self._first = Response(
            id=f"resp_{self._id}",
            created_at=int(time.time()),
            model=question.model_id,
            status="in_progress",
            reasoning=ReasoningEcho(effort),
            instructions=request.instructions,
            max_output_tokens=request.max_output_tokens,
            temperature=request.temperature,
            top_p=request.top_p,
            text=_TEXT if request.text is None else msgspec.Raw(msgspec.json.encode(request.text)),
        )

    def begun(self, progress: StreamProgress | msgspec.UnsetType = msgspec.UNSET) -> Response:
        """The response before its end."""
        waits = progress is not msgspec.UNSET and progress.state == "queued"
        status: Literal["queued", "in_progress"] = "queued" if waits else "in_progress"
        return msgspec.structs.replace(self._first, status=status, ponder=progress)

    def ended(self, gathered: Gathered) -> Response:
        """The response with its answer."""
        (choice,) = choices(self._question, gathered)
        whole = choice.finish_reason == "stop"
        status: Literal["completed", "incomplete"] = "completed" if whole else "incomplete"
        content, thought = choice.message.content, choice.message.reasoning_content
        output: list[OutputItem] = []
        if thought:  # with a text behind it, it is whole, whatever became of the text
            output.append(self.reasoning(thought, "completed" if content else status))
        output.append(self.message(content, status, choice.ponder))
        return msgspec.structs.replace(
            self._first,
            status=status,
            completed_at=int(time.time()),
            output=tuple(output),
            usage=_usage(gathered),
            incomplete_details=None if whole else IncompleteDetails(),
            ponder=ponder_report(self._question, self._ticket, gathered),
        )

    def failed(self, refusal: RefusalError) -> Response:
        """The response where there will be no answer."""
        error = ResponseError(refusal.code, refusal.message)
        return msgspec.structs.replace(self._first, status="failed", error=error)

    def message(
        self,
        text: str,
        status: ItemStatus,
        report: AnswerReport | msgspec.UnsetType = msgspec.UNSET,
    ) -> MessageItem:
        """The answer's item."""
        content = (OutputText(text),) if text else ()
        return MessageItem(f"msg_{self._id}", status, content, ponder=report)

    def reasoning(self, text: str, status: ItemStatus) -> ReasoningItem:
        """The item of the hidden thought."""
        content = (ReasoningText(text),) if text else ()
        return ReasoningItem(f"rs_{self._id}", status, content)


def _usage(gathered: Gathered) -> ResponseUsage:
    counted = usage(gathered)
    return ResponseUsage(
        input_tokens=counted.prompt_tokens,
        input_tokens_details=InputDetails(counted.prompt_tokens_details.cached_tokens),
        output_tokens=counted.completion_tokens,
        output_tokens_details=OutputDetails(counted.completion_tokens_details.reasoning_tokens),
        total_tokens=counted.total_tokens,
    )
