"""The menu beside the strategy: presets, the time limit, the model's own thinking, the options.

It must not know files or settings: what a person asks for is said in signals.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPoint, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QWidget

from desktop_app.chat.own_thinking_menu import OwnThinkingMenu
from desktop_app.chat.time_limit_menu import TimeLimitMenu


@dataclass(frozen=True, slots=True)
class PresetRow:
    """What the menu says of a preset.

    Attributes:
        name: What the person calls it.
        current: Whether what it holds is what holds now.
        damaged: Whether its file holds none.
    """

    name: str
    current: bool = False
    damaged: bool = False


class PresetMenu(QMenu):
    """Presets, and what is done with them.

    Attributes:
        preset_chosen: The name of the preset that is to hold.
        keep_requested: What holds now is to become a preset.
        remove_requested: The name of the preset that is to go.
        options_requested: The strategies' options are to be shown.
        time_limit: How long an answer may take.
        own_thinking: What is wished of the model's own thinking.
    """

    preset_chosen = Signal(str)
    keep_requested = Signal()
    remove_requested = Signal(str)
    options_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("presets")
        self.setToolTipsVisible(True)
        self._rows: tuple[PresetRow, ...] = ()
        self._choosable = True
        self._removing = QMenu(self.tr("Remove a preset"), self)
        self.time_limit = TimeLimitMenu(self)
        self.own_thinking = OwnThinkingMenu(self)
        self._build()

    @property
    def rows(self) -> tuple[PresetRow, ...]:
        """What it says."""
        return self._rows

    def set_rows(self, rows: Sequence[PresetRow]) -> None:
        """Say something else of the presets."""
        if tuple(rows) != self._rows:
            self._rows = tuple(rows)
            self._build()

    def set_choosable(self, *, choosable: bool) -> None:
        """Whether a preset can be used now."""
        if choosable != self._choosable:
            self._choosable = choosable
            self._build()

    def open_above(self, button: QWidget) -> None:
        """Show it with its lower left corner at a button's upper one, as far as the screen goes."""
        self.popup(button.mapToGlobal(QPoint(0, -self.sizeHint().height())))

    def _build(self) -> None:
        self.clear()
        self._removing.clear()
        for row in self._rows:
            self._add_preset(row)
        if self._rows:
            self.addSeparator()
        keep = self.addAction(self.tr("Keep as a preset…"))
        keep.setToolTip(
            self.tr("Strategy, budget, limits, sampling and instructions, under a name")
        )
        keep.triggered.connect(self.keep_requested)
        if self._rows:
            self.addMenu(self._removing)
            for row in self._rows:
                action = self._removing.addAction(_shown(row.name))
                action.triggered.connect(
                    lambda _checked=False, name=row.name: self.remove_requested.emit(name)
                )
        self.addSeparator()
        self.addMenu(self.time_limit)
        self.addMenu(self.own_thinking)
        self.addAction(self.tr("Options of the strategies…")).triggered.connect(
            self.options_requested
        )

    def _add_preset(self, row: PresetRow) -> None:
        name = _shown(row.name)
        action = self.addAction(self.tr("{0} (damaged)").format(name) if row.damaged else name)
        action.setCheckable(True)
        action.setChecked(row.current)
        action.setEnabled(self._choosable and not row.damaged)
        action.triggered.connect(lambda _checked=False: self._choose(action, row))

    def _choose(self, action: QAction, row: PresetRow) -> None:
        action.setChecked(row.current)  # a click took the tick away; who uses it says what holds
        self.preset_chosen.emit(row.name)


def _shown(name: str) -> str:
    """A name whose ampersands are no shortcuts."""
    return name.replace("&", "&&")
