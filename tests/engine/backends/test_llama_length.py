"""What is too long for the context is refused before it is read whole, and nothing else is."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from engine.backends.llama.backend import LlamaBackend
from engine.backends.llama.length import fewest_tokens, tokens_at_least
from engine.backends.llama.template import PromptPiece, RenderedPrompt
from engine.errors import PromptTooLongError
from engine.generation import Message
from tests.engine.backends.conftest import ask

Load = Callable[..., LlamaBackend]

LONG = 300_000


@pytest.mark.parametrize(
    "earlier",
    [
        pytest.param((), id="the question"),
        pytest.param((Message("user", "x"), Message("assistant", "<" * LONG)), id="an answer"),
        pytest.param((Message("system", "pens " * LONG),), id="what it was told"),
    ],
)
def test_a_huge_text_is_refused_without_being_read(
    load: Load, earlier: tuple[Message, ...]
) -> None:
    backend = load(context_tokens=256)
    with pytest.raises(PromptTooLongError) as refused:
        backend.submit([ask(0, "pens " * (1 if earlier else LONG), earlier=earlier)])
    assert 256 <= refused.value.prompt_tokens < LONG / 10
    assert "at least" in refused.value.detail


def test_more_messages_than_tokens_are_refused_unread(load: Load) -> None:
    backend = load(context_tokens=256)
    earlier = (Message("user", "x"), Message("assistant", "y")) * 500
    with pytest.raises(PromptTooLongError) as refused:
        backend.submit([ask(0, earlier=earlier)])
    assert refused.value.prompt_tokens == 1001


def test_what_its_template_makes_long_is_refused_without_being_read(load: Load) -> None:
    vocabulary = load()._vocabulary
    rendered = RenderedPrompt((PromptPiece("<|user|>x</s>" * 20_000, trusted=True),), "")
    assert 1000 < tokens_at_least(rendered.pieces, vocabulary, 1000) < 10_000


@pytest.mark.parametrize(
    "text",
    ["pens and boxes " * 4000, "\n" * 30_000, "<|user|>" * 5000, "é家🧮" * 9000, "a" * 20_000],
)
@pytest.mark.parametrize("trusted", [True, False])
def test_never_more_is_counted_than_there_is(load: Load, text: str, trusted: bool) -> None:  # noqa: FBT001
    vocabulary = load()._vocabulary
    there = len(vocabulary.tokenize(text, special=trusted))
    counted = tokens_at_least([PromptPiece(text, trusted)], vocabulary, len(text) - 1)
    assert min(0.9 * there, len(text) - 1) < counted <= there


def test_a_thought_that_a_template_may_drop_is_not_counted(load: Load) -> None:
    vocabulary = load()._vocabulary
    thought = Message("assistant", f"<think>{'pens ' * LONG}</think>12")
    assert fewest_tokens([thought, Message("user", " " * LONG)], vocabulary, 255) < 10
