"""How long a conversation may be at all, whatever the model: more is not sent to any engine."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from engine.generation import Message

LONGEST_CONVERSATION: Final = 3_000_000
"""Characters of all messages together."""


def excess_of(messages: Sequence[Message]) -> str | None:
    """Say that a conversation is too long, or return None."""
    if sum(len(message.content) for message in messages) <= LONGEST_CONVERSATION:
        return None
    return f"the conversation has more than {LONGEST_CONVERSATION:,} characters"
