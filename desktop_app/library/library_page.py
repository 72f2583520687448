"""The page of what is on this computer: a list of models, and all about the chosen one.

It must not touch files; it asks the feed, and says in signals what a person wants of the window.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

from PySide6.QtCore import Qt, QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import (
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QMessageBox,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from desktop_app.library.fitting import Fitting
from desktop_app.library.library_feed import LibraryFeed
from desktop_app.library.placement_text import placement_words
from desktop_app.library.rows import RowList
from desktop_app.look.flow_row import FlowRow
from desktop_app.look.long_line import LongLine
from desktop_app.look.steady_scroll import SteadyPage
from desktop_app.look.two_lines import TwoLines
from desktop_app.words.model_names import model_names
from desktop_app.words.model_text import ORIGIN_NAMES, facts_of, parameters_text
from desktop_app.words.quantities import format_bytes
from models.fit import Placement
from models.library import LibraryModel
from models.places import Origin

_LONG_FACTS: Final = frozenset({"file", "from", "sha256"})
"""Facts without a space to wrap at."""

FitOf = Callable[[LibraryModel], Fitting | None]


class LibraryPage(QWidget):
    """Models on disk.

    Args:
        feed: What is on disk.
        fit_of: How a model would fit this machine now.

    Attributes:
        load_requested: (path) The person wants to use this model.
        folder_requested: (folder) The models folder shall be another one.
    """

    load_requested = Signal(str)
    folder_requested = Signal(str)

    def __init__(self, feed: LibraryFeed, fit_of: FitOf, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._feed = feed
        self._fit_of = fit_of
        self._notes: dict[Path, tuple[int, str]] = {}
        """When a file that was checked had been written last, and what the check said."""
        self._names: dict[Path, str] = {}
        """What the models are called, as in the picker."""
        self._loaded: Path | None = None
        self._measured: Callable[[LibraryModel], str] = lambda _model: ""
        self._filter = QLineEdit()
        self._filter.setPlaceholderText(self.tr("Filter by name"))
        self._filter.setAccessibleName(self.tr("Filter models by name"))
        self._filter.setClearButtonEnabled(True)
        self._list: RowList[Path] = RowList(self.tr("Models on this computer"))
        self._title = QLabel()
        self._title.setProperty("heading", True)
        self._title.setTextFormat(Qt.TextFormat.PlainText)
        self._title.setWordWrap(True)
        self._problem = QLabel()
        self._problem.setWordWrap(True)
        self._problem.setTextFormat(Qt.TextFormat.PlainText)
        self._facts = QFormLayout()
        self._facts.setLabelAlignment(Qt.AlignmentFlag.AlignLeft)
        self._facts.setHorizontalSpacing(16)
        self._facts.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        self._load = self._button(self.tr("Use this model"), self._on_load)
        self._load.setProperty("primary", True)
        self._reveal = self._button(self.tr("Show in folder"), self._on_reveal)
        self._verify = self._button(self.tr("Check"), self._on_verify)
        self._verify.setToolTip(self.tr("Compare its bytes with the SHA-256 of when it came"))
        self._import = self._button(self.tr("Copy to my models"), self._on_import_chosen)
        self._remove = self._button(self.tr("Remove"), self._on_remove)
        self._bring = self._button(self.tr("Import a file…"), self._on_import)
        self._move = self._button(self.tr("Move the folder…"), self._on_move)
        self._task_text = QLabel()
        self._task_text.setProperty("muted", True)
        self._task_bar = QProgressBar()
        self._task_bar.setTextVisible(False)
        self._task_bar.setAccessibleName(self.tr("Progress"))
        self._stop = self._button(self.tr("Stop"), feed.stop)
        self._build()
        self._filter.textChanged.connect(self._show_models)
        self._list.chosen.connect(lambda _path: self._show_model(self._chosen))
        self._list.opened.connect(lambda _path: self._on_load())
        feed.changed.connect(self.refresh_fit)
        feed.task_changed.connect(self._show_task)
        feed.verified.connect(self._on_verified)
        self._show_models()
        self._show_task()

    def select(self, path: Path) -> None:
        """Show the model of this file."""
        self._list.select(path)

    @property
    def _chosen(self) -> LibraryModel | None:
        path = self._list.value
        return next((model for model in self._feed.models if model.path == path), None)

    def refresh_fit(self) -> None:
        """The memory, the slider or the loaded model changed."""
        self._show_models()
        self._show_model(self._chosen)

    def show_loaded(self, path: Path | None) -> None:
        """Say which file is loaded now; that one cannot be removed."""
        self._loaded = path
        self._show_model(self._chosen)

    def set_measured(self, measured: Callable[[LibraryModel], str]) -> None:
        """Say where to look up what a model measured here."""
        self._measured = measured

    # --- building -------------------------------------------------------------------------------

    def _button(self, text: str, clicked: Callable[[], None]) -> QPushButton:
        button = QPushButton(text)
        button.clicked.connect(lambda _checked=False: clicked())
        return button

    def _build(self) -> None:
        left = QVBoxLayout()
        left.addWidget(self._filter)
        left.addWidget(self._list, 1)
        left.addWidget(FlowRow((self._bring, self._move)))
        detail = QWidget()
        right = QVBoxLayout(detail)
        right.setContentsMargins(16, 0, 4, 0)
        right.addWidget(self._title)
        right.addWidget(self._problem)
        actions = (self._load, self._reveal, self._verify, self._import, self._remove)
        right.addWidget(FlowRow(actions))
        right.addSpacing(8)
        right.addLayout(self._facts)
        right.addStretch(1)
        task = QHBoxLayout()
        task.addWidget(self._task_text)
        task.addWidget(self._task_bar, 1)
        task.addWidget(self._stop)
        row = QHBoxLayout()
        row.addLayout(left, 2)
        row.addWidget(SteadyPage(detail), 3)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 8, 0, 0)
        column.addLayout(row, 1)
        column.addLayout(task)

    # --- showing --------------------------------------------------------------------------------

    def _show_models(self) -> None:
        names = self._names = model_names(self._feed.models)
        wanted = self._filter.text().casefold()
        models = [
            model
            for model in self._feed.models
            if wanted in names[model.path].casefold() or wanted in model.name.casefold()
        ]
        models.sort(key=lambda model: names[model.path].casefold())
        self._list.set_rows([(self._lines(model), model.path) for model in models])

    def _lines(self, model: LibraryModel) -> TwoLines:
        about = model.description
        if model.problem or about is None:
            return TwoLines(self._name(model), model.problem, self.tr("unusable"), warns=True)
        facts = [
            parameters_text(about.parameters) if about.parameters else "",
            about.quantization or "",
            format_bytes(model.size_bytes),
            self._origin(model.origin),
        ]
        fitting = self._fit_of(model)
        badge = placement_words(fitting.fit) if fitting else ""
        too_large = fitting is not None and fitting.fit.placement is Placement.TOO_LARGE
        return TwoLines(self._name(model), " · ".join(filter(None, facts)), badge, warns=too_large)

    def _name(self, model: LibraryModel) -> str:
        return self._names.get(model.path, model.name)

    def _origin(self, origin: Origin) -> str:
        return "" if origin is Origin.OWN else ORIGIN_NAMES[origin]

    def _show_model(self, model: LibraryModel | None) -> None:
        while self._facts.rowCount():
            self._facts.removeRow(0)
        usable = model is not None and not model.problem
        self._title.setText(self._name(model) if model else self.tr("No model chosen"))
        self._problem.setText(model.problem if model else "")
        self._problem.setVisible(bool(model and model.problem))
        self._show_actions(model)
        if model is None:
            return
        facts = [*facts_of(model), *self._fit_facts(model)]
        measured = self._measured(model) if usable else ""
        if measured:
            facts.append((self.tr("measured here"), measured))
        written_ns, note = self._notes.get(model.path, (0, ""))
        if model.modified_ns <= written_ns:  # another file since then was not checked
            facts.append((self.tr("last check"), note))
        for name, value in facts:
            title = QLabel(name)
            title.setProperty("muted", True)
            label = LongLine(value) if name in _LONG_FACTS else _fact(value)
            label.setAccessibleName(name)
            self._facts.addRow(title, label)

    def _show_actions(self, model: LibraryModel | None) -> None:
        """Offer what can be done now; what changes files waits for the task under way."""
        usable = model is not None and not model.problem
        own = model is not None and model.origin is Origin.OWN
        loaded = model is not None and model.path == self._loaded
        free = self._feed.task is None
        self._load.setEnabled(usable and not loaded)
        self._load.setText(self.tr("Loaded") if loaded else self.tr("Use this model"))
        self._reveal.setEnabled(model is not None)
        self._verify.setEnabled(usable and free)
        self._remove.setVisible(own)
        self._remove.setEnabled(not loaded and free)
        self._remove.setToolTip(
            self.tr("It is loaded; eject it first")
            if loaded
            else self.tr("Move it to the bin; you can undo that")
        )
        self._import.setVisible(model is not None and usable and not own)
        for button in (self._import, self._bring, self._move):
            button.setEnabled(free)

    def _fit_facts(self, model: LibraryModel) -> list[tuple[str, str]]:
        fitting = self._fit_of(model)
        if fitting is None:
            return []
        need = fitting.fit.need
        parts = self.tr("{total}: weights {weights}, context {cache}, work space {compute}").format(
            total=format_bytes(need.total_bytes),
            weights=format_bytes(need.weights_bytes),
            cache=format_bytes(need.cache_bytes),
            compute=format_bytes(need.compute_bytes + need.engine_bytes),
        )
        notch = fitting.largest_notch
        return [
            (self.tr("memory"), parts),
            (self.tr("fit"), placement_words(fitting.fit)),
            (
                self.tr("side by side"),
                self.tr("up to {name} ({count})").format(name=notch.name, count=notch.attempts)
                if notch
                else self.tr("not even one"),
            ),
        ]

    def _show_task(self) -> None:
        task = self._feed.task
        self._show_actions(self._chosen)
        for widget in (self._task_text, self._task_bar, self._stop):
            widget.setVisible(task is not None)
        if task is None:
            return
        self._task_text.setText(task.title)
        self._task_bar.setRange(0, 1000 if task.total_bytes else 0)
        if task.total_bytes:
            self._task_bar.setValue(task.done_bytes * 1000 // task.total_bytes)

    # --- what a person does ---------------------------------------------------------------------

    def _on_load(self) -> None:
        model = self._chosen
        if model is not None and not model.problem:
            self.load_requested.emit(str(model.path))

    def _on_reveal(self) -> None:
        model = self._chosen
        if model is not None:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(model.path.parent)))

    def _on_verify(self) -> None:
        model = self._chosen
        if model is not None:
            self._feed.verify(model, self.tr("Checking {name}").format(name=self._name(model)))

    def _on_verified(self, model: LibraryModel, intact: bool | None) -> None:  # noqa: FBT001 - Qt's
        try:
            written_ns = model.path.stat().st_mtime_ns
        except OSError:  # it is gone
            return
        note = {
            True: self.tr("intact: its bytes are those that came"),
            False: self.tr("damaged: its bytes have changed since it came; get it again"),
            None: self.tr("no SHA-256 was recorded when it came"),
        }[intact]
        self._notes[model.path] = (written_ns, note)
        self._show_model(self._chosen)

    def _on_import(self) -> None:
        name, _ = QFileDialog.getOpenFileName(
            self, self.tr("Import a model file"), "", self.tr("GGUF models (*.gguf)")
        )
        if name:
            self._bring_in(Path(name))

    def _on_import_chosen(self) -> None:
        model = self._chosen
        if model is not None:
            self._bring_in(model.path)

    def _bring_in(self, path: Path) -> None:
        self._feed.bring_in(path, self.tr("Copying {name}").format(name=path.name))

    def _on_remove(self) -> None:
        model = self._chosen
        if model is not None:
            self._feed.remove(model, self.tr("Removing {name}").format(name=self._name(model)))

    def _on_move(self) -> None:
        folder = QFileDialog.getExistingDirectory(
            self, self.tr("Choose the new models folder"), str(self._feed.folder)
        )
        if not folder:
            return
        answer = QMessageBox.question(
            self,
            self.tr("Move the models"),
            self.tr("Move all of your models to {folder}?").format(folder=folder),
        )
        if answer == QMessageBox.StandardButton.Yes:
            self.folder_requested.emit(folder)


def _fact(value: str) -> QWidget:
    label = QLabel(value)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return label
