"""The lab's setup: the model it proposes is the one in use until the person chooses."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QListWidget
from pytestqt.qtbot import QtBot

from desktop_app.engines import SavedEngine
from desktop_app.lab.setup_panel import SetupPanel
from desktop_app.settings import Settings
from engine.backends.remote.description import EngineDescription

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
