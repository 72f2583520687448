"""OpenAI's chat API as bytes: what is asked, what is answered, one line of a stream after another.

Answers are hostile input: only the fields we use are read, strictly, and nothing without a bound.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Final

import msgspec

from engine.errors import RemoteAnswerError

MOST_LINE_BYTES: Final = 1 << 20
_DATA: Final = b"data:"
_DONE: Final = b"[DONE]"


class ChatMessage(msgspec.Struct, frozen=True):
    """One turn."""

    role: str
    content: str


class StreamOptions(msgspec.Struct, frozen=True):
    """What a stream ends with."""

    include_usage: bool = True


class JsonSchema(msgspec.Struct, frozen=True, omit_defaults=True):
    """A schema that a reply is to keep to."""

    name: str
    schema: msgspec.Raw
    strict: bool | None = None


class ResponseFormat(msgspec.Struct, frozen=True, omit_defaults=True):
    """How a reply is to be written."""

    type: str
    json_schema: JsonSchema | None = None


class TemplateVariables(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a chat template is told of its model's own thinking, under the names in use."""

    enable_thinking: bool | None = None
    thinking: bool | None = None
    reasoning_effort: str | None = None


class TemplateRequest(msgspec.Struct, frozen=True, omit_defaults=True):
    """What llama-server and vLLM are asked for a prompt with, and nothing written behind it."""

    model: str
    messages: tuple[ChatMessage, ...]
    chat_template_kwargs: TemplateVariables | None = None


class WrittenPrompt(msgspec.Struct, frozen=True):
    """A prompt as llama-server, or as vLLM gives it."""

    prompt: str | None = None
    tokens: tuple[int, ...] | None = None


class ChatRequest(msgspec.Struct, frozen=True, omit_defaults=True):
    """The body of a request; what is None is not sent.

    The names beyond OpenAI's are those of llama-server, vLLM and SGLang; `samples` is Ponder's.
    """

    model: str | None = None
    messages: tuple[ChatMessage, ...] | None = None
    stream: bool | None = None
    stream_options: StreamOptions | None = None
    n: int | None = None
    max_tokens: int | None = None
    max_completion_tokens: int | None = None
    temperature: float | None = None
    top_p: float | None = None
    top_k: int | None = None
    min_p: float | None = None
    repeat_penalty: float | None = None
    repetition_penalty: float | None = None
    frequency_penalty: float | None = None
    presence_penalty: float | None = None
    seed: int | None = None
    logprobs: bool | None = None
    top_logprobs: int | None = None
    add_generation_prompt: bool | None = None
    continue_final_message: bool | None = None
    reasoning_effort: str | None = None
    chat_template_kwargs: TemplateVariables | None = None
    response_format: ResponseFormat | None = None
    samples: int | None = None


class TokenChance(msgspec.Struct, frozen=True):
    """A token and the natural logarithm of its probability."""

    token: str
    logprob: float


class TokenLogprob(msgspec.Struct, frozen=True):
    """A generated token, and the likeliest ones in its place."""

    token: str
    logprob: float
    top_logprobs: tuple[TokenChance, ...] | None = None


class Logprobs(msgspec.Struct, frozen=True):
    """Log-probabilities of the tokens of one piece."""

    content: tuple[TokenLogprob, ...] | None = None


class Piece(msgspec.Struct, frozen=True):
    """New text, or a whole message."""

    content: str | None = None
    reasoning_content: str | None = None
    reasoning: str | None = None

    @property
    def thought(self) -> str:
        """Hidden thought; servers have two names for it."""
        return self.reasoning_content or self.reasoning or ""


class Choice(msgspec.Struct, frozen=True):
    """News of one of the candidates of a request.

    Attributes:
        finish_reason: Why it has ended; None, or "" from some servers, while it goes on.
    """

    index: int = 0
    delta: Piece | None = None
    message: Piece | None = None
    finish_reason: str | None = None
    logprobs: Logprobs | None = None


class PromptDetails(msgspec.Struct, frozen=True):
    """Where the prompt came from."""

    cached_tokens: int | None = None


class Usage(msgspec.Struct, frozen=True):
    """What a request took, tokens."""

    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    prompt_tokens_details: PromptDetails | None = None


_BROKE_OFF: Final = frozenset(
    {"error", "abort", "aborted", "cancelled", "insufficient_system_resource"}
)
"""Why servers say that a text has ended which they did not finish."""


class Answer(msgspec.Struct, frozen=True):
    """One piece of a stream, or the whole answer."""

    choices: tuple[Choice, ...] = ()
    usage: Usage | None = None
    error: msgspec.Raw = msgspec.Raw(b"null")

    @property
    def broke_off(self) -> bool:
        """Whether the server says that it failed in the midst of it."""
        failed = any(choice.finish_reason in _BROKE_OFF for choice in self.choices)
        return failed or bytes(self.error) != b"null"


class ModelMeta(msgspec.Struct, frozen=True):
    """What llama-server says of a model."""

    n_ctx: int | None = None


class ModelCard(msgspec.Struct, frozen=True):
    """One entry of a server's list of models; `own_thinking` is said by Ponder's."""

    id: str
    owned_by: str | None = None
    max_model_len: int | None = None
    meta: ModelMeta | None = None
    own_thinking: tuple[str, ...] = ()


class ModelList(msgspec.Struct, frozen=True):
    """A server's models."""

    data: tuple[ModelCard, ...] | None = ()


class GenerationSettings(msgspec.Struct, frozen=True):
    """What llama-server says of one slot."""

    n_ctx: int | None = None


class Properties(msgspec.Struct, frozen=True):
    """What llama-server says of itself at `/props`."""

    total_slots: int | None = None
    default_generation_settings: GenerationSettings | None = None


class Failure(msgspec.Struct, frozen=True):
    """Why a server refuses."""

    message: str | None = None
    type: str | None = None
    code: str | int | None = None
    param: str | None = None


class Refusal(msgspec.Struct, frozen=True):
    """The body of a refusal; servers differ."""

    error: Failure | str | None = None
    detail: str | None = None
    message: str | None = None

    @property
    def text(self) -> str:
        """Everything it says, in lower case, to look for words in; it may repeat the prompt."""
        error = self.error
        said = [self.detail, self.message, error if isinstance(error, str) else None]
        if isinstance(error, Failure):
            said += [error.message, error.type, str(error.code or ""), error.param]
        return " ".join(part for part in said if part).lower()


async def answers_of(blocks: AsyncIterator[bytes], label: str) -> AsyncIterator[Answer]:
    """Yield the pieces of a stream of server-sent events, to its `[DONE]` or its end.

    Args:
        blocks: The bytes, cut anywhere.
        label: The server's name, for errors.

    Raises:
        RemoteAnswerError: A line is no JSON of the right shape, or has no end.
    """
    held = b""
    async for block in blocks:
        held += block
        *lines, held = held.split(b"\n")
        if len(held) > MOST_LINE_BYTES:
            raise RemoteAnswerError(f"{label}: a line without end")
        for line in lines:
            content = line.strip()
            if not content.startswith(_DATA):
                continue  # comments and names of events
            content = content[len(_DATA) :].strip()
            if content == _DONE:
                return
            yield decoded(content, label)


def decoded(content: bytes, label: str) -> Answer:
    """Read one piece.

    Raises:
        RemoteAnswerError: It is none.
    """
    try:
        return msgspec.json.decode(content, type=Answer)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise RemoteAnswerError(f"{label}: not an answer of this API") from error
