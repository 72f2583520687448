"""The main window: where everything is, and the actions of the keyboard.

It exists to lay out the rooms of the window and to say in signals what a person asked for. It must
not know the session, the journal or the settings file.
"""

from __future__ import annotations

from enum import StrEnum
from itertools import pairwise

from PySide6.QtCore import QByteArray, QEvent, Qt, Signal
from PySide6.QtGui import (
    QAction,
    QCloseEvent,
    QDragEnterEvent,
    QDropEvent,
    QKeySequence,
    QResizeEvent,
)
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QHBoxLayout,
    QMainWindow,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from desktop_app.chat.composer import Composer
from desktop_app.chat.conversation_list import ConversationList
from desktop_app.chat.transcript import TranscriptView
from desktop_app.chat.transcript_scroller import COLUMN_WIDTH
from desktop_app.library.model_picker import ModelPicker
from desktop_app.look.quiet_line import QuietLine
from desktop_app.look.theme import current_theme, pixels, theme_changes
from desktop_app.settings import WindowPlace
from desktop_app.thinking.panel import PANEL_WIDTH, DeliberationPanel
from desktop_app.window.api_row import ApiRow
from desktop_app.window.columns import SIDEBAR_WIDTH, Columns, Side
from desktop_app.window.dropped_files import dropped_documents, dropped_model
from desktop_app.window.first_run import EmptyPage, FirstRunPage
from desktop_app.window.key_choice import keys_of, shortcut_changes
from desktop_app.window.message_bar import MessageBar
from desktop_app.window.shortcut_dialog import ShortcutDialog
from desktop_app.window.shortcuts import (
    REPEATING,
    SHORTCUTS,
    Command,
    shortcut_text,
)
from desktop_app.window.sidebar_links import SidebarLinks
from desktop_app.window.top_bar import TopBar

_SIZE = (1440, 900)
_SMALLEST = (720, 480)
_LOW = 430
"""Below this height, at normal text size, the composer takes less of it."""
_NARROWEST_SIDEBAR = 200


class CentrePage(StrEnum):
    """What the middle of the window shows."""

    FIRST_RUN = "first-run"
    EMPTY = "empty"
    TRANSCRIPT = "transcript"


class MainWindow(QMainWindow):
    """The window.

    Attributes:
        commanded: A `Command` was asked for by the keyboard or a button.
        file_dropped: A model file was dropped onto the window.
        documents_dropped: (paths) Other files were.
        close_requested: The person wants to leave; the window stays until it is let go.
        came_forward: The window is in front now.
    """

    commanded = Signal(object)
    file_dropped = Signal(str)
    documents_dropped = Signal(list)
    close_requested = Signal()
    came_forward = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setWindowTitle("Ponder")
        self.setAcceptDrops(True)
        self.setMinimumSize(*_SMALLEST)
        self.resize(*_SIZE)
        self._may_close = False
        self._actions: dict[Command, QAction] = {}
        self.top_bar = TopBar()
        self.message_bar = MessageBar()
        self.conversations = ConversationList()
        self.api_row = ApiRow()
        self.transcript = TranscriptView()
        self.composer = Composer()
        self.panel = DeliberationPanel()
        self.first_run = FirstRunPage()
        self.empty = EmptyPage()
        self.earlier_model = QuietLine(self.tr("Use it"))
        self.answering_again = QuietLine(self.tr("Cancel"))
        self._demonstration = self._build_demonstration()
        self._demonstration_wanted = False
        self._pages = QStackedWidget()
        self.transcript.find_closed.connect(self.composer.focus)
        self.composer.edit_last_requested.connect(self.transcript.edit_last_question)
        self.transcript.edit_left.connect(self.composer.focus)
        for page in (self.empty, self.first_run, self.transcript):
            self._pages.addWidget(page)
        self._columns = self._build_columns()
        body = QWidget()
        column = QVBoxLayout(body)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.top_bar)
        column.addWidget(self._columns, 1)
        self.setCentralWidget(body)
        self.message_bar.float_over(self._columns.centre, body)
        self.message_bar.covering.connect(self.transcript.set_covered)
        self.picker = ModelPicker(self)
        self._add_actions()
        self.top_bar.panel_toggled.connect(
            lambda shown: self._columns.show_side(Side.PANEL, shown=shown)
        )
        self.top_bar.sidebar_toggled.connect(
            lambda shown: self._columns.show_side(Side.SIDEBAR, shown=shown)
        )
        self._columns.fitted.connect(self._on_columns_fitted)
        theme_changes().changed.connect(self._restyle)
        self._restyle()
        self._order_tabs()

    # --- building -------------------------------------------------------------------------------

    def _build_sidebar(self) -> QFrame:
        sidebar = QFrame()
        sidebar.setObjectName("sidebar")
        column = QVBoxLayout(sidebar)
        column.addStrut(_NARROWEST_SIDEBAR)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.conversations, 1)
        links = SidebarLinks(self.api_row)
        links.commanded.connect(self._on_command)
        self.api_row.toggle_requested.connect(lambda: self._on_command(Command.API))
        column.addWidget(links)
        return sidebar

    def _build_demonstration(self) -> QuietLine:
        """The quiet line that says what the built-in model is for."""
        line = QuietLine(self.tr("Use a full model…"))
        line.set_text(self.tr("Demonstration model: it knows a few kinds of puzzles only."))
        line.pressed.connect(self.empty.full_model_wanted)
        return line

    def _build_centre(self) -> QWidget:
        centre = QWidget()
        lower = QWidget()
        self._lower = lower
        below = self._below = QVBoxLayout(lower)
        below.setSpacing(6)
        below.addWidget(self.answering_again)
        below.addWidget(self.earlier_model)
        below.addWidget(self._demonstration)
        below.addWidget(self.composer)
        row = QHBoxLayout()
        row.setContentsMargins(0, 0, 0, 0)
        row.addStretch(1)
        row.addWidget(lower, 1000)
        row.addStretch(1)
        column = QVBoxLayout(centre)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._pages, 1)
        column.addLayout(row)
        return centre

    def _build_columns(self) -> Columns:
        centre = _SIZE[0] - SIDEBAR_WIDTH - PANEL_WIDTH
        widths = (SIDEBAR_WIDTH, centre, PANEL_WIDTH)
        return Columns(self._build_sidebar(), self._build_centre(), self.panel, widths)

    def _add_actions(self) -> None:
        for shortcut in SHORTCUTS:
            action = self._actions[shortcut.command] = QAction(shortcut_text(shortcut), self)
            action.setAutoRepeat(shortcut.command in REPEATING)
            action.triggered.connect(
                lambda _checked=False, command=shortcut.command: self._on_command(command)
            )
            self.addAction(action)
        shortcut_changes().changed.connect(self._show_keys)
        self._show_keys()

    def _show_keys(self) -> None:
        for command, action in self._actions.items():
            action.setShortcuts([QKeySequence(keys) for keys in keys_of(command)])

    def _order_tabs(self) -> None:
        order: list[QWidget] = [
            self.conversations.first_focus,
            self.top_bar.model_button,
            self.transcript,
            self.composer.edit,
        ]
        for first, second in pairwise(order):
            QWidget.setTabOrder(first, second)

    # --- what the window is told ----------------------------------------------------------------

    def show_page(self, page: CentrePage) -> None:
        """Show something else in the middle."""
        widgets: dict[CentrePage, QWidget] = {
            CentrePage.FIRST_RUN: self.first_run,
            CentrePage.EMPTY: self.empty,
            CentrePage.TRANSCRIPT: self.transcript,
        }
        self._pages.setCurrentWidget(widgets[page])
        self.composer.setVisible(page is not CentrePage.FIRST_RUN)
        self._lower.setVisible(page is not CentrePage.FIRST_RUN)

    @property
    def page(self) -> CentrePage:
        """What is shown in the middle."""
        current = self._pages.currentWidget()
        if current is self.first_run:
            return CentrePage.FIRST_RUN
        return CentrePage.EMPTY if current is self.empty else CentrePage.TRANSCRIPT

    def focus_first(self) -> None:
        """Let the person do the most likely thing next."""
        if self.page is CentrePage.FIRST_RUN:
            self.first_run.focus()
        else:
            self.composer.focus()

    def show_demonstration_line(self, *, shown: bool) -> None:
        """Say, or no longer say, that this is a demonstration model."""
        self._demonstration_wanted = shown
        self._fit_height()

    def offer_earlier_model(self, name: str) -> None:
        """Say that this conversation was held with another model than the loaded one.

        Args:
            name: That model's, or "" where there is nothing to offer.
        """
        text = self.tr("This conversation used {name}.").format(name=name) if name else ""
        self.earlier_model.set_text(text)
        self._fit_height()

    def show_answering_again(self, name: str) -> None:
        """Say that a model is loaded to answer again.

        Args:
            name: The model's, or "" where none is waited for.
        """
        text = self.tr("{name} answers again when it is loaded.").format(name=name) if name else ""
        self.answering_again.set_text(text)
        self._fit_height()

    @property
    def demonstration_line_shown(self) -> bool:
        """Whether the window says that this is a demonstration model."""
        return not self._demonstration.isHidden()

    def _fit_height(self) -> None:
        """Where there is little height, leave what is said least often unsaid."""
        low = self.height() < pixels(_LOW)
        again = bool(self.answering_again.text)
        self.answering_again.setVisible(again)
        earlier = bool(self.earlier_model.text) and not low and not again
        self.earlier_model.setVisible(earlier)  # in the place of the other line, never beside it
        self._demonstration.setVisible(self._demonstration_wanted and not (low or earlier or again))
        self.composer.set_low(low=low)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Fit what is below the transcript."""
        super().resizeEvent(event)
        self._fit_height()

    def open_picker(self) -> None:
        """Show the models under the model button."""
        self.picker.open_below(self.top_bar.model_button)

    def let_go(self) -> None:
        """Close now."""
        self._may_close = True
        self.close()

    # --- where it was left ----------------------------------------------------------------------

    def restore_place(self, place: WindowPlace) -> None:
        """Put the window where it was left."""
        geometry = QByteArray.fromHex(place.geometry.encode())
        if geometry:
            self.restoreGeometry(geometry)
        self._columns.restore(place.splitter, sidebar=place.sidebar, panel=place.panel)

    def place(self, conversation_id: str | None) -> WindowPlace:
        """Where the window is now."""
        return WindowPlace(
            geometry=bytes(self.saveGeometry().toHex().data()).decode(),
            splitter=self._columns.widths,
            sidebar=self._columns.wants(Side.SIDEBAR),
            panel=self._columns.wants(Side.PANEL),
            conversation_id=conversation_id,
        )

    # --- inside ---------------------------------------------------------------------------------

    def _on_command(self, command: Command) -> None:
        match command:
            case Command.TOGGLE_SIDEBAR:
                self.top_bar.set_sidebar_shown(shown=not self._columns.shows(Side.SIDEBAR))
            case Command.TOGGLE_PANEL:
                self.top_bar.set_panel_shown(shown=not self._columns.shows(Side.PANEL))
            case Command.SEARCH:
                self.top_bar.set_sidebar_shown(shown=True)
                self.conversations.focus_search()
            case Command.FIND:
                if self.page is CentrePage.TRANSCRIPT:
                    self.transcript.open_find()
            case Command.FOCUS_COMPOSER:
                self.composer.focus()
            case Command.SHORTCUTS:
                ShortcutDialog(self).open()
            case Command.CHOOSE_MODEL:
                self.open_picker()
            case Command.QUIT:
                self.close()
            case _:
                self.commanded.emit(command)

    def _on_columns_fitted(self) -> None:
        sidebar, panel = (self._columns.shows(side) for side in Side)
        self.top_bar.show_columns(sidebar=sidebar, panel=panel)

    def _restyle(self) -> None:
        theme = current_theme()
        left, right = self.transcript.text_margins
        self._below.setContentsMargins(left, 4, right, 16)
        self._lower.setMaximumWidth(pixels(COLUMN_WIDTH) + left + right)
        self._fit_height()
        self.setStyleSheet(
            f"QMainWindow {{ background: {theme.window}; }}"
            f"#sidebar {{ background: {theme.sidebar}; border: none; }}"
            '#sidebarLinks QPushButton[flat="true"] { text-align: left; padding: 5px 9px; }'
            '#sidebarLinks QPushButton[flat="true"]:focus { padding: 4px 8px; }'
            f"DeliberationPanel, DeliberationPanel > QScrollArea > QWidget > QWidget"
            f" {{ background: {theme.panel}; }}"
        )

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802 - Qt's name
        """Ask to leave; quitting has stages."""
        if self._may_close:
            event.accept()
            return
        event.ignore()
        self.close_requested.emit()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        """Tell that the window came to the front."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.ActivationChange and self.isActiveWindow():
            self.came_forward.emit()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:  # noqa: N802 - Qt's name
        """Take model files, and files to ask about."""
        data = event.mimeData()
        if dropped_model(data) is not None or dropped_documents(data):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:  # noqa: N802 - Qt's name
        """Load the model file that was dropped, or attach what was."""
        path = dropped_model(event.mimeData())
        documents = dropped_documents(event.mimeData())
        if path is not None:
            event.acceptProposedAction()
            self.file_dropped.emit(str(path))
        elif documents and not self.composer.isHidden():
            event.setDropAction(Qt.DropAction.CopyAction)  # never a move: the file stays
            event.accept()
            self.documents_dropped.emit(documents)

    def come_forward(self) -> None:
        """Raise the window: another start, the icon beside the clock or a notification wants it."""
        if self.isMinimized():
            self.showNormal()
        self.show()
        self.raise_()
        self.activateWindow()
        QApplication.alert(self)
