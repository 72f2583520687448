"""One server: what is asked of it, what it answers, and how it can fail."""

from __future__ import annotations

import gc
import math
import socket
import threading
from contextlib import closing
from pathlib import Path

import pytest
import trustme

from engine.backends.base import Appended, Generated, ScoreRequest
from engine.backends.remote.backend import RemoteBackend
from engine.backends.remote.description import (
    EndpointDescription,
    EngineDescription,
    write_description,
)
from engine.backends.remote.dispatcher import Dispatcher
from engine.backends.remote.probe import Abilities
from engine.candidate import StopReason
from engine.errors import (
    BadRequestError,
    LoadCancelledError,
    ModelFileError,
    RemoteKeyError,
    RemoteNotFoundError,
    RemoteUnreachableError,
)
from engine.generation import JsonReply, LoadOptions, Sampling
from tests.engine.backends.remote.chat_server import PONDERING, ChatServer
from tests.engine.backends.remote.conftest import QUESTION, Load, Run, ask, finish, until
from tests.socks_server import SocksServer


def test_candidates_stream_with_confidence_tokens_and_the_machine(
    load: Load, server: ChatServer
) -> None:
    server.answers = ("5", "7")
    backend = load(server)
    backend.submit([ask(1), ask(2)])
    run = finish(backend)
    assert sorted(run.texts.values()) == ["I count them.\nAnswer: 5", "I count them.\nAnswer: 7"]
    for end in run.ends.values():
        assert (end.stop, end.tokens, end.machine) == (StopReason.FINISHED, 7, "s0")
        assert end.mean_logprob == pytest.approx(-0.5)
    assert run.read[0].tokens_total == 11
    assert not run.notices


def test_what_a_server_does_not_give_is_missing_and_not_made_up(
    load: Load, server: ChatServer
) -> None:
    server.gives = set()
    backend = load(server)
    backend.submit([ask(1)])
    run = finish(backend)
    assert run.ends[1].mean_logprob is None
    assert run.ends[1].tokens == 7  # pieces that came, where it does not say
    assert [notice.code for notice in run.notices] == ["tokens-estimated"]
    backend.submit([ask(2)])
    assert not finish(backend).notices  # once is enough
    assert not run.read
    assert not backend.report.endpoints[0].gives_confidence


def test_an_empty_reason_to_end_is_none(load: Load, server: ChatServer) -> None:
    server.goes_on = ""
    backend = load(server)
    backend.submit([ask(1)])
    run = finish(backend)
    assert run.texts[1] == "I count them.\nAnswer: 5"
    assert (run.ends[1].stop, run.ends[1].tokens) == (StopReason.FINISHED, 7)


def test_seeds_limits_and_sampling_are_asked_for(load: Load, server: ChatServer) -> None:
    server.owner = "llamacpp"
    backend = load(server)
    backend.submit([ask(9, max_tokens=40, sampling=Sampling(temperature=0.5, seed=77))])
    finish(backend)
    (body,) = server.requests
    assert (body["seed"], body["max_tokens"], body["temperature"]) == (77, 40, 0.5)
    assert (body["top_k"], body["min_p"]) == (40, 0.05)
    assert body["messages"] == [{"role": "user", "content": "How many apples?"}]
    assert not {"frequency_penalty", "presence_penalty"} & set(body)
    backend.submit([ask(10, sampling=Sampling(presence_penalty=1.5))])
    finish(backend)
    assert server.requests[1]["presence_penalty"] == 1.5


def test_json_replies_are_asked_for_in_openai_s_field(load: Load, server: ChatServer) -> None:
    server.n = True
    backend = load(server)
    schema = '{"type":"integer","maximum":1.50}'
    backend.submit(
        [
            ask(1, json_reply=JsonReply(schema, "count", strict=True)),
            ask(2, json_reply=JsonReply(schema, "count", strict=True)),
            ask(3, json_reply=JsonReply()),
            ask(4),
        ]
    )
    run = finish(backend)
    bodies = sorted(server.requests, key=lambda body: str(body.get("response_format")))
    assert [body.get("response_format") for body in bodies] == [
        None,
        {"type": "json_object"},
        {
            "type": "json_schema",
            "json_schema": {
                "name": "count", "schema": {"type": "integer", "maximum": 1.5}, "strict": True
            },
        },
    ]  # fmt: skip
    assert [body.get("n") for body in bodies] == [None, None, 2]
    assert not run.notices


def test_a_server_that_refuses_json_replies_is_asked_without_and_that_is_said_once(
    load: Load, server: ChatServer
) -> None:
    server.refuses = "response_format"
    backend = load(server)
    backend.submit([ask(1, json_reply=JsonReply())])
    run = finish(backend)
    backend.submit([ask(2, json_reply=JsonReply())])
    finish(backend, run)
    assert [notice.code for notice in run.notices] == ["json-not-kept"]
    assert {end.stop for end in run.ends.values()} == {StopReason.FINISHED}
    again = load(server)
    again.submit([ask(3, json_reply=JsonReply())])
    assert [notice.code for notice in finish(again).notices] == ["json-not-kept"]
    assert not any("response_format" in body for body in server.requests)


def test_a_server_that_refuses_one_schema_is_still_asked_for_others() -> None:
    words = "invalid schema for response_format 'count': in context=()"
    assert Abilities().without(words) is None
    less = Abilities().without("this response_format type is unavailable now")
    assert less is not None
    assert not less.json_replies


def test_an_unknown_server_gets_openai_s_parameters_only(load: Load, server: ChatServer) -> None:
    backend = load(server)
    backend.submit([ask(1)])
    finish(backend)
    assert not {"top_k", "min_p", "repeat_penalty", "n"} & set(server.requests[0])


def test_one_request_asks_for_several_where_that_is_honoured(
    load: Load, server: ChatServer
) -> None:
    server.n, server.answers = True, ("1", "2", "3", "4")
    backend = load(server, slots=4)
    assert backend.report.endpoints[0].honours_n
    backend.submit([ask(number) for number in range(4)])
    run = finish(backend)
    assert [body["n"] for body in server.requests] == [4]
    assert {text[-1] for text in run.texts.values()} == {"1", "2", "3", "4"}


def test_parallel_requests_stay_within_the_slots(load: Load, server: ChatServer) -> None:
    together = threading.Barrier(3, timeout=20)

    def meet() -> None:
        together.wait()

    server.before_words = meet
    backend = load(server, slots=3)
    backend.submit([ask(number) for number in range(9)])
    run = finish(backend)
    assert len(run.ends) == 9
    assert server.most_running == 3


def test_what_was_found_is_remembered_and_not_tried_again(
    load: Load, server: ChatServer, tmp_path: Path
) -> None:
    server.n = True
    load(server)
    server.n = False
    again = load(server)
    assert again.report.endpoints[0].honours_n
    assert (tmp_path / "engine.probed.json").exists()


def test_a_server_that_lies_about_n_is_asked_one_by_one(load: Load, server: ChatServer) -> None:
    server.n = True
    backend = load(server)
    server.faults = ["fewer"]
    backend.submit([ask(number) for number in range(4)])
    run = finish(backend)
    assert {end.stop for end in run.ends.values()} == {StopReason.FINISHED}
    assert [body.get("n", 1) for body in server.requests] == [4, 1]
    assert not backend.report.endpoints[0].honours_n


def test_more_choices_than_asked_for_count_nowhere(load: Load, server: ChatServer) -> None:
    server.n = True
    backend = load(server)
    server.faults = ["more"]
    backend.submit([ask(1), ask(2)])
    run = finish(backend)
    assert set(run.texts) == {1, 2}


def test_reasoning_is_hidden_thought(load: Load, server: ChatServer) -> None:
    server.thought = "Let me see."
    backend = load(server)
    backend.submit([ask(1)])
    run = finish(backend)
    assert run.texts[1] == "<think>\nLet me see.\n</think>\n\nI count them.\nAnswer: 5"


def test_cancelling_closes_the_stream(load: Load, server: ChatServer) -> None:
    backend = load(server)
    server.faults = ["endless"]
    backend.submit([ask(1)])
    run = Run()
    until(backend, run, lambda: bool(run.texts.get(1)))
    backend.cancel([1])
    finish(backend, run)
    assert run.ends[1].stop is StopReason.CANCELLED
    assert server.left.acquire(timeout=20)


def test_what_waits_can_be_cancelled(load: Load, server: ChatServer) -> None:
    go = threading.Event()

    def wait() -> None:
        go.wait(20)

    server.before_words = wait
    backend = load(server, slots=1)
    backend.submit([ask(1), ask(2)])
    backend.cancel([2])
    run = Run()
    until(backend, run, lambda: 2 in run.ends)
    go.set()
    finish(backend, run)
    assert run.ends[1].stop is StopReason.FINISHED
    assert len(server.requests) == 1


def test_a_stop_text_ends_it_here_and_a_fork_goes_on_behind_it(
    load: Load, server: ChatServer
) -> None:
    backend = load(server)
    backend.submit([ask(1, stop_texts=("\n",), keep=True)])
    run = finish(backend)
    assert run.texts[1] == "I count them."
    assert (run.ends[1].stop_text, run.ends[1].stop) == ("\n", StopReason.FINISHED)
    backend.submit([ask(2, fork_of=1)])
    finish(backend)
    _, reply, order = server.requests[-1]["messages"]
    assert reply == {"role": "assistant", "content": "I count them.\n"}
    assert "Go on" in order["content"]  # an unknown server would begin a new turn
    backend.forget([1])
    with pytest.raises(BadRequestError):
        backend.submit([ask(3, fork_of=1)])


def test_what_the_dispatcher_holds_is_looked_at_on_its_loop_only(
    load: Load, server: ChatServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked: set[tuple[str, str]] = set()

    def watch(dispatcher: Dispatcher, name: str) -> object:
        found = object.__getattribute__(dispatcher, name)
        if not callable(found):  # a method may be handed to the loop from anywhere
            looked.add((threading.current_thread().name, name))
        return found

    monkeypatch.setattr(Dispatcher, "__getattribute__", watch)
    backend = load(server)
    backend.submit([ask(1, stop_texts=("\n",), keep=True)])
    finish(backend)
    backend.submit([ask(2, fork_of=1)])
    backend.cancel([2])
    backend.append(2, "")
    finish(backend)
    backend.forget([1])
    backend.close()
    assert {thread for thread, _ in looked} == {"remote-engine"}


def test_servers_that_can_go_on_with_a_reply_as_it_is(load: Load, server: ChatServer) -> None:
    server.owner = "vllm"
    backend = load(server)
    backend.submit([ask(1, stop_texts=("\n",), keep=True)])
    finish(backend)
    backend.submit([ask(2, fork_of=1)])
    finish(backend)
    body = server.requests[-1]
    assert body["messages"][-1] == {"role": "assistant", "content": "I count them.\n"}
    assert (body["continue_final_message"], body["add_generation_prompt"]) == (True, False)


@pytest.mark.parametrize("owner", ["llamacpp", "vllm", "library", "organization_owner"])
def test_what_was_cut_is_given_as_an_unfinished_reply(
    load: Load, server: ChatServer, owner: str
) -> None:
    server.owner = owner
    backend = load(server)
    assert backend.report.goes_on
    backend.submit([ask(1, continuation="Two and"), ask(2, continuation="Two and")])
    run = finish(backend)
    for body in server.requests:
        assert body["messages"][-1] == {"role": "assistant", "content": "Two and"}
    assert run.texts[1] == run.texts[2] == "I count them.\nAnswer: 5"  # what is new alone
    assert run.ends[1].tokens == 7


def test_of_an_unknown_server_nobody_says_that_it_goes_on(load: Load, server: ChatServer) -> None:
    backend = load(server)
    assert not backend.report.goes_on


def test_one_server_that_cannot_go_on_is_enough(load: Load, servers: list[ChatServer]) -> None:
    servers[0].owner = "vllm"
    assert not load(*servers).report.goes_on


def test_a_thought_that_was_cut_is_not_opened_twice(load: Load, server: ChatServer) -> None:
    server.owner, server.thought = "llamacpp", "So five."
    backend = load(server)
    backend.submit([ask(1, continuation="<think>\nHm. ")])
    run = finish(backend)
    assert run.texts[1] == "So five.\n</think>\n\nI count them.\nAnswer: 5"


def test_a_server_that_refuses_an_unfinished_reply_is_asked_to_go_on(
    load: Load, server: ChatServer
) -> None:
    server.owner, server.refuses = "vllm", "continue_final_message"
    backend = load(server)
    backend.submit([ask(1, continuation="Two and")])
    run = finish(backend)
    assert [notice.code for notice in run.notices] == ["asked-to-go-on"]
    _, reply, order = server.requests[-1]["messages"]
    assert reply["content"] == "Two and"
    assert "Go on" in order["content"]
    assert not backend.report.goes_on  # learned for the next time


def test_a_thought_that_is_closed_is_gone_on_behind(load: Load, server: ChatServer) -> None:
    server.owner, server.thought = "llamacpp", "Hm."
    server.faults = [PONDERING]
    backend = load(server)
    backend.submit([ask(1)])
    run = Run()
    until(backend, run, lambda: "Hm." in run.texts.get(1, ""))
    server.thought = ""
    backend.append(1, "\n</think>\n\n")
    finish(backend, run)
    reply = server.requests[-1]["messages"][-1]
    assert reply["role"] == "assistant"
    assert reply["content"].startswith("<think>\nHm.")
    place = run.events.index(Appended(1))
    before = [event.text for event in run.events[:place] if isinstance(event, Generated)]
    assert reply["content"] == "".join(before) + "\n</think>\n\n"
    assert run.ends[1].stop is StopReason.FINISHED
    assert not run.restarts


def test_a_closing_text_for_what_has_begun_anew_closes_nothing(
    load: Load, server: ChatServer
) -> None:
    asked, go = threading.Event(), threading.Event()

    def wait() -> None:
        asked.set()
        go.wait(20)

    backend = load(server)
    server.before_words = wait
    backend.submit([ask(1)])
    assert asked.wait(20)
    backend.append(1, "\n</think>\n\n")
    go.set()
    run = finish(backend)
    assert run.ends[1].stop is StopReason.FINISHED
    assert len(server.requests) == 1


def test_scores_come_from_the_likeliest_tokens(load: Load, server: ChatServer) -> None:
    backend = load(server)
    backend.submit([ScoreRequest(5, QUESTION, ("Yes",), ("No",))])
    assert finish(backend).scores[5] == pytest.approx(
        math.exp(-0.105) / (math.exp(-0.105) + math.exp(-2.303))
    )
    server.gives = set()
    backend.submit([ScoreRequest(6, QUESTION, ("Yes",), ("No",))])
    assert finish(backend).scores[6] is None


def test_a_kept_connection_that_was_closed_meanwhile_costs_no_answer(
    load: Load, server: ChatServer
) -> None:
    server.closes_unsaid = True
    backend = load(server, slots=1)
    backend.submit([ScoreRequest(number, QUESTION, ("Yes",), ("No",)) for number in range(60)])
    scores = finish(backend).scores
    assert len(scores) == 60
    assert None not in scores.values()


@pytest.mark.parametrize("fault", ["408", "409", "425", "429", "500", "503"])
def test_too_much_and_failures_are_tried_again(load: Load, server: ChatServer, fault: str) -> None:
    backend = load(server)
    server.faults = [fault] * 3
    backend.submit([ask(1)])
    assert finish(backend).ends[1].stop is StopReason.FINISHED
    assert len(server.requests) == 4


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        ("400", "remote-refused"),
        ("401", "remote-key"),
        ("402", "remote-key"),
        ("404", "remote-not-found"),
        ("redirect", "remote-answer"),
        ("reset", "remote-unreachable"),
        ("empty", "remote-answer"),
        ("page", "remote-answer"),
        ("nonsense", "remote-answer"),
        ("shape", "remote-answer"),
        ("cut", "remote-answer"),
        ("unfinished", "remote-answer"),
        ("long-line", "remote-answer"),
        ("wrong-index", "remote-answer"),
        ("bytes", "remote-answer"),
        ("aborted", "remote-answer"),
        ("failed", "remote-answer"),
    ],
)
def test_everything_else_fails_once_with_its_reason(
    load: Load, server: ChatServer, fault: str, code: str
) -> None:
    backend = load(server)
    server.elsewhere = server.address
    again = fault in {"400", "reset"}  # without what was refused; over a new connection
    server.faults = [fault] * 2 if again else [fault]
    server.refuses = ""
    backend.submit([ask(1)])
    run = finish(backend)
    end = run.ends[1]
    assert end.stop is StopReason.FAILED
    assert end.error is not None
    assert end.error.code == code
    assert "apples" not in end.error.detail
    backend.submit([ask(2)])  # and the next question is asked all the same
    expected = StopReason.FAILED if code in {"remote-key", "remote-not-found"} else None
    assert finish(backend).ends[2].stop is (expected or StopReason.FINISHED)


def test_a_refusal_that_nothing_helps_changes_nothing_for_the_next(
    load: Load, server: ChatServer
) -> None:
    backend = load(server)
    server.faults = ["400"] * 4
    backend.submit([ask(1)])
    assert finish(backend).ends[1].stop is StopReason.FAILED
    server.faults = []
    backend.submit([ask(2)])
    assert finish(backend).ends[2].stop is StopReason.FINISHED
    assert server.requests[-1]["logprobs"]
    assert server.requests[-1]["stream_options"]


def test_a_failure_after_four_tries_is_one(load: Load, server: ChatServer) -> None:
    backend = load(server)
    server.faults = ["500"] * 4
    backend.submit([ask(1)])
    error = finish(backend).ends[1].error
    assert error is not None
    assert error.code == "remote-server"


def test_silence_ends_after_the_time_that_is_given(load: Load, server: ChatServer) -> None:
    backend = load(server, timeout_seconds=0.3)
    server.faults = ["silent"]
    backend.submit([ask(1)])
    error = finish(backend).ends[1].error
    assert error is not None
    assert error.code == "remote-unreachable"


def test_what_waits_in_a_servers_queue_is_not_given_up(load: Load, server: ChatServer) -> None:
    backend = load(server, slots=8, timeout_seconds=2.0)
    server.one_by_one = True

    def ponder() -> None:
        server.closing.wait(0.4)

    server.before_words = ponder
    backend.submit([ask(number) for number in range(8)])
    run = finish(backend)
    assert [run.ends[number].stop for number in range(8)] == [StopReason.FINISHED] * 8
    assert len(server.requests) == 8  # none was asked twice


def test_a_server_that_stops_in_the_middle_of_a_queue_is_silent(
    load: Load, server: ChatServer
) -> None:
    backend = load(server, slots=4, timeout_seconds=0.3)
    server.one_by_one = True
    server.faults = ["", "silent"]
    backend.submit([ask(number) for number in range(4)])
    run = finish(backend)
    errors = [end.error.code for end in run.ends.values() if end.error is not None]
    assert errors == ["remote-unreachable"] * 3


def test_an_endless_answer_is_ended_at_its_limit(load: Load, server: ChatServer) -> None:
    backend = load(server)
    server.faults = ["endless", "endless"]
    backend.submit([ask(1, max_tokens=20), ask(2)])
    run = finish(backend)
    assert run.ends[1].stop is StopReason.TOKEN_BUDGET
    assert run.ends[2].stop is StopReason.CONTEXT_FULL
    assert len(run.texts[2]) < 2_000_000


@pytest.mark.parametrize("parameter", ["logprobs", "stream_options", "seed"])
def test_a_parameter_that_is_refused_is_done_without(
    load: Load, server: ChatServer, parameter: str
) -> None:
    server.refuses = parameter
    backend = load(server)
    backend.submit([ask(1)])
    assert finish(backend).ends[1].stop is StopReason.FINISHED
    assert parameter not in server.requests[-1]


def test_a_key_is_shown_to_its_server_and_to_no_other(load: Load, server: ChatServer) -> None:
    with ChatServer() as other:
        server.key, server.elsewhere = "secret-key", other.address
        backend = load(server, key="secret-key")
        server.faults = ["", "redirect"]
        backend.submit([ask(1), ask(2)])
        run = finish(backend)
        assert set(server.keys) == {"Bearer secret-key"}
        assert not other.keys
        assert "secret-key" not in repr(run.events)
        assert "secret-key" not in repr(backend.report)


def test_a_certificate_is_checked(
    load: Load, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    authority = trustme.CA()
    ours = authority.issue_cert("127.0.0.1")
    with ChatServer(certificate=ours) as server:
        with pytest.raises(RemoteUnreachableError, match="certificate is not trusted"):
            load(server)
        assert not server.requests
        trusted = tmp_path / "authority.pem"
        authority.cert_pem.write_to_path(str(trusted))
        monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
        backend = load(server)
        backend.submit([ask(1)])
        assert finish(backend).ends[1].stop is StopReason.FINISHED


@pytest.mark.parametrize("proxy", ["socks://127.0.0.1:1080/", "socks4://127.0.0.1:1080"])
def test_a_proxy_of_no_use_hinders_only_the_servers_behind_it(
    proxy: str, server: ChatServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ALL_PROXY", proxy)
    path = tmp_path / "two.engine.json"
    away = EndpointDescription("http://192.0.2.1:1/v1", name="away")
    here = EndpointDescription(server.address, name="here")
    write_description(path, EngineDescription((away, here), timeout_seconds=20))
    with closing(RemoteBackend.load(path, LoadOptions())) as backend:
        (notice,) = backend.notices
        assert notice.code == "endpoint-missing"
        assert notice.detail.startswith("away: the proxy")
        backend.submit([ask(1)])
        assert finish(backend).ends[1].machine == "here"
    write_description(path, EngineDescription((away,)))
    with pytest.raises(RemoteUnreachableError, match="proxy or certificates"):
        RemoteBackend.load(path, LoadOptions())


@pytest.mark.parametrize("login", [None, ("ada", "secret")])
def test_a_socks_proxy_leads_to_a_server(
    login: tuple[str, str] | None,
    server: ChatServer,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    path = tmp_path / "one.engine.json"
    port = int(server.address.removesuffix("/v1").rpartition(":")[2])
    away = EndpointDescription("http://away.example/v1", name="away")
    write_description(path, EngineDescription((away,), timeout_seconds=20))
    with closing(SocksServer({"away.example": port}, login)) as proxy:
        monkeypatch.setenv("ALL_PROXY", proxy.address)
        with closing(RemoteBackend.load(path, LoadOptions())) as backend:
            backend.submit([ask(1)])
            assert finish(backend).ends[1].stop is StopReason.FINISHED
        assert set(proxy.asked) == {("away.example", 80)}


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # httpcore's socket
@pytest.mark.parametrize("speaks", [b"", b"HTTP/1.1 400 Bad Request\r\n\r\n"])
def test_what_is_no_socks_proxy_is_told_once(
    speaks: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "one.engine.json"
    away = EndpointDescription("http://away.example/v1", name="away")
    write_description(path, EngineDescription((away,), timeout_seconds=20))
    with closing(SocksServer({}, speaks=speaks)) as proxy:
        monkeypatch.setenv("ALL_PROXY", proxy.address)
        with pytest.raises(RemoteUnreachableError, match="away: the proxy refuses"):
            RemoteBackend.load(path, LoadOptions())
    gc.collect()


@pytest.mark.parametrize("key", ["sk-12…", "sk-12\n", "ключ"])
def test_a_key_that_cannot_be_sent_is_refused_with_its_server_s_name(
    key: str, load: Load, server: ChatServer
) -> None:
    with pytest.raises(RemoteKeyError, match="s0: the key"):
        load(server, key=key)
    assert not server.connections


def test_an_address_that_is_no_host_is_no_mistake_of_ours(tmp_path: Path) -> None:
    path = tmp_path / "one.engine.json"
    write_description(path, EngineDescription((EndpointDescription("http://\u2024/v1"),)))
    with pytest.raises(RemoteUnreachableError, match="its address is none"):
        RemoteBackend.load(path, LoadOptions())


def test_no_proxy_stands_between_this_machine_and_itself(
    load: Load, server: ChatServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    with ChatServer() as proxy:
        monkeypatch.setenv("http_proxy", proxy.address)
        monkeypatch.setenv("all_proxy", proxy.address)
        monkeypatch.delenv("no_proxy", raising=False)
        backend = load(server)
        backend.submit([ask(1)])
        assert finish(backend).ends[1].stop is StopReason.FINISHED
        assert not proxy.connections


def test_loading_says_why_no_server_can_be_used(load: Load, server: ChatServer) -> None:
    server.key = "another"
    with pytest.raises(RemoteKeyError, match="s0"):
        load(server, key="wrong")
    server.stop()
    with pytest.raises(RemoteUnreachableError):
        load(server)


def test_a_model_that_a_server_does_not_have(tmp_path: Path, server: ChatServer) -> None:
    path = tmp_path / "e.engine.json"
    path.write_text(f'{{"endpoints": [{{"address": "{server.address}", "model": "other"}}]}}')
    with pytest.raises(RemoteNotFoundError):
        RemoteBackend.load(path, LoadOptions())


def test_loading_can_be_cancelled(tmp_path: Path, server: ChatServer) -> None:
    path = tmp_path / "e.engine.json"
    path.write_text(f'{{"endpoints": [{{"address": "{server.address}"}}]}}')
    with pytest.raises(LoadCancelledError):
        RemoteBackend.load(path, LoadOptions(), lambda _share: False)
    gc.collect()  # what was left open, or never begun, would warn now, which fails the test


def test_a_load_that_is_cancelled_leaves_no_connection(tmp_path: Path) -> None:
    path = tmp_path / "e.engine.json"
    came = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"http://127.0.0.1:{silent.getsockname()[1]}/v1"
        path.write_text(f'{{"endpoints": [{{"address": "{address}"}}]}}')

        def accept() -> None:
            with silent.accept()[0] as connection:
                connection.recv(1)
                came.set()
                while connection.recv(4096):
                    continue

        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        with pytest.raises(LoadCancelledError):
            RemoteBackend.load(path, LoadOptions(), lambda _share: not came.is_set())
        thread.join(20)
        assert not thread.is_alive(), "the connection is open"
    gc.collect()


def test_an_engine_that_is_closed_at_once_leaves_no_connection(
    load: Load, server: ChatServer
) -> None:
    backend = load(server, slots=8)
    server.fault_of = lambda: "endless"
    backend.submit([ask(number) for number in range(8)])
    run = Run()
    until(backend, run, lambda: len(run.texts) == 8)
    backend.cancel(range(8))
    backend.close()
    for _ in range(8):
        assert server.left.acquire(timeout=20)
    gc.collect()


@pytest.mark.parametrize(
    "content",
    ["", "[]", "{}", '{"endpoints": []}', '{"endpoints": [{"address": "ftp://x"}]}', "x" * 70000],
)
def test_a_file_that_describes_nothing(tmp_path: Path, content: str) -> None:
    path = tmp_path / "e.engine.json"
    path.write_text(content)
    with pytest.raises(ModelFileError):
        RemoteBackend.load(path, LoadOptions())


def test_llama_server_says_its_slots_and_its_context(load: Load, server: ChatServer) -> None:
    server.owner, server.slots = "llamacpp", 6
    report = load(server, slots=None).report
    assert (report.slots, report.context_tokens) == (6, 2048)
    (endpoint,) = report.endpoints
    assert (endpoint.server, endpoint.here, endpoint.reachable) == ("llama-server", True, True)


def test_a_server_that_claims_less_than_no_slots_has_the_usual_ones(
    load: Load, server: ChatServer
) -> None:
    server.owner, server.slots = "llamacpp", -1
    assert load(server, slots=None).report.slots >= 1
