"""Files asked about: chosen, dropped and pasted, sent with the question, kept in its turn."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QFileDialog, QToolButton
from pytestqt.qtbot import QtBot

from desktop_app.chat.conversation import title_from
from desktop_app.chat.file_chips import FileChips
from desktop_app.chat.file_dialog import FileDialog
from desktop_app.chat.transcript_turn import TurnWidget
from desktop_app.chat.turn import Role
from desktop_app.look.theme import set_zoom
from desktop_app.window.attach_session import MOST_FILES
from engine.documents.attached import AttachedFile, with_files, without_files
from tests.desktop_app.window_driver import VOTE, Driver

QUESTION = "How many apples are there?"
FILE = AttachedFile("apples.csv", "kind,count\nred,3\ngreen,1")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    written = tmp_path / FILE.name
    written.write_text(FILE.text)
    return written


def chips(driver: Driver) -> FileChips:
    return driver.window.composer.files


def given(path: Path) -> QMimeData:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    return data


def dropped(driver: Driver, path: Path) -> None:
    point, copied = QPoint(100, 100), Qt.DropAction.CopyAction
    data = given(path)  # an event does not keep it
    buttons, keys = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    entering = QDragEnterEvent(point, copied, data, buttons, keys)
    driver.window.dragEnterEvent(entering)
    assert entering.isAccepted()
    driver.window.dropEvent(QDropEvent(point, copied, data, buttons, keys))


def chosen(driver: Driver, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(QFileDialog, "getOpenFileNames", lambda *_: ([str(path)], ""))
    buttons = driver.window.composer.findChildren(QToolButton)
    next(b for b in buttons if b.accessibleName() == "Attach files").click()


def attached(driver: Driver, path: Path) -> None:
    driver.work.attachments.attach([path])
    driver.wait(lambda: bool(chips(driver).files) and not chips(driver).reading)


def turn_of(driver: Driver) -> TurnWidget:
    turns = driver.window.transcript.findChildren(TurnWidget)
    return next(turn for turn in turns if turn.turn.role is Role.USER and turn.isVisible())


@pytest.mark.parametrize("way", ["chosen", "dropped", "pasted"])
def test_a_file_is_sent_with_the_question(
    driver: Driver, path: Path, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    driver.load(VOTE)
    if way == "chosen":
        chosen(driver, path, monkeypatch)
    elif way == "dropped":
        dropped(driver, path)
    else:
        driver.window.composer.edit.insertFromMimeData(given(path))
    driver.wait(lambda: chips(driver).files == (FILE,))
    driver.ask(QUESTION)
    question = driver.chat.turns()[0].text
    assert without_files(question) == (QUESTION, (FILE,))
    assert chips(driver).files == ()
    assert not chips(driver).isVisible()
    turn = turn_of(driver)
    assert turn.body.toPlainText() == QUESTION
    (shown,) = [found for found in turn.findChildren(FileChips) if found.isVisible()]
    assert shown.files == (FILE,)
    shown.chips[0].findChildren(QToolButton)[0].click()
    dialog = driver.window.findChild(FileDialog)
    assert isinstance(dialog, FileDialog)
    assert dialog.text.toPlainText() == FILE.text
    dialog.reject()


def test_an_edited_question_keeps_its_files(driver: Driver, path: Path) -> None:
    driver.load(VOTE)
    attached(driver, path)
    driver.ask(QUESTION)
    turn = turn_of(driver)
    turn.start_editing()
    assert turn.draft == QUESTION
    turn._on_edited("How many are red?")
    driver.wait(lambda: driver.chat.turns()[0].text.startswith("How many are red?"))
    assert without_files(driver.chat.turns()[0].text) == ("How many are red?", (FILE,))
    driver.settle()


def test_a_file_can_be_taken_away_and_stays_with_its_draft(driver: Driver, path: Path) -> None:
    driver.load(VOTE)
    attached(driver, path)
    composer = driver.window.composer
    composer.set_text("Half a thought")
    composer.show_conversation("another")
    assert (composer.text, chips(driver).files) == ("", ())
    composer.show_conversation("")
    assert (composer.text, chips(driver).files) == ("Half a thought", (FILE,))
    chips(driver).chips[0].findChildren(QToolButton)[1].click()
    assert chips(driver).files == ()
    driver.ask(QUESTION)
    assert driver.chat.turns()[0].text == QUESTION


def test_what_cannot_be_read_is_told_and_the_question_stays(driver: Driver, tmp_path: Path) -> None:
    driver.load(VOTE)
    (tmp_path / "a.png").write_bytes(b"\x89PNG\r\n\x1a\n\0\0")
    driver.window.composer.set_text(QUESTION)
    driver.work.attachments.attach([tmp_path / "a.png"])
    driver.wait(lambda: driver.window.message_bar.message is not None)
    message = driver.window.message_bar.message
    assert message is not None
    assert message.title == "This file has no text to read"
    assert not chips(driver).chips
    assert driver.window.composer.text == QUESTION
    assert driver.window.composer.button.isEnabled()


def test_nothing_is_sent_while_a_file_is_read(driver: Driver) -> None:
    driver.load(VOTE)
    composer = driver.window.composer
    composer.set_text(QUESTION)
    slow = composer.files.expect("slow.pdf")
    assert not composer.button.isEnabled()
    composer.edit.sent.emit()
    assert composer.text == QUESTION
    composer.files.settle(slow, FILE)
    assert composer.button.isEnabled()


def test_a_file_that_is_being_read_stays_with_its_draft(driver: Driver) -> None:
    driver.load(VOTE)
    composer = driver.window.composer
    composer.set_text(QUESTION)
    slow = composer.files.expect("slow.pdf")
    composer.show_conversation("another")
    assert composer.files.attachments == []
    composer.files.settle(slow, FILE)
    assert composer.files.attachments == []
    composer.show_conversation("")
    assert (composer.text, composer.files.files) == (QUESTION, (FILE,))
    late = composer.files.expect("late.pdf")
    composer.show_conversation("another")
    composer.show_conversation("")
    assert composer.files.reading
    assert not composer.button.isEnabled()
    composer.files.settle(late, None)
    assert composer.files.files == (FILE,)
    assert composer.button.isEnabled()


def test_a_draft_that_looks_like_a_file_stays_text(driver: Driver) -> None:
    driver.load(VOTE)
    composer = driver.window.composer
    said = "File: main.py\n```\nprint(1)\n```"
    composer.set_text(said)
    composer.show_conversation("another")
    composer.show_conversation("")
    assert (composer.text, composer.files.files) == (said, ())


def test_nothing_is_said_of_a_file_that_was_taken_away(driver: Driver, tmp_path: Path) -> None:
    driver.load(VOTE)
    (tmp_path / "a.png").write_bytes(b"\x89PNG\0")
    driver.work.attachments.attach([tmp_path / "a.png"])
    (chip,) = chips(driver).chips
    chip.removed.emit()
    driver.settle()
    driver.work.attachments.attach([tmp_path / "missing"])
    driver.wait(lambda: driver.window.message_bar.message is not None)
    message = driver.window.message_bar.message
    assert message is not None
    assert message.title == "The file could not be read"


def test_a_long_line_is_shown_at_once(qtbot: QtBot) -> None:
    dialog = FileDialog(AttachedFile("data", "x" * 1_000_000 + "\n\nend"))
    qtbot.addWidget(dialog)
    lines = dialog.text.toPlainText().split("\n")
    assert max(map(len, lines)) <= 2000
    assert "".join(lines) == "x" * 1_000_000 + "end"
    assert lines[-2:] == ["", "end"]


def test_chips_follow_the_zoom_and_leave_room_for_the_rest(driver: Driver) -> None:
    driver.load(VOTE)
    driver.window.composer.files.set_files([FILE])
    driver.ask(QUESTION)
    many = [AttachedFile(f"{n} with a rather long name.txt", "x") for n in range(8)]
    chips(driver).set_files(many)
    driver.window.resize(720, 480)
    for zoom in (2.0, 1.0):
        set_zoom(zoom)
        driver.settle()
        (shown,) = [
            found
            for turn in driver.window.transcript.findChildren(TurnWidget)
            for found in turn.findChildren(FileChips)
            if not found.isHidden()
        ]
        for chip in (*shown.chips, *chips(driver).chips):
            assert chip.height() == chip.sizeHint().height()
        composer = driver.window.composer
        area = composer._files_area
        row = chips(driver).chips[0].height()
        rows = row if zoom > 1 else 2 * row + 6
        assert area.height() == rows < chips(driver).height()
        assert composer.price_is_shown is (zoom == 1)
        assert composer.height() >= composer._column.minimumSize().height()
        assert composer.edit.geometry().bottom() < area.y()
        assert area.geometry().bottom() < composer.slider.y()
        assert composer.button.height() >= composer.button.sizeHint().height()


def test_a_dropped_file_is_copied_never_moved(driver: Driver, path: Path) -> None:
    driver.load(VOTE)
    data = given(path)
    actions = Qt.DropAction.MoveAction | Qt.DropAction.CopyAction
    event = QDropEvent(
        QPoint(9, 9), actions, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ShiftModifier
    )
    event.setDropAction(Qt.DropAction.MoveAction)
    driver.window.dropEvent(event)
    assert event.isAccepted()
    assert event.dropAction() is Qt.DropAction.CopyAction


def test_models_among_files_are_not_written_as_addresses(driver: Driver, path: Path) -> None:
    driver.load(VOTE)
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)), QUrl.fromLocalFile("/a.gguf")])
    driver.window.composer.edit.insertFromMimeData(data)
    assert driver.window.composer.text == ""
    assert not chips(driver).chips


def test_too_many_files_are_refused(driver: Driver, path: Path) -> None:
    driver.load(VOTE)
    driver.work.attachments.attach([path] * (MOST_FILES + 1))
    driver.wait(lambda: len(chips(driver).files) == MOST_FILES)
    message = driver.window.message_bar.message
    assert message is not None
    assert message.title == "These are too many files"


def test_chips_wrap_and_long_names_are_cut(driver: Driver) -> None:
    files = [AttachedFile(f"{n}-{'long' * 30}.txt", "x") for n in range(4)]
    chips(driver).set_files(files)
    driver.window.resize(760, 600)
    driver.settle()
    rows = {chip.y() for chip in chips(driver).chips}
    assert len(rows) > 1
    assert all(chip.geometry().right() <= chips(driver).width() for chip in chips(driver).chips)


def test_the_model_is_told_what_the_file_says(
    open_window: Callable[..., Driver], path: Path
) -> None:
    driver = open_window()
    driver.load(VOTE)
    attached(driver, path)
    driver.ask(QUESTION)
    conversation = driver.chat._visible
    assert conversation is not None
    (question_id,) = [
        message.message_id
        for message in conversation.conversation.branch()
        if message.role == "user"
    ]
    (told,) = conversation.conversation.context_for(question_id)
    assert told.content == f"{QUESTION}\n\nFile: apples.csv\n```\n{FILE.text}\n```"


def test_a_conversation_is_called_by_its_question() -> None:
    assert title_from(with_files(QUESTION, [FILE])) == QUESTION
    assert title_from(with_files("", [FILE])) == "apples.csv"
