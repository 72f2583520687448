"""The form of an engine elsewhere: its name, its servers, a trial, save and use.

It must not know the keyring, the disk or the network; it asks the feed.
"""

from __future__ import annotations

import msgspec
from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QMessageBox,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from desktop_app.engine_trial import TrialResult
from desktop_app.engines import EngineNameError, SavedEngine, checked_name
from desktop_app.error_text import error_text
from desktop_app.library.engine_feed import EngineDraft, EngineFeed
from desktop_app.library.server_row import (
    KEY_WIDTH,
    MODEL_WIDTH,
    REMOVE_WIDTH,
    SLOTS_WIDTH,
    SPACING,
    ServerRow,
)
from desktop_app.look.theme import current_theme, pixels, themed_icon
from desktop_app.settings_pages.settings_form import scrolled
from desktop_app.words.translation import translated
from engine.backends.remote.description import (
    MOST_ENDPOINTS,
    EndpointDescription,
    EngineDescription,
)

_SIZE = (880, 330)
_ROW_HEIGHT = 68
_TALLEST = 560


class EngineDialog(QDialog):
    """Makes or changes one engine.

    Args:
        feed: Keeps, tries and removes it.
        engine: What to start from, or None for a new one.
        parent: The main window.

    Attributes:
        use_requested: (path) It is saved and is to answer from now on.
        removed: (name) It is deleted.
    """

    use_requested = Signal(str)
    removed = Signal(str)

    def __init__(
        self, feed: EngineFeed, engine: SavedEngine | None = None, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._feed = feed
        self._engine = engine
        self._rows: list[ServerRow] = []
        self._testing = False
        new = engine is None
        self.setWindowTitle(self.tr("Connect to a server") if new else self.tr("Change an engine"))
        self.resize(pixels(_SIZE[0]), pixels(_SIZE[1]))
        self.name = QLineEdit(engine.name if engine is not None else "")
        self.name.setAccessibleName(self.tr("Name"))
        self.name.setPlaceholderText(self.tr("What to call it"))
        self.name.textEdited.connect(lambda _text: self._tell(""))
        self._problem = QLabel()
        self._problem.setWordWrap(True)
        self._add = QPushButton(self.tr("Add a server"))
        self._add.setProperty("flat", True)
        self._add.setIcon(themed_icon("plus", "muted"))
        self._add.clicked.connect(lambda _checked=False: self._on_add())
        self._test = QPushButton(self.tr("Test"))
        self._test.setToolTip(self.tr("Connect to every server and say what it can do"))
        self._test.clicked.connect(lambda _checked=False: self._on_test())
        self._save = QPushButton(self.tr("Save and use"))
        self._save.setProperty("primary", True)
        self._save.setDefault(True)
        self._save.clicked.connect(lambda _checked=False: self._on_save())
        self._fields = QWidget()
        self._list = QVBoxLayout()
        self._list.setSpacing(8)
        self._build()
        described = engine.description if engine is not None else None
        for endpoint in described.endpoints if described is not None else (None,):
            self._add_row(ServerRow(endpoint))
        feed.keys_known.connect(self._on_keys_known)
        self._ask_keys(frozenset(engine.addresses if engine is not None else ()))
        feed.tried.connect(self._on_tried)
        feed.saved.connect(self._on_saved)
        feed.failed.connect(self._on_failed)
        feed.removed.connect(self._on_removed)
        self.rejected.connect(feed.abandon)
        self._tell("")
        (self.name if new else self._rows[0].address).setFocus()

    @property
    def rows(self) -> tuple[ServerRow, ...]:
        """One for each server."""
        return tuple(self._rows)

    @property
    def problem(self) -> str:
        """What is said of the whole form, or ""."""
        return self._problem.text()

    # --- building -------------------------------------------------------------------------------

    def _build(self) -> None:
        about = QLabel(
            self.tr(
                "Any server that speaks OpenAI's API: llama-server, vLLM, SGLang, Ollama, "
                "LM Studio or a cloud. Several servers with the same model work as one engine."
            )
        )
        about.setWordWrap(True)
        about.setProperty("muted", True)
        name = QLabel(self.tr("Name"))
        name.setBuddy(self.name)
        top = QHBoxLayout()
        top.setSpacing(12)
        top.addWidget(name)
        top.addWidget(self.name, 1)
        servers = QWidget()
        below = QVBoxLayout(servers)
        below.setContentsMargins(0, 0, 4, 0)
        below.addLayout(self._headings())
        below.addLayout(self._list)
        add = QHBoxLayout()
        add.addWidget(self._add)
        add.addStretch(1)
        below.addLayout(add)
        below.addStretch(1)
        fields = QVBoxLayout(self._fields)
        fields.setContentsMargins(0, 0, 0, 0)
        fields.setSpacing(8)
        fields.addLayout(top)
        fields.addSpacing(4)
        fields.addWidget(scrolled(servers), 1)
        buttons = QHBoxLayout()
        if self._engine is not None:
            remove = QPushButton(self.tr("Remove…"))
            remove.clicked.connect(lambda _checked=False: self._on_remove())
            buttons.addWidget(remove)
        buttons.addStretch(1)
        cancel = QPushButton(self.tr("Cancel"))
        cancel.clicked.connect(self.reject)
        for button in (self._test, cancel, self._save):
            button.setAutoDefault(button is self._save)
            buttons.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 16, 20, 16)
        column.setSpacing(12)
        column.addWidget(about)
        column.addWidget(self._fields, 1)
        column.addWidget(self._problem)
        column.addLayout(buttons)

    def _headings(self) -> QHBoxLayout:
        line = QHBoxLayout()
        line.setSpacing(SPACING)
        for text, width in (
            (self.tr("Address"), 0),
            (self.tr("Model"), MODEL_WIDTH),
            (self.tr("Side by side"), SLOTS_WIDTH),
            (self.tr("Key"), KEY_WIDTH),
            ("", REMOVE_WIDTH),
        ):
            label = QLabel(text)
            label.setProperty("muted", True)
            label.setContentsMargins(2, 0, 0, 0)
            if width:
                label.setFixedWidth(pixels(width))
            line.addWidget(label, 0 if width else 1)
        return line

    def _add_row(self, row: ServerRow) -> None:
        self._rows.append(row)
        self._list.addWidget(row)
        row.changed.connect(lambda: self._tell(""))
        row.address_given.connect(lambda address: self._ask_keys(frozenset({address})))
        row.remove_requested.connect(lambda: self._on_remove_row(row))
        self._count_rows()

    def _count_rows(self) -> None:
        for row in self._rows:
            row.set_removable(removable=len(self._rows) > 1)
        self._add.setEnabled(len(self._rows) < MOST_ENDPOINTS)
        wanted = min(_TALLEST, _SIZE[1] + _ROW_HEIGHT * (len(self._rows) - 1))
        self.resize(self.width(), max(self.height(), pixels(wanted)))

    # --- what it says ---------------------------------------------------------------------------

    def _draft(self, name: str) -> EngineDraft | None:
        """Return what the form says, or None after saying what is wrong with it."""
        endpoints: list[EndpointDescription] = []
        keys: dict[str, str] = {}
        for row in self._rows:
            row.show_nothing()
            try:
                endpoint = row.endpoint()
            except ValueError as error:
                row.show_problem(str(error))
                row.address.setFocus()
                return None
            if endpoint.address in {known.address for known in endpoints}:
                row.show_problem(self.tr("another row has this address already"))
                return None
            endpoints.append(endpoint)
            if (change := row.key.change) is not None:
                keys[endpoint.address] = change
        before = self._engine.description if self._engine is not None else None
        described = EngineDescription(tuple(endpoints))
        if before is not None:
            described = msgspec.structs.replace(before, endpoints=tuple(endpoints))
        return EngineDraft(
            name, described, keys, self._engine.name if self._engine is not None else ""
        )

    def _tell(self, text: str, *, warns: bool = True) -> None:
        theme = current_theme()
        self._problem.setStyleSheet(f"color: {theme.warning if warns else theme.muted};")
        self._problem.setText(text)
        self._problem.setVisible(bool(text))

    def _set_testing(self, *, testing: bool) -> None:
        self._testing = testing
        self._fields.setEnabled(not testing)
        self._save.setEnabled(not testing)
        self._test.setText(self.tr("Stop") if testing else self.tr("Test"))

    # --- what a person does ---------------------------------------------------------------------

    def _on_add(self) -> None:
        row = ServerRow()
        self._add_row(row)
        row.address.setFocus()

    def _on_remove_row(self, row: ServerRow) -> None:
        self._rows.remove(row)
        row.hide()
        row.deleteLater()
        self._count_rows()
        self._tell("")

    def _on_test(self) -> None:
        if self._testing:
            self._feed.stop_trial()
            self._set_testing(testing=False)
            self._tell("")
            return
        draft = self._draft(self.name.text())
        if draft is None:
            return
        self._set_testing(testing=True)
        self._tell(self.tr("Connecting…"), warns=False)
        self._feed.try_out(draft)

    def _on_save(self) -> None:
        try:
            name = checked_name(self.name.text())
        except EngineNameError as error:
            self._on_failed(error.code, "")
            self.name.setFocus()
            return
        draft = self._draft(name)
        if draft is not None:
            self._save.setEnabled(False)
            self._feed.save(draft)

    def _on_remove(self) -> None:
        engine = self._engine
        if engine is None:
            return
        question = QMessageBox(self)
        question.setWindowTitle(self.tr("Remove an engine"))
        question.setText(self.tr("Remove {name}?").format(name=engine.name))
        question.setInformativeText(
            self.tr("Its keys are forgotten too, but for those that another engine uses.")
        )
        question.setStandardButtons(
            QMessageBox.StandardButton.Yes | QMessageBox.StandardButton.Cancel
        )
        question.accepted.connect(lambda: self._feed.remove(engine.name))
        question.finished.connect(question.deleteLater)
        question.open()

    # --- what the feed says ---------------------------------------------------------------------

    def _ask_keys(self, addresses: frozenset[str]) -> None:
        if addresses:
            self._feed.ask_keys(addresses)

    def _on_keys_known(self, kept: dict[str, bool]) -> None:
        for row in self._rows:
            try:
                address = row.endpoint().address
            except ValueError:
                continue
            if address in kept:
                row.key.show_kept(kept=kept[address])

    def _on_tried(self, result: TrialResult) -> None:
        if not self._testing:
            return
        self._set_testing(testing=False)
        found = {endpoint.address: endpoint for endpoint in result.report.endpoints}
        for row in self._rows:
            endpoint = found.get(row.endpoint().address)
            if endpoint is not None:
                row.show_found(endpoint)
        in_clear = any(notice.code == "key-in-clear" for notice in result.notices)
        text = translated(error_text("key-in-clear"))
        self._tell(f"{text.title}. {text.next_step}" if in_clear else "")

    def _on_failed(self, code: str, detail: str) -> None:
        self._set_testing(testing=False)
        text = translated(error_text(code))
        said = f" ({detail})" if detail else ""
        self._tell(f"{text.title}. {text.cause}{said} {text.next_step}")

    def _on_saved(self, path: str) -> None:
        self.accept()
        self.use_requested.emit(path)

    def _on_removed(self, engine: SavedEngine) -> None:
        self.removed.emit(engine.name)
        self.accept()
