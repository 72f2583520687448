"""An attempt that begins again after some of its text was sent in chunks."""

from __future__ import annotations

import pytest

from desktop_app.serve.chunks import ChunkStream
from desktop_app.serve.desk import Desk, Ticket
from desktop_app.serve.question import Question
from desktop_app.serve.refusals import RefusalError
from engine.budget import Budget
from engine.generation import Message
from engine.protocol import (
    CandidateDelta,
    CandidateFinished,
    CandidateStarted,
    Progressed,
    VerdictReached,
)
from engine.session import AskRequest, Session, SessionEvent
from engine.tally import tally_votes
from engine.verdict import StoppedWhy, decide
from tests.desktop_app.serve.test_top_answers import candidate

ID = "one"


def streamed_after_a_new_beginning(first: str) -> str:
    """What is sent of a single attempt that wrote something, began again, and ended."""
    ask = AskRequest(ID, (Message("user", "How many?"),), "vote", Budget())
    question = Question(ask, "model", 1, stream=True, include_usage=False, ignored=())
    stream = ChunkStream(question, Ticket(ask, Desk(Session())))
    ended = candidate(0, None)
    verdict = decide([ended], tally_votes([ended]), StoppedWhy.BUDGET_SPENT)

    def written(text: str) -> SessionEvent:
        return Progressed(ID, 0.1, (CandidateDelta(0, "", text, 1, 0.1),))

    began = CandidateStarted(ID, 0, 0, 0, 0.0)
    events = [
        began, written(first), began, written(ended.response), CandidateFinished(ID, ended),
        VerdictReached(ID, verdict, 1.0),
    ]  # fmt: skip
    chunks = list(stream.take(events))
    return "".join(c.delta.content or "" for chunk in chunks for c in chunk.choices)


def test_an_attempt_that_begins_again_is_not_sent_twice() -> None:
    assert streamed_after_a_new_beginning("resp") == "response 0"


def test_an_attempt_that_begins_again_with_other_words_is_an_error() -> None:
    with pytest.raises(RefusalError) as caught:
        streamed_after_a_new_beginning("another")
    assert caught.value.code == "serve-began-again"
