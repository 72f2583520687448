"""The deliberation over a scripted backend, in this process, with a clock of the test's own."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar
from unittest.mock import patch

import msgspec
import pytest

from engine.answers.equivalence import EquivalenceChecker
from engine.answers.groups import AnswerGroups
from engine.backends.scripted import ScriptedBackend
from engine.budget import Budget
from engine.candidate import StopReason
from engine.deliberation import Deliberation
from engine.errors import BadRequestError
from engine.generation import LoadOptions, Message, Notice, Sampling
from engine.protocol import (
    BudgetChanged,
    CandidateFinished,
    CandidateStarted,
    Deliberate,
    DeliberationStarted,
    Event,
    Progressed,
    TallyChanged,
    VerdictReached,
)
from engine.verdict import Outcome, StoppedWhy

E = TypeVar("E", bound=Event)


class Clock:
    """A clock that moves one millisecond at every look."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        self.seconds += 0.001
        return self.seconds


class Run:
    """One deliberation over one script, stepped by hand."""

    def __init__(self, path: Path, lines: list[dict[str, object]], **command: object) -> None:
        script = path / "test.script.json"
        script.write_text(json.dumps({"lines": lines, **command.pop("script", {})}))  # type: ignore[dict-item]
        self.backend = ScriptedBackend.load(script, LoadOptions())
        self.events: list[Event] = []
        self.clock = Clock()
        self.deliberation = Deliberation(
            msgspec.convert(
                {
                    "deliberation_id": "d",
                    "messages": (Message("user", "How many apples?"),),
                    "strategy": "vote",
                    "budget": Budget(samples=4),
                    "sampling": Sampling(seed=7),
                    **command,
                },
                Deliberate,
            ),
            self.backend,
            AnswerGroups(EquivalenceChecker()),
            itertools.count(1),
            self.events.append,
            self.clock,
        )

    def step(self) -> None:
        """One decode step, as the worker does it."""
        for event in self.backend.step():
            if isinstance(event, Notice) or self.deliberation.owns(event.request_id):
                self.deliberation.handle(event)
        self.deliberation.tick()

    def until(self, condition: Callable[[], bool]) -> None:
        """Step until the condition holds; a hang fails by the test's timeout."""
        for _ in range(10_000):
            if condition():
                return
            self.step()
        pytest.fail("the condition never held")

    def finish(self) -> VerdictReached:
        """Run to the verdict."""
        self.until(lambda: self.deliberation.done)
        last = self.events[-1]
        assert isinstance(last, VerdictReached)
        return last

    def of(self, kind: type[E]) -> list[E]:
        """All events of one kind."""
        return [event for event in self.events if isinstance(event, kind)]


def answers(*texts: str) -> list[dict[str, object]]:
    return [{"text": f"I count.\nAnswer: {text}"} for text in texts]


def test_majority_wins_and_every_candidate_is_told(tmp_path: Path) -> None:
    run = Run(tmp_path, answers("4", "5", "4", "4"), stop_early=False)
    run.deliberation.begin()
    verdict = run.finish().verdict
    assert (verdict.outcome, verdict.answer) == (Outcome.MAJORITY, "4")
    assert verdict.stopped is StoppedWhy.BUDGET_SPENT
    assert isinstance(run.events[0], DeliberationStarted)
    assert len(run.of(CandidateStarted)) == len(run.of(CandidateFinished)) == 4
    assert [event.seed for event in run.of(CandidateStarted)] == [7, 8, 9, 10]


def test_streamed_text_adds_up_to_the_response(tmp_path: Path) -> None:
    run = Run(
        tmp_path, [{"text": "<think>two and two</think>So.\nAnswer: 4"}], budget=Budget(samples=1)
    )
    run.deliberation.begin()
    run.finish()
    deltas = [delta for event in run.of(Progressed) for delta in event.deltas]
    (finished,) = run.of(CandidateFinished)
    candidate = finished.candidate
    assert candidate.thought == "two and two"
    assert "".join(delta.thought for delta in deltas).strip() == candidate.thought
    assert "".join(delta.response for delta in deltas).strip() == candidate.response
    assert 0 < candidate.thought_tokens < candidate.tokens


@pytest.mark.parametrize("strategy", ["vote", "search"])
def test_a_quiet_one_tells_what_is_finished_and_no_text_in_flight(
    tmp_path: Path, strategy: str
) -> None:
    lines = answers("5", "5", "7", "5")
    loud = Run(tmp_path, lines, strategy=strategy, stop_early=False)
    quiet = Run(tmp_path, lines, strategy=strategy, stop_early=False, quiet=True)
    for run in (loud, quiet):
        run.deliberation.begin()
    assert quiet.finish().verdict == loud.finish().verdict
    told, heard = quiet.of(CandidateFinished), loud.of(CandidateFinished)
    assert [e.candidate.response for e in told] == [e.candidate.response for e in heard]
    assert loud.of(Progressed)
    assert not [delta for event in quiet.of(Progressed) for delta in event.deltas]
    assert len(quiet.of(TallyChanged)) == 1


@pytest.mark.parametrize("quiet", [False, True])
def test_the_engine_is_told_whether_somebody_watches(tmp_path: Path, quiet: bool) -> None:  # noqa: FBT001 - a parameter
    run = Run(tmp_path, answers("5"), quiet=quiet)
    with patch.object(run.backend, "submit", wraps=run.backend.submit) as submit:
        run.deliberation.begin()
    (requests,) = submit.call_args.args
    assert {request.watched for request in requests} == {not quiet}


def test_unanimous_votes_stop_early_and_say_what_was_saved(tmp_path: Path) -> None:
    run = Run(tmp_path, answers("4"), budget=Budget(samples=16), script={"slots": 4})
    run.deliberation.begin()
    verdict = run.finish().verdict
    assert verdict.stopped is StoppedWhy.SETTLED
    assert verdict.saved_attempts == 16 - verdict.tally.votes > 0
    not_needed = [
        event.candidate
        for event in run.of(CandidateFinished)
        if event.candidate.stop is StopReason.NOT_NEEDED
    ]
    assert all(c.index not in verdict.tally.groups[0].candidates for c in not_needed)


def test_a_tie_has_no_winner(tmp_path: Path) -> None:
    run = Run(tmp_path, answers("4", "5"), budget=Budget(samples=2))
    run.deliberation.begin()
    verdict = run.finish().verdict
    assert (verdict.outcome, verdict.answer, verdict.chosen) == (Outcome.TIE, None, None)


def test_an_unterminated_thought_is_no_answer(tmp_path: Path) -> None:
    lines: list[dict[str, object]] = [{"text": "<think>Answer: 9"}, *answers("4", "4")]
    run = Run(tmp_path, lines, budget=Budget(samples=3))
    run.deliberation.begin()
    verdict = run.finish().verdict
    assert verdict.tally.no_answer == (0,)
    assert verdict.answer == "4"


def test_a_thought_at_its_cap_is_closed_and_the_answer_still_comes(tmp_path: Path) -> None:
    text = "<think>" + "hm " * 50 + "</think>\n\nAnswer: 4"
    run = Run(tmp_path, [{"text": text}], budget=Budget(samples=1, thought_tokens=5))
    run.deliberation.begin()
    verdict = run.finish().verdict
    (finished,) = run.of(CandidateFinished)
    assert finished.candidate.thought_tokens <= 6
    assert verdict.answer == "4"


def test_answer_now_takes_what_exists(tmp_path: Path) -> None:
    lines: list[dict[str, object]] = [*answers("4"), {"text": "wait", "hold": True}]
    run = Run(tmp_path, lines, budget=Budget(samples=2))
    run.deliberation.begin()
    run.until(lambda: len(run.of(CandidateFinished)) == 1)
    run.deliberation.answer_now()
    verdict = run.finish().verdict
    assert (verdict.answer, verdict.stopped) == ("4", StoppedWhy.ANSWERED_NOW)


def test_cancel_keeps_finished_candidates(tmp_path: Path) -> None:
    lines: list[dict[str, object]] = [*answers("4"), {"text": "wait", "hold": True}]
    run = Run(tmp_path, lines, budget=Budget(samples=2))
    run.deliberation.begin()
    run.until(lambda: len(run.of(CandidateFinished)) == 1)
    run.deliberation.cancel()
    verdict = run.finish().verdict
    assert verdict.stopped is StoppedWhy.CANCELLED
    stops = [event.candidate.stop for event in run.of(CandidateFinished)]
    assert stops == [StopReason.FINISHED, StopReason.CANCELLED]


def test_the_time_limit_ends_it_within_one_step(tmp_path: Path) -> None:
    run = Run(tmp_path, [{"text": "wait", "hold": True}], budget=Budget(samples=2, seconds=0.5))
    run.deliberation.begin()
    reached = run.finish()
    assert reached.verdict.stopped is StoppedWhy.TIME_UP
    assert reached.total_seconds < 0.6


def test_a_larger_budget_starts_more_attempts_while_running(tmp_path: Path) -> None:
    lines: list[dict[str, object]] = [{"text": "wait", "hold": True}, *answers("4", "4", "5")]
    run = Run(tmp_path, lines, budget=Budget(samples=1))
    run.deliberation.begin()
    run.step()
    run.deliberation.extend(Budget(samples=4))
    run.until(lambda: len(run.of(CandidateFinished)) == 3)
    assert len(run.of(BudgetChanged)) == 1
    run.deliberation.answer_now()
    assert run.finish().verdict.answer == "4"


def test_thinking_longer_builds_on_earlier_candidates(tmp_path: Path) -> None:
    first = Run(tmp_path, answers("4", "5"), budget=Budget(samples=2))
    first.deliberation.begin()
    first.finish()
    earlier = tuple(event.candidate for event in first.of(CandidateFinished))
    second = Run(tmp_path, answers("5", "5"), budget=Budget(samples=4), earlier=earlier)
    second.deliberation.begin()
    verdict = second.finish().verdict
    assert [event.candidate.index for event in second.of(CandidateFinished)] == [2, 3]
    assert (verdict.answer, verdict.tally.votes) == ("5", 4)


def test_a_single_attempt_is_greedy_and_several_are_not(tmp_path: Path) -> None:
    for samples, temperature in ((1, 0.0), (2, Sampling().temperature)):
        run = Run(tmp_path, answers("4"), budget=Budget(samples=samples))
        with patch.object(run.backend, "submit", wraps=run.backend.submit) as submit:
            run.deliberation.begin()
        submitted = [request for call in submit.call_args_list for request in call.args[0]]
        assert {request.sampling.temperature for request in submitted} == {temperature}


def test_revisions_see_the_attempts_before_them(tmp_path: Path) -> None:
    run = Run(
        tmp_path,
        answers("4", "5", "5"),
        strategy="revise",
        budget=Budget(rounds=3),
        stop_early=False,
    )
    run.deliberation.begin()
    verdict = run.finish().verdict
    assert [event.earlier for event in run.of(CandidateStarted)] == [(), (0,), (0, 1)]
    assert verdict.answer == "5"


def test_open_questions_are_labelled_by_how_they_were_grouped(tmp_path: Path) -> None:
    lines: list[dict[str, object]] = [
        {"text": "The sea is blue because of light"},
        {"text": "The sea is blue because of the light"},
        {"text": "Fish paint it at night"},
    ]
    run = Run(
        tmp_path,
        lines,
        messages=(Message("user", "Why is the sea blue?"),),
        budget=Budget(samples=3),
    )
    run.deliberation.begin()
    verdict = run.finish().verdict
    assert verdict.outcome is Outcome.MEDOID
    assert verdict.chosen in {0, 1}
    assert verdict.answer is None


@pytest.mark.parametrize("ends_by", ["clock", "person"])
def test_judging_ends_with_the_time_or_when_the_answer_is_wanted_now(
    tmp_path: Path, ends_by: str
) -> None:
    told = ("It was a long war about trade", "The causes were many", "Two houses fell out")
    lines: list[dict[str, object]] = [{"text": text} for text in told]
    lines += [{"text": "hmm", "hold": True}] * 3
    run = Run(
        tmp_path,
        lines,
        messages=(Message("user", "Explain the cause of the war"),),
        budget=Budget(samples=3, seconds=60.0),
    )
    run.deliberation.begin()
    run.until(lambda: len(run.of(CandidateFinished)) == len(told))
    for _ in range(20):
        run.step()
    assert not run.deliberation.done
    if ends_by == "clock":
        run.clock.seconds += 60.0
    else:
        run.deliberation.answer_now()
    run.step()
    assert run.finish().verdict.outcome is Outcome.MEDOID


@pytest.mark.parametrize(
    "change",
    [{"strategy": "guess"}, {"messages": ()}, {"messages": (Message("assistant", "hi"),)}],
)
def test_a_command_that_makes_no_sense_is_refused(
    tmp_path: Path, change: dict[str, object]
) -> None:
    with pytest.raises(BadRequestError):
        Run(tmp_path, answers("4"), **change)
