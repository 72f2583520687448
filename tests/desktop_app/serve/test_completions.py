"""Whole replies with the real client: choices, evidence, refusals."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import httpx2
import openai
import pytest

from desktop_app.serve.app import MOST_BYTES
from engine.journal.records import Status
from engine.protocol import ModelLoaded
from models.builtin import SAMPLE_QUESTIONS, builtin_model_path
from tests.desktop_app.serve.api_place import (
    HOLD,
    PATIENCE_SECONDS,
    QUESTION,
    VOTE,
    ApiPlace,
    Serve,
    new_engine,
    ponder_of,
    write_script,
)


def answers(*texts: str) -> list[dict[str, Any]]:
    return [{"text": f"I count.\nAnswer: {text}"} for text in texts]


def test_the_builtin_model_answers_with_its_evidence(serve: Serve) -> None:
    asked: list[Any] = [{"role": "user", "content": SAMPLE_QUESTIONS[4]}]
    with serve(builtin_model_path()) as place, place.client() as client:
        assert [model.id for model in client.models.list()] == ["ponder-stories"]
        assert client.models.retrieve("ponder-stories").owned_by == "ponder"
        reply = client.chat.completions.create(
            model="ponder-stories", messages=asked, reasoning_effort="low", seed=3
        )
        report = ponder_of(reply)
        record = place.journal.deliberation(report["deliberation_id"]).result(PATIENCE_SECONDS)
    choice = reply.choices[0]
    assert choice.message.content is not None
    assert choice.message.content.endswith("Answer: 12")
    assert choice.finish_reason == "stop"
    assert (report["outcome"], report["answer"], report["budget"]["samples"]) == (
        "majority",
        "12",
        8,
    )
    assert report["votes"][0]["answer"] == "12"
    assert [c["seed"] for c in report["candidates"]] == [*range(3, 3 + len(report["candidates"]))]
    assert reply.usage is not None
    assert reply.usage.completion_tokens == sum(c["tokens"] for c in report["candidates"])
    assert reply.usage.total_tokens == reply.usage.prompt_tokens + reply.usage.completion_tokens
    assert report["timing"]["total_seconds"] > 0
    assert report["energy"] == {
        "joules": None, "method": "not available", "sensor": None, "alone": True,
    }  # fmt: skip
    assert record is not None
    assert record.status is Status.FINISHED
    assert record.verdict is not None
    assert record.verdict.answer == "12"
    assert reply.id.endswith(record.deliberation_id)


def test_the_models_own_thinking_is_wished_and_told(serve: Serve, tmp_path: Path) -> None:
    model = write_script(tmp_path, VOTE, "thinker", own_thinking=["off", "on"])
    with serve(model) as place, place.client() as client:
        (card,) = client.models.list()
        replies = [
            client.chat.completions.create(
                model="", messages=QUESTION, extra_body={"samples": 1, **more}
            )
            for more in (
                {},
                {"reasoning_effort": "none"},
                {"chat_template_kwargs": {"enable_thinking": True}},
                {"chat_template_kwargs": {"reasoning_effort": "low"}},
            )
        ]
        reports = [ponder_of(reply) for reply in replies]
        records = [
            place.journal.deliberation(report["deliberation_id"]).result(PATIENCE_SECONDS)
            for report in reports
        ]
    assert (card.model_extra or {})["own_thinking"] == ["off", "on"]
    assert [report["own_thinking"] for report in reports] == ["auto", "off", "on", "low"]
    assert [record.options.own_thinking for record in records if record is not None] == [
        "auto", "off", "on", "low",
    ]  # fmt: skip
    assert [len(report["notices"]) for report in reports] == [0, 0, 0, 1]
    assert reports[3]["notices"][0]["code"] == "own-thinking"


def test_n_gives_the_top_answers_with_their_shares(serve: Serve) -> None:
    lines = answers("5", "4", "4", "6", "4", "6", "4", "4")
    with serve(lines) as place, place.client() as client:
        reply = client.chat.completions.create(
            model="", messages=QUESTION, n=2, extra_body={"samples": 8}
        )
        all_of_them = client.chat.completions.create(
            model="PONDER", messages=QUESTION, n=9, extra_body={"samples": 8}
        )
    found = [ponder_of(choice) for choice in reply.choices]
    assert [(one["answer"], one["count"], one["share"]) for one in found] == [
        ("4", 5, 0.625),
        ("6", 2, 0.25),
    ]
    assert [choice.index for choice in reply.choices] == [0, 1]
    assert reply.choices[1].message.content == "I count.\nAnswer: 6"
    assert len(ponder_of(reply)["candidates"]) == 8
    assert [ponder_of(choice)["answer"] for choice in all_of_them.choices] == ["4", "6", "5"]


def test_several_answers_spend_the_whole_budget(serve: Serve) -> None:
    late = {"text": "I count again and again and again.\nAnswer: 6"}
    with serve([*answers("4", "4", "4", "4"), late]) as place, place.client() as client:
        create = client.chat.completions.create
        one = create(model="ponder", messages=QUESTION, extra_body={"samples": 5})
        place.load(Path(str(place.session.model and place.session.model.path)))
        two = create(model="ponder", messages=QUESTION, n=2, extra_body={"samples": 5})
    assert (ponder_of(one)["stopped"], ponder_of(one)["saved_attempts"]) == ("settled", 1)
    assert [ponder_of(choice)["answer"] for choice in two.choices] == ["4", "6"]


def test_a_tie_has_no_winner_and_both_sides_can_be_seen(serve: Serve) -> None:
    with serve(answers("4", "5", "5", "4")) as place, place.client() as client:
        one = client.chat.completions.create(model="ponder", messages=QUESTION)
        two = client.chat.completions.create(model="ponder", messages=QUESTION, n=2)
    assert ponder_of(one)["outcome"] == "tie"
    assert ponder_of(one)["answer"] is None
    assert one.choices[0].message.content in {"I count.\nAnswer: 4", "I count.\nAnswer: 5"}
    assert ponder_of(one.choices[0])["share"] == 0.5
    assert {ponder_of(choice)["answer"] for choice in two.choices} == {"4", "5"}


def test_hidden_thought_has_its_own_place_and_count(serve: Serve) -> None:
    with (
        serve([{"text": "<think>two and two</think>\nAnswer: 4"}]) as place,
        place.client() as client,
    ):
        reply = client.chat.completions.create(
            model="ponder", messages=QUESTION, reasoning_effort="none"
        )
    message = reply.choices[0].message
    assert message.content == "Answer: 4"
    assert message.model_extra == {"reasoning_content": "two and two"}
    assert reply.usage is not None
    assert reply.usage.completion_tokens_details is not None
    assert 0 < (reply.usage.completion_tokens_details.reasoning_tokens or 0) < 6


def test_what_was_cut_short_says_length(serve: Serve) -> None:
    with serve([{"text": "one two three four five"}, HOLD]) as place, place.client() as client:
        cut = client.chat.completions.create(
            model="ponder", messages=QUESTION, max_tokens=2, reasoning_effort="none"
        )
        late = client.chat.completions.create(
            model="ponder", messages=QUESTION, extra_body={"samples": 1, "seconds": 0.2}
        )
    assert cut.choices[0].message.content == "one two"
    assert cut.choices[0].finish_reason == "length"
    assert ponder_of(late)["outcome"] == "nothing"
    assert ponder_of(late)["stopped"] == "time-up"
    assert late.choices[0].message.content == HOLD["text"]
    assert late.choices[0].finish_reason == "length"


@pytest.mark.parametrize("strategy", ["vote", "search", "revise"])
def test_a_stop_text_ends_every_attempt_and_is_not_part_of_it(serve: Serve, strategy: str) -> None:
    lines = [{"text": "I count. Answer: 4 END and on and on", "score": 0.5}] * 4
    with serve(lines) as place, place.client() as client:
        reply = client.chat.completions.create(
            model="ponder",
            messages=QUESTION,
            stop=["never", "END"],
            extra_body={"strategy": strategy, "samples": 2},
        )
    assert reply.choices[0].message.content == "I count. Answer: 4"
    assert reply.choices[0].finish_reason == "stop"
    assert ponder_of(reply)["answer"] == "4"
    assert all("on and on" not in c["text"] for c in ponder_of(reply)["candidates"])


def test_a_stop_text_holds_back_what_is_streamed(serve: Serve) -> None:
    with serve([{"text": "One two three END four"}]) as place, place.client() as client:
        chunks = client.chat.completions.create(
            model="ponder", messages=QUESTION, stream=True, stop="END", extra_body={"samples": 1}
        )
        text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks)
    assert text == "One two three"


def test_candidates_are_drawn_as_was_asked(serve: Serve) -> None:
    drawn = {"top_k": 7, "min_p": 0.0, "repetition_penalty": 1.25, "presence_penalty": 0.5}
    with serve(VOTE) as place, place.client() as client:
        reply = client.chat.completions.create(
            model="ponder", messages=QUESTION, temperature=0.5, top_p=0.5, extra_body=drawn
        )
        name = ponder_of(reply)["deliberation_id"]
        record = place.journal.deliberation(name).result(PATIENCE_SECONDS)
    assert record is not None
    assert (record.sampling.top_k, record.sampling.min_p) == (7, 0.0)
    assert (record.sampling.temperature, record.sampling.top_p) == (0.5, 0.5)
    assert (record.sampling.repeat_penalty, record.sampling.presence_penalty) == (1.25, 0.5)
    assert ponder_of(reply)["ignored"] == []


def test_what_is_not_served_says_what_is(no_model: ApiPlace) -> None:
    with no_model.client() as client:
        for ask in (
            lambda: client.completions.create(model="ponder", prompt="a"),
            lambda: client.embeddings.create(model="ponder", input="a"),
        ):
            with pytest.raises(openai.NotFoundError) as caught:
                ask()
            assert caught.value.code == "not_found"
            assert "/v1/chat/completions" in caught.value.message
            assert "/v1/responses" in caught.value.message


def test_steps_of_a_search_are_told_and_counted_once(serve: Serve) -> None:
    lines = [
        {"text": f"{a} it is.\n\nSo it must be {a}.\n\nAnswer: {a}", "score": a / 10}
        for a in (4, 5, 9, 4)
    ]
    with serve(lines) as place, place.client() as client:
        reply = client.chat.completions.create(
            model="ponder", messages=QUESTION, extra_body={"strategy": "search", "samples": 4}
        )
    report = ponder_of(reply)
    assert report["answer"] == "9"
    assert len(report["steps"]) == 12
    assert reply.usage is not None
    assert reply.usage.completion_tokens == sum(step["tokens"] for step in report["steps"])


def test_refusals_have_openais_shape_and_classes(serve: Serve) -> None:
    with serve(VOTE) as place, place.client() as client:
        create = client.chat.completions.create
        with pytest.raises(openai.NotFoundError) as unknown:
            create(model="gpt-4o", messages=QUESTION)
        with pytest.raises(openai.NotFoundError) as retrieved:
            client.models.retrieve("somebody/gpt-4o")
        with pytest.raises(openai.BadRequestError) as bad:
            create(model="ponder", messages=QUESTION, extra_body={"strategy": "guess"})
        base = place.server.address
        large = httpx2.post(f"{base}/chat/completions", content=b" " * (MOST_BYTES + 1))
        lost = httpx2.get(f"{base}/nothing")
        method = httpx2.get(f"{base}/chat/completions")
        reply = create(model="ponder", messages=QUESTION, extra_body={"sampels": 1})
    assert unknown.value.code == retrieved.value.code == "model_not_found"
    assert "model" in unknown.value.message
    assert (bad.value.param, bad.value.type) == ("strategy", "invalid_request_error")
    assert "revise" in bad.value.message
    assert (large.status_code, large.json()["error"]["code"]) == (413, "body_too_large")
    assert (lost.status_code, lost.json()["error"]["code"]) == (404, "not_found")
    assert (method.status_code, method.json()["error"]["code"]) == (405, "method_not_allowed")
    assert ponder_of(reply)["ignored"] == ["sampels"]


def test_a_question_too_long_for_the_context_is_the_clients_affair(serve: Serve) -> None:
    asked: list[Any] = [{"role": "user", "content": "How many beads are left? " * 2000}]
    with serve(builtin_model_path()) as place, place.client() as client:
        with pytest.raises(openai.BadRequestError) as caught:
            client.chat.completions.create(model="ponder", messages=asked)
        assert caught.value.code == "context_length_exceeded"


def test_without_a_model_it_is_503_and_later_it_is_not(tmp_path: Path) -> None:
    with (
        new_engine(tmp_path) as engine,
        ApiPlace(engine, None) as place,
        place.client() as client,
    ):
        health = place.server.address.replace("/v1", "/health")
        assert client.models.list().data == []
        with pytest.raises(openai.InternalServerError) as caught:
            client.chat.completions.create(model="ponder", messages=QUESTION)
        assert httpx2.get(health).status_code == 503
        place.load(write_script(tmp_path, VOTE))
        reply = client.chat.completions.create(model="ponder", messages=QUESTION)
        assert httpx2.get(health).json() == {"status": "ok"}
    assert (caught.value.status_code, caught.value.code) == (503, "serve-not-ready")
    assert reply.choices[0].message.content


def test_an_engine_that_dies_is_told_and_the_model_comes_back(tmp_path: Path) -> None:
    script = write_script(tmp_path, [*answers("4"), {"text": "Answer: 4", "abort": True}])
    one: dict[str, Any] = {"model": "ponder", "messages": QUESTION, "reasoning_effort": "none"}
    with (
        new_engine(tmp_path) as engine,
        ApiPlace(engine, script) as place,
        place.client() as client,
    ):
        client.chat.completions.create(**one)
        with pytest.raises(openai.InternalServerError) as whole:
            client.chat.completions.create(**one)
        place.await_event(ModelLoaded)
        again = client.chat.completions.create(**one)
        stream = client.chat.completions.create(**one, stream=True)
        with pytest.raises(openai.APIError) as streamed:
            list(stream)
    assert (whole.value.status_code, whole.value.code) == (503, "worker-died")
    assert again.choices[0].message.content == "I count.\nAnswer: 4"
    assert streamed.value.code == "worker-died"


def test_questions_answers_and_tokens_reach_no_log(
    serve: Serve, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    asked: list[Any] = [{"role": "user", "content": "quince"}]
    with serve(answers("medlar"), token="rowan") as place:
        with place.client("rowan") as client:
            client.chat.completions.create(model="ponder", messages=asked)
        httpx2.post(f"{place.server.address}/quince", headers={"Authorization": "Bearer sorbus"})
    ours = [
        record.getMessage()
        for record in caplog.records
        if not record.name.startswith(("openai", "httpx2", "httpcore2"))
    ]
    printed = "".join(capfd.readouterr())
    assert ours
    for secret in ("quince", "medlar", "rowan", "sorbus"):
        assert secret not in printed + "\n".join(ours)
