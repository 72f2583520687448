"""A finished deliberation as OpenAI's clients read it."""

from __future__ import annotations

import time

import msgspec

from desktop_app.gathered import Gathered
from desktop_app.serve.desk import Ticket
from desktop_app.serve.evidence import PonderReport, ponder_report
from desktop_app.serve.question import Question
from desktop_app.serve.top_answers import TopAnswer, top_answers
from engine.candidate import StopReason


class AnswerReport(msgspec.Struct, frozen=True):
    """Which answer a choice is; `share` of the votes is null where there was no vote."""

    answer: str | None
    count: int | None
    share: float | None
    candidate: int | None


class ReplyMessage(msgspec.Struct, frozen=True):
    """The message of a choice."""

    content: str
    reasoning_content: str | None
    role: str = "assistant"
    refusal: None = None


class Choice(msgspec.Struct, frozen=True):
    """One answer."""

    index: int
    message: ReplyMessage
    finish_reason: str
    ponder: AnswerReport
    logprobs: None = None


class TokenDetails(msgspec.Struct, frozen=True):
    """Of the completion's tokens, those of hidden thought."""

    reasoning_tokens: int


class PromptDetails(msgspec.Struct, frozen=True):
    """Of the prompt's tokens, those that were still in the cache."""

    cached_tokens: int | None


class Usage(msgspec.Struct, frozen=True):
    """Tokens; those of the completion are of all candidates."""

    prompt_tokens: int | None
    completion_tokens: int
    total_tokens: int | None
    completion_tokens_details: TokenDetails
    prompt_tokens_details: PromptDetails


class Reply(msgspec.Struct, frozen=True):
    """The body of an answer."""

    id: str
    created: int
    model: str
    choices: tuple[Choice, ...]
    usage: Usage
    ponder: PonderReport
    object: str = "chat.completion"
    system_fingerprint: None = None


def reply_id(question: Question) -> str:
    """What a reply is called; its end is the deliberation's id in the journal."""
    return f"chatcmpl-{question.ask.deliberation_id}"


def whole_reply(question: Question, ticket: Ticket, gathered: Gathered) -> Reply:
    """The answer in one piece."""
    return Reply(
        id=reply_id(question),
        created=int(time.time()),
        model=question.model_id,
        choices=choices(question, gathered),
        usage=usage(gathered),
        ponder=ponder_report(question, ticket, gathered),
    )


def choices(question: Question, gathered: Gathered) -> tuple[Choice, ...]:
    """The answers, the verdict's first; fewer than were asked for where there are fewer."""
    found = top_answers(gathered, question.answers)
    return tuple(_choice(index, answer) for index, answer in enumerate(found))


def usage(gathered: Gathered) -> Usage:
    """What was read and written."""
    prompt = gathered.reached.prompt_tokens if gathered.reached else None
    kept = gathered.reached.prompt_tokens_kept if gathered.reached else None
    written = gathered.tokens
    return Usage(
        prompt_tokens=prompt,
        completion_tokens=written,
        total_tokens=None if prompt is None else prompt + written,
        completion_tokens_details=TokenDetails(sum(c.thought_tokens for c in gathered.in_order)),
        prompt_tokens_details=PromptDetails(kept),
    )


def _choice(index: int, answer: TopAnswer) -> Choice:
    candidate = answer.candidate
    whole = candidate is not None and candidate.stop is StopReason.FINISHED
    return Choice(
        index=index,
        message=ReplyMessage(
            content=candidate.response if candidate else "",
            reasoning_content=(candidate.thought or None) if candidate else None,
        ),
        finish_reason="stop" if whole else "length",
        ponder=AnswerReport(
            answer.label, answer.count, answer.share, candidate.index if candidate else None
        ),
    )
