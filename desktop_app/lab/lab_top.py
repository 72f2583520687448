"""The lab's top row: which sweep is shown, beside which other one, and how far one is."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QComboBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QMenu,
    QProgressBar,
    QPushButton,
    QToolButton,
)

from desktop_app.look.combo_popup import dress_popup
from desktop_app.look.tips import plain_tip
from desktop_app.words.electricity import with_cost
from desktop_app.words.moments import local_minute
from desktop_app.words.quantities import format_about_seconds, format_count, format_energy
from engine.lab.records import SweepStatus, SweepSummary
from engine.lab.sweep_control import SweepProgress

_BAR_WIDTH = 220
_NAME_CHARACTERS = 36
"""A name with the number of its questions, a day and a time."""
_WHOLE = 1000


class LabTop(QFrame):
    """Shows the sweeps and steers the running one.

    Attributes:
        sweep_chosen: (id) Look at a sweep.
        beside_chosen: (id) Show this sweep beside it; "" shows it alone.
        pause_requested: Let the running sweep wait, or end the wait.
        stop_requested: End it.
        resume_requested: Go on with the one that is shown.
        again_requested: Ask anew what the one that is shown asked.
        import_requested: The person has another person's sweep.
        delete_requested: Forget the one that is shown.
    """

    sweep_chosen = Signal(str)
    beside_chosen = Signal(str)
    pause_requested = Signal()
    stop_requested = Signal()
    resume_requested = Signal()
    again_requested = Signal()
    import_requested = Signal()
    delete_requested = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("labTop")
        self._running = self._paused = self._can_resume = False
        self._state = self._left = self._left_tip = ""
        self._known: dict[str, SweepSummary] = {}
        self._sweeps = QComboBox()
        dress_popup(self._sweeps)
        self._sweeps.setAccessibleName(self.tr("Sweeps"))
        self._sweeps.setMinimumContentsLength(_NAME_CHARACTERS)
        self._sweeps.setPlaceholderText(self.tr("No sweep yet"))
        self._sweeps.activated.connect(
            lambda row: self.sweep_chosen.emit(str(self._sweeps.itemData(row)))
        )
        self._beside = QComboBox()
        dress_popup(self._beside)
        self._beside.setAccessibleName(self.tr("Compare with"))
        self._beside.setMinimumContentsLength(14)
        self._beside.view().setMinimumWidth(self._sweeps.sizeHint().width())
        self._beside.activated.connect(
            lambda row: self.beside_chosen.emit(str(self._beside.itemData(row)))
        )
        self._more = QToolButton()
        self._more.setText("⋯")
        self._more.setAccessibleName(self.tr("More"))
        self._more.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        menu = QMenu(self._more)
        menu.addAction(self.tr("Import a sweep…"), self.import_requested.emit)
        self._again = menu.addAction(self.tr("Run this sweep again"), self.again_requested.emit)
        self._delete = menu.addAction(self.tr("Delete this sweep…"), self.delete_requested.emit)
        self._more.setMenu(menu)
        self._bar = QProgressBar()
        self._bar.setRange(0, _WHOLE)
        self._bar.setTextVisible(False)
        self._bar.setFixedWidth(_BAR_WIDTH)
        self._bar.setAccessibleName(self.tr("Progress of the sweep"))
        self._status = QLabel()
        self._status.setProperty("muted", True)
        self._resume = QPushButton(self.tr("Go on"))
        self._pause = QPushButton(self.tr("Pause"))
        self._pause.setToolTip(self.tr("Questions that run are finished; the model stays loaded"))
        self._stop = QPushButton(self.tr("Stop"))
        self._stop.setToolTip(self.tr("What is finished stays; it can be gone on with"))
        for button, signal in (
            (self._resume, self.resume_requested),
            (self._pause, self.pause_requested),
            (self._stop, self.stop_requested),
        ):
            button.clicked.connect(lambda _checked=False, signal=signal: signal.emit())
        self._build()
        self.show_running(running=False)

    @property
    def chosen(self) -> SweepSummary | None:
        """The sweep that the list stands at, readable or not."""
        return self._known.get(str(self._sweeps.currentData()))

    def show_sweeps(self, sweeps: Sequence[SweepSummary], chosen: str, beside: str = "") -> None:
        """List the sweeps that are stored.

        Args:
            sweeps: All of them.
            chosen: The one that is looked at, or "".
            beside: The one that is shown beside it, or "".
        """
        self._known = {sweep.sweep_id: sweep for sweep in sweeps}
        self._sweeps.clear()
        self._beside.clear()
        self._beside.addItem(self.tr("compare with…"), "")
        for sweep in sweeps:
            text = f"{sweep.name}, {local_minute(sweep.created_at)}"
            if sweep.status is SweepStatus.UNREADABLE:
                text = self.tr("{sweep} (cannot be read)").format(sweep=text)
            self._sweeps.addItem(text, sweep.sweep_id)
            if sweep.sweep_id != chosen:
                self._beside.addItem(text, sweep.sweep_id)
        self._sweeps.setCurrentIndex(self._sweeps.findData(chosen))
        self._beside.setCurrentIndex(max(0, self._beside.findData(beside)))
        self._beside.setVisible(len(sweeps) > 1)
        self._show_possible()

    def show_running(self, *, running: bool, paused: bool = False) -> None:
        """A sweep runs, waits, or none does."""
        self._running, self._paused = running, paused
        self._pause.setText(self.tr("Continue") if paused else self.tr("Pause"))
        for widget in (self._bar, self._pause, self._stop):
            widget.setVisible(running)
        self._show_possible()

    def show_progress(self, progress: SweepProgress) -> None:
        """Say how far the running sweep is."""
        self._bar.setValue(_WHOLE * progress.done // max(1, progress.attempts))
        parts = [
            self.tr("{done} of {all} samples").format(
                done=format_count(progress.done), all=format_count(progress.attempts)
            )
        ]
        if self._paused:
            parts.append(self.tr("waiting"))
        elif progress.silent:
            parts.append(self.tr("the engine gives no sign of life"))
        elif progress.seconds_left is not None:
            left = format_about_seconds(progress.seconds_left)
            parts.append(self.tr("{time} left").format(time=left))
        if progress.joules is not None:
            energy = with_cost(format_energy(progress.joules), progress.joules)
            parts.append(self.tr("{energy} so far").format(energy=energy))
        self._status.setText(" · ".join(parts))

    def show_state(self, words: str, *, can_resume: bool) -> None:
        """Say where the sweep that is shown stands; while one runs, its progress is said."""
        self._can_resume, self._state = can_resume, words
        self._show_standing()
        self._show_possible()

    def show_left(self, words: str, tip: str) -> None:
        """Say what the rest of the sweep that is shown will take; "" where that is not known."""
        self._left, self._left_tip = words, tip
        self._show_standing()

    def _show_standing(self) -> None:
        if self._running:
            self._status.setToolTip("")
            return
        waits = self._can_resume and bool(self._left)
        self._status.setText(f"{self._state} · {self._left}" if waits else self._state)
        self._status.setToolTip(plain_tip(self._left_tip) if waits else "")

    def _show_possible(self) -> None:
        self._resume.setVisible(self._can_resume and not self._running)
        chosen = self.chosen
        self._delete.setEnabled(not self._running and chosen is not None)
        readable = chosen is not None and chosen.status is not SweepStatus.UNREADABLE
        self._again.setEnabled(not self._running and readable)

    def _build(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 8, 16, 8)
        row.setSpacing(12)
        title = QLabel(self.tr("Lab"))
        title.setProperty("heading", True)
        for left in (title, self._sweeps, self._beside, self._more):
            row.addWidget(left)
        row.addStretch(1)
        for right in (self._bar, self._status, self._resume, self._pause, self._stop):
            row.addWidget(right)
