"""The model picker: what is in use, and every other model that can be chosen, found by its name.

It exists so that choosing a model is one small sheet under the top bar's button. It must not load
anything itself, nor look at the disk: what is there it is told, also while it is open.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

from PySide6.QtCore import QPoint, QRect, Qt, Signal
from PySide6.QtGui import QCursor, QKeyEvent
from PySide6.QtWidgets import (
    QFrame,
    QLabel,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from desktop_app.engines import SavedEngine
from desktop_app.library.model_control import ModelPhase, ModelState
from desktop_app.library.picker_choices import (
    Choice,
    KnownModels,
    Section,
    answerers_of,
    sections_of,
)
from desktop_app.library.picker_entry import PickerEntry, SheetButton, SheetScroll
from desktop_app.library.present_card import PresentCard, section_heading
from desktop_app.look.theme import current_theme, pixels, theme_changes
from engine.journal.records import ModelRecord
from models.library import LibraryModel

_WIDTH = 420
_TALLEST = 620
_MARGIN = 8
_GAP = 4
"""Between the sheet and what opened it."""


class ModelPicker(QFrame):
    """The sheet under the model button.

    Attributes:
        opened: It is shown; what is known of the disk may be old.
        chosen: Path of the model to load.
        answerer_chosen: Path of the model that is to answer a question again.
        file_wanted: The person wants to choose a file.
        library_wanted: The person wants the page of all models.
        server_wanted: The person wants to connect to a server.
        edit_wanted: (name) The person wants to change a saved engine.
        cancel_requested: Stop the load.
        eject_requested: Free the model.
    """

    opened = Signal()
    chosen = Signal(str)
    answerer_chosen = Signal(str)
    file_wanted = Signal()
    library_wanted = Signal()
    server_wanted = Signal()
    edit_wanted = Signal(str)
    cancel_requested = Signal()
    eject_requested = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self._owner = parent
        self.setObjectName("modelPicker")
        self.setAccessibleName(self.tr("Models"))
        self._state = ModelState()
        self._answering = False
        """Whether the model is chosen for one answer."""
        self._known = KnownModels()
        self._sections: tuple[Section, ...] = ()
        self._entries: dict[Path, PickerEntry] = {}
        self._headings: list[tuple[QLabel, tuple[PickerEntry, ...]]] = []
        """Each with the entries it stands above."""
        self._filter = QLineEdit()
        self._filter.setPlaceholderText(self.tr("Filter by name"))
        self._filter.setAccessibleName(self.tr("Filter models by name"))
        self._filter.setClearButtonEnabled(True)
        self._filter.textChanged.connect(lambda _text: self._on_filtered())
        self._card = PresentCard()
        self._card.cancel_requested.connect(self.cancel_requested)
        self._card.eject_requested.connect(self._then_close(self.eject_requested.emit))
        self._none = QLabel(self.tr("No model here has this name."))
        self._none.setProperty("muted", True)
        self._none.setContentsMargins(10, 6, 10, 6)
        self._body = QWidget()
        self._column = QVBoxLayout(self._body)
        self._column.setContentsMargins(_MARGIN, 0, _MARGIN, 4)
        self._column.setSpacing(2)
        for widget in (self._card, self._none):
            self._column.addWidget(widget)
        self._listed = QVBoxLayout()
        self._listed.setSpacing(0)
        self._column.addLayout(self._listed)
        self._column.addStretch(1)
        self._scroll = SheetScroll()
        self._scroll.setWidget(self._body)
        self._scroll.setWidgetResizable(True)
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._others: list[QPushButton] = []
        self._build()
        theme_changes().changed.connect(self._restyle)
        self._restyle()

    def _build(self) -> None:
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        upper = QVBoxLayout()
        upper.setContentsMargins(_MARGIN, _MARGIN, _MARGIN, 4)
        self._purpose = QLabel(self.tr("Answer again with"))
        self._purpose.setProperty("heading", True)
        self._purpose.setContentsMargins(10, 4, 10, 4)
        upper.addWidget(self._purpose)
        upper.addWidget(self._filter)
        outer.addLayout(upper)
        outer.addWidget(self._scroll, 1)
        self._line = QFrame()
        self._line.setFixedHeight(1)
        outer.addWidget(self._line)
        self._foot = QWidget()
        outer.addWidget(self._foot)
        lower = QVBoxLayout(self._foot)
        lower.setContentsMargins(_MARGIN, 4, _MARGIN, 6)
        lower.setSpacing(0)
        for text, act in (
            (self.tr("Find and manage models…"), self.library_wanted.emit),
            (self.tr("Connect to a server…"), self.server_wanted.emit),
            (self.tr("Open a file…"), self.file_wanted.emit),
        ):
            button = SheetButton(text)
            button.setProperty("flat", True)
            button.clicked.connect(self._then_close(act))
            lower.addWidget(button)
            self._others.append(button)
        self._lower = lower
        self._upper = upper

    # --- what it is told ------------------------------------------------------------------------

    def set_builtin(self, models: Mapping[str, Path]) -> None:
        """Say which built-in models there are, by their names in `models.builtin`."""
        self._know(replace(self._known, builtin=dict(models)))

    def set_engines(self, engines: Sequence[SavedEngine]) -> None:
        """Say which engines elsewhere are saved."""
        self._know(replace(self._known, engines=tuple(engines)))

    def set_recent(self, recent: Sequence[ModelRecord]) -> None:
        """Say which models were used before."""
        self._know(replace(self._known, recent=tuple(recent)))

    def set_library(self, models: Sequence[LibraryModel]) -> None:
        """Say which models are on this computer."""
        self._know(replace(self._known, library=tuple(models)))

    def set_files(self, files: Mapping[Path, Path | None]) -> None:
        """Say what file each path leads to in the end, None where none is there any more."""
        self._know(replace(self._known, files=dict(files)))

    def set_too_large(self, paths: frozenset[Path]) -> None:
        """Say which models need more memory than is free."""
        self._know(replace(self._known, too_large=paths))

    def show_state(self, state: ModelState) -> None:
        """Say where the model stands; progress is drawn in place."""
        self._state = state
        if self.isVisible():
            self._refresh()

    def open_below(self, anchor: QWidget) -> None:
        """Show the sheet under a button."""
        self._open(QRect(anchor.mapToGlobal(QPoint()), anchor.size()), answering=False)

    def open_for_answer(self, place: QRect) -> None:
        """Let a person choose who answers a question again.

        Args:
            place: On the screen, of what asked for it.
        """
        self._open(place, answering=True)

    def _open(self, place: QRect, *, answering: bool) -> None:
        """Show the sheet below a place, or above it where there is more room."""
        self._answering = answering
        self._purpose.setVisible(answering)
        self._line.setHidden(answering)
        self._foot.setHidden(answering)
        self.setAccessibleName(self._purpose.text() if answering else self.tr("Models"))
        self._filter.clear()
        self._card.show_state(self._state)
        self._list()
        self._fit()
        self._scroll.verticalScrollBar().setValue(0)
        corner = QPoint(place.left(), place.bottom() + 1 + _GAP)
        if answering:
            within = self._owner.window().frameGeometry()
            if corner.y() + self.height() > within.bottom():
                above = place.top() - _GAP - self.height()
                corner.setY(max(above, min(within.top() + _GAP, corner.y())))
            corner.setX(min(corner.x(), within.right() - _GAP - self.width()))
        self.move(corner)
        self.show()
        self._filter.setFocus(Qt.FocusReason.PopupFocusReason)
        self.opened.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Up and Down go through the models, Enter chooses, Esc closes, letters filter."""
        match event.key():
            case Qt.Key.Key_Down:
                self._step(1)
            case Qt.Key.Key_Up:
                self._step(-1)
            case Qt.Key.Key_Return | Qt.Key.Key_Enter:
                self._choose()
            case _ if event.text().isprintable() and event.text().strip():
                self._filter.setFocus(Qt.FocusReason.OtherFocusReason)
                self._filter.insert(event.text())
            case _:
                super().keyPressEvent(event)

    # --- going through it -----------------------------------------------------------------------

    @property
    def _offered(self) -> list[PickerEntry]:
        """The entries that can be chosen, as they are seen."""
        return [
            entry
            for section in self._sections
            for entry in (self._entries[choice.path] for choice in section.choices)
            if not entry.isHidden() and entry.choice.usable
        ]

    def _step(self, by: int) -> None:
        """Let the model above or below have the focus, or one of the lines below them."""
        row: list[QWidget] = [self._filter, *(entry.button for entry in self._offered)]
        row += [] if self._answering else self._others
        focused = self.focusWidget()
        at = row.index(focused) + by if focused in row else 1
        wanted = row[min(max(at, 0), len(row) - 1)]
        wanted.setFocus(Qt.FocusReason.TabFocusReason)
        if at <= 1:  # with what stands above the first one
            self._scroll.verticalScrollBar().setValue(0)
        if self._body.isAncestorOf(wanted):
            self._scroll.ensureWidgetVisible(wanted, 0, pixels(24))

    def _choose(self) -> None:
        """Take what has the focus; while a name is typed, the first that has it."""
        focused = self.focusWidget()
        if isinstance(focused, QPushButton):
            focused.click()
        elif self._filter.text().strip() and (offered := self._offered):
            offered[0].button.click()

    def _on_filtered(self) -> None:
        """Show what has the name; the sheet keeps its height until there is no filter any more."""
        self._show_matches()
        if self.isVisible() and not self._filter.text():
            self._fit()

    def _show_matches(self) -> None:
        words = " ".join(self._filter.text().split())
        for entry in self._entries.values():
            entry.setVisible(entry.choice.matches(words))
        any_found = False
        for heading, below in self._headings:
            found = any(not entry.isHidden() for entry in below)
            heading.setVisible(found or (not words and not below))
            any_found |= found
        report = self._state.report
        named = report is not None and words.casefold() in report.name.casefold()
        present = self._state.phase is not ModelPhase.NO_MODEL and not self._answering
        named = named and not self._answering
        self._card.setVisible(present and (not words or named))
        self._none.setVisible(bool(words) and not any_found and not named)
        first = self._offered[0] if words and self._offered else None
        for entry in self._entries.values():
            entry.button.set_first(first=entry is first)
        if words:
            self._scroll.verticalScrollBar().setValue(0)

    # --- building -------------------------------------------------------------------------------

    def _know(self, known: KnownModels) -> None:
        if known != self._known:
            self._known = known
            if self.isVisible():
                self._refresh()

    def _refresh(self) -> None:
        """Show what is known now; what is pointed at, or has the focus, stays where it is."""
        held = self._held()
        before = self._place_of(held)
        if not self._card.show_state(self._state) and self._sections_now() == self._sections:
            return
        self._list()
        if held is None and not self._filter.text():
            self._fit()
        self._settle()
        if held is not None and held.choice.path in self._entries:
            bar = self._scroll.verticalScrollBar()
            bar.setValue(bar.value() + self._place_of(held) - before)

    def _held(self) -> PickerEntry | None:
        """The entry that must not move: the one below the pointer, else the one with the focus."""
        viewport = self._scroll.viewport()
        if viewport.rect().contains(viewport.mapFromGlobal(QCursor.pos())):
            at = self._body.mapFromGlobal(QCursor.pos())
            for entry in self._entries.values():
                if not entry.isHidden() and entry.geometry().contains(at):
                    return entry
        focused = self.focusWidget()
        return next((e for e in self._entries.values() if e.button is focused), None)

    def _place_of(self, entry: PickerEntry | None) -> int:
        """Where an entry is seen, from the top of the list."""
        return entry.mapTo(self._body, QPoint()).y() + self._body.y() if entry is not None else 0

    def _sections_now(self) -> tuple[Section, ...]:
        state = self._state
        present = state.path if state.phase is not ModelPhase.NO_MODEL else None
        if self._answering:
            return answerers_of(self._known, present if state.takes_questions else None)
        return sections_of(self._known, present, loaded=state.phase is ModelPhase.READY)

    def _list(self) -> None:
        """Put the entries in their order; those that stay keep their widgets."""
        self._sections = self._sections_now()
        while (item := self._listed.takeAt(0)) is not None:
            widget = item.widget()
            if isinstance(widget, QLabel):
                widget.hide()
                widget.deleteLater()
        before, self._entries, self._headings = self._entries, {}, []
        for section in self._sections:
            heading = section_heading(section.title)
            self._listed.addWidget(heading)
            below = tuple(
                self._entry(choice, before.pop(choice.path, None)) for choice in section.choices
            )
            for entry in below:
                self._listed.addWidget(entry)
                self._entries[entry.choice.path] = entry
            self._headings.append((heading, below))
            if section.line:
                line = section_heading(section.line)
                self._listed.addWidget(line)
                self._headings.append((line, ()))
        for gone in before.values():
            gone.hide()
            gone.deleteLater()
        self._show_matches()
        self._order_tabs()

    def _order_tabs(self) -> None:
        """Let Tab go through everything as it is seen."""
        order: list[QWidget] = [self._filter, *self._card.findChildren(QPushButton)]
        for section in self._sections:
            for entry in (self._entries[choice.path] for choice in section.choices):
                order += [entry.button, *filter(None, [entry.pencil])]
        for first, second in pairwise([*order, *self._others]):
            QWidget.setTabOrder(first, second)

    def _entry(self, choice: Choice, known: PickerEntry | None) -> PickerEntry:
        if known is not None and known.choice.engine == choice.engine:
            known.show_choice(choice)
            return known
        if known is not None:
            known.hide()
            known.deleteLater()
        entry = PickerEntry(choice)
        entry.chosen.connect(self._then_close(lambda: self._tell_chosen(choice.path)))
        entry.edit_wanted.connect(self._then_close(lambda: self.edit_wanted.emit(choice.engine)))
        return entry

    def _tell_chosen(self, path: Path) -> None:
        (self.answerer_chosen if self._answering else self.chosen).emit(str(path))

    def _fit(self) -> None:
        """Take the height that everything needs, up to a limit."""
        window = self._owner.window()
        width = min(pixels(_WIDTH), window.width() - 24)
        self._column.invalidate()
        wanted = self._column.sizeHint().height()
        if self._column.hasHeightForWidth():
            wanted = self._column.totalHeightForWidth(width - 2)
        around = self._upper.sizeHint().height() + 3
        around += 0 if self._answering else self._lower.sizeHint().height()
        tallest = min(pixels(_TALLEST), window.height() - 72)
        self.setFixedSize(width, min(wanted + around, tallest))

    def _settle(self) -> None:
        """Lay everything out now, not when the event loop comes to it."""
        layout = self.layout()
        if layout is not None:
            layout.activate()
        width = self._scroll.viewport().width()
        needed = self._column.totalHeightForWidth(width)
        if not self._column.hasHeightForWidth():
            needed = self._column.totalSizeHint().height()
        self._body.resize(width, max(needed, self._scroll.viewport().height()))
        self._column.activate()

    def _restyle(self) -> None:
        """Take the present colours and sizes: entries are made anew."""
        for entry in self._entries.values():
            entry.hide()
            entry.deleteLater()
        self._entries, self._sections = {}, ()
        theme = current_theme()
        self._line.setStyleSheet(f"background: {theme.hairline};")
        self.setStyleSheet(
            f"#modelPicker {{ background: {theme.panel}; border: 1px solid {theme.hairline}; }}"
            f"QScrollArea, QScrollArea > QWidget > QWidget {{ background: {theme.panel}; }}"
            "QPushButton { text-align: left; }"
        )
        if self.isVisible():
            self._list()
            self._fit()

    def _then_close(self, act: Callable[[], None]) -> Callable[[], None]:
        def close_and_act() -> None:
            self.hide()
            act()

        return close_and_act
