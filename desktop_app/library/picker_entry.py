"""One model in the picker: a button that says two lines, and the pencil of a saved engine.

It must not know what choosing it does.
"""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QScrollArea, QStyle, QWidget

from desktop_app.library.picker_choices import Choice
from desktop_app.look.theme import themed_icon
from desktop_app.look.tips import plain_tip
from desktop_app.look.two_lines import TwoLines, paint_two_lines, row_height

_STEPS: Final = frozenset({Qt.Key.Key_Up, Qt.Key.Key_Down})


class SheetButton(QPushButton):
    """A button of the picker, which goes through its rows itself."""

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Leave Up and Down to the picker: Qt's buttons follow the order of tabs."""
        if event.key() in _STEPS:
            event.ignore()
        else:
            super().keyPressEvent(event)


class SheetScroll(QScrollArea):
    """The part of the picker that scrolls."""

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Leave Up and Down to the picker: Qt would scroll."""
        if event.key() in _STEPS:
            event.ignore()
        else:
            super().keyPressEvent(event)


class EntryButton(SheetButton):
    """What is pressed to choose a model."""

    def __init__(self, lines: TwoLines) -> None:
        super().__init__()
        self._lines = lines
        self._first = False
        self.show_lines(lines)

    @property
    def lines(self) -> TwoLines:
        """What it says."""
        return self._lines

    @property
    def first(self) -> bool:
        """Whether Enter in the filter chooses it."""
        return self._first

    def show_lines(self, lines: TwoLines) -> None:
        """Say something else."""
        self._lines = lines
        said = ", ".join(filter(None, (lines.title, lines.about, lines.badge)))
        self.setAccessibleName(said)
        self.setFixedHeight(row_height())
        self.update()

    def set_first(self, *, first: bool) -> None:
        """Say whether Enter in the filter chooses it."""
        if first != self._first:
            self._first = first
            self.update()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """As high as a row of any list; its texts are cut at its end."""
        return QSize(0, row_height())

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """The same."""
        return self.sizeHint()

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Two lines, as rows of lists have them."""
        flag = QStyle.StateFlag
        state = flag.State_None
        if self.isEnabled():
            if self.hasFocus():
                state |= flag.State_Selected | flag.State_HasFocus
            elif self._first:
                state |= flag.State_Selected
            elif self.underMouse():
                state |= flag.State_MouseOver
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if not self.isEnabled():
            painter.setOpacity(0.7)
        paint_two_lines(painter, self.rect(), state, self.font(), self._lines)


class PickerEntry(QWidget):
    """A row of the picker.

    Attributes:
        chosen: It was pressed.
        edit_wanted: The pencil was.
    """

    chosen = Signal()
    edit_wanted = Signal()

    def __init__(self, choice: Choice) -> None:
        super().__init__()
        self._choice = choice
        self.button = EntryButton(choice.lines)
        self.button.clicked.connect(lambda _checked=False: self.chosen.emit())
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        row.addWidget(self.button, 1)
        self.pencil = self._build_pencil(choice.engine) if choice.engine else None
        if self.pencil is not None:
            row.addWidget(self.pencil)
            row.addSpacing(4)
        self.show_choice(choice)

    @property
    def choice(self) -> Choice:
        """What it stands for."""
        return self._choice

    def show_choice(self, choice: Choice) -> None:
        """Say something else of the same model."""
        self._choice = choice
        self.button.show_lines(choice.lines)
        self.button.setToolTip(plain_tip(choice.tip) if choice.tip else "")
        self.button.setEnabled(choice.usable)

    def _build_pencil(self, name: str) -> QPushButton:
        edit = QPushButton()
        edit.setProperty("flat", True)
        edit.setIcon(themed_icon("edit", "muted"))
        edit.setAccessibleName(self.tr("Change {name}").format(name=name))
        edit.setToolTip(plain_tip(self.tr("Change or remove it")))
        edit.clicked.connect(lambda _checked=False: self.edit_wanted.emit())
        return edit
