"""Several servers as one engine: who gets what, and what happens when one is lost."""

from __future__ import annotations

import math
import threading
from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from engine.backends.remote.pool import Load, choose
from engine.candidate import StopReason
from tests.engine.backends.remote.chat_server import ChatServer
from tests.engine.backends.remote.conftest import Load as LoadEngine
from tests.engine.backends.remote.conftest import Run, ask, finish, until


def test_the_least_loaded_gets_the_next() -> None:
    assert choose([Load(4, 2), Load(4, 1)], 0.0, 1) == 1
    assert choose([Load(8, 2), Load(2, 1)], 0.0, 1) == 0


def test_speeds_that_were_learned_decide() -> None:
    slow, fast = Load(4), Load(4, 1)
    slow.note_finished(10.0)
    fast.note_finished(1.0)
    assert choose([slow, fast], 0.0, 1) == 1


def test_a_slow_one_is_not_given_the_last_candidate() -> None:
    slow, fast = Load(4), Load(4, 4)
    slow.note_finished(10.0)
    fast.note_finished(1.0)
    assert choose([slow, fast], 0.0, waiting=1) is None
    assert choose([slow, fast], 0.0, waiting=60) == 0


def test_one_that_failed_rests_longer_each_time_and_a_refused_key_for_good() -> None:
    load = Load(1)
    load.note_trouble(0.0, for_good=False)
    first = load.rests_until
    assert load.rests(first - 0.1)
    assert not load.rests(first)
    load.note_trouble(first, for_good=False)
    assert load.rests_until - first > first
    load.note_trouble(0.0, for_good=True)
    assert load.rests_until == math.inf


loads = st.builds(
    Load,
    slots=st.integers(1, 8),
    running=st.integers(0, 8),
    seconds=st.none() | st.floats(0.1, 100),
    rests_until=st.sampled_from([-math.inf, 5.0, math.inf]),
)


@given(st.lists(loads, min_size=1, max_size=5), st.integers(1, 64), st.sets(st.integers(0, 4)))
def test_a_choice_has_room_is_awake_and_was_not_avoided(
    servers: list[Load], waiting: int, avoided: set[int]
) -> None:
    chosen = choose(servers, 0.0, waiting, avoided)
    if chosen is not None:
        assert chosen not in avoided
        assert servers[chosen].free > 0
        assert not servers[chosen].rests(0.0)
    idle = all(load.running == 0 for load in servers)
    if idle and any(not s.rests(0.0) for i, s in enumerate(servers) if i not in avoided):
        assert chosen is not None, "nothing runs, so somebody must be asked"


def test_three_servers_share_the_work_and_say_who_did_what(
    load: LoadEngine, servers: list[ChatServer]
) -> None:
    together, waiting = threading.Barrier(6, timeout=20), iter(range(6))

    def meet() -> None:
        if next(waiting, None) is not None:  # later ones go to whoever proved to be quick
            together.wait()

    for server in servers:
        server.before_words = meet  # six run at once: two on each
    backend = load(*servers, slots=2)
    backend.submit([ask(number) for number in range(12)])
    run = finish(backend)
    machines = Counter(end.machine for end in run.ends.values())
    assert set(machines) == {"s0", "s1", "s2"}
    assert all(server.most_running == 2 for server in servers)


def test_candidates_of_a_server_that_is_lost_begin_anew_elsewhere(
    load: LoadEngine, servers: list[ChatServer]
) -> None:
    first, *others = servers
    backend = load(*servers, slots=4)
    first.faults = ["cut"] * 12
    backend.submit([ask(number) for number in range(12)])
    run = finish(backend)
    assert {end.stop for end in run.ends.values()} == {StopReason.FINISHED}
    assert set(run.texts.values()) == {"I count them.\nAnswer: 5"}
    assert run.restarts
    assert {end.machine for end in run.ends.values()} == {"s1", "s2"}
    assert first.injected + sum(len(o.requests) for o in others) == 12 + len(run.restarts)


def test_a_server_that_is_gone_is_told_once_and_left_alone(
    load: LoadEngine, servers: list[ChatServer]
) -> None:
    backend = load(*servers, slots=2)
    servers[0].stop()
    backend.submit([ask(number) for number in range(12)])
    run = finish(backend)
    assert {end.stop for end in run.ends.values()} == {StopReason.FINISHED}
    assert [notice.code for notice in run.notices] == ["endpoint-lost"]
    assert "s0" in run.notices[0].detail


def test_one_that_does_not_answer_at_loading_is_named_then(
    load: LoadEngine, servers: list[ChatServer]
) -> None:
    servers[0].key = "wanted"
    backend = load(*servers[:2])
    assert [notice.code for notice in backend.notices] == ["endpoint-missing"]
    reports = backend.report.endpoints
    assert [report.reachable for report in reports] == [False, True]
    assert "401" in reports[0].trouble
    servers[0].stop()
    backend.submit([ask(number) for number in range(8)])
    run = finish(backend)
    assert {end.machine for end in run.ends.values()} == {"s1"}
    assert not run.notices  # it was never there to be lost


def test_when_all_are_lost_everything_fails_with_a_reason(
    load: LoadEngine, servers: list[ChatServer]
) -> None:
    backend = load(*servers)
    for server in servers:
        server.stop()
    backend.submit([ask(number) for number in range(20)])
    run = finish(backend)
    assert {end.stop for end in run.ends.values()} == {StopReason.FAILED}
    assert all(end.error is not None for end in run.ends.values())


def test_a_slower_server_gets_fewer(load: LoadEngine, servers: list[ChatServer]) -> None:
    quick, slow = servers[:2]
    backend = load(quick, slow, slots=1)
    done = threading.Semaphore(0)

    def hold() -> None:
        for _ in range(5):  # five of the quick one's for each of its own
            assert done.acquire(timeout=20)

    slow.before_words = hold
    quick.before_words = done.release
    run = Run()
    backend.submit([ask(number) for number in range(24)])
    until(backend, run, lambda: len(run.ends) >= 22)
    for _ in range(20):
        done.release()
    finish(backend, run)
    machines = Counter(end.machine for end in run.ends.values())
    assert machines["s0"] > 2 * machines["s1"] > 0
