"""What a person chose and where the window was left: one TOML file, frozen values.

It exists so that every choice has one typed place and a damaged file never stops the start. It
must not know Qt.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final, Literal, TypeVar

import msgspec
import tomli_w
from msgspec import Meta

from engine.budget import MOST_MORE_THOUGHT
from engine.generation import LoadOptions, Sampling
from engine.options import DEFAULT_POLICY, Policy, StrategyOptions

Theme = Literal["system", "light", "dark"]
SendKey = Literal["enter", "ctrl+enter"]
StrategyName = Literal["vote", "revise", "search", "aggregate", "think-first", "auto"]
MOST_INSTRUCTIONS: Final = 20_000
MOST_CURRENCY: Final = 8
_AUTO: Final = "auto"
_LARGEST: Final = 2**63
S = TypeVar("S", bound=msgspec.Struct)


class ThinkingSettings(msgspec.Struct, frozen=True):
    """How much thinking the next question gets.

    Attributes:
        attempts: What the slider says: samples, attempts or paths.
        strategy: How they are spent.
        stop_early: Whether a settled vote ends a deliberation.
        tokens_per_candidate: Limit of generated tokens, or None for what the context holds.
        thought_tokens: Limit of hidden-thought tokens, or None.
        more_thought: How often a hidden thought that ends is made to go on.
        seconds: Wall-clock limit of an answer, or None.
        options: What the strategies are told beside the budget.
        auto_tables: Tables of `auto` that the lab learned, by the file name of their model.
    """

    attempts: Annotated[int, Meta(ge=1, le=1024)] = 8
    strategy: StrategyName = "vote"
    stop_early: bool = True
    tokens_per_candidate: Annotated[int, Meta(ge=1)] | None = None
    thought_tokens: Annotated[int, Meta(ge=1)] | None = None
    more_thought: Annotated[int, Meta(ge=0, le=MOST_MORE_THOUGHT)] = 0
    seconds: Annotated[float, Meta(gt=0)] | None = None
    options: StrategyOptions = StrategyOptions()
    auto_tables: dict[str, Policy] = {}

    def options_for(self, model: str) -> StrategyOptions:
        """What strategies are told with a model: `auto` follows the table learned for it.

        Args:
            model: The model file's path, or its name.
        """
        table = self.table_for(model) if self.strategy == _AUTO else None
        return self.options if table is None else with_table(self.options, table)

    def table_for(self, model: str) -> Policy | None:
        """The table that was learned for a model, named as in `options_for`."""
        return self.auto_tables.get(_file_name(model))


class Appearance(msgspec.Struct, frozen=True):
    """How the window looks and listens.

    Attributes:
        theme: Colours; "system" follows the platform.
        zoom: Text size, 1 is 100 %.
        send_key: What sends a question; the other one with Shift or alone makes a new line.
        tell_when_ready: Whether the end of long work is told while the window is not in front.
    """

    theme: Theme = "system"
    zoom: Annotated[float, Meta(ge=0.5, le=3.0)] = 1.0
    send_key: SendKey = "enter"
    tell_when_ready: bool = True


class WindowPlace(msgspec.Struct, frozen=True):
    """Where the window was left.

    Attributes:
        geometry: Qt's saved geometry, hexadecimal.
        splitter: Widths of sidebar, transcript and panel, in device-independent pixels.
        sidebar: Whether the sidebar is shown.
        panel: Whether the deliberation panel is shown.
        conversation_id: The conversation last seen.
    """

    geometry: str = ""
    splitter: tuple[int, ...] = ()
    sidebar: bool = True
    panel: bool = True
    conversation_id: str | None = None


class ModelChoice(msgspec.Struct, frozen=True):
    """Which model the next start loads.

    Attributes:
        path: The file last loaded, or None before the first choice (the first-run page).
    """

    path: str | None = None


class LibrarySettings(msgspec.Struct, frozen=True):
    """Where models lie.

    Attributes:
        folder: The models folder, or None for the one in the data folder.
        folders: Folders that are used in place beside it.
        others: Whether the folders of other programs are shown.
    """

    folder: str | None = None
    folders: tuple[str, ...] = ()
    others: bool = True


class ChatSettings(msgspec.Struct, frozen=True):
    """How conversations begin.

    Attributes:
        instructions: What the model is told before each new conversation, or "".
    """

    instructions: Annotated[str, Meta(max_length=MOST_INSTRUCTIONS)] = ""


class Electricity(msgspec.Struct, frozen=True):
    """What electricity costs.

    Attributes:
        price: Of a kilowatt-hour, or None where no costs are told.
        currency: Its sign.
    """

    price: Annotated[float, Meta(gt=0, le=10_000)] | None = None
    currency: Annotated[str, Meta(max_length=MOST_CURRENCY)] = ""


class Settings(msgspec.Struct, frozen=True):
    """Everything that is remembered. A field this version does not know is ignored."""

    engine: LoadOptions = LoadOptions()
    sampling: Sampling = Sampling()
    thinking: ThinkingSettings = ThinkingSettings()
    chat: ChatSettings = ChatSettings()
    appearance: Appearance = Appearance()
    window: WindowPlace = WindowPlace()
    model: ModelChoice = ModelChoice()
    library: LibrarySettings = LibrarySettings()
    electricity: Electricity = Electricity()
    shortcuts: dict[str, str | tuple[str, ...]] = {}
    """Keys that a person chose, by command: only those that differ from the command's own."""

    def __post_init__(self) -> None:
        """Refuse numbers the engine cannot use.

        Raises:
            ValueError: A number is out of its range.
        """
        sampling, engine = self.sampling, self.engine
        if not 0 <= sampling.temperature <= 5:
            raise ValueError("temperature must be between 0 and 5")
        if not (0 <= sampling.top_p <= 1 and 0 <= sampling.min_p <= 1):
            raise ValueError("top_p and min_p must be between 0 and 1")
        if sampling.top_k < 0 or sampling.repeat_window < 0 or not sampling.repeat_penalty > 0:
            raise ValueError("top_k, repeat_window and repeat_penalty must not be negative")
        if not 1 <= engine.slots <= 256:
            raise ValueError("slots must be between 1 and 256")
        if isinstance(engine.gpu_layers, int) and engine.gpu_layers < 0:
            raise ValueError("gpu_layers must not be negative")
        for number in (engine.context_tokens, engine.threads):
            if number is not None and number < 1:
                raise ValueError("context_tokens and threads must be at least 1")


@dataclass(frozen=True, slots=True)
class LoadedSettings:
    """What reading the file gave.

    Attributes:
        settings: The settings, or the defaults.
        set_aside: Where a damaged file was kept, or None.
    """

    settings: Settings
    set_aside: Path | None = None


def load_settings(path: Path) -> LoadedSettings:
    """Read the file; a damaged one is kept aside as `.bad` and the defaults are used.

    Raises:
        OSError: The file exists and cannot be read or set aside.
    """
    try:
        return LoadedSettings(peek_settings(path))
    except ValueError:
        aside = path.with_name(path.name + ".bad")
        path.replace(aside)
        return LoadedSettings(Settings(), aside)


def peek_settings(path: Path) -> Settings:
    """Read the file, the defaults where there is none; a damaged one stays where it is.

    Raises:
        OSError: It cannot be read.
        ValueError: It is damaged.
    """
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return Settings()
    return from_toml(content, Settings)


def save_settings(path: Path, settings: Settings) -> None:
    """Write the file whole or not at all.

    Raises:
        OSError: It cannot be written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    text = to_toml(settings)
    partial = path.with_name(path.name + ".new")
    with partial.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)


def to_toml(settings: msgspec.Struct) -> str:
    """Return settings, or tables of them, as they are written to a file."""
    table = _without_none(msgspec.to_builtins(settings))
    return tomli_w.dumps(_without_default_policy(table))


def from_toml(content: bytes, kind: type[S]) -> S:
    """Return what `to_toml` wrote.

    Raises:
        msgspec.DecodeError: It is something else, or a value is out of its range.
        UnicodeDecodeError: It is no text.
    """
    try:
        table = msgspec.toml.decode(content)
        _check_numbers(table)
    except RecursionError as error:
        raise msgspec.DecodeError("it is nested too deep") from error
    return msgspec.convert(_known_options(table), kind)


def _check_numbers(value: object) -> None:
    """Refuse what TOML can say and no message to the engine: inf, nan and whole numbers too large.

    Raises:
        msgspec.ValidationError: There is such a number.
    """
    if isinstance(value, dict | list):
        for one in value.values() if isinstance(value, dict) else value:
            _check_numbers(one)
    elif isinstance(value, float | int) and not -_LARGEST < value < _LARGEST:
        raise msgspec.ValidationError(f"{value} is no number that can be used")


def with_policy(settings: Settings, policy: Policy, model: str) -> Settings:
    """Return settings under which `auto` is used, and follows this table with this model."""
    tables = {**settings.thinking.auto_tables, _file_name(model): policy}
    thinking = msgspec.structs.replace(settings.thinking, strategy=_AUTO, auto_tables=tables)
    return msgspec.structs.replace(settings, thinking=thinking)


def with_table(options: StrategyOptions, policy: Policy) -> StrategyOptions:
    """Return options under which `auto` follows a table, its votes weighed as was learned."""
    return msgspec.structs.replace(
        options, policy=policy.rows, weighting=policy.weighting, sharpness=policy.sharpness
    )


def _file_name(model: str) -> str:
    return model.replace("\\", "/").rpartition("/")[2]


def with_changes(now: S, before: S, after: S) -> S:
    """Return `now` with every field that differs between `before` and `after` as it is in `after`.

    Fields that are structs or mappings themselves are gone through; any other one is taken as a
    whole.
    """
    changed: dict[str, object] = {}
    for name in now.__struct_fields__:
        present, old, new = (getattr(settings, name) for settings in (now, before, after))
        if isinstance(present, msgspec.Struct):
            changed[name] = with_changes(present, old, new)
        elif isinstance(present, dict):
            touched = {key for key in old.keys() | new.keys() if old.get(key) != new.get(key)}
            kept = {key: value for key, value in present.items() if key not in touched}
            changed[name] = kept | {key: new[key] for key in new if key in touched}
        elif new != old:
            changed[name] = new
    return msgspec.structs.replace(now, **changed)


def _known_options(table: object) -> object:
    """Leave out strategy options of another version, as is done with all other fields."""
    thinking = table.get("thinking") if isinstance(table, dict) else None
    options = thinking.get("options") if isinstance(thinking, dict) else None
    if isinstance(options, dict) and isinstance(thinking, dict):
        known = StrategyOptions.__struct_fields__
        thinking["options"] = {name: options[name] for name in options if name in known}
    return table


def _without_default_policy(table: dict[str, object]) -> dict[str, object]:
    """Leave out `auto`'s table unless somebody changed it, so that a better one can follow."""
    thinking = table["thinking"]
    options = thinking["options"] if isinstance(thinking, dict) else None
    if isinstance(options, dict) and options["policy"] == msgspec.to_builtins(DEFAULT_POLICY):
        del options["policy"]
    return table


def _without_none(table: dict[str, object]) -> dict[str, object]:
    """Drop what TOML cannot say; every such field has None as its default."""
    return {
        key: _without_none(value) if isinstance(value, dict) else value
        for key, value in table.items()
        if value is not None
    }
