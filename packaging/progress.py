"""Runs one slow command of the set-up: everything to a log, a short line of progress to the person.

It exists so that a build of several minutes neither floods the terminal nor looks dead, and so that
a failure says what happened and what to do. It must not know what is being set up.
"""

from __future__ import annotations

import re
import subprocess
import sys
import time
from collections import deque
from collections.abc import Mapping, Sequence
from pathlib import Path

KEPT_LINES = 400
TAIL_LINES = 15
CAUSE = re.compile(r"^\s*CMake Error|\b(fatal )?error: (?!subprocess-exited)|^\s*ERROR: ", re.ASCII)
CAUSE_LINES = 3
MAX_SHOWN_CHARACTERS = 240
NINJA_STEP = re.compile(r"^\s*\[(\d+)/(\d+)\]")

# What a failed command printed, and what a person can do about it. The first match wins.
EXPLANATIONS: tuple[tuple[str, str], ...] = (
    (
        r"No space left on device|\[Errno 28\]",
        "The disk is full. Free about 3 GB (also in the temporary folder) and run this again.",
    ),
    (
        r"Temporary failure in name resolution|Name or service not known|nodename nor servname"
        r"|Failed to establish a new connection|Network is unreachable|getaddrinfo failed"
        r"|Connection refused|Read timed out|ConnectTimeoutError|ProxyError",
        "The package index could not be reached. Check the network (or the proxy and index in "
        "pip's configuration) and run this again; what was fetched is kept.",
    ),
    (
        r"CERTIFICATE_VERIFY_FAILED",
        "The package index's certificate was not accepted. If a proxy replaces it, tell pip about "
        "the proxy's certificate (PIP_CERT) and run this again.",
    ),
    (
        r"No CMAKE_CXX_COMPILER could be found|CMAKE_CXX_COMPILER not set"
        r"|No CMAKE_C_COMPILER could be found",
        "No C++ compiler was found. Install one (Debian: apt-get install g++, macOS: "
        "xcode-select --install, Windows: Visual Studio Build Tools) and run this again.",
    ),
    (
        r"Could not find nvcc|CUDA Toolkit not found|No CMAKE_CUDA_COMPILER could be found"
        r"|Failed to find nvcc",
        "The CUDA toolkit was not found. Install it, or set CUDACXX to the path of nvcc.",
    ),
    (
        r"native\", but no GPU was detected",
        "No NVIDIA card was seen: check the driver with nvidia-smi. To build for a card that is "
        "not here now, name its kind: CMAKE_ARGS=-DCMAKE_CUDA_ARCHITECTURES=89 (for example).",
    ),
    (
        r"CUDA::cublas|cublas_v2\.h: No such file",
        "The CUDA toolkit lacks cuBLAS. Install its development package of the same version.",
    ),
    (
        r"Could NOT find Vulkan",
        "The Vulkan development files were not found. Debian: apt-get install libvulkan-dev "
        "glslc spirv-headers.",
    ),
    (
        r"out of memory|fatal error: Killed signal|signal terminated program cc1plus",
        "The compiler ran out of memory. Close other programs, or set "
        "CMAKE_BUILD_PARALLEL_LEVEL=1, and run this again.",
    ),
    (
        r"\(from versions: none\)",
        "The package index could not be reached, or does not hold this package. Check the network "
        "(or the index in pip's configuration) and run this again.",
    ),
    (
        r"No matching distribution found|Could not find a version that satisfies",
        "A pinned package is not offered for this platform and Python version, or the package "
        "index is incomplete. The log names it.",
    ),
)


class SetupError(Exception):
    """The set-up cannot go on.

    Attributes:
        what: What happened, in one or two sentences.
        next_step: What the person can do.
    """

    def __init__(self, what: str, next_step: str) -> None:
        super().__init__(f"{what} {next_step}")
        self.what = what
        self.next_step = next_step


def say(text: str) -> None:
    """Print one line for the person at once, also into a pipe."""
    print(text, flush=True)


def explain(output: str) -> str:
    """Return what to do about a command that failed with this output."""
    for pattern, advice in EXPLANATIONS:
        if re.search(pattern, output):
            return advice
    return "The lines above name the cause."


def causes(output: Sequence[str]) -> list[str]:
    """Return the lines of a failed command's output that name the cause, or just the last ones."""
    named = [number for number, line in enumerate(output) if CAUSE.search(line)]
    shown = sorted({n for first in named for n in range(first, first + CAUSE_LINES)})
    lines = [output[number] for number in shown if number < len(output)]
    lines = list(dict.fromkeys(line for line in lines if line.strip()))
    return lines[:TAIL_LINES] or list(output)[-TAIL_LINES:]


class _StepCounter:
    """Shows a build's ``[done/total]`` steps: one moving line on a terminal, quarters elsewhere."""

    def __init__(self) -> None:
        self._moving = sys.stdout.isatty()
        self._shown_quarter = 0

    def see(self, line: str) -> None:
        match = NINJA_STEP.match(line)
        if match is None:
            return
        done, total = int(match[1]), int(match[2])
        if self._moving:
            print(f"\r  {done} of {total} steps", end="", flush=True)
        elif total and (quarter := 4 * done // total) > self._shown_quarter:
            self._shown_quarter = quarter
            say(f"  {done} of {total} steps")

    def close(self) -> None:
        if self._moving:
            print("\r\x1b[K", end="", flush=True)


def run_logged(
    command: Sequence[str], what: str, log: Path, environment: Mapping[str, str] | None = None
) -> None:
    """Run a command, its output going to the log.

    Args:
        command: Program and arguments; it gets no standard input.
        what: The action, as in "Building llama.cpp", shown before it and in the error.
        log: File the output is appended to.
        environment: The child's whole environment; ours when None.

    Raises:
        SetupError: The command could not be started or failed; its last lines were printed.
    """
    say(f"{what} ...")
    started = time.monotonic()
    tail: deque[str] = deque(maxlen=KEPT_LINES)
    steps = _StepCounter()
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("a", encoding="utf-8", errors="replace") as record:
        record.write(f"\n$ {' '.join(command)}\n")
        try:
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                encoding="utf-8",
                errors="replace",
                env=None if environment is None else dict(environment),
            )
        except OSError as error:
            raise SetupError(f"{what}: {command[0]} could not be started ({error}).", "") from error
        with process:
            assert process.stdout is not None
            for line in process.stdout:
                record.write(line)
                tail.append(line.rstrip())
                steps.see(line)
    steps.close()
    if process.returncode != 0:
        for line in causes(list(tail)):
            say(f"  | {line[:MAX_SHOWN_CHARACTERS]}")
        raise SetupError(
            f"{what} failed (exit status {process.returncode}; whole log: {log}).",
            explain("\n".join(tail)),
        )
    say(f"  done in {time.monotonic() - started:.0f} s")
