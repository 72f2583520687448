"""What a turn says of models: who answered, who would go on, and why none can."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace

from desktop_app.chat.answer import Answer
from desktop_app.chat.going_on import Cut
from desktop_app.chat.turn import GoingOn
from desktop_app.chat.turn_models import TurnModels
from desktop_app.spending import Spending
from engine.budget import Budget
from engine.candidate import Beginning, Candidate, StopReason
from engine.generation import ModelReport, Sampling
from engine.journal.records import DraftRecord, Status
from engine.own_thinking import OwnThinking
from engine.verdict import StoppedWhy
from tests.desktop_app.remote_reports import DOWN, HERE, THERE, remote_report
from tests.desktop_app.thinking.deliberations import NAME, candidate, events, record_of

LOADED = replace(remote_report(), path="/m/small.gguf", context_tokens=100)
CUT = candidate(0, None, stop=StopReason.TOKEN_BUDGET, response="Two and", thought="Hm.")


def answer_of(*done: Candidate, stopped: StoppedWhy = StoppedWhy.BUDGET_SPENT) -> Answer:
    answer = Answer.fresh(NAME, "m", "vote", Budget(len(done)))
    for event in events(list(done), stopped=stopped):
        answer.apply(event)
    answer.model_path = "/m/small.gguf"
    return answer


def going_on(answer: Answer, report: ModelReport | None) -> GoingOn | None:
    models = TurnModels(lambda: report)
    models.call_models(lambda path: path.stem.title())
    return models.complete(answer.turn(), answer).going_on


def test_an_answer_names_its_model_as_it_is_called_everywhere() -> None:
    answer = answer_of(CUT)
    models = TurnModels(lambda: None)
    models.call_models({Path("/m/small.gguf"): "Ponder Small"}.__getitem__)
    evidence = answer.turn(name_of=models.name_of).evidence
    assert evidence is not None
    assert evidence.model == "Ponder Small"
    assert not models.renamed()
    models.call_models({Path("/m/small.gguf"): "Small"}.__getitem__)
    assert models.renamed()
    assert models.name_of(Path("/m/small.gguf")) == "Small"


@pytest.mark.parametrize(
    ("report", "able", "tip"),
    [
        (LOADED, True, "Go on where it breaks off; it is kept as a version"),
        (
            replace(LOADED, path="/m/base.gguf"),
            True,
            "Base goes on where Small broke off; it is kept as a version",
        ),
        (None, False, "Load a model to go on with it"),
        (
            remote_report(HERE, replace(THERE, goes_on=False)),
            False,
            "Pool.Engine runs on a server that takes no unfinished answer",
        ),
        (
            remote_report(HERE, replace(DOWN, goes_on=False)),
            True,
            "Pool.Engine goes on where Small broke off; it is kept as a version",
        ),
    ],
)
def test_what_is_offered_depends_on_what_is_loaded(
    report: ModelReport | None, *, able: bool, tip: str
) -> None:
    assert going_on(answer_of(CUT), report) == GoingOn(able=able, tip=tip)


def test_a_full_context_is_gone_on_with_in_a_longer_one() -> None:
    answer = answer_of(replace(CUT, stop=StopReason.CONTEXT_FULL))
    answer.prompt_tokens = 59  # and 41 of the answer
    for context_tokens, able in ((100, False), (200, True)):
        offer = going_on(answer, replace(LOADED, context_tokens=context_tokens))
        assert offer is not None
        assert offer.able is able


@pytest.mark.parametrize(
    ("stop", "stopped", "is_cut"),
    [
        (StopReason.FINISHED, StoppedWhy.BUDGET_SPENT, False),
        (StopReason.TOKEN_BUDGET, StoppedWhy.BUDGET_SPENT, True),
        (StopReason.CONTEXT_FULL, StoppedWhy.BUDGET_SPENT, True),
        (StopReason.CANCELLED, StoppedWhy.CANCELLED, True),
        (StopReason.TIME_UP, StoppedWhy.TIME_UP, True),
        (StopReason.NOT_NEEDED, StoppedWhy.ANSWERED_NOW, True),
    ],
)
def test_what_was_cut(stop: StopReason, stopped: StoppedWhy, *, is_cut: bool) -> None:
    answer = answer_of(replace(CUT, stop=stop), stopped=stopped)
    assert (answer.cut is not None) is is_cut


def test_a_vote_that_nobody_won_or_that_was_won_whole_is_not_cut() -> None:
    cut = replace(CUT, index=2)
    assert answer_of(candidate(0, "4"), candidate(1, "5"), cut).cut is None
    assert answer_of(candidate(0, "4"), candidate(1, "4"), cut).cut is None


def test_nothing_is_gone_on_with_where_nothing_was_written() -> None:
    nothing = replace(CUT, thought="", response="", tokens=0)
    assert answer_of(nothing).cut is None


def test_the_same_model_goes_on_behind_what_it_wrote_and_another_behind_the_parts() -> None:
    cut = answer_of(replace(CUT, written="<think>Hm. </think>Two and ")).cut
    assert cut is not None
    assert cut.beginning(LOADED) == Beginning("<think>Hm. </think>Two and ", 41, 0)
    other = replace(LOADED, path="/m/base.gguf", thought_opening="<think>")
    assert cut.beginning(other).text == "Hm.\n</think>\n\nTwo and"


def test_it_is_asked_for_as_before_within_the_limits_of_now() -> None:
    now = Spending("auto", Budget(64, tokens_per_candidate=9), Sampling(temperature=0.8))
    cut = Cut("", "Two", "", 3, 0, 0, "", "think-first", OwnThinking.OFF, greedy=True)
    spending = cut.spending(now)
    assert spending.strategy == "think-first"
    assert spending.budget == Budget(1, tokens_per_candidate=9)
    assert spending.sampling.temperature == 0
    assert spending.options.own_thinking is OwnThinking.OFF
    assert cut.spending(now).budget.attempts == 1


def test_a_drawn_candidate_is_gone_on_with_by_drawing_also_after_a_restart() -> None:
    alone = Answer.recorded(record_of([CUT]), "m").cut
    one_of_two = Answer.recorded(record_of([CUT, replace(CUT, index=1)]), "m").cut
    went_on = Answer.recorded(record_of([replace(CUT, begun_tokens=5)]), "m").cut
    assert alone is not None
    assert one_of_two is not None
    assert went_on is not None
    assert (alone.greedy, one_of_two.greedy, went_on.greedy) == (True, False, False)
    assert went_on.tokens == CUT.tokens + 5


def test_an_interrupted_answer_is_gone_on_with_from_its_draft() -> None:
    record = replace(
        record_of([CUT], Status.INTERRUPTED),
        candidates=(),
        drafts=(DraftRecord(0, "Hm.", "Two and ", 5),),
    )
    cut = Answer.recorded(record, "m").cut
    assert cut is not None
    assert cut.beginning(LOADED) == Beginning("<think>\nHm.\n</think>\n\nTwo and ", 5, 0)
