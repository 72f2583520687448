"""A dataset on the hub: name it, choose one of its files, get it. It only shows and asks."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from desktop_app.words.quantities import format_bytes
from models.hub import Dataset, HubFile

_SIZE = (620, 460)


class DatasetDialog(QDialog):
    """Asks for a dataset's file.

    Attributes:
        find_requested: (name) Ask the hub what this dataset holds.
        get_requested: (`Dataset`, `HubFile`) Fetch this file.
    """

    find_requested = Signal(str)
    get_requested = Signal(object, object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Questions from the hub"))
        self.resize(*_SIZE)
        self._dataset: Dataset | None = None
        self.name = QLineEdit()
        self.name.setPlaceholderText(self.tr("owner/name, such as openai/gsm8k"))
        self.name.setAccessibleName(self.tr("Dataset"))
        self.name.returnPressed.connect(self._find)
        self._find_button = QPushButton(self.tr("Find"))
        self._find_button.setAutoDefault(False)
        self._find_button.clicked.connect(lambda _checked=False: self._find())
        self.files = QListWidget()
        self.files.setAccessibleName(self.tr("Files"))
        self.files.itemDoubleClicked.connect(lambda _item: self._get())
        self.files.currentRowChanged.connect(lambda _row: self._show_ready())
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._bar.setRange(0, 1000)
        self._bar.hide()
        self._about = QLabel(
            self.tr("Its JSONL, CSV and Parquet files are offered; each is checked by its hash.")
        )
        self._about.setWordWrap(True)
        self._about.setTextFormat(Qt.TextFormat.PlainText)
        self._about.setProperty("muted", True)
        self.get = QPushButton(self.tr("Get it"))
        self.get.setProperty("primary", True)
        self.get.setAutoDefault(False)
        self.get.clicked.connect(lambda _checked=False: self._get())
        self._build()
        self._show_ready()

    @property
    def about(self) -> str:
        """What is said under the files."""
        return self._about.text()

    def show_dataset(self, dataset: Dataset) -> None:
        """Offer a dataset's files."""
        self._dataset = dataset
        self.files.clear()
        for file in dataset.files:
            item = QListWidgetItem(f"{file.path}   {format_bytes(file.size_bytes)}")
            item.setData(Qt.ItemDataRole.UserRole, file)
            self.files.addItem(item)
        self.files.setCurrentRow(0)
        self._about.setText(
            self.tr("{name} at {revision}").format(
                name=dataset.name, revision=dataset.revision[:12]
            )
        )
        self._show_ready()

    def show_progress(self, share: float) -> None:
        """A download is so far, 0 to 1."""
        self._bar.setVisible(True)
        self._bar.setValue(round(1000 * share))
        self.get.setEnabled(False)

    def show_problem(self, text: str) -> None:
        """It did not work."""
        self._bar.hide()
        self._about.setText(text)
        self._show_ready()

    def _build(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 20, 20, 16)
        column.setSpacing(12)
        top = QHBoxLayout()
        top.addWidget(self.name, 1)
        top.addWidget(self._find_button)
        column.addLayout(top)
        column.addWidget(self.files, 1)
        column.addWidget(self._bar)
        column.addWidget(self._about)
        bottom = QHBoxLayout()
        bottom.addStretch(1)
        close = QPushButton(self.tr("Cancel"))
        close.setAutoDefault(False)
        close.clicked.connect(self.reject)
        bottom.addWidget(close)
        bottom.addWidget(self.get)
        column.addLayout(bottom)

    def _show_ready(self) -> None:
        self.get.setEnabled(self.files.currentItem() is not None)

    def _find(self) -> None:
        if self.name.text().strip():
            self.find_requested.emit(self.name.text().strip())

    def _get(self) -> None:
        item = self.files.currentItem()
        if item is not None and self._dataset is not None and self.get.isEnabled():
            file: HubFile = item.data(Qt.ItemDataRole.UserRole)
            self.get_requested.emit(self._dataset, file)
