"""Where Ponder keeps things: the platform's own folders, or everything under `PONDER_HOME`."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import platformdirs

from models.file_names import is_reserved_name

HOME_VARIABLE: Final = "PONDER_HOME"
_NAME: Final = re.compile(r"\w[\w .()+-]{0,62}[\w)+]|\w")


@dataclass(frozen=True, slots=True)
class Folders:
    """Ponder's folders; none is created by asking.

    Attributes:
        data: The journal and the models.
        config: Settings.
        logs: Log files.
        cache: What can be made again.
    """

    data: Path
    config: Path
    logs: Path
    cache: Path

    @property
    def journal(self) -> Path:
        """The journal's file."""
        return self.data / "journal.db"

    @property
    def settings(self) -> Path:
        """The settings' file."""
        return self.config / "settings.toml"

    @property
    def presets(self) -> Path:
        """Ways to think that were given a name."""
        return self.config / "presets"

    @property
    def models(self) -> Path:
        """The models folder, unless the settings name another."""
        return self.data / "models"

    @property
    def engines(self) -> Path:
        """Descriptions of engines elsewhere."""
        return self.data / "engines"

    @property
    def question_sets(self) -> Path:
        """Question sets that came from the hub."""
        return self.data / "question-sets"


def folders() -> Folders:
    """Return the folders of this person on this machine."""
    home = os.environ.get(HOME_VARIABLE)
    if home:
        root = Path(home).expanduser().absolute()
        return Folders(root / "data", root / "config", root / "logs", root / "cache")
    dirs = platformdirs.PlatformDirs("Ponder", appauthor=False)
    return Folders(
        dirs.user_data_path, dirs.user_config_path, dirs.user_log_path, dirs.user_cache_path
    )


def can_name_a_file(name: str) -> bool:
    """Whether what a person calls something may be a file's name, on any system."""
    return bool(_NAME.fullmatch(name)) and not is_reserved_name(name)
