"""Bringing a file in, taking one out with a way back, moving the whole folder."""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
import sys
import threading
from collections import namedtuple
from pathlib import Path

import pytest

import models.shelf
from models.copying import RESERVE_BYTES, folder_errors
from models.errors import (
    DiskFullError,
    DownloadCancelledError,
    FolderError,
    ForeignModelError,
    GgufError,
    MissingFileError,
    ModelHereError,
)
from models.library import Library, LibraryModel
from models.places import Origin, Place
from models.provenance import read_provenance
from models.shelf import Shelf, verify
from tests.bench.generated_model import TINY, generate_model

Usage = namedtuple("Usage", "total used free")


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return generate_model(tmp_path_factory.mktemp("tiny") / "tiny.gguf", TINY)


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path / "models")


def silent(_done: int, _total: int) -> None:
    pass


def bring(shelf: Shelf, source: Path) -> Path:
    return shelf.bring_in(source, silent, threading.Event())


def scanned(shelf: Shelf, origin: Origin = Origin.OWN) -> list[LibraryModel]:
    return list(Library([Place(origin, shelf.folder)]).scan())


def test_a_file_is_copied_in_with_its_hash(shelf: Shelf, tiny: Path) -> None:
    steps: list[tuple[int, int]] = []
    copy = shelf.bring_in(tiny, lambda done, total: steps.append((done, total)), threading.Event())
    assert copy.read_bytes() == tiny.read_bytes()
    assert tiny.exists()
    known = read_provenance(copy)
    assert known is not None
    assert (known.file, len(known.sha256)) == (str(tiny), 64)
    assert steps == sorted(steps)
    assert steps[-1][0] == steps[-1][1]
    (model,) = scanned(shelf)
    assert verify(model, silent, threading.Event()) is True


def test_what_is_no_model_is_not_copied(shelf: Shelf, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.gguf"
    wrong.write_bytes(b"PK\x03\x04" * 100)
    with pytest.raises(GgufError):
        bring(shelf, wrong)
    with pytest.raises(MissingFileError):
        bring(shelf, tmp_path / "missing.gguf")
    assert not shelf.folder.exists()


def test_a_copy_is_as_old_as_its_source_and_can_be_deleted(
    shelf: Shelf, tiny: Path, tmp_path: Path
) -> None:
    source = Path(shutil.copy(tiny, tmp_path / "read-only.gguf"))
    os.utime(source, (1e9, 1e9))
    source.chmod(0o444)
    copy = bring(shelf, source)
    assert copy.stat().st_mtime == 1e9
    assert copy.stat().st_mode & 0o200


def test_a_name_that_is_taken_is_not_overwritten(shelf: Shelf, tiny: Path) -> None:
    copy = bring(shelf, tiny)
    before = copy.stat().st_mtime_ns
    with pytest.raises(ModelHereError):
        bring(shelf, tiny)
    assert copy.stat().st_mtime_ns == before


def test_a_stopped_import_leaves_nothing(shelf: Shelf, tiny: Path) -> None:
    stop = threading.Event()
    stop.set()
    with pytest.raises(DownloadCancelledError):
        shelf.bring_in(tiny, silent, stop)
    assert scanned(shelf) == []
    assert not list(shelf.folder.rglob("*.part"))


def left_of(shelf: Shelf) -> list[str]:
    """Files in the folder, without the locks, which stay."""
    files = [file for file in shelf.folder.rglob("*") if file.is_file()]
    return [file.name for file in files if file.suffix != ".lock"]


@pytest.mark.parametrize("share", [0.25, 0.75], ids=["copying", "hashing"])
@pytest.mark.parametrize("how", [DownloadCancelledError, KeyboardInterrupt])
def test_a_stopped_import_can_be_had_again(
    shelf: Shelf, tiny: Path, share: float, how: type[BaseException]
) -> None:
    stop = threading.Event()

    def progress(done: int, total: int) -> None:
        if done / total > share:
            if how is KeyboardInterrupt:
                raise KeyboardInterrupt
            stop.set()

    with pytest.raises(how):
        shelf.bring_in(tiny, progress, stop)
    assert left_of(shelf) == []
    assert bring(shelf, tiny).read_bytes() == tiny.read_bytes()


_CHILD = """
import sys, threading
from pathlib import Path
from models.shelf import Shelf
def progress(done, total):
    print(done, flush=True)
    sys.stdin.read()
Shelf(Path(sys.argv[1])).bring_in(Path(sys.argv[2]), progress, threading.Event())
"""


@pytest.mark.parametrize("next_name", ["tiny.gguf", "another.gguf"])
def test_a_killed_import_is_cleared_away_by_the_next(
    shelf: Shelf, tiny: Path, tmp_path: Path, next_name: str
) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", _CHILD, str(shelf.folder), str(tiny)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
    ) as child:
        assert child.stdout is not None
        child.stdout.readline()
        with pytest.raises(FolderError, match="already"):
            bring(shelf, tiny)
        child.kill()
    assert left_of(shelf) == ["tiny.gguf.part"]
    copy = bring(shelf, Path(shutil.copy(tiny, tmp_path / next_name)))
    assert copy.name == next_name
    assert sorted(left_of(shelf)) == [next_name, f"{next_name}.source.json"]


def test_two_imports_of_one_name_at_a_time_spoil_nothing(
    shelf: Shelf, tiny: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other" / tiny.name
    other.parent.mkdir()
    other.write_bytes(tiny.read_bytes() + b"another")
    refused: list[str] = []

    def progress(_done: int, _total: int) -> None:
        with pytest.raises(FolderError) as told:
            bring(shelf, other)
        refused.append(told.value.detail)

    copy = shelf.bring_in(tiny, progress, threading.Event())
    assert set(refused) == {"tiny.gguf is being brought in already"}
    assert copy.read_bytes() == tiny.read_bytes()
    assert verify(scanned(shelf)[0], silent, threading.Event()) is True


def test_an_import_whose_record_cannot_be_written_was_not_made(
    shelf: Shelf, tiny: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(Path, "write_bytes", full_disk)
        with pytest.raises(DiskFullError):
            bring(shelf, tiny)
    assert left_of(shelf) == []
    assert bring(shelf, tiny).exists()


def full_disk(*_arguments: object) -> int:
    raise OSError(errno.ENOSPC, "No space left on device")


def test_a_full_disk_is_seen_before_copying(
    shelf: Shelf, tiny: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: Usage(9, 9, 1000))
    with pytest.raises(DiskFullError) as full:
        bring(shelf, tiny)
    assert full.value.free_bytes == 1000
    assert not list(shelf.folder.rglob("*.gguf*"))


def test_a_disk_too_small_for_all_parts_is_seen_before_the_first_is_copied(
    shelf: Shelf, tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    parts = [tmp_path / f"big-0000{number}-of-00002.gguf" for number in (1, 2)]
    for part in parts:
        shutil.copy(tiny, part)
    room = RESERVE_BYTES + tiny.stat().st_size + 1
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: Usage(9, 9, room))
    steps: list[int] = []
    with pytest.raises(DiskFullError):
        shelf.bring_in(parts[0], lambda done, _all: steps.append(done), threading.Event())
    assert not steps


def test_a_disk_that_fills_up_leaves_nothing(
    shelf: Shelf, tiny: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "fsync", full_disk)
    with pytest.raises(DiskFullError):
        bring(shelf, tiny)
    assert not list(shelf.folder.rglob("*.gguf*"))


def test_a_disk_too_full_for_a_folder_is_full(tmp_path: Path) -> None:
    with pytest.raises(DiskFullError), folder_errors(tmp_path / "new" / "folder" / "file"):
        raise OSError(errno.ENOSPC, "No space left on device")


def test_a_removed_model_comes_back_whole(shelf: Shelf, tiny: Path) -> None:
    copy = bring(shelf, tiny)
    content = copy.read_bytes()
    (model,) = scanned(shelf)
    removed = shelf.remove(model)
    assert scanned(shelf) == []
    assert not copy.parent.exists()
    assert shelf.removed() == (removed,)
    shelf.restore(removed)
    assert copy.read_bytes() == content
    assert read_provenance(copy) is not None
    assert shelf.removed() == ()


def test_restoring_never_overwrites(shelf: Shelf, tiny: Path) -> None:
    bring(shelf, tiny)
    removed = shelf.remove(scanned(shelf)[0])
    copy = bring(shelf, tiny)
    with pytest.raises(ModelHereError):
        shelf.restore(removed)
    assert copy.exists()
    assert shelf.removed() == (removed,)


def test_a_record_in_the_bin_cannot_lead_outside(shelf: Shelf, tiny: Path, tmp_path: Path) -> None:
    bring(shelf, tiny)
    removed = shelf.remove(scanned(shelf)[0])
    record = removed.place / "removed.json"
    record.write_bytes(record.read_bytes().replace(b"imported/", b"../../out/"))
    with pytest.raises(FolderError, match="outside"):
        shelf.restore(shelf.removed()[0])
    assert not (tmp_path / "out").exists()


def test_what_came_half_back_is_still_in_the_bin(shelf: Shelf, tiny: Path) -> None:
    copy = bring(shelf, tiny)
    removed = shelf.remove(scanned(shelf)[0])
    copy.parent.mkdir()
    (removed.place / "0").rename(copy)  # and then it was killed
    (rest,) = shelf.removed()
    shelf.restore(rest)
    assert read_provenance(copy) is not None
    assert shelf.removed() == ()
    with pytest.raises(FolderError, match="any more"):
        shelf.restore(rest)


def test_a_model_that_is_back_stays_back_where_its_bin_cannot_be_deleted(
    shelf: Shelf, tiny: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = bring(shelf, tiny)
    removed = shelf.remove(scanned(shelf)[0])
    rmdir = os.rmdir

    def fails(path: str | Path, **more: int) -> None:
        if Path(path).name == removed.place.name:
            raise OSError(errno.EBUSY, "in use")
        rmdir(path, **more)

    monkeypatch.setattr(os, "rmdir", fails)
    shelf.restore(removed)
    assert copy.exists()
    assert shelf.removed() == ()


def test_emptying_the_bin_frees_what_it_says(shelf: Shelf, tiny: Path) -> None:
    bring(shelf, tiny)
    shelf.remove(scanned(shelf)[0])
    assert shelf.empty_bin() >= tiny.stat().st_size
    assert shelf.removed() == ()
    assert shelf.empty_bin() == 0


@pytest.mark.skipif(os.name == "nt", reason="links need a right of their own there")
def test_a_removed_link_is_in_the_bin_and_comes_back(
    shelf: Shelf, tiny: Path, tmp_path: Path
) -> None:
    shutil.copy(tiny, tmp_path / "mine.gguf")
    shelf.folder.mkdir()
    link = shelf.folder / "link.gguf"
    link.symlink_to("../mine.gguf")
    removed = shelf.remove(scanned(shelf)[0])
    assert not os.path.lexists(link)
    assert shelf.removed() == (removed,)
    shelf.restore(removed)
    assert [model.name for model in scanned(shelf)] == ["link"]
    assert shelf.removed() == ()


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="names are Unicode there")
def test_a_name_that_is_not_utf8_is_refused(shelf: Shelf, tiny: Path, tmp_path: Path) -> None:
    source = Path(os.fsdecode(os.fsencode(tmp_path) + b"/mod\xe8le.gguf"))
    shutil.copy(tiny, source)
    with pytest.raises(FolderError, match="UTF-8"):
        bring(shelf, source)
    assert left_of(shelf) == []


def test_files_of_other_programs_are_never_removed(shelf: Shelf, tiny: Path) -> None:
    shelf.folder.mkdir()
    shutil.copy(tiny, shelf.folder / "theirs.gguf")
    with pytest.raises(ForeignModelError):
        shelf.remove(scanned(shelf, Origin.LM_STUDIO)[0])
    assert (shelf.folder / "theirs.gguf").exists()


def test_the_folder_moves_with_everything_in_it(shelf: Shelf, tiny: Path, tmp_path: Path) -> None:
    bring(shelf, tiny)
    before = {
        file.relative_to(shelf.folder): file.read_bytes()
        for file in shelf.folder.rglob("*")
        if file.is_file()
    }
    old = shelf.folder
    steps: list[tuple[int, int]] = []
    new = tmp_path / "elsewhere" / "models"
    shelf.move_to(new, lambda *step: steps.append(step), threading.Event())
    assert not old.exists()
    assert {f.relative_to(new): f.read_bytes() for f in new.rglob("*") if f.is_file()} == before
    assert steps[-1][0] == steps[-1][1] > 0
    assert shelf.folder == new


@pytest.mark.skipif(os.name == "nt", reason="links need a right of their own there")
def test_a_link_beside_itself_moves_as_what_it_means(
    shelf: Shelf, tiny: Path, tmp_path: Path
) -> None:
    beside = tmp_path / "beside" / "mine.gguf"
    beside.parent.mkdir()
    shutil.copy(tiny, beside)
    shelf.folder.mkdir()
    (shelf.folder / "link.gguf").symlink_to("../beside/mine.gguf")
    shelf.move_to(tmp_path / "far" / "away" / "models", silent, threading.Event())
    assert [model.name for model in scanned(shelf)] == ["link"]
    assert beside.exists()


def test_a_move_that_is_broken_off_leaves_nothing_there(
    shelf: Shelf, tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(models.shelf, "_linked", lambda _file, _target: False)
    copy = bring(shelf, tiny)
    new = tmp_path / "other disk"
    for broken_after in (0, tiny.stat().st_size):

        def progress(done: int, _total: int, limit: int = broken_after) -> None:
            if done > limit:
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            shelf.move_to(new, progress, threading.Event())
        assert left_of(Shelf(new)) == []
    assert copy.exists()
    shelf.move_to(new, silent, threading.Event())
    assert scanned(shelf)


def test_what_a_killed_move_left_does_not_stand_in_the_way(
    shelf: Shelf, tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(models.shelf, "_linked", lambda _file, _target: False)
    copy = bring(shelf, tiny)
    new = tmp_path / "other disk"
    half, living = (
        new / "imported" / f"{copy.name}.{n}.copy.part" for n in ("0a1b2c3d", "4e5f6a7b")
    )
    another_s = new / "photographs" / f"{copy.name}.0a1b2c3d.copy.part"
    for partial in (half, living, another_s):
        partial.parent.mkdir(parents=True, exist_ok=True)
        partial.write_bytes(b"half")
    for partial in (half, another_s):
        os.utime(partial, (0, 0))
    shelf.move_to(new, silent, threading.Event())
    assert [model.name for model in scanned(shelf)] == ["tiny"]
    assert not half.exists()
    assert living.exists()
    assert another_s.exists()


@pytest.mark.parametrize("stops", [True, False])
def test_a_move_to_another_disk_that_is_stopped_changes_nothing(
    shelf: Shelf, tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, stops: bool
) -> None:
    monkeypatch.setattr(models.shelf, "_linked", lambda _file, _target: False)
    bring(shelf, tiny)
    stop = threading.Event()

    def progress(done: int, _total: int) -> None:
        if stops and done:
            stop.set()

    old, new = shelf.folder, tmp_path / "other disk"
    if stops:
        with pytest.raises(DownloadCancelledError):
            shelf.move_to(new, progress, stop)
        assert scanned(Shelf(old))
        assert not [file for file in new.rglob("*") if file.is_file()]
        assert shelf.folder == old
    else:
        shelf.move_to(new, progress, stop)
        assert scanned(shelf)
        assert not old.exists()


def test_a_move_into_itself_or_onto_files_is_refused(
    shelf: Shelf, tiny: Path, tmp_path: Path
) -> None:
    copy = bring(shelf, tiny)
    with pytest.raises(FolderError, match="inside"):
        shelf.move_to(shelf.folder / "deeper", silent, threading.Event())
    taken = tmp_path / "taken" / "imported" / copy.name
    taken.parent.mkdir(parents=True)
    taken.write_bytes(b"mine")
    with pytest.raises(FolderError, match="there already"):
        shelf.move_to(tmp_path / "taken", silent, threading.Event())
    assert taken.read_bytes() == b"mine"
    assert copy.exists()


def test_verifying_tells_a_flipped_byte(shelf: Shelf, tiny: Path) -> None:
    copy = bring(shelf, tiny)
    content = bytearray(copy.read_bytes())
    content[-5] ^= 1
    copy.write_bytes(content)
    (model,) = scanned(shelf)
    assert verify(model, silent, threading.Event()) is False


def test_verifying_without_a_record_says_that_nothing_is_known(shelf: Shelf, tiny: Path) -> None:
    shelf.folder.mkdir()
    shutil.copy(tiny, shelf.folder / "m.gguf")
    (model,) = scanned(shelf)
    assert verify(model, silent, threading.Event()) is None


def split(folder: Path, tiny: Path) -> list[Path]:
    """A model in two files."""
    folder.mkdir(parents=True)
    parts = [folder / f"big-0000{number}-of-00002.gguf" for number in (1, 2)]
    for part in parts:
        shutil.copy(tiny, part)
    return parts


@pytest.mark.parametrize("chosen", [0, 1])
def test_all_parts_of_a_split_model_are_brought_in(
    shelf: Shelf, tiny: Path, tmp_path: Path, chosen: int
) -> None:
    parts = split(tmp_path / "theirs", tiny)
    steps: list[tuple[int, int]] = []
    first = shelf.bring_in(
        parts[chosen], lambda done, total: steps.append((done, total)), threading.Event()
    )
    assert first.name == parts[0].name
    (model,) = scanned(shelf)
    assert [part.name for part in model.parts] == [part.name for part in parts]
    assert model.problem == ""
    assert steps == sorted(steps)
    assert steps[-1][0] == steps[-1][1]


def test_a_split_model_that_lacks_a_part_is_not_brought_in(
    shelf: Shelf, tiny: Path, tmp_path: Path
) -> None:
    parts = split(tmp_path / "theirs", tiny)
    parts[1].unlink()
    with pytest.raises(FolderError, match="00002-of-00002"):
        bring(shelf, parts[0])
    assert left_of(shelf) == []


def test_a_part_whose_copy_is_stopped_takes_the_others_with_it(
    shelf: Shelf, tiny: Path, tmp_path: Path
) -> None:
    parts = split(tmp_path / "theirs", tiny)
    stop = threading.Event()

    def halfway(done: int, total: int) -> None:
        if done > total // 2:
            stop.set()

    with pytest.raises(DownloadCancelledError):
        shelf.bring_in(parts[0], halfway, stop)
    assert left_of(shelf) == []


def test_what_is_brought_in_is_found_under_a_name_of_a_model(
    shelf: Shelf, tiny: Path, tmp_path: Path
) -> None:
    blob = tmp_path / "sha256-abc"
    shutil.copy(tiny, blob)
    assert bring(shelf, blob).name == "sha256-abc.gguf"
    assert [model.name for model in scanned(shelf)] == ["sha256-abc"]
    beside = tmp_path / "mmproj-x.gguf"
    shutil.copy(tiny, beside)
    with pytest.raises(FolderError, match="beside a model"):
        bring(shelf, beside)


def test_a_file_that_comes_during_a_move_stays(shelf: Shelf, tiny: Path, tmp_path: Path) -> None:
    bring(shelf, tiny)
    old = shelf.folder

    def another(_done: int, _total: int) -> None:
        (old / "meanwhile.gguf").write_bytes(b"from a terminal")

    shelf.move_to(tmp_path / "new", another, threading.Event())
    assert [file.name for file in old.rglob("*")] == ["meanwhile.gguf"]
    assert len(scanned(shelf)) == 1


def test_what_cannot_be_deleted_after_a_move_stays_as_a_second_copy(
    shelf: Shelf, tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bring(shelf, tiny)
    old, unlink = shelf.folder, Path.unlink

    def fails(path: Path, *, missing_ok: bool = False) -> None:
        if path.is_relative_to(old) and path.suffix == ".gguf":
            raise PermissionError(13, "Permission denied")
        unlink(path, missing_ok=missing_ok)

    monkeypatch.setattr(Path, "unlink", fails)
    shelf.move_to(tmp_path / "new", lambda _done, _total: None, threading.Event())
    assert shelf.folder == tmp_path / "new"
    assert len(scanned(shelf)) == 1
    assert [file.suffix for file in old.rglob("*") if file.is_file()] == [".gguf"]


def test_restoring_that_fails_leaves_all_in_the_bin(
    shelf: Shelf, tiny: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bring(shelf, tiny)
    removed = shelf.remove(scanned(shelf)[0])
    rename = Path.rename

    def fails(path: Path, target: Path) -> Path:
        if path.name == "1" and path.parent == removed.place:
            raise OSError(28, "No space left on device")
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", fails)
    with pytest.raises(FolderError, match="No space"):
        shelf.restore(removed)
    monkeypatch.undo()
    assert shelf.removed() == (removed,)
    shelf.restore(removed)
    assert len(scanned(shelf)) == 1
