"""Shows Markdown as selectable text as tall as it is; scrolling is its parent's business.

Links show their address and open only after a second, confirming step. Resources are never loaded.
"""

from __future__ import annotations

from math import ceil
from typing import Final

from PySide6.QtCore import QEvent, QMimeData, QPoint, QRectF, Qt, QTimer, QUrl, Signal
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QDesktopServices,
    QFocusEvent,
    QGuiApplication,
    QKeyEvent,
    QKeySequence,
    QPainter,
    QPaintEvent,
    QPalette,
    QTextCursor,
    QWheelEvent,
)
from PySide6.QtWidgets import QFrame, QMenu, QTextBrowser, QTextEdit, QWidget

from desktop_app.look.theme import current_theme, theme_changes
from desktop_app.look.tips import plain_tip
from desktop_app.rich_text.addresses import is_allowed
from desktop_app.rich_text.code_buttons import CodeButtons
from desktop_app.rich_text.document import RichDocument
from desktop_app.rich_text.formats import CODE_GROUP, Formats
from desktop_app.rich_text.marks import CODE_FOOTER, paint_marks
from desktop_app.rich_text.selection import plain_text

FIRST_SLICE_SECONDS: Final = 0.012
"""Longest time spent at once on writing text that was just set."""
SLICE_SECONDS: Final = 0.008
MOST_MARKS: Final = 500
"""Places that have what is looked for; more of them in one text are not told apart."""
FAINT: Final = 0.25
"""How much of the accent colour marks a place that does not stand out."""
NATURAL_BLOCKS: Final = 50
"""A text with more paragraphs than this takes all the width there is."""


class RichTextView(QTextBrowser):
    """A read-only piece of rich text.

    Call `set_width` whenever the available width changes; `height_changed` says when the text has
    become taller or lower. Selected text is copied as plain text with formulas as LaTeX.

    Args:
        parent: The widget it belongs to.
        muted: Whether the text stands back.
        literal: Whether only formulas and code blocks are special, as in a question.
    """

    height_changed = Signal()

    def __init__(
        self, parent: QWidget | None = None, *, muted: bool = False, literal: bool = False
    ) -> None:
        super().__init__(parent)
        self._muted = muted
        self._width = 0
        self._height = -1
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setStyleSheet("QTextBrowser { background: transparent; border: none; padding: 0; }")
        self.setOpenLinks(False)
        # With the widget's own width Qt would lay text out for sizes it has only for a moment.
        self.setLineWrapMode(QTextBrowser.LineWrapMode.FixedPixelWidth)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextBrowserInteraction
            | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.viewport().setAutoFillBackground(False)
        self.setCursorWidth(0)
        self.anchorClicked.connect(self._on_anchor_clicked)
        self.highlighted.connect(self._on_highlighted)
        self._formats = self._make_formats()
        self._rich = RichDocument(self.document(), self._formats, literal=literal)
        self._buttons = CodeButtons(self)
        self.marked_top = 0
        """Where the marked place that stands out begins, from the top of the text."""
        self._slices = QTimer(self)
        self._slices.setSingleShot(True)
        self._slices.timeout.connect(self._on_slice)
        self._apply_palette()
        theme_changes().changed.connect(self._on_theme_changed)

    # --- content --------------------------------------------------------------------------------

    @property
    def markdown(self) -> str:
        """What is shown, as it was given."""
        return self._rich.text

    def set_markdown(self, text: str) -> None:
        """Show Markdown; long text appears in slices over the next moments."""
        self._rich.set_text(text)
        self._write(FIRST_SLICE_SECONDS)

    def finish(self) -> None:
        """Write all that is missing now, however long it takes."""
        self._slices.stop()
        self._rich.write_some()
        self._measure()

    def set_width(self, width: int) -> None:
        """Lay the text out in this many pixels."""
        if width != self._width:
            self._width = width
            self._rich.set_width(width)
            self.setLineWrapColumnOrWidth(width)
            self._write(FIRST_SLICE_SECONDS)

    def natural_width(self, most: int) -> int:
        """The width the text wants, at most `most` pixels."""
        document = self.document()
        self.setLineWrapColumnOrWidth(most)
        self._rich.write_some(FIRST_SLICE_SECONDS)
        if self._rich.code_starts or document.blockCount() > NATURAL_BLOCKS:
            return most
        document.size()  # lays it out
        self._width = 0  # what is laid out now is not what is shown
        wanted = 1.0
        block = document.begin()
        while block.isValid():
            lines = block.layout()
            for index in range(lines.lineCount()):
                wanted = max(wanted, lines.lineAt(index).naturalTextWidth())
            block = block.next()
        return min(most, ceil(wanted) + 1)

    def selected_text(self) -> str:
        """The selection as plain text, empty without one."""
        cursor = self.textCursor()
        return plain_text(self.document(), cursor.selectionStart(), cursor.selectionEnd())

    def mark(self, text: str, current: int | None) -> int:
        """Mark every place that has a text, whatever its case; returns how many there are.

        Args:
            text: What is looked for; nothing is marked where it is empty.
            current: Which of the places stands out, from 0.
        """
        found = self._places_of(text)
        theme = current_theme()
        faint = QColor(theme.accent)
        faint.setAlphaF(FAINT)
        marks = []
        for number, cursor in enumerate(found):
            mark = QTextEdit.ExtraSelection()
            mark.cursor = cursor
            mark.format.setBackground(faint)
            if number == current:
                mark.format.setBackground(QColor(theme.accent))
                mark.format.setForeground(QColor(theme.panel))
                self.marked_top = round(self.cursorRect(cursor).top())
            marks.append(mark)
        self.setExtraSelections(marks)
        return len(found)

    def _places_of(self, text: str) -> list[QTextCursor]:
        if not text:
            return []
        self.finish()
        found: list[QTextCursor] = []
        cursor = self.document().find(text)
        while not cursor.isNull() and len(found) < MOST_MARKS:
            found.append(cursor)
            cursor = self.document().find(text, cursor)
        return found

    def _write(self, seconds: float) -> None:
        if self._width <= 0:
            return  # written once there is a width to lay it out in
        cursor = self.textCursor()
        if not cursor.hasSelection() and cursor.position():
            cursor.setPosition(0)  # or it would stay at the end of growing text
            self.setTextCursor(cursor)
        if not self._rich.write_some(seconds):
            self._slices.start(0)
        self._measure()

    def _on_slice(self) -> None:
        self._write(SLICE_SECONDS)

    def _measure(self) -> None:
        if self._width <= 0:
            return
        height = max(1, round(self.document().size().height()))
        if self.document().lastBlock().blockFormat().intProperty(CODE_GROUP):
            height += ceil(CODE_FOOTER) + 1  # no margin counts below the last line
        self._buttons.place(self._rich.code_starts, self._formats)
        height += self._room_for_bar()
        self.setFixedSize(self._width, height)  # the width may be another at the same height
        if height != self._height:
            self._height = height
            self.height_changed.emit()

    def _room_for_bar(self) -> int:
        """Let what is too wide to be broken, such as a table, be scrolled; the bar's height."""
        wide = ceil(self.document().size().width()) > self._width
        policy = Qt.ScrollBarPolicy
        self.setHorizontalScrollBarPolicy(
            policy.ScrollBarAlwaysOn if wide else policy.ScrollBarAlwaysOff
        )
        return self.horizontalScrollBar().sizeHint().height() if wide else 0

    # --- appearance -----------------------------------------------------------------------------

    def _make_formats(self) -> Formats:
        formats = Formats(current_theme(), self.font())
        if self._muted:
            formats.text = formats.muted
        return formats

    def _apply_palette(self) -> None:
        theme = self._formats.theme
        palette = self.palette()
        palette.setColor(QPalette.ColorRole.Base, Qt.GlobalColor.transparent)
        palette.setColor(
            QPalette.ColorRole.Text, QColor(theme.muted if self._muted else theme.text)
        )
        palette.setColor(QPalette.ColorRole.Highlight, QColor(theme.accent))
        palette.setColor(QPalette.ColorRole.HighlightedText, QColor(theme.accent_text))
        self.setPalette(palette)

    def _on_theme_changed(self) -> None:
        self._restyle()

    def _restyle(self) -> None:
        self._formats = self._make_formats()
        self._apply_palette()
        self._rich.set_formats(self._formats)
        if self._width > 0:
            self.setLineWrapColumnOrWidth(self._width)
        self._write(FIRST_SLICE_SECONDS)

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 (Qt's name)
        """Start again with the new font when the interface is zoomed."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.FontChange and hasattr(self, "_rich"):
            self._restyle()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 (Qt's name)
        """Draw backgrounds of code, bars of quotes and rules, then the text."""
        painter = QPainter(self.viewport())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        scrolled = self.horizontalScrollBar().value()
        painter.translate(-scrolled, 0)
        clip = QRectF(event.rect()).translated(scrolled, 0)
        paint_marks(painter, self.document(), self._formats, clip)
        painter.end()
        super().paintEvent(event)

    # --- links, keys and copying ----------------------------------------------------------------

    def loadResource(self, type: int, name: QUrl | str) -> object:  # noqa: A002, ARG002, N802
        """Load nothing, wherever an answer points to."""
        return None

    def createMimeDataFromSelection(self) -> QMimeData:  # noqa: N802 (Qt's name)
        """Copy plain text only: what is pasted is what was read."""
        data = QMimeData()
        data.setText(self.selected_text())
        return data

    def focusInEvent(self, event: QFocusEvent) -> None:  # noqa: N802 (Qt's name)
        """Show the text cursor to those who came with the keyboard."""
        by_keyboard = event.reason() in {
            Qt.FocusReason.TabFocusReason,
            Qt.FocusReason.BacktabFocusReason,
        }
        self.setCursorWidth(1 if by_keyboard else 0)
        super().focusInEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:  # noqa: N802 (Qt's name)
        """Hide the text cursor again."""
        self.setCursorWidth(0)
        super().focusOutEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802 (Qt's name)
        """Scroll sideways what is too wide; leave all else to the transcript."""
        sideways = bool(event.angleDelta().x() or event.pixelDelta().x())
        if sideways and self.horizontalScrollBar().maximum():
            super().wheelEvent(event)
        else:
            event.ignore()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 (Qt's name)
        """Select with Shift and the arrows, copy; leave every other movement to the transcript."""
        if event.matches(QKeySequence.StandardKey.Copy) and self.textCursor().hasSelection():
            self.copy()
            return
        moves = {
            Qt.Key.Key_Up,
            Qt.Key.Key_Down,
            Qt.Key.Key_PageUp,
            Qt.Key.Key_PageDown,
            Qt.Key.Key_Home,
            Qt.Key.Key_End,
            Qt.Key.Key_Escape,
        }
        shift = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        if event.matches(QKeySequence.StandardKey.Copy) or (event.key() in moves and not shift):
            event.ignore()
            return
        super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:  # noqa: N802 (Qt's name)
        """Offer what can be done with the selection or the link below the pointer."""
        address = self.anchorAt(event.pos())
        if address:
            self._link_menu(address).exec(event.globalPos())
            return
        menu = QMenu(self)
        copy = menu.addAction(self.tr("Copy"), self.copy)
        copy.setEnabled(self.textCursor().hasSelection())
        menu.addAction(self.tr("Select all"), self.selectAll)
        menu.exec(event.globalPos())

    def _on_highlighted(self, url: QUrl) -> None:
        address = url.toDisplayString()
        self.viewport().setToolTip(plain_tip(address) if address else "")

    def _on_anchor_clicked(self, url: QUrl) -> None:
        menu = self._link_menu(url.toString())
        menu.popup(self.cursor().pos() if self.underMouse() else self.mapToGlobal(QPoint(8, 8)))

    def _link_menu(self, address: str) -> QMenu:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        shown = address if len(address) <= 90 else f"{address[:60]}…{address[-25:]}"
        title = menu.addAction(shown.replace("&", "&&"))
        title.setEnabled(False)
        menu.addSeparator()
        if is_allowed(address):
            menu.addAction(
                self.tr("Open in the browser"), lambda: QDesktopServices.openUrl(QUrl(address))
            )
        menu.addAction(
            self.tr("Copy the address"), lambda: QGuiApplication.clipboard().setText(address)
        )
        return menu
