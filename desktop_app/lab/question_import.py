"""The way of a question set into the lab: a file or a dataset, its columns, its questions.

Reading and fetching happen off the window's thread.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFileDialog, QWidget

from desktop_app.background import in_background
from desktop_app.deliveries import Deliveries
from desktop_app.error_text import error_line
from desktop_app.lab.dataset_dialog import DatasetDialog
from desktop_app.lab.hub_questions import (
    PREFIX,
    find_dataset,
    get_dataset_file,
    hub_question_set,
    oversized,
)
from desktop_app.lab.import_dialog import ImportDialog
from engine.lab.question_files import QUESTION_SUFFIXES, read_rows
from engine.lab.question_table import Columns, QuestionFileError, Row, questions_from
from engine.lab.questions import QuestionSet
from models.download import FileProgress
from models.errors import ModelsError
from models.hub import Dataset, Hub, HubFile

Rows = list[tuple[int, Row]]


class QuestionImport(QObject):
    """Brings question sets in.

    Args:
        window: What dialogs stand before; it owns this.
        deliveries: Brings results to this thread.
        open_hub: Makes the hub; it may wait for the keyring.
        folder: Where datasets are kept.

    Attributes:
        imported: (`QuestionSet`) A set is ready.
        refused: (code, detail) It is none, or could not be got.
    """

    imported = Signal(object)
    refused = Signal(str, str)
    _progressed = Signal(float)

    def __init__(
        self, window: QWidget, deliveries: Deliveries, open_hub: Callable[[], Hub], folder: Path
    ) -> None:
        super().__init__(window)
        self.window, self._deliveries = window, deliveries
        self._open_hub, self._folder = open_hub, folder
        self._stop = threading.Event()
        self.dialog: ImportDialog | None = None
        self.datasets: DatasetDialog | None = None

    def choose_file(self) -> None:
        """Ask for a file."""
        kinds = " ".join(f"*{suffix}" for suffix in QUESTION_SUFFIXES)
        name, _ = QFileDialog.getOpenFileName(
            self.window,
            self.tr("Import questions"),
            "",
            self.tr("Questions ({kinds})").format(kinds=kinds),
        )
        if name:
            self.read_file(Path(name))

    def read_file(self, path: Path) -> None:
        """Read a file and ask what its columns mean."""

        def finish(rows: Rows, columns: Columns) -> QuestionSet:
            return QuestionSet(path.stem, path.name, questions_from(rows, columns))

        self._read(path, path.name, finish)

    def choose_dataset(self) -> None:
        """Ask for a dataset on the hub."""
        dialog = DatasetDialog(self.window)
        dialog.find_requested.connect(self._find)
        dialog.get_requested.connect(self._get)
        dialog.finished.connect(lambda _result: self._leave_datasets())
        self._progressed.connect(dialog.show_progress)
        self._stop = threading.Event()
        self.datasets = dialog
        dialog.open()

    def _leave_datasets(self) -> None:
        self._stop.set()
        if self.datasets is not None:
            self._progressed.disconnect(self.datasets.show_progress)
            self.datasets.deleteLater()
            self.datasets = None

    def _find(self, name: str) -> None:
        def find() -> Dataset:
            return find_dataset(self._open_hub(), PREFIX + name)[0]

        self._deliveries.deliver(
            in_background(find, "dataset-search"),
            lambda found: self._with_datasets(lambda dialog: dialog.show_dataset(found)),
            self._on_dataset_problem,
        )

    def _get(self, dataset: Dataset, file: HubFile) -> None:
        if oversized(file):
            self._on_dataset_problem(QuestionFileError(f"{file.path} is too large"))
            return
        stop = self._stop

        def report(progress: FileProgress) -> None:
            self._progressed.emit(progress.got_bytes / max(1, file.size_bytes))

        def fetch() -> Path:
            return get_dataset_file(self._open_hub(), dataset, file, self._folder, report, stop)

        def receive(path: Path) -> None:
            if self.datasets is None:
                return
            self.datasets.accept()
            self._read(
                path,
                file.path,
                lambda rows, columns: hub_question_set(rows, dataset, file, columns),
            )

        self._deliveries.deliver(in_background(fetch, "dataset"), receive, self._on_dataset_problem)

    def _on_dataset_problem(self, error: BaseException) -> None:
        if not isinstance(error, ModelsError | QuestionFileError):
            self._deliveries.fail(error)
            return
        self._with_datasets(
            lambda dialog: dialog.show_problem(error_line(error.code, error.detail))
        )

    def _with_datasets(self, act: Callable[[DatasetDialog], None]) -> None:
        if self.datasets is not None:
            act(self.datasets)

    # --- a file that is here --------------------------------------------------------------------

    def _read(self, path: Path, name: str, finish: Callable[[Rows, Columns], QuestionSet]) -> None:
        self._deliveries.deliver(
            in_background(lambda: read_rows(path), "questions"),
            lambda rows: self._ask_columns(name, rows, finish),
            self._on_refused,
        )

    def _ask_columns(
        self, name: str, rows: Rows, finish: Callable[[Rows, Columns], QuestionSet]
    ) -> None:
        if not rows:
            self.refused.emit(QuestionFileError.code, f"{name} has no rows")
            return
        dialog = self.dialog = ImportDialog(name, rows, self.window)

        def accepted() -> None:
            columns = dialog.columns
            self._deliveries.deliver(
                in_background(lambda: finish(rows, columns), "questions"),
                self.imported.emit,
                self._on_refused,
            )

        dialog.accepted.connect(accepted)
        dialog.finished.connect(lambda _result: dialog.deleteLater())
        dialog.open()

    def _on_refused(self, error: BaseException) -> None:
        if isinstance(error, QuestionFileError):
            self.refused.emit(error.code, error.detail)
        else:
            self._deliveries.fail(error)
