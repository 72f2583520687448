"""What a model is told of a branch of a conversation."""

from __future__ import annotations

from collections.abc import Sequence

from engine.generation import Message
from engine.journal.records import MessageRecord


def context_of(shown: Sequence[MessageRecord]) -> tuple[Message, ...]:
    """Return the messages a model is told when the last one is asked.

    A question whose answer never came is left out together with its empty answer, so that roles
    alternate as chat templates demand. Instructions, a branch's root, are left out where empty.

    Args:
        shown: A branch from its root to a question.
    """
    told: list[Message] = []
    for message in shown:
        if message.role == "assistant" and not message.content.strip():
            if told and told[-1].role == "user":
                told.pop()
            continue
        if message.role == "system" and not message.content.strip():
            continue
        if told and told[-1].role == message.role == "user":
            told.pop()
        told.append(Message(message.role, message.content))
    return tuple(told)
