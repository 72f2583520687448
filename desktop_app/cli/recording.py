"""A question asked in the terminal, kept as the window keeps one: a conversation of its own."""

from __future__ import annotations

from dataclasses import dataclass

from desktop_app.chat.conversation import Conversation, title_from
from engine.journal.journal import Journal
from engine.journal.records import MessageRecord, new_id, now
from engine.session import AskRequest


@dataclass(frozen=True, slots=True)
class KeptQuestion:
    """A question that is on disk, and the place of its answer.

    Attributes:
        journal: Where it is kept.
        conversation_id: Its conversation.
        message_id: The message that will hold the answer.
    """

    journal: Journal
    conversation_id: str
    message_id: str

    def answer(self, text: str) -> None:
        """Keep the answer's text; nothing waits for the disk."""
        self.journal.update_message(self.message_id, text)


def keep_question(journal: Journal, request: AskRequest, model_path: str) -> KeptQuestion:
    """Keep what is asked before it is sent.

    Raises:
        JournalError: It could not be written.
    """
    *told, question = request.messages
    conversation = Conversation(new_id())
    conversation_id = conversation.conversation_id
    journal.create_conversation(conversation_id, title_from(question.content)).result()
    journal.set_model(conversation_id, model_path).result()
    for message in told:
        journal.set_instructions(conversation.set_instructions(message.content)).result()
    asked = MessageRecord(
        new_id(), conversation_id, conversation.leaf_id, "user", question.content, now()
    )
    answer = MessageRecord(
        new_id(),
        conversation_id,
        asked.message_id,
        "assistant",
        "",
        now(),
        request.deliberation_id,
    )
    for record in (asked, answer):
        journal.add_message(record).result()
    return KeptQuestion(journal, conversation_id, answer.message_id)
