"""The queue: order, pause, cancel, what outlives a crash, and what is tried again."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from models.copying import RESERVE_BYTES, alone
from models.download import Patience
from models.download_queue import DownloadQueue, DownloadState, DownloadStatus
from models.errors import DiskFullError, DownloadError, HubOfflineError
from models.hub import Hub
from models.library import Library
from models.places import Origin, Place
from tests.models.gguf_files import Gguf
from tests.models.hub_server import HubServer

CONTENT = Gguf(data_bytes=200_000).content()
HASTY = Patience(first_seconds=0.001, most_seconds=0.002, tries=3)


class Watched:
    """A queue and what it told, to wait for."""

    def __init__(self, server: HubServer, folder: Path) -> None:
        self.news = threading.Condition()
        self.ready: list[Path] = []
        self.seen: list[DownloadStatus] = []
        self.hub = Hub(endpoint=server.endpoint)
        self.queue = DownloadQueue(
            folder, lambda: self.hub, self._note, self.ready.append, HASTY, timeout_seconds=10
        )

    def _note(self) -> None:
        with self.news:
            self.seen += self.queue.statuses()
            self.news.notify_all()

    def add(self, name: str, label: str | None = None) -> str:
        repository = self.hub.repository(name)
        model = repository.model(label) if label else repository.models[0]
        return self.queue.add(repository, model)

    def status(self, key: str) -> DownloadStatus | None:
        return next((s for s in self.queue.statuses() if s.order.key == key), None)

    def wait(self, key: str, *states: DownloadState) -> DownloadStatus:
        def there() -> bool:
            status = self.status(key)
            return status is not None and status.state in states

        with self.news:
            assert self.news.wait_for(there, timeout=60), self.status(key)
        found = self.status(key)
        assert found is not None
        return found

    def wait_for_bytes(self, key: str, count: int) -> None:
        def there() -> bool:
            status = self.status(key)
            return status is not None and status.got_bytes >= count

        with self.news:
            assert self.news.wait_for(there, timeout=60)


@pytest.fixture
def server() -> Iterator[HubServer]:
    with HubServer() as server:
        server.add("ada/one", {"one-Q4_0.gguf": CONTENT, "one-Q8_0.gguf": CONTENT + b"88"})
        server.add(
            "ada/two",
            {f"two-0000{n}-of-00002.gguf": CONTENT[:-n] for n in (1, 2)},
        )
        yield server


@pytest.fixture
def watched(server: HubServer, tmp_path: Path) -> Iterator[Watched]:
    watched = Watched(server, tmp_path)
    yield watched
    watched.queue.close()


def holding(server: HubServer, at: int) -> threading.Event:
    """Let every file host's answer wait at a place, until the event is set."""
    go_on = threading.Event()

    def hold(offset: int) -> None:
        if offset >= at:
            go_on.wait(60)

    server.file_fault.before_chunk = hold
    return go_on


def test_a_disk_too_small_for_all_parts_is_told_before_the_first_one(
    watched: Watched, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = shutil.disk_usage(tmp_path)
    room = RESERVE_BYTES + len(CONTENT) + 1  # for one of the two
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: usage._replace(free=room))
    key = watched.add("ada/two")
    watched.queue.start()
    assert watched.wait(key, DownloadState.FAILED).order.code == DiskFullError.code
    assert not list(tmp_path.rglob("two-*"))


def test_a_proxy_of_no_use_fails_a_download_which_can_be_resumed(
    watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = watched.add("ada/one", "Q4_0")
    with monkeypatch.context() as environment:
        environment.setenv("ALL_PROXY", "socks://127.0.0.1:1/")
        watched.queue.start()
        assert watched.wait(key, DownloadState.FAILED).order.code == HubOfflineError.code
    watched.queue.resume(key)
    watched.wait(key, DownloadState.DONE)


def test_models_come_one_after_another(watched: Watched, tmp_path: Path) -> None:
    keys = [watched.add("ada/one", "Q4_0"), watched.add("ada/two"), watched.add("ada/one", "Q8_0")]
    watched.queue.start()
    for key in keys:
        assert watched.wait(key, DownloadState.DONE).got_bytes > 0
    assert [path.name for path in watched.ready] == [
        "one-Q4_0.gguf",
        "two-00001-of-00002.gguf",
        "one-Q8_0.gguf",
    ]
    names = [model.name for model in Library([Place(Origin.OWN, tmp_path)]).scan()]
    assert names == ["one-Q4_0", "one-Q8_0", "two"]
    for key in keys:
        got = [s.got_bytes for s in watched.seen if s.order.key == key]
        assert got == sorted(got)


def test_paused_and_resumed(server: HubServer, watched: Watched) -> None:
    go_on = holding(server, 100_000)
    key = watched.add("ada/one")
    watched.queue.start()
    watched.wait(key, DownloadState.GETTING)
    watched.queue.pause(key)
    go_on.set()
    status = watched.wait(key, DownloadState.PAUSED)
    assert not watched.ready
    watched.queue.resume(key)
    status = watched.wait(key, DownloadState.DONE)
    assert status.got_bytes == len(CONTENT)


def test_cancelled_leaves_nothing(server: HubServer, watched: Watched, tmp_path: Path) -> None:
    go_on = holding(server, 100_000)
    key, other = watched.add("ada/two"), watched.add("ada/one")
    watched.queue.start()
    watched.wait(key, DownloadState.GETTING)
    watched.queue.cancel(key)
    go_on.set()
    watched.wait(other, DownloadState.DONE)
    assert watched.status(key) is None
    assert not list((tmp_path / "ada" / "two").glob("two*"))
    watched.queue.cancel(other)
    assert watched.status(other) is None
    assert watched.ready[0].read_bytes() == CONTENT


def test_cancelled_before_it_began_leaves_what_a_person_put_there(
    watched: Watched, tmp_path: Path
) -> None:
    key = watched.add("ada/two")
    status = watched.status(key)
    assert status is not None
    own = tmp_path / "ada" / "two" / status.order.model.files[0].path
    own.parent.mkdir(parents=True)
    own.write_bytes(b"GGUF of one's own")
    watched.queue.cancel(key)
    assert watched.status(key) is None
    assert own.read_bytes() == b"GGUF of one's own"


def _held_on_its_way(server: HubServer, watched: Watched) -> tuple[str, threading.Event]:
    """A download that stands still with some of its bytes there, and what lets it go on."""
    go_on = holding(server, 100_000)
    key = watched.add("ada/one", "Q4_0")
    watched.queue.start()
    watched.wait_for_bytes(key, 100_000)
    return key, go_on


def test_what_another_program_is_getting_is_not_deleted(watched: Watched, tmp_path: Path) -> None:
    key = watched.add("ada/one", "Q4_0")
    (download,) = watched.queue._downloads(watched.queue.statuses()[0].order)
    partial = download.target.with_name(f"{download.target.name}.part")
    partial.parent.mkdir(parents=True)
    with alone(tmp_path, download.target, DownloadError("taken")):  # as the other program has it
        partial.write_bytes(b"half")
        watched.queue.start()
        assert "another program" in watched.wait(key, DownloadState.FAILED).order.detail
        watched.queue.cancel(key)
        assert partial.read_bytes() == b"half"
    key = watched.add("ada/one", "Q4_0")
    watched.wait(key, DownloadState.DONE)
    assert watched.ready[0].read_bytes() == CONTENT


def test_asked_for_again_before_the_cancel_was_noticed_it_begins_anew(
    server: HubServer, watched: Watched
) -> None:
    key, go_on = _held_on_its_way(server, watched)
    watched.queue.cancel(key)
    watched.add("ada/one", "Q4_0")
    watched.queue.cancel(key)
    assert watched.queue.statuses() == ()
    stored = server.repositories["ada/one"]
    stored.files["one-Q4_0.gguf"] = CONTENT + b"new"
    stored.rename()
    assert watched.add("ada/one", "Q4_0") == key
    (status,) = watched.queue.statuses()
    assert (status.state, status.got_bytes) == (DownloadState.WAITING, 0)
    go_on.set()
    assert watched.wait(key, DownloadState.DONE).order.revision == stored.commit
    (path,) = watched.ready
    assert path.read_bytes() == CONTENT + b"new"


def test_asked_for_again_before_the_pause_was_noticed_it_goes_on(
    server: HubServer, watched: Watched
) -> None:
    key, go_on = _held_on_its_way(server, watched)
    watched.queue.pause(key)
    watched.add("ada/one", "Q4_0")
    go_on.set()
    watched.wait(key, DownloadState.DONE)
    asked = [headers.get("range") for host, *_, headers in server.requests if host == "files"]
    assert len(asked) == 2
    assert asked[1] not in {None, "bytes=0-"}


def test_a_failure_lets_the_next_one_through(server: HubServer, watched: Watched) -> None:
    server.repositories["ada/one"].gated = "bob"
    key, other = watched.add("ada/one"), watched.add("ada/two")
    watched.queue.start()
    watched.wait(other, DownloadState.DONE)
    failed = watched.wait(key, DownloadState.FAILED)
    assert failed.order.code == "hub-gated"
    server.repositories["ada/one"].gated = False
    watched.queue.resume(key)
    watched.wait(key, DownloadState.DONE)


def test_a_flipped_bit_costs_one_more_try(server: HubServer, watched: Watched) -> None:
    server.file_fault.flips = [100_000]
    key = watched.add("ada/one")
    watched.queue.start()
    watched.wait(key, DownloadState.DONE)
    server.file_fault.flips = [100_000, 100_000]
    second = watched.add("ada/one", "Q8_0")
    assert watched.wait(second, DownloadState.FAILED).order.code == "download-hash"


def test_a_replaced_file_is_fetched_at_its_new_commit(server: HubServer, watched: Watched) -> None:
    key = watched.add("ada/one", "Q4_0")
    stored = server.repositories["ada/one"]
    stored.files["one-Q4_0.gguf"] = CONTENT + b"new"
    stored.rename()
    watched.queue.start()
    status = watched.wait(key, DownloadState.DONE)
    assert status.order.revision == stored.commit
    assert watched.ready[0].read_bytes() == CONTENT + b"new"


def test_the_list_outlives_the_program(server: HubServer, tmp_path: Path) -> None:
    go_on = holding(server, 100_000)
    first = Watched(server, tmp_path)
    keys = [first.add("ada/one", "Q4_0"), first.add("ada/one", "Q8_0"), first.add("ada/two")]
    first.queue.pause(keys[1])
    first.queue.start()
    first.wait(keys[0], DownloadState.GETTING)
    go_on.set()
    first.queue.close()
    again = Watched(server, tmp_path)
    again.queue.start()
    try:
        again.wait(keys[0], DownloadState.DONE)
        again.wait(keys[2], DownloadState.DONE)
        assert again.wait(keys[1], DownloadState.PAUSED).got_bytes == 0
    finally:
        again.queue.close()


_CHILD = """
import sys
from pathlib import Path
from models.download_queue import DownloadQueue
from models.hub import Hub
hub = Hub(endpoint=sys.argv[1])
def told():
    print(max(status.got_bytes for status in queue.statuses()), flush=True)
queue = DownloadQueue(Path(sys.argv[2]), lambda: hub, told, print)
repository = hub.repository("ada/one")
queue.add(repository, repository.models[0])
queue.start()
sys.stdin.read()
"""


@pytest.mark.parametrize("at", [0, 50_000, 150_000])
def test_a_killed_program_goes_on(at: int, server: HubServer, tmp_path: Path) -> None:
    go_on = holding(server, at + 20_000)
    child = subprocess.Popen(
        [sys.executable, "-c", _CHILD, server.endpoint, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
    )
    assert child.stdout is not None
    assert child.stdin is not None
    for line in child.stdout:
        if int(line) >= at:
            break
    child.kill()
    child.wait()
    child.stdin.close()
    child.stdout.close()
    go_on.set()
    again = Watched(server, tmp_path)
    assert again.queue.statuses()[0].got_bytes >= at
    again.queue.start()
    try:
        again.wait("ada/one:Q4_0", DownloadState.DONE)
    finally:
        again.queue.close()
    assert again.ready[0].read_bytes() == CONTENT


@pytest.mark.expects_log
@pytest.mark.parametrize("damage", [b"", b"{}", b"[{}]", b"\xff\xff", b'[{"repository": 1}]'])
def test_a_damaged_list_begins_anew(damage: bytes, server: HubServer, tmp_path: Path) -> None:
    (tmp_path / ".downloads.json").write_bytes(damage)
    watched = Watched(server, tmp_path)
    assert watched.queue.statuses() == ()
    key = watched.add("ada/one")
    assert watched.status(key) is not None


def test_a_list_with_a_hostile_path_writes_nowhere(server: HubServer, tmp_path: Path) -> None:
    folder = tmp_path / "models"
    first = Watched(server, folder)
    first.add("ada/one")
    text = (folder / ".downloads.json").read_text().replace("one-Q4_0.gguf", "../../../x.gguf")
    (folder / ".downloads.json").write_text(text)
    again = Watched(server, folder)
    again.queue.start()
    try:
        status = again.wait("ada/one:Q4_0", DownloadState.FAILED)
    finally:
        again.queue.close()
    assert status.order.code == "download-name"
    assert not list(tmp_path.rglob("x.gguf*"))
    again.queue.cancel(status.order.key)
    assert again.queue.statuses() == ()


def test_a_speed_is_measured(server: HubServer, watched: Watched) -> None:
    clock: Callable[[], float] = iter(range(10**9)).__next__
    server.file_fault.before_chunk = lambda _offset: None
    key = watched.add("ada/one")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("models.download_queue.time.monotonic", clock)
        watched.queue.start()
        watched.wait(key, DownloadState.DONE)
    speeds = [s.bytes_per_second for s in watched.seen if s.bytes_per_second]
    assert speeds
    assert all(s.seconds_left is None or s.seconds_left >= 0 for s in watched.seen)
