"""`ponder lab` with sweeps that are stored: list, show, replay, learn, compare, inspect, share."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Final

from desktop_app.cli.confirmed import confirmed
from desktop_app.cli.lab_text import (
    comparison_lines,
    curve_lines,
    policy_lines,
    question_lines,
    show_sweep,
)
from desktop_app.cli.numbers import whole_numbers
from desktop_app.cli.usage import UsageError
from desktop_app.folders import folders
from desktop_app.lab.sweep_run import sweep_alone
from desktop_app.output_file import write_whole
from desktop_app.settings import peek_settings, save_settings, with_policy
from desktop_app.words.moments import local_minute
from desktop_app.words.plain_text import json_text, plain
from desktop_app.words.quantities import counted, format_count
from engine.journal.journal import Journal
from engine.journal.records import new_id
from engine.lab.comparison import compare
from engine.lab.export import curves_csv, read_sweep, samples_csv, to_json
from engine.lab.policy import LearnedPolicy
from engine.lab.records import Place, SweepRecord, SweepStatus
from engine.lab.report import html_report
from engine.lab.results import replay_arms, results_of
from engine.lab.rule import Rule
from engine.options import Weighting

_SAID: Final = {"right": True, "wrong": False, "as-judged": None}


def _list(arguments: argparse.Namespace, journal: Journal) -> int:
    found = journal.sweeps().result()
    if arguments.json:
        print(json_text({"sweeps": found}))
        return 0
    for sweep in found:
        share = f"{format_count(sweep.samples)} of {counted(sweep.attempts, 'sample')}"
        if sweep.status is SweepStatus.UNREADABLE:
            share = counted(sweep.samples, "sample")
        why = f" ({sweep.why})" if sweep.why and not sweep.imported else ""
        state = sweep.why if sweep.imported else sweep.status
        began = local_minute(sweep.created_at)
        print(plain(f"{sweep.sweep_id[:8]}  {began}  {state}{why}  {share}  {sweep.name}"))
    if not found:
        print("no sweep yet; `ponder lab run stories` makes one")
    return 0


def _show(arguments: argparse.Namespace, journal: Journal) -> int:
    show_sweep(journal.sweep(arguments.sweep).result(), as_json=arguments.json)
    return 0


def _export(arguments: argparse.Namespace, journal: Journal) -> int:
    record = journal.sweep(arguments.sweep).result()
    makers: dict[str, Callable[[], str | bytes]] = {
        "json": lambda: to_json(record),
        "csv": lambda: curves_csv(results_of(record)),
        "samples": lambda: samples_csv(record),
    }
    return _write(Path(arguments.output), makers[arguments.form](), force=arguments.force)


def _report(arguments: argparse.Namespace, journal: Journal) -> int:
    record = journal.sweep(arguments.sweep).result()
    text = html_report(record, results_of(record))
    return _write(Path(arguments.output), text, force=arguments.force)


def _delete(arguments: argparse.Namespace, journal: Journal) -> int:
    sweep = journal.sweep_summary(arguments.sweep).result()
    name, samples = sweep.name, counted(sweep.samples, "sample")
    if not arguments.yes and not confirmed(f"{name} and its {samples} go for good. Delete them?"):
        print("nothing was deleted")
        return 0
    with sweep_alone(journal, sweep.sweep_id):
        journal.delete_sweep(sweep.sweep_id).result()
    print(plain(f"{name} is gone"))
    return 0


def _replay(arguments: argparse.Namespace, journal: Journal) -> int:
    record = journal.sweep(arguments.sweep).result()
    rules = [Rule(name) for name in arguments.rule or [Rule.VOTE.value]]
    budgets = whole_numbers("--budgets", arguments.budgets) if arguments.budgets else []
    weighting = Weighting(arguments.weigh) if arguments.weigh else None
    try:
        curves = replay_arms(record, rules, budgets, weighting)
    except ValueError as error:
        raise UsageError(str(error)) from error
    if not curves:
        raise UsageError("this sweep stores no finished vote that could be replayed")
    if arguments.json:
        found = [{"label": c.label, "rule": c.rule, "points": c.points} for c in curves]
        print(json_text({"curves": found}))
        return 0
    for curve in curves:
        print(plain("\n".join([curve.label, *curve_lines(curve), ""])))
    return 0


def _learn(arguments: argparse.Namespace, journal: Journal) -> int:
    found = results_of(journal.sweep(arguments.sweep).result()).policies
    if arguments.model is not None:
        found = {name: policy for name, policy in found.items() if name == arguments.model}
    if not found:
        raise UsageError("a table is learned from a vote of at least 8 on 20 questions or more")
    if arguments.use and len(found) > 1:
        raise UsageError(f"name one with --model: {', '.join(found)}")
    print(plain("\n".join(policy_lines(found))))
    if arguments.use:
        chosen = next(iter(found.values()))
        _use(chosen)
        print("auto follows this table from now on with this model")
    return 0


def _use(chosen: LearnedPolicy) -> None:
    """Make a table the one that `auto` follows with its model.

    Raises:
        UsageError: The settings cannot be read or written; they are as they were.
    """
    path = folders().settings
    try:
        save_settings(path, with_policy(peek_settings(path), chosen.policy, chosen.model_path))
    except OSError as error:
        raise UsageError(f"the settings were not changed: {path}: {error.strerror}") from error
    except ValueError as error:
        said = "is damaged; correct it, or open the window, which sets it aside"
        raise UsageError(f"the settings were not changed: {path} {said}") from error


def _compare(arguments: argparse.Namespace, journal: Journal) -> int:
    records = [journal.sweep(name).result() for name in (arguments.sweep, arguments.other)]
    first, second = ((record, results_of(record)) for record in records)
    print(plain("\n".join(comparison_lines(compare(first, second)))))
    return 0


def _inspect(arguments: argparse.Namespace, journal: Journal) -> int:
    record = journal.sweep(arguments.sweep).result()
    _check_question(record, arguments.question)
    print(plain("\n".join(question_lines(record, arguments.question - 1))))
    return 0


def _correct(arguments: argparse.Namespace, journal: Journal) -> int:
    record = journal.sweep(arguments.sweep).result()
    _check_question(record, arguments.question)
    said = _SAID[arguments.said]
    touched: set[tuple[Place, str]] = set()
    for sample in record.samples:
        answer = sample.candidate.answer
        same = answer is not None and answer.text == arguments.answer
        if (
            same
            and sample.group_key is not None
            and sample.place.question == arguments.question - 1
        ):
            touched.add((sample.place, sample.group_key))
    if not touched:
        raise UsageError(f"no sample of question {arguments.question} answered that")
    for place, key in sorted(touched):
        journal.correct_sweep(record.summary.sweep_id, place, key, right=said).result()
    print(f"{arguments.answer} counts as {arguments.said} in question {arguments.question}")
    return 0


def _import(arguments: argparse.Namespace, journal: Journal) -> int:
    record = read_sweep(Path(arguments.file))
    sweep_id = new_id()
    journal.import_sweep(sweep_id, record).result()
    print(plain(f"{record.summary.name} is here as {sweep_id[:8]}"))
    return 0


def _check_question(record: SweepRecord, number: int) -> None:
    count = len(record.plan.questions.questions)
    if not 1 <= number <= count:
        raise UsageError(f"questions are numbered 1 to {count}")


def _write(path: Path, content: str | bytes, *, force: bool) -> int:
    raw = content.encode() if isinstance(content, str) else content
    write_whole(path, [raw], replace=force)
    print(f"wrote {path}")
    return 0


SWEEP_ACTIONS: Final[dict[str, Callable[[argparse.Namespace, Journal], int]]] = {
    "list": _list,
    "show": _show,
    "replay": _replay,
    "learn": _learn,
    "compare": _compare,
    "inspect": _inspect,
    "correct": _correct,
    "export": _export,
    "import": _import,
    "report": _report,
    "delete": _delete,
}
"""What can be done with stored sweeps, by its name."""
