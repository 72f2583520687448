"""What is said of versions beside each other, and which of them took the least."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
import shiboken6
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QPushButton
from pytestqt.qtbot import QtBot

from desktop_app.chat.compare_dialog import CompareDialog
from desktop_app.chat.turn import Evidence, VoteShare
from desktop_app.chat.versions import Best, Version, best_of
from desktop_app.look.theme import apply_theme, set_theme_choice, set_zoom

VOTED = Evidence(16, 16, (VoteShare("4", 11), VoteShare("5", 5)), seconds=12.3, joules=2900.0)


def version(
    number: int,
    seconds: float,
    joules: float | None,
    *,
    elsewhere: bool = False,
    shared: bool = False,
) -> Version:
    evidence = replace(VOTED, seconds=seconds, joules=joules, elsewhere=elsewhere, shared=shared)
    return Version(
        f"v{number}", number, f"It is **{number}**.", number == 1, f"Model {number}",
        "Vote, up to 16 samples", evidence, 9940, answered=True,
    )  # fmt: skip


def test_the_least_is_marked_where_it_was_measured_and_can_be_compared() -> None:
    two = [version(1, 12.3, 2900.0), version(2, 2.0, None)]
    assert best_of(two) == Best(frozenset({"v2"})), "one energy is none to compare"
    assert best_of(two[:1]) == Best()
    assert best_of([version(1, 2.01, None), version(2, 2.02, None)]) == Best(), "both read 2.0 s"
    alike = [version(1, 2.01, 5.0), version(2, 2.02, 4.0), version(3, 9.0, 6.0)]
    assert best_of(alike) == Best(frozenset({"v1", "v2"}), frozenset({"v2"}))
    stopped = replace(version(3, 0.1, 1.0), answered=False)
    assert best_of([*two, stopped]).time == {"v2"}
    others = [version(1, 1.0, 9.0), version(2, 1.0, 1.0, elsewhere=True), version(3, 1.0, 8.0)]
    assert best_of(others).energy == {"v3"}
    others[2] = version(3, 1.0, 8.0, shared=True)
    assert best_of(others).energy == set()


def test_what_is_not_known_is_said_to_be_not_available() -> None:
    imported = Version("a", 2, "It is 4.")
    assert imported.title == "Version 2"
    told = (imported.votes, imported.time_text, imported.tokens_text, imported.energy_text)
    assert set(told) == {"not available"}
    known = version(1, 12.3, 2900.0, elsewhere=True)
    told = (known.votes, known.time_text, known.tokens_text, known.energy_text)
    assert told == ("11 of 16 agree", "12.3 s", "9,940", "2.9 kJ")
    assert "this computer only" in known.energy_about


@pytest.fixture
def dialog(qtbot: QtBot, qapp: QApplication) -> Iterator[CompareDialog]:
    apply_theme(qapp)
    versions = [version(n, float(n), 10.0 * n) for n in range(1, 6)]
    versions[4] = replace(versions[4], evidence=None, tokens=None, shown=True)
    versions[0] = replace(versions[0], shown=False, text="A line.\n\n" * 200)
    shown = CompareDialog("How\nmany?", versions)
    shown.show()
    qtbot.waitExposed(shown)
    yield shown
    shiboken6.delete(shown)  # now, or every later change of text size would lay it out again
    set_zoom(1.0)
    set_theme_choice("system")


def place(dialog: CompareDialog, button: QPushButton) -> QRect:
    viewport = dialog._area.viewport()
    return QRect(button.mapTo(viewport, QPoint()), button.size())


def test_four_stand_side_by_side_and_the_shown_one_is_in_sight(
    dialog: CompareDialog, qtbot: QtBot
) -> None:
    viewport = dialog._area.viewport()
    qtbot.waitUntil(lambda: viewport.rect().contains(place(dialog, dialog.columns[4].use)))
    dialog.resize(1160, 720)
    qtbot.waitUntil(lambda: viewport.width() > 1000)
    widths = {column.width() for column in dialog.columns}
    assert len(widths) == 1
    assert 4 * widths.pop() <= viewport.width() < 5 * dialog.columns[0].width()
    assert not dialog.columns[4].use.isEnabled()
    assert dialog.columns[4].use.text() == "Shown now"


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_facts_are_aligned_and_every_column_is_reached_by_keys(
    dialog: CompareDialog, qtbot: QtBot, theme: str
) -> None:
    set_theme_choice("dark" if theme == "dark" else "light")
    set_zoom(1.5)
    dialog.resize(1024, 640)
    qtbot.waitUntil(lambda: dialog.columns[0].width() >= round(248 * 1.5))
    heights = []
    for column in dialog.columns:
        labels = [label for label in column.findChildren(QLabel) if label.text()]
        named = {label.text(): label for label in labels}
        facts = [named[name].mapTo(column, QPoint()).y() for name in ("Time", "Tokens", "Energy")]
        heights.append([*facts, column.page.mapTo(column, QPoint()).y()])
        cut = [label.text() for label in labels if label.width() < label.minimumSizeHint().width()]
        assert not cut
        assert column.page.height() > 3 * column.fontMetrics().height()
    assert len({tuple(ys) for ys in heights}) == 1
    viewport = dialog._area.viewport()
    for column in dialog.columns[:4]:
        column.page.view.setFocus(Qt.FocusReason.TabFocusReason)
        QTest.keyClick(column.page.view, Qt.Key.Key_Tab)
        assert QApplication.focusWidget() is column.use
        assert viewport.rect().contains(place(dialog, column.use))
    first = dialog.columns[0]
    first.page.view.setFocus()
    QTest.keyClick(first.page.view, Qt.Key.Key_PageDown)
    assert first.page.verticalScrollBar().value() > 0
    with qtbot.waitSignal(dialog.use_requested) as used:
        QTest.keyClick(dialog.columns[1].use, Qt.Key.Key_Space)
    assert used.args == ["v2"]
    assert not dialog.isVisible()


def test_a_screen_reader_hears_which_version_and_what_it_took(dialog: CompareDialog) -> None:
    first, last = dialog.columns[0], dialog.columns[4]
    assert first.use.accessibleName() == (
        "Use this one: Version 1 of 5, Model 1, Vote, up to 16 samples"
    )
    assert first.page.view.accessibleDescription() == (
        "11 of 16 agree; Time 1.0 s, fastest; Tokens 9,940; Energy 10 J, least"
    )
    assert "Energy not available" in last.page.view.accessibleDescription()
    assert dialog.columns[1].page.view.toPlainText() == "It is 2."
