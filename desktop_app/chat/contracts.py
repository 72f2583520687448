"""What the chat needs of a session and of a journal: the few methods it calls, nothing more.

They exist so that the controller says what it uses.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future
from typing import Protocol

from engine.budget import Budget
from engine.feedback import Feedback, Thumb
from engine.journal.records import ConversationSummary, MessageRecord, RecordedDeliberations
from engine.session import AskRequest


class Thinker(Protocol):
    """What is needed of a session."""

    def ask(self, request: AskRequest) -> None:
        """Start a deliberation."""
        ...

    def extend(self, deliberation_id: str, budget: Budget) -> None:
        """Replace a running deliberation's budget."""
        ...

    def answer_now(self, deliberation_id: str) -> None:
        """Reach a verdict from what exists."""
        ...

    def cancel(self, deliberation_id: str) -> None:
        """End a deliberation."""
        ...


class ConversationRecord(Protocol):
    """What is needed of a journal."""

    def create_conversation(self, conversation_id: str, title: str = "") -> Future[None]:
        """Start a conversation."""
        ...

    def rename_conversation(self, conversation_id: str, title: str) -> Future[None]:
        """Change a title."""
        ...

    def delete_conversations(self, ids: Sequence[str]) -> Future[None]:
        """Hide conversations."""
        ...

    def restore_conversations(self, ids: Sequence[str]) -> Future[None]:
        """Undo a deletion."""
        ...

    def set_leaf(self, conversation_id: str, message_id: str | None) -> Future[None]:
        """Remember which branch is shown."""
        ...

    def set_model(self, conversation_id: str, model_path: str) -> Future[None]:
        """Remember a conversation's model."""
        ...

    def add_message(self, message: MessageRecord) -> Future[None]:
        """Add a message."""
        ...

    def set_instructions(self, message: MessageRecord) -> Future[None]:
        """Put what a model is told before a conversation at its root, or change it there."""
        ...

    def update_message(self, message_id: str, content: str) -> Future[None]:
        """Replace a message's text."""
        ...

    def conversation(self, conversation_id: str) -> Future[ConversationSummary | None]:
        """A conversation as it is listed, or None when there is none."""
        ...

    def messages(self, conversation_id: str) -> Future[list[MessageRecord]]:
        """The whole tree of a conversation."""
        ...

    def deliberations_of(self, conversation_id: str) -> Future[RecordedDeliberations]:
        """Every deliberation of a conversation."""
        ...

    def promote(self, deliberation_id: str, index: int) -> Future[None]:
        """Record that the person made another candidate the answer."""
        ...

    def set_thumb(
        self, deliberation_id: str, candidate: int, thumb: Thumb | None
    ) -> Future[Feedback]:
        """Record what the person thinks of the answer that is shown, or take it back."""
        ...

    def prefer(self, deliberation_id: str, candidate: int | None) -> Future[Feedback]:
        """Record which candidate the person prefers, or take it back."""
        ...
