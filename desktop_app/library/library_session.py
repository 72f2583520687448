"""The model library at work: feeds, the window of models and the first run joined by signals.

It exists so that a model is found, fetched, judged and chosen in one place. It must not know chats.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QFileDialog

from desktop_app.background import in_background
from desktop_app.deliveries import Deliveries
from desktop_app.error_text import error_text
from desktop_app.folders import Folders
from desktop_app.library.download_feed import DownloadFeed
from desktop_app.library.download_text import progress_share, progress_words
from desktop_app.library.find_page import FindPage
from desktop_app.library.fitting import fitting
from desktop_app.library.hub_feed import HubFeed, RepositoryAnswer
from desktop_app.library.library_feed import LibraryFeed
from desktop_app.library.library_page import LibraryPage
from desktop_app.library.machine_feed import MachineFeed
from desktop_app.library.model_control import ModelControl, ModelPhase
from desktop_app.library.models_dialog import ModelsDialog, ModelsTab
from desktop_app.library.picker_feed import PickerFeed
from desktop_app.model_library import check_model, models_folder, open_hub, open_library, open_shelf
from desktop_app.window.announcements import Announcements
from desktop_app.window.current_settings import CurrentSettings
from desktop_app.window.main_window import MainWindow
from desktop_app.words.quantities import format_bytes, format_energy, format_rate
from desktop_app.words.translation import translated
from engine.session import Session, SessionEvent
from models.catalog import CatalogModel
from models.catalog import recommended as recommended_model
from models.download_queue import DownloadState
from models.errors import HubNotFoundError, ModelsError, ModelTooLargeError
from models.file_names import SUFFIX, model_name
from models.fit import MachineMemory, Placement
from models.hub import HubModel, Repository
from models.library import LibraryModel, inspect
from models.places import Origin
from models.shelf import Removed, parts_of

if TYPE_CHECKING:  # keeps SQLite out of the window's start
    from engine.journal.cost import Speed
    from engine.journal.journal import Journal

_MEASURE_SECONDS: Final = 5.0
"""How long a load waits for the first measurement of the memory."""


class LibrarySession(QObject):
    """Joins the library with a window.

    Args:
        window: The main window.
        session: The engine.
        journal: What models measured here.
        current_settings: The settings.
        folders: Where Ponder keeps things.
        deliveries: Brings results to this thread.
        use: Makes a model file the one that answers.
    """

    def __init__(
        self,
        window: MainWindow,
        session: Session,
        journal: Journal,
        current_settings: CurrentSettings,
        folders: Folders,
        deliveries: Deliveries,
        use: Callable[[Path], None],
    ) -> None:
        super().__init__(window)
        self._window, self._journal = window, journal
        self._current_settings, self._folders = current_settings, folders
        self._deliveries, self._use = deliveries, use
        self._announce = Announcements(window.message_bar)
        self._measured = threading.Event()
        self._memory: MachineMemory | None = None
        self._allowed: set[Path] = set()
        self._speeds: dict[Path, str] = {}
        self._first_download = ""
        self._asked_hub: object | None = None
        self._models: ModelControl | None = None
        self._dialog: ModelsDialog | None = None
        self.library = LibraryFeed(
            lambda: open_library(folders, current_settings.value.library),
            lambda: open_shelf(folders, current_settings.value.library),
            deliveries,
            self,
        )
        self.machine = MachineFeed(
            session,
            self.library,
            lambda: current_settings.value.engine,
            lambda: current_settings.value.thinking.attempts,
            self,
        )
        self.hub = HubFeed(open_hub, deliveries, self)
        self.downloads = DownloadFeed(open_hub, self)
        self.picked = PickerFeed(window.picker, self.library, self.machine, deliveries, self)
        self.library.removed.connect(self._on_removed)
        self.library.imported.connect(self._on_imported)
        self.library.moving.connect(self.downloads.close)
        self.library.moved.connect(self._on_moved)
        self.library.not_moved.connect(lambda: self.downloads.open(self.library.folder))
        self.library.changed.connect(self._show_first_run)
        self.downloads.finished.connect(self._on_finished)
        self.downloads.changed.connect(self._show_first_download)
        self.machine.changed.connect(self._on_measured)
        current_settings.library_changed.connect(self.library.reopen)
        window.picker.library_wanted.connect(self.open)
        window.empty.full_model_wanted.connect(lambda: self.open(ModelsTab.FIND))
        first = window.first_run
        first.recommended_chosen.connect(self._on_recommended)
        first.download_cancelled.connect(self._on_first_cancelled)
        first.library_chosen.connect(self.open)
        first.folder_chosen.connect(self._choose_folder)

    def join(self, models: ModelControl) -> None:
        """Judge what `models` loads, and follow it."""
        self._models = models
        self.picked.join(models)
        models.state_changed.connect(self._on_model_changed)

    def start(self) -> None:
        """Look at the disk and the memory, and go on with downloads."""
        self.machine.measure()
        self.library.refresh()
        self.downloads.open(self.library.folder)

    def close(self) -> None:
        """Stop what is on its way; it goes on at the next start. Idempotent."""
        self.library.stop()
        self.downloads.close()

    def on_event(self, event: SessionEvent) -> None:
        """Take one event of the session."""
        self.machine.on_event(event)

    def open(self, tab: ModelsTab = ModelsTab.HERE) -> None:
        """Show the window of models."""
        self.machine.measure()
        self.library.refresh()
        if self._dialog is None:
            self._dialog = self._build_dialog()
            self._on_model_changed()
        self._speeds.clear()  # what was used since then has been measured again
        self._dialog.show_tab(tab)
        if self._models is not None and self._models.state.path is not None:
            self._dialog.here.select(self._models.state.path)

    @property
    def dialog(self) -> ModelsDialog | None:
        """The window of models, once it was opened."""
        return self._dialog

    # --- judging a load -------------------------------------------------------------------------

    def check(self, path: Path) -> Future[None]:
        """Look whether a file is sound and fits, before the engine sees it."""
        return in_background(lambda: self._check(path), "model-check")

    def allow(self, path: Path) -> None:
        """Load this one however much it needs."""
        self._allowed.add(path)

    def _check(self, path: Path) -> None:
        check_model(path)
        if path in self._allowed or path.suffix.casefold() != SUFFIX:
            return
        self._measured.wait(_MEASURE_SECONDS)
        machine = self._memory
        known = next((model for model in self.library.models if model.path == path), None)
        parts = [] if known else parts_of(path)
        about = known.description if known else inspect(*parts)
        size_bytes = known.size_bytes if known else sum(part.stat().st_size for part in parts)
        if machine is None or about is None or isinstance(about, str):
            return
        settings = self._current_settings.value
        found = fitting(about, size_bytes, settings.engine, settings.thinking.attempts, machine)
        if found is not None and found.fit.placement is Placement.TOO_LARGE:
            needed = found.fit.need.total_bytes
            free = machine.free_bytes + sum(gpu.free_bytes for gpu in machine.gpus)
            raise ModelTooLargeError(
                f"{path.name} needs {format_bytes(needed)}, {format_bytes(free)} are free", needed
            )

    def _on_measured(self) -> None:
        self._memory = self.machine.machine
        if self._memory is not None:
            self._current_settings.gpus = tuple(gpu.name for gpu in self._memory.gpus)
        self._measured.set()
        if self._dialog is not None:
            self._dialog.here.refresh_fit()
        self._show_first_run()

    # --- the window of models -------------------------------------------------------------------

    def _build_dialog(self) -> ModelsDialog:
        here = LibraryPage(self.library, self.machine.fit_of)
        here.set_measured(self._speed_of)
        here.load_requested.connect(lambda path: self._use(Path(path)))
        here.folder_requested.connect(self._move)
        find = FindPage(self.hub, self.machine)
        find.set_present(self._is_present)
        find.get_requested.connect(self._get)
        self.downloads.changed.connect(find.refresh_present)
        return ModelsDialog(here, find, self.downloads, self._window)

    def _get(self, repository: Repository, model: HubModel) -> None:
        if not self.downloads.is_open:
            self._announce.tell_done(
                self.tr("{name} is fetched when your models have moved").format(
                    name=f"{repository.name} · {model.label}"
                )
            )
        self.downloads.add(repository, model)
        if self._dialog is not None:
            self._dialog.show_tab(ModelsTab.DOWNLOADS)

    def _is_present(self, repository: Repository, model: HubModel) -> bool:
        key = f"{repository.name}:{model.label}"
        unfinished = any(
            status.order.key == key and status.state is not DownloadState.DONE
            for status in self.downloads.statuses
        )
        first = model.files[0].path
        return unfinished or any(
            (known.provenance.repository, known.provenance.file) == (repository.name, first)
            for known in self.library.models
            if known.provenance is not None
        )

    def _speed_of(self, model: LibraryModel) -> str:
        """What a model measured here; asked of the journal the first time."""
        if model.path not in self._speeds:
            self._speeds[model.path] = ""
            self._deliveries.deliver(
                self._journal.speeds(str(model.path)),
                lambda speeds: self._show_speed(model.path, speeds),
            )
        return self._speeds[model.path]

    def _show_speed(self, path: Path, speeds: list[Speed]) -> None:
        lines = [
            self.tr("{attempts} side by side: {rate}; energy of an answer: {energy}").format(
                attempts=speed.attempts,
                rate=format_rate(speed.tokens_per_second),
                energy=format_energy(speed.joules),
            )
            for speed in speeds
        ]
        self._speeds[path] = "\n".join(lines) or self.tr("nothing yet")
        if self._dialog is not None:
            self._dialog.here.refresh_fit()

    def _on_model_changed(self) -> None:
        if self._models is None:
            return
        state = self._models.state
        self.machine.show_loaded(state.report)
        if self._dialog is not None:
            held = state.phase is not ModelPhase.NO_MODEL
            self._dialog.here.show_loaded(state.path if held else None)

    # --- what was done --------------------------------------------------------------------------

    def _on_removed(self, removed: Removed) -> None:
        self._announce.offer_undo(
            self.tr("{name} is in the bin").format(name=removed.name),
            self.tr("{size} are freed when the bin is emptied.").format(
                size=format_bytes(removed.size_bytes)
            ),
            self.tr("Undo"),
            lambda: self._bring_back(removed),
        )

    def _bring_back(self, removed: Removed) -> None:
        task = self.library.task
        if task is not None:
            self._announce.tell_done(
                self.tr("{name} is brought back next").format(name=removed.name),
                self.tr("It waits for the end of: {task}").format(task=task.title),
            )
        self.library.restore(removed, self.tr("Bringing it back"))

    def _on_imported(self, path: str) -> None:
        self._announce.tell_done(self.tr("{name} is in your models").format(name=Path(path).name))

    def _on_finished(self, path: str) -> None:
        self.library.refresh()
        models = self._models
        unused = self._current_settings.value.model.path is None
        if models is not None and unused and models.state.phase is ModelPhase.NO_MODEL:
            self._use(Path(path))
            return
        self._announce.offer(
            self.tr("{name} is here and checked").format(name=model_name(Path(path).name)),
            self.tr("Use it now, or choose it later under Models."),
            self.tr("Use it"),
            lambda: self._use(Path(path)),
        )

    def _move(self, folder: str) -> None:
        self.library.move_to(Path(folder), self.tr("Moving your models"))

    def _on_moved(self, folder: str) -> None:
        before = models_folder(self._folders, self._current_settings.value.library)
        self._current_settings.choose_models_folder(Path(folder))
        chosen = self._current_settings.value.model.path
        if chosen is not None and Path(chosen).is_relative_to(before):
            moved = Path(folder) / Path(chosen).relative_to(before)
            self._current_settings.choose_model(moved)  # nothing is left where it was
            models = self._models
            if models is None or models.state.phase is not ModelPhase.NO_MODEL:
                self._use(moved)  # what was ejected stays so
        self.library.reopen()
        self.downloads.open(Path(folder))

    # --- the first run --------------------------------------------------------------------------

    def _show_first_run(self) -> None:
        if self._memory is not None:
            entry = recommended_model(self._memory)
            self._window.first_run.offer_recommended(entry.title, self._why(entry))
        others = [model for model in self.library.models if _is_others(model)]
        self._window.first_run.offer_library(len(others))

    def _why(self, entry: CatalogModel) -> str:
        minutes = max(1, round(entry.size_bytes * 8 / 100e6 / 60))
        return self.tr(
            "Recommended for the memory of this computer. {why} {size}, about {minutes} min at "
            "100 Mbit/s."
        ).format(why=entry.why, size=format_bytes(entry.size_bytes), minutes=minutes)

    def _on_recommended(self) -> None:
        if self._memory is None:
            return
        entry = recommended_model(self._memory)
        self._window.first_run.show_progress(self.tr("Asking the hub…"), 0.0)
        this = self._asked_hub = object()

        def receive(answer: RepositoryAnswer) -> None:
            if self._asked_hub is not this:
                return  # it was cancelled meanwhile
            self._asked_hub = None
            try:
                if answer.repository is None:
                    raise answer.error or HubNotFoundError(answer.name)
                model = answer.repository.model(entry.quantization)
            except ModelsError as error:
                text = translated(error_text(error.code))
                self._window.first_run.show_problem(f"{text.title}. {text.next_step}")
                return
            self._first_download = self.downloads.add(answer.repository, model)

        self.hub.get(entry.repository, receive)

    def _on_first_cancelled(self) -> None:
        if self._asked_hub is None:
            self.downloads.cancel(self._first_download)
            return
        self._asked_hub = None
        self._window.first_run.show_offers()

    def _show_first_download(self) -> None:
        if not self._first_download:
            return
        status = next(
            (s for s in self.downloads.statuses if s.order.key == self._first_download), None
        )
        first = self._window.first_run
        if status is None or status.state is DownloadState.DONE:
            self._first_download = ""
            first.show_offers()
        elif status.state is DownloadState.FAILED:
            text = translated(error_text(status.order.code))
            self._first_download = ""
            first.show_problem(f"{text.title}. {text.next_step}")
        else:
            first.show_progress(progress_words(status), progress_share(status))

    def _choose_folder(self) -> None:
        dialog = QFileDialog(self._window, self.tr("Choose a folder with GGUF models"))
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.fileSelected.connect(self.add_folder)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def add_folder(self, folder: str) -> None:
        """Use the models of one more folder in place."""
        self._current_settings.add_models_folder(Path(folder))
        self.library.reopen()
        self.open(ModelsTab.HERE)


def _is_others(model: LibraryModel) -> bool:
    return not model.problem and model.origin is not Origin.BUILT_IN
