"""An attempt in progress: what it makes of text that comes while its thought is being closed."""

from __future__ import annotations

from engine.attempt import LiveAttempt
from engine.backends.base import Ended, Generated
from engine.candidate import Candidate, StopReason
from engine.strategies.base import Attempt


def _capped(*texts: str, closes_after: int | None) -> Candidate:
    """Take texts of one token each; the closing text stands behind the one of this number."""
    live = LiveAttempt(0, Attempt(), 1, thought_opening="", thought_cap=2, queued_seconds=0.0)
    for number, text in enumerate(texts):
        closing = live.take(Generated(1, text, 1), 0.1)
        assert (closing is not None) == (number == 2)
        if number == closes_after:
            live.close_thought()
    ended = Ended(1, StopReason.FINISHED, len(texts), None)
    return live.finish(ended, StopReason.FINISHED, "How many?", 0.2)


def test_what_comes_before_the_closing_text_stands_is_still_thought() -> None:
    candidate = _capped("<think>one", " two", " three", " four", "Answer: 5", closes_after=3)
    assert candidate.thought == "one two three four"
    assert candidate.response == "Answer: 5"
    assert candidate.thought_tokens == 3  # the mark that opens it is not counted


def test_a_thought_the_model_closed_itself_meanwhile_is_not_closed_again() -> None:
    candidate = _capped(
        "<think>one", " two", " three", " four</think>", "Answer: 5", closes_after=4
    )
    assert (candidate.thought, candidate.response) == ("one two three four", "Answer: 5")


def test_a_thought_that_ends_before_it_was_closed_is_no_answer() -> None:
    candidate = _capped("<think>one", " two", " so Answer: 5", closes_after=None)
    assert candidate.answer is None


def test_no_server_makes_a_candidate_surer_than_sure() -> None:
    live = LiveAttempt(0, Attempt(), 1, thought_opening="", thought_cap=None, queued_seconds=0.0)
    live.take(Generated(1, "Answer: 5", 3), 0.1)
    ended = Ended(1, StopReason.FINISHED, 3, 1000.0)
    candidate = live.finish(ended, StopReason.FINISHED, "How many?", 0.2)
    assert candidate.confidence == 1.0
