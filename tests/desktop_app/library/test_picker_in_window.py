"""The picker in the window: what is on the disk is offered before it was ever loaded."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtWidgets import QLabel, QListWidget

from desktop_app.folders import folders
from desktop_app.library.model_control import ModelPhase
from desktop_app.library.picker_entry import EntryButton
from desktop_app.library.picker_feed import files_of
from engine.backends.remote.description import (
    EndpointDescription,
    EngineDescription,
    write_description,
)
from models.library import Library, LibraryModel
from tests.bench.generated_model import TINY, generate_model
from tests.desktop_app.window_driver import Driver


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home folder of its own, where programs keep their models."""
    home = tmp_path / "person"
    monkeypatch.setenv("HOME", str(home))
    for variable in ("HF_HUB_CACHE", "HF_HOME", "XDG_CACHE_HOME"):
        monkeypatch.delenv(variable, raising=False)
    return home


def entries(driver: Driver) -> dict[str, EntryButton]:
    found = driver.window.picker.findChildren(EntryButton)
    return {entry.lines.title: entry for entry in found if entry.isVisible()}


def headings(driver: Driver) -> set[str]:
    labels = driver.window.picker.findChildren(QLabel)
    return {label.text() for label in labels if label.isVisible()}


def test_models_of_every_folder_are_offered_and_one_is_loaded(
    home: Path, open_window: Callable[..., Driver]
) -> None:
    own = generate_model(folders().models / "mine.gguf", TINY)
    studio = home / ".lmstudio" / "models" / "ada" / "studio.gguf"
    cached = home / ".cache" / "huggingface" / "hub" / "models--a--b" / "snapshots" / "1"
    for path in (studio, cached / "cached.gguf"):
        path.parent.mkdir(parents=True)
        shutil.copy(own, path)
    (folders().models / "damaged.gguf").write_bytes(b"GGUF")
    driver = open_window()
    driver.window.open_picker()
    driver.wait(lambda: {"mine", "studio", "cached"} <= set(entries(driver)))
    assert "damaged" not in entries(driver)
    assert "LM Studio" in entries(driver)["studio"].lines.about
    entries(driver)["studio"].click()
    driver.wait(lambda: driver.work.models.state.phase is ModelPhase.READY)
    assert driver.work.models.state.path == studio
    driver.window.open_picker()
    driver.wait(lambda: "In use" in headings(driver))
    assert "studio" not in entries(driver)
    entries(driver)["mine"].click()
    driver.wait(lambda: driver.work.models.state.path == own)
    driver.wait(lambda: driver.work.models.state.takes_questions)
    driver.settle()
    driver.window.open_picker()
    driver.wait(lambda: {"Used before", "On this computer"} <= headings(driver))
    studio.unlink()
    driver.window.open_picker()
    driver.wait(lambda: "studio" not in entries(driver))


def test_it_opens_while_the_disk_is_still_searched(
    home: Path, open_window: Callable[..., Driver], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not home.exists()
    generate_model(folders().models / "mine.gguf", TINY)
    go_on = threading.Event()
    scan = Library.scan
    threads: set[threading.Thread] = set()

    def slow_scan(library: Library) -> tuple[LibraryModel, ...]:
        threads.add(threading.current_thread())
        go_on.wait()
        return scan(library)

    monkeypatch.setattr(Library, "scan", slow_scan)
    driver = open_window()
    driver.settle()  # what was used before is known
    driver.wait(lambda: "picker-files" not in {t.name for t in threading.enumerate()})
    driver.settle()
    driver.window.open_picker()
    assert "Looking for models…" in headings(driver)
    assert "Ponder small" in entries(driver)
    go_on.set()
    driver.wait(lambda: "Random 2x64" in entries(driver))
    assert "Looking for models…" not in headings(driver)
    assert threading.main_thread() not in threads


def test_the_lab_and_the_window_of_models_use_the_same_name(
    home: Path, open_window: Callable[..., Driver]
) -> None:
    assert not home.exists()
    generate_model(folders().models / "mine.gguf", TINY)
    driver = open_window()
    driver.wait(lambda: bool(driver.work.library.library.models))
    driver.window.open_picker()
    driver.wait(lambda: "Random 2x64" in entries(driver))
    driver.window.picker.hide()
    driver.work.library.open()
    dialog = driver.work.library.dialog
    assert dialog is not None
    dialog.here.select(folders().models / "mine.gguf")
    assert "Random 2x64" in {label.text() for label in dialog.here.findChildren(QLabel)}
    driver.work.lab.open()
    assert driver.work.lab.window is not None
    listed = driver.work.lab.window.setup.findChild(QListWidget)
    assert isinstance(listed, QListWidget)
    assert "Random 2x64" in {listed.item(row).text() for row in range(listed.count())}


def test_an_engine_that_was_saved_meanwhile_is_offered(driver: Driver) -> None:
    driver.wait(lambda: bool(driver.work.library.library.models))
    endpoint = EndpointDescription("http://127.0.0.1:9/v1")
    folders().engines.mkdir(parents=True, exist_ok=True)
    write_description(folders().engines / "pool.engine.json", EngineDescription((endpoint,)))
    assert "pool" not in entries(driver)
    driver.window.open_picker()
    driver.wait(lambda: "pool" in entries(driver))
    assert entries(driver)["pool"].isEnabled()


def test_links_lead_to_their_file_and_what_is_gone_to_none(tmp_path: Path) -> None:
    file, link, ring = (tmp_path / name for name in ("file", "link", "ring"))
    file.write_bytes(b"x")
    link.symlink_to(file)
    ring.symlink_to(ring)
    assert files_of([file, link, ring, tmp_path / "gone", tmp_path]) == {
        file: file,
        link: file,
        ring: None,
        tmp_path / "gone": None,
        tmp_path: None,
    }
