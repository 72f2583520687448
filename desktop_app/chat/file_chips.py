"""Files of a question as a row of chips: in the composer to be taken away, in a turn to be read.

It must not know how files are read or where they go.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QToolButton, QWidget

from desktop_app.chat.file_dialog import FileDialog
from desktop_app.look.theme import current_theme, pixels, theme_changes, themed_icon
from desktop_app.look.tips import plain_tip
from desktop_app.words.quantities import format_count
from engine.documents.attached import AttachedFile

FILE_GAP = 6
_WIDEST = 240
_ICON = 14


@dataclass(eq=False, slots=True)
class Attachment:
    """A file on its way to a question; told apart by identity.

    Attributes:
        name: Its name.
        file: What it says, or None while it is read.
        gone: Whether it could not be read, or was taken away.
    """

    name: str
    file: AttachedFile | None = None
    gone: bool = False


class FileChip(QFrame):
    """One file: its name, which opens it, and perhaps a cross.

    Args:
        attachment: The file.
        removable: Whether it has a cross.
        parent: The row.

    Attributes:
        removed: The cross was pressed.
    """

    removed = Signal()

    def __init__(self, attachment: Attachment, *, removable: bool, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("fileChip")
        self.attachment = attachment
        self._open = QToolButton(self)
        self._open.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self._open.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._open.clicked.connect(self._on_open)
        self._remove = QToolButton(self)
        self._remove.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._remove.setAccessibleName(self.tr("Take {0} away").format(attachment.name))
        self._remove.setToolTip(self.tr("Take away"))
        self._remove.setVisible(removable)
        self._remove.clicked.connect(self.removed)
        row = QHBoxLayout(self)
        row.setContentsMargins(4, 1, 4, 1)
        row.setSpacing(0)
        row.addWidget(self._open)
        row.addWidget(self._remove)
        self.restyle()
        self.refresh()

    def refresh(self) -> None:
        """Show the file, or that it is being read."""
        name, file = self.attachment.name, self.attachment.file
        self._open.setEnabled(file is not None)
        if file is None:
            about = self.tr("{0}, being read").format(name)
        else:
            size = self.tr("{0} characters").format(format_count(len(file.text)))
            about = self.tr("{0}, {1}. Press to read it.").format(name, size)
        self._open.setToolTip(plain_tip(about))
        self._open.setAccessibleName(about)
        metrics = self._open.fontMetrics()
        middle = Qt.TextElideMode.ElideMiddle
        shown = metrics.elidedText(name, middle, pixels(_WIDEST)).replace("&", "&&")
        self._open.setText(f" {shown}" if file is not None else f" {shown}…")

    def restyle(self) -> None:
        """Take the present theme's colours."""
        theme = current_theme()
        side = pixels(_ICON)
        for button, icon in ((self._open, "file"), (self._remove, "close")):
            button.setIcon(themed_icon(icon, "muted"))
            button.setIconSize(QSize(side, side))
        self.setStyleSheet(
            f"#fileChip {{ border: 1px solid {theme.hairline}; border-radius: 7px;"
            f" background: {theme.window}; }}"
            f"QToolButton {{ border: none; padding: 3px 1px 3px 3px; color: {theme.text}; }}"
            f"QToolButton:hover, QToolButton:focus {{ background: {theme.accent_wash};"
            " border-radius: 5px; }"
        )

    def _on_open(self) -> None:
        if self.attachment.file is not None:
            dialog = FileDialog(self.attachment.file, self.window())
            dialog.finished.connect(dialog.deleteLater)
            dialog.open()


class FileChips(QWidget):
    """A row of chips that wraps.

    Args:
        parent: Where it stands.
        removable: Whether a person can take files away.

    Attributes:
        changed: There are other files, one of them has been read, or they look otherwise.
    """

    changed = Signal()

    def __init__(self, parent: QWidget | None = None, *, removable: bool = False) -> None:
        super().__init__(parent)
        self._removable = removable
        self._chips: list[FileChip] = []
        theme_changes().changed.connect(self._on_theme_changed)
        self.hide()

    @property
    def attachments(self) -> list[Attachment]:
        """What is shown."""
        return [chip.attachment for chip in self._chips]

    @property
    def files(self) -> tuple[AttachedFile, ...]:
        """Those that have been read, in their order."""
        return tuple(one.file for one in self.attachments if one.file is not None)

    @property
    def reading(self) -> bool:
        """Whether one is still being read."""
        return any(one.file is None for one in self.attachments)

    @property
    def chips(self) -> Sequence[FileChip]:
        """The chips in their order."""
        return self._chips

    def set_files(self, files: Sequence[AttachedFile]) -> None:
        """Show these files and no others."""
        if tuple(files) != self.files or self.reading:
            self.set_attachments([Attachment(file.name, file) for file in files])

    def set_attachments(self, attachments: Sequence[Attachment]) -> None:
        """Show these files, some of which may still be read."""
        while self._chips:
            self._drop(self._chips[-1])
        for one in attachments:
            if not one.gone:
                self._add(one)
        self._on_changed()

    def expect(self, name: str) -> Attachment:
        """Show that a file is being read; `settle` is to be told what came of it."""
        attachment = Attachment(name)
        self._add(attachment)
        self._on_changed()
        return attachment

    def settle(self, attachment: Attachment, file: AttachedFile | None) -> None:
        """Take what came of an expected file, shown or not; without one it goes."""
        attachment.file, attachment.gone = file, file is None
        chip = next((chip for chip in self._chips if chip.attachment is attachment), None)
        if chip is None:
            return
        if file is None:
            self._drop(chip)
        else:
            chip.refresh()
        self._on_changed()

    def place(self, width: int, *, from_right: bool = False) -> int:
        """Lay the chips out in a width; returns the height that they need."""
        x = y = 0
        rows: list[list[FileChip]] = [[]]
        for chip in self._chips:
            size = chip.sizeHint()
            if x and x + size.width() > width:
                x = 0
                rows.append([])
            rows[-1].append(chip)
            x += size.width() + FILE_GAP
        for row in filter(None, rows):
            sizes = [chip.sizeHint() for chip in row]
            used = sum(size.width() for size in sizes) + FILE_GAP * (len(row) - 1)
            x = max(0, width - used) if from_right else 0
            for chip, size in zip(row, sizes, strict=True):
                chip.setGeometry(x, y, min(size.width(), width), size.height())
                x += size.width() + FILE_GAP
            y += max(size.height() for size in sizes) + FILE_GAP
        return max(0, y - FILE_GAP)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Stay as high as the chips need, where a layout gives the width."""
        super().resizeEvent(event)
        if self._removable:
            before = self.height()
            self._fit()
            if self.height() != before:
                self.changed.emit()

    def _fit(self) -> None:
        self.setFixedHeight(self.place(self.width()))

    def _add(self, attachment: Attachment) -> None:
        chip = FileChip(attachment, removable=self._removable, parent=self)
        chip.removed.connect(lambda: self._on_removed(chip))
        self._chips.append(chip)
        chip.show()

    def _drop(self, chip: FileChip) -> None:
        self._chips.remove(chip)
        chip.hide()
        chip.deleteLater()

    def _on_removed(self, chip: FileChip) -> None:
        if chip in self._chips:
            chip.attachment.gone = True
            self._drop(chip)
            self._on_changed()

    def _on_changed(self) -> None:
        self.setVisible(bool(self._chips))
        if self._removable:
            self._fit()
        self.changed.emit()

    def _on_theme_changed(self) -> None:
        for chip in self._chips:
            chip.restyle()
            chip.refresh()
        self._on_changed()
