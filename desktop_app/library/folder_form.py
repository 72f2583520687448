"""The part of the settings that says where models are looked for."""

from __future__ import annotations

from pathlib import Path

import msgspec
from PySide6.QtWidgets import (
    QCheckBox,
    QFileDialog,
    QHBoxLayout,
    QListWidget,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from desktop_app.look.theme import pixels
from desktop_app.settings import LibrarySettings

_LIST_HEIGHT = 110


class FolderForm(QWidget):
    """Folders whose models are used in place, beside the models folder.

    Args:
        settings: What to start from.
    """

    def __init__(self, settings: LibrarySettings) -> None:
        super().__init__()
        self._settings = settings
        self._folders = QListWidget()
        self._folders.setAccessibleName(self.tr("Folders with models"))
        self._folders.setFixedHeight(pixels(_LIST_HEIGHT))
        self._folders.addItems(list(settings.folders))
        self._others = QCheckBox(self.tr("Show the models of other programs"))
        self._others.setToolTip(
            self.tr("LM Studio, GPT4All, Jan, llama.cpp and the hub's cache; used in place")
        )
        self._others.setChecked(settings.others)
        add = QPushButton(self.tr("Add…"))
        add.clicked.connect(lambda _checked=False: self._on_add())
        self._remove = QPushButton(self.tr("Take off the list"))
        self._remove.setToolTip(self.tr("Its files stay where they are"))
        self._remove.clicked.connect(lambda _checked=False: self._on_remove())
        self._folders.currentRowChanged.connect(lambda row: self._remove.setEnabled(row >= 0))
        self._remove.setEnabled(False)
        buttons = QHBoxLayout()
        buttons.addWidget(add)
        buttons.addWidget(self._remove)
        buttons.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._folders)
        column.addLayout(buttons)
        column.addWidget(self._others)
        column.addStretch(1)

    @property
    def settings(self) -> LibrarySettings:
        """What the form says now."""
        rows = (self._folders.item(row).text() for row in range(self._folders.count()))
        return msgspec.structs.replace(
            self._settings, folders=tuple(dict.fromkeys(rows)), others=self._others.isChecked()
        )

    def add(self, folder: Path) -> None:
        """Put a folder on the list."""
        self._folders.addItem(str(folder))

    def _on_add(self) -> None:
        folder = QFileDialog.getExistingDirectory(self, self.tr("Choose a folder with GGUF models"))
        if folder:
            self.add(Path(folder))

    def _on_remove(self) -> None:
        self._folders.takeItem(self._folders.currentRow())
