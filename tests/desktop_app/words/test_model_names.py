"""What models are called: by their makers' names, each by one of its own."""

from __future__ import annotations

from pathlib import Path

from desktop_app.words.model_names import model_names, shown_name
from tests.desktop_app.library_models import library_model

A, B, C, D = (Path(f"/m/{name}.gguf") for name in ("a-file", "b-file", "c-file", "d-file"))


def test_a_model_is_called_what_its_makers_call_it_or_its_file() -> None:
    models = [library_model(A, "Qwen3 8B"), library_model(B)]
    assert model_names(models) == {A: "Qwen3 8B", B: "b-file"}


def test_models_of_one_name_are_told_apart_by_quantization_then_by_file() -> None:
    models = [
        library_model(A, "Qwen3 8B", "Q8_0"),
        library_model(B, "qwen3 8b", "Q4_K_M"),
        library_model(C, "Qwen3 8B", "Q4_K_M"),
        library_model(D, "c-file", "Q4_K_M"),
    ]
    names = model_names(models)
    assert names[A] == "Qwen3 8B Q8_0"
    assert names[B] == "b-file"
    assert names[D] == "c-file"
    assert names[C] == str(C)
    assert len({name.casefold() for name in names.values()}) == 4


def test_a_name_from_a_file_is_one_short_line_that_can_be_read() -> None:
    assert shown_name(" Qwen3\n\t8B\u202e\x00 ") == "Qwen3 8B"
    long = shown_name("a" * 16_000_000)
    assert len(long) == 80
    assert long.endswith("a…")
    assert model_names([library_model(A, "\u202e\n")]) == {A: "a-file"}
