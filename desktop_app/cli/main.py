"""The parser of every subcommand, and what their exit codes mean.

0 is an answer, 2 bad use or input, 3 a model that cannot be loaded, 4 an engine that failed,
130 an interrupt from the keyboard.
"""

from __future__ import annotations

import argparse
import sys
from importlib.metadata import PackageNotFoundError, version
from typing import NoReturn

from engine.budget import NOTCHES
from engine.options import Choice, SearchMethod, Weighting
from engine.preferences import LENGTH_WEIGHT, Judge
from engine.strategies import STRATEGIES

COMMANDS = ("ask", "doctor", "models", "preferences")
EXIT_USAGE, EXIT_MODEL, EXIT_ENGINE = 2, 3, 4


class UsageError(Exception):
    """Bad use or input; told in one line, exit code 2."""


class _Parser(argparse.ArgumentParser):
    """Tells errors in one line, as every other error of the command line."""

    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{message} (see '{self.prog} --help')")


def build_parser() -> argparse.ArgumentParser:
    """Return the whole parser, so that documents can be checked against it."""
    parser = _Parser(
        prog="ponder",
        description="A reasoning assistant with a thinking-time slider. "
        "Without a subcommand it opens the window.",
    )
    parser.add_argument("--version", action="version", version=f"ponder {_version()}")
    commands = parser.add_subparsers(dest="command", required=True, parser_class=_Parser)
    _add_ask(commands.add_parser("ask", help="answer one question in the terminal"))
    doctor = commands.add_parser("doctor", help="say what Ponder sees of this machine")
    doctor.add_argument("--json", action="store_true", help="print one JSON object")
    _add_models(commands.add_parser("models", help="find, get and check models"))
    _add_preferences(commands.add_parser("preferences", help="export preference pairs"))
    return parser


def _add_ask(ask: argparse.ArgumentParser) -> None:
    ask.add_argument("question", nargs="?", help="the question; standard input when absent or -")
    ask.add_argument(
        "--model",
        metavar="MODEL",
        help="a GGUF file or a name in the library; the built-in model when absent",
    )
    ask.add_argument("--strategy", choices=sorted(STRATEGIES), help="how the budget is spent")
    ask.add_argument(
        "--samples", type=int, metavar="N", help="candidates side by side; paths of a search"
    )
    ask.add_argument(
        "--rounds", type=int, metavar="N", help="attempts in succession: revise and aggregate"
    )
    ask.add_argument(
        "--notch",
        type=str.lower,
        choices=[notch.name.lower() for notch in NOTCHES],
        help="a named stop of the slider, instead of --samples and --rounds",
    )
    _add_strategy_options(ask)
    ask.add_argument("--seconds", type=float, metavar="S", help="wall-clock limit")
    ask.add_argument("--max-tokens", type=int, metavar="N", help="tokens for each candidate")
    ask.add_argument("--thought-tokens", type=int, metavar="N", help="tokens of hidden thought")
    ask.add_argument("--temperature", type=float, metavar="T", help="0 is greedy")
    ask.add_argument("--seed", type=int, metavar="N", help="seed of the first candidate")
    ask.add_argument("--system", metavar="TEXT", help="a system message")
    ask.add_argument(
        "--full-budget", action="store_true", help="go on when the vote is already settled"
    )
    ask.add_argument(
        "--gpu-layers", metavar="N", default="auto", help="layers to offload: auto, all or a number"
    )
    ask.add_argument("--json", action="store_true", help="print exactly one JSON object")


def _add_strategy_options(ask: argparse.ArgumentParser) -> None:
    ask.add_argument(
        "--weigh", choices=[way.value for way in Weighting], help="vote: what a vote weighs"
    )
    ask.add_argument(
        "--first-finished", type=int, metavar="M", help="vote: the first M that finish decide"
    )
    ask.add_argument(
        "--method",
        choices=[method.value for method in SearchMethod],
        help="search: how it chooses what to go on from",
    )
    ask.add_argument(
        "--choose",
        choices=[choice.value for choice in Choice],
        help="search: add up the scores of equal answers, or take the best",
    )
    ask.add_argument(
        "--width", type=int, metavar="N", help="search: continuations of each step it keeps"
    )
    ask.add_argument(
        "--shown", type=int, metavar="N", help="aggregate: attempts each new one is shown"
    )
    ask.add_argument(
        "--more-thought",
        type=int,
        metavar="N",
        help="make a hidden thought that ends go on, up to twice",
    )


def _add_models(models: argparse.ArgumentParser) -> None:
    does = models.add_subparsers(dest="action", required=True, parser_class=_Parser)

    def action(name: str, text: str) -> argparse.ArgumentParser:
        parser = does.add_parser(name, help=text)
        parser.add_argument("--json", action="store_true", help="print exactly one JSON object")
        return parser

    action("list", "models on this computer")
    inspect = action("inspect", "what a model's header says")
    inspect.add_argument("name", help="a name in the library, or a GGUF file")
    bring = action("import", "copy a model file into the models folder")
    bring.add_argument("file", help="a GGUF file")
    remove = action("remove", "move a model to the bin of the models folder")
    remove.add_argument("name", nargs="?", help="a name in the library")
    remove.add_argument("--undo", action="store_true", help="bring the last removed one back")
    remove.add_argument("--empty-bin", action="store_true", help="delete for good what was removed")
    verify = action("verify", "compare a model with the SHA-256 recorded when it came")
    verify.add_argument("name", help="a name in the library")


def _add_preferences(preferences: argparse.ArgumentParser) -> None:
    preferences.add_argument(
        "--output", metavar="FILE", required=True, help="the file to write, JSON Lines"
    )
    preferences.add_argument(
        "--judge",
        choices=[judge.value for judge in Judge],
        default=Judge.ALL.value,
        help="whose word counts; all is the person's where there is one, else the vote's",
    )
    preferences.add_argument(
        "--length-weight",
        type=float,
        metavar="RHO",
        default=LENGTH_WEIGHT,
        help=f"how much length counts against a candidate, 0 to 0.5; {LENGTH_WEIGHT} when absent",
    )
    preferences.add_argument("--force", action="store_true", help="replace a file that is there")


def run_command(words: list[str]) -> int:
    """Run a subcommand and return its exit code."""
    try:
        arguments = build_parser().parse_args(words)
        if arguments.command == "ask":
            from desktop_app.cli.ask import run_ask

            return run_ask(arguments)
        if arguments.command == "models":
            from desktop_app.cli.models import run_models

            return run_models(arguments)
        if arguments.command == "preferences":
            from desktop_app.cli.preferences import run_preferences

            return run_preferences(arguments)
        from desktop_app.cli.doctor import run_doctor

        return run_doctor(as_json=arguments.json)
    except UsageError as error:
        print(f"ponder: {error}", file=sys.stderr)
        return EXIT_USAGE
    except KeyboardInterrupt:
        print("ponder: interrupted", file=sys.stderr)
        return 130


def _version() -> str:
    try:
        return version("ponder-desktop")
    except PackageNotFoundError:
        return "unpackaged"
