"""How servers are told of a model's own thinking, and what is found out about it before."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from engine.backends.base import ScoreRequest
from engine.backends.remote.backend import RemoteBackend
from engine.backends.remote.probe import Abilities
from engine.candidate import StopReason
from engine.generation import Message
from engine.own_thinking import EFFORTS, OwnThinking
from tests.engine.backends.remote.chat_server import ChatServer
from tests.engine.backends.remote.conftest import QUESTION, Load, ask, finish

AUTO, OFF, ON = OwnThinking.AUTO, OwnThinking.OFF, OwnThinking.ON
LOW, MEDIUM, HIGH = EFFORTS
WritesPrompt = Callable[[dict[str, Any]], str | None]


def switched(said: dict[str, Any]) -> str:
    return "<think></think>" if said.get("enable_thinking") is False else "<think>"


def switched_as_deepseek(said: dict[str, Any]) -> str:
    return "<think>" if said.get("thinking") else "</think>"


def with_effort(said: dict[str, Any]) -> str:
    return f"Reasoning: {said.get('reasoning_effort', 'medium')}"


def strict(said: dict[str, Any]) -> str | None:
    effort = said.get("reasoning_effort")
    return None if effort in {"low", "medium"} else f"[{effort}]"


def wishes(backend: RemoteBackend) -> tuple[OwnThinking, ...]:
    return tuple(mode.wish for mode in backend.report.own_thinking)


def sent(server: ChatServer) -> dict[str, object]:
    """What the last request says of the model's own thinking."""
    names = ("chat_template_kwargs", "reasoning_effort")
    return {name: server.requests[-1][name] for name in names if name in server.requests[-1]}


@pytest.mark.parametrize("owner", ["llamacpp", "vllm"])
@pytest.mark.parametrize(
    ("writes", "found"),
    [
        (None, ()),
        (lambda _said: "always the same", ()),
        (lambda _said: None, ()),
        (switched, (OFF, ON)),
        (switched_as_deepseek, (OFF, ON)),
        (with_effort, EFFORTS),
        (strict, ()),
    ],
)
def test_servers_that_write_prompts_down_are_tried(
    load: Load,
    server: ChatServer,
    owner: str,
    writes: WritesPrompt | None,
    found: tuple[OwnThinking, ...],
) -> None:
    server.owner, server.writes_prompt = owner, writes
    assert wishes(load(server)) == found
    server.writes_prompt = switched  # another model lies there now
    assert wishes(load(server)) == (OFF, ON)


@pytest.mark.parametrize(
    ("owner", "wish", "told"),
    [
        ("llamacpp", OFF, {"chat_template_kwargs": {"enable_thinking": False, "thinking": False}}),
        ("llamacpp", ON, {"chat_template_kwargs": {"enable_thinking": True, "thinking": True}}),
        ("sglang", OFF, {"chat_template_kwargs": {"enable_thinking": False, "thinking": False}}),
        ("library", OFF, {"reasoning_effort": "none"}),
        ("library", HIGH, {"reasoning_effort": "high"}),
        ("test", OFF, {}),
        ("test", HIGH, {}),
        ("llamacpp", HIGH, {}),
    ],
)
def test_a_server_is_told_what_it_understands(
    load: Load, server: ChatServer, owner: str, wish: OwnThinking, told: dict[str, object]
) -> None:
    server.owner, server.writes_prompt = owner, switched
    backend = load(server)
    backend.submit([ask(1, own_thinking=wish)])
    finish(backend)
    assert sent(server) == told
    backend.submit([ask(2)])
    finish(backend)
    assert sent(server) == {}


def test_vllm_is_told_an_effort_for_its_template_and_beside_it(
    load: Load, server: ChatServer
) -> None:
    server.owner, server.writes_prompt = "vllm", with_effort
    backend = load(server)
    backend.submit([ask(1, own_thinking=LOW)])
    finish(backend)
    said = {"enable_thinking": True, "thinking": True, "reasoning_effort": "low"}
    assert sent(server) == {"chat_template_kwargs": said, "reasoning_effort": "low"}


def test_another_ponder_says_itself_what_its_model_takes(load: Load, server: ChatServer) -> None:
    server.owner, server.says_more = "ponder", {"own_thinking": ["off", "on", "someday"]}
    backend = load(server)
    assert wishes(backend) == (OFF, ON)
    backend.submit([ask(1, own_thinking=OFF)])
    finish(backend)
    assert sent(server)["chat_template_kwargs"] == {"enable_thinking": False, "thinking": False}
    assert server.requests[-1]["samples"] == 1  # it is to think once, whatever its model does
    assert "reasoning_effort" not in server.requests[-1]


def test_a_score_is_asked_under_its_wish(load: Load, server: ChatServer) -> None:
    server.owner, server.writes_prompt = "llamacpp", switched
    backend = load(server)
    messages = (*QUESTION, Message("assistant", "5"), Message("user", "Right?"))
    backend.submit([ScoreRequest(1, messages, ("Yes",), ("No",), own_thinking=OFF)])
    assert finish(backend).scores[1] == pytest.approx(0.9, abs=0.01)
    assert sent(server)["chat_template_kwargs"] == {"enable_thinking": False, "thinking": False}


def test_a_refusal_takes_it_back_and_is_told_once(load: Load, server: ChatServer) -> None:
    server.owner = "library"
    backend = load(server)
    assert wishes(backend) == (OFF, *EFFORTS)
    server.refuses = "reasoning_effort"
    backend.submit([ask(1, own_thinking=OFF), ask(2, own_thinking=OFF)])
    run = finish(backend)
    assert {end.stop for end in run.ends.values()} == {StopReason.FINISHED}
    assert [(n.code, n.detail) for n in run.notices] == [("own-thinking", "s0: off")]
    assert wishes(backend) == ()
    assert wishes(load(server)) == ()  # it is remembered


def test_only_what_all_servers_take_can_be_wished(load: Load, servers: list[ChatServer]) -> None:
    for server in servers[:2]:
        server.owner, server.writes_prompt = "llamacpp", switched
    assert wishes(load(*servers[:2])) == (OFF, ON)
    assert wishes(load(*servers)) == ()


def test_requests_of_different_wishes_are_not_asked_as_one(load: Load, server: ChatServer) -> None:
    server.owner, server.writes_prompt, server.n = "llamacpp", switched, True
    backend = load(server, slots=4)
    backend.submit([ask(1, own_thinking=OFF), ask(2), ask(3, own_thinking=OFF)])
    finish(backend)
    assert sorted(
        (body.get("n", 1), "chat_template_kwargs" in body) for body in server.requests
    ) == [
        (1, False),
        (2, True),
    ]


def test_what_was_remembered_before_there_was_such_a_thing_is_looked_up(
    load: Load, server: ChatServer, tmp_path: Path
) -> None:
    server.owner = "library"
    load(server)
    path = tmp_path / "engine.probed.json"
    known = msgspec.json.decode(path.read_bytes(), type=dict[str, dict[str, object]])
    for abilities in known.values():
        del abilities["own_thinking"]
    path.write_bytes(msgspec.json.encode(known))
    assert wishes(load(server)) == (OFF, *EFFORTS)
    assert Abilities().own_thinking is None
