"""The lab at work: its window, its runner and the library joined by signals."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QObject
from PySide6.QtWidgets import QFileDialog

from desktop_app.background import in_background
from desktop_app.deliveries import Deliveries
from desktop_app.folders import folders
from desktop_app.lab.asked_question import AskedQuestion
from desktop_app.lab.forecast_text import forecast_words, left_words
from desktop_app.lab.lab_runner import LabRunner, Shown
from desktop_app.lab.measured_limits import unmeasured
from desktop_app.lab.question_import import QuestionImport
from desktop_app.lab.repeating import plan_again
from desktop_app.lab.sweep_run import sweep_alone
from desktop_app.library.engine_feed import EngineFeed
from desktop_app.library.library_feed import LibraryFeed
from desktop_app.model_library import open_hub
from desktop_app.output_file import write_whole
from desktop_app.window.announcements import Announcements
from desktop_app.window.current_settings import CurrentSettings, SettingsPage
from desktop_app.window.main_window import MainWindow
from desktop_app.words.quantities import counted
from engine.journal.records import new_id
from engine.lab.export import SweepFileError, curves_csv, read_sweep, samples_csv, to_json
from engine.lab.forecast import Pace, forecast, forecast_left
from engine.lab.plan import SweepPlan
from engine.lab.question_table import QuestionFileError
from engine.lab.records import SweepStatus, SweepSummary
from engine.lab.report import html_report
from engine.lab.sweep_control import SweepError
from engine.options import Policy
from models.builtin import builtin_model_path
from models.errors import ModelsError

if TYPE_CHECKING:  # keeps pyqtgraph and SQLite out of the window's start
    from desktop_app.lab.lab_window import LabWindow
    from engine.journal.journal import Journal

_SUFFIXES = {
    "html": "html", "json": "json", "csv": "csv", "samples": "csv", "png": "png", "svg": "svg",
}  # fmt: skip


class LabSession(QObject):
    """Opens the lab when it is first asked for.

    Args:
        window: The main window, whose message bar tells errors.
        journal: Where sweeps are kept.
        library: Which models there are.
        deliveries: Brings results to this thread.
        current_settings: The settings.
        loaded: The file that is loaded now, or None.
        engines: Which engines elsewhere there are.
    """

    def __init__(
        self,
        window: MainWindow,
        journal: Journal,
        library: LibraryFeed,
        deliveries: Deliveries,
        current_settings: CurrentSettings,
        loaded: Callable[[], Path | None],
        engines: EngineFeed,
    ) -> None:
        super().__init__(window)
        self._journal, self._library = journal, library
        self._deliveries, self._current_settings, self._loaded = (
            deliveries,
            current_settings,
            loaded,
        )
        self._main, self._engines = window, engines
        self._announce = Announcements(window.message_bar)
        self._shown: Shown | None = None
        self._paces: list[Pace] = []
        self.window: LabWindow | None = None
        self.imports = QuestionImport(window, deliveries, open_hub, folders().question_sets)
        self.imports.refused.connect(self._tell_problem)
        self.runner = LabRunner(journal, deliveries, self)
        self.runner.failed.connect(lambda code, detail: self._announce.tell_error(code, detail))

    def open(self) -> None:
        """Show the lab."""
        if self.window is None:
            self.window = self._build()
        self._show_models()
        self._list()
        self.window.show()
        self.window.raise_()
        self.window.activateWindow()

    def try_question(self, asked: AskedQuestion) -> None:
        """Show the lab with a question of a conversation set up, ready to be started."""
        self.open()
        if self.window is not None:
            self.window.setup.add_question(asked)

    def close(self) -> None:
        """Stop what runs and let the window go. Idempotent."""
        self.runner.close()
        if self.window is not None:
            self._announce = Announcements(self._main.message_bar)
            self.window.hide()
            self.window.deleteLater()
            self.window = None

    def _build(self) -> LabWindow:
        from desktop_app.lab.lab_window import LabWindow
        from desktop_app.lab.setup_panel import SetupPanel

        setup = SetupPanel(lambda: self._current_settings.value)
        setup.show_settings()
        setup.settings_requested.connect(self._open_settings)
        self._current_settings.changed.connect(setup.show_settings)
        window = LabWindow(setup)
        self._announce = Announcements(window.message_bar)
        setup.start_requested.connect(self._start)
        setup.refused.connect(lambda text: self._tell_problem("sweep-plan", text))
        setup.changed.connect(self._show_estimate)
        self.imports.window = window
        setup.import_requested.connect(self.imports.choose_file)
        setup.dataset_requested.connect(self.imports.choose_dataset)
        self.imports.imported.connect(setup.add_set)
        top = window.top
        top.pause_requested.connect(self.runner.pause)
        top.stop_requested.connect(self.runner.stop)
        top.resume_requested.connect(lambda: self.runner.resume(self.runner.looked_at))
        top.sweep_chosen.connect(self._look_at)
        top.beside_chosen.connect(self.runner.compare_with)
        top.again_requested.connect(self._run_again)
        top.import_requested.connect(self._choose_sweep_file)
        window.delete_requested.connect(self._delete)
        window.corrected.connect(self.runner.correct)
        window.report_requested.connect(self._save)
        window.policy_chosen.connect(self._use_policy)
        self.runner.progressed.connect(window.top.show_progress)
        self.runner.state_changed.connect(self._on_state)
        self.runner.shown.connect(self._on_shown)
        self._library.changed.connect(self._show_models)
        self._engines.changed.connect(self._show_models)
        return window

    def _tell_problem(self, code: str, detail: str) -> None:
        self._announce.tell_problem(code, detail)

    def _start(self, compose: Callable[[], SweepPlan], trial: bool) -> None:  # noqa: FBT001 - a signal's
        """Compose the questions off this thread, then begin; no other sweep begins meanwhile."""
        if self.window is not None:
            self.window.setup.show_running(running=True)

        def composed() -> SweepPlan:
            plan = compose()
            if unmeasured(plan.limits):
                raise SweepError("sweep-limit", "")
            return plan

        def begin(plan: SweepPlan) -> None:
            if self.runner.running:
                self._tell_problem("sweep-plan", self.tr("another sweep has begun meanwhile"))
                return
            questions = plan.questions
            count = counted(len(questions.questions), "question")
            self.runner.start(plan, f"{questions.name}, {count}", trial=trial)

        def refused(error: BaseException) -> None:
            self._on_state()
            if isinstance(error, QuestionFileError):
                self._tell_problem("sweep-plan", error.detail)
            elif isinstance(error, SweepError | ModelsError):
                self._tell_problem(error.code, error.detail)
            else:
                self._deliveries.fail(error)

        self._deliveries.deliver(in_background(composed, "lab-questions"), begin, refused)

    def _run_again(self) -> None:
        """Ask anew what the sweep that is shown asked, under the limits that are set up now."""
        if self._shown is None or self.window is None:
            return
        plan, limits = self._shown.record.plan, self.window.setup.limits
        load = self._current_settings.value.engine
        self._start(lambda: plan_again(plan, load, limits), trial=False)

    def _open_settings(self) -> None:
        if self.window is not None:
            self._current_settings.open_dialog(
                self.window, model_loaded=self._loaded() is not None, at=SettingsPage.SAMPLING
            )

    def _on_state(self) -> None:
        if self.window is not None:
            self.window.show_running(running=self.runner.running, paused=self.runner.paused)
        self._list()

    def _on_shown(self, shown: Shown) -> None:
        self._shown = shown
        if self.window is not None:
            self.window.show_results(shown)
            self._show_left()

    def _show_estimate(self) -> None:
        """Say what the sweep that is set up will take."""
        if self.window is None:
            return
        plan = self.window.setup.outline()
        if plan is None:
            self.window.setup.show_estimate("")
        else:
            found = forecast(plan, self._paces)
            unknown = found.seconds is None
            self.window.setup.show_estimate(forecast_words(found), unknown=unknown)

    def _show_left(self) -> None:
        """Say what the rest of the sweep that is shown will take, where that is known."""
        if self.window is None or self._shown is None:
            return
        found = forecast_left(self._shown.record, self._paces)
        self.window.top.show_left(left_words(found), forecast_words(found))

    def _look_at(self, sweep_id: str) -> None:
        if self.window is not None:
            chosen = self.window.top.chosen
            if chosen is not None and chosen.status is SweepStatus.UNREADABLE:
                self._shown = None
                self.window.clear()
        self.runner.look_at(sweep_id)
        self._list()

    def _delete(self, sweep_id: str) -> None:
        def gone(_none: None) -> None:
            self._shown = None
            self.runner.look_at("")
            if self.window is not None:
                self.window.clear()
            self._list()

        def refused(error: BaseException) -> None:
            if isinstance(error, SweepError):
                self._tell_problem(error.code, error.detail)
            else:
                self._deliveries.fail(error)

        def delete() -> None:
            with sweep_alone(self._journal, sweep_id):
                self._journal.delete_sweep(sweep_id).result()

        self._deliveries.deliver(in_background(delete, "lab-delete"), gone, refused)

    def _choose_sweep_file(self) -> None:
        name, _ = QFileDialog.getOpenFileName(
            self.window, self.tr("Import a sweep"), "", self.tr("Sweeps (*.json)")
        )
        if name:
            self.import_sweep(Path(name))

    def import_sweep(self, path: Path) -> None:
        """Take in a sweep that another person exported, and look at it."""
        sweep_id = new_id()

        def read() -> None:
            self._journal.import_sweep(sweep_id, read_sweep(path)).result()

        def done(_none: None) -> None:
            self.runner.look_at(sweep_id)
            self._list()

        def refused(error: BaseException) -> None:
            if isinstance(error, SweepFileError):
                self._tell_problem(error.code, error.detail)
            else:
                self._deliveries.fail(error)

        self._deliveries.deliver(in_background(read, "lab-import"), done, refused)

    def _png(self) -> bytes:
        assert self.window is not None
        raw = QByteArray()
        buffer = QBuffer(raw)
        buffer.open(QIODevice.OpenModeFlag.WriteOnly)
        self.window.curves.snapshot().save(buffer, "PNG")
        return bytes(raw.data())

    def _svg(self) -> bytes:
        assert self.window is not None
        return self.window.curves.picture().encode()

    def _use_policy(self, policy: Policy, model: str) -> None:
        self._current_settings.choose_policy(policy, model)
        self._announce.tell_done(
            self.tr("Auto follows the learned table"), self.tr("It is chosen beside the slider.")
        )

    def _list(self) -> None:
        def receive(sweeps: list[SweepSummary]) -> None:
            if self.window is None:
                return
            readable = [s.sweep_id for s in sweeps if s.status is not SweepStatus.UNREADABLE]
            if not self.runner.looked_at and readable:
                self.runner.look_at(readable[0])
            self.window.top.show_sweeps(sweeps, self.runner.looked_at, self.runner.beside)

        def priced(paces: list[Pace]) -> None:
            self._paces = paces
            self._show_estimate()
            self._show_left()

        self._deliveries.deliver(self._journal.sweeps(), receive)
        self._deliveries.deliver(self._journal.paces(), priced)

    def _show_models(self) -> None:
        if self.window is not None:
            chosen = self._loaded() or builtin_model_path()
            self.window.setup.show_models(self._library.models, chosen, self._engines.engines)

    def _save(self, form: str) -> None:
        if self._shown is None or self.window is None:
            return
        name, _ = QFileDialog.getSaveFileName(
            self.window, self.tr("Save"), f"sweep.{_SUFFIXES[form]}"
        )
        if name:
            self.save(form, Path(name))

    def save(self, form: str, path: Path) -> None:
        """Write the sweep that is shown to a file; one that is there is replaced."""
        if self._shown is None:
            return
        record, results = self._shown.record, self._shown.results
        # drawn here, because only this thread may draw
        pictures = {"png": self._png, "svg": self._svg}
        drawn = pictures[form]() if form in pictures else b""
        if form in pictures and not drawn:
            self._tell_problem("lab-no-picture", "")
            return
        makers: dict[str, Callable[[], str | bytes]] = {
            "html": lambda: html_report(record, results),
            "json": lambda: to_json(record),
            "csv": lambda: curves_csv(results),
            "samples": lambda: samples_csv(record),
        }

        def write() -> None:
            made = makers[form]() if form in makers else drawn
            write_whole(path, [made.encode() if isinstance(made, str) else made], replace=True)

        self._deliveries.deliver(
            in_background(write, "lab-export"),
            lambda _none: self._announce.tell_done(self.tr("Saved"), str(path)),
        )
