"""Builds and wires every long-lived object once, in an order that shows a window first.

Start: settings, window, first paint; then, off the window's thread, journal, power meter and
engine process; then the model. Quitting has the stages of `QuitStage`, in that order.
"""

from __future__ import annotations

import logging
import tempfile
from enum import IntEnum
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from PySide6.QtCore import QMessageLogContext, QObject, QTimer, QtMsgType, qInstallMessageHandler
from PySide6.QtWidgets import QApplication, QMessageBox

from desktop_app.background import in_background
from desktop_app.cli.complaint import complain_of
from desktop_app.cli.exits import EXIT_ENGINE
from desktop_app.deliveries import Deliveries
from desktop_app.error_text import error_text
from desktop_app.folders import Folders, folders
from desktop_app.log import OpenLog, open_log
from desktop_app.look.theme import apply_theme, set_theme_choice, set_zoom
from desktop_app.settings import LoadedSettings, Settings, load_settings
from desktop_app.window.crash_window import CrashReporter
from desktop_app.window.end_signals import EndSignals
from desktop_app.window.key_choice import read_keys, use_keys
from desktop_app.window.leaving import Leaving
from desktop_app.window.main_window import MainWindow
from desktop_app.window.settings_keeper import SettingsKeeper
from desktop_app.window.single_instance import Claim, RaiseWindow, SingleInstance, server_name
from desktop_app.window.tray import Tray
from desktop_app.words.electricity import use_electricity_price
from desktop_app.words.translation import translated

if TYPE_CHECKING:  # imported behind the first paint, by `open_engine`
    from desktop_app.window.attention import Attention
    from desktop_app.window.window_session import Engine, WindowSession

_log = logging.getLogger("desktop_app.app")
_QUIT_GRACE_MILLISECONDS = 1500
_SAVE_MILLISECONDS = 400
"""After a change, so that a slider that is dragged is written once."""


class QuitStage(IntEnum):
    """The stages of quitting, in order. Each happens once."""

    HIDE = 1
    """Remember where the window is, then hide it."""
    STOP = 2
    """Accept no question, withdraw what waits, cancel what runs, wait a moment for its end."""
    ENGINE = 3
    """Listen to nothing any more, end the worker and the meter."""
    JOURNAL = 4
    """Really delete what was deleted, write what is queued, close the file."""
    SETTINGS = 5
    """Save the settings."""
    DONE = 6
    """Let the window and the event loop go."""


class Ponder(QObject):
    """The application while its window lives.

    Args:
        known: Where Ponder keeps things.
        loaded: The settings.
        crash: Gets exceptions nobody expected.
        model_path: A model file named at the start, or None.
        tray: Where the system shows icons beside the clock; its own without one.

    Attributes:
        leaving: The way out.
        attention: Calls the person back, once there is something to do.
        stages: Stages of quitting that have begun.
    """

    def __init__(
        self,
        known: Folders,
        loaded: LoadedSettings,
        crash: CrashReporter,
        model_path: Path | None = None,
        tray: Tray | None = None,
    ) -> None:
        super().__init__()
        self._folders = known
        self._settings = loaded.settings
        self._keeper = SettingsKeeper(known.settings, loaded.settings)
        self._crash = crash
        self._model_path = model_path
        self._engine: Engine | None = None
        self.stages: list[QuitStage] = []
        self.work: WindowSession | None = None
        keys = read_keys(loaded.settings.shortcuts)
        use_keys(keys.changed)
        self._ignored_keys = keys.ignored
        self.window = MainWindow()
        self.window.composer.set_send_key(loaded.settings.appearance.send_key)
        self.window.composer.set_thinking(loaded.settings.thinking)
        self.window.restore_place(loaded.settings.window)
        self._tray = tray if tray is not None else Tray()
        self.leaving = Leaving(self.window, self._tray, lambda: self.work)
        self.leaving.quit_wanted.connect(self.quit)
        self.attention: Attention | None = None
        self._deliveries = Deliveries(crash.report, self)
        self._set_aside = loaded.set_aside
        self._grace = QTimer(self)
        self._grace.setSingleShot(True)
        self._grace.setInterval(_QUIT_GRACE_MILLISECONDS)
        self._grace.timeout.connect(self._finish_quitting)
        self._save_soon = QTimer(self)
        self._save_soon.setSingleShot(True)
        self._save_soon.setInterval(_SAVE_MILLISECONDS)
        self._save_soon.timeout.connect(self._save_meanwhile)

    def start(self) -> None:
        """Show the window, then open the engine behind it."""
        self.window.show()
        self.window.focus_first()
        QTimer.singleShot(0, self._open_engine)

    def raise_window(self, model_path: str) -> None:
        """Another start asks for the window, perhaps with a model file."""
        self.leaving.show_window()
        if not model_path:
            return
        if self.work is not None:
            self.work.open_file(Path(model_path))
        else:
            self._model_path = Path(model_path)

    # --- starting -------------------------------------------------------------------------------

    def _open_engine(self) -> None:
        opened = in_background(lambda: open_engine(self._folders), "open-engine")
        self._deliveries.deliver(opened, self._take)

    def _take(self, engine: Engine) -> None:
        """Use what was opened, unless the person has left meanwhile."""
        from desktop_app.window.attention import Attention
        from desktop_app.window.window_session import WindowSession

        if self.stages:
            engine.session.close()
            engine.close_journal()
            return
        self._engine = engine
        self.work = WindowSession(
            self.window, engine, self._settings, self._folders, self._crash.report
        )
        self.attention = Attention(self.window, self.work, self._tray, self.leaving.show_window)
        self.work.idle.connect(self._on_idle)
        self.work.current_settings.changed.connect(self._save_soon.start)
        self.work.chat.conversation_shown.connect(lambda _id: self._save_soon.start())
        if self._set_aside is not None:
            self.work.tell_error("settings-damaged", str(self._set_aside))
        if self._ignored_keys:
            self.work.tell_error("shortcuts-ignored", "\n".join(self._ignored_keys))
        self.work.start(self._model_path)

    # --- settings -------------------------------------------------------------------------------

    def _present_settings(self) -> Settings:
        """The settings as they are now, with where the window is."""
        settings, conversation_id = self._settings, self._settings.window.conversation_id
        if self.work is not None:
            settings, conversation_id = self.work.settings, self.work.chat.visible_id
        return msgspec.structs.replace(settings, window=self.window.place(conversation_id))

    def _save_meanwhile(self) -> None:
        self._keeper.want(self._present_settings())
        self._deliveries.deliver(
            in_background(self._keeper.write, "save-settings"), failed=self._on_not_saved
        )

    def _on_not_saved(self, error: BaseException) -> None:
        if not isinstance(error, OSError):
            self._crash.report(error)
        elif self.work is not None:
            self.work.tell_error("settings-not-saved", str(error))

    # --- quitting -------------------------------------------------------------------------------

    def quit(self) -> None:
        """Begin to quit, asking nobody; ends with the event loop."""
        if self.stages:
            return
        self._enter(QuitStage.HIDE)
        self._save_soon.stop()
        self._keeper.want(self._present_settings())
        self.leaving.close()
        self.window.hide()
        self._enter(QuitStage.STOP)
        if self.work is None:
            self._finish_quitting()
            return
        self.work.chat.stop_everything()
        if self.work.chat.busy:
            self._grace.start()
        else:
            self._finish_quitting()

    def _on_idle(self) -> None:
        if self.stages and self.stages[-1] is QuitStage.STOP:
            self._finish_quitting()

    def _finish_quitting(self) -> None:
        if not self.stages or self.stages[-1] is not QuitStage.STOP:
            return
        self._grace.stop()
        self._enter(QuitStage.ENGINE)
        if self.work is not None:
            self.work.close()
        self._deliveries.close()
        if self._engine is not None:
            self._engine.session.close()
            self._enter(QuitStage.JOURNAL)
            purged = self._engine.journal.purge_deleted()
            self._engine.close_journal()
            if (error := purged.exception()) is not None:
                _log.warning("what was deleted is not purged: %s", error)  # tried again next time
        self._save_settings()

    def _save_settings(self) -> None:
        self._enter(QuitStage.SETTINGS)
        try:
            self._keeper.write()
        except OSError as error:
            _log.warning("settings not saved: %s", error)  # the window is gone by now
        self._enter(QuitStage.DONE)
        self.window.let_go()
        QApplication.quit()

    def _enter(self, stage: QuitStage) -> None:
        self.stages.append(stage)
        _log.info("quit stage %s", stage.name)


def open_engine(known: Folders) -> Engine:
    """Open journal, meter and engine process. Slow; for a background thread.

    A journal that cannot be used is replaced by a temporary one, so that the window works; the
    error is told.
    """
    from desktop_app.window.window_session import Engine
    from engine.journal.errors import JournalError
    from engine.journal.journal import Journal
    from engine.power.select import open_meter
    from engine.session import Session

    try:
        journal = Journal(known.journal)
    except JournalError as trouble:
        scratch = tempfile.TemporaryDirectory(prefix="ponder-")
        journal = Journal(Path(scratch.name) / "journal.db")
        return Engine(Session(journal, open_meter()), journal, trouble, scratch)
    return Engine(Session(journal, open_meter()), journal)


def read_settings(known: Folders) -> LoadedSettings:
    """Read the settings; unreadable ones are the defaults, and are not overwritten by reading."""
    try:
        return load_settings(known.settings)
    except OSError as error:
        _log.warning("settings not read: %s", error)
        return LoadedSettings(Settings())


def run_window(arguments: list[str]) -> int:
    """Open the window and return the exit status when it is closed.

    Args:
        arguments: At most one model file to load.
    """
    model_path = Path(arguments[0]).absolute() if arguments else None
    app = QApplication.instance() or QApplication(["ponder", *arguments])
    if not isinstance(app, QApplication):
        raise TypeError("a window needs a QApplication")
    app.setApplicationName("Ponder")
    app.setDesktopFileName("ponder")
    app.setQuitOnLastWindowClosed(False)
    known = folders()
    instance = SingleInstance(server_name(known.data))
    claim = instance.claim(RaiseWindow(str(model_path) if model_path else None))
    if claim is Claim.NO_ANSWER:
        tell_of_no_answer()
    if claim is not Claim.FIRST:
        return EXIT_ENGINE if claim is Claim.NO_ANSWER else 0
    log = _open_log(known)
    crash = CrashReporter(log.path if log else None)
    crash.install()
    qInstallMessageHandler(_log_qt_message)
    loaded = read_settings(known)
    set_theme_choice(loaded.settings.appearance.theme)
    set_zoom(loaded.settings.appearance.zoom)
    use_electricity_price(loaded.settings.electricity)
    apply_theme(app)
    ponder = Ponder(known, loaded, crash, model_path)
    instance.raised.connect(ponder.raise_window)
    signals = EndSignals()
    signals.asked.connect(ponder.quit)
    ponder.start()
    status = app.exec()
    signals.close()
    instance.close()
    qInstallMessageHandler(None)
    crash.uninstall()
    if log is not None:
        log.close()
    return status


def tell_of_no_answer() -> None:
    """Say that the Ponder that is open already does not answer, in the terminal and in a box."""
    complain_of("not-answering")
    text = translated(error_text("not-answering"))
    box = QMessageBox(QMessageBox.Icon.Warning, "Ponder", text.title)
    box.setInformativeText(f"{text.cause} {text.next_step}")
    box.exec()


def _open_log(known: Folders) -> OpenLog | None:
    try:
        return open_log(known.logs)
    except OSError:
        return None  # a folder that cannot be written must not keep the window from opening


def _log_qt_message(kind: QtMsgType, _context: QMessageLogContext, message: str) -> None:
    level = logging.INFO if kind in {QtMsgType.QtDebugMsg, QtMsgType.QtInfoMsg} else logging.WARNING
    logging.getLogger("qt").log(level, message)
