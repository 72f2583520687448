"""How long an answer may take: chosen beside the strategy, kept, and held to."""

from __future__ import annotations

from typing import Any

from desktop_app.folders import folders
from desktop_app.settings import load_settings
from engine.verdict import StoppedWhy
from tests.desktop_app.window_driver import Driver

ENDLESS: list[dict[str, Any]] = [{"text": "and so on ", "hold": True}]


def choose(driver: Driver, text: str) -> None:
    """Choose in the menu, as a person does."""
    menu = driver.window.composer.preset_menu.time_limit
    next(action for action in menu.actions() if action.text() == text).trigger()


def test_a_time_limit_ends_the_thinking_and_is_kept(driver: Driver) -> None:
    driver.load(ENDLESS)
    choose(driver, "10 s")
    assert driver.work.settings.thinking.seconds == 10
    price = driver.window.composer.slider.accessibleDescription()
    assert "8 samples" in price
    driver.wait(lambda: load_settings(folders().settings).settings.thinking.seconds == 10)
    thinking = driver.work.settings.thinking
    driver.work.current_settings.choose_time_limit(0.2)
    driver.ask("How long?")
    view = driver.window.panel.view
    assert view is not None
    assert view.verdict is not None
    assert view.verdict.stopped is StoppedWhy.TIME_UP
    driver.work.current_settings.choose_time_limit(thinking.seconds)
    choose(driver, "None")
    assert driver.work.settings.thinking.seconds is None


def test_an_unusual_limit_stands_among_the_usual_ones(driver: Driver) -> None:
    menu = driver.window.composer.preset_menu.time_limit
    menu.set_limit(45.0)
    texts = [action.text() for action in menu.actions()]
    assert texts == ["None", "10 s", "30 s", "45 s", "60 s", "5 min", "15 min"]
    assert [action.text() for action in menu.actions() if action.isChecked()] == ["45 s"]
