"""The settings dialog: what is shown is what is returned."""

from __future__ import annotations

import pytest
from msgspec.structs import replace
from PySide6.QtCore import QLocale
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QDialogButtonBox,
    QDoubleSpinBox,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QWidget,
)
from pytestqt.qtbot import QtBot

from desktop_app.folders import folders
from desktop_app.look.theme import apply_theme, set_zoom
from desktop_app.settings import Appearance, Electricity, Settings, ThinkingSettings
from desktop_app.settings_pages.electricity_field import ElectricityField
from desktop_app.settings_pages.settings_dialog import SettingsDialog
from desktop_app.window.current_settings import SettingsPage
from engine.generation import LoadOptions, Sampling

CHANGED = Settings(
    engine=LoadOptions(
        gpu_layers=7,
        flash_attention="off",
        cache_type="q8_0",
        context_tokens=2048,
        slots=5,
        unified_cache="on",
        threads=2,
        main_gpu=1,
        tensor_split=(1.0, 2.0),
    ),
    sampling=Sampling(0.35, 12, 0.5, 0.2, 1.1, 64, 99),
    thinking=ThinkingSettings(
        9, "revise", stop_early=False, tokens_per_candidate=77, thought_tokens=5
    ),
    appearance=Appearance("dark", 1.25, "ctrl+enter", tell_when_ready=False),
    electricity=Electricity(0.31415926, "kr"),
)


def dialog(qtbot: QtBot, settings: Settings) -> SettingsDialog:
    dialog = SettingsDialog(settings, folders(), model_loaded=True)
    qtbot.addWidget(dialog)
    return dialog


def test_nothing_changes_by_looking(qtbot: QtBot) -> None:
    for settings in (Settings(), CHANGED):
        assert dialog(qtbot, settings).changed_settings() == settings


def test_all_layers_and_numbers_of_layers_are_told_apart(qtbot: QtBot) -> None:
    for layers in ("all", "auto", 0, 3):
        settings = replace(Settings(), engine=LoadOptions(gpu_layers=layers))
        assert dialog(qtbot, settings).changed_settings().engine.gpu_layers == layers


def test_the_defaults_of_a_page_can_be_restored(qtbot: QtBot) -> None:
    open_dialog = dialog(qtbot, CHANGED)
    box = open_dialog.findChild(QDialogButtonBox)
    assert isinstance(box, QDialogButtonBox)
    button = box.button(QDialogButtonBox.StandardButton.RestoreDefaults)
    button.click()
    restored = open_dialog.changed_settings()
    assert restored.engine == LoadOptions()
    assert restored == replace(CHANGED, engine=restored.engine)
    for page in (SettingsPage.SAMPLING, SettingsPage.STRATEGIES, SettingsPage.APPEARANCE):
        open_dialog.show_page(page)
        button.click()
    restored = open_dialog.changed_settings()
    assert restored.sampling == Sampling()
    assert restored.appearance == Appearance()
    assert restored.thinking.attempts == 9
    assert restored.chat == CHANGED.chat
    for page in (SettingsPage.INSTRUCTIONS, SettingsPage.FOLDERS, SettingsPage.ABOUT):
        open_dialog.show_page(page)
        assert not button.isEnabled()


GPUS = ("NVIDIA RTX 4090", "NVIDIA RTX 3090")


def sharing(open_dialog: SettingsDialog) -> tuple[QComboBox, QLineEdit, QPushButton]:
    """What says how layers are shared, the shares, and the button that accepts all."""
    fields = {field.accessibleName(): field for field in open_dialog.findChildren(QWidget)}
    box, shares = fields["Several GPUs"], fields["Share of each GPU"]
    buttons = open_dialog.findChild(QDialogButtonBox)
    assert isinstance(box, QComboBox)
    assert isinstance(shares, QLineEdit)
    assert isinstance(buttons, QDialogButtonBox)
    return box, shares, buttons.button(QDialogButtonBox.StandardButton.Ok)


@pytest.mark.parametrize(
    ("gpus", "split", "asked"),
    [((), (), False), (GPUS[:1], (), False), (GPUS, (), True), ((), (1.0, 2.0), True)],
)
def test_how_gpus_share_is_asked_where_there_are_several_or_it_was_said(
    qtbot: QtBot, gpus: tuple[str, ...], split: tuple[float, ...], *, asked: bool
) -> None:
    settings = Settings(engine=LoadOptions(tensor_split=split))
    open_dialog = SettingsDialog(settings, folders(), gpus=gpus)
    qtbot.addWidget(open_dialog)
    assert sharing(open_dialog)[0].isVisibleTo(open_dialog) is asked


@pytest.mark.parametrize(
    ("main", "split"),
    [(0, ()), (1, ()), (0, (3.0, 1.0)), (1, (0.0, 1.0)), (0, (0.0, 1.0)), (1, (0.0, 2.5))],
)
def test_how_gpus_share_is_not_changed_by_looking(
    qtbot: QtBot, main: int, split: tuple[float, ...]
) -> None:
    settings = Settings(engine=LoadOptions(main_gpu=main, tensor_split=split))
    open_dialog = SettingsDialog(settings, folders(), gpus=GPUS)
    qtbot.addWidget(open_dialog)
    assert open_dialog.changed_settings() == settings


def test_layers_go_to_one_gpu_or_are_shared_as_said(qtbot: QtBot) -> None:
    open_dialog = SettingsDialog(Settings(), folders(), gpus=GPUS)
    qtbot.addWidget(open_dialog)
    box, shares, accept = sharing(open_dialog)
    box.setCurrentIndex(box.findText("only GPU 1: NVIDIA RTX 3090"))
    assert not shares.isVisibleTo(open_dialog)
    assert open_dialog.changed_settings().engine == LoadOptions(main_gpu=1, tensor_split=(0.0, 1.0))
    box.setCurrentIndex(box.findText("share the layers as said below"))
    assert shares.isVisibleTo(open_dialog)
    assert not accept.isEnabled()
    for text in ("a, b", "0, 0", "-1, 2", "nan, 1", "inf 1", "1, 1, 1"):
        shares.setText(text)
        assert not accept.isEnabled(), text
        assert open_dialog.changed_settings().engine.tensor_split == ()
    shares.setText("3, 1.5")
    assert accept.isEnabled()
    assert open_dialog.changed_settings().engine.tensor_split == (3.0, 1.5)
    box.setCurrentIndex(box.findText("share the layers by free memory"))
    assert accept.isEnabled()
    assert open_dialog.changed_settings().engine.tensor_split == ()


@pytest.mark.parametrize("zoom", [1.0, 1.5, 2.0])
def test_nothing_is_cut_at_the_right_in_any_text_size(
    qtbot: QtBot, qapp: QApplication, zoom: float
) -> None:
    apply_theme(qapp)
    set_zoom(zoom)
    open_dialog = dialog(qtbot, Settings())
    open_dialog.show()
    open_dialog.resize(open_dialog.minimumSizeHint().width(), 500)
    for place in SettingsPage:
        open_dialog.show_page(place)
        QApplication.processEvents()
        for area in open_dialog.findChildren(QScrollArea):
            page = area.widget()
            assert page is not None
            if area.isVisible():
                assert page.width() <= area.viewport().width(), place
        for field in open_dialog.findChildren(QWidget):
            if field.isVisible() and isinstance(field, QAbstractSpinBox | QComboBox | QPushButton):
                assert field.width() >= field.minimumSizeHint().width(), (place, field)
    assert open_dialog.width() <= open_dialog.minimumSizeHint().width()
    set_zoom(1.0)


def test_every_field_has_a_name_for_a_screen_reader(qtbot: QtBot) -> None:
    open_dialog = dialog(qtbot, Settings())
    for kind in (QAbstractSpinBox, QComboBox):
        for field in open_dialog.findChildren(kind):
            assert field.accessibleName(), field
    assert all(button.text() for button in open_dialog.findChildren(QPushButton))


def test_the_price_of_electricity_is_typed_with_its_currency(qtbot: QtBot) -> None:
    shown = dialog(qtbot, Settings())
    (field,) = shown.findChildren(ElectricityField)
    box, sign = field.findChildren(QDoubleSpinBox)[0], field.findChildren(QLineEdit)[-1]
    assert box.text() == "no price"
    assert sign.text() == QLocale.system().currencySymbol()
    box.setValue(0.325)
    sign.setText(" € ")
    assert shown.changed_settings().electricity == Electricity(0.325, "€")
    box.setValue(0.0)
    assert shown.changed_settings().electricity.price is None
