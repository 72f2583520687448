"""What the documents promise is true: commands exist, links lead somewhere, versions are pinned."""

from __future__ import annotations

import argparse
import re
import shlex
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest

import engine.protocol
from desktop_app.cli.parser import build_parser
from engine.budget import NOTCHES

ROOT = Path(__file__).parent.parent
ROOMS = ("desktop_app", "engine", "models", "tests", "packaging", "docs", ".ci")
TEXT_SUFFIXES = {"", ".py", ".md", ".toml", ".txt", ".cmake", ".svg", ".ts", ".qss", ".jinja", ".c"}
DOCUMENTS = sorted(
    path.relative_to(ROOT).as_posix()
    for path in (*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"))
)

# In pieces, or this file would hold what it forbids.
PRIVATE_TEXTS = (
    "/wo" + "rk/",
    "/ro" + "ot/",
    "/ho" + "me/",
    "pypi" + ".org",
    "python" + "hosted",
    "TO" + "DO",
    "FIX" + "ME",
)


def code_blocks(document: str, *languages: str) -> Iterator[str]:
    text = (ROOT / document).read_text(encoding="utf-8")
    for language, body in re.findall(r"^```(\w*)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL):
        if language in languages:
            yield body


def shell_lines() -> list[str]:
    return [
        line.strip()
        for document in DOCUMENTS
        for body in code_blocks(document, "sh")
        for line in body.splitlines()
        if line.strip()
    ]


def make_targets() -> set[str]:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    return set(re.findall(r"^([a-z]+):.*##", makefile, re.MULTILINE))


def text_files() -> Iterator[Path]:
    for folder in (ROOT, *(ROOT / room for room in ROOMS)):
        found = folder.glob("*") if folder == ROOT else folder.rglob("*")
        for path in found:
            if path.is_file() and path.suffix in TEXT_SUFFIXES and "__pycache__" not in path.parts:
                yield path


def requirement_name(requirement: str) -> str:
    return re.split(r"[\[<>=;! ]", requirement, maxsplit=1)[0].lower().replace("_", "-")


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_make_command_in_a_document_exists(document: str) -> None:
    text = (ROOT / document).read_text(encoding="utf-8")
    in_line = re.findall(r"`make ([a-z]+)[ `]", text)
    in_block = re.findall(r"^make ([a-z]+)", "\n".join(code_blocks(document, "sh")), re.MULTILINE)
    assert {*in_line, *in_block} <= make_targets()


def test_the_readme_names_the_two_commands() -> None:
    assert {"make run", "make test"} <= set(shell_lines())


def test_every_ponder_example_is_understood_by_the_real_parser() -> None:
    examples = [
        shlex.split(line)[1:]
        for line in shell_lines()
        if line.startswith(("ponder ", ".venv/bin/ponder "))
    ]
    assert len(examples) >= 3
    for words in examples:
        assert build_parser().parse_args(words).command == words[0]


def test_every_option_of_the_readme_exists() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`(?:ponder ask )?(--[a-z-]+)`", readme))
    known = (ROOT / "desktop_app/cli/parser.py").read_text(encoding="utf-8")
    assert named
    assert not {option for option in named if f'"{option}"' not in known}


def test_every_message_of_the_protocol_is_in_the_architecture() -> None:
    text = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    section = text.partition("## Messages")[2].partition("\n## ")[0]
    messages = [*get_args(engine.protocol.Command), *get_args(engine.protocol.Event)]
    assert len(messages) > 20
    assert [one.__name__ for one in messages if f"`{one.__name__}`" not in section] == []


def test_every_word_is_defined_where_the_architecture_says() -> None:
    text = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    rows = re.findall(
        r"^\| ([a-z, ]+) \| `(\S+\.py)` \|$", text.partition("## Words")[2], re.MULTILINE
    )
    assert len(rows) >= 9
    for words, path in rows:
        source = (ROOT / path).read_text(encoding="utf-8").casefold()
        for word in words.split(", "):
            assert word in source, (word, path)


@pytest.mark.parametrize("document", ["README.md", "models/builtin/README.md"])
def test_python_in_a_command_is_that_of_the_environment(document: str) -> None:
    text = (ROOT / document).read_text(encoding="utf-8")
    assert re.findall(r"(?:^|`)python -m .*", text, re.MULTILINE) == []


def test_help_and_readme_name_the_stops_and_what_holds_when_nothing_is_said() -> None:
    help_text = " ".join(subparser("ask").format_help().split())
    readme = " ".join((ROOT / "README.md").read_text(encoding="utf-8").split())
    for notch in NOTCHES:
        assert f"{notch.name.lower()} {notch.attempts}" in help_text
        assert f"{notch.name} {notch.attempts}" in readme
    for option in ("--strategy", "--samples", "--seconds", "--temperature", "--seed", "--width"):
        told = help_text.partition("options:")[2].partition(f" {option} ")[2]
        assert "absent" in told[: told.find(" --")], option


def subparser(name: str) -> argparse.ArgumentParser:
    (commands,) = (
        action
        for action in build_parser()._actions
        if isinstance(action, argparse._SubParsersAction)
    )
    found: argparse.ArgumentParser = commands.choices[name]
    return found


def test_the_windows_commands_name_files_and_options_that_exist() -> None:
    lines = "\n".join(code_blocks("README.md", "powershell"))
    script = ROOT / "packaging" / "setup_environment.py"
    assert r"packaging\setup_environment.py" in lines
    options = script.read_text(encoding="utf-8")
    for option in re.findall(r"setup_environment\.py (--[a-z]+)", lines):
        assert f'"{option}"' in options


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_relative_link_leads_to_a_file(document: str) -> None:
    text = (ROOT / document).read_text(encoding="utf-8")
    links = re.findall(r"\]\(([^)#\s]+)\)", text)
    relative = [link for link in links if "://" not in link]
    assert [link for link in relative if not ((ROOT / document).parent / link).exists()] == []


def test_no_text_names_a_machine_a_registry_or_unfinished_work() -> None:
    found = [
        f"{path.relative_to(ROOT)}: {private}"
        for path in text_files()
        for private in PRIVATE_TEXTS
        if private in path.read_text(encoding="utf-8")
    ]
    assert found == []


def test_constraints_are_names_and_versions_only() -> None:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pins = [line for line in lines if line and not line.startswith("#")]
    assert [pin for pin in pins if not re.fullmatch(r"[a-z0-9.-]+==[0-9][a-z0-9.]*", pin)] == []
    names = [pin.split("==")[0] for pin in pins]
    assert names == sorted(set(names))


def test_every_dependency_is_pinned() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    wanted = {
        requirement_name(requirement)
        for requirement in (*project["dependencies"], *extras["test"], *extras["dev"])
    }
    pinned = {
        line.split("==")[0]
        for line in (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    }
    assert wanted - pinned == {"ponder-desktop"}


def test_the_changelog_groups_what_users_see() -> None:
    lines = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8").splitlines()
    assert lines[0] == "# Changelog"
    versions = [line for line in lines if line.startswith("## ")]
    assert versions[0] == "## Unreleased"
    assert all(re.fullmatch(r"## \d+\.\d+\.\d+ \(\d{4}-\d\d-\d\d\)", line) for line in versions[1:])
    groups = {line for line in lines if line.startswith("### ")}
    assert groups <= {"### Added", "### Changed", "### Fixed", "### Removed"}


def test_decisions_are_numbered_without_gaps() -> None:
    names = sorted(path.name for path in (ROOT / "docs" / "decisions").glob("*.md"))
    assert [name[:5] for name in names] == [f"{number:04d}-" for number in range(1, len(names) + 1)]
