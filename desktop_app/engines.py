"""Engines elsewhere that this person has saved: a description file each, their keys beside it.

Free of Qt, so that window and terminal see the same ones. The files hold addresses and never a
key; keys are in the keyring, one for an address, whichever engine names it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from desktop_app.folders import can_name_a_file
from engine.backends.remote.description import (
    ENGINE_SUFFIX,
    EngineDescription,
    read_description,
    write_description,
)
from engine.errors import ModelFileError
from engine.keys import forget_key, kept_key
from models.errors import ModelsError


class SavedEngineError(ModelsError):
    """An engine elsewhere cannot be handled."""

    code = "engines"


class EngineNameError(SavedEngineError):
    """A name that must not become a file's, or that another engine has."""

    code = "engine-name"


class UnknownEngineError(SavedEngineError):
    """No engine has this name."""

    code = "engine-unknown"


class EngineDescriptionError(SavedEngineError):
    """A description that is damaged or describes nothing usable."""

    code = "engine-description"


class EnginesFolderError(SavedEngineError):
    """The folder of engines cannot be read or written."""

    code = "engines-folder"


@dataclass(frozen=True, slots=True)
class SavedEngine:
    """One engine.

    Attributes:
        name: What the person calls it.
        path: Its description file.
        description: What the file says, or None where it is damaged.
        trouble: What is wrong with the file, or "".
    """

    name: str
    path: Path
    description: EngineDescription | None
    trouble: str = ""

    @property
    def addresses(self) -> tuple[str, ...]:
        """Where its servers are; none where the file is damaged."""
        return tuple(e.address for e in self.description.endpoints) if self.description else ()


class EngineShelf:
    """The folder of descriptions.

    Args:
        folder: Where it is; it need not exist yet.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def engines(self) -> tuple[SavedEngine, ...]:
        """Return all engines by name, those with a damaged file too.

        Raises:
            EnginesFolderError: The folder cannot be read.
        """
        try:
            found = [path for path in self._folder.iterdir() if is_description(path)]
        except FileNotFoundError:
            return ()
        except OSError as error:
            raise EnginesFolderError(_reason(error)) from error
        return tuple(sorted(map(_read, found), key=lambda engine: engine.name.casefold()))

    def find(self, name: str) -> SavedEngine:
        """Return the engine of this name, in any case.

        Raises:
            UnknownEngineError: None has it.
            EnginesFolderError: The folder cannot be read.
        """
        wanted = name.casefold()
        for engine in self.engines():
            if engine.name.casefold() == wanted:
                return engine
        raise UnknownEngineError(repr(name[:80]))

    def save(self, name: str, description: EngineDescription, before: str = "") -> Path:
        """Write an engine's description and return its path.

        Args:
            name: What the person calls it.
            description: What it is.
            before: What it was called until now, or "" for a new one.

        Raises:
            EngineNameError: The name cannot be a file's, or another engine has it.
            EngineDescriptionError: An address is none.
            EnginesFolderError: It cannot be written.
        """
        name = checked_name(name)
        taken = {engine.name.casefold() for engine in self.engines()} - {before.casefold()}
        if name.casefold() in taken:
            raise EngineNameError(f"there is an engine called {name!r} already")
        path = self._folder / f"{name}{ENGINE_SUFFIX}"
        old = self.find(before).path if before and before != name else None
        try:
            write_description(path, description)
            if old is not None and not old.samefile(path):  # one file, where case does not matter
                _delete(old)
        except ValueError as error:
            raise EngineDescriptionError(str(error)) from error
        except OSError as error:
            raise EnginesFolderError(_reason(error)) from error
        return path

    def remove(self, name: str) -> SavedEngine:
        """Delete an engine and the keys that no other engine uses, and return what it was.

        Raises:
            UnknownEngineError: None has this name.
            KeyStoreError: A key cannot be deleted; the engine is kept then.
            EnginesFolderError: It cannot be deleted.
        """
        engine = self.find(name)
        forget_unused_keys(engine.addresses, self.addresses(without=engine.name))
        try:
            _delete(engine.path)
        except OSError as error:
            raise EnginesFolderError(_reason(error)) from error
        return engine

    def addresses(self, without: str = "") -> frozenset[str]:
        """Return the addresses of all engines, but for one of them.

        Raises:
            EnginesFolderError: The folder cannot be read.
        """
        others = (engine for engine in self.engines() if engine.name != without)
        return frozenset(address for engine in others for address in engine.addresses)


def forget_unused_keys(addresses: Iterable[str], used: Iterable[str]) -> None:
    """Delete the keys of addresses that are used no more.

    Raises:
        KeyStoreError: One cannot be deleted.
    """
    for address in set(addresses) - set(used):
        if kept_key(address) is not None:  # without a keyring there is nothing to forget
            forget_key(address)


def checked_name(name: str) -> str:
    """Return a name that is safe as a file's.

    Raises:
        EngineNameError: It is not.
    """
    name = name.strip()
    if not can_name_a_file(name):
        raise EngineNameError(f"{name[:80]!r} cannot be the name of a file")
    return name


def check_description(path: Path) -> EngineDescription:
    """Read a description, so that it is refused before the engine sees it.

    Raises:
        EngineDescriptionError: It is damaged or describes nothing usable.
    """
    try:
        return read_description(path)
    except ModelFileError as error:
        raise EngineDescriptionError(error.detail) from error


def model_title(path: Path) -> str:
    """Return what a model's or an engine's file is called without its suffix."""
    return path.name.removesuffix(ENGINE_SUFFIX) if is_description(path) else path.stem


def is_description(path: Path) -> bool:
    """Whether a file's name says that it describes an engine elsewhere."""
    return path.name.endswith(ENGINE_SUFFIX) and not path.name.startswith(".")


def _read(path: Path) -> SavedEngine:
    name = path.name.removesuffix(ENGINE_SUFFIX)
    try:
        return SavedEngine(name, path, read_description(path))
    except ModelFileError as error:
        return SavedEngine(name, path, None, error.detail.removeprefix(f"{path.name}: "))


def _delete(path: Path) -> None:
    """Delete a description, and what is remembered of its servers beside it."""
    from engine.backends.remote.probe import PROBED_SUFFIX  # its HTTP client is slow to import

    path.with_name(path.name.removesuffix(ENGINE_SUFFIX) + PROBED_SUFFIX).unlink(missing_ok=True)
    path.unlink(missing_ok=True)


def _reason(error: OSError) -> str:
    return error.strerror or type(error).__name__
