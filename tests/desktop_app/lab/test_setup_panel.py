"""The lab's setup: what it proposes, what its fields say, and that nothing of them is cut."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QApplication,
    QCheckBox,
    QComboBox,
    QLabel,
    QLineEdit,
    QListWidget,
    QPushButton,
)
from pytestqt.qtbot import QtBot

from desktop_app.engines import SavedEngine
from desktop_app.lab.forecast_text import forecast_words
from desktop_app.lab.setup_panel import SetupPanel
from desktop_app.look.theme import apply_theme, set_zoom
from desktop_app.settings import Settings
from desktop_app.words.strategy_text import UNITS, strategy_text
from engine.backends.remote.description import EngineDescription
from engine.lab.forecast import Forecast
from engine.options import Weighting
from engine.strategies import STRATEGIES

FILES = [Path(f"/models/{name}.engine.json") for name in ("first", "second", "third")]
ENGINES = [SavedEngine(path.name, path, EngineDescription(())) for path in FILES]


def test_the_model_in_use_is_proposed_until_the_person_chooses(qtbot: QtBot) -> None:
    panel = SetupPanel(Settings)
    qtbot.addWidget(panel)
    for chosen in (FILES[0], FILES[1], Path("/not/here")):
        panel.show_models((), chosen, ENGINES)
        proposed = [chosen] if chosen in FILES else [FILES[0]]
        assert panel._chosen_models() == proposed
    panel.show_models((), FILES[2], ENGINES)
    assert panel._chosen_models() == [FILES[2]]
    models = panel.findChild(QListWidget)
    assert isinstance(models, QListWidget)
    models.item(0).setCheckState(Qt.CheckState.Checked)
    panel.show_models((), FILES[1], ENGINES)
    assert panel._chosen_models() == [FILES[0], FILES[2]]


@pytest.fixture
def panel(qtbot: QtBot, qapp: QApplication) -> Iterator[SetupPanel]:
    apply_theme(qapp)
    shown = SetupPanel(Settings)
    qtbot.addWidget(shown)
    shown.show_models((), FILES[0], ENGINES)
    shown.show_settings()
    shown.resize(shown.minimumSizeHint().width(), 900)
    shown.show()
    qtbot.waitExposed(shown)
    yield shown
    set_zoom(1.0)


def test_numbers_say_what_they_count(panel: SetupPanel) -> None:
    panel._count.setValue(100)
    assert (panel._count.text(), panel._repeats.text()) == ("100 questions", "asked once")
    panel._count.setValue(1)
    panel._repeats.setValue(3)
    assert (panel._count.text(), panel._repeats.text()) == ("1 question", "asked 3 times")
    assert (panel._celsius.text(), panel._kilojoules.text()) == ("no °C limit", "no kJ limit")
    panel._celsius.setValue(83)
    assert panel._celsius.text() == "83 °C"
    assert panel._seed.text() == "seed 7"


def test_the_seed_is_that_of_questions_and_attempts(panel: SetupPanel) -> None:
    plans = []
    for seed in (7, 8, 7):
        panel._seed.setValue(seed)
        plans.append(panel._composing()())
    assert plans[0] == plans[2]
    assert plans[0].questions.questions != plans[1].questions.questions
    assert [plan.seed for plan in plans] == [7, 8, 7]


def test_strategies_are_called_and_ordered_as_in_the_chat(panel: SetupPanel) -> None:
    boxes = sorted(panel.findChildren(QCheckBox), key=lambda box: (box.pos().y(), box.pos().x()))
    shown = [box.text() for box in boxes if box is not panel._scored]
    assert shown == [strategy_text(name).title for name in UNITS]
    assert set(panel._strategies) == set(STRATEGIES)


def test_votes_ask_for_scores_where_that_is_wanted(panel: SetupPanel) -> None:
    panel._strategies["auto"].setChecked(True)
    said = []
    for wanted in (False, True):
        panel._scored.setChecked(wanted)
        said.append({arm.strategy: arm.options.weighting for arm in panel.plan().arms})
    assert said[0] == {"vote": Weighting.EQUAL, "auto": Weighting.EQUAL}
    assert said[1] == {"vote": Weighting.COMBINED, "auto": Weighting.EQUAL}


@pytest.mark.parametrize("zoom", [1.0, 1.5, 2.0])
def test_nothing_is_cut_when_the_text_grows(panel: SetupPanel, qtbot: QtBot, zoom: float) -> None:
    set_zoom(zoom)
    panel.resize(panel.minimumSizeHint().width(), 900)
    fields = (QAbstractSpinBox, QComboBox, QPushButton, QCheckBox, QLineEdit)
    seen = [field for kind in fields for field in panel.findChildren(kind) if field.isVisible()]
    page = panel._area.viewport()

    def cut() -> list[str]:
        return [
            field.objectName() or field.accessibleName() or type(field).__name__
            for field in seen
            if field.width() < field.minimumSizeHint().width()
            or field.mapTo(panel, field.rect().topRight()).x() > panel.width()
        ]

    qtbot.waitUntil(lambda: not cut())
    assert panel._page.width() <= page.width()
    rows = [panel._models.visualItemRect(panel._models.item(n)) for n in range(len(FILES))]
    assert {row.height() for row in rows} == {round(28 * zoom)}
    assert all(panel._models.viewport().rect().contains(row) for row in rows)
    assert all(label.height() >= label.fontMetrics().height() for label in _headings(panel))


def _headings(panel: SetupPanel) -> list[QLabel]:
    return [label for label in panel.findChildren(QLabel) if label.property("heading")]


def test_models_without_a_forecast_are_told_in_a_sentence() -> None:
    def said(*labels: str) -> str:
        return forecast_words(Forecast(10, None, None, 0, labels))

    one, several = "No forecast: a was not swept", "No forecast: a, b and c were not swept"
    assert said("vote, a", "auto 4, a").startswith(one)
    assert said("vote, a", "vote, b", "vote, c").startswith(several)
