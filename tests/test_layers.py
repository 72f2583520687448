"""The rooms keep their walls, checked by import-linter, by the import graph and at run time."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import grimp
import pytest

ROOT = Path(__file__).parent.parent

# Where each foreign library may be imported: a module, or a package with all that is in it.
HOMES = {
    "llama_cpp": "engine.backends.llama",
    "pynvml": "engine.power.nvml",
    "sqlite_utils": "engine.journal.sqlite",
    "huggingface_hub": "models.hub",
    "torch": "models.training",
    "sentencepiece": "models.training",
    "math_verify": "engine.answers",
    "jinja2": "engine.backends.llama",
    "keyring": "engine.keys",
    "ziamath": "desktop_app.rich_text",
    "fastapi": "desktop_app.serve",
    "starlette": "desktop_app.serve",
    "uvicorn": "desktop_app.serve",
}


@pytest.fixture(scope="module")
def imports() -> grimp.ImportGraph:
    return grimp.build_graph(
        "desktop_app", "engine", "models", include_external_packages=True, cache_dir=None
    )


def test_no_room_imports_what_it_must_not_know() -> None:
    code = "from importlinter.cli import lint_imports_command; lint_imports_command()"
    done = subprocess.run(
        [sys.executable, "-c", code, "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(("library", "home"), HOMES.items())
def test_a_foreign_library_has_one_home(
    library: str, home: str, imports: grimp.ImportGraph
) -> None:
    if library not in imports.modules:
        return  # nothing imports it yet
    importers = imports.find_modules_that_directly_import(library)
    strangers = {name for name in importers if name != home and not name.startswith(f"{home}.")}
    assert strangers == set()


@pytest.mark.parametrize(
    "module",
    ["engine.worker", "engine.session", "desktop_app.cli.ask", "desktop_app.serve.server"],
)
def test_the_terminal_and_the_engine_run_without_qt(module: str) -> None:
    code = f"import sys, {module}; sys.exit(any(n.startswith('PySide6') for n in sys.modules))"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0


def test_the_terminal_does_not_wait_for_libraries_that_few_starts_need() -> None:
    slow = {"huggingface_hub", "httpx2", "keyring", "pandas"}
    code = f"import sys, desktop_app.cli.ask, desktop_app.cli.lab; print({slow} & {{*sys.modules}})"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout == "set()\n"
