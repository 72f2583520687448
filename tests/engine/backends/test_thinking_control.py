"""What a template can be told of the model's own thinking: only what makes a prompt of its own."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.backends.base import Scored
from engine.backends.llama.backend import LlamaBackend
from engine.backends.llama.template import ChatTemplate
from engine.backends.llama.thinking_control import find_controls
from engine.budget import Budget
from engine.generation import LoadOptions, Message, Sampling
from engine.options import StrategyOptions
from engine.own_thinking import EFFORTS, OwnThinking, told_apart
from engine.protocol import (
    CandidateFinished,
    Deliberate,
    LoadModel,
    ModelLoaded,
    VerdictReached,
)
from engine.scoring import score_request
from tests.bench.generated_model import CHAT_TEMPLATE, TINY, generate_model
from tests.engine.backends import thinking_templates as templates
from tests.engine.backends.conftest import ask, finish
from tests.engine.backends.test_template import FIELD
from tests.engine.test_client import Talk

AUTO, OFF, ON = OwnThinking.AUTO, OwnThinking.OFF, OwnThinking.ON
LOW, MEDIUM, HIGH = EFFORTS
QUESTION = (Message("user", "How many?"),)
SWITCHED = {
    "qwen3": templates.QWEN3,
    "qwen3.5": templates.QWEN35,
    "smollm3": templates.SMOLLM3,
    "granite": templates.GRANITE,
    "deepseek": templates.DEEPSEEK,
}
DEAF = {
    **FIELD,
    "in a comment": templates.TURNS + "{# enable_thinking, reasoning_effort #}" + templates.ANSWERS,
    "of a message": templates.TURNS + "{{- messages[0].thinking }}" + templates.ANSWERS,
    "overwritten": "{%- set enable_thinking = true %}" + templates.QWEN3,
}
TINY_SWITCH = CHAT_TEMPLATE.replace(
    "<|assistant|>{% endif",
    "<|assistant|>{% if enable_thinking is defined and not enable_thinking %}"
    "{{ '<think>\\n\\n</think>\\n\\n' }}{% else %}{{ '<think>\\n' }}{% endif %}{% endif",
)

Load = Callable[..., LlamaBackend]


@cache
def template(source: str) -> ChatTemplate:
    chat = ChatTemplate.from_model(source, "<s>", "</s>", frozenset({"<|im_start|>", "<|im_end|>"}))
    assert chat.kind == "model", chat.notice
    return chat


@cache
def untried(source: str) -> ChatTemplate:
    tokens = {"bos_token": "<s>", "eos_token": "</s>"}
    return ChatTemplate(source, tokens, frozenset({"<|im_start|>", "<|im_end|>"}))


def wishes(chat: ChatTemplate) -> tuple[OwnThinking, ...]:
    return tuple(mode.wish for mode in chat.own_thinking)


def text(chat: ChatTemplate, wish: OwnThinking) -> str:
    return chat.render(QUESTION, own_thinking=wish).text


@pytest.mark.parametrize("name", SWITCHED)
def test_a_switch_is_found_and_turned(name: str) -> None:
    chat = template(SWITCHED[name])
    assert wishes(chat) == (OFF, ON)
    assert text(chat, OFF) != text(chat, ON)
    assert text(chat, AUTO) in {text(chat, OFF), text(chat, ON)}
    assert text(chat, LOW) == text(chat, AUTO)  # what it cannot be told is left unsaid


@pytest.mark.parametrize("name", DEAF)
def test_a_name_that_changes_no_prompt_is_no_control(name: str) -> None:
    chat = template(DEAF[name])
    assert wishes(chat) == ()
    assert {text(chat, wish) for wish in OwnThinking} == {text(chat, AUTO)}


def test_efforts_are_found_and_off_only_where_the_template_names_it() -> None:
    chat = template(templates.HARMONY)
    assert wishes(chat) == EFFORTS
    assert "Reasoning: high<|end|>" in text(chat, HIGH)
    assert text(chat, AUTO) == text(chat, MEDIUM)
    chat = template(templates.MISTRAL)
    assert wishes(chat) == (OFF, HIGH)
    assert text(chat, AUTO) == text(chat, OFF)


def test_an_effort_beside_a_switch_is_said_with_the_switch_on() -> None:
    chat = template(templates.BOTH)
    assert wishes(chat) == (OFF, ON, *EFFORTS)
    assert "Effort: low<|im_end|>" in text(chat, LOW)
    assert text(chat, LOW).endswith("<think>")
    assert text(chat, OFF).endswith("</think>")


def test_how_the_thought_is_opened_is_told_for_each_wish() -> None:
    openings = {mode.wish: mode.thought_opening for mode in template(templates.QWEN35).own_thinking}
    assert openings == {OFF: "", ON: "<think>"}
    assert template(templates.QWEN35).render(QUESTION).thought_opening == "<think>"


def test_a_template_that_takes_its_time_under_a_wish_is_not_told_of_it() -> None:
    slow = "{%- if enable_thinking %}{%- for a in range(99999) %}{%- for b in range(99999) %}"
    chat = template(slow + "{%- endfor %}{%- endfor %}{%- endif %}" + templates.QWEN3)
    assert wishes(chat) == ()


@given(st.lists(st.text(max_size=40), min_size=1, max_size=4), st.text(max_size=20))
@pytest.mark.parametrize("name", SWITCHED)
def test_the_default_says_nothing_to_the_template(
    name: str, contents: list[str], continuation: str
) -> None:
    roles = ("user", "assistant")
    messages = tuple(
        Message(roles[number % 2], content)  # type: ignore[arg-type]
        for number, content in enumerate(contents)
    )
    chat = template(SWITCHED[name])
    never_tried = untried(SWITCHED[name])
    assert chat.render(messages, continuation) == never_tried.render(messages, continuation)
    assert chat.render(messages, continuation, AUTO) == never_tried.render(messages, continuation)


def test_a_prompt_that_is_another_each_time_shows_nothing() -> None:
    seconds = itertools.count()
    assert find_controls("enable_thinking", lambda _said: (f"at {next(seconds)}", "")) == {}
    found = find_controls("enable_thinking", lambda said: (f"told {said}", ""))
    assert tuple(found) == (OFF, ON)


def test_of_wishes_with_one_prompt_the_first_counts() -> None:
    assert told_apart({LOW: "a", MEDIUM: "a", HIGH: "b"}) == (LOW, HIGH)
    assert told_apart({LOW: "a", MEDIUM: None, HIGH: "a"}) == ()
    assert told_apart({}) == ()


# --- on llama.cpp --------------------------------------------------------------------------------


@pytest.fixture
def switch(load: Load, tmp_path: Path) -> LlamaBackend:
    return load(generate_model(tmp_path / "switch.gguf", replace(TINY, chat_template=TINY_SWITCH)))


def test_a_loaded_model_tells_its_control(switch: LlamaBackend, load: Load) -> None:
    report = switch.report
    assert [mode.wish for mode in report.own_thinking] == [OFF, ON]
    assert (report.thought_opening, report.thought_opening_when(OFF)) == ("<think>", "")
    assert report.takes(OFF)
    assert report.takes(AUTO)
    assert not report.takes(HIGH)
    assert load().report.own_thinking == ()


def test_a_wish_reaches_the_model_and_prompts_are_kept_apart(switch: LlamaBackend) -> None:
    read: dict[int, int] = {}
    for number, wish in enumerate((AUTO, OFF, AUTO, OFF)):
        switch.submit([replace(ask(number), own_thinking=wish)])
        read[number] = finish(switch).read[0].tokens_total
    assert read[1] > read[0]  # the empty thought is longer than the opening of one
    assert (read[2], read[3]) == (read[0], read[1])


def test_a_score_is_asked_under_the_wish_of_what_it_scores(switch: LlamaBackend) -> None:
    plain, off = (
        score_request(number, switch.report, QUESTION, "4", whole=True, own_thinking=wish)
        for number, wish in enumerate((AUTO, OFF))
    )
    assert "</think>" in plain.continuation  # the prompt opens a thought
    assert off.continuation == ""  # it has closed it already
    switch.submit([replace(request, yes=("e",), no=("t",)) for request in (plain, off)])
    chances = {event.chance for event in _events(switch) if isinstance(event, Scored)}
    assert None not in chances
    assert len(chances) == 2


def test_a_deliberation_in_the_worker_thinks_as_was_wished(tmp_path: Path) -> None:
    model = generate_model(tmp_path / "switch.gguf", replace(TINY, chat_template=TINY_SWITCH))
    talk = Talk()
    try:
        talk.client.send(LoadModel(str(model), LoadOptions(slots=2, threads=1)))
        assert [mode.wish for mode in talk.wait(ModelLoaded).report.own_thinking] == [OFF, ON]
        prompts: dict[OwnThinking, int | None] = {}
        thoughts: dict[OwnThinking, set[bool]] = {}
        for wish in (AUTO, OFF, ON):
            options = StrategyOptions(own_thinking=wish)
            budget = Budget(2, tokens_per_candidate=6)
            asked = Deliberate(wish, QUESTION, "vote", budget, Sampling(seed=1), options=options)
            talk.client.send(asked)
            prompts[wish] = talk.wait(VerdictReached).prompt_tokens
            finished = [event for event in talk.seen if isinstance(event, CandidateFinished)]
            thoughts[wish] = {
                bool(event.candidate.thought) for event in finished if event.deliberation_id == wish
            }
    finally:
        talk.client.close()
    assert prompts[AUTO] == prompts[ON] != prompts[OFF]
    assert thoughts == {AUTO: {True}, OFF: {False}, ON: {True}}


def _events(backend: LlamaBackend) -> list[object]:
    events: list[object] = []
    while backend.busy:
        events += backend.step()
    return events
