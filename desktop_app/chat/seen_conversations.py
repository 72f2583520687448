"""Conversations as they are seen: which one is in sight, which versions of it, and who answered.

It exists so that showing is apart from asking. It must not know widgets, nor what is thought about
or waits to be.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from desktop_app.chat.answer import Answer
from desktop_app.chat.contracts import ConversationRecord
from desktop_app.chat.conversation import Conversation
from desktop_app.chat.open_conversation import OpenConversation
from desktop_app.chat.turn import TurnView
from desktop_app.chat.turn_models import TurnModels
from desktop_app.chat.versions import Version, versions_of
from desktop_app.deliveries import Deliveries
from desktop_app.library.model_control import ModelControl
from desktop_app.spending import Spending
from engine.feedback import Feedback, Thumb
from engine.generation import Message, ModelReport
from engine.journal.errors import JournalUnreadableError
from engine.journal.records import ConversationSummary, MessageRecord, RecordedDeliberations


class SeenConversations(QObject):
    """Reads conversations, shows one of them, and records what a person makes of its answers.

    Args:
        journal: Where they are recorded.
        deliveries: Brings its answers to this thread.
        models: What is loaded.
        spending: What a question is worth now.

    Attributes:
        conversation_shown: Another conversation is visible: its id, or "" for a new one.
        turns_reset: All turns of the visible conversation, in order.
        turn_appended: One more turn of the visible conversation.
        turn_updated: A turn of the visible conversation changed.
        turn_wanted: A turn should be brought into view: its id.
        answer_shown: The `Answer` the deliberation panel should show, or None.
        feedback_changed: The person said something of the `Answer` that the panel shows.
        conversations_changed: The list of conversations should be read again.
    """

    conversation_shown = Signal(str)
    turns_reset = Signal(object)
    turn_appended = Signal(object)
    turn_updated = Signal(object)
    turn_wanted = Signal(str)
    answer_shown = Signal(object)
    feedback_changed = Signal()
    conversations_changed = Signal()

    def __init__(
        self,
        journal: ConversationRecord,
        deliveries: Deliveries,
        models: ModelControl,
        spending: Callable[[], Spending],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._journal = journal
        self._deliveries = deliveries
        self._models = models
        self._spending = spending
        self._turn_models = TurnModels(lambda: models.report)
        self._open: dict[str, OpenConversation] = {}
        self._visible_id: str | None = None
        self._wanted_id: str | None = None
        self._kept_id: str | None = None
        self._panel: Answer | None = None
        self._report: ModelReport | None = None
        models.state_changed.connect(self._on_model_changed)

    # --- what is in sight -----------------------------------------------------------------------

    @property
    def visible_id(self) -> str | None:
        """The visible conversation, or None while it has no message yet."""
        return self._visible_id

    @property
    def model_path(self) -> str:
        """The model that was asked last in the visible conversation, or ""."""
        shown = self._visible
        return shown.model_path if shown is not None else ""

    @property
    def last_answer_text(self) -> str:
        """The text of the visible conversation's last answer, or ""."""
        shown = self._visible
        if shown is None:
            return ""
        for message in reversed(shown.conversation.branch()):
            if message.role == "assistant":
                return shown.turn(message.message_id).text
        return ""

    @property
    def last_answer_id(self) -> str | None:
        """The visible conversation's last answer, or None."""
        shown = self._visible
        if shown is None:
            return None
        ids = [m.message_id for m in shown.conversation.branch() if m.role == "assistant"]
        return ids[-1] if ids else None

    def turns(self) -> list[TurnView]:
        """The visible conversation as the transcript shows it."""
        shown = self._visible
        return shown.turns() if shown is not None else []

    def shows(self, answer: Answer) -> bool:
        """Whether an answer is on the branch that is seen."""
        shown = self._visible
        return shown is not None and shown.shows(answer)

    def context_for(self, question_id: str) -> tuple[Message, ...]:
        """What the model is told when a question of the visible conversation is asked."""
        shown = self._visible
        return shown.conversation.context_for(question_id) if shown is not None else ()

    def context_tokens_used(self) -> int | None:
        """Tokens of the last question as rendered and its answer, or None while not known."""
        answer = self._answer_of(self.last_answer_id or "")
        if answer is None or answer.prompt_tokens is None:
            return None
        shown = answer.shown
        return answer.prompt_tokens + (shown.tokens if shown else 0)

    # --- what is shown --------------------------------------------------------------------------

    def new_conversation(self) -> None:
        """Show an empty conversation; it is recorded with its first question."""
        self._wanted_id = None
        self._show(None)

    def open_conversation(
        self, conversation_id: str, leaf_id: str | None = None, message_id: str | None = None
    ) -> None:
        """Show a conversation, reading it first if need be.

        Args:
            conversation_id: Which.
            leaf_id: End of the branch to show; None for the one it was left at.
            message_id: What is to be seen of it, whatever branch that is on.
        """
        self._wanted_id = conversation_id
        if conversation_id in self._open:
            self._show(conversation_id, message_id)
            return

        def with_messages(messages: list[MessageRecord]) -> None:
            self._deliveries.deliver(
                self._journal.deliberations_of(conversation_id),
                lambda records: with_records(messages, records),
            )

        def with_records(messages: list[MessageRecord], found: RecordedDeliberations) -> None:
            self._deliveries.deliver(
                self._journal.conversation(conversation_id),
                lambda summary: restore(messages, found, summary),
            )

        def restore(
            messages: list[MessageRecord],
            found: RecordedDeliberations,
            summary: ConversationSummary | None,
        ) -> None:
            if self._wanted_id != conversation_id:
                return
            if summary is None and conversation_id not in self._open:  # it was deleted meanwhile
                self._wanted_id = self._visible_id
                return
            if conversation_id not in self._open:  # it may have been asked for twice
                left_at = leaf_id or (summary.leaf_id if summary is not None else None)
                conversation = Conversation.restored(conversation_id, messages, left_at)
                self._open[conversation_id] = OpenConversation.restored(
                    conversation,
                    found,
                    self._spending(),
                    summary.model_path if summary is not None else "",
                    self._turn_models,
                )
                if found.unreadable:
                    names = ", ".join(found.unreadable)
                    self._deliveries.fail(JournalUnreadableError(f"deliberation {names}"))
            self._show(conversation_id, message_id)

        self._deliveries.deliver(self._journal.messages(conversation_id), with_messages)

    def keep_open(self, conversation_id: str | None) -> None:
        """Keep a conversation in memory while it is not seen, because it is to be answered in."""
        self._kept_id = conversation_id
        self._forget_unseen()

    def show_deliberation(self, message_id: str) -> None:
        """Show an answer's deliberation in the panel."""
        shown = self._visible
        if shown is not None and message_id in shown.answers:
            self._show_in_panel(shown.answers[message_id])

    # --- versions, and who made them ------------------------------------------------------------

    def show_version(self, message_id: str, step: int) -> None:
        """Show the previous or next version of a turn."""
        shown = self._visible
        if shown is None:
            return
        leaf_id = shown.conversation.show_version(message_id, step)
        if leaf_id is None:
            return
        self._show_leaf(shown, leaf_id, message_id)

    def choose_version(self, message_id: str) -> None:
        """Show this version of a turn."""
        shown = self._visible
        leaf_id = shown.conversation.show_branch_of(message_id) if shown is not None else None
        if shown is not None and leaf_id is not None:
            self._show_leaf(shown, leaf_id, message_id)

    def versions(self, message_id: str) -> tuple[Version, ...]:
        """The versions at an answer's place in the visible conversation, oldest first."""
        shown = self._visible
        return versions_of(shown, message_id) if shown is not None else ()

    def question_of(self, message_id: str) -> str:
        """What an answer of the visible conversation answers, files included, or ""."""
        shown = self._visible
        messages = shown.conversation.messages if shown is not None else {}
        answer = messages.get(message_id)
        question = messages.get(answer.parent_id or "") if answer is not None else None
        return question.content if question is not None else ""

    def call_models(self, name_of: Callable[[Path], str]) -> None:
        """Call the model of a path what `name_of` says; asked again by `refresh_names`."""
        self._turn_models.call_models(name_of)
        self.refresh_names()

    def refresh_names(self) -> None:
        """Models may be called otherwise now: say so in the turns that are seen."""
        if self._turn_models.renamed():
            self._tell_models()

    # --- what a person makes of an answer -------------------------------------------------------

    def promote(self, message_id: str, index: int) -> None:
        """Make another candidate the answer."""
        answer = self._answer_of(message_id)
        if answer is None or answer.running or answer.candidate(index) is None:
            return
        answer.view.promoted = index
        answer.view.revision += 1
        self._write(self._journal.promote(answer.deliberation_id, index))
        shown = self._visible
        if shown is not None:
            self._keep_text(shown, answer)
            self.turn_updated.emit(shown.turn(message_id))
        if self._panel is answer:
            self.answer_shown.emit(answer)

    def promote_in_panel(self, index: int) -> None:
        """Make another candidate of the panel's deliberation the answer."""
        if self._panel is not None:
            self.promote(self._panel.message_id, index)

    def rate(self, message_id: str, thumb: Thumb) -> None:
        """Record what the person thinks of an answer; the same again takes it back."""
        answer = self._answer_of(message_id)
        if answer is None or not answer.rateable or answer.shown is None:
            return
        shown = answer.shown.index
        said = None if answer.view.feedback.thumb_on(shown) is thumb else thumb
        self._record_feedback(answer, self._journal.set_thumb(answer.deliberation_id, shown, said))

    def prefer_in_panel(self, index: int) -> None:
        """Prefer a candidate of the panel's deliberation; the same again takes it back."""
        answer = self._panel
        if answer is None or answer.running or not answer.view.can_prefer(index):
            return
        preferred = None if answer.view.feedback.preferred == index else index
        self._record_feedback(answer, self._journal.prefer(answer.deliberation_id, preferred))

    def _record_feedback(self, answer: Answer, recorded: Future[Feedback]) -> None:
        """Show what was said once it is on disk."""

        def show(feedback: Feedback) -> None:
            answer.view.feedback = feedback
            answer.view.revision += 1
            shown = self._visible
            if shown is not None and shown.shows(answer):
                self.turn_updated.emit(shown.turn(answer.message_id))
            if self._panel is answer:
                self.feedback_changed.emit()

        self._deliveries.deliver(recorded, show)

    # --- inside ---------------------------------------------------------------------------------

    @property
    def _visible(self) -> OpenConversation | None:
        return self._open.get(self._visible_id or "")

    def _answer_of(self, message_id: str) -> Answer | None:
        shown = self._visible
        return shown.answers.get(message_id) if shown is not None else None

    def _on_model_changed(self) -> None:
        if self._models.report != self._report:
            self._report = self._models.report
            self._tell_models()

    def _tell_models(self) -> None:
        """Say anew what answers in sight say of models: one is loaded, or called otherwise."""
        shown = self._visible
        for message in shown.conversation.branch() if shown is not None else ():
            answer = self._answer_of(message.message_id)
            if shown is not None and answer is not None and not answer.running:
                self.turn_updated.emit(shown.turn(message.message_id))

    def _show(self, conversation_id: str | None, message_id: str | None = None) -> None:
        self._visible_id = conversation_id
        self._forget_unseen()
        shown = self._visible
        if shown is not None and message_id is not None:
            self._bring_into_branch(shown, message_id)
        self.conversation_shown.emit(conversation_id or "")
        self.turns_reset.emit(shown.turns() if shown is not None else [])
        if message_id is not None:
            self.turn_wanted.emit(message_id)
        self._show_last_in_panel(shown)

    def _bring_into_branch(self, shown: OpenConversation, message_id: str) -> None:
        leaf_id = shown.conversation.show_branch_of(message_id)
        if leaf_id is not None:
            self._keep_leaf(shown, leaf_id)

    def _show_leaf(self, shown: OpenConversation, leaf_id: str, message_id: str) -> None:
        """Show another branch, the version at a message's place in view."""
        self._keep_leaf(shown, leaf_id)
        self.turns_reset.emit(shown.turns())
        branch = {message.message_id for message in shown.conversation.branch()}
        parent_id = shown.conversation.messages[message_id].parent_id
        for sibling in shown.conversation.siblings(message_id):
            if sibling.message_id in branch and sibling.parent_id == parent_id:
                self.turn_wanted.emit(sibling.message_id)
        self._show_last_in_panel(shown)

    def _keep_leaf(self, shown: OpenConversation, leaf_id: str) -> None:
        self._write(
            self._journal.set_leaf(shown.conversation.conversation_id, leaf_id),
            self.conversations_changed.emit,
        )

    def _show_last_in_panel(self, shown: OpenConversation | None) -> None:
        message_id = self.last_answer_id
        answers = shown.answers if shown is not None else {}
        self._show_in_panel(answers.get(message_id or ""))

    def _show_in_panel(self, answer: Answer | None) -> None:
        self._panel = answer
        self.answer_shown.emit(answer)

    def _forget_unseen(self) -> None:
        """Keep in memory what is seen and what is being answered."""
        for conversation_id in list(self._open):
            wanted = conversation_id in {self._visible_id, self._kept_id}
            if not wanted and not self._open[conversation_id].busy:
                del self._open[conversation_id]

    def _keep_text(self, shown: OpenConversation, answer: Answer) -> None:
        shown.conversation.replace_text(answer.message_id, answer.said)
        self._write(self._journal.update_message(answer.message_id, answer.said))

    def _write(self, written: Future[None], then: Callable[[], None] | None = None) -> None:
        self._deliveries.deliver(written, (lambda _done: then()) if then is not None else None)
