"""The chat: what is asked, in which conversation, and whose answer is being thought about.

An explicit state machine between the composer and the transcript on one side and the session and
the journal on the other. An answer belongs to its conversation, not to the visible one. What is
shown is `seen_conversations`. It must not know widgets.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal
from typing_extensions import override

from desktop_app.chat.answer import Answer
from desktop_app.chat.contracts import ConversationRecord, Thinker
from desktop_app.chat.conversation import Conversation, title_from
from desktop_app.chat.going_on import Cut
from desktop_app.chat.open_conversation import AnswerEnd, OpenConversation, PendingQuestion
from desktop_app.chat.phase import ChatPhase
from desktop_app.chat.question_queue import Applied, QuestionQueue
from desktop_app.chat.seen_conversations import SeenConversations
from desktop_app.chat.turn import Evidence
from desktop_app.deliveries import Deliveries
from desktop_app.library.model_control import ModelControl, ModelPhase
from desktop_app.spending import Spending, doubled
from engine.budget import Budget
from engine.candidate import Beginning
from engine.generation import Message
from engine.journal.records import MessageRecord, new_id, now
from engine.protocol import DeliberationStarted, Progressed
from engine.session import SessionEvent
from engine.strategies.auto import Auto
from engine.verdict import StoppedWhy


@dataclass(frozen=True, slots=True)
class Deleted:
    """Conversations that were deleted.

    Attributes:
        ids: Which.
        shown_id: The one of them that was shown, or None.
    """

    ids: tuple[str, ...]
    shown_id: str | None


class ChatController(SeenConversations):
    """Runs conversations, one deliberation at a time.

    Attributes:
        response_appended: (message_id, thought, response) streamed into the visible conversation.
        so_far_changed: (message_id, `Evidence`) How an answer of the visible conversation stands.
        deliberation_event: An event of the `Answer` that the panel shows.
        phase_changed: `phase` is another one.
        conversations_deleted: (their ids) They will not be answered in any more.
        cost_changed: There is a new measurement of the price of thinking.
        question_taken_back: A question that was never sent, to be written otherwise.
        answer_ended: (`AnswerEnd`) An answer of any conversation has ended.
    """

    response_appended = Signal(str, str, str)
    so_far_changed = Signal(str, object)
    deliberation_event = Signal(object)
    phase_changed = Signal()
    conversations_deleted = Signal(object)
    cost_changed = Signal()
    question_taken_back = Signal(str)
    answer_ended = Signal(object)

    def __init__(
        self,
        thinker: Thinker,
        journal: ConversationRecord,
        deliveries: Deliveries,
        models: ModelControl,
        spending: Callable[[], Spending],
        instructions: Callable[[], str],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(journal, deliveries, models, spending, parent)
        self._instructions = instructions
        self._questions = QuestionQueue(
            thinker,
            deliveries,
            self._is_ready,
            self._context_of,
            self._beginning_of,
            self._update_phase,
            self._show_sent,
        )
        self._accepting = True
        self._phase = ChatPhase.NO_MODEL
        self._so_far: Evidence | None = None
        """How the answer stands that is thought about, as it was told last."""
        models.state_changed.connect(self._questions.send_next)
        self._update_phase()

    # --- what is under way ----------------------------------------------------------------------

    @property
    def phase(self) -> ChatPhase:
        """What the visible conversation can do now."""
        return self._phase

    @property
    def thinking_elsewhere(self) -> bool:
        """Whether another conversation than the visible one is being thought about."""
        running = self._questions.running
        return running is not None and running.conversation_id != self._visible_id

    @property
    def under_way(self) -> tuple[str, frozenset[str]]:
        """The conversation that is thought about, or "", and those whose questions wait."""
        running = self._questions.running
        return running.conversation_id if running else "", self._questions.waiting_in

    @property
    def questions_waiting(self) -> int:
        """How many questions wait to be thought about, in all conversations."""
        return self._questions.waiting

    @property
    def busy(self) -> bool:
        """Whether anything is thought about or waits to be."""
        return self._questions.busy

    # --- asking ---------------------------------------------------------------------------------

    def ask(self, text: str) -> None:
        """Ask a question at the end of the visible conversation."""
        text = text.strip()
        if not text or not self._accepting:
            return
        shown = self._visible or self._create(text)
        self._ask_below(shown, shown.conversation.leaf_id, text)

    def ask_anew(self, message_id: str) -> None:
        """Ask an answer's question, with its files, in a new conversation."""
        shown = self._visible
        if shown is None or not self._accepting:
            return
        messages = shown.conversation.messages
        question = messages.get(messages[message_id].parent_id or "")
        if question is not None:
            created = self._create(question.content, shown.conversation.instructions)
            self._ask_below(created, created.conversation.leaf_id, question.content)

    def edit_and_resend(self, question_id: str, text: str) -> None:
        """Ask a changed question as a new version beside the old one, whose thinking ends."""
        shown = self._visible
        if shown is None or not text.strip() or not self._accepting:
            return
        parent_id = shown.conversation.messages[question_id].parent_id
        self._go_back_to(shown, parent_id)
        self._ask_below(shown, parent_id, text.strip())

    def regenerate(self, message_id: str) -> None:
        """Answer the same question again, as a new version, once it is answered."""
        if self._visible_id is not None:
            self.answer_again(self._visible_id, message_id)

    def answer_again(self, conversation_id: str, message_id: str, *, aside: bool = False) -> None:
        """The same in a conversation that need not be seen, but must be in memory.

        Args:
            conversation_id: The conversation.
            message_id: The answer whose question it is.
            aside: Whether what was asked further on meanwhile stays in sight and is answered too.
        """
        shown = self._open.get(conversation_id)
        answer = shown.answers.get(message_id) if shown is not None else None
        running = answer is not None and answer.running
        if shown is None or running or not self._accepting:
            return
        question_id = shown.conversation.messages[message_id].parent_id
        if question_id is None:
            return
        leaf_id = shown.conversation.leaf_id
        asked = self._questions.runs_in(conversation_id) or self._questions.waits_in(
            conversation_id
        )
        stays = aside and asked
        if not stays:
            self._go_back_to(shown, question_id)
        self._answer(shown, question_id)
        if stays:
            shown.conversation.leaf_id = leaf_id
            if shown is self._visible:
                self.turns_reset.emit(shown.turns())

    def go_on(self, message_id: str) -> None:
        """Go on with an answer where it was cut, as a new version that begins with its text."""
        shown, answer = self._visible, self._answer_of(message_id)
        if shown is None or answer is None or not self._accepting:
            return
        question_id = shown.conversation.messages[message_id].parent_id
        cut = answer.cut
        if question_id is not None and cut is not None and self._turn_models.can_go_on(answer):
            self._go_back_to(shown, question_id)
            self._answer(shown, question_id, cut)

    def think_longer(self, message_id: str) -> None:
        """Top an answer up with as many attempts again, keeping what exists.

        What ended early is not ended early again, and `auto` does not look again.
        """
        answer = self._answer_of(message_id)
        if answer is None or answer.running:
            return
        strategy, verdict = answer.view.strategy, answer.view.verdict
        settled = verdict is not None and verdict.stopped is StoppedWhy.SETTLED
        budget = doubled(answer.view.budget, strategy, sum(c.counts for c in answer.finished))
        self._think_again(answer, budget, stop_early=not settled and strategy != Auto.name)

    def retry(self, message_id: str) -> None:
        """Go on with an answer that failed or was interrupted, keeping finished candidates."""
        answer = self._answer_of(message_id)
        if answer is not None and not answer.running:
            early = self._spending().stop_early or answer.view.strategy == Auto.name
            self._think_again(answer, answer.view.budget, stop_early=early)

    # --- live control ---------------------------------------------------------------------------

    def change_budget(self, attempts: int) -> None:
        """Give the visible conversation's running or waiting question another budget."""
        self._questions.give_budget(self._visible_id, attempts)

    def answer_now(self) -> None:
        """Reach the visible conversation's verdict from what exists."""
        if self._questions.runs_in(self._visible_id):
            self._questions.answer_now()

    def stop(self) -> None:
        """End the visible conversation's deliberation and take its waiting questions back."""
        if self._visible_id is not None:
            for question in self._withdraw(self._visible_id):
                self._tell_taken_back(question)
        if self._questions.runs_in(self._visible_id):
            self._questions.cancel()

    def stop_everything(self) -> None:
        """Accept no more, withdraw what waits and cancel what runs: the first stage of quitting."""
        self._accepting = False
        self._questions.withdraw_all()
        self._questions.cancel()

    def when_idle(self, action: Callable[[], None]) -> None:
        """Stop what is being thought about, then act: a model is about to be replaced."""
        self._questions.when_idle(action)

    # --- conversations --------------------------------------------------------------------------

    @property
    def instructions(self) -> str | None:
        """What a model is told before the visible conversation; None where none is visible."""
        shown = self._visible
        return None if shown is None else shown.conversation.instructions

    def set_instructions(self, text: str) -> None:
        """Tell the model something else before the visible conversation from now on."""
        shown = self._visible
        if shown is not None and text.strip() != shown.conversation.instructions:
            root = shown.conversation.set_instructions(text.strip())
            self._write(self._journal.set_instructions(root))

    def rename_conversation(self, conversation_id: str, title: str) -> None:
        """Change a title."""
        title = " ".join(title.split())
        if title:
            self._write(
                self._journal.rename_conversation(conversation_id, title),
                self.conversations_changed.emit,
            )

    def delete_conversations(self, ids: Sequence[str]) -> Deleted:
        """Delete conversations; until Ponder ends, `restore_conversations` undoes it."""
        shown_id = next((each for each in ids if each == self._visible_id), None)
        for conversation_id in ids:
            if self._questions.runs_in(conversation_id):
                self._questions.cancel()
            self._withdraw(conversation_id)
        if self._wanted_id in ids:  # it may still be read
            self._wanted_id = self._visible_id
        if shown_id is not None:
            self.new_conversation()
        self._write(self._journal.delete_conversations(ids), self.conversations_changed.emit)
        self.conversations_deleted.emit(tuple(ids))
        return Deleted(tuple(ids), shown_id)

    def restore_conversations(self, deleted: Deleted) -> None:
        """Undo a deletion; the one that was shown is shown again, and one that was alone."""

        def restored() -> None:
            self.conversations_changed.emit()
            wanted = deleted.ids[0] if len(deleted.ids) == 1 else deleted.shown_id
            if wanted is not None:
                self.open_conversation(wanted)

        self._write(self._journal.restore_conversations(deleted.ids), restored)

    # --- events ---------------------------------------------------------------------------------

    def on_event(self, event: SessionEvent) -> None:
        """Take one event of the session; those of other deliberations are ignored."""
        applied = self._questions.apply(event)
        if applied is None:
            return
        question = applied.question
        if isinstance(applied.event, DeliberationStarted):
            question.answer.model_path = str(self._models.state.path or "")
        if question.conversation_id == self._visible_id:
            self._draw(applied)
        if self._panel is question.answer:
            self.deliberation_event.emit(event)
        if applied.ended:
            self._keep_text(self._open[question.conversation_id], question.answer)
            self.conversations_changed.emit()
            self.cost_changed.emit()
            self._tell_end(question)
            self._questions.finish()
            self._forget_unseen()

    def _tell_end(self, question: PendingQuestion) -> None:
        seconds = time.monotonic() - question.asked_at
        self.answer_ended.emit(AnswerEnd(question.conversation_id, question.answer, seconds))

    def _show_sent(self, question: PendingQuestion) -> None:
        """Say in the visible conversation that the engine was given a question."""
        shown = self._open[question.conversation_id]
        if shown is self._visible and shown.shows(question.answer):
            self.turn_updated.emit(shown.turn(question.answer.message_id))

    def _draw(self, applied: Applied) -> None:
        answer, event = applied.question.answer, applied.event
        shown = self._open[applied.question.conversation_id]
        if not shown.conversation.is_shown(answer.message_id):
            return
        if applied.redrawn:
            self.turn_updated.emit(shown.turn(answer.message_id))
            return
        if isinstance(event, Progressed):
            for delta in event.deltas:
                if delta.index == answer.streamed:
                    self.response_appended.emit(answer.message_id, delta.thought, delta.response)
        so_far = answer.so_far
        if so_far != self._so_far:
            self._so_far = so_far
            self.so_far_changed.emit(answer.message_id, so_far)

    # --- inside ---------------------------------------------------------------------------------

    def _create(self, question: str, instructions: str | None = None) -> OpenConversation:
        """Begin a conversation with a question, under the person's instructions or these."""
        conversation = Conversation(new_id())
        shown = OpenConversation(conversation, models=self._turn_models)
        self._open[conversation.conversation_id] = shown
        self._write(
            self._journal.create_conversation(conversation.conversation_id, title_from(question))
        )
        told = self._instructions() if instructions is None else instructions
        if text := told.strip():
            self._write(self._journal.set_instructions(conversation.set_instructions(text)))
        before = self._visible_id
        self._visible_id = self._wanted_id = conversation.conversation_id
        self.conversation_shown.emit(conversation.conversation_id)
        if before is not None:
            self.turns_reset.emit([])
        return shown

    def _ask_below(self, shown: OpenConversation, parent_id: str | None, text: str) -> None:
        conversation = shown.conversation
        question = MessageRecord(
            new_id(), conversation.conversation_id, parent_id, "user", text, now()
        )
        conversation.add(question)
        self._write(self._journal.add_message(question))
        self.turn_appended.emit(shown.turn(question.message_id))
        self._answer(shown, question.message_id)

    def _answer(self, shown: OpenConversation, question_id: str, begun: Cut | None = None) -> None:
        spending = self._spending()
        if begun is not None:
            spending = begun.spending(spending)
        conversation = shown.conversation
        message = MessageRecord(
            new_id(), conversation.conversation_id, question_id, "assistant", "", now(), new_id()
        )
        conversation.add(message)
        answer = Answer.asked(message.deliberation_id or "", message.message_id, spending, begun)
        shown.answers[message.message_id] = answer
        recorded = self._journal.add_message(message)
        self._write(recorded, self.conversations_changed.emit)
        if shown is self._visible:
            self.turn_appended.emit(shown.turn(message.message_id))
            self._show_in_panel(answer)
        self._questions.add(
            PendingQuestion(conversation.conversation_id, question_id, answer, spending, recorded)
        )

    def _think_again(self, answer: Answer, budget: Budget, *, stop_early: bool) -> None:
        shown = self._visible
        question_id = shown.conversation.messages[answer.message_id].parent_id if shown else None
        if shown is None or question_id is None or not self._accepting:
            return
        recorded: Future[None] = Future()
        recorded.set_result(None)
        earlier = answer.finished
        answer.begin_again(budget)
        now_set = self._spending()
        spending = Spending(
            answer.view.strategy, budget, now_set.sampling, stop_early, now_set.options
        )
        self.turn_updated.emit(shown.turn(answer.message_id))
        self._show_in_panel(answer)
        self._questions.add(
            PendingQuestion(
                shown.conversation.conversation_id,
                question_id,
                answer,
                spending,
                recorded,
                earlier,
            )
        )

    def _is_ready(self) -> bool:
        return self._models.state.takes_questions

    def _context_of(self, question: PendingQuestion) -> tuple[Message, ...]:
        """What the model is told; the conversation is now one of this model."""
        report = self._models.report
        asked = self._open[question.conversation_id]
        if report is not None:
            asked.model_path = report.path
            self._write(self._journal.set_model(question.conversation_id, report.path))
        return asked.conversation.context_for(question.question_id)

    def _beginning_of(self, question: PendingQuestion) -> Beginning | None:
        """What the loaded model goes on from, as it writes such text."""
        report, cut = self._models.report, question.answer.goes_on_from
        return cut.beginning(report) if cut is not None and report is not None else None

    def _go_back_to(self, shown: OpenConversation, message_id: str | None) -> None:
        """Show a branch up to a message; what is thought about further down it is not wanted."""
        shown.conversation.leaf_id = message_id

        def hidden(question: PendingQuestion) -> bool:
            return not shown.shows(question.answer)

        self._withdraw(shown.conversation.conversation_id, hidden)
        running = self._questions.running
        conversation_id = shown.conversation.conversation_id
        if running is not None and self._questions.runs_in(conversation_id) and hidden(running):
            self._questions.cancel()
        if shown is self._visible:
            self.turns_reset.emit(shown.turns())

    def _withdraw(
        self, conversation_id: str, which: Callable[[PendingQuestion], bool] = lambda _: True
    ) -> Sequence[PendingQuestion]:
        """Take back questions of a conversation that were not sent yet."""
        withdrawn = self._questions.withdraw(conversation_id, which)
        for question in withdrawn:
            answer = question.answer
            self._write(self._journal.update_message(answer.message_id, answer.said))
            if conversation_id == self._visible_id:
                self.turn_updated.emit(self._open[conversation_id].turn(answer.message_id))
            if self._panel is answer:
                self.answer_shown.emit(answer)
        return withdrawn

    def _tell_taken_back(self, question: PendingQuestion) -> None:
        """Give a question back that was never answered, to be written otherwise."""
        conversation = self._open[question.conversation_id].conversation
        if not question.earlier and len(conversation.siblings(question.answer.message_id)) == 1:
            self.question_taken_back.emit(conversation.messages[question.question_id].content)

    @override
    def _show(self, conversation_id: str | None, message_id: str | None = None) -> None:
        super()._show(conversation_id, message_id)
        self._update_phase()

    def _update_phase(self) -> None:
        self._phase = self._current_phase()
        self.phase_changed.emit()

    def _current_phase(self) -> ChatPhase:
        if self._questions.runs_in(self._visible_id):
            return ChatPhase.ENDING if self._questions.ending else ChatPhase.THINKING
        if self._questions.waits_in(self._visible_id):
            return ChatPhase.QUEUED
        match self._models.state.phase:
            case ModelPhase.READY:
                return ChatPhase.READY
            case ModelPhase.LOADING:
                return ChatPhase.LOADING
        return ChatPhase.NO_MODEL
