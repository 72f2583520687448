"""The window of models and the first run, with a real hub on loopback and the real engine."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import keyring
import pytest
from huggingface_hub import constants
from keyring.backend import KeyringBackend
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QInputDialog, QLabel, QLineEdit, QPushButton

from desktop_app.folders import folders
from desktop_app.library.find_page import FindPage
from desktop_app.library.hub_feed import RepositoryAnswer, search_words
from desktop_app.library.library_page import LibraryPage
from desktop_app.library.library_session import LibrarySession
from desktop_app.library.model_control import ModelPhase
from desktop_app.library.models_dialog import ModelsDialog, ModelsTab
from desktop_app.library.plain_card import PlainCard, without_images
from desktop_app.library.rows import RowList
from desktop_app.look.two_lines import row_height
from desktop_app.model_library import open_hub
from desktop_app.settings_pages.settings_dialog import SettingsDialog
from desktop_app.window.leaving import work_under_way
from desktop_app.window.main_window import CentrePage
from desktop_app.window.shortcuts import Command
from engine.journal.cost import Speed
from engine.protocol import DeviceMemory, MemoryMeasured
from models.catalog import catalog
from models.catalog import recommended as recommended_model
from models.download_queue import DownloadState
from models.fit import MachineMemory
from models.shelf import MoveProgress, Shelf
from tests.bench.generated_model import TINY, generate_model
from tests.desktop_app.window_driver import Driver
from tests.models.hub_server import HubServer

CARD = b"---\nlicense: mit\n---\n# Tiny\n\n![logo](http://x.example/logo.png)\n<img src='x'>Small."


class MemoryKeyring(KeyringBackend):
    """A keyring that forgets everything at the end of the test."""

    priority = 1

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        self.kept.pop((service, username), None)


@pytest.fixture
def kept() -> Iterator[MemoryKeyring]:
    before = keyring.get_keyring()
    backend = MemoryKeyring()
    keyring.set_keyring(backend)
    yield backend
    keyring.set_keyring(before)


@pytest.fixture
def tiny(tmp_path: Path) -> bytes:
    return generate_model(tmp_path / "source" / "tiny.gguf", TINY).read_bytes()


@pytest.fixture
def server(
    tiny: bytes, kept: MemoryKeyring, monkeypatch: pytest.MonkeyPatch
) -> Iterator[HubServer]:
    assert not kept.kept
    with HubServer() as server:
        monkeypatch.setattr(constants, "ENDPOINT", server.endpoint)
        server.add(
            "ada/tiny-GGUF",
            {"README.md": CARD, "tiny-Q4_K_M.gguf": tiny, "tiny-Q8_0.gguf": tiny},
        )
        server.add("bob/locked-GGUF", {"locked-Q4_K_M.gguf": tiny}, gated="ada")
        for entry in catalog():
            name = f"{entry.title.replace(' ', '-')}-{entry.quantization}.gguf"
            server.add(entry.repository, {name: tiny}, downloads=1)
        yield server


class Library:
    """One window's library as a person uses it."""

    def __init__(self, driver: Driver) -> None:
        self.driver = driver
        self.wait(lambda: self.session.machine.machine is not None)
        self.wait(lambda: bool(self.session.library.models))

    @property
    def session(self) -> LibrarySession:
        return self.driver.work.library

    @property
    def dialog(self) -> ModelsDialog:
        assert self.session.dialog is not None
        return self.session.dialog

    @property
    def here(self) -> LibraryPage:
        return self.dialog.here

    @property
    def find(self) -> FindPage:
        return self.dialog.search

    def wait(self, condition: Callable[[], bool]) -> None:
        self.driver.wait(condition)

    def press(self, page: object, text: str) -> None:
        assert isinstance(page, FindPage | LibraryPage | ModelsDialog)
        buttons = [
            b for b in page.findChildren(QPushButton) if b.text().startswith(text) and b.isVisible()
        ]
        assert buttons, text
        assert buttons[0].isEnabled(), text
        buttons[0].click()

    def search(self, text: str) -> None:
        field = self.find.findChildren(QLineEdit)[0]
        field.setText(text)
        field.returnPressed.emit()

    def shown(self) -> str:
        """Every word on the page that finds models."""
        return "\n".join(label.text() for label in self.find.findChildren(QLabel))

    def names(self) -> set[str]:
        return {model.name for model in self.session.library.models}

    def states(self) -> list[DownloadState]:
        return [status.state for status in self.session.downloads.statuses]


@pytest.fixture
def library(server: HubServer, driver: Driver) -> Library:
    assert server
    return Library(driver)


def press_get(library: Library, name: str) -> None:
    """Press the button once the repository is shown and judged."""
    library.wait(lambda: f"{name}\n" in library.shown() and "licence" in library.shown())
    library.wait(lambda: any(
        b.text().startswith("Get Q4_K_M") and b.isEnabled()
        for b in library.find.findChildren(QPushButton)
    ))  # fmt: skip
    library.press(library.find, "Get Q4_K_M")


def get_tiny(library: Library) -> None:
    library.session.open(ModelsTab.FIND)
    library.search("tiny")
    press_get(library, "ada/tiny-GGUF")
    library.wait(lambda: "tiny-Q4_K_M" in library.names())


def test_the_first_run_fetches_the_recommended_model_and_opens_a_conversation(
    library: Library,
) -> None:
    driver = library.driver
    page: CentrePage = driver.window.page
    assert page is CentrePage.FIRST_RUN
    first = driver.window.first_run
    machine = library.session.machine.machine
    assert machine is not None
    entry = recommended_model(machine)
    button = next(b for b in first.findChildren(QPushButton) if entry.title in b.text())
    button.click()
    library.wait(lambda: driver.work.models.state.phase is ModelPhase.READY)
    page = driver.window.page
    assert page is CentrePage.EMPTY
    assert driver.work.settings.model.path is not None
    assert Path(driver.work.settings.model.path).is_relative_to(folders().models)


def test_the_first_run_says_when_the_hub_is_away(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(constants, "ENDPOINT", "http://127.0.0.1:1")
    first = library.driver.window.first_run
    next(b for b in first.findChildren(QPushButton) if b.text().startswith("Get ")).click()
    library.wait(
        lambda: any("cannot be reached" in label.text() for label in first.findChildren(QLabel))
    )
    assert not library.session.downloads.statuses


def test_found_judged_fetched_and_used(library: Library) -> None:
    get_tiny(library)
    library.wait(lambda: library.states() == [DownloadState.DONE])
    library.session.open(ModelsTab.FIND)
    library.wait(
        lambda: "Here or on its way" in {b.text() for b in library.find.findChildren(QPushButton)}
    )
    state = library.driver.work.models
    library.wait(lambda: state.state.phase is ModelPhase.READY)
    assert state.state.path is not None
    assert state.state.path.name == "tiny-Q4_K_M.gguf"


def test_a_second_model_is_offered_and_not_forced(library: Library) -> None:
    library.driver.load([{"text": "Answer: 4"}])
    get_tiny(library)
    bar = library.driver.window.message_bar
    library.wait(lambda: bar.message is not None and "tiny-Q4_K_M" in bar.message.title)
    assert bar.message is not None
    assert bar.message.act is not None
    bar.message.act()
    models = library.driver.work.models
    library.wait(lambda: models.report is not None and "Random" in models.report.name)


def test_a_card_shows_words_and_loads_nothing(library: Library, server: HubServer) -> None:
    library.session.open(ModelsTab.FIND)
    library.search("ada/tiny-GGUF")
    card = library.find.findChildren(PlainCard)[0]
    library.wait(lambda: "Small." in card.toPlainText())
    assert "logo" in card.toPlainText()
    assert "license" not in card.toPlainText()
    assert all("logo.png" not in path for _, _, path, _ in server.requests)


@pytest.mark.parametrize(
    ("markdown", "text"),
    [
        ("a ![b](c) d", "a b d"),
        ("<script>x</script>y", "xy"),
        ("![][ref] z", " z"),
        ("<!-- hidden\n -->k", "k"),
    ],
)
def test_images_and_html_leave_only_their_words(markdown: str, text: str) -> None:
    assert without_images(markdown) == text


def test_author_and_tag_narrow_a_search(library: Library) -> None:
    assert search_words("author:ada  tiny tag:code chat") == ("tiny chat", "ada", "code")
    library.session.open(ModelsTab.FIND)
    library.search("author:bob")
    library.wait(lambda: "bob/locked-GGUF\n" in library.shown())


def test_downloads_are_paused_resumed_and_cancelled(library: Library, server: HubServer) -> None:
    go_on = threading.Event()
    server.file_fault.before_chunk = lambda offset: None if offset < 50_000 else _wait(go_on)
    library.session.open(ModelsTab.FIND)
    library.search("tiny")
    press_get(library, "ada/tiny-GGUF")
    library.wait(lambda: library.states() == [DownloadState.GETTING])
    assert library.dialog.tabs.currentIndex() == ModelsTab.DOWNLOADS
    library.press(library.dialog, "Pause")
    go_on.set()
    library.wait(lambda: library.states() == [DownloadState.PAUSED])
    library.wait(lambda: any(
        b.text() == "Resume" and b.isVisible()
        for b in library.dialog.findChildren(QPushButton)
    ))  # fmt: skip
    library.press(library.dialog, "Resume")
    library.wait(lambda: "tiny-Q4_K_M" in library.names())
    library.press(library.dialog, "C")
    library.wait(lambda: library.states() == [])


def test_a_list_is_sorted_only_where_the_hub_made_it(library: Library) -> None:
    library.session.open(ModelsTab.FIND)
    sort = library.find.findChild(QComboBox)
    assert isinstance(sort, QComboBox)
    assert not sort.isVisible()
    library.search("tiny")
    library.wait(sort.isVisible)
    library.find.findChildren(QLineEdit)[0].clear()
    assert not sort.isVisible()


def test_a_model_to_begin_with_says_why_below_its_size(library: Library) -> None:
    library.session.open(ModelsTab.FIND)
    rows = library.find.findChildren(RowList)[0]
    title = rows.model().index(0, 0)
    assert catalog()[0].why in str(title.data(Qt.ItemDataRole.AccessibleTextRole))
    assert rows.sizeHintForIndex(title).height() > row_height()
    library.search("tiny")
    library.wait(lambda: rows.model().index(0, 0).data() == "ada/tiny-GGUF")
    assert rows.sizeHintForIndex(rows.model().index(0, 0)).height() == row_height()


def test_offline_says_so(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(constants, "ENDPOINT", "http://127.0.0.1:1")
    library.session.open(ModelsTab.FIND)
    library.search("anything")
    library.wait(lambda: "still work. To begin with, by memory" in library.shown())
    rows = library.find.findChildren(RowList)[0].model()
    listed = [rows.index(row, 0).data() for row in range(rows.rowCount())]
    assert listed == [entry.title for entry in catalog()]
    wanted = "Show what is on this computer"
    button = next(b for b in library.find.findChildren(QPushButton) if b.text() == wanted)
    library.wait(button.isVisible)
    button.click()
    assert library.dialog.tabs.currentWidget() is library.here


def test_a_gated_model_asks_for_a_token_that_goes_to_the_keyring(
    library: Library, kept: MemoryKeyring, server: HubServer
) -> None:
    library.session.open(ModelsTab.FIND)
    library.search("locked")
    library.wait(lambda: "gated" in library.shown() and "its owner" in library.shown())
    for token, said in (("hf_wrong", "refused"), ("hf_right", "of ada is kept")):
        library.press(library.find, "Set access token")
        dialog = library.find.findChildren(QInputDialog)[-1]
        dialog.setTextValue(token)
        dialog.accept()
        library.wait(lambda said=said: said in library.shown())  # type: ignore[misc]
    assert list(kept.kept.values()) == ["hf_right"]
    assert server.endpoint in next(iter(kept.kept))[1]
    press_get(library, "bob/locked-GGUF")
    library.wait(lambda: "locked-Q4_K_M" in library.names())


def test_removed_and_brought_back(library: Library) -> None:
    get_tiny(library)
    models = library.driver.work.models
    library.wait(lambda: models.state.phase is ModelPhase.READY)
    library.session.open()
    path = next(m.path for m in library.session.library.models if m.name == "tiny-Q4_K_M")
    library.here.select(path)
    remove = next(b for b in library.here.findChildren(QPushButton) if b.text() == "Remove")
    assert not remove.isEnabled()
    models.eject(library.driver.chat.when_idle)
    library.wait(remove.isEnabled)
    library.press(library.here, "Remove")
    library.wait(lambda: "tiny-Q4_K_M" not in library.names())
    assert not path.exists()
    bar = library.driver.window.message_bar
    library.wait(lambda: bar.message is not None and bar.message.action == "Undo")
    assert bar.message is not None
    assert bar.message.act is not None
    bar.message.act()
    library.wait(lambda: "tiny-Q4_K_M" in library.names())
    assert path.exists()


def test_checked_against_its_hash(library: Library) -> None:
    get_tiny(library)
    library.session.open()
    path = next(m.path for m in library.session.library.models if m.name == "tiny-Q4_K_M")
    library.here.select(path)
    library.press(library.here, "Check")
    library.wait(lambda: "intact" in _facts(library))
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    library.session.library.refresh()
    assert "damaged" not in _facts(library)
    library.press(library.here, "Check")
    library.wait(lambda: "damaged" in _facts(library))
    content[-1] ^= 1
    path.write_bytes(content)
    library.session.library.refresh()
    library.wait(lambda: "damaged" not in _facts(library))


def _facts(library: Library) -> str:
    return "\n".join(label.text() for label in library.here.findChildren(QLabel))


def test_what_a_model_measured_here_is_shown(library: Library) -> None:
    path = library.driver.load([{"text": "Answer: 4"}])
    library.driver.ask("How many?")
    get_tiny(library)
    library.wait(lambda: library.driver.work.models.state.phase is ModelPhase.READY)
    library.driver.settle()
    speeds: list[Speed] = []
    library.driver.work.deliveries.deliver(library.driver.journal.speeds(str(path)), speeds.extend)
    library.wait(lambda: bool(speeds))
    assert speeds[0].tokens_per_second > 0
    library.session.open()
    library.wait(lambda: "nothing yet" in _facts(library))


def test_a_model_that_needs_too_much_is_loaded_only_on_demand(
    library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    session, driver = library.session, library.driver
    monkeypatch.setattr(session, "_memory", MachineMemory(1_000_000, 2_000_000))
    path = tmp_path / "source" / "tiny.gguf"
    driver.work.open_file(path)
    bar = driver.window.message_bar
    library.wait(lambda: bar.message is not None and bar.message.action == "Load anyway")
    assert driver.work.models.state.phase is ModelPhase.NO_MODEL
    assert bar.message is not None
    assert "are free" in bar.message.text
    assert bar.message.act is not None
    bar.message.act()
    library.wait(lambda: driver.work.models.state.phase is ModelPhase.READY)


def test_a_download_goes_on_in_the_next_window(
    library: Library, server: HubServer, open_window: Callable[..., Driver]
) -> None:
    go_on = threading.Event()
    server.file_fault.before_chunk = lambda offset: None if offset < 50_000 else _wait(go_on)
    library.session.open(ModelsTab.FIND)
    library.search("tiny")
    press_get(library, "ada/tiny-GGUF")
    library.wait(lambda: any(s.got_bytes > 0 for s in library.session.downloads.statuses))
    (said,) = work_under_way(library.driver.work).sentences()
    assert said.startswith("A model is being downloaded")
    go_on.set()
    library.driver.quit()
    again = Library(open_window())
    again.wait(lambda: again.states() == [DownloadState.DONE])
    again.wait(lambda: "tiny-Q4_K_M" in again.names())
    assert work_under_way(again.driver.work).sentences() == []
    assert len(again.session.downloads.statuses) == 1


def _wait(event: threading.Event) -> None:
    event.wait(30)


def test_a_folder_of_models_is_used_in_place(library: Library, tmp_path: Path) -> None:
    assert "tiny" not in library.names()
    library.session.add_folder(str(tmp_path / "source"))
    library.wait(lambda: "tiny" in library.names())
    assert library.dialog.isVisible()
    assert library.driver.work.settings.library.folders == (str(tmp_path / "source"),)
    library.here.select(tmp_path / "source" / "tiny.gguf")
    library.press(library.here, "Use this model")
    library.wait(lambda: library.driver.work.models.state.phase is ModelPhase.READY)
    loaded = {button.text(): button for button in library.here.findChildren(QPushButton)}["Loaded"]
    assert not loaded.isEnabled()


def test_the_window_grows_with_the_text_and_its_facts_are_not_cut(library: Library) -> None:
    library.session.open()
    before = library.dialog.height()
    library.driver.work.on_command(Command.ZOOM_IN)
    library.wait(lambda: library.dialog.height() > before)
    library.dialog.resize(library.dialog.minimumSizeHint())
    library.driver.settle()
    for label in library.here.findChildren(QLabel):
        if label.isVisible():
            assert label.height() >= label.heightForWidth(label.width()), label.text()
    for button in library.here.findChildren(QPushButton):
        if button.isVisible():
            assert button.width() >= button.sizeHint().width(), button.text()


def test_the_settings_know_the_gpus_that_the_engine_found(library: Library) -> None:
    devices = (DeviceMemory("NVIDIA RTX 4090", 1, 1), DeviceMemory("NVIDIA RTX 3090", 1, 1))
    library.session.on_event(MemoryMeasured(1, 1, devices))
    assert library.driver.work.current_settings.gpus == ("NVIDIA RTX 4090", "NVIDIA RTX 3090")
    library.driver.work.on_command(Command.SETTINGS)
    dialog = library.driver.window.findChild(SettingsDialog)
    assert isinstance(dialog, SettingsDialog)
    names = {box.accessibleName() for box in dialog.findChildren(QComboBox) if box.isVisible()}
    assert "Several GPUs" in names
    dialog.reject()


def test_the_models_folder_moves_with_what_is_loaded(library: Library, tmp_path: Path) -> None:
    get_tiny(library)
    driver = library.driver
    library.wait(lambda: driver.work.models.state.phase is ModelPhase.READY)
    target = tmp_path / "elsewhere"
    library.here.folder_requested.emit(str(target))
    library.wait(lambda: driver.work.settings.library.folder == str(target))
    library.wait(
        lambda: (
            driver.work.models.state.phase is ModelPhase.READY
            and driver.work.models.state.path is not None
            and driver.work.models.state.path.is_relative_to(target)
        )
    )
    library.wait(lambda: "tiny-Q4_K_M" in library.names())
    assert not folders().models.exists()


def test_a_model_that_was_ejected_is_not_loaded_by_a_move(library: Library, tmp_path: Path) -> None:
    get_tiny(library)
    driver = library.driver
    models = driver.work.models
    library.wait(lambda: models.state.phase is ModelPhase.READY)
    models.eject(driver.chat.when_idle)
    library.wait(lambda: models.state.phase is ModelPhase.NO_MODEL)
    target = tmp_path / "elsewhere"
    library.here.folder_requested.emit(str(target))
    library.wait(lambda: driver.work.settings.library.folder == str(target))
    assert models.state.phase is ModelPhase.NO_MODEL
    assert Path(driver.work.settings.model.path or "").is_relative_to(target)


def test_downloads_go_on_after_a_move_that_failed(library: Library, tmp_path: Path) -> None:
    target = tmp_path / "a file"
    target.touch()
    library.session.open()
    library.here.folder_requested.emit(str(target))
    bar = library.driver.window.message_bar
    library.wait(lambda: bar.message is not None and "folder" in bar.message.title)
    assert library.session.downloads.is_open
    get_tiny(library)


def test_what_is_asked_for_during_a_move_is_fetched_after_it(
    library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    go_on = threading.Event()
    move_to = Shelf.move_to

    def move_slowly(
        shelf: Shelf, folder: Path, progress: MoveProgress, stop: threading.Event
    ) -> None:
        _wait(go_on)
        move_to(shelf, folder, progress, stop)

    monkeypatch.setattr(Shelf, "move_to", move_slowly)
    target = tmp_path / "elsewhere"
    library.session.open(ModelsTab.FIND)
    library.here.folder_requested.emit(str(target))
    library.search("tiny")
    press_get(library, "ada/tiny-GGUF")
    bar = library.driver.window.message_bar
    assert bar.message is not None
    assert "is fetched when your models have moved" in bar.message.title
    go_on.set()
    library.wait(lambda: "tiny-Q4_K_M" in library.names())
    found = next(m.path for m in library.session.library.models if m.name == "tiny-Q4_K_M")
    assert found.is_relative_to(target)


def test_what_is_taken_back_during_a_move_is_not_fetched(library: Library, tmp_path: Path) -> None:
    feed = library.session.downloads
    feed.close()
    repository = open_hub().repository("ada/tiny-GGUF")
    feed.cancel(feed.add(repository, repository.models[0]))
    feed.open(tmp_path / "elsewhere")
    assert feed.statuses == ()


def test_the_first_download_can_be_cancelled_while_the_hub_is_asked(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    session, first = library.session, library.driver.window.first_run
    asked: list[tuple[str, Callable[[RepositoryAnswer], None]]] = []
    monkeypatch.setattr(session.hub, "get", lambda name, receive: asked.append((name, receive)))
    get = next(b for b in first.findChildren(QPushButton) if b.text().startswith("Get "))
    cancel = next(b for b in first.findChildren(QPushButton) if b.text() == "Cancel")
    get.click()
    assert not get.isEnabled()
    cancel.click()
    assert get.isEnabled()
    assert not cancel.isVisible()
    get.click()
    answers = [(RepositoryAnswer(name, open_hub().repository(name)), to) for name, to in asked]
    answer, first_receiver = answers[0]
    first_receiver(answer)
    assert session.downloads.statuses == ()
    answer, second_receiver = answers[1]
    second_receiver(answer)
    assert len(session.downloads.statuses) == 1


def test_undoing_a_removal_during_a_task_says_when_it_is_done(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    get_tiny(library)
    models = library.driver.work.models
    library.wait(lambda: models.state.phase is ModelPhase.READY)
    models.eject(library.driver.chat.when_idle)
    library.wait(lambda: models.state.phase is ModelPhase.NO_MODEL)
    library.session.open()
    path = next(m.path for m in library.session.library.models if m.name == "tiny-Q4_K_M")
    library.here.select(path)
    library.press(library.here, "Remove")
    bar = library.driver.window.message_bar
    library.wait(lambda: bar.message is not None and bar.message.action == "Undo")
    undo = bar.message.act if bar.message is not None else None
    assert undo is not None
    go_on = threading.Event()
    monkeypatch.setattr(Shelf, "empty_bin", lambda _shelf: _wait(go_on))
    library.session.library.empty_bin("Emptying the bin")
    bar.close_message()
    undo()
    assert bar.message is not None
    assert "brought back next" in bar.message.title
    assert "Emptying the bin" in bar.message.text
    go_on.set()
    library.wait(path.exists)
