"""A window for every test that asks for one, ended the way a person ends it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:  # the terminal's tests share this folder and need no window
    from pytestqt.qtbot import QtBot

    from desktop_app.window.tray import Tray
    from tests.desktop_app.window_driver import Driver


@pytest.fixture
def open_window(qtbot: QtBot, tmp_path: Path) -> Iterator[Callable[..., Driver]]:
    """Open windows one after another; those still open are quit at the end."""
    from desktop_app.look.theme import set_theme_choice, set_zoom
    from desktop_app.window.key_choice import use_keys
    from tests.desktop_app.window_driver import Driver

    drivers: list[Driver] = []

    def open_one(model_path: Path | None = None, tray: Tray | None = None) -> Driver:
        driver = Driver(qtbot, tmp_path, model_path, tray)
        drivers.append(driver)
        return driver

    yield open_one
    for driver in drivers:
        driver.quit()
    set_theme_choice("system")
    set_zoom(1.0)
    use_keys({})


@pytest.fixture
def driver(open_window: Callable[..., Driver]) -> Driver:
    """A window just opened for the first time."""
    return open_window()
