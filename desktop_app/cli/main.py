"""Runs a subcommand to its exit code, whatever ends it."""

from __future__ import annotations

import argparse
import errno
import os
import sys
from collections.abc import Callable

from desktop_app.cli.complaint import complain
from desktop_app.cli.exits import EXIT_INTERRUPT, EXIT_PIPE, EXIT_USAGE
from desktop_app.cli.output import prepare_output
from desktop_app.cli.parser import build_parser
from desktop_app.cli.usage import UsageError

COMMANDS = (
    "ask",
    "conversations",
    "doctor",
    "engines",
    "lab",
    "models",
    "preferences",
    "presets",
    "serve",
)


def run_command(words: list[str]) -> int:
    """Run a subcommand and return its exit code."""
    return guarded(lambda: _run_parsed(_parsed(_readable(words))))


def _readable(words: list[str]) -> list[str]:
    """Return the words as they are.

    Raises:
        UsageError: One is no text in the encoding of this system.
    """
    for word in words:
        try:
            word.encode()
        except UnicodeEncodeError:
            shown = word.encode("utf-8", "replace").decode()
            raise UsageError(f"this argument is not UTF-8 text: {shown}") from None
    return words


def _parsed(words: list[str]) -> argparse.Namespace:
    """Parse the words, and say at which subcommand there are too many.

    Raises:
        UsageError: They make no sense.
    """
    arguments, left = build_parser().parse_known_args(words)
    if left:
        told = " ".join(filter(None, (arguments.command, getattr(arguments, "action", None))))
        unquoted = told == "ask" and not any(word.startswith("-") for word in left)
        what = "put the question in quotes" if unquoted else f"unrecognized: {' '.join(left)}"
        raise UsageError(f"{what} (see 'ponder {told} --help')")
    return arguments


def guarded(work: Callable[[], int]) -> int:
    """Do something in the terminal and return its exit code, whatever ends it."""
    prepare_output()
    try:
        try:
            status = work()
        finally:
            print(end="", flush=True)
    except UsageError as error:
        complain(str(error))
        return EXIT_USAGE
    except KeyboardInterrupt:
        complain("interrupted")
        return EXIT_INTERRUPT
    except BrokenPipeError:
        _drop_output()
        return EXIT_PIPE
    except OSError as error:
        if error.errno not in {errno.ENOSPC, errno.EDQUOT}:
            raise
        _drop_output()
        complain("the output was not written whole: the disk is full")
        return EXIT_USAGE
    return status


def _drop_output() -> None:
    """Nobody takes the output any more: what Python still holds of it must not fail again."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _run_parsed(arguments: argparse.Namespace) -> int:
    """Import and run what was asked for; each only what it needs."""
    match arguments.command:
        case "ask":
            from desktop_app.cli.ask import run_ask as run
        case "conversations":
            from desktop_app.cli.conversations import run_conversations as run
        case "engines":
            from desktop_app.cli.engines import run_engines as run
        case "lab":
            from desktop_app.cli.lab import run_lab as run
        case "models":
            from desktop_app.cli.models import run_models as run
        case "preferences":
            from desktop_app.cli.preferences import run_preferences as run
        case "presets":
            from desktop_app.cli.presets import run_presets as run
        case "serve":
            from desktop_app.cli.serve import run_serve as run
        case _:
            from desktop_app.cli.doctor import run_doctor

            return run_doctor(as_json=arguments.json, check_updates=arguments.check_updates)
    return run(arguments)
