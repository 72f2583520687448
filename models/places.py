"""Where model files lie on this machine: Ponder's own folder, and those of other programs.

Folders of others are only read. A folder that does not exist is no error.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path


class Origin(StrEnum):
    """Whose a model file is."""

    BUILT_IN = "built-in"
    OWN = "own"
    HUB_CACHE = "hub-cache"
    LM_STUDIO = "lm-studio"
    GPT4ALL = "gpt4all"
    JAN = "jan"
    LLAMA_CPP = "llama.cpp"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Place:
    """A folder that holds model files.

    Attributes:
        origin: Whose it is.
        folder: Where.
    """

    origin: Origin
    folder: Path


def others_places(
    environment: Mapping[str, str] | None = None,
    home: Path | None = None,
    platform: str = sys.platform,
) -> tuple[Place, ...]:
    """Return the folders in which other programs keep GGUF files, those that exist.

    Args:
        environment: Environment variables; this process's own when absent.
        home: The person's home folder; this person's when absent.
        platform: `sys.platform` of the machine.

    Source: LM Studio's documentation (models directory), GPT4All `src/mysettings.cpp`, Jan's data
    folder (`data/llamacpp/models`), llama.cpp `common/common.cpp` (`fs_get_cache_directory`), the
    hub client's documented environment variables.
    """
    variables = os.environ if environment is None else environment
    root = Path.home() if home is None else home
    data, cache = _data_and_cache(variables, root, platform)
    roaming = Path(variables.get("APPDATA") or root / "AppData" / "Roaming")
    jan = roaming if platform == "win32" else data
    llama_cache = variables.get("LLAMA_CACHE")
    found = [
        Place(Origin.HUB_CACHE, _hub_cache(variables, root)),
        Place(Origin.LM_STUDIO, root / ".lmstudio" / "models"),
        Place(Origin.LM_STUDIO, root / ".cache" / "lm-studio" / "models"),
        Place(Origin.GPT4ALL, data / "nomic.ai" / "GPT4All"),
        Place(Origin.JAN, jan / "Jan" / "data" / "llamacpp" / "models"),
        Place(Origin.JAN, root / "jan" / "models"),
        Place(Origin.LLAMA_CPP, Path(llama_cache) if llama_cache else cache / "llama.cpp"),
    ]
    return tuple(place for place in found if is_folder(place.folder))


def is_folder(path: Path) -> bool:
    """Whether a folder is there that can be asked: no closed one, and no disk that has gone."""
    try:
        return path.is_dir()
    except OSError:
        return False


def is_file(path: Path) -> bool:
    """Whether a file is there that can be asked, as with `is_folder`."""
    try:
        return path.is_file()
    except OSError:
        return False


def _hub_cache(variables: Mapping[str, str], root: Path) -> Path:
    given = variables.get("HF_HUB_CACHE")
    if given:
        return Path(given).expanduser()
    cache = variables.get("XDG_CACHE_HOME") or root / ".cache"
    return Path(variables.get("HF_HOME") or Path(cache) / "huggingface").expanduser() / "hub"


def _data_and_cache(variables: Mapping[str, str], root: Path, platform: str) -> tuple[Path, Path]:
    if platform == "win32":
        local = Path(variables.get("LOCALAPPDATA") or root / "AppData" / "Local")
        return local, local
    if platform == "darwin":
        return root / "Library" / "Application Support", root / "Library" / "Caches"
    return (
        Path(variables.get("XDG_DATA_HOME") or root / ".local" / "share"),
        Path(variables.get("XDG_CACHE_HOME") or root / ".cache"),
    )
