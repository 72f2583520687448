"""Saved engines, their keys and trials off the window's thread.

It exists so that the form and the picker never wait for a keyring, a disk or a server. It must not
know widgets.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, TypeVar

from PySide6.QtCore import QObject, Signal

from desktop_app.background import InTurn
from desktop_app.deliveries import Deliveries
from desktop_app.engine_trial import Trial, TrialError, TrialResult
from desktop_app.engines import EngineShelf, SavedEngine, forget_unused_keys
from engine.backends.remote.description import EngineDescription
from engine.keys import KeyStoreError, forget_key, keep_key, kept_key
from models.errors import ModelsError

T = TypeVar("T")

_PATIENCE_SECONDS: Final = 5.0
"""How long the end of the program waits for a trial to be given up."""


@dataclass(frozen=True, slots=True)
class EngineDraft:
    """What a form says.

    Attributes:
        name: What the engine is to be called.
        description: Its servers.
        keys: New keys by address; "" forgets the one that is kept. Never shown or logged.
        before: What it was called until now, or "" for a new one.
    """

    name: str
    description: EngineDescription
    keys: Mapping[str, str] = field(default_factory=dict, repr=False)
    before: str = ""


class EngineFeed(QObject):
    """Works on the shelf of engines, one piece of work at a time.

    Args:
        shelf: Where descriptions are.
        deliveries: Brings results to this thread.

    Attributes:
        changed: The saved engines are other ones.
        keys_known: (address to whether it has a key) What was asked about keys.
        tried: (`TrialResult`) A trial ended well.
        saved: (path) A draft is saved, its keys are kept.
        removed: (`SavedEngine`) One is deleted, with the keys only it used.
        failed: (code, detail) What was asked for last could not be done.
    """

    changed = Signal()
    keys_known = Signal(object)
    tried = Signal(object)
    saved = Signal(str)
    removed = Signal(object)
    failed = Signal(str, str)

    def __init__(
        self, shelf: EngineShelf, deliveries: Deliveries, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._shelf = shelf
        self._deliveries = deliveries
        self._engines: tuple[SavedEngine, ...] = ()
        self._worker = InTurn("engines")
        """One thread, so that a key is put back after the trial that changed it."""
        self._touched = False
        self._closed = False
        self._before: dict[str, str | None] = {}
        """Keys as they were before a trial changed them."""
        self._trial: Trial | None = None

    @property
    def engines(self) -> tuple[SavedEngine, ...]:
        """What was found last, by name."""
        return self._engines

    def close(self) -> None:
        """Give up what is being tried, and put back the keys it changed. Idempotent."""
        if not self._closed:
            self.abandon()
            self._closed = True
            self._worker.close(_PATIENCE_SECONDS)

    def refresh(self) -> None:
        """Look at the disk again."""
        self._do(self._shelf.engines, self._receive)

    def ask_keys(self, addresses: frozenset[str]) -> None:
        """Find out which addresses have a key; `keys_known` follows."""
        self._do(
            lambda: {address: kept_key(address) is not None for address in addresses},
            self.keys_known.emit,
        )

    def try_out(self, draft: EngineDraft) -> None:
        """Load a draft in a process of its own; `tried` or `failed` follows."""
        trial = self._trial = Trial()
        self._touched = True

        def work() -> TrialResult:
            self._change_keys(draft.keys)
            return trial.run_unsaved("trial", draft.description)

        def receive(result: TrialResult) -> None:
            if self._trial is trial:
                self._trial = None
                self.tried.emit(result)

        self._do(work, receive)

    def stop_trial(self) -> None:
        """Give up the trial; nothing is told of it."""
        if self._trial is not None:
            self._trial.cancel()
            self._trial = None

    def abandon(self) -> None:
        """Give up the trial, and put the keys back that it changed."""
        self.stop_trial()
        if self._touched:
            self._touched = False
            self._do(self._restore_keys, lambda _none: None)

    def save(self, draft: EngineDraft) -> None:
        """Keep a draft and its keys; `saved` or `failed` follows."""
        self._touched = True

        def work() -> Path:
            earlier = self._shelf.find(draft.before).addresses if draft.before else ()
            self._change_keys(draft.keys)
            path = self._shelf.save(draft.name, draft.description, draft.before)
            for address in draft.keys:
                self._before.pop(address, None)
            self._restore_keys()  # of addresses that were only tried
            forget_unused_keys(earlier, self._shelf.addresses())
            return path

        def receive(path: Path) -> None:
            self._touched = False
            self.saved.emit(str(path))
            self.refresh()

        self._do(work, receive)

    def remove(self, name: str) -> None:
        """Delete an engine; `removed` or `failed` follows."""

        def receive(engine: SavedEngine) -> None:
            self.removed.emit(engine)
            self.refresh()

        self._do(lambda: self._shelf.remove(name), receive)

    # --- off this thread ------------------------------------------------------------------------

    def _change_keys(self, keys: Mapping[str, str]) -> None:
        for address, key in keys.items():
            self._before.setdefault(address, kept_key(address))
            _set_key(address, key)

    def _restore_keys(self) -> None:
        before, self._before = self._before, {}
        for address, key in before.items():
            _set_key(address, key or "")

    # --- plumbing -------------------------------------------------------------------------------

    def _do(self, work: Callable[[], T], receive: Callable[[T], None]) -> None:
        if not self._closed:
            self._deliveries.deliver(self._worker.do(work), receive, self._on_failed)

    def _receive(self, engines: tuple[SavedEngine, ...]) -> None:
        if engines != self._engines:
            self._engines = engines
            self.changed.emit()

    def _on_failed(self, error: BaseException) -> None:
        if isinstance(error, TrialError) and error.code == "load-cancelled":
            return
        if isinstance(error, TrialError | ModelsError | KeyStoreError):
            self._trial = None
            self.failed.emit(error.code, error.detail)
        else:
            self._deliveries.fail(error)


def _set_key(address: str, key: str) -> None:
    if key:
        keep_key(address, key)
    elif kept_key(address) is not None:
        forget_key(address)
