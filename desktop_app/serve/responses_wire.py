"""A request to `/v1/responses`, and the same request in the words of `wire`, which all else reads.

What that API keeps for its clients, such as earlier responses to go on from, is not kept here.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import msgspec

from desktop_app.serve import wire
from desktop_app.serve.fields import names_not_known
from desktop_app.serve.refusals import RefusalError, invalid
from desktop_app.serve.wire import (
    ChatMessage,
    ChatRequest,
    JsonSchema,
    ResponseFormat,
    TemplateVariables,
    check,
    decode,
    role_of,
    text_of,
)

_TEXT_PARTS: Final = frozenset({"input_text", "output_text", "text"})
_NAMES: Final = {
    "messages": "input",
    "max_completion_tokens": "max_output_tokens",
    "reasoning_effort": "reasoning.effort",
    "response_format.json_schema": "text.format",
    "response_format": "text.format",
}
"""What fields of a `ChatRequest` are called here, the longer names first."""


class InputPart(msgspec.Struct, frozen=True):
    """One part of a message."""

    type: str
    text: str | None = None


class InputItem(msgspec.Struct, frozen=True):
    """One item of a conversation: a message, or what a client sends back of an earlier answer."""

    type: str = "message"
    role: str | None = None
    content: str | tuple[InputPart, ...] | None = None


class Reasoning(msgspec.Struct, frozen=True):
    """How much thinking is asked for. Thoughts are told whole, so that no summary is made."""

    effort: str | None = None
    summary: str | None = None
    generate_summary: str | None = None


class TextFormat(msgspec.Struct, frozen=True):
    """How the answer is to be written."""

    type: str
    name: str | None = None
    schema: msgspec.Raw = msgspec.Raw(b"{}")
    strict: bool | None = None
    description: str | None = None


class TextOptions(msgspec.Struct, frozen=True):
    """What is wished of the answer's text."""

    format: TextFormat | None = None
    verbosity: str | None = None


class StreamOptions(msgspec.Struct, frozen=True):
    """What a stream is to hold beside the answer: nothing that there is here."""

    include_obfuscation: bool | None = None


class ResponsesRequest(msgspec.Struct, frozen=True):
    """The body of `/v1/responses`. Fields of ours and of llama-server are those of `wire`."""

    input: str | tuple[InputItem, ...]
    instructions: str | None = None
    model: str | None = None
    stream: bool | None = None
    stream_options: StreamOptions | None = None
    max_output_tokens: int | None = None
    temperature: float | None = None
    top_p: float | None = None
    seed: int | None = None
    top_k: int | None = None
    min_p: float | None = None
    repeat_penalty: float | None = None
    repetition_penalty: float | None = None
    frequency_penalty: float | None = None
    presence_penalty: float | None = None
    stop: str | tuple[str, ...] | None = None
    reasoning: Reasoning | None = None
    chat_template_kwargs: TemplateVariables | None = None
    text: TextOptions | None = None
    strategy: str | None = None
    samples: int | None = None
    rounds: int | None = None
    seconds: float | None = None

    def in_other_words(self) -> ChatRequest:
        """The same as a `ChatRequest`.

        Raises:
            RefusalError: It holds what has no such form.
        """
        messages = [ChatMessage("system", self.instructions)] if self.instructions else []
        if isinstance(self.input, str):
            messages.append(ChatMessage("user", self.input))
        else:
            messages += _messages(self.input)
        same = set(self.__struct_fields__) & set(ChatRequest.__struct_fields__) - {"stream_options"}
        return ChatRequest(
            messages=tuple(messages),
            max_completion_tokens=self.max_output_tokens,
            reasoning_effort=self.reasoning.effort if self.reasoning else None,
            response_format=_response_format(self.text),
            stream_options=wire.StreamOptions() if self.stream_options else None,
            **{name: getattr(self, name) for name in same},
        )


_KNOWN: Final = frozenset(ResponsesRequest.__struct_fields__)
_NESTED: Final[dict[str, frozenset[str]]] = {
    "input": frozenset(InputItem.__struct_fields__) | {"id", "status", "phase"},
    "chat_template_kwargs": frozenset(TemplateVariables.__struct_fields__),
    "reasoning": frozenset(Reasoning.__struct_fields__),
    "stream_options": frozenset(StreamOptions.__struct_fields__),
    "text": frozenset(TextOptions.__struct_fields__),
    "text.format": frozenset(TextFormat.__struct_fields__),
}
_decoder: Final = msgspec.json.Decoder(ResponsesRequest)


def read_responses_request(body: bytes) -> tuple[ResponsesRequest, ChatRequest, tuple[str, ...]]:
    """Read a body.

    Returns:
        The request, the same in other words, and the names of fields that were not understood.

    Raises:
        RefusalError: It is no request, or asks for what cannot be honoured.
    """
    request, fields = decode(body, _decoder)
    not_known = names_not_known(fields, _KNOWN, _NESTED, "input")
    chat = request.in_other_words()
    check(chat)
    return request, chat, not_known


@contextmanager
def responses_words() -> Iterator[None]:
    """Let refusals within call fields what they are called here."""
    try:
        yield
    except RefusalError as refusal:
        raise in_responses_words(refusal) from None


def in_responses_words(refusal: RefusalError) -> RefusalError:
    """Return a refusal that calls fields what they are called here."""
    for name, here in _NAMES.items():
        if refusal.param is not None and refusal.param.startswith(name):
            return refusal.about(here + refusal.param.removeprefix(name))
    return refusal


def _messages(items: tuple[InputItem, ...]) -> list[ChatMessage]:
    messages = []
    for index, item in enumerate(items):
        where = f"messages[{index}]"
        if item.type == "reasoning":
            continue  # no model is told its thoughts
        if item.type != "message":
            raise invalid(f"{where}.type", f"{where}.type must be message", "text_only")
        role = role_of(item.role, f"{where}.role")
        content = text_of(item.content, f"{where}.content", _TEXT_PARTS)
        messages.append(ChatMessage(role, content))
    return messages


def _response_format(text: TextOptions | None) -> ResponseFormat | None:
    wanted = text.format if text else None
    if text is not None and text.verbosity not in {None, "medium"}:
        raise invalid("text.verbosity", "text.verbosity is not supported", "unsupported_parameter")
    if wanted is None or wanted.type != "json_schema":
        return None if wanted is None else ResponseFormat(wanted.type)
    if wanted.name is None:
        where = "text.format.name"
        raise invalid(where, f"{where} is missing", "missing_required_parameter")
    schema = JsonSchema(wanted.name, wanted.schema, wanted.strict, wanted.description)
    return ResponseFormat(wanted.type, schema)
