"""What the machine has to spare for a model: measured by the engine, the loaded model put back.

It exists so that every page judges a model by the same memory. It must not know widgets.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from PySide6.QtCore import QObject, Signal

from desktop_app.library.fitting import Fitting, fitting, loaded_need, machine_memory
from desktop_app.library.library_feed import LibraryFeed
from engine.generation import LoadOptions, ModelReport
from engine.protocol import MemoryMeasured
from engine.session import SessionEvent
from models.fit import MachineMemory
from models.library import LibraryModel


class MemoryEngine(Protocol):
    """What is needed of a session."""

    def measure_memory(self) -> None:
        """Ask what memory is free."""
        ...


class MachineFeed(QObject):
    """Keeps the last measurement and works out fits from it.

    Args:
        engine: What measures.
        library: What is on disk, to know what the loaded model holds.
        options: How models are loaded now.
        samples: Candidates that the slider asks for now.

    Attributes:
        changed: Another measurement, or another model is loaded.
    """

    changed = Signal()

    def __init__(
        self,
        engine: MemoryEngine,
        library: LibraryFeed,
        options: Callable[[], LoadOptions],
        samples: Callable[[], int],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._engine, self._library = engine, library
        self._options, self._samples = options, samples
        self._measured: MachineMemory | None = None
        self._report: ModelReport | None = None

    @property
    def machine(self) -> MachineMemory | None:
        """Memory for another model in place of the loaded one; None before a measurement."""
        if self._measured is None:
            return None
        report = self._report
        if report is None:
            return self._measured
        loaded = next((m for m in self._library.models if m.path == Path(report.path)), None)
        if loaded is None or loaded.description is None:
            return self._measured
        need = loaded_need(loaded.description, loaded.size_bytes, self._options(), self._measured)
        share = report.layers_on_gpu / report.layers if report.layers else 0.0
        return self._measured.without(need, min(1.0, share))

    @property
    def options(self) -> LoadOptions:
        """How models are loaded now."""
        return self._options()

    @property
    def samples(self) -> int:
        """Candidates that the slider asks for now."""
        return self._samples()

    def measure(self) -> None:
        """Ask the engine anew; `changed` follows."""
        self._engine.measure_memory()

    def fit_of(self, model: LibraryModel) -> Fitting | None:
        """How a model on disk would fit; None before a measurement, or where it cannot be told."""
        machine = self.machine
        if machine is None or model.description is None:
            return None
        return fitting(
            model.description, model.size_bytes, self._options(), self._samples(), machine
        )

    def show_loaded(self, report: ModelReport | None) -> None:
        """Another model is loaded, or none."""
        if report != self._report:
            self._report = report
            self.measure()

    def on_event(self, event: SessionEvent) -> None:
        """Take one event of the session; others are ignored."""
        if isinstance(event, MemoryMeasured):
            self._measured = machine_memory(event)
            self.changed.emit()
