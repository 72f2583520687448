"""What a sweep shows, as lines for a terminal and as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict

from desktop_app.lab.forecast_text import forecast_words
from desktop_app.lab.judgement_text import judgement_words, rule_words
from desktop_app.lab.run_card import ran_elsewhere
from desktop_app.words.endpoint_text import THIS_COMPUTER_ONLY
from desktop_app.words.plain_text import json_text, plain
from desktop_app.words.quantities import (
    NOT_AVAILABLE,
    counted,
    format_energy,
    format_power,
    format_seconds,
)
from engine.lab.comparison import Comparison
from engine.lab.costs import PowerFindings
from engine.lab.curve import Curve
from engine.lab.forecast import Forecast
from engine.lab.plan import arm_labels
from engine.lab.policy import LearnedPolicy, table_lines
from engine.lab.records import SampleRecord, SweepRecord
from engine.lab.results import Results, results_of
from engine.lab.sentences import policy_words
from engine.tally import GroupingMethod


def show_sweep(record: SweepRecord, *, as_json: bool, left: Forecast | None = None) -> None:
    """Print what a sweep shows: curves, parts by difficulty, what can be said.

    Args:
        record: The sweep.
        as_json: As one JSON object.
        left: What the rest of it will take, where that was asked for.
    """
    results = results_of(record)
    if as_json:
        more = {} if left is None else {"left": {"seconds": left.seconds, "joules": left.joules}}
        print(json_text(_summary(record, results) | more))
        return
    lines = _lines(record, results)
    if left is not None:
        short = record.summary.sweep_id[:8]
        go_on = f"go on with: ponder lab run --resume {short}"
        lines += ["", f"left: {forecast_words(left)}; {go_on}"]
    print(plain("\n".join(lines)))


def _summary(record: SweepRecord, results: Results) -> dict[str, object]:
    curves = [
        {
            "label": curve.label,
            "model": curve.model,
            "rule": curve.rule,
            "points": curve.points,
            "fit": curve.fit,
        }
        for curve in results.curves
    ]
    return {
        "sweep": record.summary,
        "card": record.card,
        "questions_finished": results.questions,
        "corrected_answers": record.corrected_answers,
        "curves": curves,
        "agreement": results.agreement,
        "latency_seconds": results.latency,
        "quintiles": results.quintiles,
        "front": [{"label": c.label, "budget": p.budget} for c, p in results.worth],
        "knee": results.knee,
        "tokens_per_joule": results.tokens_per_joule,
        "power": _power(results.power),
        "words": results.words,
    }


def _power(power: PowerFindings | None) -> dict[str, object] | None:
    return None if power is None else {**asdict(power), "peak_to_idle": power.peak_to_idle}


def _lines(record: SweepRecord, results: Results) -> list[str]:
    summary = record.summary
    asked = len(record.plan.questions.questions)
    lines = [
        f"{summary.name}: {summary.why if summary.imported else summary.status}, "
        f"{results.questions} of "
        f"{counted(asked, 'question')} finished, {counted(summary.samples, 'sample')}"
    ]
    if not results.judged:
        lines += _agreement_lines(results)
    if record.corrected_answers:
        lines.append(f"{counted(record.corrected_answers, 'answer')} judged by hand")
    for curve in results.curves:
        lines += ["", curve.label, *curve_lines(curve)]
    if results.quintiles:
        lines += ["", f"by difficulty, easiest to hardest fifth{'':<8}"]
        for label, values in results.quintiles.items():
            cells = " ".join(f"{100 * value:5.1f}" for value in values)
            lines.append(f"  {label:<38} {cells}")
    for label, value in results.tokens_per_joule.items():
        lines.append(f"{label}: {value:.1f} tokens a joule")
    lines += _power_lines(results.power, elsewhere=ran_elsewhere(record.card))
    for label, (middle, late, latest) in results.latency.items():
        times = f"half within {format_seconds(middle)}, 90 % {format_seconds(late)}"
        lines.append(f"first to last token, {label}: {times}, 99 % {format_seconds(latest)}")
    lines += _front_lines(results)
    return [*lines, *(["", *results.words] if results.words else [])]


def _agreement_lines(results: Results) -> list[str]:
    held = "the largest vote group holds"
    shares = results.agreement.items()
    lines = [f"{label}: {held} {100 * share:.0f} % on average" for label, share in shares]
    return ["no key to judge by; agreement only", *lines]


def _front_lines(results: Results) -> list[str]:
    """What no other point beats with fewer tokens, and where more begins to cost more."""
    named = [f"{curve.label} {point.budget}" for curve, point in results.worth]
    lines = ["", f"worth their tokens: {', '.join(named)}"] if named else []
    return lines if results.knee is None else [*lines, f"the knee: {named[results.knee]}"]


def curve_lines(curve: Curve) -> list[str]:
    """Return a curve as a table."""
    lines = ["  budget  right %   95 %            samples   tokens   seconds    energy"]
    for point in curve.points:
        right = point.accuracy
        seconds = NOT_AVAILABLE if point.seconds is None else format_seconds(point.seconds)
        lines.append(
            f"  {point.budget:>6} {100 * right.value:>8.1f}   "
            f"{100 * right.low:>4.1f} to {100 * right.high:<5.1f} {point.samples:>10.1f} "
            f"{point.tokens:>8.0f} {seconds:>9} {format_energy(point.joules):>9}"
        )
    return lines


def _power_lines(power: PowerFindings | None, *, elsewhere: bool) -> list[str]:
    if power is None:
        return []
    idle = f", idle {format_power(power.idle_watts)}" if power.idle_watts is not None else ""
    ratio = f", peak by idle {power.peak_to_idle:.1f}" if power.peak_to_idle is not None else ""
    surges = f", {power.surges} surges" if power.surges is not None else ""
    scope = f", {THIS_COMPUTER_ONLY}" if elsewhere else ""
    return [
        f"power by {power.label}{scope}: mean {format_power(power.mean_watts)}, "
        f"peak {format_power(power.peak_watts)}{idle}{ratio}{surges}"
    ]


def policy_lines(policies: Mapping[str, LearnedPolicy]) -> list[str]:
    """Return the tables that `auto` could follow, with what they save."""
    lines = []
    for name, found in policies.items():
        lines.append(f"{name}, from {counted(found.questions, 'question')}:")
        lines += [f"  {line}" for line in table_lines(found.policy)]
        lines.append(f"  {policy_words((name, found))}")
    return lines


def comparison_lines(found: Comparison) -> list[str]:
    """Return two sweeps side by side."""
    lines = []
    for curve in found.curves:
        lines += [curve.label, *curve_lines(curve), ""]
    return [*lines, *found.words]


def question_lines(record: SweepRecord, question: int) -> list[str]:
    """Return one question with every vote, candidate and judgement.

    Args:
        record: The sweep.
        question: Its number, from 0.
    """
    asked = record.plan.questions.questions[question]
    labels = arm_labels(record.plan.arms)
    lines = [asked.text, f"right answer: {asked.answer or 'not known'}"]
    for verdict in record.verdicts:
        if verdict.place.question != question:
            continue
        arm = labels[verdict.place.arm]
        lines += [
            "",
            f"{arm}: {verdict.verdict.answer or 'no answer'} ({judgement_words(verdict)})",
        ]
        tally = verdict.verdict.tally
        if tally.method is not GroupingMethod.MEDOID:
            lines += [f"  {group.count} voted {group.label}" for group in tally.groups]
        for sample in record.samples:
            if sample.place == verdict.place:
                lines.append(f"    {_sample_line(sample)}")
    return lines


def _sample_line(sample: SampleRecord) -> str:
    candidate = sample.candidate
    answer = candidate.answer
    said = f"{answer.text} by {rule_words(answer.rule)}" if answer is not None else "no answer"
    scored = "" if candidate.score is None else f", score {candidate.score:.2f}"
    return (
        f"{candidate.index + 1}: {said}, {judgement_words(sample)}, "
        f"{counted(candidate.tokens, 'token')}, {format_seconds(candidate.seconds)}, "
        f"{candidate.stop.value}{scored}"
    )
