"""The top bar: name, model button, how full the context is, the machine, the panel's toggle.

It must not know the session; it shows what it is given.
"""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, QSize, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QSizePolicy, QToolButton, QWidget

from desktop_app.library.model_button import ModelButton, tokens_text
from desktop_app.library.model_control import ModelState
from desktop_app.look.theme import current_theme, numeric_font, pixels, theme_changes, themed_icon
from desktop_app.window.key_choice import KeysTip
from desktop_app.window.shortcuts import Command
from engine.machine import MachineLoad
from engine.power.meter import PowerSample

_NARROW = 1000


class TopBar(QFrame):
    """The window's first row.

    Attributes:
        model_requested: The model button was pressed.
        panel_toggled: Whether the deliberation panel should be shown.
        sidebar_toggled: Whether the sidebar should be shown.
    """

    model_requested = Signal()
    panel_toggled = Signal(bool)
    sidebar_toggled = Signal(bool)

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("topBar")
        self._sidebar = _toggle(self.tr("Show conversations"), Command.TOGGLE_SIDEBAR)
        self._name = QLabel("Ponder")
        self._model = ModelButton()
        self._context = QLabel()
        self._machine = QLabel()
        self._device = self._load = ""
        self._has_memory = False
        self._panel = _toggle(self.tr("Show the panel"), Command.TOGGLE_PANEL)
        for label in (self._context, self._machine):
            label.setProperty("muted", True)
            label.setFont(numeric_font(label.font()))
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 8, 12, 8)
        row.setSpacing(12)
        row.addWidget(self._sidebar)
        row.addWidget(self._name)
        row.addSpacing(16)
        row.addWidget(self._model)
        row.addWidget(self._context)
        row.addStretch(1)
        row.addWidget(self._machine)
        row.addWidget(self._panel)
        self._machine.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Preferred)
        self._model.setMaximumWidth(pixels(440))
        self._model.clicked.connect(self.model_requested)
        self._panel.toggled.connect(self.panel_toggled)
        self._sidebar.toggled.connect(self.sidebar_toggled)
        theme_changes().changed.connect(self._restyle)
        self._restyle()

    @property
    def model_button(self) -> QWidget:
        """What the picker opens under."""
        return self._model

    def show_model(self, state: ModelState) -> None:
        """Show where the model stands."""
        self._model.show_state(state)

    def show_context(self, used_tokens: int | None, context_tokens: int | None) -> None:
        """Show how full the context is; nothing while it is not known.

        Args:
            used_tokens: What the conversation takes, or None where that is not known.
            context_tokens: What there is room for, 0 where no server says, None without a model.
        """
        if context_tokens is None:
            self._context.clear()
            return
        if not context_tokens:
            used = tokens_text(used_tokens) if used_tokens is not None else ""
            told = self.tr("context {used}, room not stated") if used else ""
            self._context.setText(told.format(used=used))
            return
        if used_tokens is None:
            text = self.tr("context {all}").format(all=tokens_text(context_tokens))
        else:
            text = self.tr("context {used} / {all}").format(
                used=tokens_text(used_tokens), all=tokens_text(context_tokens)
            )
        self._context.setText(text)

    def show_power(self, sample: PowerSample | None) -> None:
        """Show the first device that says something, or None without a sensor."""
        self._device = device_text(sample) if sample is not None else ""
        self._has_memory = sample is not None and any(
            device.memory_total_bytes is not None for device in sample.devices
        )
        self._show_machine()

    def show_load(self, load: MachineLoad | None) -> None:
        """Show how busy this machine is, where no device that answers tells its own memory.

        None is for a system that does not tell.
        """
        self._load = load_text(load) if load is not None else ""
        self._show_machine()

    def _show_machine(self) -> None:
        told = (self._device, "" if self._has_memory else self._load)
        self._machine.setText(" · ".join(filter(None, told)))
        self._machine.setToolTip(
            self.tr("This computer, all programs together: {0}").format(self._load)
            if self._load
            else ""
        )

    def set_panel_shown(self, *, shown: bool) -> None:
        """Ask for the panel, or no longer, as its toggle does."""
        self._panel.setChecked(shown)

    def set_sidebar_shown(self, *, shown: bool) -> None:
        """Ask for the sidebar, or no longer, as its toggle does."""
        self._sidebar.setChecked(shown)

    def show_columns(self, *, sidebar: bool, panel: bool) -> None:
        """Let the toggles agree with what is seen."""
        for toggle, shown in ((self._sidebar, sidebar), (self._panel, panel)):
            with QSignalBlocker(toggle):
                toggle.setChecked(shown)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Leave out what is nice to know where there is little room."""
        super().resizeEvent(event)
        self._machine.setVisible(event.size().width() >= pixels(_NARROW))

    def _restyle(self) -> None:
        theme = current_theme()
        for toggle, icon in ((self._sidebar, "sidebar"), (self._panel, "panel")):
            toggle.setIcon(themed_icon(icon))
            toggle.setIconSize(QSize(pixels(16), pixels(16)))
        self._name.setStyleSheet(f"font-weight: 700; font-size: {pixels(15)}px;")
        self._model.setMaximumWidth(pixels(440))
        self.setStyleSheet(
            f"#topBar {{ background: {theme.panel}; border: none;"
            f" border-bottom: 1px solid {theme.hairline}; }}"
        )


def load_text(load: MachineLoad) -> str:
    """For example "CPU 87 % · 5.1 / 16 GB"."""
    memory = f"{load.used_bytes / 1e9:.1f} / {load.total_bytes / 1e9:.0f} GB"
    return f"CPU {load.busy_percent:.0f} % · {memory}"


def device_text(sample: PowerSample) -> str:
    """For example "RTX 4070 · 41 °C · 6.1 / 12 GB"; only what was measured."""
    for device in sample.devices:
        parts = [device.name.removeprefix("NVIDIA ").removeprefix("GeForce ")]
        if device.temperature_celsius is not None:
            parts.append(f"{device.temperature_celsius:.0f} °C")
        used, total = device.memory_used_bytes, device.memory_total_bytes
        if used is not None and total is not None:
            parts.append(f"{used / 1e9:.1f} / {total / 1e9:.0f} GB")
        if device.power_watts is not None and len(parts) == 1:
            parts.append(f"{device.power_watts:.0f} W")
        if len(sample.devices) > 1:
            parts.append(f"+ {len(sample.devices) - 1}")
        return " · ".join(parts)
    return ""


def _toggle(name: str, command: Command) -> QToolButton:
    button = QToolButton()
    button.setCheckable(True)
    button.setAccessibleName(name)
    KeysTip(button, command, name)
    return button
