"""`ponder lab run`: ask a question set under several budgets; hands the other actions on."""

from __future__ import annotations

import argparse
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import msgspec

from desktop_app.cli.complaint import complain, fail
from desktop_app.cli.exits import EXIT_ENGINE, EXIT_INTERRUPT, EXIT_MODEL, EXIT_USAGE
from desktop_app.cli.lab_sweeps import SWEEP_ACTIONS
from desktop_app.cli.lab_text import show_sweep
from desktop_app.cli.numbers import whole_numbers
from desktop_app.cli.parser import build_parser
from desktop_app.cli.progress_line import ProgressLine
from desktop_app.cli.usage import UsageError
from desktop_app.folders import folders
from desktop_app.lab.forecast_text import forecast_words
from desktop_app.lab.hub_questions import (
    chosen_file,
    find_dataset,
    get_dataset_file,
    hub_question_set,
    is_hub_set,
)
from desktop_app.lab.learned_tables import with_learned_tables
from desktop_app.lab.measured_limits import unmeasured
from desktop_app.lab.question_sources import built_in_sets, question_set
from desktop_app.lab.repeating import plan_again
from desktop_app.lab.sweep_run import run_sweep
from desktop_app.model_library import check_model, named_model, open_hub, saved_settings
from desktop_app.output_file import OutputError
from desktop_app.words.electricity import use_electricity_price, with_cost
from desktop_app.words.plain_text import plain
from desktop_app.words.quantities import counted, format_about_seconds, format_count, format_energy
from engine.budget import Budget
from engine.generation import Sampling
from engine.journal.errors import JournalError, SweepUnknownError
from engine.journal.journal import Journal
from engine.journal.records import new_id
from engine.lab.forecast import forecast_left
from engine.lab.plan import Limits, SweepPlan, arm_labels, make_plan
from engine.lab.question_files import read_rows
from engine.lab.question_table import Columns, QuestionFileError, sure_columns
from engine.lab.questions import QuestionSet
from engine.lab.records import SweepStatus
from engine.lab.sweep_control import Control, SweepError, SweepProgress
from engine.options import StrategyOptions, Weighting
from models.errors import DownloadError, HubError, ModelsError

_CLEAR: Final = "\r\x1b[K"
_HOTTEST: Final = 5
_LIMITS: Final = {"joules": "--most-joules", "celsius": "--most-celsius"}
_TAKEN_BY_RESUME: Final = frozenset({"command", "action", "resume", "trial", "json"})
_TAKEN_BY_AGAIN: Final = frozenset(
    {"command", "action", "again", "trial", "json", "name", "most_joules", "most_celsius"}
)
_NO_SENSOR: Final = "no sensor here measures it, as 'ponder doctor' shows"


def run_lab(arguments: argparse.Namespace) -> int:
    """Run the subcommand; 0 when it did what was asked.

    Raises:
        UsageError: The options make no sense.
    """
    use_electricity_price(saved_settings().electricity)
    try:
        journal = Journal(folders().journal)
    except JournalError as error:
        return fail(EXIT_ENGINE, error.code, error.detail)
    try:
        return _ACTIONS[arguments.action](arguments, journal)
    except (QuestionFileError, SweepUnknownError, OutputError) as error:
        return fail(EXIT_USAGE, error.code, error.detail)
    except (HubError, DownloadError, SweepError, JournalError) as error:
        return fail(EXIT_ENGINE, error.code, error.detail)
    except ModelsError as error:
        return fail(EXIT_MODEL, error.code, error.detail)
    finally:
        journal.close()


# --- what can be done ---------------------------------------------------------------------------


def _run(arguments: argparse.Namespace, journal: Journal) -> int:
    _refuse_what_is_ignored(arguments)
    if arguments.resume:
        record = journal.sweep(arguments.resume).result()
        for option in _unmeasured(record.plan.limits):
            complain(f"{option} of this sweep ends nothing: {_NO_SENSOR}")
    else:
        if arguments.set is None and not arguments.again:
            raise UsageError("give a question set, or --resume or --again with a sweep")
        for option in _unmeasured(_limits(arguments)):
            raise UsageError(f"{option} would end nothing: {_NO_SENSOR}")
        if arguments.again:
            before = journal.sweep(arguments.again).result().plan
            plan = plan_again(before, saved_settings().engine, _limits(arguments))
        else:
            plan = _plan(arguments)
        sweep_id = new_id()
        asked = counted(len(plan.questions.questions), "question")
        name = arguments.name or f"{plan.questions.name}, {asked}"
        journal.start_sweep(sweep_id, name, plan).result()
        record = journal.sweep(sweep_id).result()
    if record.summary.status is SweepStatus.FINISHED:
        show_sweep(record, as_json=arguments.json)
        return 0
    for path in dict.fromkeys(arm.model_path for arm in record.plan.arms):
        check_model(Path(path))
    sweep_id = record.summary.sweep_id
    if not arguments.json:
        print(
            plain(f"{record.summary.name}: {_asked(record.plan)}; sweep {sweep_id[:8]}"), flush=True
        )
        print(forecast_words(forecast_left(record, journal.paces().result())), flush=True)
    control = Control()
    status = _run_sweep(sweep_id, journal, control, trial=arguments.trial, quiet=arguments.json)
    record = journal.sweep(sweep_id).result()
    tried = arguments.trial and status is SweepStatus.PAUSED and not control.stopped
    left = forecast_left(record, journal.paces().result()) if tried else None
    show_sweep(record, as_json=arguments.json, left=left)
    return EXIT_INTERRUPT if status is SweepStatus.PAUSED and not tried else 0


_ACTIONS: Final[dict[str, Callable[[argparse.Namespace, Journal], int]]] = {
    "run": _run,
    **SWEEP_ACTIONS,
}


# --- a run --------------------------------------------------------------------------------------


def _refuse_what_is_ignored(arguments: argparse.Namespace) -> None:
    """A stored sweep says itself what is asked: nobody shall believe that it was asked otherwise.

    Raises:
        UsageError: Something was given beside --resume or --again that they take from the sweep.
    """
    whose = "--resume" if arguments.resume else "--again" if arguments.again else ""
    if not whose:
        return
    usual = vars(build_parser().parse_args(["lab", "run"]))
    taken = _TAKEN_BY_AGAIN if arguments.again and not arguments.resume else _TAKEN_BY_RESUME
    given = [name for name, value in vars(arguments).items() if value != usual.get(name)]
    ignored = [name for name in given if name not in taken]
    if ignored:
        words = ", ".join(
            "a question set" if name == "set" else f"--{name.replace('_', '-')}" for name in ignored
        )
        raise UsageError(f"{whose} takes from the stored sweep what is asked; leave out {words}")


def _unmeasured(limits: Limits) -> list[str]:
    """The options whose limit nothing on this computer would ever tell to be reached."""
    return [_LIMITS[limit] for limit in unmeasured(limits)]


def _limits(arguments: argparse.Namespace) -> Limits:
    return Limits(arguments.most_joules, arguments.most_celsius)


def _plan(arguments: argparse.Namespace) -> SweepPlan:
    strategies = arguments.strategy or ["vote"]
    if arguments.temperature is not None and not 0 <= arguments.temperature <= _HOTTEST:
        raise UsageError(f"--temperature must be between 0 and {_HOTTEST}")
    if arguments.weigh is not None and not {"vote", "auto"} & set(strategies):
        raise UsageError(f"--weigh does not go with the strategy {strategies[0]}")
    if arguments.columns is not None and arguments.set in built_in_sets():
        raise UsageError("--columns goes with files and datasets; a generated set has none")
    questions = _questions(arguments)
    models = [named_model(given) for given in arguments.model or [None]]
    base = SweepPlan(
        questions,
        (),
        repeats=arguments.repeats,
        sampling=Sampling(temperature=arguments.temperature)
        if arguments.temperature is not None
        else Sampling(),
        load=saved_settings().engine,
        seed=arguments.seed,
        limits=_limits(arguments),
        instructions=arguments.system.strip(),
    )
    each = Budget(
        tokens_per_candidate=arguments.max_tokens, thought_tokens=arguments.thought_tokens
    )
    try:
        plan = make_plan(
            questions,
            models,
            strategies,
            whole_numbers("--budgets", arguments.budgets),
            base,
            StrategyOptions(weighting=Weighting(arguments.weigh or Weighting.EQUAL)),
            each,
        )
    except ValueError as error:
        raise UsageError(str(error)) from error
    thinking = saved_settings().thinking
    tabled = (thinking.table_for(a.model_path) for a in plan.arms if a.strategy == "auto")
    if arguments.weigh is not None and any(table is not None for table in tabled):
        raise UsageError(
            "--weigh does not go with auto here: its learned table says what is weighed"
        )
    return with_learned_tables(plan, thinking)


def _questions(arguments: argparse.Namespace) -> QuestionSet:
    columns = _columns(arguments.columns) if arguments.columns else None
    if not is_hub_set(arguments.set):
        return question_set(arguments.set, arguments.questions, arguments.seed, columns)
    hub = open_hub()
    dataset, wanted = find_dataset(hub, arguments.set)
    file = chosen_file(dataset, wanted)
    with ProgressLine(quiet=arguments.json) as line:
        path = get_dataset_file(
            hub,
            dataset,
            file,
            folders().question_sets,
            lambda progress: line.show(progress.got_bytes, file.size_bytes, file.path),
        )
    rows = read_rows(path)
    found = hub_question_set(rows, dataset, file, columns or sure_columns(rows))
    return msgspec.structs.replace(found, questions=found.questions[: arguments.questions])


def _columns(text: str) -> Columns:
    parts = [part.partition("=") for part in text.split(",")]
    given = {what.strip(): name.strip() for what, _, name in parts}
    try:
        if not all(given.values()):
            raise msgspec.ValidationError  # noqa: TRY301 - one text for all that makes no sense
        return msgspec.convert(given, Columns, strict=True)
    except msgspec.ValidationError:
        raise UsageError(
            "--columns names columns, such as question=problem,answer=solution; choices and group "
            "may be named too"
        ) from None


def _asked(plan: SweepPlan) -> str:
    arms = "; ".join(arm_labels(plan.arms))
    count = len(plan.questions.questions)
    most = f"{'up to ' if plan.attempts > 1 else ''}{counted(plan.attempts, 'sample')}"
    return f"{counted(count, 'question')} ({plan.questions.source}), {most}: {arms}"


def _run_sweep(
    sweep_id: str, journal: Journal, control: Control, *, trial: bool, quiet: bool
) -> SweepStatus:
    shown = not quiet and sys.stderr.isatty()

    def tell(progress: SweepProgress) -> None:
        if shown:
            sys.stderr.write(_CLEAR + _progress_text(progress))
            sys.stderr.flush()

    try:
        with _interrupt_stops(control):
            return run_sweep(sweep_id, journal, control, tell, trial=trial)
    finally:
        if shown:
            sys.stderr.write(_CLEAR)


@contextmanager
def _interrupt_stops(control: Control) -> Iterator[None]:
    """Ctrl+C ends the sweep in order; what is finished stays."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, lambda _number, _frame: control.stop())
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _progress_text(progress: SweepProgress) -> str:
    share = f"{format_count(progress.done)} of {counted(progress.attempts, 'sample')}"
    left = progress.seconds_left
    if progress.silent:
        parts = [share, "the engine gives no sign of life"]
    else:
        parts = [share, f"{format_about_seconds(left)} left" if left is not None else ""]
    if progress.joules is not None:
        parts.append(f"{with_cost(format_energy(progress.joules), progress.joules)} so far")
    return " · ".join(filter(None, [*parts, progress.arm]))
