"""Thumbs and preferences in the window: pressed, recorded, taken back, found again, exported."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog, QMenu

from desktop_app.chat.transcript_actions import ActionRow
from desktop_app.chat.transcript_scroller import TurnScroller
from desktop_app.thinking.candidate_dialog import CandidateDialog, PreferButton
from desktop_app.thinking.cards import CandidateCards
from desktop_app.window.shortcuts import Command
from engine.feedback import Feedback, Thumb
from tests.desktop_app.window_driver import HOLD, VOTE, Driver

OpenWindow = Callable[..., Driver]


@pytest.fixture
def answered(driver: Driver) -> Driver:
    """A window with a finished answer: three candidates say 4, the second says 5."""
    driver.load(VOTE)
    driver.ask("How many?")
    return driver


def actions(driver: Driver) -> ActionRow:
    """The actions below the last answer."""
    scroller = driver.window.transcript.findChild(TurnScroller)
    assert isinstance(scroller, TurnScroller)
    widget = scroller.widget(driver.chat.last_answer_id or "")
    assert widget is not None
    return widget.action_row


def recorded(driver: Driver) -> Feedback:
    """What the journal holds of the last answer."""
    assert driver.chat.visible_id is not None
    found = driver.journal.deliberations_of(driver.chat.visible_id).result(timeout=20)
    (record,) = found.records
    return record.feedback


def cards(driver: Driver) -> CandidateCards:
    found = driver.window.panel.findChild(CandidateCards)
    assert isinstance(found, CandidateCards)
    return found


def spoken(driver: Driver) -> list[str]:
    """What a screen reader says of each card."""
    model = cards(driver).cards
    role = Qt.ItemDataRole.AccessibleTextRole
    return [str(model.data(model.index(row), role)) for row in range(model.rowCount())]


def open_dialog(driver: Driver, row: int) -> tuple[CandidateDialog, PreferButton]:
    cards(driver).clicked.emit(cards(driver).cards.index(row))
    dialog = driver.window.panel.findChild(CandidateDialog)
    assert isinstance(dialog, CandidateDialog)
    button = dialog.findChild(PreferButton)
    assert isinstance(button, PreferButton)
    return dialog, button


def test_a_thumb_is_pressed_changed_and_taken_back(answered: Driver) -> None:
    row = actions(answered)
    assert row.up_button.isVisible()
    assert not row.up_button.isChecked()
    row.up_button.click()
    answered.wait(row.up_button.isChecked)
    assert recorded(answered) == Feedback(Thumb.UP, 0)
    row.down_button.click()
    answered.wait(row.down_button.isChecked)
    assert not row.up_button.isChecked()
    assert recorded(answered) == Feedback(Thumb.DOWN, 0)
    row.down_button.click()
    answered.wait(lambda: not row.down_button.isChecked())
    assert recorded(answered) == Feedback()


def test_thumbs_have_names_and_answer_the_keyboard(answered: Driver) -> None:
    row = actions(answered)
    assert row.up_button.accessibleName() == "Good answer"
    assert row.down_button.accessibleName() == "Poor answer"
    assert row.down_button.focusPolicy() & Qt.FocusPolicy.TabFocus
    row.down_button.setFocus(Qt.FocusReason.TabFocusReason)
    QTest.keyClick(row.down_button, Qt.Key.Key_Space)
    answered.wait(row.down_button.isChecked)
    assert "take it back" in row.down_button.toolTip()


def test_a_pressed_thumb_looks_pressed(answered: Driver) -> None:
    row = actions(answered)
    before = row.up_button.grab().toImage()
    row.up_button.click()
    answered.wait(row.up_button.isChecked)
    assert row.up_button.grab().toImage() != before


def test_an_answer_under_way_and_a_tie_have_no_thumbs(driver: Driver) -> None:
    driver.load(HOLD)
    driver.slide(2)
    driver.write("How many?")
    driver.wait(lambda: bool(driver.window.panel.view and driver.window.panel.view.tally.groups))
    assert actions(driver).up_button.isHidden()
    driver.chat.rate(driver.chat.last_answer_id or "", Thumb.UP)
    driver.chat.prefer_in_panel(0)
    driver.chat.stop()
    driver.wait(lambda: not driver.chat.busy)
    assert recorded(driver) == Feedback()
    driver.load([{"text": "Answer: 4"}, {"text": "Answer: 5"}], "tied")
    driver.ask("And now?", attempts=2)
    assert actions(driver).up_button.isHidden()


def test_a_thumb_is_about_the_answer_that_was_shown(answered: Driver) -> None:
    row = actions(answered)
    row.up_button.click()
    answered.wait(row.up_button.isChecked)
    answered.chat.promote_in_panel(1)
    assert not row.up_button.isChecked()
    answered.chat.promote_in_panel(0)
    assert row.up_button.isChecked()


def test_a_candidate_is_preferred_in_its_dialog_and_its_card_says_so(answered: Driver) -> None:
    dialog, button = open_dialog(answered, 3)
    assert button.text() == "Prefer this answer"
    button.click()
    answered.wait(button.isChecked)
    assert button.text() == "Preferred"
    assert recorded(answered) == Feedback(preferred=1)
    assert [text for text in spoken(answered) if "preferred by you" in text] == [
        spoken(answered)[3]
    ]
    button.click()
    answered.wait(lambda: not button.isChecked())
    assert recorded(answered) == Feedback()
    assert not any("preferred" in text for text in spoken(answered))
    dialog.accept()


def test_a_card_is_marked_without_moving_or_folding_the_others(answered: Driver) -> None:
    view = cards(answered)
    order = spoken(answered)
    view.setCurrentIndex(view.cards.index(2))
    before = view.grab(view.visualRect(view.cards.index(2))).toImage()
    view.customContextMenuRequested.emit(QPoint(-1, -1))
    menu = view.findChild(QMenu)
    assert isinstance(menu, QMenu)
    prefer = next(a for a in menu.actions() if a.text() == "Prefer this answer")
    assert prefer.isCheckable()
    assert not prefer.isChecked()
    prefer.trigger()
    menu.close()
    answered.wait(lambda: "preferred by you" in spoken(answered)[2])
    assert view.currentIndex().row() == 2
    assert [text.split(",")[0] for text in spoken(answered)] == [t.split(",")[0] for t in order]
    assert view.grab(view.visualRect(view.cards.index(2))).toImage() != before


def test_only_one_candidate_is_preferred(answered: Driver) -> None:
    for index in (1, 2):
        answered.chat.prefer_in_panel(index)
        answered.wait(lambda index=index: recorded(answered).preferred == index)  # type: ignore[misc]
    answered.wait(lambda: sum("preferred" in text for text in spoken(answered)) == 1)
    assert recorded(answered).preferred == 2


def test_it_is_found_again_after_a_restart_and_can_be_changed(open_window: OpenWindow) -> None:
    first = open_window()
    first.load(VOTE)
    first.ask("How many?")
    shown = first.chat.visible_id
    actions(first).down_button.click()
    first.chat.prefer_in_panel(2)
    first.wait(lambda: recorded(first) == Feedback(Thumb.DOWN, 0, 2))
    first.quit()
    second = open_window()
    second.wait(lambda: second.chat.visible_id == shown)
    second.wait(lambda: actions(second).down_button.isChecked())
    second.wait(lambda: sum("preferred by you" in text for text in spoken(second)) == 1)
    actions(second).up_button.click()
    second.wait(lambda: actions(second).up_button.isChecked())
    assert recorded(second) == Feedback(Thumb.UP, 0, 2)


def test_an_earlier_conversation_is_judged_when_it_is_opened_again(answered: Driver) -> None:
    earlier = answered.chat.visible_id
    assert earlier is not None
    answered.work.on_command(Command.NEW_CONVERSATION)
    answered.ask("Another thing?")
    answered.chat.open_conversation(earlier)
    answered.wait(lambda: answered.chat.visible_id == earlier)
    actions(answered).up_button.click()
    answered.wait(lambda: actions(answered).up_button.isChecked())
    assert recorded(answered) == Feedback(Thumb.UP, 0)


def test_what_cannot_be_recorded_is_told_and_not_shown(answered: Driver) -> None:
    answered.journal._do(lambda db: db.execute("delete from candidates")).result(timeout=20)
    actions(answered).up_button.click()
    answered.wait(lambda: told(answered) == "This is not in the journal")
    assert not actions(answered).up_button.isChecked()


def test_preferences_are_exported_from_the_menu(answered: Driver, tmp_path: Path) -> None:
    answered.chat.prefer_in_panel(1)
    answered.wait(lambda: recorded(answered).preferred == 1)
    path = tmp_path / "pairs.jsonl"
    answered.window.conversations.preferences_export_requested.emit()
    dialog = answered.window.findChild(QFileDialog)
    assert isinstance(dialog, QFileDialog)
    dialog.fileSelected.emit(str(path))
    dialog.reject()
    answered.wait(lambda: told(answered) == "Exported")
    (line,) = path.read_text(encoding="utf-8").splitlines()
    written = json.loads(line)
    assert written["judge"] == "user"
    assert written["chosen"] == [{"role": "assistant", "content": "I count.\nAnswer: 5"}]
    assert written["prompt"] == [{"role": "user", "content": "How many?"}]


def test_an_export_that_fails_says_why(answered: Driver, tmp_path: Path) -> None:
    answered.work.conversations.export_preferences(tmp_path / "no" / "pairs.jsonl")
    answered.wait(lambda: told(answered) == "The folder does not exist")
    assert not (tmp_path / "no").exists()


def test_an_export_of_nothing_says_so(driver: Driver, tmp_path: Path) -> None:
    driver.work.conversations.export_preferences(tmp_path / "pairs.jsonl")
    driver.wait(lambda: told(driver) == "There are no preferences to export")
    assert not (tmp_path / "pairs.jsonl").exists()


def told(driver: Driver) -> str | None:
    """The title in the message bar."""
    message = driver.window.message_bar.message
    return message.title if message is not None else None
