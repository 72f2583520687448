"""ggml's code for the processor: modules beside the library where a build has them, else in it."""

from __future__ import annotations

import os
from pathlib import Path
from types import SimpleNamespace

import pytest

from engine.backends.llama import native


class Loads:
    """Stands for ggml's function; remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[bytes] = []
        self.argtypes: object = None
        self.restype: object = None

    def __call__(self, folder: bytes) -> None:
        self.asked.append(folder)


@pytest.fixture
def loads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Loads:
    function = Loads()
    registry = SimpleNamespace(ggml_backend_load_all_from_path=function)
    monkeypatch.setattr(native, "_LIBRARIES", tmp_path)
    monkeypatch.setattr(native, "_ggml", lambda _name: registry)
    return function


def test_modules_beside_the_library_are_loaded_from_their_folder(
    loads: Loads, tmp_path: Path
) -> None:
    (tmp_path / "libggml-cpu-haswell.so").touch()
    native.load_processor_code()
    assert loads.asked == [os.fsencode(tmp_path)]


def test_a_build_without_modules_loads_nothing(loads: Loads, tmp_path: Path) -> None:
    (tmp_path / "libggml-cpu.so.0").touch()
    native.load_processor_code()
    assert loads.asked == []


def test_there_is_one_registry_and_it_has_the_processor() -> None:
    assert native._ggml("ggml").ggml_backend_dev_count() > 0
