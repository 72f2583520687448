"""A conversation in memory together with its answers, and a question that waits for the engine.

It exists so that restoring from the journal and drawing turns are apart from the state machine. It
must not know widgets, the session or who asks.
"""

from __future__ import annotations

import time
from concurrent.futures import Future
from dataclasses import dataclass, field, replace

from desktop_app.chat.answer import Answer
from desktop_app.chat.conversation import Conversation
from desktop_app.chat.turn import Role, TurnState, TurnView
from desktop_app.chat.turn_models import TurnModels
from desktop_app.spending import Spending
from engine.candidate import Candidate
from engine.journal.records import RecordedDeliberations, new_id


@dataclass(slots=True)
class OpenConversation:
    """A conversation in memory with the answers to its questions.

    Attributes:
        conversation: Its messages.
        answers: By message.
        model_path: The model that was asked last, or "".
        models: Which models are loaded and what they are called.
    """

    conversation: Conversation
    answers: dict[str, Answer] = field(default_factory=dict)
    model_path: str = ""
    models: TurnModels = field(default_factory=lambda: TurnModels(lambda: None))

    @classmethod
    def restored(
        cls,
        conversation: Conversation,
        found: RecordedDeliberations,
        spending: Spending,
        model_path: str = "",
        models: TurnModels | None = None,
    ) -> OpenConversation:
        """Return a conversation with its answers as the journal knows them.

        Args:
            conversation: Its messages.
            found: Its deliberations; an answer whose own cannot be read is text alone.
            spending: What an answer gets whose deliberation never began.
            model_path: The model that was asked last, or "".
            models: Which models are loaded and what they are called.
        """
        by_id = {record.deliberation_id: record for record in found.records}
        text_alone = {None, *found.unreadable}
        restored = cls(conversation, model_path=model_path)
        if models is not None:
            restored.models = models
        for message in list(conversation.messages.values()):
            if message.role != "assistant" or message.deliberation_id in text_alone:
                continue  # a question, or what was said in another program
            record = by_id.get(message.deliberation_id or "")
            if record is not None:
                answer = Answer.recorded(record, message.message_id)
                # in earlier records Ponder spoke, too; what a crash broke off has no text
                if answer.state is TurnState.FINISHED or not message.content:
                    conversation.replace_text(message.message_id, answer.said)
            else:
                answer = Answer.fresh(
                    message.deliberation_id or new_id(),
                    message.message_id,
                    spending.strategy,
                    spending.budget,
                )
                answer.fail_unsent()
            restored.answers[message.message_id] = answer
        return restored

    @property
    def busy(self) -> bool:
        """Whether an answer is waited for."""
        return any(answer.running for answer in self.answers.values())

    def shows(self, answer: Answer) -> bool:
        """Whether an answer is on the shown branch."""
        ours = self.answers.get(answer.message_id) is answer
        return ours and self.conversation.is_shown(answer.message_id)

    def turns(self) -> list[TurnView]:
        """The shown branch as the transcript shows it."""
        branch, versions = self.conversation.branch(), self.conversation.versions()
        return [
            self._turn(message.message_id, *versions[message.message_id])
            for message in branch
            if message.role != "system"
        ]

    def turn(self, message_id: str) -> TurnView:
        """One message as the transcript shows it."""
        return self._turn(message_id, *self.conversation.version_of(message_id))

    def _turn(self, message_id: str, version: int, versions: int) -> TurnView:
        answer = self.answers.get(message_id)
        if answer is not None:
            makers = self._makers(message_id) if versions > 1 else ()
            turn = answer.turn(version, makers, self.models.name_of)
            if turn.settings_help:
                branch = self.conversation.up_to(message_id)
                asked = sum(message.role == "user" for message in branch)
                turn = replace(turn, anew_help=asked > 1)
            return self.models.complete(turn, answer)
        message = self.conversation.messages[message_id]
        role = Role.ASSISTANT if message.role == "assistant" else Role.USER
        makers = self._makers(message_id) if versions > 1 and role is Role.ASSISTANT else ()
        return TurnView(
            message_id, role, message.content, version=version, versions=versions, makers=makers
        )

    def _makers(self, message_id: str) -> tuple[str, ...]:
        """What gave each version of an answer; "" where that is not known."""
        versions = self.conversation.siblings(message_id)
        known = [self.answers.get(version.message_id) for version in versions]
        name_of = self.models.name_of
        return tuple(answer.maker(name_of) if answer is not None else "" for answer in known)


@dataclass(frozen=True, slots=True)
class PendingQuestion:
    """A question that waits for the engine.

    Attributes:
        conversation_id: Where it was asked.
        question_id: Its message.
        answer: What becomes of it.
        spending: How much thinking it is worth.
        recorded: Done when its answer's message is on disk.
        earlier: Candidates that exist and are built upon.
        asked_at: `time.monotonic()` when it was asked.
    """

    conversation_id: str
    question_id: str
    answer: Answer
    spending: Spending
    recorded: Future[None]
    earlier: tuple[Candidate, ...] = ()
    asked_at: float = field(default_factory=time.monotonic)


@dataclass(frozen=True, slots=True)
class AnswerEnd:
    """An answer has its verdict, or will have none.

    Attributes:
        conversation_id: Where it was asked.
        answer: The answer.
        seconds: Since the question was asked, what it waited included.
    """

    conversation_id: str
    answer: Answer
    seconds: float
