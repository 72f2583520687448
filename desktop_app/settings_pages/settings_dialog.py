"""The settings dialog: engine, sampling, strategies, appearance, folders, about.

It exists so that every choice is reachable without editing a file. It says what a person changed
and applies nothing itself.
"""

from __future__ import annotations

from collections.abc import Callable
from math import ceil

import msgspec
from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialogButtonBox,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from desktop_app.folders import Folders
from desktop_app.library.folder_form import FolderForm
from desktop_app.look.combo_popup import dress_popup
from desktop_app.look.growing_dialog import GrowingDialog
from desktop_app.look.long_line import LongLine
from desktop_app.look.page_list import PageList
from desktop_app.look.steady_scroll import SteadyPage
from desktop_app.look.theme import ZOOM_STEPS
from desktop_app.model_library import models_folder
from desktop_app.settings import ChatSettings, LibrarySettings, Settings, with_changes
from desktop_app.settings_pages.about_page import AboutPage
from desktop_app.settings_pages.api_answers import ApiAnswers, KeptAnswers
from desktop_app.settings_pages.electricity_field import ElectricityField
from desktop_app.settings_pages.engine_page import EnginePage
from desktop_app.settings_pages.instructions import InstructionsField
from desktop_app.settings_pages.settings_form import (
    OptionalNumber,
    choice,
    decimal,
    form_page,
    row,
    select,
)
from desktop_app.settings_pages.strategy_page import StrategyPage
from desktop_app.window.current_settings import SettingsPage
from engine.generation import Sampling
from engine.own_thinking import OwnThinking

_SIZE = (760, 560)


class SettingsDialog(GrowingDialog):
    """Edits a copy of the settings.

    Args:
        settings: What to start from.
        folders: Where Ponder keeps things.
        parent: The window.
        model_loaded: Whether engine options need a reload to count.
        takes: What the model's own thinking can be told, or None where any may come.
        gpus: Names of this machine's GPUs, as far as that is known.
        kept: What keeps the answers of the API, if it is there.
    """

    def __init__(
        self,
        settings: Settings,
        folders: Folders,
        parent: QWidget | None = None,
        *,
        model_loaded: bool = False,
        takes: tuple[OwnThinking, ...] | None = None,
        gpus: tuple[str, ...] = (),
        kept: KeptAnswers | None = None,
    ) -> None:
        super().__init__(_SIZE, parent)
        self._settings = settings
        self.setWindowTitle(self.tr("Settings"))
        self._pages = PageList(self.tr("Pages of the settings"))
        self._engine = EnginePage(gpus)
        self._engine.show_options(settings.engine)
        self._pages.add(SteadyPage(self._engine), self.tr("Engine"))
        self._pages.add(SteadyPage(self._build_sampling(settings)), self.tr("Sampling"))
        self._strategies = StrategyPage(takes)
        self._strategies.show_thinking(settings.thinking)
        self._pages.add(SteadyPage(self._strategies), self.tr("Strategies"))
        self._instructions = InstructionsField()
        self._instructions.set_text(settings.chat.instructions)
        self._pages.add(self._instructions, self.tr("Instructions"))
        self._pages.add(SteadyPage(self._build_appearance(settings)), self.tr("Appearance"))
        self._model_folders = FolderForm(settings.library)
        self._pages.add(
            SteadyPage(self._build_folders(folders, settings.library, kept)), self.tr("Folders")
        )
        self._pages.add(SteadyPage(AboutPage()), self.tr("About"))
        self._reload_note = QLabel(
            self.tr("Changed engine options reload the model.") if model_loaded else ""
        )
        self._reload_note.setProperty("muted", True)
        buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Ok
            | QDialogButtonBox.StandardButton.Cancel
            | QDialogButtonBox.StandardButton.RestoreDefaults
        )
        self._engine.checked.connect(buttons.button(QDialogButtonBox.StandardButton.Ok).setEnabled)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        self._restore = buttons.button(QDialogButtonBox.StandardButton.RestoreDefaults)
        self._restore.setText(self.tr("Defaults of this page"))
        self._restore.clicked.connect(self._on_restore)
        self._pages.turned.connect(self._on_page)
        self._on_page(self._pages.place)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 12)
        column.setSpacing(12)
        column.addWidget(self._pages, 1)
        column.addWidget(self._reload_note)
        column.addWidget(buttons)
        self._opened = self.changed_settings()

    def show_page(self, place: int) -> None:
        """Turn to a page, by its place."""
        self._pages.turn_to(place)

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
            engine=self._engine.options,
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
            electricity=self._electricity.electricity,
            appearance=msgspec.structs.replace(
                self._settings.appearance,
                theme=self._theme.currentData(),
                zoom=self._zoom.currentData(),
                send_key=self._send_key.currentData(),
                tell_when_ready=self._tell_when_ready.isChecked(),
            ),
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
        for name, field, tip in (
            (
                self.tr("Top-k"),
                self._top_k,
                self.tr("Only so many of the likeliest tokens are drawn from."),
            ),
            (
                self.tr("Top-p"),
                self._top_p,
                self.tr("Only the likeliest tokens that have this chance together."),
            ),
            (
                self.tr("Min-p"),
                self._min_p,
                self.tr("Only tokens with this share of the likeliest one's chance."),
            ),
            (
                self.tr("Repeat penalty"),
                self._repeat,
                self.tr("Above 1, what was just written becomes less likely."),
            ),
            (
                self.tr("Seed"),
                self._seed,
                self.tr("The same seed draws the same candidates again."),
            ),
            (
                self.tr("Tokens for each candidate"),
                self._tokens,
                self.tr("Where a candidate is cut, its hidden thought included."),
            ),
            (
                self.tr("Tokens of hidden thought"),
                self._thoughts,
                self.tr("Then the thought is closed and the reply begins."),
            ),
            (
                self.tr("Seconds for each answer"),
                self._seconds,
                self.tr("Then what is finished votes."),
            ),
        ):
            row(fields, name, field, tip)
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
            self._zoom.addItem(self.tr("{percent} %").format(percent=round(step * 100)), step)
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
        self._electricity = ElectricityField()
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
        row(
            fields,
            self.tr("Electricity, 1 kWh"),
            self._electricity,
            self.tr("What energy costs is then told beside it, in the lab and of each answer."),
        )
        self._show_appearance(settings)
        return page

    def _show_appearance(self, settings: Settings) -> None:
        appearance = settings.appearance
        select(self._theme, appearance.theme)
        nearest = min(ZOOM_STEPS, key=lambda step: abs(step - appearance.zoom))
        select(self._zoom, nearest)
        select(self._send_key, appearance.send_key)
        self._tell_when_ready.setChecked(appearance.tell_when_ready)
        self._electricity.show_electricity(settings.electricity)

    # --- folders --------------------------------------------------------------------------------

    def _build_folders(
        self, folders: Folders, library: LibrarySettings, kept: KeptAnswers | None
    ) -> QWidget:
        page, fields = form_page()
        for name, path in (
            (self.tr("Models"), models_folder(folders, library)),
            (self.tr("Conversations"), folders.data),
            (self.tr("Settings"), folders.config),
            (self.tr("Log"), folders.logs),
        ):
            where = LongLine(str(path))
            where.setAccessibleName(name)
            where.setProperty("muted", True)
            button = QPushButton(self.tr("Open"))
            button.setAccessibleName(self.tr("Open the folder {name}").format(name=name))
            button.clicked.connect(_opener(str(path)))
            row = QHBoxLayout()
            row.addWidget(where, 1)
            row.addWidget(button)
            fields.addRow(name, row)
        if kept is not None:
            fields.addRow(self.tr("Answers of the API"), ApiAnswers(kept))
        fields.addRow(self.tr("More models in"), self._model_folders)
        return page

    def _on_page(self, place: int) -> None:
        self._restore.setEnabled(place in self._restorers())
        self._reload_note.setVisible(place == SettingsPage.ENGINE)

    def _on_restore(self) -> None:
        self._restorers()[self._pages.place]()

    def _restorers(self) -> dict[int, Callable[[], None]]:
        """What shows the defaults of a page, by its place; what a person wrote is none."""
        defaults = Settings()
        return {
            SettingsPage.ENGINE: lambda: self._engine.show_options(defaults.engine),
            SettingsPage.SAMPLING: lambda: self._show_sampling(defaults),
            SettingsPage.STRATEGIES: lambda: self._strategies.show_thinking(defaults.thinking),
            SettingsPage.APPEARANCE: lambda: self._show_appearance(defaults),
        }


def _opener(path: str) -> Callable[[], None]:
    def open_folder() -> None:
        QDesktopServices.openUrl(QUrl.fromLocalFile(path))

    return open_folder
