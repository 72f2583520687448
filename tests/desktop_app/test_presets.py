"""Presets: what is kept and used of the settings, files, names, and what goes wrong."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from desktop_app.presets import (
    SUFFIX,
    DamagedPresetError,
    Preset,
    PresetNameError,
    PresetsFolderError,
    PresetShelf,
    SavedPreset,
    UnknownPresetError,
    preset_of,
    with_preset,
)
from desktop_app.settings import (
    Appearance,
    ChatSettings,
    Settings,
    ThinkingSettings,
    with_policy,
)
from engine.generation import LoadOptions, Sampling
from engine.options import Policy, PolicyRow, StrategyOptions, Weighting

MATHS = Settings(
    thinking=ThinkingSettings(
        attempts=32,
        strategy="search",
        stop_early=False,
        tokens_per_candidate=400,
        options=StrategyOptions(width=3, weighting=Weighting.SELF_ASSESSED),
    ),
    sampling=Sampling(temperature=1.1, seed=None),
    chat=ChatSettings("Work it out.\nThen say it."),
)


@pytest.fixture
def shelf(tmp_path: Path) -> PresetShelf:
    return PresetShelf(tmp_path / "presets")


def test_what_is_kept_comes_back(shelf: PresetShelf) -> None:
    assert shelf.presets() == ()
    preset = preset_of(MATHS)
    assert shelf.save("  Hard   maths ", preset) == "Hard maths"
    assert shelf.presets() == (SavedPreset("Hard maths", preset),)
    assert shelf.find("hard MATHS") == preset
    used = with_preset(Settings(), shelf.find("Hard maths"))
    assert (used.thinking, used.sampling, used.chat) == (MATHS.thinking, MATHS.sampling, MATHS.chat)


def test_what_belongs_to_machine_window_and_model_stays(shelf: PresetShelf) -> None:
    now = with_policy(
        Settings(engine=LoadOptions(slots=3), appearance=Appearance(zoom=1.5)),
        Policy((PolicyRow(0.0, "vote", 8),)),
        "a.gguf",
    )
    shelf.save("maths", preset_of(msgspec.structs.replace(MATHS, engine=LoadOptions(slots=9))))
    used = with_preset(now, shelf.find("maths"))
    assert (used.engine, used.appearance) == (now.engine, now.appearance)
    assert used.thinking.auto_tables == now.thinking.auto_tables
    assert used.thinking.strategy == "search"
    shelf.save("with a table", preset_of(now))
    assert shelf.find("with a table").thinking.auto_tables == {}


def test_a_name_in_another_case_is_the_same_preset(shelf: PresetShelf) -> None:
    shelf.save("maths", preset_of(Settings()))
    shelf.save("Maths", preset_of(MATHS))
    assert shelf.presets() == (SavedPreset("Maths", preset_of(MATHS)),)


def test_a_removed_preset_is_gone(shelf: PresetShelf) -> None:
    shelf.save("one", Preset())
    shelf.save("two", Preset())
    shelf.remove("ONE")
    shelf.remove("never there")
    assert [one.name for one in shelf.presets()] == ["two"]


@pytest.mark.parametrize("name", ["", "../up", "a/b", "nul", ".hidden", "x" * 80, "tab\x00"])
def test_a_name_that_is_no_files_is_refused(shelf: PresetShelf, name: str) -> None:
    with pytest.raises(PresetNameError):
        shelf.save(name, Preset())
    assert shelf.presets() == ()


def test_an_unknown_name_is_told_with_those_that_are_there(shelf: PresetShelf) -> None:
    shelf.save("chat", Preset())
    with pytest.raises(UnknownPresetError, match="'maths'; there are: chat"):
        shelf.find("maths")


@pytest.mark.parametrize(
    "content",
    [
        b"\xff\xfe",
        b"thinking = 3",
        b"[thinking]\nattempts = 0",
        b"[sampling]\ntemperature = 900.0",
        b'[thinking]\nstrategy = "magic"',
        b"#" * 1_000_001,
        b"x = " + b"[" * 100_000,
    ],
)
def test_a_damaged_file_is_listed_and_hurts_no_other(shelf: PresetShelf, content: bytes) -> None:
    shelf.save("good", Preset())
    shelf._path("bad").write_bytes(content)
    assert [(one.name, one.preset is None) for one in shelf.presets()] == [
        ("bad", True), ("good", False),
    ]  # fmt: skip
    with pytest.raises(DamagedPresetError, match=f"bad{SUFFIX}"):
        shelf.find("bad")


def test_a_preset_of_another_version_is_read_as_far_as_it_is_known(shelf: PresetShelf) -> None:
    shelf.save("old", preset_of(MATHS))
    path = shelf._path("old")
    path.write_text(path.read_text().replace("width = 3", "width = 3\nfrom_the_future = 1"))
    assert shelf.find("old") == preset_of(MATHS)


def test_a_folder_that_is_none_is_said(tmp_path: Path) -> None:
    (tmp_path / "presets").write_text("a file")
    shelf = PresetShelf(tmp_path / "presets")
    with pytest.raises(PresetsFolderError):
        shelf.presets()
    with pytest.raises(PresetsFolderError):
        shelf.save("one", Preset())
