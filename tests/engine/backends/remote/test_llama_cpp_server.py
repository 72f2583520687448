"""Against a server that is not ours: llama-cpp-python's own, with the built-in model."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.backends.remote.description import (
    EndpointDescription,
    EngineDescription,
    write_description,
)
from engine.budget import Budget
from engine.generation import LoadOptions, Message, Sampling
from engine.options import SearchMethod, StrategyOptions
from engine.protocol import (
    CandidateFinished,
    Deliberate,
    DeliberationFailed,
    LoadFailed,
    LoadModel,
    ModelLoaded,
    VerdictReached,
)
from engine.strategies import STRATEGIES
from models.builtin import builtin_model_path
from tests.engine.backends.remote.llama_server import llama_server
from tests.engine.test_client import Talk

QUESTION = "Tom has 3 apples and buys 4 more. How many apples does Tom have?"


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with llama_server(builtin_model_path(), threads=2) as one:
        yield one


@pytest.fixture
def talk(tmp_path: Path, address: str) -> Iterator[Talk]:
    path = tmp_path / "elsewhere.engine.json"
    write_description(path, EngineDescription((EndpointDescription(address),)))
    one = Talk()
    one.client.send(LoadModel(str(path), LoadOptions()))
    yield one
    one.client.close()


def test_it_is_known_for_what_it_is(talk: Talk) -> None:
    (endpoint,) = talk.wait(ModelLoaded).report.endpoints
    assert endpoint.server == "llama-cpp-python"
    assert endpoint.slots == 1  # it breaks a request off when another one comes
    assert not endpoint.honours_n
    assert endpoint.gives_confidence


@pytest.mark.parametrize("strategy", sorted(STRATEGIES))
def test_every_strategy_reaches_a_verdict(talk: Talk, strategy: str) -> None:
    talk.wait(ModelLoaded)
    talk.client.send(
        Deliberate(
            "d",
            (Message("user", QUESTION),),
            strategy,
            Budget(samples=4, rounds=2 if strategy in {"revise", "aggregate"} else 1,
                   tokens_per_candidate=60),
            Sampling(seed=3),
            options=StrategyOptions(method=SearchMethod.BEAM),
        )
    )  # fmt: skip
    verdict = talk.wait(VerdictReached).verdict
    assert not [e for e in talk.seen if isinstance(e, DeliberationFailed | LoadFailed)]
    candidates = [e.candidate for e in talk.seen if isinstance(e, CandidateFinished)]
    assert any(candidate.counts and candidate.response for candidate in candidates)
    assert {c.machine for c in candidates if c.counts} <= {talk_machine(talk), ""}
    if strategy == "vote":
        assert verdict.tally.groups


def talk_machine(talk: Talk) -> str:
    """What the one server is called."""
    (loaded,) = [event for event in talk.seen if isinstance(event, ModelLoaded)]
    return loaded.report.endpoints[0].name
