"""Streams with the real client: text at once with one attempt, progress and a verdict with more."""

from __future__ import annotations

import httpx2

from models.builtin import SAMPLE_QUESTIONS, builtin_model_path
from tests.desktop_app.serve.api_place import (
    HOLD,
    QUESTION,
    VOTE,
    Serve,
    ponder_of,
)


def test_one_attempt_streams_its_text_as_it_is_written(serve: Serve) -> None:
    with serve([HOLD]) as place, place.client() as client:
        stream = client.chat.completions.create(
            model="ponder", messages=QUESTION, stream=True, extra_body={"samples": 1}
        )
        text = ""
        for chunk in stream:
            text += chunk.choices[0].delta.content or ""
            if text == HOLD["text"]:
                break  # it never ends by itself, so all this came before the verdict
        stream.close()
        assert text == HOLD["text"]


def test_the_builtin_model_streams_what_it_answers_whole(serve: Serve) -> None:
    with serve(builtin_model_path()) as place, place.client() as client:
        create = client.chat.completions.create
        whole = create(
            model="ponder",
            messages=[{"role": "user", "content": SAMPLE_QUESTIONS[0]}],
            reasoning_effort="none",
        )
        stream = create(
            model="ponder",
            messages=[{"role": "user", "content": SAMPLE_QUESTIONS[0]}],
            reasoning_effort="none",
            stream=True,
            stream_options={"include_usage": True},
        )
        chunks = list(stream)
    text = "".join(c.choices[0].delta.content or "" for c in chunks if c.choices)
    assert text == whole.choices[0].message.content
    assert chunks[0].choices[0].delta.role == "assistant"
    assert chunks[-2].choices[0].finish_reason == "stop"
    assert ponder_of(chunks[-2])["outcome"] == "single"
    assert chunks[-1].choices == []
    assert chunks[-1].usage is not None
    assert whole.usage is not None
    assert chunks[-1].usage.completion_tokens == whole.usage.completion_tokens
    assert len({chunk.id for chunk in chunks}) == 1


def test_several_attempts_tell_progress_and_then_the_verdict(serve: Serve) -> None:
    with serve(VOTE) as place, place.client() as client:
        chunks = list(
            client.chat.completions.create(
                model="ponder", messages=QUESTION, stream=True, reasoning_effort="minimal"
            )
        )
    progress = [ponder_of(c) for c in chunks if "state" in (c.model_extra or {}).get("ponder", {})]
    assert progress[0] == {
        "state": "thinking", "before": 0, "attempts": 4, "started": 0, "finished": 0, "votes": [],
        "settled": None,
    }  # fmt: skip
    assert progress[-1]["finished"] == 4
    assert progress[-1]["votes"][0] == {"answer": "4", "count": 3, "weight": 3.0}
    spoken = [c for c in chunks if c.choices[0].delta.content]
    assert [c.choices[0].delta.content for c in spoken] == ["I count.\nAnswer: 4"]
    assert chunks.index(spoken[0]) > chunks.index(
        next(c for c in chunks if (c.model_extra or {}).get("ponder") == progress[-1])
    )
    assert ponder_of(chunks[-1])["answer"] == "4"
    assert ponder_of(chunks[-1].choices[0])["share"] == 0.75
    assert chunks[-1].choices[0].finish_reason == "stop"


def test_several_answers_are_streamed_under_their_index(serve: Serve) -> None:
    with serve(VOTE) as place, place.client() as client:
        chunks = list(
            client.chat.completions.create(model="ponder", messages=QUESTION, stream=True, n=2)
        )
    texts = {0: "", 1: ""}
    ended = []
    for chunk in chunks:
        choice = chunk.choices[0]
        texts[choice.index] += choice.delta.content or ""
        if choice.finish_reason:
            ended.append((choice.index, ponder_of(choice)["share"]))
    assert texts == {0: "I count.\nAnswer: 4", 1: "I count.\nAnswer: 5"}
    assert ended == [(0, 0.75), (1, 0.25)]


def test_hidden_thought_is_streamed_apart(serve: Serve) -> None:
    with (
        serve([{"text": "<think> two and two </think>\n\nAnswer: 4 "}]) as place,
        place.client() as client,
    ):
        chunks = list(
            client.chat.completions.create(
                model="ponder", messages=QUESTION, stream=True, reasoning_effort="none"
            )
        )
    deltas = [chunk.choices[0].delta for chunk in chunks]
    thoughts = [(delta.model_extra or {}).get("reasoning_content") or "" for delta in deltas]
    assert "".join(thoughts) == "two and two"
    assert "".join(delta.content or "" for delta in deltas) == "Answer: 4"


def test_a_silent_stream_is_kept_alive_by_comments(serve: Serve) -> None:
    body = {"messages": QUESTION, "stream": True, "samples": 2}
    with serve([HOLD], keep_alive_seconds=0.01) as place:
        url = f"{place.server.address}/chat/completions"
        with httpx2.stream("POST", url, json=body) as stream:
            assert stream.headers["content-type"].startswith("text/event-stream")
            comments = (line for line in stream.iter_lines() if line.startswith(":"))
            assert [next(comments), next(comments)] == [": still here"] * 2
