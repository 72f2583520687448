"""A request as it comes over the wire, and what is asked by it.

Fields that would change the answer and cannot be honoured are refused; others that are not known
are left alone, and the reply names them.
"""

from __future__ import annotations

import re
from collections.abc import Container
from typing import Final

import msgspec

from desktop_app.serve.refusals import invalid
from engine.conversation_length import excess_of
from engine.generation import Message, Role

_ROLES: Final[dict[str, Role]] = {
    "system": "system",
    "developer": "system",
    "user": "user",
    "assistant": "assistant",
}
MOST_MESSAGES: Final = 2048
"""As many as OpenAI's API takes."""
_MOST_ANSWERS: Final = 128
_HOTTEST: Final = 2.0
_MOST_TOKENS: Final = 2**31 - 1
_SEEDS: Final = range(-(2**63), 2**63)
_NEUTRAL: Final[dict[str, tuple[object, ...]]] = {
    "stop": (None, "", []),
    "tools": (None, []),
    "functions": (None, []),
    "tool_choice": (None, "none", "auto"),
    "function_call": (None, "none", "auto"),
    "logprobs": (None, False),
    "top_logprobs": (None, 0),
    "logit_bias": (None, {}),
    "frequency_penalty": (None, 0),
    "presence_penalty": (None, 0),
    "modalities": (None, ["text"]),
    "audio": (None,),
    "prediction": (None,),
    "web_search_options": (None,),
}
"""Fields that are not supported, and the values that ask for nothing."""
_HARMLESS: Final = {
    "metadata",
    "parallel_tool_calls",
    "prompt_cache_key",
    "safety_identifier",
    "service_tier",
    "store",
    "user",
}
"""Fields without a meaning for an answer made on this computer."""


class ContentPart(msgspec.Struct, frozen=True):
    """One part of a message."""

    type: str
    text: str | None = None


class ChatMessage(msgspec.Struct, frozen=True):
    """One message of a conversation."""

    role: str
    content: str | tuple[ContentPart, ...] | None = None


class StreamOptions(msgspec.Struct, frozen=True):
    """What a stream is to hold beside the answer."""

    include_usage: bool | None = None


class ResponseFormat(msgspec.Struct, frozen=True):
    """How the answer is to be written."""

    type: str


class TemplateVariables(msgspec.Struct, frozen=True):
    """What the chat template is to be told of the model's own thinking, under the names in use."""

    enable_thinking: bool | None = None
    thinking: bool | None = None
    reasoning_effort: str | None = None


class ChatRequest(msgspec.Struct, frozen=True):
    """The body of `/v1/chat/completions`; `strategy`, `samples`, `rounds`, `seconds` are ours."""

    messages: tuple[ChatMessage, ...]
    model: str | None = None
    n: int | None = None
    stream: bool | None = None
    stream_options: StreamOptions | None = None
    max_tokens: int | None = None
    max_completion_tokens: int | None = None
    temperature: float | None = None
    top_p: float | None = None
    seed: int | None = None
    reasoning_effort: str | None = None
    chat_template_kwargs: TemplateVariables | None = None
    response_format: ResponseFormat | None = None
    strategy: str | None = None
    samples: int | None = None
    rounds: int | None = None
    seconds: float | None = None

    @property
    def answers(self) -> int:
        """How many answers are wanted."""
        return 1 if self.n is None else self.n

    @property
    def token_limit(self) -> int | None:
        """Tokens for each candidate, or None."""
        newer = self.max_completion_tokens
        return self.max_tokens if newer is None else newer


_KNOWN: Final = frozenset(ChatRequest.__struct_fields__)
_TEMPLATE: Final = "chat_template_kwargs"
_TOLD: Final = frozenset(TemplateVariables.__struct_fields__)
_decoder: Final = msgspec.json.Decoder(ChatRequest)


def read_request(body: bytes) -> tuple[ChatRequest, tuple[str, ...]]:
    """Read a body.

    Returns:
        The request, and the names of fields that were not understood.

    Raises:
        RefusalError: It is no request, or asks for what cannot be honoured.
    """
    try:
        request = _decoder.decode(body)
        fields = msgspec.json.decode(body, type=dict[str, msgspec.Raw])
        told = msgspec.json.decode(
            fields.get(_TEMPLATE, b"null"), type=dict[str, msgspec.Raw] | None
        )
    except msgspec.ValidationError as error:
        raise _explained(error) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise invalid(None, "the body must be a JSON object", "invalid_json") from None
    for name, neutral in _NEUTRAL.items():
        if name in fields and not _is_one_of(fields[name], neutral):
            raise invalid(name, f"{name} is not supported here", "unsupported_parameter")
    _check(request)
    unknown = fields.keys() - _KNOWN - _NEUTRAL.keys() - _HARMLESS
    deaf = {f"{_TEMPLATE}.{name}" for name in (told or {}).keys() - _TOLD}
    return request, tuple(sorted(unknown | deaf))


def _is_one_of(given: msgspec.Raw, neutral: Container[object]) -> bool:
    try:
        return msgspec.json.decode(given) in neutral
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return False


def conversation(request: ChatRequest) -> tuple[Message, ...]:
    """Return the conversation as the engine takes it.

    Raises:
        RefusalError: It is not text alone, or does not end with a question.
    """
    if len(request.messages) > MOST_MESSAGES:
        raise invalid(
            "messages", f"there may be {MOST_MESSAGES:,} messages", "array_above_max_length"
        )
    messages = []
    for index, message in enumerate(request.messages):
        where = f"messages[{index}]"
        role = _ROLES.get(message.role)
        if role is None:
            known = ", ".join(_ROLES)
            raise invalid(f"{where}.role", f"{where}.role must be one of {known}")
        messages.append(Message(role, _text(message.content, f"{where}.content")))
    if not messages or messages[-1].role != "user":
        raise invalid("messages", "the last message must be the user's")
    if not messages[-1].content.strip():
        raise invalid("messages", "the question is empty")
    excess = excess_of(messages)
    if excess is not None:
        raise invalid("messages", excess, "context_length_exceeded")
    return tuple(messages)


def _text(content: str | tuple[ContentPart, ...] | None, where: str) -> str:
    if isinstance(content, str):
        return content
    if content is None:
        raise invalid(where, f"{where} must be text")
    for part in content:
        if part.type != "text" or part.text is None:
            raise invalid(where, f"{where} must be text: no images, sound or files", "text_only")
    return "".join(part.text or "" for part in content)


def _check(request: ChatRequest) -> None:
    if not 1 <= request.answers <= _MOST_ANSWERS:
        raise invalid("n", f"n must be 1 to {_MOST_ANSWERS}")
    if request.temperature is not None and not 0 <= request.temperature <= _HOTTEST:
        raise invalid("temperature", f"temperature must be 0 to {_HOTTEST:.0f}")
    if request.top_p is not None and not 0 < request.top_p <= 1:
        raise invalid("top_p", "top_p must be above 0 and at most 1")
    if request.stream_options is not None and not request.stream:
        raise invalid("stream_options", "stream_options goes with stream")
    for name in ("max_tokens", "max_completion_tokens"):
        limit = getattr(request, name)
        if limit is not None and not 1 <= limit <= _MOST_TOKENS:
            raise invalid(name, f"{name} must be at least 1, and below 2^31")
    if request.seed is not None and request.seed not in _SEEDS:
        raise invalid("seed", "seed must fit into 64 bits")
    if request.response_format is not None and request.response_format.type != "text":
        raise invalid("response_format", "response_format must be text", "unsupported_parameter")


def _explained(error: msgspec.ValidationError) -> Exception:
    """A field of the wrong type, by its path and not its value."""
    said, _, path = str(error).partition(" - at `$")
    param = re.sub(r"^\.", "", path.rstrip("`")).replace("[...]", "[]") or None
    missing = re.fullmatch(r"Object missing required field `(\w+)`", said)
    if missing:
        param = f"{param}.{missing[1]}" if param else missing[1]
        return invalid(param, f"{param} is missing", "missing_required_parameter")
    wanted = re.match(r"Expected `([^`]+)`", said)
    about = f"must be of the type {wanted[1]}" if wanted else "has a value that makes no sense"
    return invalid(param, f"{param or 'the body'} {about}", "invalid_type")
