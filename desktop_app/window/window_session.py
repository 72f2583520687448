"""The window at work: session, journal, controllers and widgets joined by signals.

It exists so that the widgets do not know each other and the controllers do not know widgets.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog

from desktop_app.chat.answer import Answer
from desktop_app.chat.controller import ChatController
from desktop_app.chat.conversation_feed import ConversationFeed
from desktop_app.chat.earlier_model import EarlierModel
from desktop_app.chat.open_conversation import AnswerEnd
from desktop_app.chat.phase import ChatPhase
from desktop_app.chat.spoken_end import spoken_end
from desktop_app.chat.turn import TurnView
from desktop_app.chat.unsent_keeper import UnsentKeeper
from desktop_app.deliveries import Deliveries
from desktop_app.expected_error import ExpectedError
from desktop_app.folders import Folders
from desktop_app.lab.lab_session import LabSession
from desktop_app.library.elsewhere import Elsewhere
from desktop_app.library.library_session import LibrarySession
from desktop_app.library.model_control import ModelControl, ModelPhase
from desktop_app.model_library import open_engines
from desktop_app.presets import PresetShelf
from desktop_app.settings import Settings, StrategyName
from desktop_app.spending import spending_from
from desktop_app.thinking.live import DeliberationView
from desktop_app.window.announcements import Announcements
from desktop_app.window.api_feed import ApiFeed
from desktop_app.window.attach_session import AttachSession
from desktop_app.window.current_settings import CurrentSettings, SettingsPage
from desktop_app.window.engine_bridge import EngineBridge
from desktop_app.window.key_choice import changed_keys, read_keys, shortcut_changes
from desktop_app.window.load_feed import LoadFeed
from desktop_app.window.main_window import CentrePage, MainWindow
from desktop_app.window.power_feed import PowerFeed
from desktop_app.window.preset_session import PresetSession
from desktop_app.window.shortcuts import Command
from desktop_app.window.speaking import speak
from desktop_app.window.versions_session import VersionsSession
from desktop_app.window.window_title import WindowTitle
from desktop_app.words.endpoint_text import runs_elsewhere
from desktop_app.words.own_thinking_text import wishes_of
from engine.errors import EngineError
from engine.generation import LoadOptions, Notice
from engine.journal.errors import JournalError
from engine.own_thinking import OwnThinking
from engine.protocol import CommandRefused, Noticed, WorkerSilent
from engine.session import JournalTrouble, PowerSampled, Session, SessionEvent
from models.builtin import builtin_model_path, builtin_models, sample_questions
from models.errors import ModelsError, ModelTooLargeError

if TYPE_CHECKING:  # keeps SQLite out of the window's start
    import tempfile

    from engine.journal.cost import CostModel
    from engine.journal.journal import Journal

_log = logging.getLogger("desktop_app.window")
_SAMPLES_SHOWN = 4


@dataclass(frozen=True, slots=True)
class Engine:
    """What was opened off the window's thread.

    Attributes:
        session: The engine.
        journal: The record.
        trouble: Why the journal is only a temporary one, or None.
        scratch: The folder of a temporary journal, or None.
    """

    session: Session
    journal: Journal
    trouble: JournalError | None = None
    scratch: tempfile.TemporaryDirectory[str] | None = None

    def close_journal(self) -> None:
        """Close the record; of a temporary one nothing is left behind."""
        self.journal.close()
        if self.scratch is not None:
            self.scratch.cleanup()


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
        self._announce = Announcements(window.message_bar)
        self.current_settings = CurrentSettings(settings, folders, self)
        self.current_settings.kept = engine.journal
        self._on_bug = on_bug
        self._empty_transcript = True
        self._keys_heard = True
        self._left_id: str | None = None
        """The conversation of last time, until one is shown."""
        self.deliveries = Deliveries(self._on_future_error, self)
        self.presets = PresetSession(
            window,
            window.composer.preset_menu,
            PresetShelf(folders.presets),
            self.current_settings,
            self.deliveries,
            self._announce,
        )
        self.library = LibrarySession(
            window,
            engine.session,
            engine.journal,
            self.current_settings,
            folders,
            self.deliveries,
            self.open_file,
        )
        self.attachments = AttachSession(window, self.deliveries, self.tell_error)
        self.elsewhere = Elsewhere(window, open_engines(folders), self.deliveries, self.open_file)
        self.models = ModelControl(
            engine.session,
            engine.journal,
            self.deliveries,
            self._load_options,
            self.library.check,
            self,
        )
        self.library.join(self.models)
        self.lab = LabSession(
            window,
            engine.journal,
            self.library.library,
            self.deliveries,
            self.current_settings,
            lambda: self.models.state.path,
            self.elsewhere.feed,
        )
        self.lab.runner.running_changed.connect(
            lambda running: engine.session.set_busy_elsewhere(busy=running)
        )
        self.chat = ChatController(
            engine.session,
            engine.journal,
            self.deliveries,
            self.models,
            lambda: spending_from(self.settings, str(self.models.state.path or "")),
            lambda: self.settings.chat.instructions,
            self,
        )
        self.chat.call_models(self.library.picked.name_of)
        self.earlier_model = EarlierModel(self.chat, self.models, self.deliveries, self)
        self.versions = VersionsSession(
            window, self.chat, self.models, self.library.picked.name_of, self.lab
        )
        self.conversations = ConversationFeed(
            window.conversations, self.chat, engine.journal, self.deliveries, self._announce
        )
        self.title = WindowTitle(window, self.chat, engine.journal, self.deliveries)
        self.unsent = UnsentKeeper(window.composer, engine.journal, self.deliveries)
        self.api = ApiFeed(engine.session, self.deliveries, window.api_row, self)
        self._power = PowerFeed(engine.session, window.panel, window.top_bar)
        self._load = LoadFeed(window.top_bar)
        self.bridge = EngineBridge(engine.session, self)
        self.bridge.event_arrived.connect(self._on_event)
        self._join_chat()
        self._join_models()
        self._join_window()
        window.picker.set_builtin(
            {name: path for name, path in builtin_models().items() if path.exists()}
        )
        window.first_run.set_builtin_available(builtin_model_path().exists())
        window.composer.set_thinking(settings.thinking)
        self._on_model_changed()
        if engine.trouble is not None:
            self.tell_error(engine.trouble.code, engine.trouble.detail)
            self._announce.tell_notice(Notice("journal-temporary"))

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
        return self.current_settings.value

    def start(self, model_path: Path | None) -> None:
        """Show the conversations and load the model of last time, or the one that was named."""
        self.deliveries.deliver(self._journal.interrupt_running())
        self._window.conversations.refresh()
        self._left_id = self.settings.window.conversation_id
        if self._left_id is not None:
            self.conversations.open_as_left(self._left_id)
        self._power.show_answer(None)
        self.unsent.start()
        self.presets.refresh()
        self.library.start()
        self.elsewhere.start()
        self.models.refresh_recent(lambda: self._load_first(model_path))

    def open_file(self, path: Path) -> None:
        """Load a model file if it is sound, ending what is being thought about first."""
        self.models.load(path.absolute(), self.chat.when_idle)
        self._show_page()

    def tell_error(self, code: str, detail: str = "") -> None:
        """Show an expected error in the message bar."""
        self._announce.tell_error(code, detail)

    def close(self) -> None:
        """Listen to nothing any more. Idempotent."""
        self._keys_heard = False
        self._power.close()
        self._load.close()
        self.unsent.close()
        self.presets.close()
        self.lab.close()
        self.library.close()
        self.elsewhere.close()
        self.api.close()
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
        chat.so_far_changed.connect(transcript.show_so_far)
        chat.turn_wanted.connect(transcript.scroll_to)
        chat.answer_shown.connect(self._on_answer_shown)
        chat.deliberation_event.connect(lambda _event: panel.refresh())
        self.api.view_changed.connect(panel.refresh)
        chat.phase_changed.connect(self._on_phase_changed)
        chat.conversation_shown.connect(self._on_conversation_shown)
        chat.cost_changed.connect(self._refresh_cost)
        chat.answer_ended.connect(self._on_answer_ended)
        composer.ask_requested.connect(chat.ask)
        composer.answer_now_requested.connect(chat.answer_now)
        composer.stop_requested.connect(chat.stop)
        composer.attempts_committed.connect(self._on_attempts)
        composer.strategy_chosen.connect(self._on_strategy)
        composer.time_limit_chosen.connect(self._on_time_limit)
        composer.own_thinking_chosen.connect(self._on_own_thinking)
        composer.options_requested.connect(lambda: self._open_settings(SettingsPage.STRATEGIES))
        transcript.regenerate_requested.connect(chat.regenerate)
        transcript.think_longer_requested.connect(chat.think_longer)
        transcript.edit_requested.connect(chat.edit_and_resend)
        transcript.version_requested.connect(chat.show_version)
        transcript.promote_requested.connect(chat.promote)
        transcript.rate_requested.connect(chat.rate)
        transcript.retry_requested.connect(chat.retry)
        transcript.settings_requested.connect(lambda _message_id: self._open_settings())
        transcript.anew_requested.connect(chat.ask_anew)
        transcript.go_on_requested.connect(chat.go_on)
        transcript.more_tokens_requested.connect(
            lambda _message_id: self._open_settings(SettingsPage.SAMPLING)
        )
        transcript.deliberation_requested.connect(self._on_deliberation_wanted)
        chat.question_taken_back.connect(composer.put_back)
        for over in (  # what was pressed is gone, and the focus with it
            transcript.regenerate_requested,
            transcript.think_longer_requested,
            transcript.go_on_requested,
            transcript.edit_requested,
            transcript.retry_requested,
            transcript.anew_requested,
            composer.answer_now_requested,
            composer.stop_requested,
        ):
            over.connect(lambda *_: composer.focus())
        panel.promote_requested.connect(chat.promote_in_panel)
        panel.prefer_requested.connect(chat.prefer_in_panel)
        chat.feedback_changed.connect(panel.refresh)
        window.conversations.new_requested.connect(self._on_new)

    def _on_worker_died(self, code: str, stderr_tail: str) -> None:
        """Say so, unless the answer in sight is about to say it itself."""
        if self.chat.phase not in {ChatPhase.THINKING, ChatPhase.ENDING}:
            self._announce.tell_worker_died(code, stderr_tail)

    def _join_models(self) -> None:
        models, window = self.models, self._window
        models.state_changed.connect(self._on_model_changed)
        models.load_begun.connect(self._on_load_begun)
        models.load_failed.connect(self._on_load_failed)
        models.noticed.connect(self._announce.tell_notice)
        models.worker_died.connect(self._on_worker_died)
        picker = window.picker
        picker.chosen.connect(lambda path: self.open_file(Path(path)))
        picker.file_wanted.connect(self._choose_file)
        picker.cancel_requested.connect(models.cancel)
        picker.eject_requested.connect(self._on_eject)
        window.top_bar.model_requested.connect(window.open_picker)
        for news in (  # the model, or what it is called
            self.earlier_model.changed,
            models.recent_changed,
            self.library.library.changed,
        ):
            news.connect(self._on_earlier_model)
        for news in (models.recent_changed, self.library.library.changed):
            news.connect(self.chat.refresh_names)
        window.earlier_model.pressed.connect(self._on_earlier_wanted)
        window.first_run.builtin_chosen.connect(lambda: self.open_file(builtin_model_path()))
        window.first_run.file_chosen.connect(self._choose_file)
        window.empty.question_chosen.connect(self._on_sample_chosen)
        window.empty.model_wanted.connect(window.open_picker)
        window.file_dropped.connect(lambda path: self.open_file(Path(path)))

    def _join_window(self) -> None:
        self._window.commanded.connect(self.on_command)
        self.api.refused.connect(self.tell_error)
        self.api.view_wanted.connect(self._on_api_view)
        shortcut_changes().changed.connect(self._on_keys_changed)
        if changed_keys() != read_keys(self.settings.shortcuts).changed:
            self._on_keys_changed()  # before the engine was there
        self.current_settings.applied.connect(self._on_settings_applied)
        self.current_settings.engine_changed.connect(self._on_engine_options_changed)

    # --- events ---------------------------------------------------------------------------------

    def _on_event(self, event: SessionEvent) -> None:
        match event:
            case PowerSampled():
                self._power.on_sample(event.sample)
                return
            case JournalTrouble():
                self.tell_error(event.code, event.detail)
                return
            case WorkerSilent():
                self._announce.tell_silence()
                return
        self._announce.tell_life()
        match event:
            case CommandRefused():
                _log.info("refused: %s", event.command)
                return
            case Noticed(deliberation_id=None):
                self._announce.tell_notice(event.notice)
                return
        self.api.on_event(event)
        self.library.on_event(event)
        self.models.on_event(event)
        self.chat.on_event(event)
        if not self.chat.busy:
            self.idle.emit()

    def _on_future_error(self, error: BaseException) -> None:
        if isinstance(error, JournalError | EngineError | ModelsError | ExpectedError):
            self.tell_error(error.code, error.detail)
        else:
            self._on_bug(error)

    # --- the conversation -----------------------------------------------------------------------

    def _on_turns_reset(self, turns: list[TurnView]) -> None:
        self._empty_transcript = not turns
        self._show_page()  # first, so that turns are laid out at the width they are seen at
        self._window.transcript.set_turns(turns)

    def _on_turn_appended(self, turn: TurnView) -> None:
        self._empty_transcript = False
        self._show_page()
        self._window.transcript.append_turn(turn)

    def _on_answer_ended(self, end: AnswerEnd) -> None:
        """Let a screen reader say it, where it is seen."""
        if self.chat.shows(end.answer):
            speak(self._window.transcript, spoken_end(end.answer))

    def _on_api_view(self, view: DeliberationView) -> None:
        self._window.top_bar.set_panel_shown(shown=True)
        self._window.panel.show_view(view)
        self._window.transcript.mark("")
        self._power.show_answer(None)

    def _on_answer_shown(self, answer: Answer | None) -> None:
        self.api.stop_following()
        self._window.panel.show_view(answer.view if answer is not None else None)
        self._window.transcript.mark(answer.message_id if answer is not None else "")
        self._power.show_answer(answer)
        self._show_context()

    def _on_phase_changed(self) -> None:
        self._window.composer.set_phase(
            self.chat.phase,
            elsewhere=self.chat.thinking_elsewhere,
            no_model=self.models.state.phase is ModelPhase.NO_MODEL,
        )
        self._show_context()

    def _on_conversation_shown(self, conversation_id: str) -> None:
        left_id, self._left_id = self._left_id, None
        if conversation_id == left_id:
            self._window.composer.adopt(conversation_id)  # somebody may be writing already
        else:
            self._window.composer.show_conversation(conversation_id)

    def _on_deliberation_wanted(self, message_id: str) -> None:
        self._window.top_bar.set_panel_shown(shown=True)
        self.chat.show_deliberation(message_id)

    def _on_sample_chosen(self, question: str) -> None:
        self._window.composer.suggest(question)
        self._window.composer.focus()

    def _on_new(self) -> None:
        self.chat.new_conversation()
        self._window.composer.focus()

    def _on_new_folder(self) -> None:
        self._window.top_bar.set_sidebar_shown(shown=True)
        self._window.conversations.new_folder()

    def _on_attempts(self, attempts: int) -> None:
        self.current_settings.choose_attempts(attempts)
        self.chat.change_budget(attempts)

    def _on_time_limit(self, seconds: float | None) -> None:
        self.current_settings.choose_time_limit(seconds)
        self._window.composer.set_thinking(self.settings.thinking)

    def _on_strategy(self, strategy: StrategyName) -> None:
        self.current_settings.choose_strategy(strategy)
        self._refresh_cost()

    def _on_own_thinking(self, wish: OwnThinking) -> None:
        self.current_settings.choose_own_thinking(wish)
        self._window.composer.preset_menu.own_thinking.show_wish(wish)
        self._refresh_cost()

    def _show_page(self) -> None:
        """Choose what the middle shows: turns, or what to do without any."""
        report = self.models.report
        questions = sample_questions(report.family) if report is not None else ()
        self._window.show_demonstration_line(shown=bool(questions) and not self._empty_transcript)
        if not self._empty_transcript:
            self._window.show_page(CentrePage.TRANSCRIPT)
            return
        never_chosen = self.settings.model.path is None
        if never_chosen and self.models.state.phase is ModelPhase.NO_MODEL:
            if self._window.page is not CentrePage.FIRST_RUN:
                self._window.show_page(CentrePage.FIRST_RUN)
                self._window.focus_first()
            return
        if questions:
            self._window.empty.show_demonstration(questions[:_SAMPLES_SHOWN])
        else:
            no_model = self.models.state.phase is ModelPhase.NO_MODEL
            self._window.empty.show_general(no_model=no_model)
        was_first_run = self._window.page is CentrePage.FIRST_RUN
        self._window.show_page(CentrePage.EMPTY)
        if was_first_run:
            self._window.focus_first()

    def _show_context(self) -> None:
        report = self.models.report
        self._window.top_bar.show_context(
            self.chat.context_tokens_used(), report.context_tokens if report else None
        )

    # --- the model ------------------------------------------------------------------------------

    def _load_options(self) -> LoadOptions:
        return self.settings.engine

    def _load_first(self, named: Path | None) -> None:
        """Load the model of last time, unless it ended the engine then."""
        if named is not None:
            self.open_file(named)
            return
        choice = self.settings.model
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
            self._window.composer.preset_menu.own_thinking.set_takes(wishes_of(state.report))
            self._show_page()
            self._show_context()
            self._refresh_cost()
            self._on_engine_options_changed()

    def _on_load_begun(self, path: str) -> None:
        self.current_settings.choose_model(Path(path))
        self._show_page()

    def _on_earlier_model(self) -> None:
        path = self.earlier_model.path
        name = self.library.picked.name_of(path) if path is not None else ""
        self._window.offer_earlier_model(name)

    def _on_earlier_wanted(self) -> None:
        if self.earlier_model.path is not None:
            self.open_file(self.earlier_model.path)
        self._window.composer.focus()

    def _on_eject(self) -> None:
        self.models.eject(self.chat.when_idle)

    def _on_load_failed(self, code: str, detail: str, path: str) -> None:
        if code != ModelTooLargeError.code:
            self.tell_error(code, detail)
            return

        use = self.versions.way_to_use()

        def load_anyway() -> None:
            self.library.allow(Path(path))
            (use or self.open_file)(Path(path))

        self._announce.offer_anyway(code, detail, self.tr("Load anyway"), load_anyway)

    def _refresh_cost(self) -> None:
        report = self.models.report
        if report is None:
            self._window.composer.set_cost(None)
            return
        thinking = self.settings.thinking
        strategy, wish = thinking.strategy, thinking.options.own_thinking

        def receive(cost: CostModel) -> None:
            now = self.settings.thinking
            if (strategy, wish) == (now.strategy, now.options.own_thinking):
                self._window.composer.set_cost(cost, elsewhere=runs_elsewhere(report))

        self.deliveries.deliver(self._journal.cost(report.path, strategy, wish), receive)

    def _choose_file(self) -> None:
        dialog = QFileDialog(self._window, self.tr("Choose a model file"))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.setNameFilters(
            [self.tr("Models and engines (*.gguf *.engine.json)"), self.tr("All files (*)")]
        )
        dialog.fileSelected.connect(lambda path: self.open_file(Path(path)))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    # --- commands -------------------------------------------------------------------------------

    def on_command(self, command: Command) -> None:
        """Do what the keyboard or a button asks for."""
        chat, window = self.chat, self._window
        acts: dict[Command, Callable[[], None]] = {
            Command.NEW_CONVERSATION: self._on_new,
            Command.NEW_FOLDER: self._on_new_folder,
            Command.NEXT_CONVERSATION: lambda: window.conversations.step(1),
            Command.PREVIOUS_CONVERSATION: lambda: window.conversations.step(-1),
            Command.STOP: self._on_stop,
            Command.ANSWER_NOW: chat.answer_now,
            Command.GO_ON: self._go_on_with_last,
            Command.REGENERATE: self._regenerate_last,
            Command.COPY_ANSWER: self._copy_last,
            Command.SETTINGS: self._open_settings,
            Command.MODELS: self.library.open,
            Command.LAB: self.lab.open,
            Command.API: self.api.toggle,
            Command.ZOOM_IN: lambda: self.current_settings.zoom(command),
            Command.ZOOM_OUT: lambda: self.current_settings.zoom(command),
            Command.ZOOM_RESET: lambda: self.current_settings.zoom(command),
        }
        if command in acts:
            acts[command]()

    def _open_settings(self, page: SettingsPage = SettingsPage.ENGINE) -> None:
        ready = self.models.state.phase is ModelPhase.READY
        takes = wishes_of(self.models.report)
        self.current_settings.open_dialog(self._window, model_loaded=ready, takes=takes, at=page)

    def _on_stop(self) -> None:
        if not self.versions.cancel():
            self.chat.stop()

    def _regenerate_last(self) -> None:
        message_id = self.chat.last_answer_id
        if message_id is not None:
            self.chat.regenerate(message_id)

    def _go_on_with_last(self) -> None:
        message_id = self.chat.last_answer_id
        if message_id is not None:
            self.chat.go_on(message_id)

    def _copy_last(self) -> None:
        if self.chat.last_answer_text:
            QGuiApplication.clipboard().setText(self.chat.last_answer_text)
            self._announce.tell_done(self.tr("Copied"))

    def _on_keys_changed(self) -> None:
        if self._keys_heard:
            self.current_settings.choose_keys(changed_keys())

    def _on_settings_applied(self) -> None:
        self._window.composer.set_thinking(self.settings.thinking)
        self._window.composer.set_send_key(self.settings.appearance.send_key)
        self._refresh_cost()

    def _on_engine_options_changed(self) -> None:
        """A file that is on its way is taken up again when it is there."""
        if self.models.is_outdated:
            self.models.reload(self.chat.when_idle)
