"""The row of actions below a turn."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QHBoxLayout, QLabel, QMenu, QToolButton, QWidget

from desktop_app.chat.transcript_parts import QuietButton, QuietToggle
from desktop_app.chat.turn import Role, TurnState, TurnView
from desktop_app.look.theme import current_theme
from desktop_app.look.tips import plain_tip
from engine.feedback import Thumb

_TOLD_MILLISECONDS = 1500


class ActionRow(QWidget):
    """Copy, go on, regenerate, think longer, edit, thumbs, versions and the rest in a menu.

    What gave each version of an answer, the switcher's tooltips say.

    Buttons of an answer that have no room in the row are in the menu instead.
    """

    copy_pressed = Signal()
    copy_thought_pressed = Signal()
    regenerate_pressed = Signal()
    think_longer_pressed = Signal()
    go_on_pressed = Signal()
    edit_pressed = Signal()
    thumb_pressed = Signal(object)
    deliberation_pressed = Signal()
    another_model_pressed = Signal()
    compare_pressed = Signal()
    lab_pressed = Signal()
    version_pressed = Signal(int)

    def __init__(self, role: Role, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._role = role
        self._room: int | None = None
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(2)
        self.copy_button = QuietButton(self.tr("Copy"), self)
        self.copy_button.clicked.connect(self.copy_pressed)
        self.go_on_button = QuietButton(self.tr("Go on"), self)
        self.go_on_button.clicked.connect(self.go_on_pressed)
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
        self._told = QTimer(self)
        self._told.setSingleShot(True)
        self._told.setInterval(_TOLD_MILLISECONDS)
        self._told.timeout.connect(lambda: self.copy_button.setText(self.tr("Copy")))
        self._build_menu()
        self._widgets = (
            self.copy_button, self.go_on_button, self.regenerate_button, self.longer_button,
            self.edit_button, self.up_button, self.down_button, self.previous_button, self._version,
            self.next_button, self.more_button,
        )  # fmt: skip
        self._offered: set[QWidget] = set(self._widgets)
        for widget in self._widgets:
            self._row.addWidget(widget)
        self._row.addStretch(1)
        self.restyle()

    def _build_menu(self) -> None:
        menu = QMenu(self.more_button)
        menu.setToolTipsVisible(True)
        self._moved: dict[QuietButton, QAction] = {}
        for button in (
            self.copy_button,
            self.go_on_button,
            self.regenerate_button,
            self.longer_button,
        ):
            self._moved[button] = menu.addAction(button.text())
            self._moved[button].triggered.connect(button.click)
        for thumb in (self.up_button, self.down_button):
            action = self._moved[thumb] = menu.addAction(thumb.accessibleName())
            action.setCheckable(True)
            action.triggered.connect(self._press(thumb, action))
        self._leaving: tuple[tuple[QuietButton, ...], ...] = (
            (self.longer_button,),
            (self.regenerate_button,),
            (self.up_button, self.down_button),
            (self.go_on_button,),
            (self.copy_button,),
        )
        self.another_action = menu.addAction(self.tr("Answer again with another model…"))
        self.another_action.triggered.connect(self.another_model_pressed)
        self.compare_action = menu.addAction(self.tr("Compare versions"))
        self.compare_action.triggered.connect(self.compare_pressed)
        self.lab_action = menu.addAction(self.tr("Try budgets in the lab…"))
        self.lab_action.triggered.connect(self.lab_pressed)
        self.thought_action = menu.addAction(self.tr("Copy the thought"))
        self.thought_action.triggered.connect(self.copy_thought_pressed)
        self.deliberation_action = menu.addAction(self.tr("Show the candidates"))
        self.deliberation_action.triggered.connect(self.deliberation_pressed)
        self.more_button.setMenu(menu)

    @staticmethod
    def _press(thumb: QuietToggle, action: QAction) -> Callable[[], None]:
        """Return a press of a thumb in the menu, which is checked when it is recorded."""

        def press() -> None:
            action.setChecked(thumb.isChecked())
            thumb.click()

        return press

    def tell_copied(self) -> None:
        """Say for a moment, where the person looks, that the turn was copied."""
        self.copy_button.setText(self.tr("Copied"))
        self._told.start()

    def set_turn(self, turn: TurnView) -> None:
        """Offer what can be done with this turn."""
        user = self._role is Role.USER
        done = turn.state not in {TurnState.WAITING, TurnState.STREAMING}
        troubled = turn.state in {TurnState.FAILED, TurnState.INTERRUPTED}
        retried = troubled and not turn.settings_help  # by the notice's button
        judged = done and not user and turn.evidence is not None
        rateable, several = not user and turn.rateable, turn.versions > 1
        offered: dict[QWidget, bool] = {
            self.copy_button: bool(turn.text),
            self.go_on_button: turn.going_on is not None and not turn.wants_tokens,
            self.regenerate_button: not user and done and not retried,
            self.longer_button: judged,
            self.edit_button: user,
            self.up_button: rateable,
            self.down_button: rateable,
            self.previous_button: several,
            self._version: several,
            self.next_button: several,
            self.more_button: user or done or bool(turn.thought),
        }
        self._offered = {widget for widget, wanted in offered.items() if wanted}
        for button, thumb in ((self.up_button, Thumb.UP), (self.down_button, Thumb.DOWN)):
            button.show_state(pressed=turn.thumb is thumb)
            self._moved[button].setChecked(turn.thumb is thumb)
        if turn.going_on is not None:
            able, tip = turn.going_on.able, plain_tip(turn.going_on.tip)
            for place in (self.go_on_button, self._moved[self.go_on_button]):
                place.setEnabled(able)
                place.setToolTip(tip)
        self.previous_button.setEnabled(turn.version > 1)
        self.next_button.setEnabled(turn.version < turn.versions)
        self._version.setText(f"{turn.version} / {turn.versions}")
        self._version.setAccessibleName(
            self.tr("Version {0} of {1}").format(turn.version, turn.versions)
        )
        self._show_makers(turn)
        self.another_action.setVisible(not user and done)
        self.compare_action.setVisible(not user and several)
        self.lab_action.setVisible(user)
        for action in (self.thought_action, self.deliberation_action):
            action.setVisible(not user)
        self.thought_action.setEnabled(bool(turn.thought))
        self.deliberation_action.setEnabled(judged)
        self._arrange()

    def _show_makers(self, turn: TurnView) -> None:
        """Say what gave each version of an answer where they are turned over."""
        number = turn.version - 1
        near = {
            self.previous_button: number - 1,
            self._version: number,
            self.next_button: number + 1,
        }
        for widget, wanted in near.items():
            known = 0 <= wanted < len(turn.makers)
            maker = turn.makers[wanted] if known else ""
            widget.setToolTip(plain_tip(maker) if maker else "")
            widget.setAccessibleDescription(maker)

    def fit(self, width: int) -> None:
        """Keep the buttons that have room in this many pixels; the menu takes the others."""
        self._room = width
        self._arrange()

    def _arrange(self) -> None:
        """Move buttons into the menu, one after another, until the row has room for the rest."""
        shown = [widget for widget in self._widgets if widget in self._offered]
        moved: set[QWidget] = set()
        for buttons in self._leaving:
            if self._room is None or self._width_of(shown) <= self._room:
                break
            moved |= self._offered & set(buttons)
            wanted = self._offered - moved | ({self.more_button} if moved else set())
            shown = [widget for widget in self._widgets if widget in wanted]
        for widget in self._widgets:
            widget.setVisible(widget in shown)
        for button, action in self._moved.items():
            action.setVisible(button in moved)
        self._row.invalidate()

    def _width_of(self, widgets: Sequence[QWidget]) -> int:
        gaps = self._row.spacing() * max(0, len(widgets) - 1)
        return sum(widget.sizeHint().width() for widget in widgets) + gaps

    def restyle(self) -> None:
        """Take the present theme's colours."""
        self._version.setStyleSheet(f"color: {current_theme().muted};")
