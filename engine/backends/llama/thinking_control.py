"""What a chat template can be told of the model's own thinking, found out by trying.

A template may name a variable and do nothing with it, so each is tried on one question: what makes
a prompt of its own, and the same one again, counts. Knows nothing of how a template is rendered.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from jinja2.exceptions import SecurityError

from engine.errors import TemplateError
from engine.own_thinking import EFFORTS, OwnThinking, told_apart

Variables = Mapping[str, object]
"""What a template is told beside the conversation, by name."""
Prompt = tuple[str, str]
"""A prompt, and the marker of the hidden thought it ends inside, or ""."""

_SWITCHES: Final = ("enable_thinking", "thinking")
"""Variables that are true or false: Qwen3's, SmolLM3's and GLM's; Granite's and DeepSeek-V3.1's."""
_EFFORT: Final = "reasoning_effort"
_NO_EFFORT: Final = re.compile("""["']none["']""")
"""gpt-oss writes any word down as its effort: only what a template names itself turns it off."""


@dataclass(frozen=True, slots=True)
class Control:
    """How a template is told one wish.

    Attributes:
        variables: What says it.
        thought_opening: The marker with which the prompt opens the hidden thought then, or "".
    """

    variables: Variables
    thought_opening: str


def find_controls(
    source: str, prompt_of: Callable[[Variables], Prompt]
) -> dict[OwnThinking, Control]:
    """Return what says each wish that the template can be told.

    Args:
        source: The template's text; names that are not in it are not tried.
        prompt_of: Renders one question under some variables, or raises `TemplateError`.
    """
    found: dict[OwnThinking, Control] = {}
    try:
        for name in _SWITCHES:
            if name in source and not found:
                switch = {OwnThinking.OFF: {name: False}, OwnThinking.ON: {name: True}}
                found = _that_differ(switch, prompt_of)
        if _EFFORT in source:
            found |= _that_differ(_efforts(source, found), prompt_of)
    except TemplateError:
        return {}  # it takes too long for such trials
    return {wish: found[wish] for wish in OwnThinking if wish in found}


def _efforts(source: str, switch: Mapping[OwnThinking, Control]) -> dict[OwnThinking, Variables]:
    """What says an effort, beside a switch that is then on."""
    ways: dict[OwnThinking, Variables] = {}
    if not switch and _NO_EFFORT.search(source):
        ways[OwnThinking.OFF] = {_EFFORT: "none"}
    on = switch[OwnThinking.ON].variables if switch else {}
    return ways | {effort: {**on, _EFFORT: effort.value} for effort in EFFORTS}


def _that_differ(
    ways: Mapping[OwnThinking, Variables], prompt_of: Callable[[Variables], Prompt]
) -> dict[OwnThinking, Control]:
    """Those that give prompts of their own, the same ones each time.

    Raises:
        TemplateError: The template takes too long.
    """
    prompts, again = (
        {wish: _tried(said, prompt_of) for wish, said in ways.items()} for _ in range(2)
    )
    if prompts != again:
        return {}
    return {
        wish: Control(ways[wish], prompt[1])
        for wish in told_apart(prompts)
        if (prompt := prompts[wish]) is not None
    }


def _tried(said: Variables, prompt_of: Callable[[Variables], Prompt]) -> Prompt | None:
    """The prompt under some variables, or None where the template refuses them.

    Raises:
        TemplateError: The template takes too long.
    """
    try:
        return prompt_of(said)
    except TemplateError as error:
        if isinstance(error.__cause__, SecurityError):
            raise
        return None
