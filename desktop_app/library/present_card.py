"""The upper part of the picker: the model in use, the one that is loading or being checked.

It must not load anything, nor know what else can be chosen.
"""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QPushButton, QVBoxLayout, QWidget

from desktop_app.engines import is_description, model_title
from desktop_app.library.endpoint_words import endpoint_words
from desktop_app.library.model_button import placement_text, tokens_text
from desktop_app.library.model_control import ModelPhase, ModelState
from desktop_app.look.tips import plain_tip
from desktop_app.words.endpoint_text import endpoint_facts
from desktop_app.words.model_names import shown_name
from desktop_app.words.quantities import format_bytes
from engine.generation import EndpointReport, ModelReport

_MOST_FACTS = 3
"""What is said of a server at once; the rest is in its tooltip."""


class PresentCard(QWidget):
    """Where the model stands.

    Attributes:
        cancel_requested: Stop the load.
        eject_requested: Free the model.
    """

    cancel_requested = Signal()
    eject_requested = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._state = ModelState()
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(2)
        self._progress: QProgressBar | None = None
        self._progress_text: QLabel | None = None

    def show_state(self, state: ModelState) -> bool:
        """Say where the model stands; progress is drawn in place.

        Returns:
            Whether it takes other room now.
        """
        before, self._state = self._state, state
        loading = before.phase is state.phase is ModelPhase.LOADING
        if loading and (before.path, before.checking) == (state.path, state.checking):
            self._show_progress()
            return False
        if before == state:
            return False
        self._rebuild()
        return True

    def _rebuild(self) -> None:
        while (item := self._column.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        self._progress = self._progress_text = None
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
        name.setContentsMargins(10, 0, 10, 0)
        cancel = QPushButton(self.tr("Cancel"))
        cancel.clicked.connect(self.cancel_requested)
        for widget in (name, cancel):
            self._column.addWidget(widget)

    def _add_loading(self) -> None:
        self._add_heading(self.tr("Loading"))
        self._progress_text = QLabel()
        self._progress_text.setTextFormat(Qt.TextFormat.PlainText)
        self._progress_text.setContentsMargins(10, 0, 10, 0)
        self._progress = QProgressBar()
        self._progress.setTextVisible(False)
        self._progress.setAccessibleName(self.tr("Load progress"))
        cancel = QPushButton(self.tr("Cancel loading"))
        cancel.clicked.connect(self.cancel_requested)
        for widget in (self._progress_text, self._progress, cancel):
            self._column.addWidget(widget)
        self._show_progress()

    def _add_report(self, report: ModelReport) -> None:
        self._add_heading(self.tr("In use"))
        name = QLabel(shown_name(report.name))
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
        for label in (name, about):
            label.setWordWrap(True)
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
        eject.clicked.connect(self.eject_requested)
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
        self._column.addWidget(section_heading(text))

    def _show_progress(self) -> None:
        state = self._state
        if self._progress is None or self._progress_text is None or state.path is None:
            return
        name = model_title(state.path)
        if is_description(state.path):  # a server tells no progress
            self._progress.setRange(0, 0)
            self._progress_text.setText(self.tr("{name}, connecting").format(name=name))
            return
        percent = round(state.fraction * 100)
        self._progress.setValue(percent)
        self._progress_text.setText(
            self.tr("{name}, {percent} %").format(name=name, percent=percent)
        )


def section_heading(text: str) -> QLabel:
    """The muted line above some models."""
    label = QLabel(text)
    label.setProperty("muted", True)
    label.setContentsMargins(10, 6, 10, 2)
    return label
