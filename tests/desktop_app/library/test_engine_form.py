"""The form of an engine elsewhere in the real window, with servers on loopback."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QLabel, QLineEdit, QMessageBox, QPushButton

from desktop_app.folders import folders
from desktop_app.library.engine_dialog import EngineDialog
from desktop_app.library.model_control import ModelPhase
from desktop_app.library.server_row import ServerRow
from engine.backends.remote.description import (
    EndpointDescription,
    EngineDescription,
    read_description,
    write_description,
)
from engine.keys import keep_key
from tests.desktop_app.kept_keys import kept_keys
from tests.desktop_app.window_driver import Driver
from tests.engine.backends.remote.chat_server import ChatServer

KEY = "sk-never-shown"
Kept = Callable[[], dict[str, str]]


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Kept]:
    with kept_keys(tmp_path / "keys.json", monkeypatch) as kept:
        yield kept


@pytest.fixture
def server() -> Iterator[ChatServer]:
    with ChatServer(("4", "5", "4", "4")) as server:
        yield server


@pytest.fixture
def form(kept: Kept, driver: Driver) -> Form:
    assert kept() == {}
    return Form(driver)


class Form:
    """The form as a person uses it."""

    def __init__(self, driver: Driver) -> None:
        self.driver = driver

    @property
    def dialog(self) -> EngineDialog:
        dialog = self.driver.work.elsewhere.dialog
        assert dialog is not None
        return dialog

    @property
    def open(self) -> bool:
        return self.driver.work.elsewhere.dialog is not None

    def begin(self) -> None:
        self.driver.window.open_picker()
        self.press_in(self.driver.window.picker, "Connect to a server")

    def change(self, name: str) -> None:
        picker = self.driver.window.picker
        self.driver.work.elsewhere.feed.refresh()
        self.driver.wait(lambda: bool(self.driver.work.elsewhere.feed.engines))
        self.driver.window.open_picker()
        self.press_in(picker, f"Change {name}")

    def press_in(self, place: object, text: str) -> None:
        assert hasattr(place, "findChildren")
        found = [
            button
            for button in place.findChildren(QPushButton)
            if text in (button.text() or button.accessibleName()) and button.isVisible()
        ]
        assert found, text
        found[0].click()

    def press(self, text: str) -> None:
        self.press_in(self.dialog, text)

    def type(self, field: QLineEdit, text: str) -> None:
        field.setText(text)
        field.textEdited.emit(text)
        field.editingFinished.emit()

    def fill(self, name: str, *addresses: str) -> None:
        self.type(self.dialog.name, name)
        for number, address in enumerate(addresses):
            if number:
                self.press("Add a server")
            self.type(self.row(number).address, address)

    def row(self, number: int = 0) -> ServerRow:
        return self.dialog.rows[number]

    def test(self) -> None:
        self.press("Test")
        self.driver.wait(lambda: "Connecting" not in self.dialog.problem)

    def saved(self, name: str) -> Path:
        return folders().engines / f"{name}.engine.json"


def test_two_servers_are_tested_saved_used_and_told_apart(form: Form, server: ChatServer) -> None:
    driver = form.driver
    with ChatServer(("4",)) as other:
        form.begin()
        form.fill("cellar", server.address, other.address)
        form.row(1).slots.set_number(2)
        form.test()
        assert form.row(0).said.startswith("m · 4 side by side")
        assert form.row(1).said.startswith("m · 2 side by side")
        form.press("Save and use")
        driver.wait(lambda: driver.work.models.state.phase is ModelPhase.READY)
        assert not form.open
        written = read_description(form.saved("cellar"))
        assert [end.slots for end in written.endpoints] == [None, 2]
        assert driver.window.top_bar.model_button.accessibleDescription() == "2 servers"
        driver.ask("How many?", 6)
        view = driver.window.panel.view
        assert view is not None
        machines = {c.finished.machine for c in view.candidates.values() if c.finished}
        assert len(machines) == 2


def test_a_server_that_is_away_is_said_beside_one_that_answers(
    form: Form, server: ChatServer
) -> None:
    form.begin()
    form.fill("pool", server.address, "127.0.0.1:1")
    form.test()
    assert "side by side" in form.row(0).said
    assert "no connection" in form.row(1).said
    form.press("Cancel")
    assert not form.saved("pool").exists()


def test_where_nobody_answers_the_form_says_why_and_stays(form: Form) -> None:
    form.begin()
    form.fill("pool", "127.0.0.1:1")
    form.test()
    assert form.dialog.problem.startswith("The server cannot be reached.")
    assert form.open


def test_a_key_goes_to_the_keyring_and_is_never_shown_again(
    form: Form, server: ChatServer, kept: Kept
) -> None:
    server.key = KEY
    form.begin()
    form.fill("cloud", server.address)
    form.test()
    assert form.dialog.problem.startswith("The server refused the key.")
    form.type(form.row().key, KEY)
    assert form.row().key.echoMode() is QLineEdit.EchoMode.Password
    form.test()
    assert "side by side" in form.row().said
    form.press("Save and use")
    form.driver.wait(lambda: form.driver.work.models.state.phase is ModelPhase.READY)
    assert kept() == {server.address: KEY}
    assert KEY not in form.saved("cloud").read_text()
    form.change("cloud")
    form.driver.wait(lambda: form.row().key.placeholderText() == "kept")
    assert form.row().key.text() == ""


def test_a_cancelled_form_leaves_the_keys_as_they_were(
    form: Form, server: ChatServer, kept: Kept
) -> None:
    keep_key(server.address, "sk-before")
    form.begin()
    form.fill("cloud", server.address)
    form.type(form.row().key, KEY)
    form.test()
    assert kept() == {server.address: KEY}
    form.press("Cancel")
    form.driver.wait(lambda: kept() == {server.address: "sk-before"})


def test_quitting_with_the_form_open_leaves_the_keys_as_they_were(
    form: Form, server: ChatServer, kept: Kept
) -> None:
    form.begin()
    form.fill("cloud", server.address)
    form.type(form.row().key, KEY)
    form.test()
    assert kept() == {server.address: KEY}
    form.driver.quit()
    assert kept() == {}


def test_a_key_that_was_tried_on_another_address_does_not_stay_there(
    form: Form, server: ChatServer, kept: Kept
) -> None:
    wrong = "http://127.0.0.1:1/v1"
    keep_key(wrong, "sk-of-another-engine")
    form.begin()
    form.fill("cloud", wrong)
    form.type(form.row().key, KEY)
    form.test()
    assert kept() == {wrong: KEY}
    form.type(form.row().address, server.address)
    form.press("Save and use")
    form.driver.wait(lambda: not form.open)
    assert kept() == {wrong: "sk-of-another-engine", server.address: KEY}


def test_a_kept_key_is_forgotten_when_the_change_is_saved(
    form: Form, server: ChatServer, kept: Kept
) -> None:
    keep_key(server.address, KEY)
    write_description(
        form.saved("cloud"), EngineDescription((EndpointDescription(server.address),))
    )
    form.change("cloud")
    form.driver.wait(lambda: form.row().key.placeholderText() == "kept")
    form.row().key.actions()[0].trigger()
    assert form.row().key.placeholderText() == "none"
    assert kept() == {server.address: KEY}
    form.press("Save and use")
    form.driver.wait(lambda: kept() == {})


def test_a_key_is_forgotten_for_its_own_address_alone(
    form: Form, server: ChatServer, kept: Kept
) -> None:
    other = "http://127.0.0.1:1/v1"
    keep_key(server.address, KEY)
    keep_key(other, "sk-of-another-engine")
    write_description(form.saved("cloud"), EngineDescription((EndpointDescription(other),)))
    form.change("cloud")
    form.driver.wait(lambda: form.row().key.placeholderText() == "kept")
    form.row().key.actions()[0].trigger()
    form.type(form.row().address, server.address)
    form.driver.wait(lambda: form.row().key.placeholderText() == "kept")
    form.press("Save and use")
    form.driver.wait(lambda: not form.open)
    assert kept()[server.address] == KEY


def test_what_is_wrong_is_said_where_it_is(form: Form, server: ChatServer) -> None:
    form.begin()
    form.fill("a/b", server.address, "ftp://x")
    form.press("Save and use")
    assert form.dialog.problem.startswith("This name cannot be used.")
    form.type(form.dialog.name, "pool")
    assert form.dialog.problem == ""
    form.press("Save and use")
    assert "http://" in form.row(1).said
    form.type(form.row(1).address, server.address)
    form.press("Save and use")
    assert "another row" in form.row(1).said
    assert not folders().engines.exists()


def test_a_key_in_clear_is_warned_of_before_it_is_sent(form: Form) -> None:
    form.begin()
    for address, warned in (
        ("http://gpu-2:8000", True),
        ("https://gpu-2:8000", False),
        ("http://127.0.0.1:8000", False),
    ):
        form.type(form.row().address, address)
        form.type(form.row().key, KEY)
        assert bool(form.row().said) is warned


def test_an_engine_gets_another_name_and_keeps_what_the_form_does_not_show(form: Form) -> None:
    endpoint = EndpointDescription("http://gpu-2:8000/v1", name="big one")
    described = EngineDescription((endpoint,), context_tokens=4096, timeout_seconds=9.0)
    write_description(form.saved("old"), described)
    form.change("old")
    form.type(form.dialog.name, "new")
    form.type(form.row().model, "qwen")
    form.press("Save and use")
    form.driver.wait(lambda: form.saved("new").exists() and not form.saved("old").exists())
    changed = read_description(form.saved("new"))
    assert (changed.context_tokens, changed.timeout_seconds) == (4096, 9.0)
    assert (changed.endpoints[0].name, changed.endpoints[0].model) == ("big one", "qwen")


def test_an_engine_is_removed_after_a_question(form: Form, kept: Kept) -> None:
    address = "http://gpu-2:8000/v1"
    keep_key(address, KEY)
    write_description(form.saved("pool"), EngineDescription((EndpointDescription(address),)))
    form.change("pool")
    form.press("Remove")
    question = form.dialog.findChild(QMessageBox)
    assert isinstance(question, QMessageBox)
    question.button(QMessageBox.StandardButton.Yes).click()
    form.driver.wait(lambda: not form.open)
    assert not form.saved("pool").exists()
    assert kept() == {}
    form.driver.wait(lambda: form.driver.work.elsewhere.feed.engines == ())
    form.driver.window.open_picker()
    labels = form.driver.window.picker.findChildren(QLabel)
    assert "Elsewhere" not in {label.text() for label in labels if label.isVisible()}


def test_a_damaged_one_is_listed_and_can_be_made_anew(form: Form, server: ChatServer) -> None:
    form.saved("pool").parent.mkdir(parents=True)
    form.saved("pool").write_text("{")
    form.change("pool")
    form.type(form.row().address, server.address)
    form.press("Save and use")
    form.driver.wait(lambda: form.driver.work.models.state.phase is ModelPhase.READY)
    assert read_description(form.saved("pool")).endpoints[0].address == server.address
