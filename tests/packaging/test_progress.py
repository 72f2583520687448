"""A slow command: its output is kept, its failure explained."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from progress import SetupError, causes, explain, run_logged


def python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


def test_output_goes_to_the_log_and_only_progress_to_the_person(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = "print('compiling'); [print(f'[{n}/8] file') for n in range(1, 9)]"
    run_logged(python(code), "Building it", tmp_path / "deep" / "log")
    shown = capsys.readouterr().out
    assert "compiling" in (tmp_path / "deep" / "log").read_text(encoding="utf-8")
    assert "compiling" not in shown
    assert shown.startswith("Building it ...\n  2 of 8 steps\n  4 of 8 steps\n")


def test_the_log_keeps_earlier_commands(tmp_path: Path) -> None:
    for word in ("first", "second"):
        run_logged(python(f"print('{word} done')"), word, tmp_path / "log")
    text = (tmp_path / "log").read_text(encoding="utf-8")
    assert "first done" in text
    assert "second done" in text


def test_a_failure_shows_the_last_lines_and_what_to_do(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = (
        "print('early'); print('x\\n' * 50); print('No space left on device'); raise SystemExit(3)"
    )
    with pytest.raises(SetupError) as caught:
        run_logged(python(code), "Building it", tmp_path / "log")
    assert "exit status 3" in caught.value.what
    assert str(tmp_path / "log") in caught.value.what
    assert "disk is full" in caught.value.next_step
    shown = capsys.readouterr().out
    assert "No space left on device" in shown
    assert "early" not in shown


def test_a_command_gets_no_standard_input(tmp_path: Path) -> None:
    run_logged(python("import sys; assert sys.stdin.read() == ''"), "Asking", tmp_path / "log")


def test_a_program_that_is_not_there_is_an_expected_failure(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match="could not be started"):
        run_logged([str(tmp_path / "absent")], "Starting it", tmp_path / "log")


@pytest.mark.parametrize(
    ("output", "advice"),
    [
        ("OSError: [Errno 28] No space left on device", "disk is full"),
        ("NewConnectionError: [Errno -3] Temporary failure in name resolution", "network"),
        ("CMake Error: No CMAKE_CXX_COMPILER could be found.", "C\\+\\+ compiler"),
        ("SSLError: CERTIFICATE_VERIFY_FAILED", "PIP_CERT"),
        ("c++: fatal error: Killed signal terminated program cc1plus", "memory"),
        ("ERROR: No matching distribution found for numpy==9", "not offered"),
        ("ERROR: Could not find a version that satisfies x (from versions: none)", "reached"),
        ('CUDA_ARCHITECTURES is set to "native", but no GPU was detected.', "nvidia-smi"),
        ("something else", "lines above"),
    ],
)
def test_known_failures_say_what_to_do(output: str, advice: str) -> None:
    with pytest.raises(SetupError, match=advice):
        raise SetupError("It failed.", explain(output))


def test_the_cause_is_shown_rather_than_what_followed_it() -> None:
    noise = [f"note: line {number}" for number in range(50)]
    output = ["-- fine", "CMake Error in x/CMakeLists.txt:", "  no GPU was detected", "", *noise]
    assert causes(output)[:2] == ["CMake Error in x/CMakeLists.txt:", "  no GPU was detected"]
    assert "-- fine" not in causes(output)


def test_without_a_named_cause_the_last_lines_are_shown() -> None:
    assert causes([f"line {number}" for number in range(50)])[-1] == "line 49"
