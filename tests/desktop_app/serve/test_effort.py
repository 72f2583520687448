"""Efforts are the notches of the slider; explicit numbers count before them."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from desktop_app.serve.effort import own_thinking, spending
from desktop_app.serve.refusals import RefusalError
from desktop_app.serve.wire import ChatRequest, TemplateVariables
from engine.budget import Budget
from engine.own_thinking import OwnThinking, ThinkingMode
from tests.desktop_app.remote_reports import remote_report


def asked(**fields: Any) -> ChatRequest:
    return ChatRequest(messages=(), **fields)


@pytest.mark.parametrize(
    ("effort", "attempts"),
    [("none", 1), ("minimal", 4), ("low", 8), ("medium", 16), ("high", 32), ("xhigh", 64)],
)
def test_an_effort_is_a_notch(effort: str, attempts: int) -> None:
    assert spending(asked(reasoning_effort=effort)) == ("vote", Budget(samples=attempts))


def test_without_a_word_four_samples_or_as_many_as_answers_are_wanted() -> None:
    assert spending(asked())[1].samples == 4
    assert spending(asked(n=6))[1].samples == 6


@pytest.mark.parametrize(
    ("fields", "strategy", "samples", "rounds"),
    [
        ({"samples": 3, "reasoning_effort": "xhigh"}, "vote", 3, 1),
        ({"rounds": 2}, "revise", 1, 2),
        ({"samples": 2, "strategy": "aggregate"}, "aggregate", 2, 3),
        ({"reasoning_effort": "medium", "strategy": "revise"}, "revise", 4, 4),
        ({"samples": 5, "strategy": "auto"}, "auto", 5, 1),
    ],
)
def test_strategy_samples_and_rounds(
    fields: dict[str, Any], strategy: str, samples: int, rounds: int
) -> None:
    chosen, budget = spending(asked(**fields))
    assert (chosen, budget.samples, budget.rounds) == (strategy, samples, rounds)


def test_limits_become_the_budgets() -> None:
    budget = spending(asked(seconds=2.5, max_tokens=9))[1]
    assert (budget.seconds, budget.tokens_per_candidate) == (2.5, 9)


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({"strategy": "guess"}, "strategy"),
        ({"reasoning_effort": "huge"}, "reasoning_effort"),
        ({"samples": 0}, "samples"),
        ({"samples": 1025}, "samples"),
        ({"rounds": 0}, "rounds"),
        ({"rounds": 2, "strategy": "vote"}, "rounds"),
        ({"samples": 100, "rounds": 100}, "samples"),
        ({"seconds": 0.0}, "seconds"),
    ],
)
def test_what_makes_no_sense_is_refused_by_name(fields: dict[str, Any], param: str) -> None:
    with pytest.raises(RefusalError) as caught:
        spending(asked(**fields))
    assert (caught.value.status, caught.value.param) == (400, param)


AUTO, OFF, ON, LOW = OwnThinking.AUTO, OwnThinking.OFF, OwnThinking.ON, OwnThinking.LOW


@pytest.mark.parametrize(
    ("effort", "told", "wish", "without_control"),
    [
        (None, {}, AUTO, AUTO),
        ("none", {}, OFF, AUTO),
        ("none", {"enable_thinking": True}, ON, ON),
        ("high", {}, AUTO, AUTO),
        ("high", {"enable_thinking": False}, OFF, OFF),
        (None, {"thinking": True}, ON, ON),
        (None, {"enable_thinking": False, "thinking": False}, OFF, OFF),
        (None, {"reasoning_effort": "low"}, LOW, LOW),
        (None, {"reasoning_effort": "low", "enable_thinking": True}, LOW, LOW),
        (None, {"reasoning_effort": "none"}, OFF, OFF),
    ],
)
def test_only_the_template_s_variables_and_no_effort_speak_of_the_models_own_thinking(
    effort: str | None, told: dict[str, Any], wish: OwnThinking, without_control: OwnThinking
) -> None:
    without = remote_report()
    switched = msgspec.structs.replace(without, own_thinking=(ThinkingMode(OFF), ThinkingMode(ON)))
    request = asked(reasoning_effort=effort, chat_template_kwargs=TemplateVariables(**told))
    assert own_thinking(request, switched) is wish
    assert own_thinking(request, without) is without_control


@pytest.mark.parametrize(
    ("told", "param"),
    [
        ({"reasoning_effort": "huge"}, "chat_template_kwargs.reasoning_effort"),
        ({"reasoning_effort": "auto"}, "chat_template_kwargs.reasoning_effort"),
        ({"reasoning_effort": "low", "enable_thinking": False}, "chat_template_kwargs"),
        ({"thinking": True, "enable_thinking": False}, "chat_template_kwargs"),
    ],
)
def test_a_wish_that_makes_no_sense_is_refused_by_name(told: dict[str, Any], param: str) -> None:
    with pytest.raises(RefusalError) as caught:
        own_thinking(asked(chat_template_kwargs=TemplateVariables(**told)), remote_report())
    assert (caught.value.status, caught.value.param) == (400, param)
