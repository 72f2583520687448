"""Aggregate, think-first, auto and weighted votes as pure policies."""

from __future__ import annotations

from dataclasses import replace as copy

import msgspec
import pytest

from engine.budget import Budget
from engine.candidate import Candidate, ExtractedAnswer, StopReason
from engine.options import Choice, Look, PolicyRow, StrategyChoice, StrategyOptions, Weighting
from engine.strategies import STRATEGIES, strategy_named, width_and_depth
from engine.strategies.aggregate import Aggregate, aggregation_prompt
from engine.strategies.base import Asking, Attempt, Progress
from engine.strategies.confidence import confidence_weights
from engine.strategies.think_first import thought_prompt
from engine.strategies.vote import Vote
from engine.tally import tally_votes
from engine.thoughts import ThoughtSplitter
from engine.verdict import Outcome, StoppedWhy, decide


def finished(index: int, answer: str | None, **fields: object) -> Candidate:
    found = ExtractedAnswer(answer, answer, "boxed") if answer else None
    made = Candidate(
        index, 0, index, "", answer or "?", found, 5, 0, 0.0, 0.1, 1.0, StopReason.FINISHED, 0.5
    )
    return msgspec.structs.replace(made, **fields)


def progress(budget: Budget, *done: Candidate, running: tuple[Attempt, ...] = ()) -> Progress:
    return Progress(budget, done, running, tally_votes(done))


# --- aggregate ----------------------------------------------------------------------------------


def test_each_round_is_made_of_the_round_before_and_the_last_one_votes() -> None:
    aggregate, budget = Aggregate(StrategyOptions(shown=3)), Budget(4, 3)
    done: list[Candidate] = []
    for number in range(3):
        decision = aggregate.decide(progress(budget, *done))
        assert len(decision.start) == 4
        for attempt in decision.start:
            assert attempt.round == number
            assert attempt.asking is (Asking.AGGREGATE if number else Asking.PLAIN)
            assert len(set(attempt.earlier)) == (3 if number else 0)
            assert all(done[index].round == number - 1 for index in attempt.earlier)
        done += [
            finished(len(done) + place, str(number), round=number, earlier=attempt.earlier)
            for place, attempt in enumerate(decision.start)
        ]
    assert aggregate.decide(progress(budget, *done)).stop is StoppedWhy.BUDGET_SPENT
    assert {candidate.answer and candidate.answer.key for candidate in aggregate.voters(done)} == {
        "2"
    }


def test_a_round_waits_for_the_whole_round_before() -> None:
    decision = Aggregate().decide(
        progress(Budget(4, 2), *(finished(n, "1") for n in range(3)), running=(Attempt(),))
    )
    assert decision.start == ()
    assert decision.stop is None


def test_a_wider_budget_fills_the_present_round() -> None:
    done = [finished(n, "1") for n in range(4)]
    decision = Aggregate().decide(progress(Budget(6, 2), *done))
    assert decision.start == (Attempt(), Attempt())


def test_nothing_to_put_together_ends_it() -> None:
    silent = [finished(n, None, response="") for n in range(4)]
    assert Aggregate().decide(progress(Budget(4, 3), *silent)).stop is StoppedWhy.BUDGET_SPENT


def test_the_prompt_shows_question_and_attempts() -> None:
    text = aggregation_prompt("How many?", ["one", " two "])
    assert text.startswith("How many?\n\n")
    assert "1. one\n2. two\n" in text


# --- think first --------------------------------------------------------------------------------


def test_samples_without_a_thought_do_not_vote_where_others_thought() -> None:
    think = strategy_named("think-first")
    budget = Budget(4)
    assert think.decide(progress(budget)).start == (Attempt(asking=Asking.THINK_FIRST),) * 4
    done = [finished(n, str(n), thought="hm" if n else "") for n in range(4)]
    assert think.decide(progress(budget, *done)).stop is StoppedWhy.BUDGET_SPENT
    assert [candidate.index for candidate in think.voters(done)] == [1, 2, 3]
    thoughtless = [finished(n, str(n)) for n in range(4)]
    assert len(think.voters(thoughtless)) == 4


@pytest.mark.parametrize("samples", [4, 8, 64])
def test_thinking_first_ends_when_and_why_a_vote_ends(samples: int) -> None:
    budget = Budget(samples)
    for count in range(1, 9):
        done = [finished(n, "4", thought="hm") for n in range(min(count, samples))]
        running = (Attempt(),) * (samples - len(done))
        state = progress(budget, *done, running=running)
        assert strategy_named("think-first").decide(state) == Vote().decide(state)


def test_a_thought_that_led_to_no_reply_takes_nobodys_vote() -> None:
    think = strategy_named("think-first")
    plain = [finished(n, "12") for n in range(3)]
    cut = msgspec.structs.replace(
        finished(3, None, thought="hm"), response="", stop=StopReason.TOKEN_BUDGET
    )
    assert [c.index for c in think.voters([*plain, cut])] == [0, 1, 2, 3]
    replied = finished(4, "13", thought="so")
    assert [c.index for c in think.voters([*plain, cut, replied])] == [3, 4]


def test_the_prompt_asks_for_the_markers_that_are_read() -> None:
    prompt = thought_prompt("Why?")
    said = "Here is my thought process:\nbecause.\nHere is my response:\nSo."
    splitter = ThoughtSplitter()
    fed, closed = splitter.feed(said), splitter.close()
    assert (fed[0] + closed[0]).strip() == "because."
    assert (fed[1] + closed[1]).strip() == "So."
    assert all(line in prompt for line in said.splitlines()[::2])


# --- weighted votes -----------------------------------------------------------------------------


def test_confidence_weights_are_a_softmax_with_mean_one() -> None:
    done = [finished(n, str(n), score=score) for n, score in enumerate((0.9, 0.5, 0.1))]
    weights = confidence_weights(done, Weighting.SELF_ASSESSED, 0.4)
    assert sum(weights.values()) == pytest.approx(3)
    assert weights[0] / weights[1] == pytest.approx(2.718281828, rel=1e-6)
    assert confidence_weights(done, Weighting.EQUAL, 0.4) == {}
    flat = confidence_weights(done, Weighting.SELF_ASSESSED, 1e9)
    assert all(weight == pytest.approx(1) for weight in flat.values())
    unknown = [*done, finished(3, "3")]
    assert 3 not in confidence_weights(unknown, Weighting.SELF_ASSESSED, 0.4)
    likely = [finished(0, "0", confidence=0.9), finished(1, "1", confidence=0.2)]
    assert confidence_weights(likely, Weighting.LIKELIHOOD, 0.4)[0] > 1


def test_a_combined_weight_is_the_score_times_the_likelihood() -> None:
    done = [
        finished(0, "0", score=0.9, confidence=0.8),
        finished(1, "1", score=0.3, confidence=0.8),
        finished(2, "2", score=0.3, confidence=0.8 - 0.05),
    ]
    weights = confidence_weights(done, Weighting.COMBINED)
    assert sum(weights.values()) == pytest.approx(3)
    assert weights[0] / weights[1] == pytest.approx(3)
    assert weights[1] / weights[2] == pytest.approx(2.718281828**2.5, rel=1e-6)
    assert weights == confidence_weights(done, Weighting.COMBINED, 0.02)


@pytest.mark.parametrize("score", [None, 0.0])
def test_a_combined_weight_makes_do_with_what_is_known(score: float | None) -> None:
    """A server tells no scores, or all are 0: the likelihood decides alone, else votes count."""
    likely = [finished(n, str(n), score=score, confidence=0.9 - n / 10) for n in range(3)]
    alone = confidence_weights(likely, Weighting.LIKELIHOOD, 0.1)
    assert confidence_weights(likely, Weighting.COMBINED, 0.1) == pytest.approx(alone)
    unknown = [finished(n, str(n), score=score) for n in range(3)]
    assert set(confidence_weights(unknown, Weighting.COMBINED).values()) <= {1.0}


def test_who_was_not_asked_weighs_as_the_mean_of_the_others() -> None:
    done = [finished(n, str(n), score=score) for n, score in enumerate((0.9, 0.3, None))]
    same = [replace_confidence(candidate, 0.5) for candidate in done]
    weights = confidence_weights(same, Weighting.COMBINED)
    assert [weights[n] for n in range(3)] == pytest.approx([1.5, 0.5, 1.0])


def replace_confidence(candidate: Candidate, confidence: float) -> Candidate:
    return msgspec.structs.replace(candidate, confidence=confidence)


def test_scores_are_asked_for_where_votes_weigh_them() -> None:
    asking = {weighting for weighting in Weighting if Vote(StrategyOptions(weighting)).wants_scores}
    assert asking == {Weighting.SELF_ASSESSED, Weighting.COMBINED}


def test_the_first_to_finish_decide_and_the_shortest_breaks_a_tie() -> None:
    vote = Vote(StrategyOptions(first_finished=2))
    done = [finished(3, "a", tokens=9), finished(1, "b", tokens=4)]
    waiting = vote.decide(progress(Budget(8), done[0], running=(Attempt(),) * 7))
    assert waiting.stop is None
    assert vote.decide(progress(Budget(8), *done)).stop is StoppedWhy.ENOUGH_FINISHED
    tally = tally_votes(done, weights=vote.weights(done))
    verdict = decide(done, tally, StoppedWhy.ENOUGH_FINISHED)
    assert (verdict.answer, verdict.outcome) == ("b", Outcome.PLURALITY)
    three = [*done, finished(2, "a", tokens=9)]
    assert tally_votes(three, weights=vote.weights(three)).groups[0].label == "a"
    pairs = [(100, "a"), (120, "a"), (90, "b"), (320, "b"), (50, "c")]
    five = [finished(number, key, tokens=tokens) for number, (tokens, key) in enumerate(pairs)]
    tally = tally_votes(five, weights=vote.weights(five))
    assert decide(five, tally, StoppedWhy.ENOUGH_FINISHED).answer == "b"


# --- auto ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answers", "choice", "stop", "more"),
    [
        ("4444", StrategyChoice("stop", 64, 4, 4, 4, 4.0), StoppedWhy.SETTLED, 0),
        ("444-", StrategyChoice("stop", 64, 3, 4, 4, 3.0), StoppedWhy.SETTLED, 0),
        ("4445", StrategyChoice("vote", 64, 3, 4, until=8), None, 4),
        ("4567", StrategyChoice("vote", 64, 1, 4, until=8), None, 4),
        ("----", StrategyChoice("vote", 64, 0, 4, until=8), None, 4),
        ("44454444", StrategyChoice("vote", 64, 3, 4, 8, 6.0), StoppedWhy.SETTLED, 0),
        ("44554455", StrategyChoice("vote", 64, 2, 4, until=12), None, 4),
        ("4" * 31 + "5" * 29, StrategyChoice("vote", 64, 4, 4, until=64), None, 4),
        ("4" * 31 + "5" * 33, StrategyChoice("vote", 64, 4, 4), StoppedWhy.BUDGET_SPENT, 0),
        ("-" * 24, StrategyChoice("vote", 64, 0, 4, until=32), None, 8),
        ("-" * 32, StrategyChoice("vote", 64, 0, 4, 32, 0.0), StoppedWhy.SETTLED, 0),
        ("-" * 31 + "4", StrategyChoice("vote", 64, 0, 4, until=48), None, 16),
    ],
)
def test_auto_goes_on_until_one_answer_is_three_votes_ahead(
    answers: str, choice: StrategyChoice, stop: StoppedWhy | None, more: int
) -> None:
    auto = strategy_named("auto")
    done = [finished(n, None if answer == "-" else answer) for n, answer in enumerate(answers)]
    decision = auto.decide(progress(Budget(64), *done))
    assert (decision.chosen, decision.stop, len(decision.start)) == (choice, stop, more)


def test_auto_looks_when_all_up_to_there_have_finished() -> None:
    auto = strategy_named("auto")
    done = [finished(n, "4") for n in range(7)]
    waiting = auto.decide(progress(Budget(64), *done, running=(Attempt(),)))
    assert (waiting.stop, waiting.start) == (None, ())
    assert auto.decide(progress(Budget(64), *done, finished(7, "4"))).stop is StoppedWhy.SETTLED


def test_auto_goes_no_further_than_its_table() -> None:
    done = [finished(n, str(n)) for n in range(64)]
    decision = strategy_named("auto").decide(progress(Budget(1024), *done))
    assert decision.stop is StoppedWhy.BUDGET_SPENT


def test_weights_that_do_not_quite_add_up_reach_a_lead() -> None:
    done = [finished(n, "4", confidence=0.5 + n / 7) for n in range(4)]
    options = StrategyOptions(
        Weighting.LIKELIHOOD, 0.05, policy=(PolicyRow(0.0, "vote", 8, looks=(Look(4, 4.0),)),)
    )
    for shift in range(200):
        moved = [finished(n, "4", confidence=0.3 + n / 7 + shift / 1000) for n in range(4)]
        weights = strategy_named("auto", options).weights(moved)
        state = copy(progress(Budget(8), *done), tally=tally_votes(moved, weights=weights))
        assert strategy_named("auto", options).decide(state).stop is StoppedWhy.SETTLED


def test_auto_lets_the_first_that_finish_decide() -> None:
    auto = strategy_named("auto", StrategyOptions(first_finished=6))
    done = [finished(n, str(n % 3)) for n in range(6)]
    assert auto.decide(progress(Budget(64), *done)).stop is StoppedWhy.ENOUGH_FINISHED


def test_auto_spends_all_where_nothing_may_end_early() -> None:
    auto = strategy_named("auto")
    done = [finished(n, "4") for n in range(8)]
    decision = auto.decide(copy(progress(Budget(32), *done), stop_early=False))
    assert (decision.stop, len(decision.start)) == (None, 24)


def test_a_learned_table_says_where_more_would_hardly_help() -> None:
    looks = (Look(4, 2.0), Look(4, 9.0, 0.5), Look(8, 0.0), Look(8, 1.0, 0.5))
    auto = strategy_named(
        "auto", StrategyOptions(policy=(PolicyRow(0.0, "vote", 16, looks=looks),))
    )
    said = {
        "4456": (None, 4),
        "44--": (None, 4),
        "4456" * 2: (StoppedWhy.SETTLED, 0),
        "45------": (None, 8),
        "4-------": (StoppedWhy.SETTLED, 0),
    }
    for answers, (stop, more) in said.items():
        done = [finished(n, None if a == "-" else a) for n, a in enumerate(answers)]
        decision = auto.decide(progress(Budget(64), *done))
        assert (decision.stop, len(decision.start)) == (stop, more), answers


def test_the_votes_of_auto_weigh_as_a_vote_does() -> None:
    options = StrategyOptions(weighting=Weighting.LIKELIHOOD, sharpness=0.05)
    auto = strategy_named("auto", options)
    done = [finished(0, "4", confidence=0.9), finished(1, "5", confidence=0.7)]
    assert auto.weights(done) == Vote(options).weights(done) != {}
    assert not auto.wants_scores
    assert strategy_named("auto", StrategyOptions(weighting=Weighting.SELF_ASSESSED)).wants_scores


def test_auto_begins_with_four_and_keeps_to_the_slider() -> None:
    auto = strategy_named("auto")
    assert auto.decide(progress(Budget(16))).start == (Attempt(),) * 4
    assert auto.decide(progress(Budget(2))).start == (Attempt(),) * 2
    done = [finished(n, str(n)) for n in range(4)]
    decision = auto.decide(progress(Budget(6), *done))
    assert decision.chosen == StrategyChoice("vote", 6, 1, 4, until=6)
    assert len(decision.start) == 2
    assert auto.decide(progress(Budget(4), *done)).stop is StoppedWhy.BUDGET_SPENT


def test_a_table_can_send_hard_questions_elsewhere() -> None:
    rows = (PolicyRow(0.75, "stop", 4), PolicyRow(0.5, "revise", 12, 2), PolicyRow(0, "search", 8))
    auto = strategy_named("auto", StrategyOptions(policy=rows))
    assert auto.wants_scores
    done = [finished(n, answer) for n, answer in enumerate("4455")]
    revise = auto.decide(progress(Budget(64), *done))
    assert {attempt.asking for attempt in revise.start} == {Asking.REVISE, Asking.PLAIN}
    done = [finished(n, answer) for n, answer in enumerate("4567")]
    search = auto.decide(progress(Budget(64), *done))
    assert search.start == (Attempt(one_step=True),) * 4
    with pytest.raises(ValueError, match="last row"):
        StrategyOptions(policy=rows[:2])


@pytest.mark.parametrize("way", ["vote", "revise", "search", "aggregate"])
def test_what_auto_chose_makes_its_votes_and_its_verdict(way: str) -> None:
    options = StrategyOptions(
        first_finished=3, choice=Choice.BEST, policy=(PolicyRow(0.0, way, 8, rounds=2),)
    )
    done = [finished(n, "4", tokens=5 + n, score=n / 8) for n in range(4)]
    done += [finished(n, "5", score=n / 8, round=1) for n in range(4, 8)]
    decision = strategy_named("auto", options).decide(progress(Budget(8), *done))
    assert decision.chosen is not None
    followed = strategy_named("auto", options).after(decision.chosen)
    meant = strategy_named(way, options)
    assert followed.voters(done) == meant.voters(done)
    assert followed.weights(done) == meant.weights(done)
    assert followed.picks_best is meant.picks_best


def test_auto_keeps_to_what_it_chose_when_its_first_samples_do_not_vote_any_more() -> None:
    rows = (PolicyRow(0.75, "aggregate", 8, rounds=2), PolicyRow(0.0, "vote", 64))
    auto = strategy_named("auto", StrategyOptions(policy=rows))
    done = [finished(n, "4") for n in range(4)]
    first = auto.decide(progress(Budget(64), *done))
    assert first.chosen == StrategyChoice("aggregate", 8, 4, 4)
    done += [finished(n, str(n), round=1) for n in range(4, 8)]
    state = copy(progress(Budget(64), *done), tally=tally_votes(done[4:]), chosen=first.chosen)
    assert auto.decide(state).chosen == first.chosen
    assert auto.decide(state).stop is StoppedWhy.BUDGET_SPENT


# --- the slider ---------------------------------------------------------------------------------


@pytest.mark.parametrize("name", STRATEGIES)
def test_the_slider_pays_for_what_it_says(name: str) -> None:
    for attempts in (1, 2, 3, 4, 7, 8, 12, 16, 32, 64, 100):
        samples, rounds = width_and_depth(name, attempts)
        assert 1 <= samples * rounds <= attempts
        assert samples * rounds > attempts * 0.6


def test_chains_are_about_as_many_as_they_are_long() -> None:
    assert [width_and_depth("revise", n) for n in (1, 4, 8, 16, 64)] == [
        (1, 1), (2, 2), (2, 4), (4, 4), (8, 8),
    ]  # fmt: skip
