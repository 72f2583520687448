"""A model's own thinking: what can be wished of it, and what of that a model can be told.

Many models think before they answer, and their chat templates have a switch for it or degrees of
effort. Whether a template has one is tried and not read: a wish counts where it makes a prompt of
its own. Knows nothing of templates and servers.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

import msgspec


class OwnThinking(StrEnum):
    """What is wished of a model's own thinking."""

    AUTO = "auto"
    """As its template has it when nothing is said."""
    OFF = "off"
    ON = "on"
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


EFFORTS: Final = (OwnThinking.LOW, OwnThinking.MEDIUM, OwnThinking.HIGH)


class ThinkingMode(msgspec.Struct, frozen=True):
    """One wish that a model can be told.

    Attributes:
        wish: What is wished.
        thought_opening: The marker with which its prompt opens the hidden thought then, or "".
    """

    wish: OwnThinking
    thought_opening: str = ""


def told_apart(prompts: Mapping[OwnThinking, object]) -> tuple[OwnThinking, ...]:
    """Return the wishes that make a difference: none where all prompts are the same.

    Args:
        prompts: What each wish makes of one conversation, or None where it fails. Of wishes with
            the same prompt the first one counts.
    """
    different: dict[OwnThinking, object] = {}
    for wish, prompt in prompts.items():
        if prompt is not None and prompt not in different.values():
            different[wish] = prompt
    return tuple(different) if len(different) > 1 else ()
