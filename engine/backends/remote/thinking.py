"""How servers are told of a model's own thinking, and which of them can be.

Servers that write a prompt down for us are tried like a template here: a wish counts where it makes
a prompt of its own. Of Ponder's own API the list of models says it. The others are believed until
they refuse.
"""

from __future__ import annotations

from typing import Final

import msgspec

from engine.backends.remote.connection import Connection
from engine.backends.remote.wire import (
    ChatMessage,
    ModelCard,
    TemplateRequest,
    TemplateVariables,
    WrittenPrompt,
)
from engine.errors import RemoteError
from engine.own_thinking import EFFORTS, OwnThinking, told_apart

_WRITES_PROMPTS: Final = {"llama-server": "../apply-template", "vLLM": "../tokenize"}
_TELLS_TEMPLATES: Final = frozenset({"llama-server", "vLLM", "SGLang", "Ponder"})
_TELLS_EFFORTS: Final = frozenset({"vLLM", "SGLang", "Ollama", "LM Studio"})
_BELIEVED: Final = {
    "SGLang": (OwnThinking.OFF, OwnThinking.ON),
    "Ollama": (OwnThinking.OFF, *EFFORTS),
    "LM Studio": (OwnThinking.OFF, *EFFORTS),
}
"""What programs understand that do not say whether their model does."""
_PROBE: Final = (ChatMessage("user", "Say yes."),)


def variables_for(server: str, wish: OwnThinking) -> TemplateVariables | None:
    """What a server passes on to its model's template, or None."""
    if wish is OwnThinking.AUTO or server not in _TELLS_TEMPLATES:
        return None
    on = wish is not OwnThinking.OFF
    return TemplateVariables(on, on, wish.value if wish in EFFORTS else None)


def effort_for(server: str, wish: OwnThinking) -> str | None:
    """The effort a server is asked for, or None; SGLang and vLLM know no word for off."""
    if server not in _TELLS_EFFORTS:
        return None
    if wish is OwnThinking.OFF:
        return None if server in _TELLS_TEMPLATES else "none"
    return wish.value if wish in EFFORTS else None


def is_seen(server: str) -> bool:
    """Whether a look at a server shows what can be wished of its model now."""
    return server in _WRITES_PROMPTS or server == "Ponder"


async def find_own_thinking(
    connection: Connection, card: ModelCard, server: str
) -> tuple[OwnThinking, ...]:
    """Return what can be wished of a server's model; nothing of an unknown program's."""
    if server == "Ponder":
        return tuple(wish for wish in OwnThinking if wish in card.own_thinking)
    path = _WRITES_PROMPTS.get(server)
    if path is None:
        return _BELIEVED.get(server, ())
    found: tuple[OwnThinking, ...] = ()
    for wishes in ((OwnThinking.OFF, OwnThinking.ON), EFFORTS):
        prompts = {wish: await _prompt(connection, path, card.id, server, wish) for wish in wishes}
        found += told_apart(prompts)
    return found


async def _prompt(
    connection: Connection, path: str, model: str, server: str, wish: OwnThinking
) -> WrittenPrompt | None:
    """The prompt that a server writes under a wish, or None where it does not."""
    body = TemplateRequest(model, _PROBE, variables_for(server, wish))
    try:
        prompt = msgspec.json.decode(await connection.post(path, body), type=WrittenPrompt)
    except (RemoteError, msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    return prompt if prompt.prompt or prompt.tokens else None
