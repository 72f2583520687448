"""The model picker: what is loaded, what else there is, progress of a load, eject.

It exists so that choosing a model is one small sheet under the top bar's button. It must not load
anything itself.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from desktop_app.endpoint_text import endpoint_facts
from desktop_app.engines import SavedEngine, is_description, model_title
from desktop_app.library.endpoint_words import endpoint_words
from desktop_app.library.model_button import placement_text, tokens_text
from desktop_app.library.model_control import ModelPhase, ModelState
from desktop_app.quantities import format_bytes
from desktop_app.theme import current_theme, pixels, themed_icon
from desktop_app.tips import plain_tip
from engine.generation import EndpointReport, ModelReport
from engine.journal.records import ModelRecord
from models.builtin import BASE, SMALL, STORIES

_MOST_RECENT = 6
_PICKER_WIDTH = 420
_MOST_FACTS = 3
"""What is said of a server at once; the rest is in its tooltip."""


class _Entry(QPushButton):
    """One model to choose: its name, and a muted line about it."""

    def __init__(self, title: str, about: str, tip: str) -> None:
        super().__init__()
        self.setProperty("flat", True)
        self.setAccessibleName(f"{title}, {about}")
        self.setToolTip(plain_tip(tip) if tip else "")
        column = QVBoxLayout(self)
        column.setContentsMargins(10, 6, 10, 6)
        column.setSpacing(0)
        name = QLabel(title)
        line = QLabel(about)
        line.setProperty("muted", True)
        for label in (name, line):
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
            label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
            column.addWidget(label)
        self.setMinimumHeight(column.sizeHint().height())


class ModelPicker(QFrame):
    """The sheet under the model button.

    Attributes:
        chosen: Path of the model to load.
        file_wanted: The person wants to choose a file.
        library_wanted: The person wants the page of all models.
        server_wanted: The person wants to connect to a server.
        edit_wanted: (name) The person wants to change a saved engine.
        cancel_requested: Stop the load.
        eject_requested: Free the model.
    """

    chosen = Signal(str)
    file_wanted = Signal()
    library_wanted = Signal()
    server_wanted = Signal()
    edit_wanted = Signal(str)
    cancel_requested = Signal()
    eject_requested = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self._owner = parent
        self.setObjectName("modelPicker")
        self.setAccessibleName(self.tr("Models"))
        self._state = ModelState()
        self._recent: Sequence[ModelRecord] = ()
        self._builtin: Mapping[str, Path] = {}
        self._engines: Sequence[SavedEngine] = ()
        self._body = QWidget()
        self._column = QVBoxLayout(self._body)
        self._column.setContentsMargins(8, 8, 8, 8)
        self._column.setSpacing(2)
        scroll = QScrollArea()
        scroll.setWidget(self._body)
        scroll.setWidgetResizable(True)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(1, 1, 1, 1)
        outer.addWidget(scroll)
        self._progress: QProgressBar | None = None
        self._progress_text: QLabel | None = None

    def set_builtin(self, models: Mapping[str, Path]) -> None:
        """Say which built-in models there are, by their names in `models.builtin`."""
        self._builtin = models
        self._rebuild_if_open()

    def set_engines(self, engines: Sequence[SavedEngine]) -> None:
        """Say which engines elsewhere are saved."""
        self._engines = engines
        self._rebuild_if_open()

    def set_recent(self, recent: Sequence[ModelRecord]) -> None:
        """Say which models were used before."""
        self._recent = recent
        self._rebuild_if_open()

    def show_state(self, state: ModelState) -> None:
        """Say where the model stands; progress is drawn in place."""
        before, self._state = self._state, state
        loading = before.phase is state.phase is ModelPhase.LOADING
        if loading and (before.path, before.checking) == (state.path, state.checking):
            self._show_progress()
        else:
            self._rebuild_if_open()

    def open_below(self, anchor: QWidget) -> None:
        """Show the sheet under a button."""
        self._rebuild()
        self._fit()
        self.move(anchor.mapToGlobal(QPoint(0, anchor.height() + 4)))
        self.show()
        first = self._body.findChild(QPushButton)
        if first is not None:
            first.setFocus(Qt.FocusReason.PopupFocusReason)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Up and Down go through the entries, Esc closes."""
        match event.key():
            case Qt.Key.Key_Down:
                self.focusNextChild()
            case Qt.Key.Key_Up:
                self.focusPreviousChild()
            case Qt.Key.Key_Return | Qt.Key.Key_Enter:
                focused = self.focusWidget()
                if isinstance(focused, QPushButton):
                    focused.click()
            case _:
                super().keyPressEvent(event)

    # --- building -------------------------------------------------------------------------------

    def _rebuild_if_open(self) -> None:
        if self.isVisible():
            self._rebuild()
            self._fit()

    def _fit(self) -> None:
        wanted = self._body.sizeHint().height() + 4
        window = self._owner.window()
        self.setFixedSize(
            min(pixels(_PICKER_WIDTH), window.width() - 24), min(wanted, window.height() - 72)
        )

    def _rebuild(self) -> None:
        while (item := self._column.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        self._progress = self._progress_text = None
        self._add_present()
        if self._builtin:
            self._add_heading(self.tr("Built in"))
        for name, path in self._builtin.items():
            self._add_builtin(name, path)
        present = self._state.path if self._state.phase is not ModelPhase.NO_MODEL else None
        if self._engines:
            self._add_heading(self.tr("Elsewhere"))
        for engine in self._engines:
            self._add_engine(engine)
        shown = {*self._builtin.values(), present, *(engine.path for engine in self._engines)}
        others = [record for record in self._recent if Path(record.path) not in shown]
        if others:
            self._add_heading(self.tr("Used before"))
        for record in others[:_MOST_RECENT]:
            self._add_entry(record.name, self._about(record), Path(record.path))
        self._add_line()
        for text, act in (
            (self.tr("Find and manage models…"), self.library_wanted.emit),
            (self.tr("Connect to a server…"), self.server_wanted.emit),
            (self.tr("Open a file…"), self.file_wanted.emit),
        ):
            button = QPushButton(text)
            button.clicked.connect(self._then_close(act))
            self._column.addWidget(button)
        theme = current_theme()
        self.setStyleSheet(
            f"#modelPicker {{ background: {theme.panel}; border: 1px solid {theme.hairline}; }}"
            f"QScrollArea, QScrollArea > QWidget > QWidget {{ background: {theme.panel}; }}"
            "QPushButton { text-align: left; }"
        )

    def _add_present(self) -> None:
        state = self._state
        if state.checking is not None:
            self._add_checking(state.checking)
        elif state.phase is ModelPhase.LOADING and state.path is not None:
            self._add_loading()
        if state.report is not None:
            self._add_report(state.report)

    def _add_checking(self, path: Path) -> None:
        """The file that will take the place of the loaded model if it is sound."""
        self._add_heading(self.tr("Checking"))
        name = QLabel(model_title(path))
        name.setTextFormat(Qt.TextFormat.PlainText)
        cancel = QPushButton(self.tr("Cancel"))
        cancel.clicked.connect(self.cancel_requested)
        for widget in (name, cancel):
            self._column.addWidget(widget)

    def _add_loading(self) -> None:
        self._add_heading(self.tr("Loading"))
        self._progress_text = QLabel()
        self._progress = QProgressBar()
        self._progress.setTextVisible(False)
        self._progress.setAccessibleName(self.tr("Load progress"))
        cancel = QPushButton(self.tr("Cancel loading"))
        cancel.clicked.connect(self.cancel_requested)
        for widget in (self._progress_text, self._progress, cancel):
            self._column.addWidget(widget)
        self._show_progress()

    def _add_report(self, report: ModelReport) -> None:
        self._add_heading(self.tr("Loaded"))
        name = QLabel(report.name)
        name.setProperty("heading", True)
        facts = [
            f"{report.parameters / 1e9:.1f}B" if report.parameters >= 1e8 else "",
            format_bytes(report.size_bytes) if report.size_bytes else "",
            placement_text(report),
            self.tr("context {tokens}").format(tokens=tokens_text(report.context_tokens))
            if report.context_tokens
            else self.tr("context not stated"),
            self.tr("{count} side by side").format(count=report.slots),
            self.tr("loaded in {seconds:.1f} s").format(seconds=report.load_seconds),
        ]
        about = QLabel(" · ".join(fact for fact in facts if fact))
        about.setWordWrap(True)
        for label in (name, about):
            label.setTextFormat(Qt.TextFormat.PlainText)
        about.setProperty("muted", True)
        row = QWidget()
        layout = QHBoxLayout(row)
        layout.setContentsMargins(10, 4, 4, 4)
        texts = QVBoxLayout()
        texts.setSpacing(4)
        texts.addWidget(name)
        texts.addWidget(about)
        for endpoint in report.endpoints:
            texts.addWidget(self._server_line(endpoint, named=len(report.endpoints) > 1))
        layout.addLayout(texts, 1)
        eject = QPushButton(self.tr("Eject"))
        eject.setToolTip(
            self.tr("Let go of its servers")
            if report.endpoints
            else self.tr("Free the memory the model uses")
        )
        eject.clicked.connect(self._then_close(self.eject_requested.emit))
        layout.addWidget(eject, 0, Qt.AlignmentFlag.AlignTop)
        self._column.addWidget(row)

    def _server_line(self, endpoint: EndpointReport, *, named: bool) -> QLabel:
        facts = endpoint_facts(endpoint, endpoint_words)
        said = [endpoint.name, *facts[:_MOST_FACTS]] if named else facts[: _MOST_FACTS - 1]
        line = QLabel(" · ".join(said))
        line.setToolTip(plain_tip("\n".join([endpoint.address, *facts])))
        line.setTextFormat(Qt.TextFormat.PlainText)
        line.setWordWrap(True)
        line.setProperty("muted", True)
        return line

    def _add_heading(self, text: str) -> None:
        label = QLabel(text)
        label.setProperty("muted", True)
        label.setContentsMargins(10, 6, 10, 2)
        self._column.addWidget(label)

    def _add_line(self) -> None:
        line = QFrame()
        line.setFixedHeight(1)
        line.setStyleSheet(f"background: {current_theme().hairline};")
        self._column.addSpacing(4)
        self._column.addWidget(line)
        self._column.addSpacing(4)

    def _add_builtin(self, name: str, path: Path) -> None:
        title, about = {
            STORIES: ("Ponder stories", self.tr("number stories, a demonstration")),
            SMALL: (
                "Ponder small",
                self.tr("four kinds of puzzles, often wrong"),
            ),
            BASE: ("Ponder base", self.tr("the same, less often wrong and slower")),
        }[name]
        size = format_bytes(path.stat().st_size)
        self._add_entry(title, self.tr("{about}, {size}").format(about=about, size=size), path)

    def _add_entry(self, title: str, about: str, path: Path) -> None:
        present = self._state.path == path and self._state.phase is not ModelPhase.NO_MODEL
        if present and self._state.phase is ModelPhase.READY:
            about = self.tr("{0}, loaded").format(about)
        entry = _Entry(title, about, str(path))
        entry.setEnabled(not present)
        entry.clicked.connect(self._then_close(lambda: self.chosen.emit(str(path))))
        self._column.addWidget(entry)

    def _add_engine(self, engine: SavedEngine) -> None:
        """A saved engine, with a way to change it at its right."""
        entry = _Entry(engine.name, self._about_engine(engine), "\n".join(engine.addresses))
        present = self._state.path == engine.path and self._state.phase is not ModelPhase.NO_MODEL
        entry.setEnabled(not present and engine.description is not None)
        entry.clicked.connect(self._then_close(lambda: self.chosen.emit(str(engine.path))))
        edit = QPushButton()
        edit.setProperty("flat", True)
        edit.setIcon(themed_icon("edit", "muted"))
        edit.setAccessibleName(self.tr("Change {name}").format(name=engine.name))
        edit.setToolTip(plain_tip(self.tr("Change or remove it")))
        edit.clicked.connect(self._then_close(lambda: self.edit_wanted.emit(engine.name)))
        row = QWidget()
        layout = QHBoxLayout(row)
        layout.setContentsMargins(0, 0, 4, 0)
        layout.setSpacing(4)
        layout.addWidget(entry, 1)
        layout.addWidget(edit)
        self._column.addWidget(row)

    def _about_engine(self, engine: SavedEngine) -> str:
        if engine.description is None:
            return self.tr("unusable: {trouble}").format(trouble=engine.trouble)
        endpoints = engine.description.endpoints
        models = dict.fromkeys(endpoint.model for endpoint in endpoints if endpoint.model)
        if len(endpoints) == 1:
            return " · ".join([endpoints[0].label, *models])
        return " · ".join([self.tr("{count} servers").format(count=len(endpoints)), *models])

    def _about(self, record: ModelRecord) -> str:
        size = format_bytes(record.size_bytes) if record.size_bytes else ""
        parts = [record.quantization, size]
        if is_description(Path(record.path)):
            parts = [self.tr("an engine elsewhere")]
        if not Path(record.path).exists():
            parts = [self.tr("the file is gone")]
        elif record.crashed:
            parts.append(self.tr("ended the engine last time"))
        return " · ".join(part for part in parts if part)

    def _show_progress(self) -> None:
        state = self._state
        if self._progress is None or self._progress_text is None or state.path is None:
            return
        if is_description(state.path):  # a server tells no progress
            self._progress.setRange(0, 0)
            self._progress_text.setText(
                self.tr("{name}, connecting").format(name=model_title(state.path))
            )
            return
        percent = round(state.fraction * 100)
        self._progress.setValue(percent)
        self._progress_text.setText(
            self.tr("{name}, {percent} %").format(name=state.path.name, percent=percent)
        )

    def _then_close(self, act: Callable[[], None]) -> Callable[[], None]:
        def close_and_act() -> None:
            self.hide()
            act()

        return close_and_act
