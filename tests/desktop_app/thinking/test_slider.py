"""The thinking-time slider under mouse, wheel, keyboard and screen reader."""

from __future__ import annotations

from itertools import pairwise

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QAccessible, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit
from pytestqt.qtbot import QtBot

from desktop_app.thinking.price import PriceLabel
from desktop_app.thinking.slider import ThinkingSlider
from engine.budget import NOTCHES, Notch
from engine.journal.cost import Prediction


@pytest.fixture
def slider(qtbot: QtBot) -> ThinkingSlider:
    slider = ThinkingSlider()
    qtbot.addWidget(slider)
    slider.resize(420, slider.sizeHint().height())
    slider.show()
    slider.activateWindow()
    with qtbot.waitActive(slider):
        slider.setFocus()
    slider.set_attempts(8)
    return slider


def _committed(slider: ThinkingSlider) -> list[int]:
    numbers: list[int] = []
    slider.attempts_committed.connect(numbers.append)
    return numbers


def _place_of(slider: ThinkingSlider, attempts: int) -> QPoint:
    """Where on the track a stop is, or 2; they are as far apart as each other."""
    left, right = 26, slider.width() - 26
    share = {1: 0.0, 2: 0.1, 4: 0.2, 8: 0.4, 16: 0.6, 32: 0.8, 64: 1.0}[attempts]
    return QPoint(round(left + share * (right - left)), 12)


def test_arrows_go_from_stop_to_stop(slider: ThinkingSlider) -> None:
    committed = _committed(slider)
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Up, Qt.Key.Key_Left, Qt.Key.Key_Down):
        QTest.keyClick(slider, key)
    assert committed == [16, 32, 16, 8]


def test_shift_and_arrows_go_by_one_and_the_next_arrow_finds_a_stop(slider: ThinkingSlider) -> None:
    committed = _committed(slider)
    QTest.keyClick(slider, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    QTest.keyClick(slider, Qt.Key.Key_Right)
    QTest.keyClick(slider, Qt.Key.Key_Left, Qt.KeyboardModifier.ShiftModifier)
    QTest.keyClick(slider, Qt.Key.Key_Left)
    assert committed == [9, 16, 15, 8]


def test_pages_go_by_two_stops_and_home_and_end_to_the_ends(slider: ThinkingSlider) -> None:
    committed = _committed(slider)
    for key in (Qt.Key.Key_PageUp, Qt.Key.Key_PageDown, Qt.Key.Key_Home, Qt.Key.Key_End):
        QTest.keyClick(slider, key)
    assert committed == [32, 8, 1, 64]


def test_at_an_end_nothing_is_committed_again(slider: ThinkingSlider) -> None:
    slider.set_attempts(64)
    committed = _committed(slider)
    QTest.keyClick(slider, Qt.Key.Key_Right)
    QTest.keyClick(slider, Qt.Key.Key_End)
    assert committed == []


def test_a_typed_number_is_committed_whole_never_digit_by_digit(slider: ThinkingSlider) -> None:
    committed = _committed(slider)
    QTest.keyClick(slider, Qt.Key.Key_4)
    field = slider.findChild(QLineEdit)
    assert field is not None
    assert field.hasFocus()
    QTest.keyClick(field, Qt.Key.Key_8)
    assert committed == []
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert committed == [48]
    assert slider.attempts == 48
    assert slider.hasFocus()


def test_escape_leaves_the_number_as_it_was(slider: ThinkingSlider) -> None:
    committed = _committed(slider)
    QTest.keyClick(slider, Qt.Key.Key_5)
    field = slider.findChild(QLineEdit)
    assert field is not None
    QTest.keyClick(field, Qt.Key.Key_Escape)
    assert (committed, slider.attempts) == ([], 8)


def test_a_number_out_of_range_is_not_accepted(slider: ThinkingSlider) -> None:
    committed = _committed(slider)
    QTest.keyClick(slider, Qt.Key.Key_9)
    field = slider.findChild(QLineEdit)
    assert field is not None
    QTest.keyClick(field, Qt.Key.Key_9)
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert (committed, slider.attempts) == ([], 8)


def test_a_double_click_opens_the_number_field_with_the_number_selected(
    slider: ThinkingSlider,
) -> None:
    QTest.mouseDClick(slider, Qt.MouseButton.LeftButton, pos=_place_of(slider, 8))
    field = slider.findChild(QLineEdit)
    assert field is not None
    assert field.selectedText() == "8"


@pytest.mark.parametrize("notch", NOTCHES, ids=lambda notch: notch.name)
def test_a_click_near_a_stop_lands_on_it(slider: ThinkingSlider, notch: object) -> None:
    attempts = next(n.attempts for n in NOTCHES if n is notch)
    QTest.mouseClick(
        slider, Qt.MouseButton.LeftButton, pos=_place_of(slider, attempts) + QPoint(5, 0)
    )
    assert slider.attempts == attempts


def test_between_stops_any_number_can_be_dragged_to_and_is_committed_on_release(
    slider: ThinkingSlider,
) -> None:
    committed = _committed(slider)
    changed: list[int] = []
    slider.attempts_changed.connect(changed.append)
    middle = (_place_of(slider, 32) + _place_of(slider, 64)) / 2
    QTest.mousePress(slider, Qt.MouseButton.LeftButton, pos=_place_of(slider, 8))
    QTest.mouseMove(slider, middle)
    assert changed == [45]
    assert committed == []
    QTest.mouseRelease(slider, Qt.MouseButton.LeftButton, pos=middle)
    assert committed == [45]


def _turn_wheel(slider: ThinkingSlider, amount: int) -> bool:
    event = QWheelEvent(
        QPointF(50, 10), QPointF(50, 10), QPoint(), QPoint(0, amount),
        Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase,
        False,  # noqa: FBT003 - Qt's signature
    )  # fmt: skip
    QApplication.sendEvent(slider, event)
    return bool(event.isAccepted())


def test_the_wheel_moves_only_a_focused_slider_and_small_turns_add_up(
    slider: ThinkingSlider,
) -> None:
    _turn_wheel(slider, 60)
    assert slider.attempts == 8
    _turn_wheel(slider, 60)
    assert slider.attempts == 16
    slider.clearFocus()
    assert not _turn_wheel(slider, 120)
    assert slider.attempts == 16


@pytest.mark.qt_log_ignore("not accepted by receiving widget")
def test_a_disabled_slider_does_not_move(slider: ThinkingSlider) -> None:
    slider.setEnabled(False)
    QTest.mouseClick(slider, Qt.MouseButton.LeftButton, pos=_place_of(slider, 32))
    QTest.keyClick(slider, Qt.Key.Key_Right)
    assert slider.attempts == 8


def test_a_screen_reader_finds_a_slider_with_name_value_and_text(slider: ThinkingSlider) -> None:
    slider.set_attempts(16)
    slider.set_price_text("about 12 s")
    interface = QAccessible.queryAccessibleInterface(slider)
    assert interface.role() == QAccessible.Role.Slider
    assert interface.text(QAccessible.Text.Name) == "Thinking time"
    assert interface.text(QAccessible.Text.Description) == "16 samples, about 12 s"
    values = interface.valueInterface()
    assert values.currentValue() == 16
    assert (values.minimumValue(), values.maximumValue()) == (1, 64)


def test_the_unit_follows_the_strategy_and_the_number(slider: ThinkingSlider) -> None:
    slider.set_unit("rounds")
    assert slider.accessibleDescription() == "8 rounds"
    slider.set_attempts(1)
    assert slider.accessibleDescription() == "1 round"


def test_stops_are_as_far_apart_as_each_other_and_numbers_lie_between_them(
    slider: ThinkingSlider,
) -> None:
    slider.resize(26 + 100 * 5 + 26, slider.height())
    found = []
    for x in range(26, 527):
        QTest.mousePress(slider, Qt.MouseButton.LeftButton, pos=QPoint(x, 12))
        found.append(slider.attempts)
    assert found[::100] == [notch.attempts for notch in NOTCHES]
    assert found == sorted(found)
    assert found[50] == 2
    assert found[450] == 45


@pytest.mark.parametrize("width", [200, 300, 420, 700])
@pytest.mark.parametrize("attempts", [1, 3, 8, 11, 32, 60, 64])
def test_labels_never_overlap_and_the_number_in_use_always_has_one(
    slider: ThinkingSlider, width: int, attempts: int
) -> None:
    slider.resize(width, slider.height())
    slider.set_attempts(attempts)
    labels = sorted(slider.labels(), key=lambda label: label.left + label.width / 2)
    assert attempts in {label.attempts for label in labels}
    for one, other in pairwise(label for label in labels if label.name):
        assert one.left + one.width <= other.left
    middles = [label.left + label.width / 2 for label in labels]
    assert middles == sorted(middles)
    for (one, middle), (other, next_middle) in pairwise(zip(labels, middles, strict=True)):
        assert middle + one.number_width / 2 <= next_middle - other.number_width / 2
    assert min(label.left for label in labels) >= 0
    assert max(label.left + label.width for label in labels) <= width


@pytest.mark.parametrize("attempts", [2, 3, 6, 12, 24, 48])
def test_a_number_between_stops_takes_no_stop_its_name(
    slider: ThinkingSlider, attempts: int
) -> None:
    slider.resize(slider.sizeHint())
    slider.set_attempts(attempts)
    assert {label.name for label in slider.labels()} >= {notch.name for notch in NOTCHES}


def test_a_narrow_slider_names_only_the_ends_and_the_current_stop(slider: ThinkingSlider) -> None:
    slider.resize(slider.sizeHint().width() - 1, slider.height())
    slider.set_attempts(16)
    assert {label.name for label in slider.labels()} == {"Instant", "Deep", "Deepest", ""}
    slider.resize(slider.sizeHint())
    assert {label.name for label in slider.labels()} == {notch.name for notch in NOTCHES}


@pytest.mark.parametrize("notch", NOTCHES)
def test_where_all_stops_have_their_names_these_stand_apart(
    slider: ThinkingSlider, notch: Notch
) -> None:
    slider.resize(slider.sizeHint())
    slider.set_attempts(notch.attempts)
    labels = sorted(slider.labels(), key=lambda label: label.left)
    for one, other in pairwise(labels):
        assert other.left - (one.left + one.width) >= 4


@pytest.mark.parametrize(
    ("seconds", "joules", "attempts", "unit", "price", "spend"),
    [
        (17.2, 4200.0, 16, "samples", "≈ 17 s · 4.2 kJ", "up to 16 samples"),
        (17.2, None, 4, "rounds", "≈ 17 s", "up to 4 rounds"),
        (None, None, 16, "samples", "not measured", "up to 16 samples"),
        (0.4, None, 1, "samples", "≈ 0.4 s", "one answer"),
    ],
)
def test_the_price_says_what_is_known(
    qtbot: QtBot,
    seconds: float | None,
    joules: float | None,
    attempts: int,
    unit: str,
    price: str,
    spend: str,
) -> None:
    label = PriceLabel()
    qtbot.addWidget(label)
    label.set_prediction(Prediction(seconds, joules, 3), attempts, unit)
    assert label.text == price
    assert label.accessibleDescription() == f"{price}, {spend}"


def test_the_price_tells_what_it_rests_on(qtbot: QtBot) -> None:
    label = PriceLabel()
    qtbot.addWidget(label)
    label.set_prediction(Prediction(17, None, 3), 8, "samples")
    assert label.toolTip() == "From 3 measured answers of this model here."
    label.set_prediction(Prediction(17, None, 1), 8, "samples")
    assert label.toolTip() == "From 1 measured answer of this model here."
    label.set_prediction(Prediction(None, None, 1), 8, "samples")
    assert label.toolTip() == "Learned from the first answers of this model here."
    label.set_prediction(Prediction(17, None, 3, reading_known=False), 8, "samples")
    assert label.toolTip().endswith("Reading so long a question comes on top.")


def test_a_time_limit_is_part_of_the_budget_and_bounds_the_price(qtbot: QtBot) -> None:
    label = PriceLabel()
    qtbot.addWidget(label)
    label.set_limit(10.0)
    label.set_prediction(Prediction(20.0, 1000.0, 3), 16, "samples")
    assert label.accessibleDescription() == "≈ 10 s · 500 J, up to 16 samples, 10 s"
    label.set_prediction(Prediction(4.0, 1000.0, 3), 1, "samples")
    assert label.accessibleDescription() == "≈ 4.0 s · 1.0 kJ, one answer, 10 s"
    label.set_limit(None)
    label.set_prediction(Prediction(20.0, None, 3), 16, "samples")
    assert label.accessibleDescription() == "≈ 20 s, up to 16 samples"


def test_the_price_of_other_machines_is_not_claimed(qtbot: QtBot) -> None:
    label = PriceLabel()
    qtbot.addWidget(label)
    label.set_elsewhere(elsewhere=True)
    label.set_prediction(Prediction(17, 4200, 3), 16, "samples")
    assert label.text == "≈ 17 s · 4.2 kJ here"
    assert label.toolTip().endswith("The energy is that of this computer only.")
    label.set_prediction(Prediction(17, None, 3), 16, "samples")
    assert label.text == "≈ 17 s"
    assert "energy" not in label.toolTip()
