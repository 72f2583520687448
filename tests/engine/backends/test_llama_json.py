"""Replies that are JSON, on the real llama.cpp: bound where they must be, and free where not."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from pydantic import BaseModel, Field

from engine.backends.base import GenerationRequest
from engine.backends.llama.backend import LlamaBackend
from engine.candidate import StopReason
from engine.errors import SchemaError
from engine.generation import JsonReply, Sampling
from models.builtin import builtin_model_path
from tests.bench.generated_model import CHAT_TEMPLATE, TINY, generate_model
from tests.engine.backends.conftest import ask, finish

Load = Callable[..., LlamaBackend]


class Part(BaseModel, extra="forbid", strict=True):
    """What a fruit has."""

    count: int = Field(gt=0, le=12)
    sweet: bool | None


class Fruit(BaseModel, extra="forbid", strict=True):
    """What is counted."""

    name: str = Field(min_length=1, max_length=12)
    share: float = Field(ge=0, le=1)
    parts: list[Part] = Field(max_length=2)


FRUIT = JsonReply(json.dumps(Fruit.model_json_schema()))
YES = JsonReply('{"enum":["yes"]}')
TWINS = JsonReply(
    json.dumps(
        {
            "anyOf": [
                {
                    "type": "object",
                    "properties": {"a": {"$ref": "#"}, name: {}},
                    "required": ["a", name],
                }
                for name in ("x", "y")
            ]
        }
    )
)
"""Forms that a reply tells apart only at its end, and there is none."""


def bound(number: int, reply: JsonReply, max_tokens: int = 400, seed: int = 0) -> GenerationRequest:
    sampling = Sampling(temperature=1.0, seed=seed + number)
    return replace(ask(number, sampling=sampling, max_tokens=max_tokens), json_reply=reply)


def test_every_reply_keeps_to_the_schema_and_ends_when_it_is_whole(load: Load) -> None:
    backend = load(builtin_model_path(), slots=8)
    backend.submit([bound(number, FRUIT) for number in range(8)])
    run = finish(backend)
    whole = [n for n, end in run.ends.items() if end.stop is StopReason.FINISHED]
    assert len(whole) >= 6
    assert run.stops <= {StopReason.FINISHED, StopReason.TOKEN_BUDGET}
    for number in whole:
        Fruit.model_validate_json(run.texts[number])
    assert len({run.texts[number] for number in whole}) > 1


def test_penalties_seeds_and_a_greedy_draw_go_with_a_schema(load: Load) -> None:
    backend = load()
    sampling = Sampling(temperature=0.0, repeat_penalty=1.3)
    requests = [
        replace(bound(1, YES), sampling=sampling),
        replace(bound(2, FRUIT, 60), sampling=Sampling(seed=5)),
        replace(bound(3, FRUIT, 60), sampling=Sampling(seed=5)),
    ]
    backend.submit(requests)
    run = finish(backend)
    assert run.texts[1].strip() == '"yes"'
    assert run.texts[2] == run.texts[3]


@pytest.fixture(scope="module")
def thinker(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model whose prompt opens a hidden thought."""
    shape = replace(TINY, chat_template=CHAT_TEMPLATE.replace("|>{% endif", "|><think>{% endif"))
    return generate_model(tmp_path_factory.mktemp("models") / "thinker.gguf", shape)


def test_a_hidden_thought_is_free_and_the_reply_behind_it_is_bound(
    load: Load, thinker: Path
) -> None:
    backend = load(thinker)
    assert backend.report.thought_opening == "<think>"
    backend.submit([replace(bound(1, YES, 60), sampling=Sampling(seed=2, top_k=5))])
    thought = ""
    while len(thought) < 20:
        thought += "".join(getattr(event, "text", "") for event in backend.step())
    assert not thought.lstrip().startswith('"')
    backend.append(1, "\n</think>\n\n")
    run = finish(backend)
    assert run.texts[1].strip() == '"yes"'
    assert run.ends[1].stop is StopReason.FINISHED


def test_a_reply_may_begin_with_a_thought_of_its_own_where_the_vocabulary_has_its_marker(
    load: Load,
) -> None:
    backend = load(slots=16)
    backend.submit([bound(number, YES, 30) for number in range(16)])
    texts = [text.lstrip() for text in finish(backend).texts.values()]
    thinking = [text for text in texts if text.startswith("<think>")]
    assert {text for text in texts if text not in thinking} <= {'"yes"'}
    assert thinking


def test_a_schema_that_cannot_be_kept_queues_nothing(load: Load) -> None:
    backend = load()
    with pytest.raises(SchemaError):
        backend.submit([ask(1), bound(2, JsonReply('{"pattern":"a"}'))])
    assert not backend.busy


def test_forms_that_are_too_much_alike_end_their_candidate_and_no_other(
    load: Load, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.backends.llama.guard._MOST_SECONDS", 0.02)
    backend = load(builtin_model_path())
    backend.submit([bound(1, TWINS, 300), ask(2)])
    run = finish(backend)
    assert run.ends[1].stop is StopReason.FAILED
    assert isinstance(run.ends[1].error, SchemaError)
    assert run.ends[2].stop is not StopReason.FAILED


def test_a_reply_goes_on_from_what_is_written_of_it(load: Load) -> None:
    backend = load(builtin_model_path())
    backend.submit([replace(bound(1, YES), continuation=' "y')])
    assert finish(backend).texts[1] == 'es"'


def test_a_kept_reply_is_gone_on_with_where_it_stands(load: Load) -> None:
    backend = load(builtin_model_path())
    words = JsonReply('{"enum":["one two three"]}')
    backend.submit([replace(bound(1, words), stop_texts=("two",), keep=True)])
    first = finish(backend)
    assert first.texts[1].strip() == '"one'
    backend.submit([replace(bound(2, words), fork_of=1)])
    assert finish(backend).texts[2] == ' three"'
