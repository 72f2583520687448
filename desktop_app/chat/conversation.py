"""A conversation as a tree of messages of which one branch is shown.

It exists so that versions (edited questions, regenerated answers) are plain bookkeeping that can
be tested without a window. It must not know Qt, and it writes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import msgspec

from engine.documents.attached import without_files
from engine.generation import Message
from engine.journal.context import context_of
from engine.journal.records import MessageRecord, new_id, now

_TITLE_LENGTH = 40


def title_from(question: str) -> str:
    """Return a short title for a conversation that starts with this question."""
    text, files = without_files(question)
    words = " ".join((text or ", ".join(file.name for file in files)).split())
    if len(words) <= _TITLE_LENGTH:
        return words
    cut = words[:_TITLE_LENGTH]
    head, space, _tail = cut.rpartition(" ")
    return (head if space and len(head) > _TITLE_LENGTH // 2 else cut).rstrip(" ,;:.") + "…"


@dataclass(slots=True)
class Conversation:
    """One conversation, open in memory.

    Attributes:
        conversation_id: Its id in the journal.
        messages: All messages by id, oldest first.
        leaf_id: End of the shown branch, or None while empty.
    """

    conversation_id: str
    messages: dict[str, MessageRecord] = field(default_factory=dict)
    leaf_id: str | None = None

    @classmethod
    def restored(
        cls, conversation_id: str, messages: Iterable[MessageRecord], leaf_id: str | None
    ) -> Conversation:
        """Return a conversation as it was left; the newest branch if the leaf is unknown."""
        by_id = {message.message_id: message for message in messages}
        if leaf_id not in by_id:
            leaf_id = next(reversed(by_id), None)
        return cls(conversation_id, by_id, leaf_id)

    @property
    def instructions(self) -> str:
        """What a model is told before it, or ""."""
        root = self._root
        return "" if root is None else root.content

    def set_instructions(self, text: str) -> MessageRecord:
        """Change what a model is told before it; returns the root that says so."""
        root = self._root or MessageRecord(
            new_id(), self.conversation_id, None, "system", text, now()
        )
        root = msgspec.structs.replace(root, content=text)
        below = {
            message_id: message
            if message.parent_id is not None
            else msgspec.structs.replace(message, parent_id=root.message_id)
            for message_id, message in self.messages.items()
            if message_id != root.message_id
        }
        self.messages = {root.message_id: root, **below}
        self.leaf_id = self.leaf_id or root.message_id
        return root

    @property
    def _root(self) -> MessageRecord | None:
        return next((m for m in self.messages.values() if m.role == "system"), None)

    def add(self, message: MessageRecord) -> None:
        """Add a message and show its branch."""
        self.messages[message.message_id] = message
        self.leaf_id = message.message_id

    def replace_text(self, message_id: str, content: str) -> None:
        """Change a message's text."""
        message = self.messages[message_id]
        self.messages[message_id] = msgspec.structs.replace(message, content=content)

    def branch(self) -> list[MessageRecord]:
        """The shown messages, first to last."""
        return self.up_to(self.leaf_id)

    def up_to(self, message_id: str | None) -> list[MessageRecord]:
        """The messages from the first to this one."""
        path: list[MessageRecord] = []
        message = self.messages.get(message_id or "")
        while message is not None:
            path.append(message)
            message = self.messages.get(message.parent_id or "")
        return path[::-1]

    def is_shown(self, message_id: str) -> bool:
        """Whether a message is on the shown branch."""
        return any(message.message_id == message_id for message in self.branch())

    def siblings(self, message_id: str) -> list[MessageRecord]:
        """The versions at a message's place, oldest first, itself included."""
        message = self.messages[message_id]
        return [
            other
            for other in self.messages.values()
            if other.parent_id == message.parent_id and other.role == message.role
        ]

    def version_of(self, message_id: str) -> tuple[int, int]:
        """Which version a message is, from 1, and how many there are."""
        siblings = self.siblings(message_id)
        ids = [sibling.message_id for sibling in siblings]
        return ids.index(message_id) + 1, len(ids)

    def versions(self) -> dict[str, tuple[int, int]]:
        """Which version every message is, from 1, and how many there are."""
        places: dict[tuple[str | None, str], list[str]] = {}
        for message in self.messages.values():
            places.setdefault((message.parent_id, message.role), []).append(message.message_id)
        return {
            message_id: (number, len(siblings))
            for siblings in places.values()
            for number, message_id in enumerate(siblings, 1)
        }

    def show_version(self, message_id: str, step: int) -> str | None:
        """Show another version; returns the new leaf, or None when there is no such version."""
        siblings = self.siblings(message_id)
        wanted = self.version_of(message_id)[0] - 1 + step
        if not 0 <= wanted < len(siblings):
            return None
        self.leaf_id = self._newest_below(siblings[wanted].message_id)
        return self.leaf_id

    def show_branch_of(self, message_id: str) -> str | None:
        """Show a message that is not seen; returns the new leaf, or None when nothing changed."""
        if message_id not in self.messages or self.is_shown(message_id):
            return None
        self.leaf_id = self._newest_below(message_id)
        return self.leaf_id

    def context_for(self, question_id: str) -> tuple[Message, ...]:
        """What the model is told when this question is asked, the question last."""
        return context_of(self.up_to(question_id))

    def _newest_below(self, message_id: str) -> str:
        """The newest leaf of the branch that starts at a message."""
        below = {message_id}
        newest = message_id
        for message in self.messages.values():
            if message.parent_id in below:
                below.add(message.message_id)
                newest = message.message_id
        return newest
