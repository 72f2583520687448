"""Presets at work: what is kept, the settings and the menu, joined by signals.

It must not know chats: a preset changes settings, and these what is asked next.
"""

from __future__ import annotations

from concurrent.futures import Future

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QInputDialog, QWidget

from desktop_app.background import InTurn
from desktop_app.chat.preset_menu import PresetMenu, PresetRow
from desktop_app.deliveries import Deliveries
from desktop_app.look.theme import pixels
from desktop_app.presets import Preset, PresetShelf, SavedPreset, preset_of, with_preset
from desktop_app.window.announcements import Announcements
from desktop_app.window.current_settings import CurrentSettings

_WAIT_SECONDS = 5.0


class PresetSession(QObject):
    """Joins kept presets with the settings and a menu.

    Args:
        window: What asks for a name.
        menu: The menu.
        shelf: Where presets are kept.
        current_settings: The settings.
        deliveries: Brings results to this thread.
        announce: Says what was done.
    """

    def __init__(
        self,
        window: QWidget,
        menu: PresetMenu,
        shelf: PresetShelf,
        current_settings: CurrentSettings,
        deliveries: Deliveries,
        announce: Announcements,
    ) -> None:
        super().__init__(window)
        self._window = window
        self._menu = menu
        self._shelf = shelf
        self._current_settings = current_settings
        self._deliveries = deliveries
        self._announce = announce
        self._saved: tuple[SavedPreset, ...] = ()
        self._last_name = ""
        """What was chosen or kept last: the name that is offered."""
        self._files = InTurn("presets")
        menu.preset_chosen.connect(self.use)
        menu.keep_requested.connect(self._ask_name)
        menu.remove_requested.connect(self.remove)
        menu.aboutToShow.connect(self.refresh)
        current_settings.changed.connect(self._show)

    def close(self) -> None:
        """Let what was asked of the files be done, and ask no more. Idempotent."""
        self._files.close(_WAIT_SECONDS)

    def refresh(self) -> None:
        """Look at what is kept."""
        self._deliveries.deliver(self._files.do(self._shelf.presets), self._receive)

    def use(self, name: str) -> None:
        """Let a preset hold from now on."""
        preset = self._preset(name)
        if preset is not None:
            self._last_name = name
            self._current_settings.apply(with_preset(self._current_settings.value, preset))

    def keep(self, name: str) -> None:
        """Keep what holds now under a name; a preset that has it already is replaced."""
        name = " ".join(name.split())
        before = self._preset(name)
        preset = preset_of(self._current_settings.value)

        def kept(name: str) -> None:
            self._last_name = name
            self.refresh()
            if before is None or before == preset:
                self._announce.tell_done(self.tr("Kept"), name)
            else:
                self._announce.offer_undo(
                    self.tr("Replaced"), name, self.tr("Undo"), lambda: self._put_back(name, before)
                )

        self._deliveries.deliver(self._files.do(lambda: self._shelf.save(name, preset)), kept)

    def remove(self, name: str) -> None:
        """Remove a preset; it can be brought back while the message is there."""
        before = self._preset(name)

        def removed(_: None) -> None:
            self.refresh()
            if before is None:
                self._announce.tell_done(self.tr("Removed"), name)
            else:
                self._announce.offer_undo(
                    self.tr("Removed"), name, self.tr("Undo"), lambda: self._put_back(name, before)
                )

        self._deliveries.deliver(self._files.do(lambda: self._shelf.remove(name)), removed)

    def _put_back(self, name: str, preset: Preset) -> None:
        future: Future[str] = self._files.do(lambda: self._shelf.save(name, preset))
        self._deliveries.deliver(future, lambda _name: self.refresh())

    def _preset(self, name: str) -> Preset | None:
        wanted = name.casefold()
        return next((one.preset for one in self._saved if one.name.casefold() == wanted), None)

    def _receive(self, saved: tuple[SavedPreset, ...]) -> None:
        self._saved = saved
        self._show()

    def _show(self) -> None:
        now = preset_of(self._current_settings.value)
        self._menu.set_rows(
            [PresetRow(one.name, one.preset == now, one.preset is None) for one in self._saved]
        )

    def _ask_name(self) -> None:
        dialog = QInputDialog(self._window)
        dialog.setWindowTitle(self.tr("Keep as a preset"))
        dialog.setLabelText(
            self.tr("Strategy, budget, limits, sampling and instructions are kept under this name.")
        )
        dialog.setTextValue(self._last_name)
        dialog.setOkButtonText(self.tr("Keep"))
        dialog.setMinimumWidth(pixels(420))
        dialog.textValueSelected.connect(self.keep)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()
