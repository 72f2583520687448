"""Which model is loaded: commands to the session, its events, and the models used before.

It exists so that the picker, the composer and the start agree on one state. A file is checked
before it takes anything's place: what is loaded stays, and is told of, until the check has passed.
It must not know widgets, nor read model files itself.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from PySide6.QtCore import QObject, Signal

from desktop_app.deliveries import Deliveries
from engine.errors import WorkerDiedError, WorkerHungError
from engine.fingerprint import modified_ns
from engine.generation import LoadOptions, ModelReport, Notice
from engine.journal.records import ModelRecord, now
from engine.protocol import LoadFailed, ModelLoaded, ModelLoading, ModelUnloaded, WorkerDied
from engine.session import SessionEvent
from models.errors import ModelsError

WhenFree = Callable[[Callable[[], None]], None]
"""Ends what the present model does, then calls what it was given."""


class ModelPhase(StrEnum):
    """Where the model stands."""

    NO_MODEL = "no-model"
    LOADING = "loading"
    """Also a file that is being checked while nothing else is loaded."""
    READY = "ready"


@dataclass(frozen=True, slots=True)
class ModelState:
    """What is loaded or being loaded.

    Attributes:
        phase: Where it stands.
        path: The file, or None without one.
        fraction: Load progress, 0 to 1.
        report: What llama.cpp says of the loaded model.
        error_code: Why the last load failed, or "".
        checking: The file that will take its place if it is sound, or None.
    """

    phase: ModelPhase = ModelPhase.NO_MODEL
    path: Path | None = None
    fraction: float = 0.0
    report: ModelReport | None = None
    error_code: str = ""
    checking: Path | None = None

    @property
    def takes_questions(self) -> bool:
        """Whether a model is loaded and none is about to take its place."""
        return self.phase is ModelPhase.READY and self.checking is None


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A file that was asked for and is not with the engine yet; told apart by identity."""

    path: Path


class ModelEngine(Protocol):
    """What is needed of a session."""

    def load(self, path: Path, options: LoadOptions | None = None) -> None:
        """Load a model file."""
        ...

    def cancel_load(self) -> None:
        """Stop a load in progress."""
        ...

    def unload(self) -> None:
        """Free the model."""
        ...


class ModelMemory(Protocol):
    """What is needed of a journal."""

    def models(self) -> Future[list[ModelRecord]]:
        """Models that were used, latest first."""
        ...

    def remember_model(self, model: ModelRecord) -> Future[None]:
        """Record that a model file was used."""
        ...


class ModelControl(QObject):
    """Loads and ejects models, one at a time.

    Args:
        engine: What loads them.
        memory: Which were used before.
        deliveries: Brings results to this thread.
        options: How they are loaded now.
        check: Looks whether a file is sound before the engine sees it, off this thread.

    Attributes:
        state_changed: The `ModelState` is another one.
        recent_changed: The list of models used before is another one.
        load_begun: (path) The check of a file has passed, and it is being loaded.
        load_failed: (code, detail, path) of a load that was not cancelled.
        noticed: A `Notice` about the loaded model.
        worker_died: (code, detail) The engine process ended unasked: why, the last lines it wrote.
    """

    state_changed = Signal()
    recent_changed = Signal()
    load_begun = Signal(str)
    load_failed = Signal(str, str, str)
    noticed = Signal(object)
    worker_died = Signal(str, str)

    def __init__(
        self,
        engine: ModelEngine,
        memory: ModelMemory,
        deliveries: Deliveries,
        options: Callable[[], LoadOptions],
        check: Callable[[Path], Future[None]],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._check = check
        self._wanted: _Wanted | None = None
        self._engine = engine
        self._memory = memory
        self._deliveries = deliveries
        self._options = options
        self._loaded_with: LoadOptions | None = None
        """Or tried to be."""
        self._held = ModelState()
        self._state = ModelState()
        self._recent: tuple[ModelRecord, ...] = ()

    @property
    def state(self) -> ModelState:
        """Where the model stands."""
        return self._state

    @property
    def report(self) -> ModelReport | None:
        """What is loaded, or None."""
        return self._state.report

    @property
    def recent(self) -> tuple[ModelRecord, ...]:
        """Models used before, latest first."""
        return self._recent

    def refresh_recent(self, then: Callable[[], None] | None = None) -> None:
        """Read the models used before; `then` is called when they are there."""

        def receive(models: list[ModelRecord]) -> None:
            self._recent = tuple(models)
            self.recent_changed.emit()
            if then is not None:
                then()

        self._deliveries.deliver(self._memory.models(), receive)

    def crashed_last_time(self, path: Path) -> bool:
        """Whether the engine died with this file when it was last used."""
        return any(record.crashed and Path(record.path) == path for record in self._recent)

    def load(self, path: Path, when_free: WhenFree | None = None) -> None:
        """Check a file, then load it in place of what is loaded or being loaded.

        Args:
            path: The file.
            when_free: What the present model does is ended by this, after the check; without it
                the load begins at once.
        """
        this = self._wanted = _Wanted(path)
        self._tell_state()

        def begin() -> None:
            if self._wanted is this:
                self._begin(path)

        def pass_on(_sound: None) -> None:
            if self._wanted is not this:
                return
            if when_free is None:
                begin()
            else:
                when_free(begin)

        def refuse(error: BaseException) -> None:
            if self._wanted is this:
                self._on_refused(path, error)

        self._deliveries.deliver(self._check(path), pass_on, refuse)

    def reload(self, when_free: WhenFree | None = None) -> None:
        """Load the present file, or the one that is to come, with the present options."""
        path = self._wanted.path if self._wanted is not None else self._held.path
        if path is not None:
            self.load(path, when_free)

    def cancel(self) -> None:
        """Leave what is loaded as it is: stop a check, else a load in progress."""
        if self._wanted is not None:
            self._give_up(self._wanted.path, "load-cancelled")
        elif self._held.phase is ModelPhase.LOADING:
            self._engine.cancel_load()

    def eject(self, when_free: WhenFree) -> None:
        """Free the model; no file that is being checked comes in its place.

        Args:
            when_free: What the model does is ended by this.
        """
        if self._held.phase is not ModelPhase.READY:
            self.cancel()
            return
        self._wanted = None  # not told yet: who waits for a model that is ready would go on

        def free() -> None:
            if self._held.phase is ModelPhase.READY:
                self._hold(ModelState())
                self._engine.unload()

        when_free(free)

    @property
    def is_outdated(self) -> bool:
        """Whether what is loaded was loaded with other options than those of now."""
        known = self._loaded_with
        return self._state.takes_questions and known is not None and known != self._options()

    def on_event(self, event: SessionEvent) -> None:
        """Take one event of the session; those of others are ignored."""
        match event:
            case ModelLoading():
                if self._is_awaited(event.path):
                    path = Path(event.path)
                    self._hold(ModelState(ModelPhase.LOADING, path, event.fraction))
            case ModelLoaded():
                self._hold(ModelState(ModelPhase.READY, Path(event.report.path), 1.0, event.report))
                for notice in event.notices:
                    self._tell(notice)
                self.refresh_recent()
            case LoadFailed():
                self._on_load_failed(event)
            case ModelUnloaded():
                self._hold(ModelState())
            case WorkerDied():
                code = WorkerHungError.code if event.hung else WorkerDiedError.code
                if self._held.phase is ModelPhase.READY:
                    self._hold(ModelState(path=self._held.path, error_code=code))
                self.worker_died.emit(code, event.stderr_tail)

    def _is_awaited(self, path: str) -> bool:
        """Whether news of this load matters: no other one was begun since."""
        held = self._held
        return held.phase is not ModelPhase.LOADING or held.path == Path(path)

    def _on_load_failed(self, event: LoadFailed) -> None:
        if not self._is_awaited(event.path):
            return
        self._hold(ModelState(path=Path(event.path), error_code=event.code))
        if event.code in {WorkerDiedError.code, WorkerHungError.code}:
            self._remember_crash(Path(event.path))
        if event.code != "load-cancelled":
            self.load_failed.emit(event.code, event.detail, event.path)

    def _begin(self, path: Path) -> None:
        """Give a file that passed its check to the engine."""
        if self._held.phase is ModelPhase.LOADING:
            self._engine.cancel_load()
        self._wanted = None
        self._hold(ModelState(ModelPhase.LOADING, path))
        self.load_begun.emit(str(path))
        self._loaded_with = self._options()
        self._engine.load(path, self._loaded_with)

    def _on_refused(self, path: Path, error: BaseException) -> None:
        if not isinstance(error, ModelsError):
            self._give_up(path, "model-file")
            self._deliveries.fail(error)
            return
        self._give_up(path, error.code)
        self.load_failed.emit(error.code, error.detail, str(path))

    def _give_up(self, path: Path, error_code: str) -> None:
        """Forget the file that was asked for; what is loaded or being loaded goes on."""
        self._wanted = None
        if path == self._held.path:
            self._loaded_with = self._options()  # as far as it went: it is not tried for ever
        if self._held.phase is ModelPhase.NO_MODEL:
            self._held = ModelState(path=path, error_code=error_code)
        self._tell_state()

    def _remember_crash(self, path: Path) -> None:
        """Record that the engine died while loading; the session knows only loaded models."""
        known = next((r for r in self._recent if Path(r.path) == path), None)
        record = ModelRecord(
            path=str(path),
            name=known.name if known else path.stem,
            size_bytes=path.stat().st_size if path.exists() else 0,
            architecture=known.architecture if known else "",
            quantization=known.quantization if known else "",
            last_used_at=now(),
            crashed=True,
            modified_ns=modified_ns(path),
        )
        self._deliveries.deliver(
            self._memory.remember_model(record), lambda _done: self.refresh_recent()
        )

    def _tell(self, notice: Notice) -> None:
        self.noticed.emit(notice)

    def _hold(self, state: ModelState) -> None:
        """Take what the engine has now."""
        self._held = state
        self._tell_state()

    def _tell_state(self) -> None:
        state = self._present()
        if state != self._state:
            self._state = state
            self.state_changed.emit()

    def _present(self) -> ModelState:
        """What the engine has, and the file that is to come."""
        if self._wanted is None:
            return self._held
        if self._held.phase is ModelPhase.NO_MODEL:
            return ModelState(ModelPhase.LOADING, self._wanted.path)
        return replace(self._held, checking=self._wanted.path)
