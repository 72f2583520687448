"""The settings while the window is open: changed by hand, by the slider, by the dialog.

It exists so that there is one present value of the settings. It must not know the session or read
files.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from desktop_app.folders import Folders
from desktop_app.look.theme import ZOOM_STEPS, set_theme_choice, set_zoom, zoom
from desktop_app.settings import Settings, StrategyName, with_policy
from desktop_app.window.key_choice import Keys
from desktop_app.window.shortcuts import Command
from desktop_app.words.electricity import use_electricity_price
from engine.options import Policy
from engine.own_thinking import OwnThinking

if TYPE_CHECKING:
    from desktop_app.settings_pages.api_answers import KeptAnswers


class SettingsPage(IntEnum):
    """Pages of the settings dialog, by their place."""

    ENGINE = 0
    SAMPLING = 1
    STRATEGIES = 2
    INSTRUCTIONS = 3
    APPEARANCE = 4
    FOLDERS = 5
    ABOUT = 6


class CurrentSettings(QObject):
    """Holds the settings and dresses the window by them.

    Args:
        settings: What to start from.
        folders: Where Ponder keeps things, for the dialog.

    Attributes:
        changed: Any of them is another one.
        applied: Other settings hold now, all at once.
        engine_changed: Among them are other engine options.
        library_changed: Among them are other folders of models.
        gpus: Names of this machine's GPUs, as far as that is known.
        kept: What keeps the answers of the API, if it is there; for the dialog.
    """

    changed = Signal()
    applied = Signal()
    engine_changed = Signal()
    library_changed = Signal()

    def __init__(self, settings: Settings, folders: Folders, parent: QObject) -> None:
        super().__init__(parent)
        self.gpus: tuple[str, ...] = ()
        self.kept: KeptAnswers | None = None
        self._settings = settings
        self._folders = folders

    @property
    def value(self) -> Settings:
        """The settings as they are now."""
        return self._settings

    def choose_attempts(self, attempts: int) -> None:
        """Remember the slider's number."""
        thinking = msgspec.structs.replace(self._settings.thinking, attempts=attempts)
        self._keep(msgspec.structs.replace(self._settings, thinking=thinking))

    def choose_strategy(self, strategy: StrategyName) -> None:
        """Remember how budgets are spent."""
        thinking = msgspec.structs.replace(self._settings.thinking, strategy=strategy)
        self._keep(msgspec.structs.replace(self._settings, thinking=thinking))

    def choose_time_limit(self, seconds: float | None) -> None:
        """Remember how long an answer may take; None for no limit."""
        thinking = msgspec.structs.replace(self._settings.thinking, seconds=seconds)
        self._keep(msgspec.structs.replace(self._settings, thinking=thinking))

    def choose_own_thinking(self, wish: OwnThinking) -> None:
        """Remember what is wished of models' own thinking."""
        thinking = self._settings.thinking
        options = msgspec.structs.replace(thinking.options, own_thinking=wish)
        thinking = msgspec.structs.replace(thinking, options=options)
        self._keep(msgspec.structs.replace(self._settings, thinking=thinking))

    def choose_keys(self, changed: Mapping[Command, Keys]) -> None:
        """Remember which commands have other keys, beside those of another version."""
        unknown = {n: k for n, k in self._settings.shortcuts.items() if n not in set(Command)}
        shortcuts = unknown | {command.value: keys for command, keys in changed.items()}
        self._keep(msgspec.structs.replace(self._settings, shortcuts=shortcuts))

    def choose_policy(self, policy: Policy, model: str) -> None:
        """Let `auto` follow another table with a model from now on, and use it."""
        self.apply(with_policy(self._settings, policy, model))

    def choose_model(self, path: Path) -> None:
        """Remember which model the next start loads."""
        model = msgspec.structs.replace(self._settings.model, path=str(path))
        self._keep(msgspec.structs.replace(self._settings, model=model))

    def choose_models_folder(self, folder: Path) -> None:
        """Remember where the models folder is."""
        library = msgspec.structs.replace(self._settings.library, folder=str(folder))
        self._keep(msgspec.structs.replace(self._settings, library=library))

    def add_models_folder(self, folder: Path) -> None:
        """Remember one more folder whose models are used in place."""
        known = self._settings.library.folders
        folders = tuple(dict.fromkeys((*known, str(folder))))
        library = msgspec.structs.replace(self._settings.library, folders=folders)
        self._keep(msgspec.structs.replace(self._settings, library=library))

    def zoom(self, command: Command) -> None:
        """Make the text larger, smaller or normal."""
        wanted = _zoom_after(command, zoom())
        set_zoom(wanted)
        appearance = msgspec.structs.replace(self._settings.appearance, zoom=wanted)
        self._keep(msgspec.structs.replace(self._settings, appearance=appearance))

    def open_dialog(
        self,
        parent: QWidget,
        *,
        model_loaded: bool,
        takes: tuple[OwnThinking, ...] | None = None,
        at: SettingsPage = SettingsPage.ENGINE,
    ) -> None:
        """Show the settings dialog; what was changed in it is applied when it is accepted.

        What changed elsewhere meanwhile stays: a model that was chosen, a folder that has moved.

        Args:
            parent: The window.
            model_loaded: Whether engine options need a reload to count.
            takes: What the model's own thinking can be told, or None where any may come.
            at: The page that it opens at.
        """
        from desktop_app.settings_pages.settings_dialog import SettingsDialog

        dialog = SettingsDialog(
            self._settings,
            self._folders,
            parent,
            model_loaded=model_loaded,
            takes=takes,
            gpus=self.gpus,
            kept=self.kept,
        )
        dialog.show_page(at)
        dialog.accepted.connect(lambda: self.apply(dialog.applied_to(self._settings)))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def apply(self, settings: Settings) -> None:
        """Use other settings from now on."""
        before = self._settings
        self._keep(settings)
        if settings.appearance.theme != before.appearance.theme:
            set_theme_choice(settings.appearance.theme)
        if settings.appearance.zoom != before.appearance.zoom:
            set_zoom(settings.appearance.zoom)
        use_electricity_price(settings.electricity)
        self.applied.emit()
        if settings.engine != before.engine:
            self.engine_changed.emit()
        if settings.library != before.library:
            self.library_changed.emit()

    def _keep(self, settings: Settings) -> None:
        if settings != self._settings:
            self._settings = settings
            self.changed.emit()


def _zoom_after(command: Command, now: float) -> float:
    if command is Command.ZOOM_RESET:
        return 1.0
    if command is Command.ZOOM_IN:
        return next((step for step in ZOOM_STEPS if step > now + 0.01), ZOOM_STEPS[-1])
    return next((step for step in reversed(ZOOM_STEPS) if step < now - 0.01), ZOOM_STEPS[0])
