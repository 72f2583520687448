"""The model picker: what is offered, progress, and what a button says."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from msgspec.structs import replace
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QProgressBar, QPushButton, QScrollArea, QWidget
from pytestqt.qtbot import QtBot

from desktop_app.engines import SavedEngine
from desktop_app.library.model_button import ModelButton, placement_text, tokens_text
from desktop_app.library.model_control import ModelPhase, ModelState
from desktop_app.library.model_picker import ModelPicker
from desktop_app.library.picker_entry import EntryButton
from engine.backends.remote.description import EndpointDescription, EngineDescription
from engine.generation import ModelReport
from engine.journal.records import ModelRecord
from models.builtin import SMALL, STORIES, builtin_models
from tests.desktop_app.library_models import library_model
from tests.desktop_app.remote_reports import DOWN, HERE, THERE, remote_report

REPORT = ModelReport(
    path="/m/a.gguf", name="Model A", family="", architecture="llama", quantization="Q4_K_M",
    parameters=4_000_000_000, size_bytes=2_500_000_000, layers=36, layers_on_gpu=36,
    devices=("CUDA0",), gpu_build=True, context_tokens=16384, train_context_tokens=32768, slots=16,
    unified_cache=True, can_fork=True, threads=4, template="model", thought_opening="",
    load_seconds=2.5,
)  # fmt: skip


@pytest.fixture
def owner(qtbot: QtBot) -> QWidget:
    owner = QWidget()
    qtbot.addWidget(owner)
    owner.resize(900, 600)
    owner.show()
    return owner


def texts(picker: ModelPicker) -> list[str]:
    said = [label.text() for label in picker.findChildren(QLabel) if label.isVisible()]
    for entry in picker.findChildren(EntryButton):
        if entry.isVisible():
            said += [entry.lines.title, entry.lines.about]
    return said


def button(picker: ModelPicker, text: str) -> QPushButton:
    found = [b for b in picker.findChildren(QPushButton) if b.isVisible()]
    return next(b for b in found if text in (b.text() or b.accessibleName()))


def record(name: str, path: Path, *, crashed: bool = False) -> ModelRecord:
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    return ModelRecord(str(path), name, 1000, "llama", "Q8_0", moment, crashed=crashed)


def test_it_offers_every_model_that_ships(owner: QWidget) -> None:
    picker = ModelPicker(owner)
    picker.set_builtin(builtin_models())
    chosen: list[str] = []
    picker.chosen.connect(chosen.append)
    for title in ("Ponder stories", "Ponder small", "Ponder base"):
        picker.open_below(owner)
        button(picker, title).click()
    assert chosen == [str(path) for path in builtin_models().values()]


def test_it_offers_the_built_in_models_and_those_used_before(
    owner: QWidget, tmp_path: Path
) -> None:
    builtin, small, used = (tmp_path / f"{name}.gguf" for name in ("builtin", "small", "used"))
    for path in (builtin, small, used):
        path.write_bytes(b"x" * 1000)
    picker = ModelPicker(owner)
    picker.set_builtin({STORIES: builtin, SMALL: small})
    picker.set_recent(
        [
            record("Used", used),
            record("Gone", tmp_path / "gone.gguf"),
            record("Bad", tmp_path / "bad.gguf", crashed=True),
        ]
    )
    picker.set_files({used: used, tmp_path / "gone.gguf": None})
    chosen: list[str] = []
    picker.chosen.connect(chosen.append)
    picker.open_below(owner)
    assert "Gone" not in texts(picker)
    assert any("ended the engine last time" in text for text in texts(picker))
    button(picker, "Used").click()
    assert not picker.isVisible()
    picker.open_below(owner)
    button(picker, "Ponder small").click()
    assert chosen == [str(used), str(small)]


def test_progress_is_counted_in_place_and_can_be_cancelled(owner: QWidget) -> None:
    picker = ModelPicker(owner)
    path = Path("/m/a.gguf")
    picker.show_state(ModelState(ModelPhase.LOADING, path, 0.1))
    picker.open_below(owner)
    bar = picker.findChild(QProgressBar)
    assert isinstance(bar, QProgressBar)
    picker.show_state(ModelState(ModelPhase.LOADING, path, 0.55))
    assert picker.findChild(QProgressBar) is bar
    assert bar.value() == 55
    cancelled: list[bool] = []
    picker.cancel_requested.connect(lambda: cancelled.append(True))
    button(picker, "Cancel loading").click()
    assert cancelled == [True]


def test_a_file_that_is_checked_stands_above_what_is_loaded(owner: QWidget, qtbot: QtBot) -> None:
    picker, picked = ModelPicker(owner), ModelButton()
    picked.setParent(owner)
    loaded = ModelState(ModelPhase.READY, Path(REPORT.path), 1.0, REPORT)
    picker.show_state(loaded)
    picker.open_below(owner)
    checking = ModelState(
        ModelPhase.READY, loaded.path, 1.0, REPORT, checking=Path("/m/other.gguf")
    )
    picker.show_state(checking)
    picked.show_state(checking)
    qtbot.waitUntil(lambda: {"Checking", "other", "Model A"} <= set(texts(picker)))
    assert picked.text() == "Model A"
    assert picked.accessibleDescription() == "checking other"
    cancelled: list[bool] = []
    picker.cancel_requested.connect(lambda: cancelled.append(True))
    button(picker, "Cancel").click()
    assert cancelled == [True]
    picker.show_state(loaded)
    qtbot.waitUntil(lambda: "Model A" in texts(picker) and "Checking" not in texts(picker))


def test_a_server_is_connected_to_without_a_percentage(owner: QWidget) -> None:
    state = ModelState(ModelPhase.LOADING, Path("/engines/pair.engine.json"), 0.0)
    picker, picked = ModelPicker(owner), ModelButton()
    picked.setParent(owner)
    picker.show_state(state)
    picker.open_below(owner)
    picked.show_state(state)
    bar = picker.findChild(QProgressBar)
    assert isinstance(bar, QProgressBar)
    assert (bar.minimum(), bar.maximum()) == (0, 0)
    assert "pair, connecting" in texts(picker)
    assert picked.accessibleDescription() == "connecting"


def test_a_loaded_model_is_described_and_can_be_ejected(owner: QWidget) -> None:
    picker = ModelPicker(owner)
    picker.show_state(ModelState(ModelPhase.READY, Path(REPORT.path), 1.0, REPORT))
    picker.open_below(owner)
    assert "Model A" in texts(picker)
    assert any("Q4_K_M · 36/36 layers on GPU" in text for text in texts(picker))
    ejected: list[bool] = []
    picker.eject_requested.connect(lambda: ejected.append(True))
    button(picker, "Eject").click()
    assert ejected == [True]


def test_the_button_says_what_is_loaded_to_eyes_and_ears(qtbot: QtBot) -> None:
    picked = ModelButton()
    qtbot.addWidget(picked)
    assert picked.text() == "Choose a model"
    picked.show_state(ModelState(ModelPhase.LOADING, Path("/m/a.gguf"), 0.5))
    assert "50 %" in picked.accessibleDescription()
    picked.show_state(ModelState(ModelPhase.READY, Path(REPORT.path), 1.0, REPORT))
    assert picked.accessibleName() == "Model: Model A"
    assert picked.accessibleDescription() == "Q4_K_M · 36/36 layers on GPU"


def test_where_the_layers_are_is_never_guessed() -> None:
    assert placement_text(replace(REPORT, layers_on_gpu=0)) == "Q4_K_M · CPU"
    assert placement_text(replace(REPORT, layers_on_gpu=0, layers=0, quantization="")) == ""


@pytest.mark.parametrize(
    ("tokens", "text"), [(850, "850"), (1200, "1.2k"), (4096, "4k"), (16384, "16k"), (12345, "12k")]
)
def test_tokens_are_short(tokens: int, text: str) -> None:
    assert tokens_text(tokens) == text


def test_a_name_in_a_file_is_never_drawn_as_html(owner: QWidget, tmp_path: Path) -> None:
    name = '<img src="/etc/hostname"><b>Model</b>'
    path = tmp_path / "<b>m.gguf"
    path.write_bytes(b"x")
    picker = ModelPicker(owner)
    picker.set_recent([record(name, path)])
    report = replace(REPORT, name=name)
    picker.show_state(ModelState(ModelPhase.READY, Path(report.path), 1.0, report))
    picker.open_below(owner)
    shown = [label for label in picker.findChildren(QLabel) if label.text() == name]
    assert len(shown) == 1
    assert shown[0].textFormat() is Qt.TextFormat.PlainText
    entry = button(picker, name)
    assert "&lt;b&gt;m.gguf" in entry.toolTip()


def test_an_engine_elsewhere_is_described_without_sizes_it_has_not(owner: QWidget) -> None:
    picker = ModelPicker(owner)
    report = remote_report(HERE, THERE, DOWN)
    picker.show_state(ModelState(ModelPhase.READY, Path(report.path), 1.0, report))
    picker.open_below(owner)
    shown = "\n".join(texts(picker))
    assert "2 of 3 servers · context not stated · 84 side by side · loaded in 0.4 s" in shown
    assert "gpu-2:8000 · vLLM · qwen · 64 side by side" in shown
    assert "gpu-3:8000 · not used: no connection" in shown
    assert " B" not in shown.replace(" MB", "")
    known = remote_report(HERE, context_tokens=16384)
    picker.hide()
    picker.show_state(ModelState(ModelPhase.READY, Path(known.path), 1.0, known))
    picker.open_below(owner)
    shown = "\n".join(texts(picker))
    assert "127.0.0.1:8080 · context 16k · 16 side by side" in shown
    assert "llama-server · qwen" in shown
    assert shown.count("127.0.0.1:8080") == 1


def test_saved_engines_are_chosen_and_changed(owner: QWidget) -> None:
    endpoints = (EndpointDescription("http://a/v1", "qwen"), EndpointDescription("http://b/v1"))
    path = Path("/e/pool.engine.json")
    broken = SavedEngine("bad", Path("/e/bad.engine.json"), None, "cut off")
    picker = ModelPicker(owner)
    picker.set_engines([broken, SavedEngine("pool", path, EngineDescription(endpoints))])
    picker.set_recent([record("pool", path), record("loose", Path("/x/loose.engine.json"))])
    chosen: list[str] = []
    changed: list[str] = []
    picker.chosen.connect(chosen.append)
    picker.edit_wanted.connect(changed.append)
    picker.open_below(owner)
    assert "2 servers · qwen" in texts(picker)
    assert "unusable: cut off" in texts(picker)
    assert texts(picker).count("pool") == 1
    assert not button(picker, "bad, ").isEnabled()
    button(picker, "pool, ").click()
    picker.open_below(owner)
    button(picker, "Change bad").click()
    assert (chosen, changed) == ([str(path)], ["bad"])


def test_the_button_counts_servers_and_drops_the_suffix(qtbot: QtBot) -> None:
    picked = ModelButton()
    qtbot.addWidget(picked)
    picked.show_state(ModelState(ModelPhase.LOADING, Path("/e/pool.engine.json"), 0.5))
    assert picked.text() == "pool"
    report = remote_report(HERE, THERE)
    picked.show_state(ModelState(ModelPhase.READY, Path(report.path), 1.0, report))
    assert (picked.text(), picked.accessibleDescription()) == ("pool", "2 servers")


GEMMA, QWEN, QWEN_LARGE = (Path(f"/m/{name}.gguf") for name in ("gemma", "small", "large"))


@pytest.fixture
def stocked(owner: QWidget) -> tuple[ModelPicker, list[str]]:
    """An open picker with three models on the disk, and what was chosen in it."""
    picker = ModelPicker(owner)
    picker.set_library(
        [
            library_model(GEMMA, "Gemma 3"),
            library_model(QWEN, "Qwen3 4B"),
            library_model(QWEN_LARGE, "Qwen3 8B"),
        ]
    )
    chosen: list[str] = []
    picker.chosen.connect(chosen.append)
    picker.open_below(owner)
    return picker, chosen


def type_in(picker: ModelPicker, text: str) -> None:
    focused = picker.focusWidget()
    assert focused is not None
    QTest.keyClicks(focused, text)


def press(picker: ModelPicker, *keys: Qt.Key) -> None:
    for key in keys:
        focused = picker.focusWidget()
        assert focused is not None
        QTest.keyClick(focused, key)


def offered(picker: ModelPicker) -> list[str]:
    entries = [entry for entry in picker.findChildren(EntryButton) if entry.isVisible()]
    return [
        entry.lines.title for entry in sorted(entries, key=lambda e: e.mapTo(picker, ORIGIN).y())
    ]


ORIGIN = QPoint(0, 0)


def test_typing_filters_by_name_in_any_case_and_enter_takes_the_first(
    stocked: tuple[ModelPicker, list[str]],
) -> None:
    picker, chosen = stocked
    press(picker, Qt.Key.Key_Return)
    assert chosen == []
    type_in(picker, "qWEN3")
    assert offered(picker) == ["Qwen3 4B", "Qwen3 8B"]
    first = [e.lines.title for e in picker.findChildren(EntryButton) if e.first]
    assert first == ["Qwen3 4B"]
    press(picker, Qt.Key.Key_Return)
    assert chosen == [str(QWEN)]
    assert not picker.isVisible()


def test_a_file_is_found_by_its_name_too_and_nothing_is_said_to_be_nothing(
    stocked: tuple[ModelPicker, list[str]], owner: QWidget
) -> None:
    picker, _chosen = stocked
    type_in(picker, "large")
    assert offered(picker) == ["Qwen3 8B"]
    type_in(picker, "zz")
    assert offered(picker) == []
    assert "No model here has this name." in texts(picker)
    assert "On this computer" not in texts(picker)
    picker.hide()
    picker.open_below(owner)
    assert offered(picker) == ["Gemma 3", "Qwen3 4B", "Qwen3 8B"]


def test_the_sheet_keeps_its_height_while_a_name_is_typed(
    stocked: tuple[ModelPicker, list[str]],
) -> None:
    picker, _chosen = stocked
    before = picker.height()
    type_in(picker, "gemma")
    picker.set_library([library_model(GEMMA, "Gemma 3"), library_model(QWEN, "Qwen3 4B")])
    assert offered(picker) == ["Gemma 3"]
    assert picker.height() == before
    picker.set_library([library_model(Path(f"/m/{n}.gguf"), f"{n:02}") for n in range(4)])
    press(picker, *[Qt.Key.Key_Backspace] * 5)
    assert len(offered(picker)) == 4
    assert picker.height() > before


def test_up_and_down_go_through_the_models_and_letters_filter_again(
    stocked: tuple[ModelPicker, list[str]],
) -> None:
    picker, chosen = stocked
    press(picker, Qt.Key.Key_Down, Qt.Key.Key_Down, Qt.Key.Key_Down, Qt.Key.Key_Up)
    focused = picker.focusWidget()
    assert isinstance(focused, EntryButton)
    assert focused.lines.title == "Qwen3 4B"
    type_in(picker, "8")
    assert offered(picker) == ["Qwen3 8B"]
    type_in(picker, "b")
    press(picker, Qt.Key.Key_Down, Qt.Key.Key_Return)
    assert chosen == [str(QWEN_LARGE)]


def test_escape_closes_it(stocked: tuple[ModelPicker, list[str]]) -> None:
    picker, chosen = stocked
    type_in(picker, "qwen")
    press(picker, Qt.Key.Key_Escape)
    assert not picker.isVisible()
    assert chosen == []


def test_many_models_scroll_in_a_sheet_of_a_limited_height(owner: QWidget) -> None:
    picker = ModelPicker(owner)
    many = [library_model(Path(f"/m/{n}.gguf"), f"Model {n:02}") for n in range(60)]
    picker.set_library(many[:3])
    picker.open_below(owner)
    scroll = picker.findChild(QScrollArea)
    assert isinstance(scroll, QScrollArea)
    bar = scroll.verticalScrollBar()
    assert bar.maximum() == 0
    picker.set_library(many)
    assert picker.height() == owner.height() - 72
    assert bar.maximum() > 0
    open_file = button(picker, "Open a file")
    assert picker.rect().contains(open_file.mapTo(picker, open_file.rect().bottomRight()))
    press(picker, *[Qt.Key.Key_Down] * 60)
    last = picker.focusWidget()
    assert isinstance(last, EntryButton)
    assert last.lines.title == "Model 59"
    assert bar.value() == pytest.approx(bar.maximum(), abs=24)


def test_what_is_pointed_at_stays_where_it_is_when_the_disk_was_searched(owner: QWidget) -> None:
    picker = ModelPicker(owner)
    picker.set_builtin(builtin_models())
    picker.open_below(owner)
    entry = button(picker, "Ponder base")
    QTest.mouseMove(entry, entry.rect().center())
    before, height = entry.mapTo(picker, ORIGIN), picker.height()
    many = [library_model(Path(f"/m/{n}.gguf"), f"Model {n:02}") for n in range(60)]
    picker.set_library(many)
    assert "Model 00" in texts(picker)
    assert button(picker, "Ponder base").mapTo(picker, ORIGIN) == before
    picker.set_library(many[:50])
    assert button(picker, "Ponder base").mapTo(picker, ORIGIN) == before
    assert picker.height() == height
    QTest.mouseMove(owner, ORIGIN)


def test_the_model_that_has_the_focus_keeps_it_when_others_come(owner: QWidget) -> None:
    picker = ModelPicker(owner)
    picker.set_builtin(builtin_models())
    picker.open_below(owner)
    press(picker, Qt.Key.Key_Down, Qt.Key.Key_Down)
    focused = picker.focusWidget()
    assert isinstance(focused, EntryButton)
    assert focused.lines.title == "Ponder small"
    picker.set_library([library_model(GEMMA, "Gemma 3")])
    assert picker.focusWidget() is focused
    press(picker, Qt.Key.Key_Up, Qt.Key.Key_Up)
    focused = picker.focusWidget()
    assert isinstance(focused, EntryButton)
    assert focused.lines.title == "Gemma 3"


def test_what_stands_above_the_first_model_is_seen_with_it(owner: QWidget) -> None:
    picker = ModelPicker(owner)
    picker.show_state(ModelState(ModelPhase.READY, Path(REPORT.path), 1.0, REPORT))
    picker.set_library([library_model(Path(f"/m/{n}.gguf"), f"{n:02}") for n in range(60)])
    picker.open_below(owner)
    scroll = picker.findChild(QScrollArea)
    assert isinstance(scroll, QScrollArea)
    press(picker, *[Qt.Key.Key_Down] * 30)
    assert scroll.verticalScrollBar().value() > 0
    press(picker, *[Qt.Key.Key_Up] * 29)
    focused = picker.focusWidget()
    assert isinstance(focused, EntryButton)
    assert focused.lines.title == "00"
    assert scroll.verticalScrollBar().value() == 0
