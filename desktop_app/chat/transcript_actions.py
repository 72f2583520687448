"""The row of actions below a turn."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QMenu, QToolButton, QWidget

from desktop_app.chat.transcript_parts import QuietButton, QuietToggle
from desktop_app.chat.turn import Role, TurnState, TurnView
from desktop_app.theme import current_theme
from engine.feedback import Thumb


class ActionRow(QWidget):
    """Copy, regenerate, think longer, edit, thumbs, versions and the rest in a menu."""

    copy_pressed = Signal()
    copy_thought_pressed = Signal()
    regenerate_pressed = Signal()
    think_longer_pressed = Signal()
    edit_pressed = Signal()
    thumb_pressed = Signal(object)
    deliberation_pressed = Signal()
    version_pressed = Signal(int)

    def __init__(self, role: Role, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._role = role
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2)
        self.copy_button = QuietButton(self.tr("Copy"), self)
        self.copy_button.clicked.connect(self.copy_pressed)
        self.regenerate_button = QuietButton(self.tr("Regenerate"), self)
        self.regenerate_button.setToolTip(self.tr("Ask again; this answer is kept as a version"))
        self.regenerate_button.clicked.connect(self.regenerate_pressed)
        self.longer_button = QuietButton(self.tr("Think longer"), self)
        self.longer_button.setToolTip(self.tr("Add samples to the ones that exist"))
        self.longer_button.clicked.connect(self.think_longer_pressed)
        self.edit_button = QuietButton(self.tr("Edit"), self)
        self.edit_button.setToolTip(self.tr("Edit and ask again; this question is kept"))
        self.edit_button.clicked.connect(self.edit_pressed)
        self.up_button = QuietToggle("thumb-up", self.tr("Good answer"), self)
        self.up_button.clicked.connect(lambda: self.thumb_pressed.emit(Thumb.UP))
        self.down_button = QuietToggle("thumb-down", self.tr("Poor answer"), self)
        self.down_button.clicked.connect(lambda: self.thumb_pressed.emit(Thumb.DOWN))
        self.previous_button = QuietButton("\u2039", self)
        self.previous_button.setAccessibleName(self.tr("Earlier version"))
        self.previous_button.clicked.connect(lambda: self.version_pressed.emit(-1))
        self._version = QLabel(self)
        self.next_button = QuietButton("\u203a", self)
        self.next_button.setAccessibleName(self.tr("Later version"))
        self.next_button.clicked.connect(lambda: self.version_pressed.emit(1))
        self.more_button = QuietButton("…", self)
        self.more_button.setAccessibleName(self.tr("More actions"))
        self.more_button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        menu = QMenu(self.more_button)
        self.thought_action = menu.addAction(self.tr("Copy the thought"))
        self.thought_action.triggered.connect(self.copy_thought_pressed)
        self.deliberation_action = menu.addAction(self.tr("Show the candidates"))
        self.deliberation_action.triggered.connect(self.deliberation_pressed)
        self.more_button.setMenu(menu)
        for widget in (
            self.copy_button,
            self.regenerate_button,
            self.longer_button,
            self.edit_button,
            self.up_button,
            self.down_button,
            self.previous_button,
            self._version,
            self.next_button,
            self.more_button,
        ):
            row.addWidget(widget)
        row.addStretch(1)
        self.restyle()

    def set_turn(self, turn: TurnView) -> None:
        """Offer what can be done with this turn."""
        user = self._role is Role.USER
        done = turn.state not in {TurnState.WAITING, TurnState.STREAMING}
        judged = done and not user and turn.evidence is not None
        self.copy_button.setVisible(bool(turn.text))
        self.edit_button.setVisible(user)
        self.regenerate_button.setVisible(not user and done)
        self.longer_button.setVisible(judged)
        for button, thumb in ((self.up_button, Thumb.UP), (self.down_button, Thumb.DOWN)):
            button.setVisible(not user and turn.rateable)
            button.show_state(pressed=turn.thumb is thumb)
        several = turn.versions > 1
        for widget in (self.previous_button, self._version, self.next_button):
            widget.setVisible(several)
        self.previous_button.setEnabled(turn.version > 1)
        self.next_button.setEnabled(turn.version < turn.versions)
        self._version.setText(f"{turn.version} / {turn.versions}")
        self._version.setAccessibleName(
            self.tr("Version {0} of {1}").format(turn.version, turn.versions)
        )
        self.thought_action.setEnabled(bool(turn.thought))
        self.deliberation_action.setEnabled(judged)
        self.more_button.setVisible(not user and (bool(turn.thought) or judged))

    def restyle(self) -> None:
        """Take the present theme's colours."""
        self._version.setStyleSheet(f"color: {current_theme().muted};")
