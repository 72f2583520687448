"""A question of a conversation on its way to the lab, with what the lab can tell a model of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QCoreApplication

from desktop_app.chat.conversation import title_from
from desktop_app.words.quantities import format_count
from engine.generation import Message
from engine.lab.questions import Question, QuestionSet

_SOURCE: Final = "a conversation"


@dataclass(frozen=True, slots=True)
class AskedQuestion:
    """One question as it was asked.

    Attributes:
        text: The question, with the files behind it.
        instructions: What the model was told before the conversation, or "".
        messages_before: How many messages of it stand before the question; the lab tells none.
    """

    text: str
    instructions: str = ""
    messages_before: int = 0

    @classmethod
    def of(cls, told: Sequence[Message]) -> AskedQuestion:
        """Take the question out of what a model was told, of which it is the last."""
        instructions = [message.content for message in told if message.role == "system"]
        before = len(told) - len(instructions) - 1
        return cls(told[-1].content, "\n\n".join(instructions), before)

    @property
    def question_set(self) -> QuestionSet:
        """The question as a set of its own, without a right answer."""
        return QuestionSet(title_from(self.text), _SOURCE, (Question(self.text),))

    @property
    def remark(self) -> str:
        """What differs from how it was asked in the conversation, or ""."""
        if not self.messages_before:
            return ""
        if self.messages_before == 1:
            return _tr("Asked alone: the message before it is not told here.")
        return _tr("Asked alone: the {count} messages before it are not told here.").format(
            count=format_count(self.messages_before)
        )


def _tr(text: str) -> str:
    return QCoreApplication.translate("AskedQuestion", text)
