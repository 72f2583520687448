"""The part of the menu beside the strategy that says how the model itself thinks.

It must not know models or settings: it is told what can be chosen and says what was.
"""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QActionGroup
from PySide6.QtWidgets import QMenu, QWidget

from desktop_app.words.own_thinking_text import offered, own_thinking_text
from engine.own_thinking import OwnThinking


class OwnThinkingMenu(QMenu):
    """What can be wished of the model's own thinking, one of them chosen.

    Attributes:
        chosen: The person chose this `OwnThinking`.
    """

    chosen = Signal(object)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._group = QActionGroup(self)
        self._takes: tuple[OwnThinking, ...] | None = None
        self._wish = OwnThinking.AUTO
        self._build()

    def show_wish(self, wish: OwnThinking) -> None:
        """Mark what is chosen."""
        if wish is not self._wish:
            self._wish = wish
            self._build()

    def set_takes(self, takes: tuple[OwnThinking, ...] | None) -> None:
        """Offer what the loaded model can be told, or nothing where none is loaded."""
        if takes != self._takes:
            self._takes = takes
            self._build()

    def _build(self) -> None:
        self.clear()
        entries = offered(self._takes, self._wish)
        for wish, text in entries:
            action = self.addAction(text)
            action.setCheckable(True)
            action.setChecked(wish is self._wish)
            action.triggered.connect(lambda _checked=False, wish=wish: self.chosen.emit(wish))
            self._group.addAction(action)
        takes = self._takes or ()
        holds = own_thinking_text(self._wish if self._wish in takes else OwnThinking.AUTO)
        said = self.tr("The model's own thinking: {0}").format(holds)
        choosable = len(entries) > 1
        self.setTitle(said if choosable else self.tr("This model's thinking has no switch"))
        entry = self.menuAction()
        entry.setEnabled(choosable)
        entry.setVisible(self._takes is not None)
