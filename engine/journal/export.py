"""A conversation as Markdown to read, or JSON with everything that is known."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from engine.journal.records import DeliberationRecord, MessageRecord

_NAMES = {"user": "You", "assistant": "Ponder", "system": "System"}


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


class _Exported(msgspec.Struct, frozen=True):
    format: str
    title: str
    messages: Sequence[MessageRecord]
    deliberations: Sequence[DeliberationRecord]


def to_json(
    title: str, messages: Sequence[MessageRecord], deliberations: Sequence[DeliberationRecord]
) -> str:
    """Return every branch with its deliberations and candidates as JSON."""
    exported = _Exported("ponder-conversation-1", title, messages, deliberations)
    return msgspec.json.format(msgspec.json.encode(exported), indent=2).decode() + "\n"
