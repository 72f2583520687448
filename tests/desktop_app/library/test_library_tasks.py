"""Tasks of the library take turns: nothing that was asked for is dropped."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from desktop_app.deliveries import Deliveries
from desktop_app.library.library_feed import LibraryFeed
from desktop_app.library.library_page import LibraryPage
from models.errors import FolderError, MissingFileError
from models.library import Library, LibraryModel
from models.places import Origin, Place
from models.shelf import MoveProgress, Removed, Shelf
from tests.bench.generated_model import TINY, generate_model

NAME = "tiny.gguf"
PATIENCE_MILLISECONDS = 20_000


class SlowShelf(Shelf):
    """A models folder whose bin is emptied, and which moves, only when a test says so."""

    def __init__(self, folder: Path, go_on: threading.Event) -> None:
        super().__init__(folder)
        self._go_on = go_on

    def empty_bin(self) -> int:
        self._go_on.wait(20)
        return 0

    def move_to(self, folder: Path, progress: MoveProgress, stop: threading.Event) -> None:
        self._go_on.wait(20)
        super().move_to(folder, progress, stop)


class OnceUnreadable(Library):
    """Models that can be looked for only from the second time on."""

    def __init__(self, folder: Path) -> None:
        super().__init__([Place(Origin.OWN, folder)], [])
        self._looked = False

    def scan(self) -> tuple[LibraryModel, ...]:
        if not self._looked:
            self._looked = True
            raise FolderError("not yet")
        return super().scan()


class Bench:
    """A feed over one folder, and what it said."""

    def __init__(self, qtbot: QtBot, folder: Path) -> None:
        self.qtbot = qtbot
        self.folder = folder
        self.go_on = threading.Event()
        self.said: list[str] = []
        self.errors: list[BaseException] = []
        self.binned: list[Removed] = []
        self.deliveries = Deliveries(self.errors.append)
        self.feed = LibraryFeed(
            lambda: Library([Place(Origin.OWN, self.folder)], []),
            lambda: SlowShelf(self.folder, self.go_on),
            self.deliveries,
        )
        self.feed.removed.connect(self.binned.append)
        self.feed.moving.connect(lambda: self.said.append("moving"))
        self.feed.not_moved.connect(lambda: self.said.append("not moved"))
        self.feed.moved.connect(self._on_moved)
        self.feed.refresh()
        self.wait(lambda: bool(self.feed.models))

    @property
    def model(self) -> LibraryModel:
        return self.feed.models[0]

    def wait(self, condition: Callable[[], bool]) -> None:
        self.qtbot.waitUntil(condition, timeout=PATIENCE_MILLISECONDS)

    def remove(self) -> Removed:
        """Move the model to the bin."""
        self.feed.remove(self.model, "Removing")
        self.wait(lambda: self.feed.task is None)
        assert not (self.folder / NAME).exists()
        return self.binned[0]

    def _on_moved(self, folder: str) -> None:
        self.said.append("moved")
        self.folder = Path(folder)


@pytest.fixture
def bench(qtbot: QtBot, tmp_path: Path) -> Bench:
    generate_model(tmp_path / "models" / NAME, TINY)
    return Bench(qtbot, tmp_path / "models")


def test_a_model_is_brought_back_when_the_task_under_way_has_ended(bench: Bench) -> None:
    removed = bench.remove()
    bench.feed.empty_bin("Emptying")
    bench.feed.restore(removed, "Bringing it back")
    assert bench.feed.task is not None
    assert bench.feed.task.title == "Emptying"
    bench.go_on.set()
    bench.wait(lambda: (bench.folder / NAME).exists())
    bench.wait(lambda: bench.feed.task is None)
    assert bench.errors == []


def test_a_model_is_brought_back_into_the_folder_that_moved_meanwhile(
    bench: Bench, tmp_path: Path
) -> None:
    removed = bench.remove()
    bench.feed.move_to(tmp_path / "elsewhere", "Moving")
    bench.feed.restore(removed, "Bringing it back")
    bench.go_on.set()
    bench.wait(lambda: (tmp_path / "elsewhere" / NAME).exists())
    bench.wait(lambda: bench.feed.task is None)
    assert bench.said == ["moving", "moved"]
    assert bench.errors == []


def test_a_look_that_was_asked_for_during_one_that_fails_is_taken(
    qtbot: QtBot, tmp_path: Path
) -> None:
    errors: list[BaseException] = []
    generate_model(tmp_path / NAME, TINY)
    library = OnceUnreadable(tmp_path)
    feed = LibraryFeed(lambda: library, lambda: Shelf(tmp_path / "own"), Deliveries(errors.append))
    feed.refresh()
    feed.refresh()
    qtbot.waitUntil(lambda: bool(feed.models), timeout=PATIENCE_MILLISECONDS)
    assert [type(error) for error in errors] == [FolderError]


def test_what_waits_is_done_after_a_task_that_failed(bench: Bench, tmp_path: Path) -> None:
    removed = bench.remove()
    bench.feed.bring_in(tmp_path / "gone.gguf", "Copying")
    bench.feed.restore(removed, "Bringing it back")
    bench.wait(lambda: (bench.folder / NAME).exists())
    assert [type(error) for error in bench.errors] == [MissingFileError]


def test_a_move_that_fails_is_told(bench: Bench, tmp_path: Path) -> None:
    target = tmp_path / "a file"
    target.touch()
    bench.go_on.set()
    bench.feed.move_to(target, "Moving")
    bench.wait(lambda: bench.feed.task is None)
    assert bench.said == ["moving", "not moved"]
    assert [type(error) for error in bench.errors] == [FolderError]


def test_a_move_that_is_stopped_is_told(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("models.shelf._linked", lambda _file, _target: False)  # another disk
    bench.feed.move_to(tmp_path / "elsewhere", "Moving")
    bench.feed.stop()
    bench.go_on.set()
    bench.wait(lambda: bench.feed.task is None)
    assert bench.said == ["moving", "not moved"]
    assert bench.errors == []
    assert (bench.folder / NAME).exists()


def test_what_changes_files_cannot_be_asked_for_during_a_task(bench: Bench, qtbot: QtBot) -> None:
    page = LibraryPage(bench.feed, lambda _model: None)
    qtbot.addWidget(page)
    page.select(bench.folder / NAME)
    buttons = {button.text(): button for button in page.findChildren(QPushButton)}
    kept_back = ["Check", "Remove", "Copy to my models", "Import a file…", "Move the folder…"]
    assert all(buttons[text].isEnabled() for text in kept_back)
    bench.feed.empty_bin("Emptying")
    assert not any(buttons[text].isEnabled() for text in kept_back)
    page.refresh_fit()
    assert not any(buttons[text].isEnabled() for text in kept_back)
    assert buttons["Use this model"].isEnabled()
    bench.go_on.set()
    bench.wait(lambda: all(buttons[text].isEnabled() for text in kept_back))
