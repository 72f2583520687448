"""The window at work: session, journal, controllers and widgets joined by signals.

It exists so that the widgets do not know each other and the controllers do not know widgets.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog

from desktop_app.chat.answer import Answer
from desktop_app.chat.controller import ChatController
from desktop_app.chat.conversation_list import PAGE_SIZE
from desktop_app.chat.spending import spending_from
from desktop_app.chat.turn import TurnView
from desktop_app.engine_bridge import Deliveries, EngineBridge
from desktop_app.error_text import error_text
from desktop_app.folders import Folders
from desktop_app.library.model_control import ModelControl, ModelPhase
from desktop_app.main_window import CentrePage, MainWindow
from desktop_app.message_bar import BarMessage, MessageKind
from desktop_app.power_feed import PowerFeed
from desktop_app.settings import Appearance, Settings, StrategyName
from desktop_app.settings_dialog import SettingsDialog
from desktop_app.shortcuts import Command
from desktop_app.theme import ZOOM_STEPS, set_theme_choice, set_zoom, zoom
from desktop_app.translation import translated
from engine.errors import EngineError
from engine.generation import LoadOptions, Notice
from engine.journal.errors import JournalError
from engine.journal.records import ConversationSummary
from engine.protocol import CommandRefused, Noticed
from engine.session import JournalTrouble, PowerSampled, Session, SessionEvent
from models.builtin import SAMPLE_QUESTIONS, builtin_model_path

if TYPE_CHECKING:  # keeps SQLite out of the window's start
    from engine.journal.cost import CostModel
    from engine.journal.journal import Journal

_log = logging.getLogger("desktop_app.window")
_DEMONSTRATION_FAMILY = "number-stories"
_SAMPLES_SHOWN = 4


@dataclass(frozen=True, slots=True)
class Engine:
    """What was opened off the window's thread.

    Attributes:
        session: The engine.
        journal: The record.
        trouble: Why the journal is only a temporary one, or None.
    """

    session: Session
    journal: Journal
    trouble: JournalError | None = None


class WindowSession(QObject):
    """Joins a window with an engine.

    Args:
        window: The window, shown already.
        engine: What it works with.
        settings: What to start from.
        folders: Where Ponder keeps things.
        on_bug: Gets exceptions nobody expected.

    Attributes:
        idle: Nothing is thought about any more.
    """

    idle = Signal()

    def __init__(
        self,
        window: MainWindow,
        engine: Engine,
        settings: Settings,
        folders: Folders,
        on_bug: Callable[[BaseException], None],
    ) -> None:
        super().__init__(window)
        self._window = window
        self._session = engine.session
        self._journal = engine.journal
        self._settings = settings
        self._folders = folders
        self._on_bug = on_bug
        self._context_used: int | None = None
        self._empty_transcript = True
        self.deliveries = Deliveries(self._on_future_error, self)
        self.models = ModelControl(
            engine.session, engine.journal, self.deliveries, self._load_options, self
        )
        self.chat = ChatController(
            engine.session,
            engine.journal,
            self.deliveries,
            self.models,
            lambda: spending_from(self._settings),
            self,
        )
        self._power = PowerFeed(engine.session, window.panel, window.top_bar)
        self.bridge = EngineBridge(engine.session, self)
        self.bridge.event_arrived.connect(self._on_event)
        self._join_chat()
        self._join_models()
        self._join_window()
        builtin = builtin_model_path()
        window.picker.set_builtin(builtin if builtin.exists() else None)
        window.first_run.set_builtin_available(builtin.exists())
        window.composer.set_thinking(settings.thinking)
        self._on_model_changed()
        if engine.trouble is not None:
            self.tell_error(engine.trouble.code, engine.trouble.detail)

    @property
    def session(self) -> Session:
        """The engine."""
        return self._session

    @property
    def journal(self) -> Journal:
        """The record."""
        return self._journal

    @property
    def settings(self) -> Settings:
        """The settings as they are now."""
        return self._settings

    def start(self, model_path: Path | None) -> None:
        """Show the conversations and load the model of last time, or the one that was named."""
        self.deliveries.deliver(self._journal.interrupt_running())
        self._window.conversations.refresh()
        last_id = self._settings.window.conversation_id
        if last_id is not None:
            self._open_as_left(last_id)
        self._power.show_answer(None)
        self.models.refresh_recent(lambda: self._load_first(model_path))

    def open_file(self, path: Path) -> None:
        """Load a model file, ending what is being thought about first."""
        self._settings = msgspec.structs.replace(
            self._settings,
            model=msgspec.structs.replace(self._settings.model, path=str(path.absolute())),
        )
        self.chat.when_idle(lambda: self.models.load(path.absolute()))
        self._show_page()

    def tell_error(self, code: str, detail: str = "") -> None:
        """Show an expected error in the message bar."""
        text = translated(error_text(code))
        _log.info("told: %s", code)
        self._window.message_bar.show_message(
            BarMessage(
                MessageKind.ERROR, text.title, f"{text.cause} {text.next_step}", detail=detail
            )
        )

    def close(self) -> None:
        """Listen to nothing any more. Idempotent."""
        self._power.close()
        self.bridge.close()
        self.deliveries.close()

    # --- joining --------------------------------------------------------------------------------

    def _join_chat(self) -> None:
        chat, window = self.chat, self._window
        transcript, composer, panel = window.transcript, window.composer, window.panel
        chat.turns_reset.connect(self._on_turns_reset)
        chat.turn_appended.connect(self._on_turn_appended)
        chat.turn_updated.connect(transcript.update_turn)
        chat.response_appended.connect(transcript.append_response)
        chat.turn_wanted.connect(transcript.scroll_to)
        chat.answer_shown.connect(self._on_answer_shown)
        chat.deliberation_event.connect(lambda _event: panel.refresh())
        chat.phase_changed.connect(self._on_phase_changed)
        chat.conversation_shown.connect(self._on_conversation_shown)
        chat.conversations_changed.connect(window.conversations.refresh)
        chat.cost_changed.connect(self._refresh_cost)
        chat.conversation_deleted.connect(self._on_deleted)
        composer.ask_requested.connect(chat.ask)
        composer.answer_now_requested.connect(chat.answer_now)
        composer.stop_requested.connect(chat.stop)
        composer.attempts_committed.connect(self._on_attempts)
        composer.strategy_chosen.connect(self._on_strategy)
        transcript.regenerate_requested.connect(chat.regenerate)
        transcript.think_longer_requested.connect(chat.think_longer)
        transcript.edit_requested.connect(chat.edit_and_resend)
        transcript.version_requested.connect(chat.show_version)
        transcript.promote_requested.connect(chat.promote)
        transcript.retry_requested.connect(chat.retry)
        transcript.deliberation_requested.connect(self._on_deliberation_wanted)
        transcript.copy_requested.connect(lambda _id: self._tell_done(self.tr("Copied")))
        panel.promote_requested.connect(chat.promote_in_panel)
        conversations = window.conversations
        conversations.new_requested.connect(self._on_new)
        conversations.open_requested.connect(
            lambda id_, leaf: chat.open_conversation(id_, leaf or None)
        )
        conversations.rename_requested.connect(chat.rename_conversation)
        conversations.delete_requested.connect(chat.delete_conversation)
        conversations.export_requested.connect(self._on_export)
        conversations.page_requested.connect(self._read_page)

    def _join_models(self) -> None:
        models, window = self.models, self._window
        models.state_changed.connect(self._on_model_changed)
        models.recent_changed.connect(lambda: window.picker.set_recent(models.recent))
        models.load_failed.connect(self.tell_error)
        models.noticed.connect(self._tell_notice)
        models.worker_died.connect(self._on_worker_died)
        picker = window.picker
        picker.chosen.connect(lambda path: self.open_file(Path(path)))
        picker.file_wanted.connect(self._choose_file)
        picker.cancel_requested.connect(models.cancel)
        picker.eject_requested.connect(lambda: self.chat.when_idle(models.eject))
        window.top_bar.model_requested.connect(window.open_picker)
        window.first_run.builtin_chosen.connect(lambda: self.open_file(builtin_model_path()))
        window.first_run.file_chosen.connect(self._choose_file)
        window.empty.full_model_wanted.connect(self._choose_file)
        window.empty.question_chosen.connect(self._on_sample_chosen)
        window.file_dropped.connect(lambda path: self.open_file(Path(path)))

    def _join_window(self) -> None:
        self._window.commanded.connect(self.on_command)

    # --- events ---------------------------------------------------------------------------------

    def _on_event(self, event: SessionEvent) -> None:
        match event:
            case PowerSampled():
                self._power.on_sample(event.sample)
                return
            case JournalTrouble():
                self.tell_error(event.code, event.detail)
                return
            case CommandRefused():
                _log.info("refused: %s", event.command)
                return
            case Noticed(deliberation_id=None):
                self._tell_notice(event.notice)
                return
        self.models.on_event(event)
        self.chat.on_event(event)
        if not self.chat.busy:
            self.idle.emit()

    def _on_future_error(self, error: BaseException) -> None:
        if isinstance(error, JournalError | EngineError):
            self.tell_error(error.code, error.detail)
        else:
            self._on_bug(error)

    def _on_worker_died(self, stderr_tail: str) -> None:
        text = translated(error_text("worker-died"))
        _log.info("worker died: %s", stderr_tail.splitlines()[-1:] or "no output")
        self._window.message_bar.show_message(
            BarMessage(
                MessageKind.ERROR,
                text.title,
                f"{text.cause} {text.next_step}",
                detail=stderr_tail,
            )
        )

    # --- the conversation -----------------------------------------------------------------------

    def _on_turns_reset(self, turns: list[TurnView]) -> None:
        self._empty_transcript = not turns
        self._show_page()  # first, so that turns are laid out at the width they are seen at
        self._window.transcript.set_turns(turns)

    def _on_turn_appended(self, turn: TurnView) -> None:
        self._empty_transcript = False
        self._show_page()
        self._window.transcript.append_turn(turn)

    def _on_answer_shown(self, answer: Answer | None) -> None:
        self._window.panel.show_view(answer.view if answer is not None else None)
        self._power.show_answer(answer)
        self._show_context()

    def _on_phase_changed(self) -> None:
        self._window.composer.set_phase(self.chat.phase, elsewhere=self.chat.thinking_elsewhere)
        self._show_context()

    def _on_conversation_shown(self, conversation_id: str) -> None:
        self._window.conversations.set_shown(conversation_id)
        self._window.composer.show_conversation(conversation_id)

    def _on_deliberation_wanted(self, message_id: str) -> None:
        self._window.top_bar.set_panel_shown(shown=True)
        self.chat.show_deliberation(message_id)

    def _on_sample_chosen(self, question: str) -> None:
        self._window.composer.set_text(question)
        self._window.composer.focus()

    def _on_new(self) -> None:
        self.chat.new_conversation()
        self._window.composer.focus()

    def _on_attempts(self, attempts: int) -> None:
        thinking = msgspec.structs.replace(self._settings.thinking, attempts=attempts)
        self._settings = msgspec.structs.replace(self._settings, thinking=thinking)
        self.chat.change_budget(attempts)

    def _on_strategy(self, strategy: StrategyName) -> None:
        thinking = msgspec.structs.replace(self._settings.thinking, strategy=strategy)
        self._settings = msgspec.structs.replace(self._settings, thinking=thinking)
        self._refresh_cost()

    def _show_page(self) -> None:
        """Choose what the middle shows: turns, or what to do without any."""
        report = self.models.report
        demonstration = report is not None and report.family == _DEMONSTRATION_FAMILY
        self._window.show_demonstration_line(shown=demonstration and not self._empty_transcript)
        if not self._empty_transcript:
            self._window.show_page(CentrePage.TRANSCRIPT)
            return
        never_chosen = self._settings.model.path is None
        if never_chosen and self.models.state.phase is ModelPhase.NO_MODEL:
            if self._window.page is not CentrePage.FIRST_RUN:
                self._window.show_page(CentrePage.FIRST_RUN)
                self._window.focus_first()
            return
        if demonstration:
            self._window.empty.show_demonstration(SAMPLE_QUESTIONS[:_SAMPLES_SHOWN])
        else:
            self._window.empty.show_general()
        self._window.show_page(CentrePage.EMPTY)

    def _show_context(self) -> None:
        report = self.models.report
        self._window.top_bar.show_context(
            self.chat.context_tokens_used(), report.context_tokens if report else None
        )

    def _open_as_left(self, conversation_id: str) -> None:
        """Open a conversation on the branch that was shown, if it still exists."""

        def receive(conversations: list[ConversationSummary]) -> None:
            for summary in conversations:
                if summary.conversation_id == conversation_id:
                    self.chat.open_conversation(conversation_id, summary.leaf_id)

        self.deliveries.deliver(self._journal.conversations("", PAGE_SIZE, 0), receive)

    def _read_page(self, search: str, known: int) -> None:
        self.deliveries.deliver(
            self._journal.conversations(search, PAGE_SIZE, known),
            lambda page: self._window.conversations.show_page(search, known, page),
        )

    def _on_deleted(self, conversation_id: str, title: str) -> None:
        self._window.message_bar.show_message(
            BarMessage(
                MessageKind.DONE,
                self.tr("Deleted"),
                title,
                self.tr("Undo"),
                lambda: self.chat.restore_conversation(conversation_id),
            )
        )

    def _on_export(self, conversation_id: str, leaf_id: str, title: str, form: str) -> None:
        suffix = "md" if form == "markdown" else "json"
        name = "".join(c if c.isalnum() or c in " -_" else "_" for c in title).strip() or "chat"
        dialog = QFileDialog(self._window, self.tr("Export conversation"))
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix(suffix)
        dialog.selectFile(f"{name}.{suffix}")
        dialog.fileSelected.connect(
            lambda path: self.export(conversation_id, leaf_id or None, form, Path(path))
        )
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def export(self, conversation_id: str, leaf_id: str | None, form: str, path: Path) -> None:
        """Write a conversation to a file."""
        future = (
            self._journal.export_markdown(conversation_id, leaf_id)
            if form == "markdown"
            else self._journal.export_json(conversation_id)
        )

        def write(text: str) -> None:
            try:
                path.write_text(text, encoding="utf-8")
            except OSError as error:
                self.tell_error("export-failed", str(error))
            else:
                self._tell_done(self.tr("Exported"), str(path))

        self.deliveries.deliver(future, write)

    # --- the model ------------------------------------------------------------------------------

    def _load_options(self) -> LoadOptions:
        return self._settings.engine

    def _load_first(self, named: Path | None) -> None:
        """Load the model of last time, unless it ended the engine then."""
        if named is not None:
            self.open_file(named)
            return
        choice = self._settings.model
        if choice.path is None or self.models.state.phase is not ModelPhase.NO_MODEL:
            return  # nothing was chosen yet, or another model was chosen meanwhile
        path = Path(choice.path)
        if self.models.crashed_last_time(path):
            self.tell_error("crashed-last-time", str(path))
        elif path.exists():
            self.models.load(path)
        else:
            self.tell_error("model-gone", str(path))

    def _on_model_changed(self) -> None:
        state = self.models.state
        self._window.top_bar.show_model(state)
        self._window.picker.show_state(state)
        if state.phase is not ModelPhase.LOADING:
            self._show_page()
            self._show_context()
            self._refresh_cost()

    def _refresh_cost(self) -> None:
        report = self.models.report
        if report is None:
            self._window.composer.set_cost(None)
            return
        strategy = self._settings.thinking.strategy

        def receive(cost: CostModel) -> None:
            if strategy == self._settings.thinking.strategy:
                self._window.composer.set_cost(cost)

        self.deliveries.deliver(self._journal.cost(report.path, strategy), receive)

    def _choose_file(self) -> None:
        dialog = QFileDialog(self._window, self.tr("Choose a model file"))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.setNameFilters([self.tr("GGUF models (*.gguf)"), self.tr("All files (*)")])
        dialog.fileSelected.connect(lambda path: self.open_file(Path(path)))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _tell_notice(self, notice: Notice) -> None:
        text = translated(error_text(notice.code))
        self._window.message_bar.show_message(
            BarMessage(
                MessageKind.NOTICE,
                text.title,
                f"{text.cause} {text.next_step}",
                detail=notice.detail,
            )
        )

    def _tell_done(self, title: str, text: str = "") -> None:
        self._window.message_bar.show_message(BarMessage(MessageKind.DONE, title, text))

    # --- commands -------------------------------------------------------------------------------

    def on_command(self, command: Command) -> None:
        """Do what the keyboard or a button asks for."""
        chat, window = self.chat, self._window
        acts: dict[Command, Callable[[], None]] = {
            Command.NEW_CONVERSATION: self._on_new,
            Command.NEXT_CONVERSATION: lambda: window.conversations.step(1),
            Command.PREVIOUS_CONVERSATION: lambda: window.conversations.step(-1),
            Command.STOP: chat.stop,
            Command.ANSWER_NOW: chat.answer_now,
            Command.REGENERATE: self._regenerate_last,
            Command.COPY_ANSWER: self._copy_last,
            Command.SETTINGS: self._open_settings,
            Command.ZOOM_IN: lambda: self._zoom(command),
            Command.ZOOM_OUT: lambda: self._zoom(command),
            Command.ZOOM_RESET: lambda: self._zoom(command),
        }
        if command in acts:
            acts[command]()

    def _regenerate_last(self) -> None:
        message_id = self.chat.last_answer_id
        if message_id is not None:
            self.chat.regenerate(message_id)

    def _copy_last(self) -> None:
        if self.chat.last_answer_text:
            QGuiApplication.clipboard().setText(self.chat.last_answer_text)
            self._tell_done(self.tr("Copied"))

    def _zoom(self, command: Command) -> None:
        now = zoom()
        if command is Command.ZOOM_RESET:
            wanted = 1.0
        elif command is Command.ZOOM_IN:
            wanted = next((step for step in ZOOM_STEPS if step > now + 0.01), ZOOM_STEPS[-1])
        else:
            smaller = [step for step in ZOOM_STEPS if step < now - 0.01]
            wanted = smaller[-1] if smaller else ZOOM_STEPS[0]
        set_zoom(wanted)
        appearance = msgspec.structs.replace(self._settings.appearance, zoom=wanted)
        self._settings = msgspec.structs.replace(self._settings, appearance=appearance)

    def _open_settings(self) -> None:
        dialog = SettingsDialog(
            self._settings,
            self._folders,
            self._window,
            model_loaded=self.models.state.phase is ModelPhase.READY,
        )
        dialog.accepted.connect(lambda: self.apply_settings(dialog.changed_settings()))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def apply_settings(self, settings: Settings) -> None:
        """Use other settings from now on; other engine options reload the model."""
        before, self._settings = self._settings, settings
        self._apply_appearance(before.appearance, settings.appearance)
        self._window.composer.set_thinking(settings.thinking)
        loaded = self.models.state.phase is ModelPhase.READY
        if loaded and settings.engine != before.engine:
            self.chat.when_idle(self.models.reload)

    def _apply_appearance(self, before: Appearance, now: Appearance) -> None:
        if now.theme != before.theme:
            set_theme_choice(now.theme)
        if now.zoom != before.zoom:
            set_zoom(now.zoom)
        self._window.composer.set_send_key(now.send_key)
