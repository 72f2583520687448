"""llama.cpp itself says what a grammar lets through, over the built-in model's vocabulary."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

import numpy as np
import pytest

from engine.backends.llama.choices import TOKEN_DATA, apply
from engine.backends.llama.loading import load
from engine.backends.llama.native import low
from engine.backends.llama.vocabulary import Vocabulary
from engine.generation import LoadOptions
from engine.json_grammar.grammar import START, grammar_of
from models.builtin import builtin_model_path

Accepts = Callable[[object, str], bool]


@pytest.fixture(scope="session")
def vocabulary() -> Iterator[Vocabulary]:
    loaded = load(builtin_model_path(), LoadOptions(slots=1, context_tokens=64), None)
    yield loaded.model.vocabulary
    loaded.close()


@pytest.fixture(scope="session")
def accepts(vocabulary: Vocabulary) -> Accepts:
    """Whether a whole text is a reply of a schema."""

    def is_reply(schema: object, text: str) -> bool:
        rules = grammar_of(schema if isinstance(schema, str) else json.dumps(schema))
        grammar = vocabulary.grammar(f"root ::= {START}\n{rules}")
        assert grammar is not None
        try:
            for token in (*vocabulary.tokenize(text, special=False), vocabulary.end_token):
                choice = np.zeros(1, TOKEN_DATA)
                choice["token"] = token
                apply(grammar, choice)
                if not np.isfinite(choice["logit"][0]):
                    return False
                low.llama_sampler_accept(grammar, token)
            return True
        finally:
            low.llama_sampler_free(grammar)

    return is_reply
