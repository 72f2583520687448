"""Colours that everybody can tell apart and read, and a theme that follows."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFont, QIcon, QPalette
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
    QCheckBox,
    QComboBox,
    QLabel,
    QPushButton,
    QStyle,
    QStyleOptionComboBox,
    QTableWidget,
    QToolButton,
    QWidget,
)
from pytestqt.qtbot import QtBot

from desktop_app.icons import ICON_FOLDER, own_icon, tinted_icon
from desktop_app.look.theme import (
    BASE_PIXELS,
    DARK,
    LIGHT,
    Theme,
    apply_theme,
    current_theme,
    numeric_font,
    set_theme_choice,
    set_zoom,
    theme_changes,
    themed_icon,
)
from desktop_app.settings_pages.settings_form import choice

_EYES = {
    "trichromat": np.eye(3),
    "protanope": np.array(
        [
            [0.152286, 1.052583, -0.204868],
            [0.114503, 0.786281, 0.099216],
            [-0.003882, -0.048116, 1.051998],
        ]
    ),
    "deuteranope": np.array(
        [
            [0.367322, 0.860646, -0.227968],
            [0.280085, 0.672501, 0.047413],
            [-0.011820, 0.042940, 0.968881],
        ]
    ),
    "tritanope": np.array(
        [
            [1.255528, -0.076749, -0.178779],
            [-0.078411, 0.930809, 0.147602],
            [0.004733, 0.691367, 0.303900],
        ]
    ),
}
"""What each kind of eye sees of linear RGB.

Source: Machado, Oliveira, Fernandes, "A physiologically-based model for simulation of color vision
deficiency", IEEE TVCG 2009, table of severity 1.0.
"""

_TO_LMS = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
_TO_OKLAB = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
)
_APART = 0.07
"""Smallest allowed distance in OKLab; 0.02 is about what an eye just notices side by side."""

THEMES = pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])


@pytest.fixture(autouse=True)
def _dressed(qapp: QApplication) -> Iterator[None]:
    apply_theme(qapp)
    yield
    set_theme_choice("system")
    set_zoom(1.0)


def _linear(colour: str) -> NDArray[np.float64]:
    parts = np.array([int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)])
    return np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)


def _contrast(one: str, other: str) -> float:
    weights = np.array([0.2126, 0.7152, 0.0722])
    dark, light = sorted(float(_linear(colour) @ weights) for colour in (one, other))
    return (light + 0.05) / (dark + 0.05)


def _seen(colour: str, eye: NDArray[np.float64]) -> NDArray[np.float64]:
    seen = np.clip(eye @ _linear(colour), 0, 1)
    lab: NDArray[np.float64] = _TO_OKLAB @ np.cbrt(_TO_LMS @ seen)
    return lab


@THEMES
def test_text_has_the_contrast_of_wcag_aa_on_every_ground(theme: Theme) -> None:
    for ground in (theme.window, theme.panel, theme.sidebar, theme.code_background):
        for ink in (theme.text, theme.muted, theme.good, theme.warning):
            assert _contrast(ink, ground) >= 4.5, (ink, ground)
    assert _contrast(theme.text, theme.user_bubble) >= 4.5
    assert _contrast(theme.text, theme.accent_wash) >= 4.5
    assert _contrast(theme.accent_text, theme.accent) >= 4.5


@THEMES
def test_group_colours_and_accent_stand_out_from_panel_and_window(theme: Theme) -> None:
    for colour in (*theme.groups, theme.none_group, theme.accent):
        assert _contrast(colour, theme.panel) >= 3, colour
        assert _contrast(colour, theme.window) >= 3, colour


@THEMES
@pytest.mark.parametrize("eye", _EYES)
def test_no_two_group_colours_look_alike(theme: Theme, eye: str) -> None:
    colours = (*theme.groups, theme.none_group)
    assert len(theme.groups) >= 8
    for one, other in combinations(colours, 2):
        distance = np.linalg.norm(_seen(one, _EYES[eye]) - _seen(other, _EYES[eye]))
        assert distance >= _APART, (one, other)


@THEMES
def test_group_colours_repeat_after_the_last(theme: Theme) -> None:
    assert theme.group(len(theme.groups)) == theme.groups[0]


def test_a_choice_changes_theme_palette_and_tells(qtbot: QtBot, qapp: QApplication) -> None:
    set_theme_choice("light")
    with qtbot.waitSignal(theme_changes().changed):
        set_theme_choice("dark")
    assert current_theme() is DARK
    assert qapp.palette().color(QPalette.ColorRole.Window) == QColor(DARK.window)


def test_the_system_choice_follows_the_platform(qapp: QApplication) -> None:
    set_theme_choice("system")
    dark = qapp.styleHints().colorScheme() == Qt.ColorScheme.Dark
    assert current_theme() is (DARK if dark else LIGHT)


def test_zoom_reaches_a_label_that_exists_already(qtbot: QtBot) -> None:
    label = QLabel("12")
    qtbot.addWidget(label)
    label.setFont(numeric_font(label.font()))
    label.ensurePolished()
    assert label.font().pixelSize() == BASE_PIXELS
    set_zoom(1.5)
    label.ensurePolished()
    assert label.font().pixelSize() == round(BASE_PIXELS * 1.5)


def test_the_numeric_font_asks_for_tabular_figures() -> None:
    font = numeric_font(QFont())
    assert font.featureValue(QFont.Tag("tnum")) == 1


def test_the_focus_ring_can_be_seen(qtbot: QtBot) -> None:
    set_theme_choice("light")
    window = QWidget()
    qtbot.addWidget(window)
    button = QPushButton("Ask", window)
    button.setGeometry(10, 10, 100, 40)
    other = QPushButton("Other", window)
    other.setGeometry(10, 60, 100, 40)
    window.show()
    window.activateWindow()
    with qtbot.waitActive(window):
        button.setFocus()
    image = window.grab().toImage()
    assert image.pixelColor(60, 10) == QColor(LIGHT.accent)
    assert image.pixelColor(60, 60) != QColor(LIGHT.accent)


def test_nothing_but_the_ring_is_drawn_around_what_has_the_focus(qtbot: QtBot) -> None:
    """Fusion's own focus frame would be a second one, inside."""
    set_theme_choice("light")
    window = QWidget()
    qtbot.addWidget(window)
    blank = " " * 9
    flat, tool, check = QPushButton(blank, window), QToolButton(window), QCheckBox(blank, window)
    flat.setProperty("flat", True)  # noqa: FBT003 - Qt's
    tool.setText(blank)
    tool.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    for number, widget in enumerate((flat, tool, check)):
        widget.setGeometry(10, 10 + 50 * number, 200, 40)
    window.show()
    window.activateWindow()
    with qtbot.waitActive(window):
        check.setFocus()
    for widget in (flat, tool, check):
        before = widget.grab().toImage()
        QTest.keyClick(window.focusWidget(), Qt.Key.Key_Tab)
        assert widget.hasFocus()
        after = widget.grab().toImage()
        inside = [(x, y) for x in range(6, 194) for y in range(6, 34)]
        assert after.pixelColor(100, 0) == QColor(LIGHT.accent)
        assert all(before.pixel(x, y) == after.pixel(x, y) for x, y in inside), widget


def test_a_table_shows_that_it_has_the_focus(qtbot: QtBot) -> None:
    set_theme_choice("light")
    table = QTableWidget(2, 2)
    qtbot.addWidget(table)
    table.show()
    table.activateWindow()
    with qtbot.waitActive(table):
        table.setFocus()
    assert table.grab().toImage().pixelColor(60, 0) == QColor(LIGHT.accent)


def test_what_a_combo_box_opens_has_one_frame(qtbot: QtBot) -> None:
    set_theme_choice("light")
    box = choice((("a", "as many as fit"), ("b", "all"), ("c", "this many")), "Layers")
    box.resize(300, 31)
    qtbot.addWidget(box)
    box.show()
    box.showPopup()
    popup = box.view().window()
    image = popup.grab().toImage()
    middle = image.width() // 2
    down = [image.pixelColor(middle, y).name().upper() for y in range(5)]
    assert down == [LIGHT.hairline, *[LIGHT.panel] * 4]
    entry = box.view().visualRect(box.model().index(0, 0))
    chosen = popup.mapFromGlobal(box.view().viewport().mapToGlobal(entry.topLeft()))
    assert image.pixelColor(middle, chosen.y() + 1) == QColor(LIGHT.accent_wash)
    assert image.pixelColor(chosen) == QColor(LIGHT.panel)  # its corners are round
    box.hidePopup()


@pytest.mark.parametrize("name", sorted(path.stem for path in ICON_FOLDER.glob("*.svg")))
def test_an_icon_is_drawn_in_the_colour_that_was_asked_for(name: str) -> None:
    image = tinted_icon(name, "#FF0000").pixmap(64, 64).toImage()
    drawn = [
        image.pixelColor(x, y)
        for x in range(image.width())
        for y in range(image.height())
        if image.pixelColor(x, y).alpha() == 255
    ]
    assert drawn
    assert {colour.name().upper() for colour in drawn} == {"#FF0000"}


def test_the_programs_own_icon_is_the_installers() -> None:
    installers = ICON_FOLDER.parents[1] / "packaging" / "data" / "ponder.svg"
    assert (ICON_FOLDER / "ponder.svg").read_bytes() == installers.read_bytes()
    middle = own_icon().pixmap(64, 64).toImage().pixelColor(32, 6)
    assert middle.name().upper() == "#3257D3"


def test_an_icon_of_the_theme_fades_when_disabled() -> None:
    set_theme_choice("light")
    icon = themed_icon("close")
    normal = icon.pixmap(16, 16, QIcon.Mode.Normal).toImage()
    disabled = icon.pixmap(16, 16, QIcon.Mode.Disabled).toImage()
    assert normal.pixelColor(8, 8).name().upper() == LIGHT.text
    assert disabled.pixelColor(8, 8).name().upper() == LIGHT.muted


def test_an_unknown_icon_is_an_error() -> None:
    with pytest.raises(FileNotFoundError):
        tinted_icon("no-such-icon", "#000000")


def test_check_marks_and_arrows_grow_with_the_text(qtbot: QtBot) -> None:
    box, combo = QCheckBox(), QComboBox()
    qtbot.addWidget(box)
    qtbot.addWidget(combo)

    def sizes() -> list[int]:
        style = box.style()
        mark = style.pixelMetric(QStyle.PixelMetric.PM_IndicatorWidth, None, box)
        option = QStyleOptionComboBox()
        option.initFrom(combo)
        arrow = style.subControlRect(
            QStyle.ComplexControl.CC_ComboBox, option, QStyle.SubControl.SC_ComboBoxArrow, combo
        )
        return [mark, arrow.width()]

    before = sizes()
    set_zoom(2.0)
    assert all(after > 1.7 * size for after, size in zip(sizes(), before, strict=True))
