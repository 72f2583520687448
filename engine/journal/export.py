"""A conversation as Markdown to read, or JSON with everything that is known."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec

from engine.journal.records import DeliberationRecord, MessageRecord

FORMAT: Final = "ponder-conversation-1"
"""What an exported conversation calls its form."""
_NAMES: Final = {"user": "You", "assistant": "Ponder", "system": "System"}


def branch(messages: Sequence[MessageRecord], leaf_id: str | None) -> list[MessageRecord]:
    """The messages from the root to a leaf; the newest message's branch without one."""
    by_id = {message.message_id: message for message in messages}
    message = by_id.get(leaf_id or "") or (messages[-1] if messages else None)
    shown: list[MessageRecord] = []
    while message is not None:
        shown.append(message)
        message = by_id.get(message.parent_id or "")
    return shown[::-1]


def to_markdown(title: str, shown: Sequence[MessageRecord]) -> str:
    """Return the shown branch as Markdown."""
    parts = [f"# {title}" if title else "# Conversation"]
    for message in shown:
        moment = message.created_at.strftime("%Y-%m-%d %H:%M UTC")
        parts.append(f"## {_NAMES[message.role]} ({moment})\n\n{message.content.strip()}")
    return "\n\n".join(parts) + "\n"


class ExportedConversation(msgspec.Struct, frozen=True):
    """Everything of a conversation, as it stands in a file.

    Attributes:
        format: `FORMAT`.
        title: Its title.
        messages: Its whole tree.
        deliberations: Its deliberations with their candidates.
        leaf_id: End of the branch that was shown, or None.
        unreadable: Ids of deliberations that are not in the file, as their records are damaged.
        folder: Name of the folder that it was kept in, or "".
    """

    format: str
    title: str
    messages: tuple[MessageRecord, ...]
    deliberations: tuple[DeliberationRecord, ...]
    leaf_id: str | None = None
    unreadable: tuple[str, ...] = ()
    folder: str = ""


def to_json(exported: ExportedConversation) -> str:
    """Return a conversation as JSON to read."""
    return msgspec.json.format(msgspec.json.encode(exported), indent=2).decode() + "\n"


def to_json_line(exported: ExportedConversation) -> bytes:
    """Return a conversation as one line of a file of many."""
    return msgspec.json.encode(exported) + b"\n"
