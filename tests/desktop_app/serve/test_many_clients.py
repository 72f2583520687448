"""Thirty-two clients at once: all answered, each its own, or told that there is no room."""

from __future__ import annotations

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import openai
import pytest

from engine.journal.records import Status
from engine.protocol import Progressed
from models.builtin import builtin_model_path
from tests.desktop_app.serve.api_place import PATIENCE_SECONDS, ApiPlace, Serve, ponder_of

CLIENTS = 32


def all_at_once(work: Any) -> list[Any]:
    """Do something for every client, each on its thread, all at the same moment."""
    barrier = threading.Barrier(CLIENTS)

    def one(number: int) -> Any:
        barrier.wait(PATIENCE_SECONDS)
        return work(number)

    with ThreadPoolExecutor(CLIENTS) as pool:
        return list(pool.map(one, range(CLIENTS)))


def ask(place: ApiPlace, question: str, *, stream: bool, **fields: Any) -> tuple[str, Any, Any]:
    """Ask with a client of its own; return the text, the usage and the evidence."""
    messages: list[Any] = [{"role": "user", "content": question}]
    with place.client() as client:
        if not stream:
            reply: Any = client.chat.completions.create(
                model="ponder", messages=messages, extra_body=fields
            )
            return reply.choices[0].message.content, reply.usage, ponder_of(reply)
        chunks: list[Any] = list(
            client.chat.completions.create(
                model="ponder",
                messages=messages,
                stream=True,
                stream_options={"include_usage": True},
                extra_body=fields,
            )
        )
    text = "".join(c.choices[0].delta.content or "" for c in chunks if c.choices)
    return text, chunks[-1].usage, ponder_of(chunks[-2])


def test_the_builtin_model_answers_all_of_them(serve: Serve) -> None:
    with serve(builtin_model_path(), at_once=8) as place:
        found = all_at_once(
            lambda number: ask(
                place,
                f"{100 + number} cookies and 5 more are in a box. How many cookies are there?",
                stream=number % 2 == 0,
                samples=2,
                seed=number,
            )
        )
        ids = [evidence["deliberation_id"] for _, _, evidence in found]
        records = [place.journal.deliberation(one).result(PATIENCE_SECONDS) for one in ids]
    assert len(set(ids)) == CLIENTS
    for number, (text, _, evidence) in enumerate(found):
        assert text in [candidate["text"] for candidate in evidence["candidates"]]
        assert str(100 + number) in text  # the model repeats the numbers that it was given
        assert evidence["candidates"][0]["seed"] == number
    for record, (_, _, evidence) in zip(records, found, strict=True):
        assert record is not None
        assert record.status is Status.FINISHED
        assert [c.response for c in record.candidates] == [
            c["text"] for c in evidence["candidates"]
        ]


def test_nothing_is_lost_or_mixed_up(serve: Serve) -> None:
    # Later lines are shorter, so that questions end in another order than they came.
    lines = [
        {"text": "so " * (CLIENTS - number) + f"\nAnswer: {1000 + number}"}
        for number in range(CLIENTS)
    ]
    with serve(lines, at_once=4) as place:
        found = all_at_once(
            lambda number: ask(place, "word " * (number + 1), stream=number % 2 == 0, samples=1)
        )
        ids = [evidence["deliberation_id"] for _, _, evidence in found]
        records = [place.journal.deliberation(one).result(PATIENCE_SECONDS) for one in ids]
    # A script counts words as tokens, and says each line once.
    assert [usage.prompt_tokens for _, usage, _ in found] == [*range(1, CLIENTS + 1)]
    assert sorted(text for text, _, _ in found) == sorted(line["text"] for line in lines)
    for record, (text, _, _) in zip(records, found, strict=True):
        assert record is not None
        assert [candidate.response for candidate in record.candidates] == [text]


@pytest.mark.parametrize("queue", [0, 6])
def test_over_the_limit_each_is_told_and_the_others_are_answered(serve: Serve, queue: int) -> None:
    accepted = 2 + queue
    refused = threading.Semaphore(0)

    def one(number: int) -> str | None:
        try:
            return ask(place, "How many?", stream=number % 2 == 0, samples=1)[0]
        except openai.RateLimitError as error:
            refused.release()
            return error.code

    with (
        serve([{"text": "still on it", "hold": True}], at_once=2, queue=queue) as place,
        ThreadPoolExecutor(1) as waiting,
    ):
        everybody = waiting.submit(all_at_once, one)
        for _ in range(CLIENTS - accepted):
            assert refused.acquire(timeout=PATIENCE_SECONDS)
        said: Counter[str] = Counter()
        while list(said.values()).count(len("still on it")) < accepted:
            progress = place.await_event(Progressed)
            said[progress.deliberation_id] += sum(len(delta.response) for delta in progress.deltas)
            if said[progress.deliberation_id] == len("still on it"):
                place.session.answer_now(progress.deliberation_id)
        found = everybody.result(PATIENCE_SECONDS)
    assert found.count("serve-full") == CLIENTS - accepted
    assert found.count("still on it") == accepted
