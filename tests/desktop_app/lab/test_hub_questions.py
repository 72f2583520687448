"""Question sets from a hub on loopback."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from desktop_app.lab.hub_questions import (
    chosen_file,
    find_dataset,
    get_dataset_file,
    hub_question_set,
)
from engine.lab.question_files import read_rows
from engine.lab.question_table import QuestionFileError, sure_columns
from models.errors import HashMismatchError, HubNotFoundError, HubOfflineError
from models.hub import Hub
from tests.models.hub_server import HubServer

ROWS = b"\n".join(
    json.dumps({"question": f"{n}+1?", "answer": f"so\n#### {n + 1}"}).encode() for n in range(30)
)


@pytest.fixture
def hub() -> Iterator[HubServer]:
    with HubServer() as server:
        server.add(
            "datasets/ada/sums",
            {"README.md": b"hello", "train.jsonl": ROWS * 9, "test.jsonl": ROWS, "../x.csv": b"q"},
        )
        yield server


def test_a_test_split_is_found_fetched_once_and_read(hub: HubServer, tmp_path: Path) -> None:
    client = Hub(endpoint=hub.endpoint)
    dataset, wanted = find_dataset(client, "hub:ada/sums")
    assert [file.path for file in dataset.files] == ["test.jsonl", "train.jsonl"]
    file = chosen_file(dataset, wanted)
    assert file.path == "test.jsonl"
    path = get_dataset_file(client, dataset, file, tmp_path)
    fetched = sum(host == "files" for host, *_ in hub.requests)
    assert get_dataset_file(client, dataset, file, tmp_path) == path
    assert sum(host == "files" for host, *_ in hub.requests) == fetched
    rows = read_rows(path)
    found = hub_question_set(rows, dataset, file, sure_columns(rows))
    assert found.name == "sums"
    assert found.source == f"hub:ada/sums:test.jsonl at {dataset.revision[:12]}"
    assert found.questions[3].answer == "4"


def test_another_commit_does_not_replace_the_old_file(hub: HubServer, tmp_path: Path) -> None:
    client = Hub(endpoint=hub.endpoint)
    paths = []
    for content in (ROWS, ROWS + b'\n{"question": "more?", "answer": "1"}'):
        hub.repositories["datasets/ada/sums"].files["test.jsonl"] = content
        hub.repositories["datasets/ada/sums"].rename()
        dataset, _ = find_dataset(client, "hub:ada/sums")
        paths.append(get_dataset_file(client, dataset, chosen_file(dataset), tmp_path))
    assert paths[0] != paths[1]
    assert paths[0].read_bytes() == ROWS


def test_cut_connections_and_flipped_bits(hub: HubServer, tmp_path: Path) -> None:
    client = Hub(endpoint=hub.endpoint)
    dataset, _ = find_dataset(client, "hub:ada/sums")
    file = chosen_file(dataset)
    hub.file_fault.flips.append(100)
    with pytest.raises(HashMismatchError):
        get_dataset_file(client, dataset, file, tmp_path)
    hub.file_fault.cuts += [200]
    assert get_dataset_file(client, dataset, file, tmp_path).read_bytes() == ROWS


def test_what_is_not_there_is_said(hub: HubServer) -> None:
    client = Hub(endpoint=hub.endpoint)
    with pytest.raises(HubNotFoundError):
        find_dataset(client, "hub:ada/nothing")
    dataset, _ = find_dataset(client, "hub:ada/sums")
    with pytest.raises(QuestionFileError, match=r"has no other\.csv"):
        chosen_file(dataset, "other.csv")
    hub.add("datasets/ada/pictures", {"a.png": b"x"})
    with pytest.raises(QuestionFileError, match="no file that questions"):
        find_dataset(client, "hub:ada/pictures")
    hub.add("datasets/ada/huge", {"a.csv": b"x"}, sizes={"a.csv": 2**33})
    with pytest.raises(QuestionFileError, match="larger than"):
        chosen_file(find_dataset(client, "hub:ada/huge")[0])
    with pytest.raises(HubOfflineError):
        find_dataset(Hub(endpoint="http://127.0.0.1:9"), "hub:ada/sums")
