"""The deliberation panel: what it says, what can be done in it, and how little it repaints."""

from __future__ import annotations

import pytest
from msgspec.structs import replace
from PySide6.QtCore import QEvent, QModelIndex, QObject, QPoint, Qt
from PySide6.QtGui import QColor, QGuiApplication, QTextDocument
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
    QLabel,
    QMenu,
    QPlainTextEdit,
    QPushButton,
    QScrollArea,
    QToolButton,
    QWidget,
)
from pytestqt.qtbot import QtBot
from typing_extensions import override

from desktop_app.look.theme import apply_theme, current_theme, set_zoom
from desktop_app.rich_text.page import RichTextPage
from desktop_app.thinking.candidate_dialog import CandidateDialog
from desktop_app.thinking.card_model import CardOrder
from desktop_app.thinking.cards import CandidateCards
from desktop_app.thinking.colours import candidate_colour
from desktop_app.thinking.live import DeliberationView
from desktop_app.thinking.panel import PANEL_WIDTH, DeliberationPanel
from desktop_app.thinking.sections import Heading
from desktop_app.thinking.time_line import TimeLine
from desktop_app.thinking.votes import MOST_ROWS, VoteBars
from desktop_app.thinking.wording import vote_note, vote_remark
from engine.budget import Budget
from engine.candidate import StopReason
from engine.protocol import (
    CandidateDelta,
    CandidateFinished,
    CandidateStarted,
    DeliberationFailed,
    Progressed,
    VerdictReached,
)
from engine.tally import GroupingMethod, Tally, VoteGroup, tally_votes
from engine.verdict import Outcome, StoppedWhy, Verdict, decide
from tests.desktop_app.thinking.deliberations import (
    NAME,
    REPORT,
    answers,
    candidate,
    power_samples,
    running_view,
    view_of,
)


@pytest.fixture
def panel(qtbot: QtBot, qapp: QApplication) -> DeliberationPanel:
    apply_theme(qapp)
    panel = DeliberationPanel()
    qtbot.addWidget(panel)
    panel.resize(PANEL_WIDTH, 900)
    panel.show()
    with qtbot.waitActive(panel):
        panel.activateWindow()
    return panel


def _cards(panel: DeliberationPanel) -> CandidateCards:
    cards = panel.findChild(CandidateCards)
    assert isinstance(cards, CandidateCards)
    return cards


def _numbers(panel: DeliberationPanel) -> list[int]:
    """Indexes of the shown cards, in order."""
    model = _cards(panel).cards
    shown = (model.candidate(model.index(row)) for row in range(model.rowCount()))
    return [card.index for card in shown if card is not None]


def _remarks(panel: DeliberationPanel) -> list[str]:
    headings = panel.findChildren(Heading)
    return [heading.remark.text() for heading in headings if heading.isVisibleTo(panel)]


def _said(panel: DeliberationPanel) -> str:
    return "\n".join(label.text() for label in panel.findChildren(QLabel) if label.isVisible())


def _button(panel: DeliberationPanel, text: str) -> QPushButton:
    return next(b for b in panel.findChildren(QPushButton) if b.text().startswith(text))


# --- states -------------------------------------------------------------------------------------


def test_without_a_deliberation_it_says_what_will_be_here(panel: DeliberationPanel) -> None:
    assert _said(panel) == "Ask something and the candidates appear here"
    panel.show_view(view_of(answers("12")))
    assert "Ask something" not in _said(panel)
    panel.show_view(None)
    assert _said(panel) == "Ask something and the candidates appear here"


def test_votes_are_bars_with_text_and_count_and_no_answer_is_beside_them(
    panel: DeliberationPanel,
) -> None:
    panel.show_view(view_of(answers("416 km", "408 km", "416 km", None), attempts=16))
    bars = panel.findChild(VoteBars)
    assert isinstance(bars, VoteBars)
    assert [(row.label, row.count, row.group) for row in bars.rows] == [
        ("416 km", 2, 0),
        ("408 km", 1, 1),
        ("no answer", 1, None),
    ]
    assert bars.accessibleDescription() == "416 km: 2, 408 km: 1, no answer: 1"
    assert _remarks(panel)[0] == "68 % settled · 4 of up to 16"


def test_many_groups_end_in_a_row_that_counts_the_rest(panel: DeliberationPanel) -> None:
    panel.show_view(view_of(answers(*(str(number) for number in range(12)))))
    bars = panel.findChild(VoteBars)
    assert isinstance(bars, VoteBars)
    assert len(bars.rows) == MOST_ROWS - 1
    assert bars.more == 5
    assert bars.accessibleDescription().endswith("5 more answers")


def test_a_bar_grows_while_others_are_under_way(panel: DeliberationPanel) -> None:
    bars = panel.findChild(VoteBars)
    assert isinstance(bars, VoteBars)
    theme = current_theme()

    def filled(view: DeliberationView) -> int:
        panel.show_view(view)
        image = bars.grab().toImage()
        y = round(bars.height() / 2)
        colour = QColor(theme.group(0))
        return sum(image.pixelColor(x, y) == colour for x in range(image.width()))

    whole = filled(view_of(answers("12", "12")))
    view = view_of(answers("12", "12"), attempts=4, ended=False)
    for index in (2, 3):
        view.apply(CandidateStarted(NAME, index, 0, index, 0.0))
    half = filled(view)
    assert whole > 100
    assert half == pytest.approx(whole / 2, abs=6)


def test_a_tie_has_no_majority_and_no_chosen_card(panel: DeliberationPanel) -> None:
    view = view_of(answers("12", "14"))
    panel.show_view(view)
    assert _remarks(panel)[0] == "no majority · 2 candidates"
    assert "none has won" in _said(panel)
    model = _cards(panel).cards
    badges = [model.badges(card) for card in view.candidates.values()]
    assert badges == [["fastest"], []]


def test_nobody_answered_is_said_and_the_shown_response_is_not_called_chosen(
    panel: DeliberationPanel,
) -> None:
    view = view_of(answers(None, None, None))
    panel.show_view(view)
    assert _remarks(panel)[0] == "nobody answered · 3 candidates"
    shown = view.chosen
    assert shown is not None
    assert _cards(panel).cards.badges(view.candidates[shown]) == ["shown"]


def test_candidates_that_a_dead_engine_left_are_counted(panel: DeliberationPanel) -> None:
    view = running_view(4)
    for one in answers("12", "12"):
        view.apply(CandidateFinished(NAME, one))
    view.apply(DeliberationFailed(NAME, "worker-died", "gone"))
    panel.show_view(view)
    assert _remarks(panel)[0] == "2 of up to 4"


def test_what_failed_before_its_first_attempt_has_no_headings_over_nothing(
    panel: DeliberationPanel,
) -> None:
    view = DeliberationView(NAME, "vote", Budget(4))
    panel.show_view(view)
    assert "It ended" not in _said(panel)
    view.apply(DeliberationFailed(NAME, "prompt-too-long", "9 of 8"))
    panel.refresh()
    assert _said(panel) == "It ended before its first attempt"
    panel.show_view(None)
    assert _said(panel) == "Ask something and the candidates appear here"
    panel.show_view(running_view(2))
    assert "Candidates" in _said(panel)


@pytest.mark.parametrize(
    ("method", "note"),
    [
        (GroupingMethod.EXACT, ""),
        (GroupingMethod.SYMBOLIC, "Equal answers were told symbolically."),
        (GroupingMethod.MODEL_JUDGED, "Which answers agree was judged by the model itself."),
        (GroupingMethod.MEDOID, "No vote was possible; #2 is the most typical response."),
    ],
)
def test_how_equal_answers_were_told_is_said(method: GroupingMethod, note: str) -> None:
    view = view_of(answers("a", "b", "b"), ended=False)
    tally = Tally((VoteGroup("b", "b", (1, 2), 2.0),), settled=0.8, method=method)
    verdict = Verdict(Outcome.MAJORITY, "b", 1, tally, StoppedWhy.BUDGET_SPENT)
    view.apply(VerdictReached(NAME, verdict, 4.0))
    assert vote_note(view) == note
    assert ("settled" in vote_remark(view)) is (method is not GroupingMethod.MEDOID)


def test_a_plurality_is_not_passed_off_as_a_majority() -> None:
    view = view_of(answers("1", "1", "2", "3", "4"))
    assert vote_note(view) == "The first answer has the most votes, but not more than half."


@pytest.mark.parametrize(
    ("weights", "note"),
    [
        (
            {0: 1.001, 1: 1.0005},
            "The first answers have the same number of votes; the one with the shortest attempt "
            "was taken.",
        ),
        (
            {0: 0.5, 1: 0.5},
            "Votes are weighed by how sure the model is of each. "
            "The votes for the first answers weigh the same, so none has won.",
        ),
        ({}, "The first answers have the same number of votes, so none has won."),
    ],
)
def test_what_decided_between_as_many_votes_is_said(weights: dict[int, float], note: str) -> None:
    given = answers("1", "2")
    view = view_of(given, ended=False)
    tally = tally_votes(given, weights=weights)
    view.apply(VerdictReached(NAME, decide(given, tally, StoppedWhy.BUDGET_SPENT), 4.0))
    assert vote_note(view) == note


def test_while_the_question_is_read_it_says_how_far(panel: DeliberationPanel) -> None:
    view = DeliberationView(NAME, "vote", Budget(4))
    view.apply(CandidateStarted(NAME, 0, 0, 0, 0.0))
    view.apply(Progressed(NAME, 0.2, (), 1280, 2048))
    panel.show_view(view)
    assert _remarks(panel)[1] == "reading the question, 1,280 of 2,048 tokens"


# --- candidates ---------------------------------------------------------------------------------


def test_cards_are_folded_until_all_are_wanted(panel: DeliberationPanel) -> None:
    panel.show_view(running_view(64))
    assert len(_numbers(panel)) == 6
    button = _button(panel, "Show all 64")
    button.click()
    assert len(_numbers(panel)) == 64
    _button(panel, "Show fewer").click()
    assert len(_numbers(panel)) == 6
    button.click()
    panel.show_view(running_view(4))  # fewer than are ever folded
    assert not button.isVisible()


@pytest.mark.parametrize(("width", "columns"), [(260, 1), (416, 2), (760, 4)])
def test_cards_stand_in_as_many_columns_as_fit_and_none_is_cut_off(
    panel: DeliberationPanel, width: int, columns: int
) -> None:
    panel.resize(width, 900)
    panel.show_view(running_view(4))
    QApplication.processEvents()
    cards = _cards(panel)
    model = cards.cards
    places = [cards.visualRect(model.index(row)) for row in range(model.rowCount())]
    assert len({place.left() for place in places}) == columns
    for place in places:
        assert place.left() >= 0
        assert place.right() - 8 <= cards.width()
        assert place.bottom() <= cards.height() + 8


def test_a_running_deliberation_keeps_the_order_of_start_and_a_finished_one_is_sorted(
    panel: DeliberationPanel,
) -> None:
    done = [
        candidate(0, "14", finished_seconds=2.0),
        candidate(1, "12", finished_seconds=5.0),
        candidate(2, None, finished_seconds=1.0),
        candidate(3, "12", finished_seconds=3.0),
    ]
    panel.show_view(view_of(done, ended=False))
    assert _numbers(panel) == [0, 1, 2, 3]
    view = view_of(done)
    panel.show_view(view)
    assert _numbers(panel) == [1, 3, 0, 2]
    assert _numbers(panel)[0] == view.chosen
    panel.set_order(CardOrder.BY_TIME)
    assert _numbers(panel) == [2, 0, 3, 1]
    panel.set_order(CardOrder.BY_NUMBER)
    assert _numbers(panel) == [0, 1, 2, 3]


def test_the_order_is_chosen_from_a_menu_once_there_is_something_to_sort(
    panel: DeliberationPanel,
) -> None:
    panel.show_view(running_view(2))
    button = panel.findChild(QToolButton)
    assert isinstance(button, QToolButton)
    assert not button.isVisible()
    done = [candidate(0, "12", finished_seconds=5.0), candidate(1, "12", finished_seconds=3.0)]
    panel.show_view(view_of([*done, candidate(2, "14", finished_seconds=1.0)]))
    button.click()
    menu = button.findChild(QMenu)
    assert isinstance(menu, QMenu)
    assert menu.isVisible()
    next(action for action in menu.actions() if action.text() == "by time").trigger()
    menu.close()
    assert button.text() == "by time"
    assert _numbers(panel) == [2, 1, 0]


def test_a_card_says_its_figures_and_why_it_was_cut(panel: DeliberationPanel) -> None:
    view = view_of([candidate(0, "12"), candidate(1, None, stop=StopReason.TOKEN_BUDGET)])
    panel.show_view(view)
    model = _cards(panel).cards
    assert model.stats(view.candidates[0])[0] == ["2.5 s", "20 tok/s", "41 tok"]
    assert model.stats(view.candidates[1])[0] == ["cut at token limit", "41 tok"]
    first, second = candidate(0, "12"), candidate(1, None, stop=StopReason.TOKEN_BUDGET)
    panel.show_view(
        view := view_of(
            [
                replace(first, thought_cut=True, thought_tokens=1000, begun_thought_tokens=1000),
                replace(second, response="", thought_cut=True, thought_tokens=41),
            ]
        )
    )
    assert model.stats(view.candidates[0])[0] == ["thought cut at 2,000 tokens", "41 tok"]
    assert model.stats(view.candidates[1])[0] == ["thought cut at 41 tokens", "41 tok"]
    panel.show_view(view_of([first]))
    role = Qt.ItemDataRole.AccessibleTextRole
    assert model.data(model.index(0), role) == ("#1, 12, shown. 2.5 s · 20 tok/s · 41 tok")


def test_a_streaming_card_has_no_group_colour(panel: DeliberationPanel) -> None:
    view = running_view(2)
    panel.show_view(view)
    theme = current_theme()
    colour = candidate_colour(theme, view, 0)
    assert colour.name().upper() not in {*theme.groups, theme.none_group, theme.accent}


def test_new_text_repaints_only_the_card_that_has_it(panel: DeliberationPanel) -> None:
    view = running_view(6)
    panel.show_view(view)
    changed: list[int] = []
    model = _cards(panel).cards
    model.dataChanged.connect(lambda top, _bottom: changed.append(top.row()))
    view.apply(Progressed(NAME, 1.2, (CandidateDelta(4, "", "more", 6, 0.3),)))
    panel.refresh()
    assert changed == [4]
    panel.refresh()
    assert changed == [4]


class _Paints(QObject):
    """Counts the paint events of a widget."""

    def __init__(self, widget: QWidget) -> None:
        super().__init__(widget)
        self.count = 0
        widget.installEventFilter(self)

    @override
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        self.count += event.type() == QEvent.Type.Paint
        return False


def test_a_view_that_does_not_change_is_not_painted_again(
    panel: DeliberationPanel, qtbot: QtBot
) -> None:
    view = running_view(3)
    panel.show_view(view)
    line = panel.findChild(TimeLine)
    assert isinstance(line, TimeLine)
    QApplication.processEvents()
    paints = _Paints(line)
    ticked = [0]
    panel._timer.timeout.connect(lambda: ticked.append(ticked[-1] + 1))
    qtbot.waitUntil(lambda: ticked[-1] >= 3)
    assert paints.count == 0
    view.apply(CandidateStarted(NAME, 3, 0, 3, 1.0))
    qtbot.waitUntil(lambda: paints.count > 0)


def test_a_running_view_is_followed_by_itself_until_its_verdict(
    panel: DeliberationPanel, qtbot: QtBot
) -> None:
    view = running_view(2)
    panel.show_view(view)
    view.apply(CandidateStarted(NAME, 2, 0, 2, 1.0))
    qtbot.waitUntil(lambda: len(_numbers(panel)) == 3)
    verdict = Verdict(Outcome.NOTHING, None, None, Tally(), StoppedWhy.CANCELLED)
    view.apply(VerdictReached(NAME, verdict, 2.0))
    qtbot.waitUntil(lambda: not panel._timer.isActive())


def test_a_hidden_panel_paints_nothing_and_catches_up_when_shown(
    panel: DeliberationPanel,
) -> None:
    view = running_view(2)
    panel.show_view(view)
    panel.hide()
    view.apply(CandidateStarted(NAME, 2, 0, 2, 1.0))
    panel.refresh()
    assert len(_numbers(panel)) == 2
    panel.show()
    assert len(_numbers(panel)) == 3


def test_refreshing_never_scrolls_or_takes_the_focus(panel: DeliberationPanel) -> None:
    view = running_view(64)
    panel.resize(PANEL_WIDTH, 500)
    panel.show_view(view)
    QApplication.processEvents()
    bar = panel._scroll.verticalScrollBar()
    bar.setValue(40)
    focus = QApplication.focusWidget()
    view.apply(Progressed(NAME, 1.2, (CandidateDelta(0, "", "more", 6, 0.3),)))
    panel.refresh()
    QApplication.processEvents()
    assert bar.value() == 40
    assert QApplication.focusWidget() is focus


def test_the_coming_of_a_scroll_bar_moves_nothing(panel: DeliberationPanel) -> None:
    panel.show_view(running_view(64))
    widths = set()
    for height in (3000, 300):
        panel.resize(PANEL_WIDTH, height)
        QApplication.processEvents()
        assert (panel._scroll.verticalScrollBar().maximum() > 0) is (height == 300)
        widths.add(panel._body.width())
    assert len(widths) == 1


# --- opening a candidate ------------------------------------------------------------------------


def _open_first(panel: DeliberationPanel) -> CandidateDialog:
    cards = _cards(panel)
    cards.setFocus()
    cards.setCurrentIndex(cards.cards.index(0))
    QTest.keyClick(cards, Qt.Key.Key_Return)
    dialog = panel.findChild(CandidateDialog)
    assert isinstance(dialog, CandidateDialog)
    return dialog


def test_enter_opens_thought_and_response_in_full(panel: DeliberationPanel) -> None:
    panel.show_view(
        view_of([candidate(0, "12", thought="Six and six.", response="It is 12."), *answers()])
    )
    opened: list[int] = []
    panel.candidate_opened.connect(opened.append)
    dialog = _open_first(panel)
    assert opened == [0]
    texts = [
        text.toPlainText()
        for text in dialog.findChildren(QPlainTextEdit)
        if text.isVisibleTo(dialog)
    ]
    pages = [page.view.markdown for page in dialog.findChildren(RichTextPage)]
    assert (texts, pages) == (["Six and six."], ["It is 12."])
    dialog.accept()


def test_an_opened_candidate_goes_on_growing(panel: DeliberationPanel) -> None:
    view = running_view(1, words=1)
    panel.show_view(view)
    dialog = _open_first(panel)
    view.apply(Progressed(NAME, 1.4, (CandidateDelta(0, "", "and more", 4, 0.3),)))
    panel.refresh()
    text = [t for t in dialog.findChildren(QPlainTextEdit) if t.isVisibleTo(dialog)][-1]
    assert text.toPlainText() == "word and more"
    dialog.accept()


def test_a_candidate_can_be_copied_and_used_from_its_dialog(
    panel: DeliberationPanel, qtbot: QtBot
) -> None:
    view = view_of([candidate(0, "12"), candidate(1, "12"), candidate(2, "14", response="14!")])
    panel.show_view(view)
    panel.set_order(CardOrder.BY_TIME)
    cards = _cards(panel)
    cards.clicked.emit(cards.cards.index(2))
    dialog = panel.findChild(CandidateDialog)
    assert isinstance(dialog, CandidateDialog)
    buttons = {button.text(): button for button in dialog.findChildren(QPushButton)}
    buttons["Copy response"].click()
    assert QGuiApplication.clipboard().text() == "14!"
    with qtbot.waitSignal(panel.promote_requested) as promoted:
        buttons["Use this answer"].click()
    assert promoted.args == [2]


def test_the_chosen_candidate_cannot_be_chosen_again(panel: DeliberationPanel) -> None:
    panel.show_view(view_of(answers("12", "12", "14")))
    dialog = _open_first(panel)
    buttons = {button.text(): button for button in dialog.findChildren(QPushButton)}
    assert not buttons["Use this answer"].isEnabled()
    dialog.accept()


def test_only_one_candidate_is_open_at_a_time(panel: DeliberationPanel) -> None:
    panel.show_view(view_of(answers("12", "12")))
    dialog = _open_first(panel)
    _cards(panel).clicked.emit(_cards(panel).cards.index(1))
    assert len(panel.findChildren(CandidateDialog)) == 1
    dialog.accept()


def test_the_keyboard_reaches_folded_out_cards_and_the_panel_follows(
    panel: DeliberationPanel,
) -> None:
    panel.show_view(running_view(64))
    _button(panel, "Show all").click()
    QApplication.processEvents()
    cards = _cards(panel)
    cards.setFocus()
    cards.setCurrentIndex(cards.cards.index(0))
    QTest.keyClick(cards, Qt.Key.Key_End)
    assert cards.currentIndex().row() == 63
    place = cards.mapTo(panel, cards.visualRect(cards.currentIndex()).center())
    assert 0 < place.y() < panel.height()


def test_an_index_that_is_no_card_says_nothing(panel: DeliberationPanel) -> None:
    panel.show_view(running_view(1))
    assert _cards(panel).cards.data(QModelIndex()) is None


def test_the_context_menu_uses_the_card_under_the_keyboard(
    panel: DeliberationPanel, qtbot: QtBot
) -> None:
    panel.show_view(view_of(answers("12", "12", "14")))
    cards = _cards(panel)
    cards.setCurrentIndex(cards.cards.index(2))
    cards.customContextMenuRequested.emit(QPoint(-1, -1))
    menu = cards.findChild(QMenu)
    assert isinstance(menu, QMenu)
    actions = {action.text(): action for action in menu.actions()}
    with qtbot.waitSignal(panel.promote_requested) as promoted:
        actions["Use this answer"].trigger()
    assert promoted.args == [2]
    menu.close()


def test_a_streaming_candidate_cannot_be_used_yet(panel: DeliberationPanel) -> None:
    panel.show_view(running_view(2))
    cards = _cards(panel)
    cards.setCurrentIndex(cards.cards.index(1))
    cards.customContextMenuRequested.emit(QPoint(-1, -1))
    menu = cards.findChild(QMenu)
    assert isinstance(menu, QMenu)
    enabled = {action.text(): action.isEnabled() for action in menu.actions()}
    assert enabled == {
        "Read in full": True,
        "Use this answer": False,
        "Prefer this answer": False,
        "Copy response": True,
    }
    menu.close()


def test_an_answer_that_looks_like_html_is_shown_as_it_is_written(
    panel: DeliberationPanel,
) -> None:
    answer = "<img src='file:///secret.png'> 12"
    panel.show_view(view_of(answers(answer, answer)))
    cards = _cards(panel).cards
    tip = str(cards.data(cards.index(0), Qt.ItemDataRole.ToolTipRole))
    document = QTextDocument()
    document.setHtml(tip)
    assert document.toPlainText().startswith(f"#1, {answer}, ")
    dialog = _open_first(panel)
    title = dialog.findChildren(QLabel)[0]
    assert title.text() == f"Answer: {answer}"
    assert title.textFormat() is Qt.TextFormat.PlainText
    dialog.accept()


# --- power --------------------------------------------------------------------------------------


def test_power_shows_sensor_and_four_figures(panel: DeliberationPanel) -> None:
    panel.show_view(view_of(answers(*["12"] * 10)))
    panel.set_power(power_samples([38.0, 310.0, 312.0]), REPORT, "NVML", "instant")
    assert _remarks(panel)[-1] == "NVML, instant, 50 ms"
    said = _said(panel)
    for figure in ("2.9 kJ", "236 W", "8.2×", "290 J"):
        assert figure in said


def test_what_a_sensor_did_not_tell_is_not_available_and_never_zero(
    panel: DeliberationPanel,
) -> None:
    panel.show_view(view_of(answers("12")))
    panel.set_power(power_samples([38.0, 40.0]), None, "NVML", "1 s average")
    said = _said(panel)
    assert said.count("not available") == 4
    assert "0 W" not in said.replace("40 W", "")


def test_power_of_other_machines_is_not_claimed(panel: DeliberationPanel) -> None:
    panel.show_view(view_of(answers("12")))
    panel.set_power([], REPORT, "NVML", "instant", elsewhere=True)
    assert _remarks(panel)[-1] == "this computer only: NVML, instant, 50 ms"


def test_without_a_sensor_it_says_so_in_one_line(panel: DeliberationPanel) -> None:
    panel.show_view(view_of(answers("12")))
    panel.set_power([], None, "", "unknown")
    assert _remarks(panel)[-1] == "No power sensor"
    assert "This machine does not tell Ponder what it draws." in _said(panel)
    assert "energy" not in _said(panel)


@pytest.mark.parametrize(("zoom", "worded"), [(1.0, True), (1.25, False)])
def test_in_a_narrow_panel_the_order_gives_up_its_words_and_nothing_is_cut(
    panel: DeliberationPanel, qtbot: QtBot, zoom: float, *, worded: bool
) -> None:
    panel.show_view(view_of(answers("4", "4", "5")))
    set_zoom(zoom)
    try:
        panel.resize(245, 600)
        order = next(b for b in panel.findChildren(QToolButton) if b.text() == "by vote")
        shown = order.toolButtonStyle() is Qt.ToolButtonStyle.ToolButtonTextBesideIcon
        assert shown is worded
        area = panel.findChild(QScrollArea)
        assert area is not None
        body, room = area.widget(), area.viewport()
        assert body is not None
        qtbot.waitUntil(lambda: body.minimumSizeHint().width() <= room.width())
    finally:
        set_zoom(1.0)


def test_a_remark_without_room_says_less_and_is_not_cut_in_a_word(qtbot: QtBot) -> None:
    place = QWidget()
    qtbot.addWidget(place)
    remark = Heading("Votes", place).remark
    remark.say("99 % settled · 16 candidates")
    whole = remark.fontMetrics().horizontalAdvance(remark.text())
    assert remark.text_in(whole) == "99 % settled · 16 candidates"
    assert remark.text_in(whole - 1) == "99 % settled"
    assert remark.text_in(20).endswith("…")
    remark.say("grey: waiting for first token", "grey: waiting")
    whole = remark.fontMetrics().horizontalAdvance(remark.text())
    assert remark.text_in(whole - 1) == "grey: waiting"
    assert remark.text_in(whole) == remark.toolTip() == "grey: waiting for first token"
