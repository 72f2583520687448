"""Where llama.cpp's wheel comes from: kept, fetched from a named index, or built."""

from __future__ import annotations

import functools
import sys
import threading
import zipfile
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import llama_wheel
import pytest
from progress import SetupError

VERSION = "0.3.36"
WHEEL_NAME = f"llama_cpp_python-{VERSION}-py3-none-any.whl"


def write_wheel(path: Path) -> None:
    """Write the smallest wheel pip accepts."""
    info = f"llama_cpp_python-{VERSION}.dist-info"
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w") as archive:
        metadata = f"Metadata-Version: 2.1\nName: llama-cpp-python\nVersion: {VERSION}\n"
        archive.writestr(f"{info}/METADATA", metadata)
        tag = "Wheel-Version: 1.0\nGenerator: t\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        archive.writestr(f"{info}/WHEEL", tag)
        archive.writestr(f"{info}/RECORD", "")


class QuietFiles(SimpleHTTPRequestHandler):
    def log_message(self, *_arguments: object) -> None:
        """Say nothing."""


@pytest.fixture
def wheel_index(tmp_path: Path) -> Iterator[str]:
    """Serve an index that holds one wheel, on the loopback address."""
    folder = tmp_path / "index" / "llama-cpp-python"
    write_wheel(folder / WHEEL_NAME)
    (folder / "index.html").write_text(f'<a href="{WHEEL_NAME}">{WHEEL_NAME}</a>')
    serve = functools.partial(QuietFiles, directory=str(tmp_path / "index"))
    server = ThreadingHTTPServer(("127.0.0.1", 0), serve)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_kept_wheel_is_used_without_any_command(tmp_path: Path) -> None:
    kept = tmp_path / "llama" / llama_wheel.wheel_key(VERSION, "cpu") / WHEEL_NAME
    write_wheel(kept)
    found = llama_wheel.provide_wheel(tmp_path / "no-python", VERSION, "cpu", tmp_path)
    assert found == kept


def test_each_variant_version_and_wish_has_its_own_wheel(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CMAKE_ARGS", raising=False)
    keys = [llama_wheel.wheel_key(VERSION, variant) for variant in llama_wheel.VARIANTS]
    keys.append(llama_wheel.wheel_key("0.3.37", "cpu"))
    monkeypatch.setenv("CMAKE_ARGS", "-DGGML_NATIVE=OFF")
    keys.append(llama_wheel.wheel_key(VERSION, "cpu"))
    assert len(set(keys)) == len(keys)


def test_a_published_wheel_is_fetched_and_kept(
    wheel_index: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LLAMA_WHEELS", wheel_index)
    cache = tmp_path / "cache"
    wheel = llama_wheel.provide_wheel(Path(sys.executable), VERSION, "cpu", cache)
    assert wheel.name == WHEEL_NAME
    monkeypatch.delenv("LLAMA_WHEELS")
    assert llama_wheel.provide_wheel(tmp_path / "no-python", VERSION, "cpu", cache) == wheel


def test_an_index_that_does_not_answer_leads_to_a_build(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LLAMA_WHEELS", "http://127.0.0.1:1")
    with pytest.raises(SetupError, match="Building llama"):
        llama_wheel.provide_wheel(tmp_path / "no-python", VERSION, "cpu", tmp_path / "cache")
    assert "cannot be reached" in capsys.readouterr().out
    assert not list((tmp_path / "cache").glob("*/"))


@pytest.mark.skipif(sys.platform == "darwin", reason="Macs have Metal")
def test_metal_is_refused_off_the_mac() -> None:
    with pytest.raises(SetupError, match="macOS only"):
        llama_wheel.build_environment("metal")


@pytest.mark.parametrize(("variant", "tool"), [("cuda", "nvcc"), ("vulkan", "glslc")])
def test_a_missing_toolkit_is_said_before_the_build(
    variant: str, tool: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("CUDACXX", str(tmp_path / "nvcc"))
    with pytest.raises(SetupError, match=tool):
        llama_wheel.build_environment(variant)


def test_nvcc_named_by_the_person_is_put_on_the_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = "nvcc.exe" if sys.platform == "win32" else "nvcc"
    (tmp_path / "toolkit").mkdir()
    (tmp_path / "toolkit" / name).touch(mode=0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("CUDACXX", str(tmp_path / "toolkit" / name))
    assert str(tmp_path / "toolkit") in llama_wheel.build_environment("cuda")["PATH"]


def test_the_persons_parallelism_wins(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CMAKE_BUILD_PARALLEL_LEVEL", "1")
    assert llama_wheel.build_environment("cpu")["CMAKE_BUILD_PARALLEL_LEVEL"] == "1"
