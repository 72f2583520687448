"""A request as it comes over the wire, and what is asked by it.

What becomes of fields that are not read here is in `fields`.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Container, Sequence
from typing import Final, Protocol, TypeVar

import msgspec

from desktop_app.serve.fields import Fields, names_not_known
from desktop_app.serve.refusals import invalid
from engine.conversation_length import excess_of
from engine.generation import JsonReply, Message, Role

_Request = TypeVar("_Request")
_ROLES: Final[dict[str, Role]] = {
    "system": "system",
    "developer": "system",
    "user": "user",
    "assistant": "assistant",
}
MOST_MESSAGES: Final = 2048
"""As many as OpenAI's API takes."""
_MOST_ANSWERS: Final = 128
_SCHEMA_NAME: Final = re.compile(r"[a-zA-Z0-9_-]{1,64}")
_MOST_STOPS: Final = 16
_LONGEST_STOP: Final = 100
_TOKENS: Final = (lambda limit: 1 <= limit < 2**31, "at least 1, and below 2^31")
_PENALTY: Final = (lambda penalty: 0 < penalty <= 2, "above 0 and at most 2")
_NUMBERS: Final[dict[str, tuple[Callable[[float], bool], str]]] = {
    "n": (lambda answers: 1 <= answers <= _MOST_ANSWERS, f"1 to {_MOST_ANSWERS}"),
    "temperature": (lambda heat: 0 <= heat <= 2, "0 to 2"),
    "top_p": (lambda mass: 0 < mass <= 1, "above 0 and at most 1"),
    "top_k": (lambda kept: 0 <= kept < 2**31, "at least 0, and below 2^31"),
    "min_p": (lambda share: 0 <= share <= 1, "0 to 1"),
    "repeat_penalty": _PENALTY,
    "repetition_penalty": _PENALTY,
    "frequency_penalty": (lambda less: -2 <= less <= 2, "-2 to 2"),
    "presence_penalty": (lambda less: -2 <= less <= 2, "-2 to 2"),
    "max_tokens": _TOKENS,
    "max_completion_tokens": _TOKENS,
    "seed": (lambda seed: -(2**63) <= seed < 2**63, "of 64 bits at most"),
}
"""What numbers must be, and how that is said."""


class Part(Protocol):
    """One part of a message, whatever it is of."""

    @property
    def type(self) -> str:
        """What it is."""

    @property
    def text(self) -> str | None:
        """Its text, or None where it is something else."""


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


class JsonSchema(msgspec.Struct, frozen=True):
    """A schema that the answer is to keep to."""

    name: str
    schema: msgspec.Raw = msgspec.Raw(b"{}")
    strict: bool | None = None
    description: str | None = None


class ResponseFormat(msgspec.Struct, frozen=True):
    """How the answer is to be written; `schema` is llama-server's, beside `json_object`."""

    type: str
    json_schema: JsonSchema | None = None
    schema: msgspec.Raw = msgspec.Raw(b"null")


class TemplateVariables(msgspec.Struct, frozen=True):
    """What the chat template is to be told of the model's own thinking, under the names in use."""

    enable_thinking: bool | None = None
    thinking: bool | None = None
    reasoning_effort: str | None = None


class ChatRequest(msgspec.Struct, frozen=True):
    """The body of `/v1/chat/completions`.

    Ours are `strategy`, `samples`, `rounds` and `seconds`; `top_k`, `min_p` and the penalty, under
    either of its names, are those of llama-server and vLLM.
    """

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
    top_k: int | None = None
    min_p: float | None = None
    repeat_penalty: float | None = None
    repetition_penalty: float | None = None
    frequency_penalty: float | None = None
    presence_penalty: float | None = None
    stop: str | tuple[str, ...] | None = None
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

    @property
    def stop_texts(self) -> tuple[str, ...]:
        """Texts that end an answer and are not part of it."""
        return (
            ((self.stop,) if self.stop else ()) if isinstance(self.stop, str) else self.stop or ()
        )


_KNOWN: Final = frozenset(ChatRequest.__struct_fields__)
_NESTED: Final[dict[str, frozenset[str]]] = {
    "messages": frozenset(ChatMessage.__struct_fields__),
    "chat_template_kwargs": frozenset(TemplateVariables.__struct_fields__),
    "stream_options": frozenset(StreamOptions.__struct_fields__) | {"include_obfuscation"},
    "response_format": frozenset(ResponseFormat.__struct_fields__),
    "response_format.json_schema": frozenset(JsonSchema.__struct_fields__),
}
_decoder: Final = msgspec.json.Decoder(ChatRequest)


def read_request(body: bytes) -> tuple[ChatRequest, tuple[str, ...]]:
    """Read a body.

    Returns:
        The request, and the names of fields that were not understood.

    Raises:
        RefusalError: It is no request, or asks for what cannot be honoured.
    """
    request, fields = decode(body, _decoder)
    not_known = names_not_known(fields, _KNOWN, _NESTED, "messages")
    check(request)
    return request, not_known


def decode(body: bytes, decoder: msgspec.json.Decoder[_Request]) -> tuple[_Request, Fields]:
    """Read a JSON object both as a request and as it was written, field by field.

    Raises:
        RefusalError: It is none, or its fields are of other types.
    """
    body = body.removeprefix(codecs.BOM_UTF8)
    try:
        text = body.decode()  # all of it: what is read later has no other bytes either
        return decoder.decode(text), msgspec.json.decode(text, type=dict[str, msgspec.Raw])
    except msgspec.ValidationError as error:
        raise _explained(error) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise invalid(None, "the body must be a JSON object in UTF-8", "invalid_json") from None


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
        role = role_of(message.role, f"{where}.role")
        messages.append(Message(role, text_of(message.content, f"{where}.content")))
    if not messages or messages[-1].role != "user":
        raise invalid("messages", "the last message must be the user's")
    if not messages[-1].content.strip():
        raise invalid("messages", "the question is empty")
    excess = excess_of(messages)
    if excess is not None:
        raise invalid("messages", excess, "context_length_exceeded")
    return tuple(messages)


def json_reply(request: ChatRequest) -> JsonReply | None:
    """Return what the answer must be, or None where it is free.

    Raises:
        RefusalError: It is asked for in a way that makes no sense.
    """
    wanted = request.response_format
    if wanted is None or wanted.type == "text":
        return None
    if wanted.type == "json_object":
        return JsonReply(_schema_text(wanted.schema))
    if wanted.type != "json_schema":
        where = "response_format.type"
        raise invalid(where, f"{where} must be text, json_object or json_schema")
    if wanted.json_schema is None:
        where = "response_format.json_schema"
        raise invalid(where, f"{where} is missing", "missing_required_parameter")
    if not _SCHEMA_NAME.fullmatch(wanted.json_schema.name):
        where = "response_format.json_schema.name"
        raise invalid(where, f"{where} may hold 1 to 64 letters, digits, - and _")
    given = wanted.json_schema
    return JsonReply(_schema_text(given.schema), given.name, given.strict)


def _schema_text(schema: msgspec.Raw) -> str:
    return "" if bytes(schema) == b"null" else bytes(schema).decode()


def role_of(name: str | None, where: str) -> Role:
    """Return whose message it is.

    Args:
        name: As the client says it.
        where: What that field is called to the client.

    Raises:
        RefusalError: Nobody's here.
    """
    role = _ROLES.get(name or "")
    if role is None:
        raise invalid(where, f"{where} must be one of {', '.join(_ROLES)}")
    return role


def text_of(
    content: str | Sequence[Part] | None, where: str, kinds: Container[str] = ("text",)
) -> str:
    """Return the text of a message's content.

    Args:
        content: In one piece or in parts.
        where: What it is called to the client.
        kinds: Of parts that are text.

    Raises:
        RefusalError: It is not text alone.
    """
    if isinstance(content, str):
        return content
    if content is None:
        raise invalid(where, f"{where} must be text")
    for part in content:
        if part.type not in kinds or part.text is None:
            raise invalid(where, f"{where} must be text: no images, sound or files", "text_only")
    return "".join(part.text or "" for part in content)


def check(request: ChatRequest) -> None:
    """Make sure that what is asked for makes sense.

    Raises:
        RefusalError: It does not.
    """
    for name, (is_right, said) in _NUMBERS.items():
        number = getattr(request, name)
        if number is not None and not is_right(number):
            raise invalid(name, f"{name} must be {said}")
    stops = request.stop_texts
    if len(stops) > _MOST_STOPS or not all(0 < len(stop) <= _LONGEST_STOP for stop in stops):
        most = f"{_MOST_STOPS} texts of 1 to {_LONGEST_STOP} characters"
        raise invalid("stop", f"stop may hold {most}")
    json_reply(request)
    if request.stream_options is not None and not request.stream:
        raise invalid("stream_options", "stream_options goes with stream")


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
