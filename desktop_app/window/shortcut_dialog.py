"""The dialog that lists every shortcut and lets a person press others."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QCoreApplication, QEvent, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QKeySequence
from PySide6.QtWidgets import (
    QDialogButtonBox,
    QGridLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QToolButton,
    QVBoxLayout,
    QWidget,
)
from typing_extensions import override

from desktop_app.look.growing_dialog import GrowingDialog
from desktop_app.look.theme import current_theme, pixels, theme_changes, themed_icon
from desktop_app.window.key_choice import (
    Keys,
    changed_keys,
    holder,
    keys_of,
    shortcut_changes,
    usable,
    use_keys,
)
from desktop_app.window.shortcuts import (
    FIXED_KEYS,
    SHORTCUTS,
    Command,
    Shortcut,
    shortcut_text,
    shown_keys,
)
from desktop_app.window.speaking import speak

_SIZE: Final = (640, 680)
_HOLDING: Final = frozenset(
    {
        Qt.Key.Key_Control,
        Qt.Key.Key_Shift,
        Qt.Key.Key_Alt,
        Qt.Key.Key_Meta,
        Qt.Key.Key_AltGr,
        Qt.Key.Key_CapsLock,
        Qt.Key.Key_NumLock,
        Qt.Key.Key_unknown,
    }
)
_NO_KEYS: Final = frozenset({Qt.Key.Key_Backspace, Qt.Key.Key_Delete})


class KeyButton(QPushButton):
    """Shows a command's keys; pressed, it waits for other ones.

    Args:
        name: What the command does.

    Attributes:
        keys_pressed: Keys as they are written in files, "" for none.
    """

    keys_pressed = Signal(str)

    def __init__(self, name: str) -> None:
        super().__init__()
        self._name, self._keys = name, ""
        self._waiting = False
        self.setAutoDefault(False)
        self.setProperty("flat", True)
        self.clicked.connect(lambda: self._wait(waiting=True))

    def show_keys(self, keys: Keys) -> None:
        """Show keys that the command has."""
        told = self.tr(" or ").join(map(shown_keys, keys))
        self._keys = told or self.tr("no keys")
        self.setAccessibleName(f"{self._name}: {self._keys}")
        self._wait(waiting=False)

    def _wait(self, *, waiting: bool) -> None:
        self._waiting = waiting
        self.setText(self.tr("Press keys…") if waiting else self._keys)

    @override
    def event(self, event: QEvent) -> bool:
        if self._waiting and isinstance(event, QKeyEvent):
            event.accept()  # also keys that move the focus, close the dialog or press the button
            if event.type() is QEvent.Type.KeyPress:
                self._take(event)
            return True
        return super().event(event)

    def _take(self, event: QKeyEvent) -> None:
        key = event.key()
        if not key or key in _HOLDING or event.isAutoRepeat():
            return
        self._wait(waiting=False)
        held = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        if held == Qt.KeyboardModifier.NoModifier and key == Qt.Key.Key_Escape:
            return
        if held == Qt.KeyboardModifier.NoModifier and key in _NO_KEYS:
            self.keys_pressed.emit("")
            return
        keys = QKeySequence(held.value | key)
        self.keys_pressed.emit(keys.toString(QKeySequence.SequenceFormat.PortableText))

    def focusOutEvent(self, event: QFocusEvent) -> None:  # noqa: N802 - Qt's name
        """Wait no longer."""
        super().focusOutEvent(event)
        self._wait(waiting=False)


class ShortcutDialog(GrowingDialog):
    """Lists every shortcut; other keys hold at once.

    Args:
        parent: The window.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(_SIZE, parent)
        self.setWindowTitle(self.tr("Keyboard shortcuts"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._buttons: dict[Command, KeyButton] = {}
        self._resets: dict[Command, QToolButton] = {}
        self._before: dict[Command, Keys] | None = None
        """What the keys were before all went back to default, while that is the last change."""
        self._said = QLabel()
        self._said.setWordWrap(True)
        self._said.setTextFormat(Qt.TextFormat.PlainText)
        self._said.setAlignment(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft)
        scroll = QScrollArea()
        scroll.setWidget(self._build_list())
        scroll.setWidgetResizable(True)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setAccessibleName(self.tr("Keyboard shortcuts"))
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        self._all = buttons.addButton(
            self.tr("All back to default"), QDialogButtonBox.ButtonRole.ResetRole
        )
        self._all.setAutoDefault(False)
        self._all.clicked.connect(self._on_all)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 12)
        column.setSpacing(8)
        column.addWidget(scroll, 1)
        column.addWidget(self._said)
        column.addWidget(buttons)
        shortcut_changes().changed.connect(self._show_keys)
        theme_changes().changed.connect(self._restyle)
        self._explain()
        self._show_keys()
        self._restyle()

    def _build_list(self) -> QWidget:
        body = QWidget()
        column = QVBoxLayout(body)
        column.setContentsMargins(0, 4, 16, 4)
        column.setSpacing(4)
        changeable, fixed = QGridLayout(), QGridLayout()
        for row, shortcut in enumerate(SHORTCUTS):
            self._add_row(changeable, row, shortcut)
        for row, (keys, text) in enumerate(FIXED_KEYS):
            name = QLabel(QCoreApplication.translate("shortcuts", text))
            told = QLabel(shown_keys(keys))
            told.setProperty("muted", True)
            told.setContentsMargins(8, 4, 14, 4)
            name.setWordWrap(True)
            fixed.addWidget(name, row, 0)
            fixed.addWidget(told, row, 1, Qt.AlignmentFlag.AlignRight)
        fixed.setColumnMinimumWidth(2, next(iter(self._resets.values())).sizeHint().width())
        heading = QLabel(self.tr("Always the same"))
        heading.setProperty("heading", True)
        for grid in (changeable, fixed):
            grid.setHorizontalSpacing(8)
            grid.setVerticalSpacing(0)
            grid.setColumnStretch(0, 1)
        column.addLayout(changeable)
        column.addSpacing(12)
        column.addWidget(heading)
        column.addLayout(fixed)
        column.addStretch(1)
        return body

    def _add_row(self, grid: QGridLayout, row: int, shortcut: Shortcut) -> None:
        command, text = shortcut.command, shortcut_text(shortcut)
        name, button, reset = QLabel(text), KeyButton(text), QToolButton()
        name.setWordWrap(True)
        default = self.tr(" or ").join(map(shown_keys, shortcut.keys))
        tip = self.tr("Back to default: {keys}").format(keys=default)
        reset.setToolTip(tip)
        reset.setAccessibleName(f"{text}: {tip}")
        reset.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        policy = reset.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        reset.setSizePolicy(policy)
        button.keys_pressed.connect(lambda keys: self._on_keys(shortcut, keys))
        reset.clicked.connect(lambda: self._on_reset(shortcut))
        self._buttons[command], self._resets[command] = button, reset
        grid.addWidget(name, row, 0)
        grid.addWidget(button, row, 1, Qt.AlignmentFlag.AlignRight)
        grid.addWidget(reset, row, 2)

    # --- what a person does ---------------------------------------------------------------------

    def _on_keys(self, shortcut: Shortcut, pressed: str) -> None:
        keys = usable(pressed)
        if pressed and not keys:
            self._refuse(
                self.tr("{keys} alone writes or moves; take it with Ctrl or Alt.").format(
                    keys=shown_keys(pressed)
                )
            )
            return
        self._change(shortcut, (keys,) if keys else ())

    def _on_reset(self, shortcut: Shortcut) -> None:
        self._buttons[shortcut.command].setFocus(Qt.FocusReason.OtherFocusReason)
        self._change(shortcut, shortcut.keys)

    def _change(self, shortcut: Shortcut, wanted: Keys) -> None:
        """Give a command keys, unless something else has them."""
        for keys in map(usable, wanted):
            other = holder(shortcut.command, keys)
            if other:
                self._refuse(
                    self.tr("{keys} is taken: {action}.").format(
                        keys=shown_keys(keys), action=other
                    )
                )
                return
        self._before = None
        self._explain()
        use_keys(changed_keys() | {shortcut.command: wanted})
        self._show_keys()

    def _on_all(self) -> None:
        before, self._before = self._before, changed_keys() if self._before is None else None
        self._explain()
        use_keys(before or {})
        self._show_keys()

    # --- what is shown --------------------------------------------------------------------------

    def _show_keys(self) -> None:
        changed = changed_keys()
        for command, button in self._buttons.items():
            button.show_keys(keys_of(command))
            self._resets[command].setVisible(command in changed)
        self._all.setText(
            self.tr("All back to default") if self._before is None else self.tr("Undo")
        )
        self._all.setEnabled(bool(changed) or self._before is not None)

    def _explain(self) -> None:
        self._say(
            self.tr(
                "To change keys, click them and press others. Esc leaves them, Backspace"
                " takes them away."
            ),
            current_theme().muted,
        )

    def _refuse(self, text: str) -> None:
        self._say(text, current_theme().warning)
        speak(self, text)

    def _say(self, text: str, colour: str) -> None:
        self._said.setText(text)
        self._said.setStyleSheet(f"color: {colour};")

    def _restyle(self) -> None:
        self._explain()
        self._said.setMinimumHeight(2 * self._said.fontMetrics().lineSpacing())
        for reset in self._resets.values():
            reset.setIcon(themed_icon("again", "muted"))
            reset.setIconSize(QSize(pixels(14), pixels(14)))
