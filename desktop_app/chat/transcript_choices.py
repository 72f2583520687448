"""Offers the answers of a vote that nobody won, for a person to choose."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLabel, QWidget

from desktop_app.chat.transcript_parts import OutlinedButton
from desktop_app.chat.turn import VoteShare
from desktop_app.look.theme import current_theme
from desktop_app.look.tips import plain_tip
from desktop_app.rich_text.without_marks import without_marks

GAP = 8
MAX_CHOICES = 8
LABEL_CHARACTERS = 40


class AnswerChoices(QWidget):
    """One button for each answer that can be promoted, in rows; many are left to the panel.

    Attributes:
        chosen: Index of the candidate that speaks for the chosen answer.
        more_requested: All candidates are to be shown.
    """

    chosen = Signal(int)
    more_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._groups: tuple[VoteShare, ...] = ()
        self._lead = QLabel(self.tr("Choose the answer:"), self)
        self._buttons: list[OutlinedButton] = []
        self.restyle()

    def set_groups(self, groups: Sequence[VoteShare]) -> None:
        """Offer other answers."""
        offered = tuple(group for group in groups if group.candidate is not None)
        if offered == self._groups:
            return
        self._groups = offered
        shown, more = offered, 0
        if len(offered) > MAX_CHOICES:
            shown = offered[: MAX_CHOICES - 1]
            more = len(offered) - len(shown)
        for button in self._buttons:
            button.hide()
            button.deleteLater()
        self._buttons = [self._make_button(group) for group in shown]
        if more:
            self._buttons.append(self._make_more(more))

    def place(self, x: int, y: int, width: int) -> int:
        """Lay the buttons out; returns the y coordinate below them."""
        size = self._lead.sizeHint()
        row = max([button.sizeHint().height() for button in self._buttons], default=size.height())
        self._lead.setGeometry(0, (row - size.height()) // 2, size.width(), size.height())
        left, top = size.width() + GAP, 0
        for button in self._buttons:
            wanted = min(button.sizeHint().width(), width)
            if left and left + wanted > width:
                left, top = 0, top + row + GAP
            button.setGeometry(left, top, wanted, row)
            left += wanted + GAP
        self.setGeometry(x, y, width, top + row)
        return y + top + row

    def restyle(self) -> None:
        """Take the present theme's colours."""
        self._lead.setStyleSheet(f"color: {current_theme().muted};")
        for button in self._buttons:
            button.restyle()

    def _make_more(self, count: int) -> OutlinedButton:
        button = OutlinedButton(self.tr("{0} more…").format(count), self)
        button.setToolTip(self.tr("All candidates, each with a button that makes it the answer"))
        button.clicked.connect(self.more_requested)
        button.show()
        return button

    def _make_button(self, group: VoteShare) -> OutlinedButton:
        label = without_marks(group.label)
        if len(label) > LABEL_CHARACTERS:
            label = f"{label[:LABEL_CHARACTERS]}…"
        button = OutlinedButton(f"{label} ({group.count})".replace("&", "&&"), self)
        button.setToolTip(plain_tip(group.label))
        spoken = without_marks(group.label)
        button.setAccessibleName(
            self.tr("Choose {0}, {1} votes").format(spoken, group.count)
            if group.count != 1
            else self.tr("Choose {0}, 1 vote").format(spoken)
        )
        button.clicked.connect(lambda: self.chosen.emit(group.candidate))
        button.show()
        return button
