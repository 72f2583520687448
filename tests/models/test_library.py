"""What is found on disk, what it is called, and what is said of what cannot be used."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

from models.builtin import builtin_model_path
from models.errors import AmbiguousModelError, UnknownModelError
from models.library import Library, LibraryModel
from models.places import Origin, Place, others_places
from models.provenance import Provenance, write_provenance
from tests.bench.generated_model import TINY, generate_model


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return generate_model(tmp_path_factory.mktemp("tiny") / "tiny.gguf", TINY)


@pytest.fixture
def readable_folder() -> Iterator[Path]:
    """A folder that anybody may look into."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        yield Path(name)


@pytest.fixture
def as_anybody() -> Callable[[], AbstractContextManager[None]]:
    """Be somebody without rights for a while, where the tests run as root."""

    @contextmanager
    def being() -> Iterator[None]:
        before = os.geteuid()
        if before == 0:
            os.seteuid(65534)
        try:
            yield
        finally:
            os.seteuid(before)

    return being


def put(tiny: Path, *targets: Path) -> None:
    for target in targets:
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(tiny, target)


def by_name(library: Library) -> dict[str, LibraryModel]:
    return {model.name: model for model in library.scan()}


def test_a_model_is_named_after_its_file_and_described_by_its_header(
    tiny: Path, tmp_path: Path
) -> None:
    put(tiny, tmp_path / "owner" / "repo" / "Some-Model-Q4.gguf")
    model = by_name(Library([Place(Origin.OWN, tmp_path)]))["Some-Model-Q4"]
    assert model.description is not None
    assert model.description.architecture == "llama"
    assert model.description.context_tokens == TINY.context
    assert model.description.layers == TINY.layers
    assert model.size_bytes == tiny.stat().st_size
    assert (model.origin, model.problem) == (Origin.OWN, "")


def test_single_files_belong_to_it_too() -> None:
    path = builtin_model_path()
    library = Library([], [(Origin.BUILT_IN, path), (Origin.BUILT_IN, Path("nowhere.gguf"))])
    assert [model.path for model in library.scan()] == [path]


def test_a_split_model_is_one_and_says_when_parts_are_missing(tiny: Path, tmp_path: Path) -> None:
    parts = [tmp_path / f"big-0000{number}-of-00003.gguf" for number in (1, 2, 3)]
    put(tiny, *parts)
    library = Library([Place(Origin.OWN, tmp_path)])
    assert by_name(library)["big"].parts == tuple(parts)
    parts[1].unlink()
    assert by_name(library)["big"].problem == "2 of 3 parts are here"


def test_partial_files_projectors_and_hidden_folders_are_no_models(
    tiny: Path, tmp_path: Path
) -> None:
    put(
        tiny,
        tmp_path / "a.gguf.part",
        tmp_path / "mmproj-a.gguf",
        tmp_path / ".bin" / "x" / "a.gguf",
        tmp_path / "notes.txt",
    )
    os.mkfifo(tmp_path / "pipe.gguf")
    assert by_name(Library([Place(Origin.OWN, tmp_path)])) == {}


def test_a_damaged_file_is_shown_with_its_problem(tmp_path: Path) -> None:
    (tmp_path / "broken.gguf").write_bytes(b"GGUF\x03\0\0\0" + b"\xff" * 400)
    model = by_name(Library([Place(Origin.OWN, tmp_path)]))["broken"]
    assert "count" in model.problem
    assert model.description is None


def test_a_repaired_file_is_read_anew(tiny: Path, tmp_path: Path) -> None:
    path = tmp_path / "m.gguf"
    path.write_bytes(b"GGUF")
    library = Library([Place(Origin.OWN, tmp_path)])
    assert by_name(library)["m"].problem
    put(tiny, path)
    assert not by_name(library)["m"].problem


@pytest.mark.skipif(os.name == "nt", reason="rights are another matter there")
def test_a_file_that_may_be_read_again_is_read_again(
    tiny: Path, readable_folder: Path, as_anybody: Callable[[], AbstractContextManager[None]]
) -> None:
    path = readable_folder / "mine.gguf"
    put(tiny, path)
    library = Library([Place(Origin.OWN, readable_folder)])
    path.chmod(0)
    with as_anybody():
        assert "denied" in by_name(library)["mine"].problem
    path.chmod(0o644)
    with as_anybody():
        assert by_name(library)["mine"].problem == ""


@pytest.mark.skipif(os.name == "nt", reason="rights are another matter there")
def test_one_folder_that_is_closed_hides_no_other(
    tiny: Path, readable_folder: Path, as_anybody: Callable[[], AbstractContextManager[None]]
) -> None:
    listed, closed = readable_folder / "listed", readable_folder / "closed"
    put(tiny, readable_folder / "mine.gguf", listed / "theirs.gguf", closed / "hub" / "no.gguf")
    listed.chmod(0o444)
    closed.chmod(0)
    with as_anybody():
        others = others_places({"HF_HUB_CACHE": str(closed / "hub")}, home=closed)
        library = Library([Place(Origin.OWN, readable_folder), *others])
        found = list(by_name(library))
    listed.chmod(0o755)
    closed.chmod(0o755)
    assert found == ["mine"]


def test_names_that_differ_in_their_case_alone_are_both_there(tiny: Path, tmp_path: Path) -> None:
    put(tiny, tmp_path / "Mine.gguf", tmp_path / "mine.gguf", tmp_path / "other.gguf")
    here = {path for path in tmp_path.iterdir() if path.suffix == ".gguf"}
    library = Library([Place(Origin.OWN, tmp_path)])
    assert {model.path for model in library.scan()} == here
    assert len(by_name(library)) == len(here)


def test_equal_names_are_told_apart_by_whose_they_are(tiny: Path, tmp_path: Path) -> None:
    put(tiny, tmp_path / "own" / "m.gguf", tmp_path / "jan" / "m.gguf")
    put(tiny, tmp_path / "jan" / "one" / "n.gguf", tmp_path / "jan" / "two" / "n.gguf")
    places = [Place(Origin.OWN, tmp_path / "own"), Place(Origin.JAN, tmp_path / "jan")]
    assert by_name(Library(places)).keys() == {"m (own)", "m (jan)", "n (one)", "n (two)"}


def test_one_file_found_twice_is_shown_once(tiny: Path, tmp_path: Path) -> None:
    put(tiny, tmp_path / "blobs" / "0a.gguf")
    (tmp_path / "snapshots").mkdir()
    (tmp_path / "snapshots" / "m.gguf").symlink_to(tmp_path / "blobs" / "0a.gguf")
    assert len(by_name(Library([Place(Origin.HUB_CACHE, tmp_path)]))) == 1


def test_a_folder_that_is_missing_or_closed_is_empty(tmp_path: Path) -> None:
    assert by_name(Library([Place(Origin.OWN, tmp_path / "nowhere")])) == {}


def test_names_are_found_in_any_case_and_by_their_beginning(tiny: Path, tmp_path: Path) -> None:
    put(tiny, tmp_path / "Qwen-4B.gguf", tmp_path / "Qwen-8B.gguf")
    library = Library([Place(Origin.OWN, tmp_path)])
    assert library.find("qwen-8b.gguf").name == "Qwen-8B"
    assert library.find("qwen-4").name == "Qwen-4B"
    with pytest.raises(AmbiguousModelError) as several:
        library.find("qwen")
    assert several.value.names == ("Qwen-4B", "Qwen-8B")
    for unknown in ("gemma", ""):
        with pytest.raises(UnknownModelError):
            library.find(unknown)


def test_provenance_is_read_and_a_damaged_record_is_ignored(tiny: Path, tmp_path: Path) -> None:
    put(tiny, tmp_path / "m.gguf")
    known = Provenance("owner/name", "c0ffee", "m.gguf", "ab" * 32, "mit", "2026-01-01")
    write_provenance(tmp_path / "m.gguf", known)
    library = Library([Place(Origin.OWN, tmp_path)])
    assert by_name(library)["m"].provenance == known
    (tmp_path / "m.gguf.source.json").write_bytes(b"\xff{")
    assert by_name(library)["m"].provenance is None


def test_folders_of_other_programs_are_found_where_they_are(tmp_path: Path) -> None:
    folders = {
        Origin.LM_STUDIO: tmp_path / ".lmstudio" / "models",
        Origin.GPT4ALL: tmp_path / "data" / "nomic.ai" / "GPT4All",
        Origin.JAN: tmp_path / "data" / "Jan" / "data" / "llamacpp" / "models",
        Origin.LLAMA_CPP: tmp_path / "cache" / "llama.cpp",
        Origin.HUB_CACHE: tmp_path / "hf" / "hub",
    }
    variables = {
        "XDG_DATA_HOME": str(tmp_path / "data"),
        "XDG_CACHE_HOME": str(tmp_path / "cache"),
        "HF_HOME": str(tmp_path / "hf"),
    }
    assert others_places(variables, tmp_path, "linux") == ()
    for folder in folders.values():
        folder.mkdir(parents=True)
    found = others_places(variables, tmp_path, "linux")
    assert {place.origin: place.folder for place in found} == folders


@pytest.mark.skipif(os.name == "nt", reason="folder names of other systems, on one with slashes")
@pytest.mark.parametrize(
    ("platform", "folder"),
    [
        ("darwin", "Library/Application Support/nomic.ai/GPT4All"),
        ("win32", "AppData/Local/nomic.ai/GPT4All"),
    ],
)
def test_other_systems_have_folders_of_their_own(
    platform: str, folder: str, tmp_path: Path
) -> None:
    (tmp_path / folder).mkdir(parents=True)
    (place,) = others_places({}, tmp_path, platform)
    assert (place.origin, place.folder) == (Origin.GPT4ALL, tmp_path / folder)
