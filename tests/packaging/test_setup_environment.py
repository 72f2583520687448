"""The set-up does what is missing and nothing else."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
import setup_environment
from llama_wheel import wheel_key
from progress import SetupError
from setup_environment import ROOT, Environment

VERSION = setup_environment.pinned_llama_version(
    (ROOT / "constraints.txt").read_text(encoding="utf-8")
)


@pytest.fixture
def environment(tmp_path: Path) -> Environment:
    """Make an environment whose Python notes its arguments in ``calls`` and succeeds."""
    if os.name == "nt":
        pytest.skip("the stand-in for Python is a shell script")
    folder = tmp_path / "environment"
    python = folder / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text(f'#!/bin/sh\necho "$@" >> "{folder}/calls"\n')
    python.chmod(0o755)
    return Environment(folder)


def remember_all(environment: Environment, extras: list[str]) -> None:
    environment.remember(
        llama=wheel_key(VERSION, "cpu"),
        gpu="cpu",
        packages=setup_environment.packages_key(ROOT),
        extras=extras,
        system_complete=True,
    )


def calls_of(environment: Environment) -> list[str]:
    return (environment.folder / "calls").read_text(encoding="utf-8").splitlines()


def test_a_second_run_only_looks(environment: Environment, tmp_path: Path) -> None:
    remember_all(environment, ["test"])
    setup_environment.set_up(None, {"test"}, environment.folder, tmp_path / "cache")
    assert calls_of(environment) == ["-c import pip"]


def test_another_extra_is_installed_on_top_with_the_pinned_versions(
    environment: Environment, tmp_path: Path
) -> None:
    remember_all(environment, ["test"])
    setup_environment.set_up(None, {"dev"}, environment.folder, tmp_path / "cache")
    (install,) = calls_of(environment)[1:]
    assert f"--constraint {ROOT / 'constraints.txt'}" in install
    assert install.endswith(f"--editable {ROOT}[dev,test]")
    assert Environment(environment.folder).record["extras"] == ["dev", "test"]


def test_the_variant_in_use_is_kept_until_another_is_named(
    environment: Environment, tmp_path: Path
) -> None:
    remember_all(environment, [])
    environment.remember(gpu="vulkan", llama=wheel_key(VERSION, "vulkan"))
    setup_environment.set_up(None, set(), environment.folder, tmp_path / "cache")
    assert calls_of(environment) == ["-c import pip"]
    kept = tmp_path / "cache" / "llama" / wheel_key(VERSION, "cpu") / "kept.whl"
    kept.parent.mkdir(parents=True)
    kept.touch()
    setup_environment.set_up("cpu", set(), environment.folder, tmp_path / "cache")
    assert any(str(kept) in call for call in calls_of(environment))
    assert Environment(environment.folder).record["gpu"] == "cpu"


def test_a_damaged_record_counts_as_none(environment: Environment) -> None:
    environment.remember(gpu="cuda")
    record = environment.folder / setup_environment.RECORD_NAME
    record.write_text('{"gpu": "cu', encoding="utf-8")
    assert Environment(environment.folder).record == {}


def test_an_environment_whose_python_is_gone_does_not_work(environment: Environment) -> None:
    assert environment.works()
    environment.python.unlink()
    assert not environment.works()


def test_the_folder_around_it_is_made_where_there_is_none(tmp_path: Path) -> None:
    made = Environment(tmp_path / "new" / "folder" / "environment")
    setup_environment.create(made, tmp_path / "log")
    assert made.works()


def test_a_full_disk_is_said_before_anything_is_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(setup_environment, "NEEDED_BYTES", 1 << 62)
    with pytest.raises(SetupError, match="GB free"):
        setup_environment.create(Environment(tmp_path / "environment"), tmp_path / "log")
    assert not (tmp_path / "environment").exists()


def test_only_what_decides_the_packages_renews_them(tmp_path: Path) -> None:
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    (tmp_path / "constraints.txt").write_text("numpy==2.4.6\n", encoding="utf-8")

    def key_of(project: str) -> str:
        (tmp_path / "pyproject.toml").write_text(project, encoding="utf-8")
        return setup_environment.packages_key(tmp_path)

    first = key_of(text)
    assert key_of(text.replace("line-length = 100", "line-length = 90")) == first
    assert key_of(text.replace('"msgspec>=0.19"', '"msgspec>=0.20"')) != first
    (tmp_path / "constraints.txt").write_text("numpy==2.4.7\n", encoding="utf-8")
    assert key_of(text) != first


def test_an_unpinned_llama_is_refused() -> None:
    with pytest.raises(SetupError, match="does not pin"):
        setup_environment.pinned_llama_version("numpy==2.4.6\n")
