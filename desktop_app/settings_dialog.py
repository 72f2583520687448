"""The settings dialog: engine, sampling, strategies, appearance, folders, about.

It exists so that every choice is reachable without editing a file. It says what a person changed
and applies nothing itself.
"""

from __future__ import annotations

from collections.abc import Callable
from math import ceil

import msgspec
from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from desktop_app.about_page import AboutPage
from desktop_app.combo_popup import dress_popup
from desktop_app.current_settings import SettingsPage
from desktop_app.folders import Folders
from desktop_app.instructions import InstructionsField
from desktop_app.library.folder_form import FolderForm
from desktop_app.model_library import models_folder
from desktop_app.settings import ChatSettings, LibrarySettings, Settings, with_changes
from desktop_app.settings_form import (
    OptionalNumber,
    choice,
    decimal,
    form_page,
    row,
    scrolled,
    select,
    whole,
)
from desktop_app.strategy_page import StrategyPage
from desktop_app.theme import ZOOM_STEPS
from engine.generation import LoadOptions, Sampling
from engine.own_thinking import OwnThinking

_ALL_LAYERS = "all"


class SettingsDialog(QDialog):
    """Edits a copy of the settings.

    Args:
        settings: What to start from.
        folders: Where Ponder keeps things.
        model_loaded: Whether engine options need a reload to count.
        takes: What the model's own thinking can be told, or None where any may come.
        parent: The window.
    """

    def __init__(
        self,
        settings: Settings,
        folders: Folders,
        parent: QWidget | None = None,
        *,
        model_loaded: bool = False,
        takes: tuple[OwnThinking, ...] | None = None,
    ) -> None:
        super().__init__(parent)
        self._settings = settings
        self.setWindowTitle(self.tr("Settings"))
        self.resize(720, 560)
        self._tabs = QTabWidget()
        self._tabs.tabBar().setDrawBase(False)
        self._tabs.addTab(scrolled(self._build_engine(settings.engine)), self.tr("Engine"))
        self._tabs.addTab(scrolled(self._build_sampling(settings)), self.tr("Sampling"))
        self._strategies = StrategyPage(takes)
        self._strategies.show_thinking(settings.thinking)
        self._tabs.addTab(scrolled(self._strategies), self.tr("Strategies"))
        self._instructions = InstructionsField()
        self._instructions.set_text(settings.chat.instructions)
        self._tabs.addTab(self._instructions, self.tr("Instructions"))
        self._tabs.addTab(scrolled(self._build_appearance(settings)), self.tr("Appearance"))
        self._model_folders = FolderForm(settings.library)
        self._tabs.addTab(
            scrolled(self._build_folders(folders, settings.library)), self.tr("Folders")
        )
        self._tabs.addTab(scrolled(AboutPage()), self.tr("About"))
        self._reload_note = QLabel(
            self.tr("Changed engine options reload the model.") if model_loaded else ""
        )
        self._reload_note.setProperty("muted", True)
        buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Ok
            | QDialogButtonBox.StandardButton.Cancel
            | QDialogButtonBox.StandardButton.RestoreDefaults
        )
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        self._restore = buttons.button(QDialogButtonBox.StandardButton.RestoreDefaults)
        self._restore.setText(self.tr("Defaults of this page"))
        self._restore.clicked.connect(self._on_restore)
        self._tabs.currentChanged.connect(self._on_page)
        self._on_page(self._tabs.currentIndex())
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 12, 16, 12)
        column.addWidget(self._tabs, 1)
        column.addWidget(self._reload_note)
        column.addWidget(buttons)
        self._opened = self.changed_settings()

    def show_page(self, place: int) -> None:
        """Turn to a page, by its place."""
        self._tabs.setCurrentIndex(place)

    def applied_to(self, now: Settings) -> Settings:
        """Return the present settings with what a person changed here.

        Args:
            now: The present settings, which may have changed since the dialog was opened.
        """
        return with_changes(now, self._opened, self.changed_settings())

    def changed_settings(self) -> Settings:
        """What the dialog says now; what has no field here is as it was at the opening."""
        return msgspec.structs.replace(
            self._settings,
            engine=self._engine(),
            sampling=self._sampling(),
            thinking=msgspec.structs.replace(
                self._settings.thinking,
                stop_early=self._stop_early.isChecked(),
                tokens_per_candidate=self._tokens.number,
                thought_tokens=self._thoughts.number,
                seconds=self._limit_seconds(),
                more_thought=self._strategies.more_thought,
                options=self._strategies.options,
            ),
            library=self._model_folders.settings,
            chat=ChatSettings(self._instructions.text),
            appearance=msgspec.structs.replace(
                self._settings.appearance,
                theme=self._theme.currentData(),
                zoom=self._zoom.currentData(),
                send_key=self._send_key.currentData(),
                tell_when_ready=self._tell_when_ready.isChecked(),
            ),
        )

    # --- engine ---------------------------------------------------------------------------------

    def _build_engine(self, options: LoadOptions) -> QWidget:
        self._layers_kind = choice(
            (
                ("auto", self.tr("as many as fit")),
                (_ALL_LAYERS, self.tr("all")),
                ("number", self.tr("this many")),
            ),
            self.tr("Layers on the GPU"),
        )
        self._layers = whole(0, 1000)
        self._layers.setAccessibleName(self.tr("Number of layers on the GPU"))
        self._layers_kind.currentIndexChanged.connect(self._update_layers)
        layers = QHBoxLayout()
        layers.addWidget(self._layers_kind, 1)
        layers.addWidget(self._layers)
        self._threads = OptionalNumber(self.tr("automatic"), 512)
        self._context = OptionalNumber(self.tr("the model's own, up to 8,192"), 1_048_576, 1024)
        self._slots = whole(1, 256)
        automatic = (
            ("auto", self.tr("automatic")),
            ("on", self.tr("on")),
            ("off", self.tr("off")),
        )
        types = (automatic[0], ("f16", "f16"), ("q8_0", "q8_0"), ("q4_0", "q4_0"))
        self._cache_type = choice(types, self.tr("KV cache type"))
        self._flash = choice(automatic, self.tr("Flash attention"))
        self._unified = choice(automatic, self.tr("Unified KV cache"))
        page, fields = form_page()
        fields.addRow(self.tr("Layers on the GPU"), layers)
        row(fields, self.tr("CPU threads"), self._threads)
        row(
            fields,
            self.tr("Context, tokens"),
            self._context,
            self.tr("What one candidate may hold, the question included."),
        )
        row(
            fields,
            self.tr("Candidates side by side"),
            self._slots,
            self.tr("More are decoded in one batch, and need more memory."),
        )
        row(
            fields,
            self.tr("KV cache type"),
            self._cache_type,
            self.tr("Automatic: 16 bits a number, or 8 where this processor is slow with 16."),
        )
        row(fields, self.tr("Flash attention"), self._flash)
        row(
            fields,
            self.tr("Unified KV cache"),
            self._unified,
            self.tr("One cache for all candidates, or one for each."),
        )
        self._show_engine(options)
        return page

    def _show_engine(self, options: LoadOptions) -> None:
        number = isinstance(options.gpu_layers, int)
        kind = "number" if number else options.gpu_layers
        select(self._layers_kind, kind)
        self._layers.setValue(options.gpu_layers if isinstance(options.gpu_layers, int) else 0)
        self._threads.set_number(options.threads)
        self._context.set_number(options.context_tokens)
        self._slots.setValue(options.slots)
        select(self._cache_type, options.cache_type)
        select(self._flash, options.flash_attention)
        select(self._unified, options.unified_cache)
        self._update_layers()

    def _update_layers(self) -> None:
        self._layers.setVisible(self._layers_kind.currentData() == "number")

    def _engine(self) -> LoadOptions:
        kind = self._layers_kind.currentData()
        return msgspec.structs.replace(
            self._settings.engine,
            gpu_layers=self._layers.value() if kind == "number" else kind,
            threads=self._threads.number,
            context_tokens=self._context.number,
            slots=self._slots.value(),
            cache_type=self._cache_type.currentData(),
            flash_attention=self._flash.currentData(),
            unified_cache=self._unified.currentData(),
        )

    # --- sampling -------------------------------------------------------------------------------

    def _build_sampling(self, settings: Settings) -> QWidget:
        self._temperature = decimal(0.0, 5.0, 0.05)
        self._top_k = OptionalNumber(self.tr("off"), 1000)
        self._top_p = decimal(0.0, 1.0, 0.01)
        self._min_p = decimal(0.0, 1.0, 0.01)
        self._repeat = decimal(0.1, 3.0, 0.05)
        self._seed = OptionalNumber(self.tr("a fresh one each time"), 2**31 - 1)
        self._tokens = OptionalNumber(self.tr("what the context holds"), 1_048_576, 64)
        self._thoughts = OptionalNumber(self.tr("no limit"), 1_048_576, 64)
        self._seconds = OptionalNumber(self.tr("no limit"), 86_400, 10)
        self._stop_early = QCheckBox(self.tr("Stop when the vote is settled"))
        page, fields = form_page()
        row(
            fields,
            self.tr("Temperature"),
            self._temperature,
            self.tr("0.7 to 0.9 suits voting. Instant always takes the likeliest tokens."),
        )
        row(fields, self.tr("Top-k"), self._top_k)
        row(fields, self.tr("Top-p"), self._top_p)
        row(fields, self.tr("Min-p"), self._min_p)
        row(fields, self.tr("Repeat penalty"), self._repeat)
        row(fields, self.tr("Seed"), self._seed)
        row(fields, self.tr("Tokens for each candidate"), self._tokens)
        row(fields, self.tr("Tokens of hidden thought"), self._thoughts)
        row(fields, self.tr("Seconds for each answer"), self._seconds)
        fields.addRow("", self._stop_early)
        self._show_sampling(settings)
        return page

    def _show_sampling(self, settings: Settings) -> None:
        sampling, thinking = settings.sampling, settings.thinking
        self._temperature.setValue(sampling.temperature)
        self._top_k.set_number(sampling.top_k)
        self._top_p.setValue(sampling.top_p)
        self._min_p.setValue(sampling.min_p)
        self._repeat.setValue(sampling.repeat_penalty)
        self._seed.set_number(sampling.seed)
        self._tokens.set_number(thinking.tokens_per_candidate)
        self._thoughts.set_number(thinking.thought_tokens)
        self._seconds.set_number(ceil(thinking.seconds) if thinking.seconds else None)
        self._stop_early.setChecked(thinking.stop_early)

    def _limit_seconds(self) -> float | None:
        """The time limit; one that no field can say stays as long as nobody changes it."""
        before, shown = self._settings.thinking.seconds, self._seconds.number
        return before if before and shown == ceil(before) else shown

    def _sampling(self) -> Sampling:
        return msgspec.structs.replace(
            self._settings.sampling,
            temperature=round(self._temperature.value(), 4),
            top_k=self._top_k.value(),
            top_p=round(self._top_p.value(), 4),
            min_p=round(self._min_p.value(), 4),
            repeat_penalty=round(self._repeat.value(), 4),
            seed=self._seed.number,
        )

    # --- appearance -----------------------------------------------------------------------------

    def _build_appearance(self, settings: Settings) -> QWidget:
        self._theme = choice(
            (
                ("system", self.tr("as the system")),
                ("light", self.tr("light")),
                ("dark", self.tr("dark")),
            ),
            self.tr("Theme"),
        )
        self._zoom = QComboBox()
        dress_popup(self._zoom)
        for step in ZOOM_STEPS:
            self._zoom.addItem(f"{step:.0%}", step)
        self._send_key = choice(
            (("enter", self.tr("Enter")), ("ctrl+enter", self.tr("Ctrl+Enter"))),
            self.tr("Send key"),
        )
        self._tell_when_ready = QCheckBox(self.tr("Tell me when an answer is ready"))
        tip = self.tr(
            "After ten seconds or more, when Ponder is not in front. Nothing you wrote is shown."
        )
        self._tell_when_ready.setToolTip(tip)
        self._tell_when_ready.setAccessibleDescription(tip)
        page, fields = form_page()
        row(fields, self.tr("Theme"), self._theme)
        row(fields, self.tr("Text size"), self._zoom)
        row(
            fields,
            self.tr("Send a question with"),
            self._send_key,
            self.tr("The other key makes a new line."),
        )
        fields.addRow("", self._tell_when_ready)
        self._show_appearance(settings)
        return page

    def _show_appearance(self, settings: Settings) -> None:
        appearance = settings.appearance
        select(self._theme, appearance.theme)
        nearest = min(ZOOM_STEPS, key=lambda step: abs(step - appearance.zoom))
        select(self._zoom, nearest)
        select(self._send_key, appearance.send_key)
        self._tell_when_ready.setChecked(appearance.tell_when_ready)

    # --- folders --------------------------------------------------------------------------------

    def _build_folders(self, folders: Folders, library: LibrarySettings) -> QWidget:
        page, fields = form_page()
        for name, path in (
            (self.tr("Models"), models_folder(folders, library)),
            (self.tr("Conversations"), folders.data),
            (self.tr("Settings"), folders.config),
            (self.tr("Log"), folders.logs),
        ):
            where = QLabel(str(path))
            where.setWordWrap(True)
            where.setProperty("muted", True)
            where.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            button = QPushButton(self.tr("Open"))
            button.setAccessibleName(self.tr("Open the folder {name}").format(name=name))
            button.clicked.connect(_opener(str(path)))
            row = QHBoxLayout()
            row.addWidget(where, 1)
            row.addWidget(button)
            fields.addRow(name, row)
        fields.addRow(self.tr("More models in"), self._model_folders)
        return page

    def _on_page(self, place: int) -> None:
        self._restore.setEnabled(place in self._restorers())
        self._reload_note.setVisible(place == SettingsPage.ENGINE)

    def _on_restore(self) -> None:
        self._restorers()[self._tabs.currentIndex()]()

    def _restorers(self) -> dict[int, Callable[[], None]]:
        """What shows the defaults of a page, by its place; what a person wrote is none."""
        defaults = Settings()
        return {
            SettingsPage.ENGINE: lambda: self._show_engine(defaults.engine),
            SettingsPage.SAMPLING: lambda: self._show_sampling(defaults),
            SettingsPage.STRATEGIES: lambda: self._strategies.show_thinking(defaults.thinking),
            SettingsPage.APPEARANCE: lambda: self._show_appearance(defaults),
        }


def _opener(path: str) -> Callable[[], None]:
    def open_folder() -> None:
        QDesktopServices.openUrl(QUrl.fromLocalFile(path))

    return open_folder
