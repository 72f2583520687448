"""Presets: a way to think under a name of its own, with its sampling and instructions.

PresetError                  presets cannot be handled
├── PresetNameError          a name that cannot be a file's
├── UnknownPresetError       no preset has this name
├── DamagedPresetError       a file that holds none
└── PresetsFolderError       the folder cannot be read or written

Free of Qt, so that window and terminal see the same ones. A preset is a file of three tables, as
they stand in the settings. What belongs to a model or to a machine is not in it: a learned table
of `auto`, how the engine is loaded.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import msgspec

from desktop_app.expected_error import ExpectedError
from desktop_app.folders import can_name_a_file
from desktop_app.output_file import OutputError, write_whole
from desktop_app.settings import ChatSettings, Settings, ThinkingSettings, from_toml, to_toml
from engine.generation import Sampling

SUFFIX: Final = ".preset.toml"
_LONGEST_FILE_BYTES: Final = 1_000_000


class PresetError(ExpectedError):
    """Presets cannot be handled."""

    code = "presets-folder"


class PresetNameError(PresetError):
    """A name that cannot be a file's."""

    code = "preset-name"


class UnknownPresetError(PresetError):
    """No preset has this name."""

    code = "preset-unknown"


class DamagedPresetError(PresetError):
    """A file that holds no preset."""

    code = "preset-damaged"


class PresetsFolderError(PresetError):
    """The folder of presets cannot be read or written."""


class Preset(msgspec.Struct, frozen=True):
    """What a preset says: tables of the settings.

    Attributes:
        thinking: Strategy, budget, limits and options.
        sampling: How candidates are drawn.
        chat: What the model is told before new conversations.
    """

    thinking: ThinkingSettings = ThinkingSettings()
    sampling: Sampling = Sampling()
    chat: ChatSettings = ChatSettings()


@dataclass(frozen=True, slots=True)
class SavedPreset:
    """One preset.

    Attributes:
        name: What the person calls it.
        preset: What it says, or None where its file is damaged.
    """

    name: str
    preset: Preset | None


def preset_of(settings: Settings) -> Preset:
    """Return what a preset holds of the settings."""
    policy = ThinkingSettings().options.policy
    options = msgspec.structs.replace(settings.thinking.options, policy=policy)
    thinking = msgspec.structs.replace(settings.thinking, auto_tables={}, options=options)
    return Preset(thinking, settings.sampling, settings.chat)


def with_preset(settings: Settings, preset: Preset) -> Settings:
    """Return settings under which a preset holds.

    Raises:
        ValueError: A number in it is out of its range.
    """
    now, wanted = settings.thinking, preset.thinking
    options = msgspec.structs.replace(wanted.options, policy=now.options.policy)
    thinking = msgspec.structs.replace(wanted, auto_tables=now.auto_tables, options=options)
    return msgspec.structs.replace(
        settings, thinking=thinking, sampling=preset.sampling, chat=preset.chat
    )


class PresetShelf:
    """The folder of presets.

    Args:
        folder: Where it is; it need not exist yet.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def presets(self) -> tuple[SavedPreset, ...]:
        """Return all presets by name, those with a damaged file too.

        Raises:
            PresetsFolderError: The folder cannot be read.
        """
        try:
            found = [path for path in self._folder.iterdir() if _is_preset(path)]
        except FileNotFoundError:
            return ()
        except OSError as error:
            raise PresetsFolderError(_reason(error)) from error
        saved = (_read(path) for path in found)
        return tuple(sorted(saved, key=lambda one: one.name.casefold()))

    def find(self, name: str) -> Preset:
        """Return the preset of this name, in any case.

        Raises:
            UnknownPresetError: None has it.
            DamagedPresetError: Its file holds none.
            PresetsFolderError: The folder cannot be read.
        """
        found = self._find(name)
        if found is None:
            known = ", ".join(one.name for one in self.presets()) or "none"
            raise UnknownPresetError(f"{name[:80]!r}; there are: {known}")
        if found.preset is None:
            raise DamagedPresetError(f"{found.name}{SUFFIX}")
        return found.preset

    def save(self, name: str, preset: Preset) -> str:
        """Write a preset, in place of one of that name in any case, and return its name.

        Raises:
            PresetNameError: The name cannot be a file's.
            PresetsFolderError: It cannot be written.
        """
        name = " ".join(name.split())
        if not can_name_a_file(name):
            raise PresetNameError(f"{name[:80]!r} cannot be the name of a file")
        before = self._find(name)
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            write_whole(self._path(name), [to_toml(preset).encode()], replace=True)
            if before is not None and not self._path(before.name).samefile(self._path(name)):
                self._path(before.name).unlink()
        except OutputError as error:
            raise PresetsFolderError(error.detail or error.code) from error
        except OSError as error:
            raise PresetsFolderError(_reason(error)) from error
        return name

    def remove(self, name: str) -> None:
        """Delete a preset; nothing happens where there is none of that name.

        Raises:
            PresetsFolderError: It cannot be deleted.
        """
        found = self._find(name)
        try:
            if found is not None:
                self._path(found.name).unlink(missing_ok=True)
        except OSError as error:
            raise PresetsFolderError(_reason(error)) from error

    def _find(self, name: str) -> SavedPreset | None:
        wanted = name.casefold()
        return next((one for one in self.presets() if one.name.casefold() == wanted), None)

    def _path(self, name: str) -> Path:
        return self._folder / f"{name}{SUFFIX}"


def _is_preset(path: Path) -> bool:
    return path.name.endswith(SUFFIX) and not path.name.startswith(".")


def _read(path: Path) -> SavedPreset:
    """Read a file, which may come from anywhere."""
    name = path.name.removesuffix(SUFFIX)
    try:
        with path.open("rb") as file:
            content = file.read(_LONGEST_FILE_BYTES + 1)
        if len(content) > _LONGEST_FILE_BYTES:
            return SavedPreset(name, None)
        preset = preset_of(with_preset(Settings(), from_toml(content, Preset)))
    except (OSError, ValueError, RecursionError):
        return SavedPreset(name, None)
    return SavedPreset(name, preset)


def _reason(error: OSError) -> str:
    return error.strerror or type(error).__name__
