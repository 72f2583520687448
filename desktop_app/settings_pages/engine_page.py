"""The settings page of the engine: how a model is loaded."""

from __future__ import annotations

import msgspec
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QLineEdit, QVBoxLayout, QWidget

from desktop_app.settings_pages.gpu_shares import only, only_one, parse_shares, shares_text
from desktop_app.settings_pages.settings_form import (
    OptionalNumber,
    choice,
    form_page,
    row,
    select,
    whole,
)
from engine.generation import LoadOptions

_ALL_LAYERS = "all"
_BY_MEMORY = -1
_BY_SHARES = -2
"""Choices beside the number of one GPU."""
_SHORTER = QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
_NAME_CHARACTERS = 24
"""Of a GPU's name are seen where the page is narrow."""


class EnginePage(QWidget):
    """Edits `LoadOptions`.

    Args:
        gpus: Names of the GPUs. How layers are shared is asked where there are several of them, or
            where the options say it already.

    Attributes:
        checked: Whether everything on the page can be used.
    """

    checked = Signal(bool)

    def __init__(self, gpus: tuple[str, ...] = ()) -> None:
        super().__init__()
        self._kept = LoadOptions()
        self._gpus = gpus
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
        self._sharing = choice((), self.tr("Several GPUs"))
        self._sharing.setSizeAdjustPolicy(_SHORTER)
        self._sharing.setMinimumContentsLength(_NAME_CHARACTERS)
        self._shares = QLineEdit()
        self._shares.setPlaceholderText(self.tr("for example 3, 1"))
        self._shares_note = QLabel(
            self.tr("A number for each GPU, in their order; at least one above 0.")
        )
        self._shares_note.setProperty("muted", True)
        self._shares_note.setWordWrap(True)
        self._sharing.currentIndexChanged.connect(self._update_shares)
        self._shares.textChanged.connect(self._update_shares)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._build_form())
        column.addStretch(1)

    def _build_form(self) -> QWidget:
        layers = QHBoxLayout()
        layers.addWidget(self._layers_kind, 1)
        layers.addWidget(self._layers)
        page, fields = form_page()
        self._fields = fields
        fields.addRow(self.tr("Layers on the GPU"), layers)
        row(
            fields,
            self.tr("Several GPUs"),
            self._sharing,
            self.tr("Each GPU takes some of the layers, or one takes all."),
        )
        row(fields, self.tr("Share of each GPU"), self._shares)
        fields.addRow("", self._shares_note)
        row(
            fields,
            self.tr("CPU threads"),
            self._threads,
            self.tr("Automatic leaves one core to the window."),
        )
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
            self.tr(
                "At most. More are decoded in one batch, and need more memory; a processor may "
                "take fewer."
            ),
        )
        row(
            fields,
            self.tr("KV cache type"),
            self._cache_type,
            self.tr("Automatic: 16 bits a number, or 8 where this processor is slow with 16."),
        )
        row(
            fields,
            self.tr("Flash attention"),
            self._flash,
            self.tr("Automatic: on, unless this processor is slower with it."),
        )
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
            main_gpu=max(0, self._sharing.currentData()) if self._one_gpu else self._kept.main_gpu,
            tensor_split=self._split,
        )

    @property
    def usable(self) -> bool:
        """Whether everything on the page can be used."""
        by_shares = self._sharing.currentData() == _BY_SHARES
        return not by_shares or parse_shares(self._shares.text(), len(self._gpus)) is not None

    @property
    def _one_gpu(self) -> bool:
        return bool(self._sharing.currentData() >= 0)

    @property
    def _split(self) -> tuple[float, ...]:
        chosen = self._sharing.currentData()
        if chosen == _BY_SHARES:
            return parse_shares(self._shares.text(), len(self._gpus)) or self._kept.tensor_split
        return only(chosen) if chosen >= 0 else ()

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
        self._show_sharing(options)
        self._update_layers()

    def _show_sharing(self, options: LoadOptions) -> None:
        """Offer each GPU by its name; the one that is chosen even where it is not there now."""
        one = only_one(options.tensor_split)
        one = one if one == options.main_gpu else None
        count = max(len(self._gpus), 0 if one is None else one + 1)
        self._sharing.clear()
        self._sharing.addItem(self.tr("share the layers by free memory"), _BY_MEMORY)
        self._sharing.addItem(self.tr("share the layers as said below"), _BY_SHARES)
        for index in range(count):
            name = self._gpus[index] if index < len(self._gpus) else self.tr("not there now")
            text = self.tr("only GPU {number}: {name}").format(number=index, name=name)
            self._sharing.addItem(text, index)
        by_shares = one is None and bool(options.tensor_split)
        self._shares.setText(shares_text(options.tensor_split) if by_shares else "")
        select(self._sharing, _BY_SHARES if by_shares else _BY_MEMORY if one is None else one)
        asked = len(self._gpus) > 1 or bool(options.tensor_split)
        self._fields.setRowVisible(self._sharing, asked)
        self._update_shares()

    def _update_shares(self) -> None:
        by_shares = self._sharing.currentData() == _BY_SHARES
        self._fields.setRowVisible(self._shares, by_shares)
        self._fields.setRowVisible(self._shares_note, by_shares and not self.usable)
        self.checked.emit(self.usable)

    def _update_layers(self) -> None:
        self._layers.setVisible(self._layers_kind.currentData() == "number")
