"""Names from the hub: what they tell, and which must never become a path."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.errors import HubNotFoundError, UnsafeNameError
from models.file_names import (
    RepositoryName,
    is_language_model,
    quantization_label,
    repository_name,
    safe_relative_path,
    whole_models,
)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("owner/some-model-GGUF", RepositoryName("owner/some-model-GGUF")),
        ("  owner/m:Q4_K_M ", RepositoryName("owner/m", "Q4_K_M")),
        ("https://hub.example/owner/m", RepositoryName("owner/m")),
        ("https://hub.example/owner/m/tree/main", RepositoryName("owner/m")),
        (
            "https://hub.example/owner/m/blob/main/sub/m%20x.gguf?download=true",
            RepositoryName("owner/m", "", "sub/m x.gguf"),
        ),
    ],
)
def test_what_a_person_types_or_pastes(text: str, name: RepositoryName) -> None:
    assert repository_name(text) == name


@pytest.mark.parametrize(
    "text", ["", "owner", "a/b/c", "../x", "o/..", "o wner/m", "https://x/", "-a/b"]
)
def test_what_is_no_repository(text: str) -> None:
    with pytest.raises(HubNotFoundError):
        repository_name(text)


@pytest.mark.parametrize(
    ("path", "label"),
    [
        ("Qwen3-8B-Q4_K_M.gguf", "Q4_K_M"),
        ("model.q8_0.gguf", "Q8_0"),
        ("m-UD-Q4_K_XL.gguf", "UD-Q4_K_XL"),
        ("m-IQ2_XXS.gguf", "IQ2_XXS"),
        ("gpt-oss-20b-mxfp4.gguf", "MXFP4"),
        ("BF16/m-00001-of-00003.gguf", "BF16"),
        ("Q6_K/m-Q6_K-00001-of-00002.gguf", "Q6_K"),
        ("m-F16.gguf", "F16"),
        ("plain.gguf", "plain"),
    ],
)
def test_the_label_of_a_quantization(path: str, label: str) -> None:
    assert quantization_label(path) == label


def test_split_files_are_one_model_and_lacking_ones_none() -> None:
    paths = [
        "b-00002-of-00002.gguf",
        "b-00001-of-00002.gguf",
        "lacks-00001-of-00002.gguf",
        "a-Q4_0.gguf",
        "mmproj-a-f16.gguf",
        "README.md",
    ]
    assert whole_models(paths) == [
        ("a-Q4_0.gguf",),
        ("b-00001-of-00002.gguf", "b-00002-of-00002.gguf"),
    ]


def test_what_goes_beside_a_model_is_none() -> None:
    assert is_language_model("a.GGUF")
    assert not is_language_model("mmproj-model.gguf")
    assert not is_language_model("model.imatrix.gguf")
    assert not is_language_model("model.safetensors")


HOSTILE = [
    "../up.gguf",
    "a/../../up.gguf",
    "/etc/passwd.gguf",
    "C:/x.gguf",
    "a\\b.gguf",
    "con.gguf",
    "NUL",
    "sub/aux.gguf",
    "x" * 300 + ".gguf",
    "/".join("abcdefgh") + ".gguf",
    "",
    ".hidden.gguf",
    "a//b.gguf",
    "nul\0.gguf",
    "line\nbreak.gguf",
    "dot./x.gguf",
    "space /x.gguf",
    "a:stream.gguf",
    "\ud800-Q4_0.gguf",
]


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_become_no_path(name: str) -> None:
    with pytest.raises(UnsafeNameError):
        safe_relative_path(name)


@given(st.text(max_size=60))
def test_whatever_passes_stays_below_its_folder(name: str) -> None:
    folder = Path("/models")
    try:
        path = safe_relative_path(name)
    except UnsafeNameError:
        return
    assert Path(folder, path).resolve().is_relative_to(folder)
    assert Path(folder, path) != folder
