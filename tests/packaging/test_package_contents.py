"""What goes into the package and what stays out."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from pathlib import Path

import package_contents
import pytest

ROOT = Path(__file__).resolve().parents[2]
WHEEL = "llama_cpp/lib/"


@pytest.mark.parametrize(
    "target",
    [
        "PySide6/Qt/lib/libQt6Widgets.so.6",
        "PySide6/Qt/plugins/platforms/libqxcb.so",
        "PySide6/Qt/plugins/platforms/libqwayland.so",
        "PySide6/Qt/plugins/imageformats/libqsvg.so",
        "libQt6Core.so.6",
        "libpython3.11.so.1.0",
        "libxcb-cursor.so.0",
        "libssl.so.3",
        "libgomp.so.1",
        "libscipy_openblas64_-32a4b2a6.so",
        "desktop_app/icons/lab.svg",
        "models/builtin/ponder-stories.gguf",
        "numpy/_core/_multiarray_umath.cpython-311-x86_64-linux-gnu.so",
        "pydantic_core/_pydantic_core.cpython-311-x86_64-linux-gnu.so",
        WHEEL + "libllama.so",
        WHEEL + "libggml.so.0",
        WHEEL + "libggml-base.so.0",
        WHEEL + "libggml-cpu.so.0",
        WHEEL + "libggml-cpu-haswell.so",
    ],
)
def test_what_is_needed_goes_in(target: str) -> None:
    assert package_contents.is_wanted(target, linux=True)


@pytest.mark.parametrize(
    "target",
    [
        "PySide6/Qt/translations/qtbase_de.qm",
        "PySide6/Qt/plugins/sqldrivers/libqsqlite.so",
        "PySide6/Qt/plugins/platforms/libqvnc.so",
        "PySide6/Qt/lib/libQt6Quick.so.6",
        "PySide6/Qt/lib/libQt6Pdf.so.6",
        "ponder_desktop-0.1.0.dist-info/direct_url.json",
        "numpy/_core/_multiarray_tests.cpython-311-x86_64-linux-gnu.so",
        "libstdc++.so.6",
        "libGL.so.1",
        "libfontconfig.so.1",
        "libcairo.so.2",
        "libxcb-render.so.0",
        WHEEL + "libllama.so.0.5.0",
        WHEEL + "libggml.so",
        WHEEL + "libggml-base.so.0.25.3",
        WHEEL + "libggml-cpu-cannonlake.so",
        WHEEL + "libggml-cpu-skylakex.so",
        "pyqtgraph/icons/peegee/peegee.svg",
    ],
)
def test_what_is_not_needed_or_the_systems_own_stays_out(target: str) -> None:
    assert not package_contents.is_wanted(target, linux=True)


def test_elsewhere_every_library_at_the_top_goes_in() -> None:
    assert package_contents.is_wanted("libcairo.2.dylib", linux=False)
    assert package_contents.is_wanted(WHEEL + "ggml-cpu-haswell.dll", linux=False)


def test_windows_paths_are_understood() -> None:
    assert not package_contents.is_wanted("PySide6\\plugins\\sqldrivers\\qsqlite.dll", linux=False)


def top_imports(files: Iterable[Path]) -> set[str]:
    """Return the packages that files import, wherever in them."""
    trees = [ast.parse(path.read_text(encoding="utf-8")) for path in files]
    nodes = [node for tree in trees for node in ast.walk(tree)]
    names = [alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names]
    names += [node.module for node in nodes if isinstance(node, ast.ImportFrom) and node.module]
    return {name.partition(".")[0] for name in names}


def test_what_engines_here_and_elsewhere_import_is_in_the_worker() -> None:
    files = [*(ROOT / "engine" / "backends").rglob("*.py"), ROOT / "engine" / "keys.py"]
    engine = top_imports(files)
    assert {"httpx2", "keyring", "llama_cpp"} <= engine
    left_out = {*package_contents.EXCLUDED_MODULES, *package_contents.ONLY_IN_WINDOW}
    assert engine & left_out == set()


def test_what_the_window_and_its_api_import_is_in_the_window() -> None:
    window = top_imports((ROOT / "desktop_app").rglob("*.py"))
    assert {"PySide6", "fastapi", "uvicorn"} <= window
    left_out = {*package_contents.EXCLUDED_MODULES, *package_contents.ONLY_IN_WORKER}
    assert window & left_out == set()


def test_no_package_is_both_collected_and_left_out() -> None:
    collected = {*package_contents.ROOMS, *package_contents.WHOLE_IN_WINDOW}
    assert not collected & {*package_contents.EXCLUDED_MODULES, *package_contents.ONLY_IN_WORKER}
    assert not {*package_contents.WHOLE_IN_WORKER} & {*package_contents.ONLY_IN_WINDOW}


def test_the_bundle_of_macos_opens_model_files() -> None:
    kinds = package_contents.mac_properties()["CFBundleDocumentTypes"]
    assert isinstance(kinds, list)
    assert kinds[0]["CFBundleTypeExtensions"] == ["gguf"]
