"""`/v1/responses` with the real client: whole, in events, cut short, refused, and failing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx2
import openai
import pytest
from openai.types.responses import Response, ResponseReasoningItem

from desktop_app.serve.desk import Desk, Ticket
from desktop_app.serve.question import Question
from desktop_app.serve.refusals import RefusalError
from desktop_app.serve.responses_events import EventStream
from desktop_app.serve.responses_wire import ResponsesRequest
from engine.budget import Budget
from engine.generation import Message
from engine.journal.records import Status
from engine.protocol import CandidateDelta, CandidateStarted, Progressed, VerdictReached
from engine.session import AskRequest, Session
from engine.tally import tally_votes
from engine.verdict import StoppedWhy, decide
from models.builtin import SAMPLE_QUESTIONS, builtin_model_path
from tests.desktop_app.serve.api_place import (
    HOLD,
    PATIENCE_SECONDS,
    VOTE,
    ApiPlace,
    Serve,
    new_engine,
    ponder_of,
    write_script,
)
from tests.desktop_app.serve.test_top_answers import candidate

THOUGHT = [{"text": "<think> two and two </think>\n\nAnswer: 4 "}]


def ended(events: list[Any]) -> Response:
    """The response of the last event."""
    response = events[-1].response
    assert isinstance(response, Response)
    return response


def test_the_builtin_model_answers_with_its_evidence(serve: Serve) -> None:
    with serve(builtin_model_path()) as place, place.client() as client:
        reply = client.responses.create(
            model="ponder-stories",
            input=SAMPLE_QUESTIONS[4],
            reasoning={"effort": "low"},
            extra_body={"seed": 3},
        )
        report = ponder_of(reply)
        record = place.journal.deliberation(report["deliberation_id"]).result(PATIENCE_SECONDS)
    assert reply.output_text.endswith("Answer: 12")
    assert (reply.status, reply.error, reply.incomplete_details) == ("completed", None, None)
    assert [item.type for item in reply.output] == ["message"]
    assert (report["outcome"], report["answer"]) == ("majority", "12")
    assert report["budget"]["samples"] == 8
    assert ponder_of(reply.output[0])["answer"] == "12"
    assert reply.usage is not None
    assert reply.usage.output_tokens == sum(c["tokens"] for c in report["candidates"])
    assert reply.usage.total_tokens == reply.usage.input_tokens + reply.usage.output_tokens
    assert record is not None
    assert record.status is Status.FINISHED
    assert reply.id == f"resp_{record.deliberation_id}"


def test_what_was_asked_for_is_told_back(serve: Serve) -> None:
    with serve(VOTE) as place, place.client() as client:
        reply = client.responses.create(
            model="ponder",
            instructions="Count.",
            input=[{"role": "user", "content": "How many?"}],
            max_output_tokens=50,
            temperature=0.5,
            text={"format": {"type": "text"}},
            reasoning={"effort": "minimal"},
            extra_body={"sampels": 3},
        )
        name = ponder_of(reply)["deliberation_id"]
        record = place.journal.deliberation(name).result(PATIENCE_SECONDS)
    assert (reply.instructions, reply.max_output_tokens, reply.temperature) == ("Count.", 50, 0.5)
    assert reply.reasoning is not None
    assert reply.reasoning.effort == "minimal"
    assert reply.text is not None
    assert reply.text.format is not None
    assert reply.text.format.type == "text"
    assert ponder_of(reply)["ignored"] == ["sampels"]
    assert ponder_of(reply)["answer"] == "4"
    assert record is not None
    assert record.budget.tokens_per_candidate == 50
    assert record.sampling.temperature == 0.5


def test_hidden_thought_is_an_item_of_its_own(serve: Serve) -> None:
    with serve(THOUGHT) as place, place.client() as client:
        reply = client.responses.create(
            model="ponder", input="How many?", reasoning={"effort": "none"}
        )
    thought, message = reply.output
    assert thought.type == "reasoning"
    assert thought.content is not None
    assert [part.text for part in thought.content] == ["two and two"]
    assert message.type == "message"
    assert reply.output_text == "Answer: 4"


def test_what_was_cut_short_is_incomplete(serve: Serve) -> None:
    with serve([{"text": "one two three four five"}, HOLD]) as place, place.client() as client:
        cut = client.responses.create(
            model="ponder",
            input="How many?",
            max_output_tokens=2,
            reasoning={"effort": "none"},
        )
        late = list(
            client.responses.create(
                model="ponder",
                input="How many?",
                stream=True,
                extra_body={"samples": 1, "seconds": 0.2},
            )
        )
    assert (cut.output_text, cut.status) == ("one two", "incomplete")
    assert cut.incomplete_details is not None
    assert cut.incomplete_details.reason == "max_output_tokens"
    assert late[-1].type == "response.incomplete"
    assert ended(late).output_text == HOLD["text"]


def test_what_is_cut_in_its_thought_is_incomplete_whole_and_streamed(serve: Serve) -> None:
    lines = [{"text": "<think>One by one, slowly and with care.</think>4"}]
    asked: dict[str, Any] = {"model": "ponder", "input": "How many?", "max_output_tokens": 5}
    with serve(lines) as place, place.client() as client:
        whole = client.responses.create(**asked, extra_body={"samples": 1})
        told = list(client.responses.create(**asked, stream=True, extra_body={"samples": 1}))
    assert whole.status == ended(told).status == "incomplete"
    for reply in (whole, ended(told)):
        thought = reply.output[0]
        assert isinstance(thought, ResponseReasoningItem)
        assert thought.content


def test_one_attempt_is_told_as_it_is_written(serve: Serve) -> None:
    with serve([HOLD]) as place, place.client() as client:
        stream = client.responses.create(
            model="ponder", input="How many?", stream=True, extra_body={"samples": 1}
        )
        text = ""
        for event in stream:
            if event.type == "response.output_text.delta":
                text += event.delta
            if text == HOLD["text"]:
                break  # it never ends by itself, so all this came before the verdict
        stream.close()
    assert text == HOLD["text"]


def test_items_open_grow_and_close_in_turn(serve: Serve) -> None:
    with serve(THOUGHT) as place, place.client() as client:
        events: list[Any] = list(
            client.responses.create(
                model="ponder", input="How many?", stream=True, reasoning={"effort": "none"}
            )
        )
    told = [event for event in events if event.type != "response.in_progress"]
    kinds = [event.type.removeprefix("response.") for event in told]
    once = [kind for at, kind in enumerate(kinds) if kind != kinds[at - 1]]
    assert once == [
        "created",
        "output_item.added", "content_part.added", "reasoning_text.delta", "reasoning_text.done",
        "content_part.done", "output_item.done",
        "output_item.added", "content_part.added", "output_text.delta", "output_text.done",
        "content_part.done", "output_item.done",
        "completed",
    ]  # fmt: skip
    assert [event.sequence_number for event in events] == [*range(len(events))]
    for kind, text in (("reasoning_text", "two and two"), ("output_text", "Answer: 4")):
        deltas = [event.delta for event in told if event.type == f"response.{kind}.delta"]
        (done,) = (event for event in told if event.type == f"response.{kind}.done")
        assert ("".join(deltas), done.text) == (text, text)
    items = [event.item for event in told if event.type == "response.output_item.done"]
    assert [item.id for item in items] == [item.id for item in ended(events).output]
    assert [event.output_index for event in told if hasattr(event, "item")] == [0, 0, 1, 1]


def test_several_attempts_tell_progress_and_then_the_verdict(serve: Serve) -> None:
    with (
        serve(VOTE) as place,
        place.client() as client,
        client.responses.stream(
            model="ponder", input="How many?", reasoning={"effort": "minimal"}
        ) as stream,
    ):
        events: list[Any] = list(stream)
        whole = stream.get_final_response()
    progress = [
        ponder_of(event.response) for event in events if event.type == "response.in_progress"
    ]
    assert progress[0]["state"] == "thinking"
    assert progress[-1]["finished"] == 4
    assert progress[-1]["votes"][0] == {"answer": "4", "count": 3, "weight": 3.0}
    spoken = [event.delta for event in events if event.type == "response.output_text.delta"]
    assert spoken == ["I count.\nAnswer: 4"]
    assert whole.output_text == "I count.\nAnswer: 4"
    assert ponder_of(ended(events))["answer"] == "4"


def test_a_question_in_the_queue_says_so(serve: Serve) -> None:
    held = {"input": "How many?", "stream": True, "samples": 1}
    with serve([HOLD], at_once=1) as place, place.client() as client:
        url = f"{place.server.address}/responses"
        with httpx2.stream("POST", url, json=held, timeout=PATIENCE_SECONDS) as first:
            lines = first.iter_lines()  # kept, as its end would close the stream
            next(lines)
            second = client.responses.create(model="ponder", input="How many?", stream=True)
            created, queued = next(second), next(second)
            second.close()
    assert created.type == "response.created"
    assert queued.type == "response.queued"
    assert queued.response.status == "queued"


def test_events_are_named_as_their_types(serve: Serve) -> None:
    body = {"input": "How many?", "stream": True, "samples": 1}
    with serve(THOUGHT) as place:
        answer = httpx2.post(
            f"{place.server.address}/responses", json=body, timeout=PATIENCE_SECONDS
        )
    blocks = answer.text.strip().split("\n\n")
    assert len(blocks) > 10
    for block in blocks:
        name, data = block.split("\n")
        kind = name.removeprefix("event: ")
        assert data.startswith(f'data: {{"type":"{kind}"')


def test_refusals_have_openais_shape_and_classes(serve: Serve) -> None:
    with serve(builtin_model_path()) as place, place.client() as client:
        create = client.responses.create
        with pytest.raises(openai.NotFoundError) as unknown:
            create(model="gpt-5", input="How many?")
        with pytest.raises(openai.BadRequestError) as effort:
            create(model="ponder", input="How many?", extra_body={"reasoning": {"effort": "huge"}})
        with pytest.raises(openai.BadRequestError) as long:
            create(model="ponder", input="How many beads are left? " * 2000)
        wanted: Any = {"format": {"type": "json_schema", "name": "a", "schema": {"pattern": "b"}}}
        with pytest.raises(openai.BadRequestError) as schema:
            create(model="ponder", input="How many?", text=wanted)
        with pytest.raises(openai.NotFoundError):
            client.responses.retrieve("resp_1")
    assert unknown.value.code == "model_not_found"
    assert effort.value.param == "reasoning.effort"
    assert (long.value.code, long.value.param) == ("context_length_exceeded", "input")
    assert (schema.value.code, schema.value.param) == ("invalid_json_schema", "text.format")


def test_without_a_model_it_is_503(no_model: ApiPlace) -> None:
    with no_model.client() as client, pytest.raises(openai.InternalServerError) as caught:
        client.responses.create(model="ponder", input="How many?")
    assert (caught.value.status_code, caught.value.code) == (503, "serve-not-ready")


def test_an_engine_that_dies_fails_the_response(tmp_path: Path) -> None:
    script = write_script(tmp_path, [{"text": "Answer: 4", "abort": True}])
    with (
        new_engine(tmp_path) as engine,
        ApiPlace(engine, script) as place,
        place.client() as client,
    ):
        events: list[Any] = list(
            client.responses.create(
                model="ponder", input="How many?", stream=True, reasoning={"effort": "none"}
            )
        )
    assert events[-1].type == "response.failed"
    assert ended(events).status == "failed"
    error = ended(events).error
    assert error is not None
    assert str(error.code) == "worker-died"


@pytest.mark.parametrize("again", ["another thought", ""])
def test_a_thought_that_begins_again_with_other_words_is_an_error(again: str) -> None:
    ask = AskRequest("one", (Message("user", "How many?"),), "vote", Budget())
    question = Question(ask, "model", 1, stream=True, include_usage=False, ignored=())
    stream = EventStream(ResponsesRequest("How many?"), question, Ticket(ask, Desk(Session())))
    last = candidate(0, None)
    verdict = decide([last], tally_votes([last]), StoppedWhy.BUDGET_SPENT)
    began = CandidateStarted("one", 0, 0, 0, 0.0)

    def thinking(text: str) -> Progressed:
        return Progressed("one", 0.1, (CandidateDelta(0, text, "", 1, 0.1),))

    list(stream.take([began, thinking("two and two"), began, thinking(again)]))
    with pytest.raises(RefusalError) as caught:
        list(stream.take([VerdictReached("one", verdict, 1.0)]))
    assert caught.value.code == "serve-began-again"
