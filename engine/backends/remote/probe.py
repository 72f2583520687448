"""What a server is and can do: asked once, and remembered beside the engine's description."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Final

import msgspec

from engine.backends.remote.connection import Connection, RefusedError
from engine.backends.remote.description import ENGINE_SUFFIX, EndpointDescription
from engine.backends.remote.thinking import find_own_thinking, is_seen
from engine.backends.remote.wire import (
    Answer,
    ChatMessage,
    ChatRequest,
    ModelCard,
    ModelList,
    Properties,
)
from engine.errors import RemoteAnswerError, RemoteError, RemoteNotFoundError, RemoteServerError
from engine.own_thinking import OwnThinking

PROBED_SUFFIX: Final = ".probed.json"
_DEFAULT_SLOTS: Final = 4
_PROBE: Final = (ChatMessage("user", "Say yes."),)
_OWNERS: Final = {
    "llamacpp": "llama-server",
    "vllm": "vLLM",
    "sglang": "SGLang",
    "library": "Ollama",
    "organization_owner": "LM Studio",
    "me": "llama-cpp-python",
    "ponder": "Ponder",
}
"""Who the models belong to, in each program's list of them."""
_SLOTS: Final = {"vLLM": 16, "SGLang": 16, "llama-cpp-python": 1}
"""llama-cpp-python's server breaks a request off when another one comes."""
_GO_ON: Final = frozenset({"llama-server", "vLLM", "SGLang", "Ollama", "LM Studio"})
"""Programs that go on with an assistant's unfinished message."""


class Abilities(msgspec.Struct, frozen=True):
    """What is known of one server and one of its models.

    Attributes:
        server: Which program it is, or "".
        honours_n: Whether one request can ask for several candidates.
        logprobs: Whether it gives log-probabilities.
        usage: Whether a stream may be asked to end with what it took.
        goes_on: Whether it goes on with an unfinished message.
        sampling: Whether temperature, top_p and seed may be given.
        completion_limit: Whether the limit of tokens is `max_completion_tokens`.
        own_thinking: What can be wished of the model's own thinking, or None where nobody looked.
        json_replies: Whether it takes `response_format`, as far as is known.
    """

    server: str = ""
    honours_n: bool = False
    logprobs: bool = True
    usage: bool = True
    goes_on: bool = False
    sampling: bool = True
    completion_limit: bool = False
    own_thinking: tuple[OwnThinking, ...] | None = None
    json_replies: bool = True

    def takes(self, wish: OwnThinking) -> bool:
        """Whether this can be wished of the model's own thinking."""
        return wish in (self.own_thinking or ())

    def without(self, words: str) -> Abilities | None:
        """Less, after a refusal with these words; None when nothing is left to do without."""
        if any(name in words for name in _OF_A_SCHEMA):
            return None
        for names, change in _DOING_WITHOUT:
            less = msgspec.structs.replace(self, **change)
            if less != self and any(name in words for name in names):
                return less
        return None


_DOING_WITHOUT: Final[tuple[tuple[tuple[str, ...], dict[str, object]], ...]] = (
    (("max_completion_tokens",), {"completion_limit": True}),
    (("logprob",), {"logprobs": False}),
    (("stream_options",), {"usage": False}),
    (("prefill", "continue_final"), {"goes_on": False}),
    (
        ("chat_template_kwargs", "enable_thinking", "reasoning_effort", "support thinking"),
        {"own_thinking": ()},
    ),
    (("response_format", "response format", "json_schema"), {"json_replies": False}),
    (("'temperature'", "'top_p'", "'seed'"), {"sampling": False}),
    (("",), {"logprobs": False, "usage": False}),
)
"""Words of a refusal, and what is then done without; the last for any words at all."""
_OF_A_SCHEMA: Final = ("schema for", "invalid schema", "invalid_json_schema", "parse grammar")
"""Words of a refusal that is of one schema: a server that reads them takes others."""


class Found(msgspec.Struct, frozen=True):
    """What a server answered when the engine was loaded.

    Attributes:
        model: What it calls the model.
        slots: Requests it gets at once.
        context_tokens: What one candidate may hold, or None where it does not say.
        abilities: What it can do.
    """

    model: str
    slots: int
    context_tokens: int | None
    abilities: Abilities


async def examine(
    connection: Connection, endpoint: EndpointDescription, known: Abilities | None
) -> Found:
    """Find out about a server.

    Args:
        connection: To it.
        endpoint: How it is described.
        known: What was remembered of it; it is then not tried again.

    Raises:
        RemoteError: It cannot be used.
    """
    card = await _model(connection, endpoint)
    server = _OWNERS.get(card.owned_by or "", "")
    properties = Properties()
    if server == "llama-server":
        with suppress(RemoteError, msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            properties = msgspec.json.decode(await connection.get("../props"), type=Properties)
    settings = properties.default_generation_settings
    meta = card.meta
    context = (
        (settings.n_ctx if settings else None)
        or card.max_model_len
        or (meta.n_ctx if meta else None)
    )
    told = max(0, properties.total_slots or 0)
    slots = endpoint.slots or told or _SLOTS.get(server) or _DEFAULT_SLOTS
    if known is None or known.server != server:
        known = await _try_out(connection, card.id, server)
    if known.own_thinking is None or is_seen(server):
        wishes = await find_own_thinking(connection, card, server)
        known = msgspec.structs.replace(known, own_thinking=wishes)
    return Found(card.id, min(slots, 256), context, known)


async def _model(connection: Connection, endpoint: EndpointDescription) -> ModelCard:
    """The model that is meant, among those the server names."""
    try:
        models = msgspec.json.decode(await connection.get("models"), type=ModelList).data or ()
    except RemoteNotFoundError:
        if endpoint.model:  # some servers have no list
            return ModelCard(endpoint.model)
        raise
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise RemoteAnswerError(f"{connection.label}: its list of models makes no sense") from error
    if not endpoint.model and models:
        return models[0]
    for card in models:
        if card.id == endpoint.model:
            return card
    raise RemoteNotFoundError(f"{connection.label}: it has no model of this name")


async def _try_out(connection: Connection, model: str, server: str) -> Abilities:
    """Ask for two candidates of a token or two, and see what comes."""
    abilities = Abilities(server, goes_on=server in _GO_ON, logprobs=True)
    n: int | None = 2
    while True:
        body = ChatRequest(
            model=model,
            messages=_PROBE,
            n=n,
            logprobs=True if abilities.logprobs else None,
            top_logprobs=5 if abilities.logprobs else None,
            max_tokens=None if abilities.completion_limit else 2,
            max_completion_tokens=2 if abilities.completion_limit else None,
            samples=1 if server == "Ponder" else None,
        )
        try:
            answer = await connection.ask(body, tries=1)
        except (RefusedError, RemoteServerError) as error:
            words = error.words if isinstance(error, RefusedError) else ""
            less = abilities.without(words)
            if n is not None and ("'n'" in words or less is None):
                n = None
            elif less is None:
                raise
            else:
                abilities = less
            continue
        return msgspec.structs.replace(
            abilities,
            honours_n=len({choice.index for choice in answer.choices}) > 1,
            logprobs=_has_logprobs(answer),
        )


def _has_logprobs(answer: Answer) -> bool:
    return any(choice.logprobs is not None and choice.logprobs.content for choice in answer.choices)


class Memory:
    """What servers can do, beside the description of the engine they belong to.

    Args:
        description: Path of that description.
    """

    def __init__(self, description: Path) -> None:
        name = description.name.removesuffix(ENGINE_SUFFIX)
        self._path = description.with_name(f"{name}{PROBED_SUFFIX}")
        self._known: dict[str, Abilities] = {}
        with suppress(OSError, msgspec.DecodeError, UnicodeDecodeError):
            self._known = msgspec.json.decode(
                self._path.read_bytes(), type=dict[str, Abilities], strict=True
            )

    def recall(self, endpoint: EndpointDescription) -> Abilities | None:
        """What is known of a server, or None."""
        return self._known.get(_name(endpoint))

    def keep(self, endpoint: EndpointDescription, abilities: Abilities) -> None:
        """Remember; where nothing can be written, it is asked again next time."""
        if self.recall(endpoint) != abilities:
            self._known[_name(endpoint)] = abilities
            with suppress(OSError):
                self._path.write_bytes(msgspec.json.encode(self._known))


def _name(endpoint: EndpointDescription) -> str:
    return f"{endpoint.address} {endpoint.model}"
