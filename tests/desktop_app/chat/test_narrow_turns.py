"""Turns in a narrow window and with large text: nothing is cut, and everything can be reached."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
import shiboken6
from PySide6.QtGui import QAction, QColor, QImage
from PySide6.QtWidgets import QApplication, QMenu, QToolButton, QWidget
from pytestqt.qtbot import QtBot

from desktop_app.chat.transcript import TranscriptView
from desktop_app.chat.transcript_scroller import TurnScroller
from desktop_app.chat.transcript_strip import BAR_GAP, BAR_WIDTH, CUT_WIDTH, PADDING, EvidenceStrip
from desktop_app.chat.transcript_turn import MARGIN, TurnWidget
from desktop_app.chat.turn import Evidence, Role, TurnState, TurnView, VoteShare
from desktop_app.look.theme import apply_theme, current_theme, set_theme_choice, set_zoom
from engine.feedback import Thumb
from engine.verdict import Outcome

MAJORITY = Evidence(
    8, 7, (VoteShare("42", 5, 2), VoteShare("41", 2, 1)), 1, 0.9, 3.2, 120.0, "counter"
)
TIE = Evidence(
    16, 16, (VoteShare("42", 8, 4), VoteShare("41", 8, 6)), 0, 0.5, 3.2, outcome=Outcome.TIE
)
ANSWER = TurnView(
    "a", Role.ASSISTANT, "It is **42**.", thought="Hm.", state=TurnState.FINISHED,
    evidence=MAJORITY, version=2, versions=2, rateable=True,
)  # fmt: skip
WIDE, NARROW = 900, 400
"""The transcript of a wide window, and of one of 900 by 600 pixels."""


@pytest.fixture
def _dressed(qapp: QApplication) -> Iterator[None]:
    """The application in its light theme; text has its own size again at the end."""
    set_theme_choice("light")
    apply_theme(qapp)
    yield
    set_zoom(1.0)
    set_theme_choice("system")


@pytest.fixture
def view(qtbot: QtBot, _dressed: None) -> Iterator[TranscriptView]:
    view = TranscriptView()
    view.resize(NARROW, 500)
    view.show()
    qtbot.waitExposed(view)
    yield view
    shiboken6.delete(view)  # now, or every later change of text size would lay it out again


@pytest.fixture
def strip(_dressed: None) -> Iterator[EvidenceStrip]:
    strip = EvidenceStrip()
    yield strip
    shiboken6.delete(strip)


def _turn(view: TranscriptView, name: str = "a") -> TurnWidget:
    scroller = view.findChild(TurnScroller)
    assert isinstance(scroller, TurnScroller)
    widget = scroller.widget(name)
    assert widget is not None
    return widget


# --- the evidence strip -------------------------------------------------------------------------


def _place(strip: EvidenceStrip, evidence: Evidence, available: int) -> None:
    strip.set_evidence(evidence)
    strip.resize(strip.width_for(available), strip.sizeHint().height())


def _columns(strip: EvidenceStrip, colour: str) -> list[int]:
    """Where a colour is drawn, from the left."""
    image = strip.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    pixels = np.frombuffer(image.constBits(), np.uint32).reshape(image.height(), -1)
    return [int(x) for x in np.flatnonzero((pixels == QColor(colour).rgb()).any(axis=0))]


def _has_bar(strip: EvidenceStrip) -> bool:
    return bool(_columns(strip, current_theme().group(0)))


@pytest.mark.parametrize("zoom", [1.0, 1.25, 2.0])
@pytest.mark.parametrize("evidence", [MAJORITY, TIE])
def test_the_vote_is_always_told_within_the_width(
    strip: EvidenceStrip, evidence: Evidence, zoom: float
) -> None:
    set_zoom(zoom)
    for available in (140, 220, 269, 342, 600, 1200):
        _place(strip, evidence, available)
        words = _columns(strip, current_theme().text)
        assert strip.width() <= available
        assert words[0] >= PADDING
        assert words[-1] <= strip.width() - PADDING


@pytest.mark.parametrize("several", [True, False])
def test_a_long_name_of_a_model_is_cut_where_it_tells_versions_apart(
    strip: EvidenceStrip, *, several: bool
) -> None:
    named = replace(
        MAJORITY, strategy="vote", attempts=8, model="a model " * 20, one_of_several=several
    )
    strip.set_evidence(MAJORITY)
    figures = strip.width_for(5_000)
    _place(strip, named, figures + CUT_WIDTH + 2 * PADDING)
    assert (strip.width() > figures) is several
    words = _columns(strip, current_theme().muted)
    assert words[-1] <= strip.width() - PADDING


def test_words_come_before_the_bar_and_other_figures_after_it(strip: EvidenceStrip) -> None:
    strip.set_evidence(MAJORITY)
    words = next(width for width in range(60, 900) if strip.width_for(width + 1) == width)
    with_bar = words + BAR_WIDTH + BAR_GAP
    for available, width in ((words - 40, words - 40), (words, words), (with_bar - 2, words)):
        _place(strip, MAJORITY, available)
        assert (strip.width(), _has_bar(strip)) == (width, False)
    _place(strip, MAJORITY, with_bar)
    assert (strip.width(), _has_bar(strip)) == (with_bar, True)
    _place(strip, MAJORITY, 1200)
    assert _has_bar(strip)
    assert strip.width() > with_bar


# --- the actions --------------------------------------------------------------------------------


def _shown(view: TranscriptView) -> list[str]:
    row = _turn(view).action_row
    buttons = [b for b in row.findChildren(QToolButton) if b.isVisible()]
    return [button.accessibleName() or button.text() for button in buttons]


def _menu(view: TranscriptView) -> dict[str, QAction]:
    menu = _turn(view).action_row.more_button.menu()
    assert isinstance(menu, QMenu)
    return {action.text(): action for action in menu.actions() if action.isVisible()}


def _cut(view: TranscriptView) -> list[QWidget]:
    """What reaches out of the row, or of the turn."""
    turn = _turn(view)
    row = turn.action_row
    parts = [w for w in row.findChildren(QWidget) if w.isVisible() and w.parent() is row]
    cut = [w for w in parts if w.width() < w.sizeHint().width() or w.x() + w.width() > row.width()]
    return [*cut, *([row] if row.x() + row.width() > turn.width() else [])]


@pytest.mark.parametrize("zoom", [1.0, 1.25, 1.5, 2.0])
@pytest.mark.parametrize("width", [317, NARROW, WIDE])
def test_actions_are_whole_and_all_of_them_can_be_reached(
    view: TranscriptView, width: int, zoom: float
) -> None:
    view.resize(width, 500)
    view.set_turns([ANSWER])
    set_zoom(zoom)
    QApplication.processEvents()
    assert not _cut(view)
    assert sorted([*_shown(view), *_menu(view)]) == sorted(
        ["Copy", "Regenerate", "Think longer", "Good answer", "Poor answer", "Earlier version",
         "Later version", "More actions", "Answer again with another model…", "Compare versions",
         "Copy the thought", "Show the candidates"]
    )  # fmt: skip


def test_actions_return_from_the_menu_when_there_is_room(view: TranscriptView) -> None:
    view.resize(317, 500)
    view.set_turns([ANSWER])
    assert "Think longer" in _menu(view)
    view.resize(WIDE, 500)
    assert list(_menu(view)) == [
        "Answer again with another model…", "Compare versions", "Copy the thought",
        "Show the candidates",
    ]  # fmt: skip
    assert "Think longer" in _shown(view)


def test_an_answer_without_a_menu_of_its_own_gets_one_for_what_has_no_room(
    view: TranscriptView,
) -> None:
    running = replace(ANSWER, thought="", evidence=None, rateable=False, state=TurnState.STREAMING)
    view.set_turns([running])
    assert "More actions" not in _shown(view)
    view.resize(240, 500)
    set_zoom(2.0)
    QApplication.processEvents()
    assert "More actions" in _shown(view)
    assert "Copy" not in _shown(view)
    enabled = {text: action.isEnabled() for text, action in _menu(view).items()}
    assert enabled["Copy"]
    assert not enabled["Copy the thought"]
    assert not enabled["Show the candidates"]


@pytest.mark.parametrize(
    ("text", "signal", "args"),
    [
        ("Regenerate", "regenerate_requested", ["a"]),
        ("Think longer", "think_longer_requested", ["a"]),
        ("Copy", "copy_requested", ["a"]),
        ("Poor answer", "rate_requested", ["a", Thumb.DOWN]),
    ],
)
def test_the_menu_does_what_the_buttons_do(
    view: TranscriptView, qtbot: QtBot, text: str, signal: str, args: list[object]
) -> None:
    view.resize(240, 500)
    set_zoom(2.0)
    view.set_turns([ANSWER])
    QApplication.processEvents()
    with qtbot.waitSignal(getattr(view, signal)) as asked:
        _menu(view)[text].trigger()
    assert asked.args == args


def test_a_thumb_in_the_menu_is_checked_when_it_is_recorded(view: TranscriptView) -> None:
    view.resize(240, 500)
    set_zoom(2.0)
    view.set_turns([ANSWER])
    QApplication.processEvents()
    up = _menu(view)["Good answer"]
    up.trigger()
    assert not up.isChecked()
    view.update_turn(replace(ANSWER, thumb=Thumb.UP))
    assert up.isChecked()
    assert not _menu(view)["Poor answer"].isChecked()


# --- the text -----------------------------------------------------------------------------------


@pytest.mark.parametrize("widths", [(NARROW, WIDE), (WIDE, NARROW)])
def test_text_follows_the_width_also_when_its_height_stays(
    view: TranscriptView, widths: tuple[int, int]
) -> None:
    before, after = widths
    view.resize(before, 500)
    view.set_turns([ANSWER])
    height = _turn(view).body.height()
    view.resize(after, 500)
    body = _turn(view).body
    assert body.height() == height
    assert body.width() == _turn(view).width() - 2 * MARGIN
