"""What the picker offers, gathered off the window's thread: models used before and on the disk.

It exists so that the picker is told of every model that can be used, and of every file once. It
must not know what is done with a model.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from PySide6.QtCore import QObject

from desktop_app.background import in_background
from desktop_app.deliveries import Deliveries
from desktop_app.engines import is_description, model_title
from desktop_app.library.library_feed import LibraryFeed
from desktop_app.library.machine_feed import MachineFeed
from desktop_app.library.model_control import ModelControl
from desktop_app.library.model_picker import ModelPicker
from desktop_app.words.model_names import model_names, shown_name
from models.fit import Placement
from models.library import LibraryModel


class PickerFeed(QObject):
    """Joins the picker with what is known of models.

    Args:
        picker: What is told.
        library: What is on disk.
        machine: What fits in memory.
        deliveries: Brings results to this thread.
    """

    def __init__(
        self,
        picker: ModelPicker,
        library: LibraryFeed,
        machine: MachineFeed,
        deliveries: Deliveries,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._picker, self._library, self._machine = picker, library, machine
        self._deliveries = deliveries
        self._models: ModelControl | None = None
        self._look: object | None = None
        self._named: tuple[LibraryModel, ...] | None = None
        self._names: dict[Path, str] = {}
        """What the models of `_named` are called."""
        picker.opened.connect(self._on_opened)
        library.scanned.connect(self._on_scanned)
        machine.changed.connect(self._show_too_large)

    def join(self, models: ModelControl) -> None:
        """Offer what `models` used before."""
        self._models = models
        models.recent_changed.connect(self._show_models)

    def name_of(self, path: Path) -> str:
        """What the picker calls a model, of which only its path may be known."""
        if is_description(path):
            return shown_name(model_title(path))
        library = self._library.models
        if library is not self._named:
            self._named, self._names = library, model_names(library)
        if path in self._names:
            return self._names[path]
        models = self._models
        known = models.recent if models is not None else ()
        told = next((record.name for record in known if Path(record.path) == path), "")
        report = models.report if models is not None else None
        if report is not None and Path(report.path) == path:
            told = report.name
        return shown_name(told) or shown_name(model_title(path))

    def _on_opened(self) -> None:
        self._library.refresh()
        self._show_too_large()

    def _on_scanned(self) -> None:
        self._show_models()
        self._show_too_large()

    def _show_models(self) -> None:
        """Tell the picker what is known, and then which of it is one file, or none any more."""
        models = self._models
        recent = models.recent if models is not None else ()
        library = self._library.models
        self._picker.set_recent(recent)
        if self._library.looked:
            self._picker.set_library(library)
        paths = [*(Path(record.path) for record in recent), *(model.path for model in library)]
        if models is not None and models.state.path is not None:
            paths.append(models.state.path)
        this = self._look = object()

        def receive(files: dict[Path, Path | None]) -> None:
            if self._look is this:
                self._picker.set_files(files)

        self._deliveries.deliver(in_background(lambda: files_of(paths), "picker-files"), receive)

    def _show_too_large(self) -> None:
        large = (model.path for model in self._library.models if self._is_too_large(model))
        self._picker.set_too_large(frozenset(large))

    def _is_too_large(self, model: LibraryModel) -> bool:
        fitting = self._machine.fit_of(model)
        return fitting is not None and fitting.fit.placement is Placement.TOO_LARGE


def files_of(paths: Iterable[Path]) -> dict[Path, Path | None]:
    """Return what file each path leads to in the end, None where none is there."""
    found: dict[Path, Path | None] = {}
    for path in paths:
        try:
            file = path.resolve(strict=True)
            found[path] = file if file.is_file() else None
        except (OSError, RuntimeError, ValueError):  # none, unreadable, a ring, no path at all
            found[path] = None
    return found
