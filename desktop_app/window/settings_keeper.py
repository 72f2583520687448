"""Keeps the settings file up to date while the window is open, beside what others write into it.

It exists so that an unexpected end loses no choice, and a change made in the terminal meanwhile
stays. It must not know Qt.
"""

from __future__ import annotations

from pathlib import Path
from threading import Lock

from desktop_app.settings import Settings, load_settings, save_settings, with_changes


class SettingsKeeper:
    """Writes what has changed since it wrote last.

    Args:
        path: The settings file.
        settings: As they were read from it.
    """

    def __init__(self, path: Path, settings: Settings) -> None:
        self._path = path
        self._kept = self._wanted = settings
        self._lock = Lock()

    def want(self, settings: Settings) -> None:
        """Say what the settings are now; `write` brings the newest of them to the file."""
        self._wanted = settings

    def write(self) -> None:
        """Write what is wanted by now. From any thread.

        Raises:
            OSError: The file cannot be read or written; the next call tries again.
        """
        with self._lock:
            wanted = self._wanted
            save_settings(self._path, self._beside_others(wanted))
            self._kept = wanted

    def _beside_others(self, wanted: Settings) -> Settings:
        """What is wanted, and all that somebody else has changed in the file."""
        if not self._path.exists():
            return wanted
        loaded = load_settings(self._path)
        if loaded.set_aside is not None:
            return wanted
        return with_changes(loaded.settings, self._kept, wanted)
