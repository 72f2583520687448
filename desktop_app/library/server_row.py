"""One server of an engine elsewhere in the form: its fields, and what was found out about it."""

from __future__ import annotations

from typing import Final

import msgspec
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QToolButton, QVBoxLayout, QWidget

from desktop_app.error_text import error_text
from desktop_app.library.endpoint_words import endpoint_words
from desktop_app.look.theme import current_theme, pixels, themed_icon
from desktop_app.settings_pages.settings_form import OptionalNumber
from desktop_app.words.endpoint_text import endpoint_facts
from desktop_app.words.translation import translated
from engine.backends.remote.description import (
    EndpointDescription,
    full_address,
    is_this_machine,
)
from engine.generation import EndpointReport

MODEL_WIDTH: Final = 160
SLOTS_WIDTH: Final = 116
KEY_WIDTH: Final = 128
REMOVE_WIDTH: Final = 30
SPACING: Final = 8
_MOST_SLOTS: Final = 256


class KeyField(QLineEdit):
    """Takes a new key, and never shows one: only whether there is one.

    Attributes:
        forgotten: The person wants the key that is kept to be deleted.
    """

    forgotten = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setEchoMode(QLineEdit.EchoMode.Password)
        self.setAccessibleName(self.tr("Key"))
        self.setToolTip(self.tr("Goes into the keyring of this system, for this address alone"))
        self._kept = False
        self._forget = QAction(themed_icon("close", "muted"), self.tr("Forget the key"), self)
        self._forget.triggered.connect(self._on_forget)
        self.addAction(self._forget, QLineEdit.ActionPosition.TrailingPosition)
        self._to_forget = False
        self._show()

    @property
    def change(self) -> str | None:
        """A new key, "" to forget the one that is kept, or None for no change."""
        return self.text().strip() or ("" if self._to_forget else None)

    @property
    def is_set(self) -> bool:
        """Whether the server will be shown a key."""
        return bool(self.text().strip()) or (self._kept and not self._to_forget)

    def begin_anew(self) -> None:
        """Ask nothing of the keyring any more: it is about another address."""
        self._to_forget = False
        self._show()

    def show_kept(self, *, kept: bool) -> None:
        """Say whether the keyring has a key for this address."""
        self._kept = kept
        self._to_forget = self._to_forget and kept
        self._show()

    def _on_forget(self) -> None:
        self._to_forget = True
        self.clear()
        self._show()
        self.forgotten.emit()

    def _show(self) -> None:
        kept = self._kept and not self._to_forget
        self.setPlaceholderText(self.tr("kept") if kept else self.tr("none"))
        self._forget.setVisible(kept)


class ServerRow(QWidget):
    """A server's fields in one line, and below them what is known of it.

    Attributes:
        changed: A field says something else.
        address_given: (address) An address was typed in full.
        remove_requested: The person wants one server less.
    """

    changed = Signal()
    address_given = Signal(str)
    remove_requested = Signal()

    def __init__(self, endpoint: EndpointDescription | None = None) -> None:
        super().__init__()
        self._before = endpoint or EndpointDescription("")
        self._asked_address = self._before.address
        self.address = QLineEdit(self._before.address)
        self.address.setPlaceholderText("http://127.0.0.1:8080/v1")
        self.address.setAccessibleName(self.tr("Address"))
        self.model = QLineEdit(self._before.model)
        self.model.setPlaceholderText(self.tr("its first"))
        self.model.setAccessibleName(self.tr("Model"))
        self.slots = OptionalNumber(self.tr("as it says"), _MOST_SLOTS)
        self.slots.set_number(self._before.slots)
        self.slots.setAccessibleName(self.tr("Side by side"))
        self.key = KeyField()
        self._remove = QToolButton()
        self._remove.setIcon(themed_icon("trash", "muted"))
        self._remove.setAccessibleName(self.tr("Remove this server"))
        self._remove.setToolTip(self.tr("Remove this server"))
        self._remove.clicked.connect(lambda _checked=False: self.remove_requested.emit())
        self._found = QLabel()
        self._found.setTextFormat(Qt.TextFormat.PlainText)
        self._found.setWordWrap(True)
        self._found.setContentsMargins(2, 0, 2, 4)
        self._found.hide()
        self._build()
        for field in (self.address, self.model, self.key):
            field.textEdited.connect(lambda _text: self._on_edited())
        self.slots.valueChanged.connect(lambda _value: self._on_edited())
        self.key.forgotten.connect(self._on_edited)
        self.address.editingFinished.connect(self._on_address)

    @property
    def said(self) -> str:
        """What is said below the fields, or ""."""
        return self._found.text() if not self._found.isHidden() else ""

    def endpoint(self) -> EndpointDescription:
        """Return what the fields say.

        Raises:
            ValueError: The address is none.
        """
        return msgspec.structs.replace(
            self._before,
            address=full_address(self.address.text()),
            model=self.model.text().strip(),
            slots=self.slots.number,
        )

    def set_removable(self, *, removable: bool) -> None:
        """An engine has one server at least."""
        self._remove.setEnabled(removable)

    def show_found(self, found: EndpointReport) -> None:
        """Say what a trial found out."""
        words = " · ".join(endpoint_facts(found, endpoint_words))
        self._say(words, "" if found.reachable else "warning")

    def show_problem(self, text: str) -> None:
        """Say what is wrong with the fields."""
        self._say(text, "warning")

    def show_nothing(self) -> None:
        """Say nothing but what the fields themselves give reason to."""
        try:
            address = self.endpoint().address
        except ValueError:
            address = ""
        if self.key.is_set and address.startswith("http:") and not is_this_machine(address):
            text = translated(error_text("key-in-clear"))
            self._say(f"{text.title}. {text.next_step}", "warning")
        else:
            self._say("", "")

    def _build(self) -> None:
        for field, width in (
            (self.model, MODEL_WIDTH),
            (self.slots, SLOTS_WIDTH),
            (self.key, KEY_WIDTH),
            (self._remove, REMOVE_WIDTH),
        ):
            field.setFixedWidth(pixels(width))
        self.slots.setFixedHeight(self.address.sizeHint().height())
        fields = QHBoxLayout()
        fields.setSpacing(SPACING)
        fields.addWidget(self.address, 1)
        for widget in (self.model, self.slots, self.key, self._remove):
            fields.addWidget(widget)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addLayout(fields)
        column.addWidget(self._found)

    def _on_edited(self) -> None:
        self.show_nothing()
        self.changed.emit()

    def _on_address(self) -> None:
        try:
            address = self.endpoint().address
            if address != self._asked_address:  # a key is forgotten for the address it is kept for
                self._asked_address = address
                self.key.begin_anew()
            self.address_given.emit(address)
        except ValueError:
            return

    def _say(self, text: str, kind: str) -> None:
        theme = current_theme()
        self._found.setStyleSheet(f"color: {theme.warning if kind else theme.muted};")
        self._found.setText(text)
        self._found.setVisible(bool(text))
