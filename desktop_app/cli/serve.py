"""`ponder serve`: the API on this computer, until it is told to stop."""

from __future__ import annotations

import argparse
import signal
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from desktop_app.cli.ask import complain_not_recorded, gpu_layers, open_journal
from desktop_app.cli.complaint import complain_of, fail
from desktop_app.cli.confirmed import confirmed
from desktop_app.cli.exits import EXIT_ENGINE, EXIT_MODEL
from desktop_app.cli.secret import read_secret
from desktop_app.cli.thinking import ThinkingError, load_model
from desktop_app.cli.usage import UsageError
from desktop_app.error_text import error_line
from desktop_app.folders import folders
from desktop_app.model_library import check_model, named_model, saved_settings
from desktop_app.serve.api_token import api_token, forget_api_token, keep_api_token
from desktop_app.serve.opening import ServeError, ServeOptions, open_api
from desktop_app.serve.question import model_id
from desktop_app.words.plain_text import plain
from desktop_app.words.quantities import counted
from engine.generation import LoadOptions
from engine.journal.errors import JournalError
from engine.journal.journal import Journal
from engine.keys import KeyStoreError
from engine.power.select import open_meter
from engine.protocol import WorkerDied, WorkerSilent
from engine.session import JournalTrouble, Session, SessionEvent
from models.errors import ModelsError

if TYPE_CHECKING:
    from types import FrameType

    from desktop_app.serve.server import ApiServer


def run_serve(arguments: argparse.Namespace) -> int:
    """Run the subcommand.

    Raises:
        UsageError: Options make no sense, or the API cannot be served.
    """
    if arguments.set_token or arguments.forget_token:
        return _change_token(forget=arguments.forget_token)
    if arguments.forget_answers:
        return _forget_answers(sure=arguments.yes)
    if arguments.yes:
        raise UsageError("--yes goes with --forget-answers")
    options = _options(arguments)
    load = _load_options(arguments)
    try:
        path = named_model(arguments.model)
        check_model(path)
    except ModelsError as error:
        return fail(EXIT_MODEL, error.code, error.detail)
    journal = open_journal()
    session = Session(journal, open_meter())
    try:
        server = open_api(session, options)
        try:
            return _serve(session, server, path, load)
        finally:
            server.close()
    except ServeError as error:
        raise UsageError(error_line(error.code, error.detail)) from error
    except ThinkingError as error:
        return fail(EXIT_MODEL, error.code, error.detail)
    finally:
        session.close()
        if journal is not None:
            journal.close()


def _options(arguments: argparse.Namespace) -> ServeOptions:
    if not 0 <= arguments.port < 2**16:
        raise UsageError("--port must be 0 to 65535")
    if arguments.at_once < 1:
        raise UsageError("--at-once must be at least 1")
    if arguments.queue < 0:
        raise UsageError("--queue must be at least 0")
    return ServeOptions(
        host=arguments.host,
        port=arguments.port,
        token=api_token(),
        at_once=arguments.at_once,
        queue=arguments.queue,
    )


def _load_options(arguments: argparse.Namespace) -> LoadOptions:
    """What the settings say of the engine, as in the window, but for what was typed."""
    saved = saved_settings().engine
    if arguments.gpu_layers is None:
        return saved
    return msgspec.structs.replace(saved, gpu_layers=gpu_layers(arguments.gpu_layers))


def _serve(session: Session, server: ApiServer, path: Path, options: LoadOptions) -> int:
    """Load the model, then serve until Ctrl+C or `kill`, or until its engine is given up.

    Raises:
        ThinkingError: The model cannot be loaded.
    """
    model, notices = load_model(session, path, options)
    for notice in notices:
        complain_of(notice.code, notice.detail)
    print(f"{plain(model_id(model))} answers at {server.address} (Ctrl+C ends it)", flush=True)

    given_up: list[WorkerDied] = []
    troubles: list[JournalTrouble] = []

    def stop(_number: int, _frame: FrameType | None) -> None:
        server.ask_to_stop()

    def watch(event: SessionEvent) -> None:
        if isinstance(event, WorkerDied) and event.given_up:
            given_up.append(event)
            server.ask_to_stop()
        if isinstance(event, WorkerSilent):
            complain_of("engine-silent")
        if isinstance(event, JournalTrouble) and not troubles:
            troubles.append(event)
            complain_not_recorded(event.code, event.detail)

    unsubscribe = session.subscribe(watch)
    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        server.run()
    finally:
        unsubscribe()
        for number, handler in before.items():
            signal.signal(number, handler)
    if given_up:
        return fail(EXIT_ENGINE, "worker-died", given_up[0].stderr_tail)
    return 0


def _forget_answers(*, sure: bool) -> int:
    """Delete the answers of the API that the journal keeps, once the person agrees."""
    known = folders().journal
    if not known.exists():  # opening it would make one
        print("no answers of the API are kept")
        return 0
    try:
        journal = Journal(known)
        try:
            print(_forgotten(journal, sure=sure))
        finally:
            journal.close()
    except JournalError as error:
        return fail(EXIT_ENGINE, error.code, error.detail)
    return 0


def _forgotten(journal: Journal, *, sure: bool) -> str:
    count = journal.count_apart().result()
    if not count:
        return "no answers of the API are kept"
    answers = counted(count, "answer")
    if not sure and not confirmed(f"{answers} of the API go for good. Delete them?"):
        return "nothing was deleted"
    return f"{counted(journal.delete_apart().result(), 'answer')} deleted"


def _change_token(*, forget: bool) -> int:
    """Keep the API's token in the keyring, or forget it; it is never taken from the command."""
    try:
        if forget:
            forget_api_token()
            print("no token is kept for the API")
            return 0
        keep_api_token(read_secret("token"))
    except KeyStoreError as error:
        code = error.code if forget else "serve-keyring"
        raise UsageError(error_line(code, error.detail)) from error
    print("the token for the API is kept")
    return 0
