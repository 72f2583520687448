"""The settings page of the engine: how a model is loaded."""

from __future__ import annotations

import msgspec
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from desktop_app.settings_form import OptionalNumber, choice, form_page, row, select, whole
from engine.generation import LoadOptions

_ALL_LAYERS = "all"


class EnginePage(QWidget):
    """Edits `LoadOptions`; what has no field here stays as it was."""

    def __init__(self) -> None:
        super().__init__()
        self._kept = LoadOptions()
        self._layers_kind = choice(
            (
                ("auto", self.tr("as many as fit")),
                (_ALL_LAYERS, self.tr("all")),
                ("number", self.tr("this many")),
            ),
            self.tr("Layers on the GPU"),
        )
        self._layers = whole(0, 1000)
        self._layers.setAccessibleName(self.tr("Number of layers on the GPU"))
        self._layers_kind.currentIndexChanged.connect(self._update_layers)
        self._threads = OptionalNumber(self.tr("automatic"), 512)
        self._context = OptionalNumber(self.tr("the model's own, up to 8,192"), 1_048_576, 1024)
        self._slots = whole(1, 256)
        automatic = (
            ("auto", self.tr("automatic")),
            ("on", self.tr("on")),
            ("off", self.tr("off")),
        )
        types = (automatic[0], ("f16", "f16"), ("q8_0", "q8_0"), ("q4_0", "q4_0"))
        self._cache_type = choice(types, self.tr("KV cache type"))
        self._flash = choice(automatic, self.tr("Flash attention"))
        self._unified = choice(automatic, self.tr("Unified KV cache"))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._build_form())
        column.addStretch(1)

    def _build_form(self) -> QWidget:
        layers = QHBoxLayout()
        layers.addWidget(self._layers_kind, 1)
        layers.addWidget(self._layers)
        page, fields = form_page()
        fields.addRow(self.tr("Layers on the GPU"), layers)
        row(fields, self.tr("CPU threads"), self._threads)
        row(
            fields,
            self.tr("Context, tokens"),
            self._context,
            self.tr("What one candidate may hold, the question included."),
        )
        row(
            fields,
            self.tr("Candidates side by side"),
            self._slots,
            self.tr("More are decoded in one batch, and need more memory."),
        )
        row(
            fields,
            self.tr("KV cache type"),
            self._cache_type,
            self.tr("Automatic: 16 bits a number, or 8 where this processor is slow with 16."),
        )
        row(fields, self.tr("Flash attention"), self._flash)
        row(
            fields,
            self.tr("Unified KV cache"),
            self._unified,
            self.tr("One cache for all candidates, or one for each."),
        )
        return page

    @property
    def options(self) -> LoadOptions:
        """What the page says now."""
        kind = self._layers_kind.currentData()
        return msgspec.structs.replace(
            self._kept,
            gpu_layers=self._layers.value() if kind == "number" else kind,
            threads=self._threads.number,
            context_tokens=self._context.number,
            slots=self._slots.value(),
            cache_type=self._cache_type.currentData(),
            flash_attention=self._flash.currentData(),
            unified_cache=self._unified.currentData(),
        )

    def show_options(self, options: LoadOptions) -> None:
        """Take other options."""
        self._kept = options
        number = isinstance(options.gpu_layers, int)
        select(self._layers_kind, "number" if number else options.gpu_layers)
        self._layers.setValue(options.gpu_layers if isinstance(options.gpu_layers, int) else 0)
        self._threads.set_number(options.threads)
        self._context.set_number(options.context_tokens)
        self._slots.setValue(options.slots)
        select(self._cache_type, options.cache_type)
        select(self._flash, options.flash_attention)
        select(self._unified, options.unified_cache)
        self._update_layers()

    def _update_layers(self) -> None:
        self._layers.setVisible(self._layers_kind.currentData() == "number")
