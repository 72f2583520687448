"""Geometry of time line, power trace and cards."""

from __future__ import annotations

import pytest
from msgspec.structs import replace
from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QColor, QFont
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from desktop_app.look.theme import apply_theme, current_theme
from desktop_app.thinking.card_painter import Ruler, last_lines
from desktop_app.thinking.lanes import Lane, lanes
from desktop_app.thinking.power_trace import PowerTrace, crosses, free_place, thinned
from desktop_app.thinking.time_line import TimeLine, ticks
from tests.desktop_app.thinking.deliberations import answers, candidate, running_view, view_of


@pytest.mark.parametrize(
    ("span", "most", "expected"),
    [
        (14.0, 5, [0, 5, 10]),
        (6.4, 5, [0, 2, 4, 6]),
        (0.9, 4, [0, 0.5]),
        (100.0, 5, [0, 20, 40, 60, 80, 100]),
        (0.0, 5, []),
    ],
)
def test_ticks_are_round_numbers_within_the_span(
    span: float, most: int, expected: list[float]
) -> None:
    assert ticks(span, most) == pytest.approx(expected)


def test_the_time_line_is_grey_until_the_first_token_then_the_groups_colour(
    qtbot: QtBot, qapp: QApplication
) -> None:
    apply_theme(qapp)
    line = TimeLine()
    qtbot.addWidget(line)
    line.show_view(view_of([candidate(0, "12", first_token_seconds=5.0, finished_seconds=10.0)]))
    line.resize(400, line.sizeHint().height())
    image = line.grab().toImage()
    theme = current_theme()
    assert image.pixelColor(100, 4) == QColor(theme.hairline)
    assert image.pixelColor(300, 4) == QColor(theme.group(0))


@pytest.mark.parametrize("count", [1, 4, 16, 64])
def test_every_candidate_has_a_row_that_can_be_seen(
    qtbot: QtBot, qapp: QApplication, count: int
) -> None:
    apply_theme(qapp)
    line = TimeLine()
    qtbot.addWidget(line)
    line.show_view(view_of(answers(*["12"] * count)))
    line.resize(300, line.sizeHint().height())
    assert line.height() < 280
    image = line.grab().toImage()
    colour = QColor(current_theme().group(0))
    # Every candidate runs at 1.5 s, so the column at that time crosses every row.
    x = round(1.5 / (2.5 + count - 1) * 300)
    column = [image.pixelColor(x, y) == colour for y in range(line.height())]
    starts = sum(now and not before for before, now in zip([False, *column], column, strict=False))
    assert starts == count


def test_hovering_a_row_tells_its_times(qtbot: QtBot) -> None:
    line = TimeLine()
    qtbot.addWidget(line)
    done = view_of([candidate(0, "12")]).candidates[0]
    assert line.describe(done).splitlines() == [
        "#1: 12",
        "started at 0.00 s",
        "first token after 0.50 s",
        "ended at 2.5 s",
    ]
    waiting = running_view(1).candidates[0]
    waiting.first_token_seconds = None
    assert line.describe(waiting).splitlines()[-1] == "waiting for its first token"


def test_rows_stand_under_their_machines_once_it_is_over() -> None:
    done = [replace(candidate(n, "12"), machine=("b:1", "a:1")[n % 2]) for n in range(4)]
    assert lanes(view_of(done)) == (
        Lane(None, "a:1", 2), Lane(1), Lane(3), Lane(None, "b:1", 2), Lane(0), Lane(2),
    )  # fmt: skip
    assert lanes(view_of(done, ended=False)) == tuple(Lane(n) for n in range(4))
    alone = [replace(one, machine="a:1") for one in done]
    assert lanes(view_of(alone)) == tuple(Lane(n) for n in range(4))


def test_a_machine_is_named_to_eyes_ears_and_on_hover(qtbot: QtBot, qapp: QApplication) -> None:
    apply_theme(qapp)
    line = TimeLine()
    qtbot.addWidget(line)
    done = [replace(candidate(n, "12"), machine=("b:1", "a:1")[n % 2]) for n in range(4)]
    line.show_view(view_of([replace(one, machine="") for one in done]))
    before = line.sizeHint().height()
    view = view_of(done)
    line.show_view(view)
    assert line.accessibleDescription().endswith("a:1 · 2, b:1 · 2")
    assert "ran on b:1" in line.describe(view.candidates[0]).splitlines()
    line.resize(400, line.sizeHint().height())
    assert line.height() > before
    colour = QColor(current_theme().group(0))
    image = line.grab().toImage()
    rows = [y for y in range(line.height()) if image.pixelColor(150, y) == colour]
    found = {line._row_at(y) for y in rows}
    assert found == {0, 1, 2, 3}
    assert line._row_at(2) is None


def test_thinning_keeps_the_peak() -> None:
    trace = [(number * 0.05, 40.0) for number in range(5000)]
    trace[3333] = (trace[3333][0], 312.0)
    kept = thinned(trace, 600)
    assert len(kept) <= 600
    assert max(watts for _, watts in kept) == 312.0


def test_the_idle_label_avoids_curve_and_peak_label() -> None:
    # Idle, a plateau from 60 to 300, and idle again, as in most deliberations.
    curve = [(float(x), 20.0 if 60 <= x <= 300 else 75.0) for x in range(376)]
    peak_label = QRectF(150, 0, 60, 14)
    place = free_place(curve, QSize(60, 14), 76.0, 376, peak_label)
    assert not crosses(curve, place)
    assert not place.intersects(peak_label)
    assert place.bottom() < 76


def test_with_no_room_above_the_line_the_idle_label_goes_to_the_other_top_corner() -> None:
    curve = [(float(x), 20.0 + x % 2) for x in range(376)]
    for left in (0.0, 316.0):
        peak_label = QRectF(left, 0, 60, 14)
        place = free_place(curve, QSize(60, 14), 22.0, 376, peak_label)
        assert not place.intersects(peak_label)
        assert place.top() == 0


def test_the_trace_says_peak_and_idle_to_a_screen_reader(qtbot: QtBot) -> None:
    trace = PowerTrace()
    qtbot.addWidget(trace)
    trace.show_trace([(0.0, 38.0), (1.0, 312.0)], 38.0)
    assert trace.accessibleDescription() == "peak 312 W, idle 38 W"


def test_the_last_lines_are_kept_and_none_is_wider_than_asked(qapp: QApplication) -> None:
    ruler = Ruler(QFont(qapp.font()))
    assert last_lines("12*34=408\n\n408+5=413\n", ruler, 150, 3) == ["12*34=408", "408+5=413"]
    drawn = "```python\nx = 1\n```\n\n| a | b |\n|---|:-:|\n| 1 | 2 |\n---\n"
    assert last_lines(drawn, ruler, 150, 3) == ["x = 1", "| a | b |", "| 1 | 2 |"]
    text = " ".join(f"word{number}" for number in range(60)) + " " + "long" * 60
    lines = last_lines(text, ruler, 150, 3)
    assert len(lines) == 3
    assert "word59" in " ".join(lines)
    for line in lines:
        assert ruler.metrics.horizontalAdvance(line) <= 150
