"""Which models the picker offers, in which section, and what it says of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from desktop_app.library.picker_choices import KnownModels, sections_of
from engine.journal.records import ModelRecord
from models.builtin import SMALL
from models.places import Origin
from tests.desktop_app.library_models import library_model

QWEN, GEMMA, LLAMA = (Path(f"/m/{name}.gguf") for name in ("qwen", "gemma", "llama"))


def record(path: Path, name: str = "", *, crashed: bool = False) -> ModelRecord:
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    return ModelRecord(str(path), name or path.stem, 1000, "llama", "Q8_0", moment, crashed=crashed)


def offered(known: KnownModels, present: Path | None = None) -> dict[str, list[tuple[str, str]]]:
    return {
        section.title: [(choice.lines.title, choice.lines.about) for choice in section.choices]
        for section in sections_of(known, present)
    }


def test_every_usable_model_on_the_disk_is_offered_with_quantization_and_size() -> None:
    studio = library_model(GEMMA, "Gemma 3", "Q8_0", origin=Origin.LM_STUDIO)
    damaged = library_model(LLAMA, problem="cut off")
    known = KnownModels(library=(library_model(QWEN, "Qwen3 8B"), studio, damaged))
    assert offered(known) == {
        "On this computer": [
            ("Gemma 3", "Q8_0 · 5.0 GB · LM Studio"),
            ("Qwen3 8B", "Q4_K_M · 5.0 GB"),
        ]
    }


def test_a_quantization_that_is_in_the_name_is_said_once() -> None:
    models = (library_model(QWEN, "Qwen3 8B", "Q8_0"), library_model(GEMMA, "Qwen3 8B"))
    assert offered(KnownModels(library=models))["On this computer"] == [
        ("Qwen3 8B Q4_K_M", "5.0 GB"),
        ("Qwen3 8B Q8_0", "5.0 GB"),
    ]


def test_a_model_stands_in_one_section_only() -> None:
    builtin = library_model(Path("/b/small.gguf"), "Ponder small", origin=Origin.BUILT_IN)
    library = (library_model(QWEN, "Qwen3 8B"), library_model(GEMMA, "Gemma 3"), builtin)
    known = KnownModels(
        builtin={SMALL: builtin.path},
        recent=(record(LLAMA), record(builtin.path), record(QWEN)),
        library=library,
    )
    shown = offered(known, present=LLAMA)
    assert [title for title, _ in shown["Used before"]] == ["Qwen3 8B"]
    assert [title for title, _ in shown["On this computer"]] == ["Gemma 3"]
    assert [title for title, _ in shown["Built in"]] == ["Ponder small"]


def test_one_file_under_two_paths_is_offered_once() -> None:
    alias = Path("/cache/snapshot/qwen.gguf")
    known = KnownModels(
        recent=(record(alias, "Qwen3 8B"),),
        library=(library_model(QWEN, "Qwen3 8B"), library_model(GEMMA, "Gemma 3")),
        files={alias: QWEN, QWEN: QWEN, GEMMA: GEMMA},
    )
    assert [title for title, _ in offered(known)["On this computer"]] == ["Gemma 3"]
    known = replace(known, recent=())
    assert "Qwen3 8B" not in str(offered(known, present=alias))


def test_a_file_that_is_gone_or_damaged_is_not_offered_again() -> None:
    known = KnownModels(
        recent=(record(QWEN), record(LLAMA), record(GEMMA)),
        library=(library_model(LLAMA, problem="cut off"),),
        files={QWEN: None, LLAMA: LLAMA},
    )
    assert [title for title, _ in offered(known)["Used before"]] == ["gemma"]


def test_what_is_used_often_does_not_hide_what_is_in_no_folder() -> None:
    in_folder = [library_model(Path(f"/m/{number}.gguf")) for number in range(8)]
    loose = Path("/downloads/loose.gguf")
    recent = (*(record(model.path) for model in in_folder), record(loose))
    shown = offered(KnownModels(recent=recent, library=tuple(in_folder)))
    assert [title for title, _ in shown["Used before"]] == [*"012345", "loose"]
    assert [title for title, _ in shown["On this computer"]] == [*"67"]


def test_what_ended_the_engine_or_is_too_large_says_so() -> None:
    known = KnownModels(
        recent=(record(QWEN, crashed=True),),
        library=(library_model(GEMMA, "Gemma 3"),),
        too_large=frozenset({GEMMA}),
    )
    assert offered(known)["Used before"][0][1].endswith("ended the engine last time")
    large = sections_of(known, None)[1].choices[0].lines
    assert (large.badge, large.warns) == ("too large", True)


def test_a_search_is_told_of_before_it_has_ended() -> None:
    looking = sections_of(KnownModels(), None)
    assert [(section.title, section.line) for section in looking] == [
        ("On this computer", "Looking for models…")
    ]
    assert sections_of(KnownModels(library=()), None) == ()


def test_a_name_in_the_journal_is_shortened_too() -> None:
    known = KnownModels(recent=(record(QWEN, "a\n" * 1000),), library=())
    assert len(offered(known)["Used before"][0][0]) <= 80
