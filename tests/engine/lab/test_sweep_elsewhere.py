"""Sweeps on servers elsewhere: nothing lost, nothing repeated, whatever the servers do."""

from __future__ import annotations

import socket
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from engine.backends.remote.description import (
    EndpointDescription,
    EngineDescription,
    write_description,
)
from engine.lab.records import SweepStatus
from engine.lab.sweep_control import Control, SweepError
from tests.engine.backends.remote.chat_server import ChatServer
from tests.engine.lab.test_sweep import Bench, bench, check_whole, plan_of

__all__ = ["bench"]


def described(folder: Path, *servers: ChatServer) -> Path:
    path = folder / "some.engine.json"
    endpoints = tuple(EndpointDescription(server.address, slots=4) for server in servers)
    write_description(path, EngineDescription(endpoints, timeout_seconds=5))
    return path


def test_a_sweep_over_two_servers_of_which_one_fails_now_and_then(
    bench: Bench, tmp_path: Path
) -> None:
    with ChatServer(("5", "9")) as one, ChatServer(("5", "9")) as two:
        one.faults = ["cut", "", "500", "", "nonsense", "", "429", "reset"]
        two.faults = ["", "cut", "", "", "unfinished"]
        bench.begin(plan_of(["vote"], [4], described(tmp_path, one, two)))
        assert bench.runner().run() is SweepStatus.FINISHED
    record = bench.record()
    check_whole(record)
    assert {sample.candidate.machine for sample in record.samples} == {
        server.address.removeprefix("http://").removesuffix("/v1") for server in (one, two)
    }


def test_what_a_server_filters_is_missing_and_the_sweep_goes_on(
    bench: Bench, tmp_path: Path
) -> None:
    with ChatServer(("5",)) as server:
        bench.begin(plan_of(["vote"], [4], described(tmp_path, server)))
        server.faults = [""] * 9
        server.fault_of = lambda: "filtered"
        assert bench.runner().run() is SweepStatus.FINISHED
    record = bench.record()
    assert len(record.samples) == 9
    assert [verdict.why for verdict in record.verdicts].count("remote-refused") == 5


def test_a_sweep_is_stopped_while_its_engine_is_silent(bench: Bench, tmp_path: Path) -> None:
    path = tmp_path / "silent.engine.json"
    control = Control()
    with socket.create_server(("127.0.0.1", 0)) as silent, ThreadPoolExecutor() as threads:
        endpoint = EndpointDescription(f"http://127.0.0.1:{silent.getsockname()[1]}/v1")
        write_description(path, EngineDescription((endpoint,), timeout_seconds=200))
        bench.begin(plan_of(["vote"], [4], path))
        run = threads.submit(bench.runner().run, control)
        with silent.accept()[0] as connection:
            connection.recv(1)
            control.stop()
            assert run.result(60) is SweepStatus.PAUSED


def test_a_sweep_whose_only_server_goes_away_is_gone_on_with_later(
    bench: Bench, tmp_path: Path
) -> None:
    with ChatServer(("5",)) as server:
        path = described(tmp_path, server)
        bench.begin(plan_of(["vote"], [4], path))
        server.faults = [""] * 9 + ["401"] * 100
        with pytest.raises(SweepError) as failure:
            bench.runner().run()
        assert failure.value.code == "remote-key"
        assert 0 < len(bench.record().samples) < 32
        server.faults = []
        assert bench.runner().run() is SweepStatus.FINISHED
    check_whole(bench.record())
