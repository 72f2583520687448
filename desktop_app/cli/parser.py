"""The words of the command line: every subcommand with its options and what they mean."""

from __future__ import annotations

import argparse
from typing import NoReturn

from desktop_app.cli.numbers import at_least_one, number, seed, whole
from desktop_app.cli.usage import UsageError
from desktop_app.versions import installed_version
from engine.budget import NOTCHES
from engine.generation import Sampling
from engine.lab.rule import Rule
from engine.options import Choice, SearchMethod, StrategyOptions, Weighting
from engine.own_thinking import OwnThinking
from engine.preferences import LENGTH_WEIGHT, Judge
from engine.strategies import ATTEMPTS, ROUNDS, STRATEGIES


class _Parser(argparse.ArgumentParser):
    """Tells errors in one line, as every other error of the command line."""

    def error(self, message: str) -> NoReturn:
        said = message.removeprefix("argument ")
        raise UsageError(f"{said} (see '{self.prog} --help')")


class _TellVersion(argparse.Action):
    """Looks the version up when it is asked for: that takes as long as making the whole parser."""

    def __call__(self, parser: argparse.ArgumentParser, *_values: object) -> None:
        """Print the version and end the program."""
        print(f"ponder {installed_version() or 'unpackaged'}")
        parser.exit()


def build_parser() -> argparse.ArgumentParser:
    """Return the whole parser, so that documents can be checked against it."""
    parser = _Parser(
        prog="ponder",
        description="A reasoning assistant with a thinking-time slider. "
        "Without a subcommand it opens the window; 'ponder FILE' opens the window with that model.",
    )
    parser.add_argument(
        "--version", action=_TellVersion, nargs=0, help="show program's version number and exit"
    )
    commands = parser.add_subparsers(dest="command", required=True, parser_class=_Parser)
    _add_ask(commands.add_parser("ask", help="answer one question in the terminal"))
    _add_conversations(commands.add_parser("conversations", help="list, export and import them"))
    doctor = commands.add_parser("doctor", help="say what Ponder sees of this machine")
    doctor.add_argument("--json", action="store_true", help="print one JSON object")
    doctor.add_argument(
        "--check-updates", action="store_true", help="ask once whether there is a newer version"
    )
    _add_engines(commands.add_parser("engines", help="use servers that speak OpenAI's API"))
    _add_lab(commands.add_parser("lab", help="compare thinking budgets on a question set"))
    _add_models(commands.add_parser("models", help="find, get and check models"))
    _add_preferences(commands.add_parser("preferences", help="export preference pairs"))
    presets = commands.add_parser("presets", help="list the presets that were kept in the window")
    presets.add_argument("--json", action="store_true", help="print exactly one JSON object")
    _add_serve(commands.add_parser("serve", help="answer other programs: an OpenAI-compatible API"))
    return parser


def _add_ask(ask: argparse.ArgumentParser) -> None:
    ask.add_argument("question", nargs="?", help="the question; standard input when absent or -")
    ask.add_argument(
        "--model",
        metavar="MODEL",
        help="a GGUF file, an engine's name or file, or a name in the library; the built-in model "
        "when absent",
    )
    ask.add_argument(
        "--preset",
        metavar="NAME",
        help="a preset kept in the window: strategy, budget, sampling and instructions",
    )
    ask.add_argument(
        "--strategy",
        choices=sorted(STRATEGIES),
        help="how the budget is spent; vote when absent, revise with --rounds",
    )
    ask.add_argument(
        "--samples",
        type=whole,
        metavar="N",
        help=f"candidates side by side; paths of a search; {ATTEMPTS} attempts in all when absent",
    )
    depths = ", ".join(f"{count} for {name}" for name, count in ROUNDS.items())
    ask.add_argument(
        "--rounds",
        type=whole,
        metavar="N",
        help=f"attempts in succession: revise and aggregate; when absent {depths}",
    )
    stops = ", ".join(f"{notch.name.lower()} {notch.attempts}" for notch in NOTCHES)
    ask.add_argument(
        "--notch",
        type=str.lower,
        choices=[notch.name.lower() for notch in NOTCHES],
        help=f"a named stop of the slider, instead of --samples and --rounds: {stops}",
    )
    _add_strategy_options(ask)
    ask.add_argument(
        "--seconds", type=number, metavar="S", help="wall-clock limit; none when absent"
    )
    ask.add_argument(
        "--max-tokens",
        type=whole,
        metavar="N",
        help="tokens for each candidate; what the context holds when absent",
    )
    ask.add_argument(
        "--thought-tokens",
        type=whole,
        metavar="N",
        help="tokens of hidden thought; no limit of its own when absent",
    )
    ask.add_argument(
        "--temperature",
        type=number,
        metavar="T",
        help=f"0 is greedy; {Sampling().temperature} when absent, greedy for a single attempt",
    )
    ask.add_argument(
        "--seed", type=seed, metavar="N", help="seed of the first candidate; drawn when absent"
    )
    ask.add_argument("--system", metavar="TEXT", help="a system message; none when absent")
    ask.add_argument(
        "--schema",
        metavar="FILE",
        help="a JSON schema: every reply is JSON that keeps to it, and only the one that won is "
        "printed",
    )
    ask.add_argument(
        "--attach",
        action="append",
        default=[],
        metavar="FILE",
        help="ask about a text, PDF or Word file; may be given again",
    )
    ask.add_argument(
        "--full-budget", action="store_true", help="go on when the vote is already settled"
    )
    ask.add_argument(
        "--gpu-layers",
        metavar="N",
        default="auto",
        help="layers to offload: a number, all, or auto, as when absent",
    )
    ask.add_argument(
        "--private",
        action="store_true",
        help="keep nothing of it; else the window lists question and answer as a conversation",
    )
    ask.add_argument("--json", action="store_true", help="print exactly one JSON object")


def _add_strategy_options(ask: argparse.ArgumentParser) -> None:
    usual = StrategyOptions()
    ask.add_argument(
        "--weigh",
        choices=[way.value for way in Weighting],
        help=f"vote: what a vote weighs; {usual.weighting.value} when absent",
    )
    ask.add_argument(
        "--first-finished",
        type=whole,
        metavar="M",
        help="vote: the first M that finish decide; all when absent",
    )
    ask.add_argument(
        "--method",
        choices=[method.value for method in SearchMethod],
        help=f"search: how it chooses what to go on from; {usual.method.value} when absent",
    )
    ask.add_argument(
        "--choose",
        choices=[choice.value for choice in Choice],
        help="search: add up the scores of equal answers, or take the best; "
        f"{usual.choice.value} when absent",
    )
    ask.add_argument(
        "--width",
        type=whole,
        metavar="N",
        help=f"search: continuations of each step it keeps; {usual.width} when absent",
    )
    ask.add_argument(
        "--shown",
        type=whole,
        metavar="N",
        help=f"aggregate: attempts each new one is shown; {usual.shown} when absent",
    )
    ask.add_argument(
        "--more-thought",
        type=whole,
        metavar="N",
        help="make a hidden thought that ends go on, up to twice; never when absent",
    )
    ask.add_argument(
        "--thinking",
        choices=[wish.value for wish in OwnThinking],
        help="the model's own thinking, where its template can be told; its default when absent",
    )


def _add_engines(engines: argparse.ArgumentParser) -> None:
    does = engines.add_subparsers(dest="action", required=True, parser_class=_Parser)

    def action(name: str, text: str) -> argparse.ArgumentParser:
        parser = does.add_parser(name, help=text)
        parser.add_argument("--json", action="store_true", help="print exactly one JSON object")
        return parser

    add = action("add", "save an engine of one server or several")
    add.add_argument("name", help="what to call it")
    add.add_argument(
        "address", nargs="+", help="where a server's API begins, such as http://127.0.0.1:8080/v1"
    )
    add.add_argument("--model", default="", metavar="M", help="what they call it; the first one")
    add.add_argument("--slots", type=whole, metavar="N", help="requests each gets at once")
    action("list", "engines that are saved")
    test = action("test", "connect to an engine's servers and say what they can do")
    test.add_argument("name", help="an engine's name, or an .engine.json file")
    key = action("key", "keep the key of an address, read from standard input, in the keyring")
    key.add_argument("address", help="where the server's API begins")
    key.add_argument("--forget", action="store_true", help="delete the key that is kept")
    remove = action("remove", "delete an engine, and the keys that no other engine uses")
    remove.add_argument("name", help="an engine's name")


def _add_models(models: argparse.ArgumentParser) -> None:
    does = models.add_subparsers(dest="action", required=True, parser_class=_Parser)

    def action(name: str, text: str) -> argparse.ArgumentParser:
        parser = does.add_parser(name, help=text)
        parser.add_argument("--json", action="store_true", help="print exactly one JSON object")
        return parser

    action("list", "models on this computer")
    search = action("search", "search the hub for GGUF models")
    search.add_argument("text", nargs="?", default="", help="words of a name; all when absent")
    search.add_argument("--author", metavar="NAME", help="only of this owner")
    search.add_argument("--tag", metavar="TAG", help="only with this tag")
    search.add_argument(
        "--sort", choices=("downloads", "likes", "date"), default="downloads", help="what is first"
    )
    search.add_argument(
        "--limit", type=whole, default=20, metavar="N", help="at most N, 20 when absent"
    )
    get = action("get", "download a model")
    get.add_argument("name", help="owner/name, owner/name:QUANTIZATION, or an address on the hub")
    get.add_argument("--quantization", metavar="Q", help="which one, such as Q4_K_M")
    get.add_argument("--list", action="store_true", help="only say what it has and what fits")
    token = action("token", "keep an access token for the hub in the system's keyring")
    token.add_argument("--forget", action="store_true", help="delete the token that is kept")
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


def _add_lab_run(run: argparse.ArgumentParser) -> None:
    run.add_argument(
        "set",
        nargs="?",
        help="stories, numbers, ordering, clock, mixed, a JSONL, CSV or Parquet file, or a dataset "
        "on the hub, hub:OWNER/NAME or hub:OWNER/NAME:FILE",
    )
    run.add_argument(
        "--columns",
        metavar="WHAT=NAME,…",
        help="which columns of a file say question, answer, choices and group; guessed when absent",
    )
    run.add_argument("--resume", metavar="SWEEP", help="go on with one that was stopped")
    run.add_argument(
        "--again",
        metavar="SWEEP",
        help="ask anew what a stored or imported one asked, with the same seeds and sampling",
    )
    run.add_argument(
        "--trial",
        action="store_true",
        help="ask a few questions, keep them, and tell what the rest will take",
    )
    run.add_argument(
        "--model",
        action="append",
        metavar="MODEL",
        help="a file, an engine or a name; may be given again",
    )
    run.add_argument(
        "--strategy",
        action="append",
        choices=sorted(STRATEGIES),
        help="may be given again; vote when absent",
    )
    run.add_argument(
        "--budgets", default="1,2,4,8,16", metavar="N,N", help="attempts; 1,2,4,8,16 when absent"
    )
    run.add_argument(
        "--weigh",
        choices=[way.value for way in Weighting],
        help="what a vote weighs; what needs the model's own scores asks for them",
    )
    run.add_argument("--questions", type=at_least_one, metavar="N", help="at most N")
    run.add_argument(
        "--repeats", type=at_least_one, default=1, metavar="N", help="times to ask each question"
    )
    run.add_argument("--seed", type=seed, default=7, metavar="N", help="of questions and samples")
    run.add_argument("--temperature", type=number, metavar="T", help="above 0, or all are the same")
    run.add_argument("--max-tokens", type=at_least_one, metavar="N", help="of each attempt")
    run.add_argument("--thought-tokens", type=at_least_one, metavar="N", help="of hidden thought")
    run.add_argument("--system", metavar="TEXT", default="", help="a system message")
    run.add_argument("--most-joules", type=number, metavar="J", help="stop when J joules are used")
    run.add_argument(
        "--most-celsius", type=number, metavar="C", help="stop when a device is hotter"
    )
    run.add_argument("--name", metavar="TEXT", help="what to call it")
    run.add_argument("--json", action="store_true", help="print exactly one JSON object")


def _add_lab(lab: argparse.ArgumentParser) -> None:
    does = lab.add_subparsers(dest="action", required=True, parser_class=_Parser)
    _add_lab_run(does.add_parser("run", help="ask a question set under several budgets"))
    listing = does.add_parser("list", help="sweeps, latest first")
    listing.add_argument("--json", action="store_true", help="print exactly one JSON object")

    def of_a_sweep(name: str, text: str) -> argparse.ArgumentParser:
        parser = does.add_parser(name, help=text)
        parser.add_argument("sweep", help="its id, or how that begins")
        return parser

    show = of_a_sweep("show", "its curves and what they say")
    show.add_argument("--json", action="store_true", help="print exactly one JSON object")
    replay = of_a_sweep("replay", "its stored votes under other rules, without another token")
    replay.add_argument(
        "--rule",
        action="append",
        choices=[rule.value for rule in Rule],
        help="how samples are put together; may be given again; vote when absent",
    )
    replay.add_argument(
        "--weigh",
        choices=[way.value for way in Weighting],
        help="what a weighted vote weighs; the model's own scores, or how likely the tokens were, "
        "when absent",
    )
    replay.add_argument("--budgets", metavar="N,N", help="samples; those of the sweep when absent")
    replay.add_argument("--json", action="store_true", help="print exactly one JSON object")
    learn = of_a_sweep("learn", "the table that auto could follow, and what it saves")
    learn.add_argument("--model", metavar="NAME", help="which one, where the sweep has several")
    learn.add_argument("--use", action="store_true", help="let auto follow it from now on")
    comparing = of_a_sweep("compare", "beside another one")
    comparing.add_argument("other", metavar="OTHER", help="the other one's id")
    inspect = of_a_sweep("inspect", "one question: its candidates, votes and judgements")
    correct = of_a_sweep("correct", "say that an answer was judged wrongly; kept apart, marked")
    for parser in (inspect, correct):
        parser.add_argument("question", type=whole, help="its number, from 1")
    correct.add_argument("answer", help="the answer as it was given")
    correct.add_argument(
        "said",
        choices=("right", "wrong", "as-judged"),
        metavar="JUDGEMENT",
        help="what it counts as: right, wrong, or as it was judged, as-judged",
    )
    bring = does.add_parser("import", help="take in a sweep that another person exported as JSON")
    bring.add_argument("file", help="the file")
    export = of_a_sweep("export", "write its numbers")
    export.add_argument(
        "--form",
        choices=("json", "csv", "samples"),
        default="json",
        help="everything, the curves as a table, or every sample as a table",
    )
    report = of_a_sweep("report", "write one HTML page")
    for parser in (export, report):
        parser.add_argument("--output", metavar="FILE", required=True, help="the file to write")
        parser.add_argument("--force", action="store_true", help="replace a file that is there")
    delete = of_a_sweep("delete", "forget it, for good")
    delete.add_argument("--yes", action="store_true", help="do not ask")


def _add_conversations(conversations: argparse.ArgumentParser) -> None:
    actions = conversations.add_subparsers(dest="action", required=True, parser_class=_Parser)
    listed = actions.add_parser("list", help="the latest first")
    listed.add_argument("search", nargs="?", default="", help="words that occur in them")
    listed.add_argument(
        "--most", type=at_least_one, metavar="N", default=20, help="how many at most"
    )
    listed.add_argument("--folder", metavar="NAME", help="only those in this folder")
    listed.add_argument("--json", action="store_true", help="print exactly one JSON object")
    export = actions.add_parser("export", help="write all of them, one JSON object a line")
    export.add_argument("--output", required=True, metavar="FILE", help="where it is written")
    export.add_argument("--force", action="store_true", help="replace a file that is there")
    taken = actions.add_parser("import", help="add those of a file, also of other programs")
    taken.add_argument("file", metavar="FILE", help="JSON or JSON Lines")


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
        type=number,
        metavar="RHO",
        default=LENGTH_WEIGHT,
        help=f"how much length counts against a candidate, 0 to 0.5; {LENGTH_WEIGHT} when absent",
    )
    preferences.add_argument("--force", action="store_true", help="replace a file that is there")


def _add_serve(serve: argparse.ArgumentParser) -> None:
    serve.add_argument(
        "--model",
        metavar="MODEL",
        help="a GGUF file or a name in the library; the built-in model when absent",
    )
    serve.add_argument(
        "--host",
        default="127.0.0.1",
        metavar="HOST",
        help="address to listen on; other computers reach it only where a token is set",
    )
    serve.add_argument(
        "--port",
        type=whole,
        default=8321,
        metavar="PORT",
        help="8321 when absent; 0 takes a free one",
    )
    serve.add_argument(
        "--at-once", type=whole, default=8, metavar="N", help="questions thought about side by side"
    )
    serve.add_argument(
        "--queue", type=whole, default=64, metavar="N", help="questions that may wait beside them"
    )
    serve.add_argument(
        "--gpu-layers",
        metavar="N",
        help="layers to offload: auto, all or a number; as the settings say when absent",
    )
    token = serve.add_mutually_exclusive_group()
    token.add_argument(
        "--set-token",
        action="store_true",
        help="read a token that clients must know and keep it in the system's keyring",
    )
    token.add_argument("--forget-token", action="store_true", help="delete the token that is kept")
    token.add_argument(
        "--forget-answers",
        action="store_true",
        help="delete the answers of the API that the journal keeps, for good",
    )
    serve.add_argument("--yes", action="store_true", help="do not ask, with --forget-answers")
