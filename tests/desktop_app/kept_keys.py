"""A keyring in a file, for a test and the processes it starts.

with kept_keys(tmp_path / "keys.json", monkeypatch) as keys:
    ... keys() is what is kept, by address ...
"""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import keyring
import pytest
from keyring.backend import KeyringBackend

_VARIABLE = "PONDER_TEST_KEYS"
ROOT = Path(__file__).parents[2]


class FileKeyring(KeyringBackend):
    """Keeps everything in the file that an environment variable names."""

    priority = 1

    def get_password(self, service: str, username: str) -> str | None:
        return self._all().get(f"{service} {username}")

    def set_password(self, service: str, username: str, password: str) -> None:
        self._write(self._all() | {f"{service} {username}": password})

    def delete_password(self, service: str, username: str) -> None:
        self._write({k: v for k, v in self._all().items() if k != f"{service} {username}"})

    def _all(self) -> dict[str, str]:
        # keyring offers every backend it has seen; outside such a test this one is empty
        path = Path(os.environ.get(_VARIABLE, os.devnull))
        kept: dict[str, str] = json.loads(path.read_text()) if path.is_file() else {}
        return kept

    def _write(self, kept: dict[str, str]) -> None:
        path = Path(os.environ[_VARIABLE])
        beside = path.with_name(f"{path.name}.{os.getpid()}.{threading.get_ident()}.new")
        beside.write_text(json.dumps(kept))
        beside.replace(path)  # others may read it meanwhile


@contextmanager
def kept_keys(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[], dict[str, str]]]:
    """Let this process and its children keep keys in a file, and tell what is kept."""
    before = keyring.get_keyring()
    monkeypatch.setenv(_VARIABLE, str(path))
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", f"{__name__}.{FileKeyring.__name__}")
    paths = [str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(paths))
    keyring.set_keyring(FileKeyring())  # type: ignore[no-untyped-call]

    def kept() -> dict[str, str]:
        found = json.loads(path.read_text()) if path.exists() else {}
        return {name.removeprefix("Ponder "): key for name, key in found.items()}

    yield kept
    keyring.set_keyring(before)
