"""The shelf of engines elsewhere: files, names, and the keys that go with them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import keyring
import pytest
from keyring.backends.fail import Keyring as NoKeyring

from desktop_app.engines import (
    EngineDescriptionError,
    EngineNameError,
    EngineShelf,
    UnknownEngineError,
    checked_name,
    model_title,
)
from desktop_app.folders import folders
from desktop_app.model_library import check_model, named_model, open_engines
from engine.backends.remote.description import EndpointDescription, EngineDescription
from engine.keys import keep_key
from models.builtin import builtin_model_path
from models.errors import UnknownModelError
from tests.desktop_app.kept_keys import kept_keys

ONE, OTHER = "http://127.0.0.1:8080/v1", "https://api.example.com/v1"


def described(*addresses: str) -> EngineDescription:
    return EngineDescription(tuple(EndpointDescription(address) for address in addresses))


@pytest.fixture
def shelf(tmp_path: Path) -> EngineShelf:
    return EngineShelf(tmp_path / "engines")


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], dict[str, str]]]:
    with kept_keys(tmp_path / "keys.json", monkeypatch) as kept:
        yield kept


def test_saved_listed_by_name_and_found_in_any_case(shelf: EngineShelf) -> None:
    assert shelf.engines() == ()
    for name in ("vast pool", "Cellar"):
        shelf.save(name, described("127.0.0.1:8080"))
    assert [engine.name for engine in shelf.engines()] == ["Cellar", "vast pool"]
    assert shelf.find("CELLAR").addresses == (ONE,)
    with pytest.raises(UnknownEngineError):
        shelf.find("cell")


def test_a_damaged_description_is_listed_with_its_trouble(shelf: EngineShelf) -> None:
    path = shelf.save("pool", described(ONE))
    path.write_text("{")
    engine = shelf.engines()[0]
    assert (engine.name, engine.description, engine.addresses) == ("pool", None, ())
    assert engine.trouble
    with pytest.raises(EngineDescriptionError):
        check_model(path)


@pytest.mark.parametrize(
    "name", ["", " ", "../pool", "a/b", "a\\b", ".hidden", "con", "NUL.txt", "a" * 65, "a.", "a\nb"]
)
def test_a_name_that_is_no_file_name_is_refused(name: str, shelf: EngineShelf) -> None:
    with pytest.raises(EngineNameError):
        shelf.save(name, described(ONE))
    assert shelf.engines() == ()


@pytest.mark.parametrize("name", ["a", "Größe 2", "vLLM (cellar)", "two+one", "v1.5"])
def test_ordinary_names_are_left_as_they_are(name: str) -> None:
    assert checked_name(f" {name} ") == name


def test_a_name_is_taken_once(shelf: EngineShelf) -> None:
    shelf.save("pool", described(ONE))
    with pytest.raises(EngineNameError):
        shelf.save("Pool", described(OTHER))
    shelf.save("pool", described(OTHER), before="pool")
    assert shelf.find("pool").addresses == (OTHER,)


def test_an_engine_gets_another_name_with_all_that_lies_beside_it(shelf: EngineShelf) -> None:
    path = shelf.save("old", described(ONE))
    remembered = path.with_name("old.probed.json")
    remembered.write_text("{}")
    new = shelf.save("new", described(ONE), before="old")
    assert [engine.name for engine in shelf.engines()] == ["new"]
    assert list(new.parent.iterdir()) == [new]


def test_an_address_that_is_none_is_refused(shelf: EngineShelf) -> None:
    with pytest.raises(EngineDescriptionError):
        shelf.save("pool", described("ftp://somewhere"))
    assert shelf.engines() == ()


def test_a_removed_engine_takes_the_keys_that_only_it_used(
    shelf: EngineShelf, kept: Callable[[], dict[str, str]]
) -> None:
    shelf.save("both", described(ONE, OTHER))
    shelf.save("single", described(OTHER))
    for address in (ONE, OTHER):
        keep_key(address, "sk")
    assert shelf.remove("both").name == "both"
    assert kept() == {OTHER: "sk"}
    assert [engine.name for engine in shelf.engines()] == ["single"]


def test_an_engine_can_be_removed_where_there_is_no_keyring(
    shelf: EngineShelf, kept: Callable[[], dict[str, str]]
) -> None:
    keyring.set_keyring(NoKeyring())  # type: ignore[no-untyped-call]
    shelf.save("pool", described(ONE))
    shelf.remove("pool")
    assert kept() == {}
    assert shelf.engines() == ()


def test_the_terminal_takes_a_file_then_an_engine_then_a_model(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    path = open_engines(folders()).save("pool", described(ONE))
    assert named_model("Pool") == path
    assert named_model(None) == builtin_model_path()
    (tmp_path / "pool").write_bytes(b"x")
    assert named_model("pool") == Path("pool")
    with pytest.raises(UnknownModelError):
        named_model("nothing of the kind")


def test_a_title_has_no_suffix() -> None:
    assert model_title(Path("/m/pool.engine.json")) == "pool"
    assert model_title(Path("/m/a.b.gguf")) == "a.b"
