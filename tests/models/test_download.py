"""Downloads through a hub that cuts, flips, lies and refuses: each ends right or says why."""

from __future__ import annotations

import errno
import hashlib
import os
import random
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from models.copying import check_room
from models.download import Download, FileProgress, Patience
from models.errors import (
    ChangedUpstreamError,
    DiskFullError,
    DownloadCancelledError,
    DownloadError,
    FolderError,
    HashMismatchError,
    HubAnswerError,
    HubBusyError,
    HubGatedError,
    HubNotFoundError,
    HubOfflineError,
    ModelsError,
    UnsafeNameError,
)
from models.hub import Hub, HubFile
from models.library import Library
from models.places import Origin, Place
from models.provenance import read_provenance
from models.shelf import verify
from models.transfer import Transfer
from tests.models.gguf_files import Gguf
from tests.models.hub_server import HubServer

NAME, PATH = "ada/m-GGUF", "m-Q4_0.gguf"
CONTENT = Gguf(data_bytes=300_000).content()
HASTY = Patience(first_seconds=0.001, most_seconds=0.002, tries=4)


@pytest.fixture
def server() -> Iterator[HubServer]:
    with HubServer() as server:
        server.add(NAME, {PATH: CONTENT})
        yield server


@pytest.fixture
def transfer() -> Iterator[Transfer]:
    opened = Transfer(timeout_seconds=10)
    yield opened
    opened.close()


class Getting:
    """One download with what it told."""

    def __init__(
        self, server: HubServer, folder: Path, token: str | None = None, patience: Patience = HASTY
    ) -> None:
        self.hub = Hub(token, server.endpoint)
        self.repository = self.hub.repository(NAME)
        self.file = self.repository.models[0].files[0]
        self.seen: list[FileProgress] = []
        self.stop = threading.Event()
        self.download = Download(NAME, self.repository.revision, self.file, folder, "mit", patience)

    def run(self, transfer: Transfer) -> Path:
        return self.download.run(self.hub, transfer, self.seen.append, self.stop)


@pytest.fixture
def getting(server: HubServer, tmp_path: Path) -> Getting:
    return Getting(server, tmp_path)


def test_a_download_is_whole_recorded_and_found(
    getting: Getting, transfer: Transfer, tmp_path: Path
) -> None:
    path = getting.run(transfer)
    assert path.read_bytes() == CONTENT
    record = read_provenance(path)
    assert record is not None
    assert record.sha256 == hashlib.sha256(CONTENT).hexdigest()
    assert (record.repository, record.file, record.licence) == (NAME, PATH, "mit")
    model = Library([Place(Origin.OWN, tmp_path)]).find("m-Q4_0")
    assert verify(model, lambda _done, _all: None, threading.Event())
    got = [step.got_bytes for step in getting.seen]
    assert got == sorted(got)
    assert getting.seen[-1].checked_bytes == len(CONTENT)
    assert not list(tmp_path.rglob("*.part*"))


def test_a_second_download_asks_for_nothing(
    server: HubServer, getting: Getting, transfer: Transfer
) -> None:
    getting.run(transfer)
    server.requests.clear()
    getting.run(transfer)
    assert server.requests == []


def test_a_disk_that_takes_half_of_the_last_bytes_keeps_what_is_there(
    getting: Getting, transfer: Transfer
) -> None:
    resource = pytest.importorskip("resource", reason="files have no limit there")
    usual, most = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (len(CONTENT) - 9, most))
    try:
        with pytest.raises(FolderError):
            getting.run(transfer)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (usual, most))
    assert getting.download.partial.stat().st_size == len(CONTENT) - 9
    assert getting.run(transfer).read_bytes() == CONTENT


@pytest.mark.parametrize("ranges", [True, False])
@pytest.mark.parametrize("etags", [True, False])
def test_two_hundred_cut_connections_in_all(
    *, ranges: bool, etags: bool, server: HubServer, transfer: Transfer, tmp_path: Path
) -> None:
    rng = random.Random(200)
    cuts = 0
    server.file_fault.ranges, server.file_fault.etags = ranges, etags
    for number in range(5):
        lengths = [rng.randrange(1, 60_000) for _ in range(10)]
        cuts += len(lengths)
        server.file_fault.cuts = list(lengths)
        patience = Patience(0.001, 0.002, tries=20)
        getting = Getting(server, tmp_path / str(number), patience=patience)
        assert getting.run(transfer).read_bytes() == CONTENT
        got = [step.got_bytes for step in getting.seen]
        assert got == sorted(got)
    assert cuts == 50
    asked = [headers for host, *_, headers in server.requests if host == "files"]
    assert any("range" in headers for headers in asked)


def test_a_hub_that_stays_away_is_offline_and_what_came_stays(
    server: HubServer, getting: Getting, transfer: Transfer
) -> None:
    server.file_fault.cuts = [100_000, 0, 0, 0, 0, 0]
    with pytest.raises(HubOfflineError):
        getting.run(transfer)
    assert getting.download.present_bytes() == 100_000
    assert getting.run(transfer).read_bytes() == CONTENT
    asked = [headers.get("range") for host, *_, headers in server.requests if host == "files"]
    assert asked[-1] == "bytes=100000-"


def test_a_flipped_bit_is_found_and_nothing_is_offered(
    server: HubServer, getting: Getting, transfer: Transfer, tmp_path: Path
) -> None:
    server.file_fault.flips = [150_000]
    with pytest.raises(HashMismatchError):
        getting.run(transfer)
    assert not [path for path in tmp_path.rglob("*") if path.suffix != ".lock" and path.is_file()]
    assert getting.run(transfer).read_bytes() == CONTENT


def test_a_file_replaced_half_way_is_noticed(
    server: HubServer, getting: Getting, transfer: Transfer, tmp_path: Path
) -> None:
    server.file_fault.cuts = [100_000]
    other = Gguf(data_bytes=300_000).content()[:-1] + b"!"

    def replace(offset: int) -> None:
        if offset > 90_000:
            server.repositories[NAME].files[PATH] = other

    server.file_fault.before_chunk = replace
    with pytest.raises(ChangedUpstreamError):
        getting.run(transfer)
    again = Getting(server, tmp_path)
    assert again.run(transfer).read_bytes() == other


def test_another_etag_of_the_same_bytes_costs_nothing_of_what_is_there(
    server: HubServer, getting: Getting, transfer: Transfer
) -> None:
    server.file_fault.cuts = [100_000, 0, 0, 0]
    with pytest.raises(HubOfflineError):
        getting.run(transfer)
    server.file_fault.etag = '"of another machine"'
    with pytest.raises(ChangedUpstreamError):
        getting.run(transfer)
    assert getting.download.present_bytes() == 100_000
    getting.seen.clear()
    assert getting.run(transfer).read_bytes() == CONTENT
    assert getting.seen[0].got_bytes > 100_000


def test_a_file_replaced_between_two_runs_is_noticed(
    server: HubServer, getting: Getting, transfer: Transfer
) -> None:
    server.file_fault.etags = False
    server.file_fault.cuts = [100_000, 0, 0, 0]
    with pytest.raises(HubOfflineError):
        getting.run(transfer)
    server.repositories[NAME].files[PATH] = CONTENT + b"more"
    with pytest.raises(ChangedUpstreamError):
        getting.run(transfer)


@pytest.mark.parametrize("claimed", [1, len(CONTENT) - 1, len(CONTENT) + 1, 2**50])
def test_a_lie_about_the_length_is_found(
    claimed: int, server: HubServer, getting: Getting, transfer: Transfer
) -> None:
    server.file_fault.claimed_bytes = claimed
    with pytest.raises((ChangedUpstreamError, HubOfflineError)):
        getting.run(transfer)
    assert not getting.download.target.exists()


def test_more_bytes_than_the_hub_said_are_refused(
    server: HubServer, transfer: Transfer, tmp_path: Path
) -> None:
    server.repositories[NAME].sizes[PATH] = 1000
    getting = Getting(server, tmp_path)
    with pytest.raises((ChangedUpstreamError, HubAnswerError)):
        getting.run(transfer)
    assert not getting.download.target.exists()


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (401, ModelsError),
        (403, ModelsError),
        (404, HubNotFoundError),
        (416, HubAnswerError),
        (302, HubAnswerError),
        (204, HubAnswerError),
    ],
)
@pytest.mark.parametrize("host", ["hub", "files"])
def test_refusals_are_final(
    status: int,
    error: type[Exception],
    host: str,
    server: HubServer,
    transfer: Transfer,
    tmp_path: Path,
) -> None:
    getting = Getting(server, tmp_path)
    fault = server.hub_fault if host == "hub" else server.file_fault
    fault.statuses = [(status, {})]
    with pytest.raises(error):
        getting.run(transfer)
    asked = len(server.requests)
    assert asked <= 3
    assert getting.run(transfer).read_bytes() == CONTENT


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
@pytest.mark.parametrize("host", ["hub", "files"])
def test_a_busy_hub_is_asked_again(
    status: int, host: str, server: HubServer, getting: Getting, transfer: Transfer
) -> None:
    fault = server.hub_fault if host == "hub" else server.file_fault
    fault.statuses = [(status, {})] * 3
    assert getting.run(transfer).read_bytes() == CONTENT
    assert [step.waiting_seconds for step in getting.seen if step.waiting_seconds]
    getting.download.target.unlink()
    fault.statuses = [(status, {})] * 4
    with pytest.raises(HubBusyError):
        getting.run(transfer)


def test_the_hub_says_when_to_come_back(
    server: HubServer, getting: Getting, transfer: Transfer
) -> None:
    server.file_fault.statuses = [(429, {"Retry-After": "3600"})]
    waited = threading.Event()

    def seen(step: FileProgress) -> None:
        if step.waiting_seconds == 3600:
            waited.set()
            getting.stop.set()

    with pytest.raises(DownloadCancelledError):
        getting.download.run(getting.hub, transfer, seen, getting.stop)
    assert waited.is_set()


def test_a_stop_keeps_what_came(server: HubServer, getting: Getting, transfer: Transfer) -> None:
    def stop(offset: int) -> None:
        if offset > 100_000:
            getting.stop.set()

    server.file_fault.before_chunk = stop
    with pytest.raises(DownloadCancelledError):
        getting.run(transfer)
    kept = getting.download.present_bytes()
    assert 0 < kept < len(CONTENT)
    getting.stop.clear()
    server.file_fault.before_chunk = lambda _offset: None
    assert getting.run(transfer).read_bytes() == CONTENT
    getting.download.discard()


def cut_off(server: HubServer, getting: Getting, transfer: Transfer) -> None:
    """Get the first part of the file, and no more."""
    server.file_fault.cuts = [100_000, 0, 0, 0]
    with pytest.raises(HubOfflineError):
        getting.run(transfer)


def test_a_partial_of_another_commit_is_begun_anew(
    server: HubServer, getting: Getting, transfer: Transfer, tmp_path: Path
) -> None:
    cut_off(server, getting, transfer)
    other = b"?" + CONTENT[1:]
    server.repositories[NAME].files[PATH] = other
    server.repositories[NAME].rename()
    assert Getting(server, tmp_path).run(transfer).read_bytes() == other


def test_a_partial_goes_on_at_another_commit_with_the_same_file(
    server: HubServer, getting: Getting, transfer: Transfer, tmp_path: Path
) -> None:
    cut_off(server, getting, transfer)
    server.repositories[NAME].files["README.md"] = b"another word"
    server.repositories[NAME].rename()
    again = Getting(server, tmp_path)
    assert again.repository.revision != getting.repository.revision
    assert again.download.present_bytes() > 0
    assert again.run(transfer).read_bytes() == CONTENT
    assert again.seen[0].got_bytes >= 100_000


@pytest.mark.parametrize("damage", [b"", b"{", b"\xff", b'{"repository": 5}'])
def test_a_damaged_note_costs_only_time(
    damage: bytes, server: HubServer, getting: Getting, transfer: Transfer
) -> None:
    server.file_fault.cuts = [100_000, 0, 0, 0]
    with pytest.raises(HubOfflineError):
        getting.run(transfer)
    note = getting.download.partial.with_name(getting.download.partial.name + ".json")
    note.write_bytes(damage)
    assert getting.run(transfer).read_bytes() == CONTENT


def test_a_partial_that_is_too_long_is_begun_anew(
    server: HubServer, getting: Getting, transfer: Transfer
) -> None:
    server.file_fault.cuts = [100_000, 0, 0, 0]
    with pytest.raises(HubOfflineError):
        getting.run(transfer)
    with getting.download.partial.open("ab") as file:
        file.write(b"x" * 2 * len(CONTENT))
    assert getting.run(transfer).read_bytes() == CONTENT


def test_no_room_is_said_before_the_first_byte(
    server: HubServer, transfer: Transfer, tmp_path: Path
) -> None:
    hub = Hub(endpoint=server.endpoint)
    huge = HubFile(PATH, 2**43, "0" * 64)
    download = Download(NAME, "main", huge, tmp_path, patience=HASTY)
    server.requests.clear()
    with pytest.raises(DiskFullError):
        download.run(hub, transfer, lambda _step: None, threading.Event())
    assert server.requests == []


def test_a_disk_that_fills_keeps_what_came(
    getting: Getting, transfer: Transfer, monkeypatch: pytest.MonkeyPatch
) -> None:
    resource = pytest.importorskip("resource")
    # the kernel itself refuses to let the file grow, as a full disk does
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    old = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    monkeypatch.setattr(errno, "ENOSPC", errno.EFBIG)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, before[1]))
    try:
        with pytest.raises(DiskFullError):
            getting.run(transfer)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, old)
        monkeypatch.undo()
    assert getting.download.present_bytes() == 100_000
    assert getting.run(transfer).read_bytes() == CONTENT


def test_room_is_held_against_the_disk(tmp_path: Path) -> None:
    with pytest.raises(DiskFullError):
        check_room(tmp_path, 2**60)


def test_a_folder_that_cannot_be_written(
    server: HubServer, transfer: Transfer, tmp_path: Path
) -> None:
    (tmp_path / "ada").write_text("a file")
    with pytest.raises(FolderError):
        Getting(server, tmp_path).run(transfer)


def test_other_content_of_that_name_is_left_alone(getting: Getting, transfer: Transfer) -> None:
    getting.download.target.parent.mkdir(parents=True)
    getting.download.target.write_bytes(b"mine")
    with pytest.raises(FolderError, match="already"):
        getting.run(transfer)
    assert getting.download.target.read_bytes() == b"mine"


@pytest.mark.parametrize("path", ["../x.gguf", "/x.gguf", "a/../../x.gguf", "x" * 300, "con.gguf"])
def test_a_hostile_name_makes_no_download(path: str, tmp_path: Path) -> None:
    with pytest.raises(UnsafeNameError):
        Download(NAME, "main", HubFile(path, 1, ""), tmp_path)


def test_one_file_is_fetched_by_one_program_at_a_time(
    server: HubServer, getting: Getting, transfer: Transfer, tmp_path: Path
) -> None:
    said: list[Exception] = []

    def meanwhile(offset: int) -> None:
        if offset == 0 and not said:
            try:
                Getting(server, tmp_path).run(transfer)
            except DownloadError as error:
                said.append(error)

    server.file_fault.before_chunk = meanwhile
    assert getting.run(transfer).read_bytes() == CONTENT
    assert "another program" in str(said[0])


def test_a_gated_model_needs_the_right_token(
    server: HubServer, transfer: Transfer, tmp_path: Path
) -> None:
    server.repositories[NAME].gated = "ada"
    with pytest.raises(HubGatedError):
        Getting(server, tmp_path).run(transfer)
    path = Getting(server, tmp_path, "hf_right").run(transfer)
    assert path.read_bytes() == CONTENT
    for host, _, _, headers in server.requests:
        assert host == "hub" or "authorization" not in headers
    for file in tmp_path.rglob("*"):
        assert not file.is_file() or b"hf_right" not in file.read_bytes()


_CHILD = """
import sys, threading
from pathlib import Path
from models.download import Download, Patience
from models.hub import Hub
from models.transfer import Transfer
hub = Hub(endpoint=sys.argv[1])
repository = hub.repository(sys.argv[2])
file = repository.models[0].files[0]
download = Download(repository.name, repository.revision, file, Path(sys.argv[3]))
download.run(hub, Transfer(), lambda step: print(step.got_bytes, flush=True), threading.Event())
"""


def test_a_killed_program_goes_on_where_it_was(
    server: HubServer, transfer: Transfer, tmp_path: Path
) -> None:
    go_on = threading.Event()

    def hold(offset: int) -> None:
        if offset >= 150_000:
            go_on.wait(60)

    server.file_fault.before_chunk = hold
    child = subprocess.Popen(
        [sys.executable, "-c", _CHILD, server.endpoint, NAME, str(tmp_path)],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
    )
    assert child.stdout is not None
    for line in child.stdout:
        if int(line) > 120_000:
            break
    child.kill()
    child.wait()
    child.stdout.close()
    go_on.set()
    getting = Getting(server, tmp_path)
    there = getting.download.present_bytes()
    assert there > 120_000
    assert getting.run(transfer).read_bytes() == CONTENT
    last = [headers for host, *_, headers in server.requests if host == "files"][-1]
    assert last["range"] == f"bytes={there}-"
