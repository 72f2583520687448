"""`ponder ask`: one question, its candidates and votes live, the verdict last."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Literal

import msgspec

from desktop_app.cli.complaint import complain, complain_of, fail
from desktop_app.cli.exits import EXIT_ENGINE, EXIT_INTERRUPT, EXIT_MODEL, EXIT_USAGE
from desktop_app.cli.recording import KeptQuestion, keep_question
from desktop_app.cli.report import LiveLines, json_report, response_of, verdict_lines
from desktop_app.cli.schema_file import read_schema_file
from desktop_app.cli.spending import spending, spent
from desktop_app.cli.thinking import ThinkingError, load_model, think
from desktop_app.cli.usage import UsageError
from desktop_app.error_text import error_line
from desktop_app.folders import folders
from desktop_app.gathered import Gathered
from desktop_app.model_library import check_model, learned_options, named_model, saved_settings
from desktop_app.presets import Preset, PresetError, PresetShelf
from desktop_app.words.electricity import use_electricity_price
from desktop_app.words.endpoint_text import servers_text
from desktop_app.words.plain_text import plain, plain_json
from engine.answers.json_value import parse_json, write_json
from engine.conversation_length import LONGEST_CONVERSATION, excess_of
from engine.documents.attached import AttachedFile, with_files
from engine.documents.reading import DocumentError, read_document
from engine.errors import PromptTooLongError, SchemaError
from engine.generation import LoadOptions, Message, ModelReport
from engine.journal.errors import JournalError
from engine.journal.journal import Journal
from engine.journal.records import new_id
from engine.own_thinking import OwnThinking
from engine.power.select import open_meter
from engine.session import AskRequest, JournalTrouble, Session
from engine.verdict import Outcome, StoppedWhy
from models.errors import ModelsError


def run_ask(arguments: argparse.Namespace) -> int:
    """Run the subcommand.

    Raises:
        UsageError: Options or question make no sense.
    """
    question = with_files(_question(arguments.question), _attached(arguments.attach))
    _check_text(question, "the question")
    preset = _preset(arguments.preset)
    spends = spending(arguments, preset)
    reply = None if arguments.schema is None else read_schema_file(Path(arguments.schema))
    told = arguments.system or (preset.chat.instructions if preset is not None else "")
    _check_text(told, "--system")
    messages: tuple[Message, ...] = (Message("user", question),)
    if told:
        messages = (Message("system", told), *messages)
    excess = excess_of(messages)
    if excess is not None:
        return fail(EXIT_USAGE, PromptTooLongError.code, excess)
    use_electricity_price(saved_settings().electricity)
    request = AskRequest(
        deliberation_id=new_id(),
        messages=messages,
        strategy=spends.strategy,
        budget=spends.budget,
        sampling=spends.sampling,
        stop_early=spends.stop_early,
        greedy_single=arguments.temperature is None,
        options=spends.options,
        json_reply=reply,
    )
    options = LoadOptions(
        gpu_layers=gpu_layers(arguments.gpu_layers), slots=min(spends.budget.attempts, 64)
    )
    try:
        path = named_model(arguments.model)
        check_model(path)
    except ModelsError as error:
        return fail(EXIT_MODEL, error.code, error.detail)
    if arguments.weigh is None:
        learned = learned_options(spends.strategy, str(path), spends.options)
        request = msgspec.structs.replace(request, options=learned)
    try:
        thinking = answer_in_terminal(
            path, options, request, as_json=arguments.json, private=arguments.private
        )
    except ThinkingError as error:
        return fail(_failed(error), error.code, error.detail)
    if reply is not None and not arguments.json and not _print_json(thinking):
        return fail(EXIT_ENGINE, "no-json")
    return _status(thinking)


def _print_json(gathered: Gathered) -> bool:
    """Print the reply alone, for programs; False where none is whole, or none has won."""
    try:
        value = parse_json(response_of(gathered))
        print(plain_json(write_json(value, ascii_only=False)))
    except ValueError:
        return False
    return True


def _failed(error: ThinkingError) -> int:
    """The exit status of what could not be thought about."""
    if error.code in {PromptTooLongError.code, SchemaError.code}:
        return EXIT_USAGE
    return EXIT_MODEL if error.loading else EXIT_ENGINE


def _status(gathered: Gathered) -> int:
    """The exit status of a verdict: one that nothing stands behind is no answer."""
    verdict = gathered.end.verdict
    if verdict.outcome is not Outcome.NOTHING:
        return 0
    return EXIT_INTERRUPT if verdict.stopped is StoppedWhy.ANSWERED_NOW else EXIT_ENGINE


def answer_in_terminal(
    path: Path,
    options: LoadOptions,
    request: AskRequest,
    *,
    as_json: bool = False,
    private: bool = False,
) -> Gathered:
    """Load, think, print, and keep question and answer as a conversation.

    Args:
        path: The model.
        options: How it is loaded.
        request: What is asked.
        as_json: Print one JSON object at the end instead of lines.
        private: Keep nothing.

    Raises:
        ThinkingError: The model cannot be loaded or the engine failed.
    """
    journal = None if private else open_journal()
    session = Session(journal, open_meter())
    troubles: list[JournalTrouble] = []
    session.subscribe(lambda e: troubles.append(e) if isinstance(e, JournalTrouble) else None)
    try:
        model, notices = load_model(session, path, options)
        as_lines = not as_json and request.json_reply is None
        if as_lines:
            print(plain(_heading(model, request)), flush=True)
        lines = LiveLines(quiet=not as_lines)

        def interrupted() -> None:
            lines.clear()
            complain("answering from what there is; Ctrl+C again ends it")

        kept = _kept(journal, request, model.path, troubles)
        if kept is not None:
            request = msgspec.structs.replace(request, message_id=kept.message_id)
        gathered = think(session, request, lines.watch, interrupted)
        if kept is not None:
            kept.answer(response_of(gathered))
        gathered.notices[:0] = notices
        for notice in gathered.notices:
            complain_of(notice.code, notice.detail)
        if as_json:
            print(json_report(gathered, model, request.strategy))
        elif as_lines:
            print(plain("\n".join(verdict_lines(gathered, model))))
        return gathered
    finally:
        session.close()
        if journal is not None:
            journal.close()
        for trouble in troubles[:1]:
            complain_not_recorded(trouble.code, trouble.detail)


def _preset(name: str | None) -> Preset | None:
    """Find the preset that was named.

    Raises:
        UsageError: There is none of that name, or its file cannot be used.
    """
    if name is None:
        return None
    shelf = PresetShelf(folders().presets)
    try:
        return shelf.find(name)
    except PresetError as error:
        raise UsageError(error_line(error.code, error.detail)) from error


def _attached(names: list[str]) -> list[AttachedFile]:
    """Read what the question is about.

    Raises:
        UsageError: A file cannot be read as text.
    """
    files = []
    for name in names:
        try:
            files.append(read_document(Path(name)))
        except DocumentError as error:
            said = f"{name}: {error.detail}" if error.detail else name
            raise UsageError(error_line(error.code, said)) from error
    return files


def _question(given: str | None) -> str:
    if given is None or given == "-":
        if sys.stdin is None or (given is None and sys.stdin.isatty()):
            raise UsageError("give a question, or pipe one in")
        try:
            given = sys.stdin.read(LONGEST_CONVERSATION + 1)
        except UnicodeDecodeError as error:
            raise UsageError("the question is not UTF-8 text") from error
    if not given.strip():
        raise UsageError("the question is empty")
    return given.strip()


def _check_text(text: str, name: str) -> None:
    """Make sure that a text holds no bytes that are none.

    Raises:
        UsageError: It does.
    """
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise UsageError(f"{name} is not UTF-8 text") from error


def gpu_layers(text: str) -> int | Literal["all", "auto"]:
    """Read `--gpu-layers`.

    Raises:
        UsageError: It is none of them.
    """
    match text:
        case "all" | "auto":
            return text
        case _ if text.isdecimal():
            return int(text)
    raise UsageError("--gpu-layers takes auto, all or a number")


def open_journal() -> Journal | None:
    """Open the journal; a terminal answer is worth giving without one, after saying so."""
    try:
        return Journal(folders().journal)
    except JournalError as error:
        complain_not_recorded(error.code, error.detail)
        return None


def complain_not_recorded(code: str, detail: str) -> None:
    """Say that the journal has not what was answered."""
    complain(f"not recorded: {error_line(code, detail)}")


def _kept(
    journal: Journal | None, request: AskRequest, model_path: str, troubles: list[JournalTrouble]
) -> KeptQuestion | None:
    """Keep the question, or add to the troubles why it was not."""
    if journal is None:
        return None
    try:
        return keep_question(journal, request, model_path)
    except JournalError as error:
        troubles.append(JournalTrouble(error.code, error.detail))
        return None


def _heading(model: ModelReport, request: AskRequest) -> str:
    spend = spent(request.strategy, request.budget)
    where = f"{model.layers_on_gpu}/{model.layers} layers on GPU" if model.layers_on_gpu else "CPU"
    if model.endpoints:
        where = servers_text(model)
    wish = request.options.own_thinking
    thinking = "" if wish is OwnThinking.AUTO else f" · own thinking {wish}"
    return f"{model.name} · {where} · {request.strategy}, {spend}{thinking}\n"
