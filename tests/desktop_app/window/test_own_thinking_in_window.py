"""The model's own thinking in the window: offered where the model has a control, kept and used."""

from __future__ import annotations

import msgspec
import pytest
from PySide6.QtWidgets import QComboBox
from pytestqt.qtbot import QtBot

from desktop_app.chat.own_thinking_menu import OwnThinkingMenu
from desktop_app.folders import folders
from desktop_app.presets import PresetShelf
from desktop_app.settings import Settings, ThinkingSettings, load_settings, save_settings
from desktop_app.settings_pages.settings_dialog import SettingsDialog
from desktop_app.words.own_thinking_text import own_thinking_text
from engine.options import StrategyOptions
from engine.own_thinking import EFFORTS, OwnThinking
from tests.desktop_app.window_driver import VOTE, Driver

AUTO, OFF, ON = OwnThinking.AUTO, OwnThinking.OFF, OwnThinking.ON
SWITCH, EFFORT = (OFF, ON), EFFORTS
Wishes = tuple[OwnThinking, ...]


def menu_of(driver: Driver) -> OwnThinkingMenu:
    return driver.window.composer.preset_menu.own_thinking


def entries(menu: OwnThinkingMenu) -> list[str]:
    return [action.text() for action in menu.actions()]


def chosen(menu: OwnThinkingMenu) -> list[str]:
    return [action.text() for action in menu.actions() if action.isChecked()]


def choose(driver: Driver, text: str) -> None:
    next(action for action in menu_of(driver).actions() if action.text() == text).trigger()


def wish_of(driver: Driver) -> OwnThinking:
    return driver.work.settings.thinking.options.own_thinking


def with_wish(wish: OwnThinking) -> Settings:
    return Settings(thinking=ThinkingSettings(options=StrategyOptions(own_thinking=wish)))


def box_of(dialog: SettingsDialog) -> QComboBox:
    boxes = dialog.findChildren(QComboBox)
    return next(box for box in boxes if box.accessibleName() == "The model's own thinking")


def shown(box: QComboBox) -> list[str]:
    return [box.itemText(place) for place in range(box.count())]


def notes(driver: Driver) -> str:
    evidence = driver.chat.turns()[-1].evidence
    assert evidence is not None
    return " ".join(evidence.notes)


@pytest.mark.parametrize(
    ("takes", "offered"),
    [(SWITCH, ["Default", "Off", "On"]), (EFFORT, ["Default", "Low", "Medium", "High"])],
)
def test_what_the_loaded_model_can_be_told_is_offered(
    driver: Driver, takes: Wishes, offered: list[str]
) -> None:
    menu = menu_of(driver)
    assert not menu.menuAction().isVisible()  # there is no model yet
    driver.load(VOTE, own_thinking=takes)
    assert menu.menuAction().isVisible()
    assert menu.menuAction().isEnabled()
    assert (entries(menu), chosen(menu)) == (offered, ["Default"])
    assert menu.title() == "The model's own thinking: Default"


def test_a_model_without_a_control_says_so(driver: Driver) -> None:
    driver.load(VOTE)
    entry = menu_of(driver).menuAction()
    assert entry.isVisible()
    assert not entry.isEnabled()
    assert entry.text() == "This model's thinking has no switch"


def test_a_choice_is_marked_kept_and_asked_for(driver: Driver) -> None:
    driver.load(VOTE, own_thinking=SWITCH)
    choose(driver, "Off")
    menu = menu_of(driver)
    assert (chosen(menu), menu.title()) == (["Off"], "The model's own thinking: Off")
    driver.ask("How many?")
    driver.settle()
    assert "by default" not in notes(driver)
    assert recorded(driver) == [OFF]
    choose(driver, "Default")
    assert wish_of(driver) is AUTO
    choose(driver, "On")
    driver.quit()
    kept = load_settings(folders().settings).settings
    assert kept.thinking.options.own_thinking is ON


def recorded(driver: Driver) -> list[OwnThinking]:
    conversation = driver.listed()[0].conversation_id
    records = driver.journal.deliberations_of(conversation).result().records
    return [record.options.own_thinking for record in records]


def test_a_choice_that_another_model_cannot_be_told_stays_and_its_answers_say_so(
    driver: Driver,
) -> None:
    driver.load(VOTE, own_thinking=SWITCH)
    choose(driver, "Off")
    driver.load(VOTE, "other", own_thinking=EFFORT)
    menu = menu_of(driver)
    assert entries(menu) == ["Default", "Off (not with this model)", "Low", "Medium", "High"]
    assert menu.title() == "The model's own thinking: Default"
    driver.ask("How many?")
    assert "The model thinks as it does by default." in notes(driver)
    driver.load(VOTE, "deaf")
    assert menu.menuAction().isEnabled()  # so that the choice can be taken back
    choose(driver, "Default")
    assert wish_of(driver) is AUTO
    assert not menu.menuAction().isEnabled()


def test_the_price_is_that_of_the_choice(driver: Driver) -> None:
    driver.load(VOTE, own_thinking=SWITCH)
    for _ in range(2):
        driver.ask("How many?")
    composer = driver.window.composer
    driver.wait(lambda: "not measured" not in composer.price_text)
    choose(driver, "Off")
    driver.wait(lambda: composer.price_text == "not measured")
    choose(driver, "Default")
    driver.wait(lambda: composer.price_text != "not measured")
    assert composer.price_text.startswith("≈ ")


def test_a_preset_keeps_it(driver: Driver) -> None:
    driver.load(VOTE, own_thinking=SWITCH)
    choose(driver, "Off")
    driver.work.presets.keep("Short")
    rows = driver.window.composer.preset_menu
    driver.wait(lambda: [(row.name, row.current) for row in rows.rows] == [("Short", True)])
    choose(driver, "On")
    assert [(row.name, row.current) for row in rows.rows] == [("Short", False)]
    driver.work.presets.use("Short")
    assert wish_of(driver) is OFF
    assert chosen(menu_of(driver)) == ["Off"]


@pytest.mark.parametrize("wish", OwnThinking)
@pytest.mark.parametrize("takes", [None, (), SWITCH, EFFORT])
def test_nothing_changes_by_looking_at_the_settings(
    qtbot: QtBot, takes: Wishes | None, wish: OwnThinking
) -> None:
    settings = with_wish(wish)
    dialog = SettingsDialog(settings, folders(), takes=takes)
    qtbot.addWidget(dialog)
    assert dialog.changed_settings() == settings


def test_the_settings_offer_what_the_model_can_be_told(qtbot: QtBot) -> None:
    dialog = SettingsDialog(Settings(), folders(), takes=SWITCH)
    qtbot.addWidget(dialog)
    box = box_of(dialog)
    assert shown(box) == ["Default", "Off", "On"]
    box.setCurrentIndex(1)
    assert dialog.applied_to(Settings()) == with_wish(OFF)
    anything = SettingsDialog(Settings(), folders())
    qtbot.addWidget(anything)
    assert shown(box_of(anything)) == [own_thinking_text(wish) for wish in OwnThinking]


def test_the_settings_say_why_there_is_nothing_to_choose(qtbot: QtBot) -> None:
    dialog = SettingsDialog(Settings(), folders(), takes=())
    qtbot.addWidget(dialog)
    box = box_of(dialog)
    assert not box.isEnabled()
    assert shown(box) == ["Default: this model has no switch"]


def test_settings_and_presets_of_before_have_no_wish() -> None:
    known = folders()
    save_settings(known.settings, with_wish(OFF))
    text = known.settings.read_text()
    assert text.count('own_thinking = "off"') == 1
    known.settings.write_text(text.replace('own_thinking = "off"\n', ""))
    assert load_settings(known.settings).settings == Settings()
    known.presets.mkdir(parents=True)
    (known.presets / "Old.preset.toml").write_text('[thinking]\nattempts = 3\nstrategy = "vote"\n')
    thinking = PresetShelf(known.presets).find("old").thinking
    assert thinking == msgspec.structs.replace(ThinkingSettings(), attempts=3)
