"""Search, revision and auto from the menu to the panel, and again after a restart."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QToolButton

from desktop_app.chat.transcript_figures import agreement, stopped_text
from desktop_app.chat.turn import TurnState, TurnView
from desktop_app.settings import ThinkingSettings, load_settings, save_settings
from desktop_app.settings_pages.settings_dialog import SettingsDialog
from desktop_app.settings_pages.strategy_page import StrategyPage
from desktop_app.spending import budget_for, doubled, with_attempts
from desktop_app.thinking.cards import CandidateCards
from desktop_app.thinking.panel import DeliberationPanel
from desktop_app.thinking.revision_chain import RevisionChain, spoken
from desktop_app.thinking.revision_lines import LineKind
from desktop_app.thinking.search_tree import SearchTree
from desktop_app.thinking.votes import VoteBars
from desktop_app.thinking.wording import vote_note, vote_remark
from desktop_app.words.strategy_text import UNITS, choice_text, strategy_text, unit_text
from engine.budget import Budget
from engine.options import Choice, SearchMethod, StrategyChoice, StrategyOptions, Weighting
from engine.step import Step
from engine.strategies import STRATEGIES
from engine.verdict import Outcome, StoppedWhy
from tests.desktop_app.window_driver import VOTE, Driver

SEARCH = [
    {"text": f"It is {a}.\n\nSo it must be {a}.\n\nAnswer: {a}", "score": score}
    for a, score in ((4, 0.2), (5, 0.9), (6, 0.3), (7, 0.1))
]


def choose(driver: Driver, strategy: str) -> None:
    """Choose in the menu, as a person does."""
    box = driver.window.composer.findChild(QComboBox)
    assert isinstance(box, QComboBox)
    box.setCurrentIndex(box.findData(strategy))
    box.activated.emit(box.currentIndex())


def panel(driver: Driver) -> DeliberationPanel:
    driver.window.panel.refresh()
    return driver.window.panel


def tree_of(driver: Driver) -> SearchTree:
    tree = panel(driver).findChild(SearchTree)
    assert isinstance(tree, SearchTree)
    return tree


def shown_steps(tree: SearchTree) -> list[tuple[str, str]]:
    """Text and score of every row, depth first."""
    rows: list[tuple[str, str]] = []
    model = tree.steps
    waiting = [model.index(row, 0) for row in reversed(range(model.rowCount()))]
    while waiting:
        index = waiting.pop()
        score = model.index(index.row(), 1, index.parent())
        rows.append((str(model.data(index)), str(model.data(score))))
        waiting += [model.index(row, 0, index) for row in reversed(range(model.rowCount(index)))]
    return rows


def test_a_search_is_shown_as_a_tree_now_and_later(open_window: Callable[..., Driver]) -> None:
    driver = open_window()
    driver.load(SEARCH)
    choose(driver, "search")
    driver.ask("How many apples are there?")
    tree = tree_of(driver)
    assert tree.isVisibleTo(driver.window)
    rows = shown_steps(tree)
    assert ("It is 4.", "0.20") in rows
    assert ("It is 5.", "0.90") in rows
    assert [text for text, _ in rows if text.startswith("#")] == [
        f"#{number}  Answer: 5" for number in range(1, 5)
    ]
    left = [step.text for step in panel_steps(driver) if tree.steps.left_behind(step)]
    assert {"It is 4.", "It is 6.", "It is 7."} <= set(left)
    driver.settle()
    driver.quit()
    again = open_window()
    again.wait(lambda: again.window.panel.view is not None)
    assert shown_steps(tree_of(again)) == rows


def test_a_search_says_that_it_searches_before_there_is_an_answer_to_read(driver: Driver) -> None:
    driver.load(SEARCH)
    choose(driver, "search")
    turns: list[TurnView] = []
    driver.chat.turn_updated.connect(turns.append)
    driver.ask("How many apples are there?")
    waiting = [turn for turn in turns if turn.state is TurnState.WAITING]
    assert waiting
    assert all(turn.asked_for for turn in waiting)
    assert waiting[-1].steps > 0


def panel_steps(driver: Driver) -> list[Step]:
    view = panel(driver).view
    assert view is not None
    return list(view.steps)


def test_thinking_longer_adds_to_the_tree(driver: Driver) -> None:
    driver.load(SEARCH)
    choose(driver, "search")
    driver.ask("How many apples are there?", attempts=2)
    before = shown_steps(tree_of(driver))
    view = panel(driver).view
    assert view is not None
    count = len(view.candidates)
    driver.chat.think_longer(driver.chat.turns()[-1].message_id)
    driver.wait(lambda: panel_verdict(driver) is not None)
    after = shown_steps(tree_of(driver))
    assert len(after) > len(before)
    view = panel(driver).view
    assert view is not None
    assert len(view.candidates) == 2 * count


def panel_verdict(driver: Driver) -> object:
    view = driver.window.panel.view
    return view.verdict if view is not None else None


def test_choosing_a_last_step_opens_its_candidate(driver: Driver) -> None:
    driver.load(SEARCH)
    choose(driver, "search")
    driver.ask("How many apples are there?")
    tree = tree_of(driver)
    opened: list[int] = []
    panel(driver).candidate_opened.connect(opened.append)
    last = panel_steps(driver)[-1]
    tree.activated.emit(tree.steps.index_of(last.index))
    assert opened == [last.candidate]


def test_a_chain_says_what_each_attempt_changed(driver: Driver) -> None:
    lines = [{"text": f"2+2={n}\nthe same line\nAnswer: {n}"} for n in (5, 4, 4, 4)]
    driver.load(lines)
    choose(driver, "revise")
    driver.ask("How many apples are there?", attempts=4)
    chain = panel(driver).findChild(RevisionChain)
    assert isinstance(chain, RevisionChain)
    kinds = [(line.kind, line.text) for line in chain.lines]
    assert kinds.count((LineKind.ATTEMPT, "4")) + kinds.count((LineKind.ATTEMPT, "5")) == 4
    assert (LineKind.REMOVED, "2+2=5") in kinds
    assert (LineKind.ADDED, "2+2=4") in kinds
    assert not any(text == "the same line" for _, text in kinds)
    said = [spoken(line) for line in chain.lines]
    assert "removed: 2+2=5" in said
    assert "added: 2+2=4" in said
    assert any("→" in text for text in said)


def test_auto_says_what_it_decided(driver: Driver) -> None:
    driver.load(VOTE)
    choose(driver, "auto")
    driver.ask("How many apples are there?", attempts=16)
    view = panel(driver).view
    assert view is not None
    assert view.choice is not None
    told = "after 8 samples, one answer is 4 votes ahead, so no more is needed"
    assert told in panel(driver).choice_shown


def test_thinking_longer_goes_on_where_auto_had_seen_enough(driver: Driver) -> None:
    driver.load(VOTE)
    choose(driver, "auto")
    driver.ask("How many apples are there?", attempts=64)
    view = panel(driver).view
    assert view is not None
    assert len(view.candidates) == 8
    driver.chat.think_longer(driver.chat.turns()[-1].message_id)
    driver.wait(lambda: panel_verdict(driver) is not None)
    view = panel(driver).view
    assert view is not None
    assert view.verdict is not None
    assert view.verdict.stopped is StoppedWhy.BUDGET_SPENT
    assert len(view.candidates) == 16


@pytest.mark.parametrize(
    ("choice", "said"),
    [
        (StrategyChoice("stop", 4, 4, 4), "all of the first 4 agree, so no more is needed"),
        (StrategyChoice("stop", 64, 3, 4, 4, 3.0), "3 of the first 4 agree, so no more is needed"),
        (StrategyChoice("stop", 64, 1, 4, 4, 0.0), "none of the first 4 agree, and more would"),
        (StrategyChoice("stop", 64, 2, 4, 4, 0.0), "2 of the first 4 agree, and more would"),
        (StrategyChoice("vote", 64, 2, 4, 8), "2 of the first 4 agree, so on to 8 of at most 64"),
        (StrategyChoice("vote", 64, 2, 4), "2 of the first 4 agree, so a vote of up to 64"),
        (StrategyChoice("vote", 64, 2, 4, 16, 2.5), "after 16 samples, one answer is 2.5 votes"),
        (StrategyChoice("vote", 64, 2, 4, 32, 0.0), "after 32 samples, nothing is clearly ahead"),
    ],
)
def test_each_choice_of_auto_is_put_into_words(choice: StrategyChoice, said: str) -> None:
    assert said in choice_text(choice)


def test_a_plain_vote_shows_neither_tree_nor_chain(driver: Driver) -> None:
    driver.load(VOTE)
    driver.ask("How many apples are there?")
    assert not tree_of(driver).isVisibleTo(driver.window)
    assert panel(driver).choice_shown == ""


def test_every_strategy_has_words_and_a_unit(driver: Driver) -> None:
    assert list(UNITS) == list(STRATEGIES)
    box = driver.window.composer.findChild(QComboBox)
    assert isinstance(box, QComboBox)
    for row, name in enumerate(STRATEGIES):
        words = strategy_text(name)
        assert box.itemData(row) == name
        assert box.itemText(row) == words.title
        assert words.does in box.itemData(row, Qt.ItemDataRole.ToolTipRole)
        assert unit_text(UNITS[name], 1).startswith("1 ")
        assert unit_text(UNITS[name], 8).startswith("8 ")


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_thinking_longer_asks_for_more(strategy: str) -> None:
    budget = budget_for(ThinkingSettings(attempts=8), strategy)
    more = doubled(budget, strategy, budget.attempts)
    assert more.attempts > budget.attempts
    assert more.samples >= budget.samples
    assert more.rounds >= budget.rounds
    assert with_attempts(Budget(), strategy, 8).attempts == budget.attempts


def test_the_page_gives_back_what_it_was_given(driver: Driver) -> None:
    del driver  # for its application
    page = StrategyPage()
    options = StrategyOptions(
        Weighting.SELF_ASSESSED, 0.1, 3, SearchMethod.DVTS, Choice.BEST, 2, 9, 4
    )
    page.show_thinking(ThinkingSettings(options=options, more_thought=2))
    assert page.options == options
    assert page.more_thought == 2


def test_options_survive_the_settings_file(driver: Driver) -> None:
    settings = driver.work.settings
    path = driver.folder / "settings.toml"
    for options in (StrategyOptions(), StrategyOptions(first_finished=3, choice=Choice.BEST)):
        thinking = ThinkingSettings(strategy="think-first", options=options, more_thought=1)
        changed = type(settings)(thinking=thinking)
        save_settings(path, changed)
        assert load_settings(path).settings == changed


def test_a_chain_and_its_answers_are_there_after_a_restart(
    open_window: Callable[..., Driver],
) -> None:
    driver = open_window()
    driver.load([{"text": f"2+2={n}\nAnswer: {n}"} for n in (5, 4, 4, 4)])
    choose(driver, "revise")
    driver.ask("How many apples are there?")
    lines = chain_of(driver).lines
    assert lines
    driver.settle()
    driver.quit()
    again = open_window()
    again.wait(lambda: again.window.panel.view is not None)
    assert chain_of(again).lines == lines


def test_what_auto_decided_is_there_after_a_restart(open_window: Callable[..., Driver]) -> None:
    driver = open_window()
    driver.load([{"text": "Answer: 4"}])
    choose(driver, "auto")
    driver.ask("How many apples are there?", attempts=16)
    said = panel(driver).choice_shown
    assert said == "Auto: all of the first 4 agree, so no more is needed"
    driver.settle()
    driver.quit()
    again = open_window()
    again.wait(lambda: again.window.panel.view is not None)
    assert panel(again).choice_shown == said


def test_an_aggregate_says_what_each_attempt_was_made_from(driver: Driver) -> None:
    driver.load([{"text": "Answer: 4"}])
    choose(driver, "aggregate")
    driver.ask("How many apples are there?", attempts=8)
    lines = chain_of(driver).lines
    assert [spoken(line) for line in lines if line.kind is LineKind.HEADING] == [
        "Round 1",
        "Round 2",
    ]
    made = [line for line in lines if line.made_from]
    assert len(made) == 4
    assert all(spoken(line).startswith(f"#{line.candidate + 1}  4  from #") for line in made)
    evidence = driver.chat.turns()[-1].evidence
    assert evidence is not None
    assert agreement(evidence).text == "4 of 4 agree"
    view = panel(driver).view
    assert view is not None
    assert vote_remark(view).endswith("8 candidates")


def test_the_best_score_is_said_where_it_decided(driver: Driver) -> None:
    thinking = msgspec.structs.replace(
        driver.work.settings.thinking, options=StrategyOptions(choice=Choice.BEST)
    )
    settings = msgspec.structs.replace(driver.work.settings, thinking=thinking)
    driver.work.current_settings.apply(settings)
    driver.load(SEARCH)
    choose(driver, "search")
    driver.ask("How many apples are there?")
    view = panel(driver).view
    assert view is not None
    assert view.verdict is not None
    assert view.verdict.outcome is Outcome.BEST
    assert vote_remark(view).startswith("best score · ")
    assert "has the highest score" in vote_note(view)
    evidence = driver.chat.turns()[-1].evidence
    assert evidence is not None
    assert agreement(evidence).text == "best score of 4 samples"


def test_a_card_says_how_likely_it_is_right_and_who_says_so(driver: Driver) -> None:
    driver.load(SEARCH)
    choose(driver, "search")
    driver.ask("How many apples are there?")
    cards = panel(driver).findChild(CandidateCards)
    assert isinstance(cards, CandidateCards)
    said = cards.cards.data(cards.cards.index(0), Qt.ItemDataRole.AccessibleTextRole)
    assert "likely right 90 % · self-assessed" in str(said)
    votes = panel(driver).findChild(VoteBars)
    assert isinstance(votes, VoteBars)
    assert votes.rows[0].figure == "4 · weight 3.6"


def test_the_first_that_finished_decide(driver: Driver) -> None:
    thinking = msgspec.structs.replace(
        driver.work.settings.thinking, options=StrategyOptions(first_finished=2)
    )
    settings = msgspec.structs.replace(driver.work.settings, thinking=thinking)
    driver.work.current_settings.apply(settings)
    driver.load([{"text": "Answer: 4"}, {"text": "well and " * 30 + "Answer: 5"}])
    driver.ask("How many apples are there?", attempts=8)
    evidence = driver.chat.turns()[-1].evidence
    assert evidence is not None
    assert evidence.stopped is StoppedWhy.ENOUGH_FINISHED
    assert stopped_text(evidence) == "the first that finished decided"
    view = panel(driver).view
    assert view is not None
    assert "weighed" not in vote_note(view)


def test_the_button_beside_the_menu_opens_the_strategies(driver: Driver) -> None:
    composer = driver.window.composer
    button = next(
        button
        for button in composer.findChildren(QToolButton)
        if button.accessibleName() == "Presets and options"
    )
    button.click()
    menu = composer.preset_menu
    assert menu.isVisible()
    menu.actions()[-1].trigger()
    menu.hide()
    dialog = driver.window.findChild(SettingsDialog)
    assert isinstance(dialog, SettingsDialog)
    page = dialog.findChild(StrategyPage)
    assert isinstance(page, StrategyPage)
    assert page.isVisibleTo(dialog)
    dialog.reject()


def chain_of(driver: Driver) -> RevisionChain:
    chain = panel(driver).findChild(RevisionChain)
    assert isinstance(chain, RevisionChain)
    return chain
