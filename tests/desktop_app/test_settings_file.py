"""The settings file: round trip, damage, unknown fields, ranges."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from desktop_app.folders import folders
from desktop_app.model_library import saved_settings
from desktop_app.settings import (
    Appearance,
    ModelChoice,
    Settings,
    ThinkingSettings,
    WindowPlace,
    load_settings,
    peek_settings,
    save_settings,
)
from engine.generation import LoadOptions, Sampling
from engine.options import PolicyRow, StrategyOptions

CHANGED = Settings(
    engine=LoadOptions(gpu_layers=12, tensor_split=(0.5, 0.5), context_tokens=4096, threads=3),
    sampling=Sampling(temperature=0.2, seed=7),
    thinking=ThinkingSettings(attempts=33, strategy="revise", tokens_per_candidate=100),
    appearance=Appearance(theme="dark", zoom=1.5, send_key="ctrl+enter"),
    window=WindowPlace("00ff", (200, 700, 400), panel=False, conversation_id="c"),
    model=ModelChoice("/models/my model.gguf"),
)


@pytest.mark.parametrize("settings", [Settings(), CHANGED])
def test_what_is_saved_is_loaded(tmp_path: Path, settings: Settings) -> None:
    path = tmp_path / "config" / "settings.toml"
    save_settings(path, settings)
    assert load_settings(path).settings == settings
    assert [entry.name for entry in path.parent.iterdir()] == ["settings.toml"]


def test_a_missing_file_is_the_defaults(tmp_path: Path) -> None:
    loaded = load_settings(tmp_path / "settings.toml")
    assert loaded.settings == Settings()
    assert loaded.set_aside is None


@pytest.mark.parametrize(
    "content",
    [
        b"\xff\xfe",
        b"appearance = 3",
        b"[appearance]\ntheme = 'pink'",
        b"[appearance]\nzoom = 90",
        b"[sampling]\ntemperature = -1",
        b"[engine]\nslots = 0",
        b"[thinking]\nattempts = 0",
        b"[thinking",
        b"[sampling]\nrepeat_penalty = inf",
        b"[sampling]\ntemperature = nan",
        b"[sampling]\nseed = 9223372036854775808",
        b"[engine]\ntensor_split = [inf]",
        b"x = " + b"[" * 5000 + b"]" * 5000,
    ],
    ids=range(13),
)
def test_a_damaged_file_is_kept_aside(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "settings.toml"
    path.write_bytes(content)
    loaded = load_settings(path)
    assert loaded.settings == Settings()
    assert loaded.set_aside is not None
    assert loaded.set_aside.read_bytes() == content
    assert not path.exists()


def test_the_terminal_leaves_a_damaged_file_where_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PONDER_HOME", str(tmp_path))
    path = folders().settings
    path.parent.mkdir()
    path.write_text("[thinking")
    assert saved_settings() == Settings()
    assert path.read_text() == "[thinking"
    with pytest.raises(msgspec.DecodeError):
        peek_settings(path)
    assert load_settings(path).set_aside is not None  # the window, which says so


def test_a_field_of_a_newer_version_is_ignored(tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    path.write_text("later = 1\n[appearance]\nzoom = 1.25\nsparkle = true\n")
    assert load_settings(path).settings.appearance.zoom == 1.25


def test_every_optional_field_defaults_to_none() -> None:
    """TOML cannot say None, so leaving a field out must mean it."""

    def check(kind: type[msgspec.Struct]) -> None:
        for field in msgspec.structs.fields(kind):
            if isinstance(field.type, type) and issubclass(field.type, msgspec.Struct):
                check(field.type)
            elif "None" in str(field.type):
                assert field.default is None, field.name

    check(Settings)


def test_strategy_options_of_another_version_are_left_out(tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    path.write_text("[thinking]\nattempts = 5\n[thinking.options]\nwidth = 2\nfuture = 1\n")
    loaded = load_settings(path)
    assert loaded.set_aside is None
    assert loaded.settings.thinking.attempts == 5
    assert loaded.settings.thinking.options == StrategyOptions(width=2)


@pytest.mark.parametrize(
    "content",
    [
        b"[thinking]\nmore_thought = 3",
        b"[thinking]\nstrategy = 'guess'",
        b"[thinking.options]\nwidth = 0",
        b"[thinking]\noptions = 3",
    ],
)
def test_strategy_settings_nobody_can_follow_are_damage(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "settings.toml"
    path.write_bytes(content)
    loaded = load_settings(path)
    assert loaded.settings == Settings()
    assert loaded.set_aside == tmp_path / "settings.toml.bad"


def test_only_a_changed_table_of_auto_is_written_down(tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    save_settings(path, Settings())
    assert "policy" not in path.read_text()
    own = StrategyOptions(policy=(PolicyRow(0.0, "vote", 8),))
    settings = Settings(thinking=ThinkingSettings(options=own))
    save_settings(path, settings)
    assert load_settings(path).settings == settings
