"""One self-contained HTML page of a sweep: figures, tables, and what it takes to repeat it.

Nothing is loaded from anywhere and nothing is run; every text is escaped.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from typing import Final

from engine.lab.chart import chart_line, dark_style, line_chart
from engine.lab.costs import total_joules
from engine.lab.curve import Curve, Point
from engine.lab.plan import SweepPlan, arm_labels
from engine.lab.records import SweepRecord
from engine.lab.results import Results
from engine.lab.series import BANDS, in_order, series_of

_NOT_AVAILABLE: Final = "not available"
_STYLE: Final = """
:root { color-scheme: light dark; --line: #e3e1db; --muted: #6b6f76; --page: #fafaf8; }
@media (prefers-color-scheme: dark) { :root { --line: #2c3037; --muted: #9aa0a8;
    --page: #17191d; } }
body { max-width: 820px; margin: 40px auto; padding: 0 20px; background: var(--page);
    font: 15px/1.5 system-ui, sans-serif; }
h1 { font-size: 24px; margin-bottom: 4px; } h2 { font-size: 17px; margin-top: 36px; }
p.about, caption, td.note { color: var(--muted); }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { text-align: right; padding: 5px 8px; border-bottom: 1px solid var(--line);
    font-weight: 400; }
th { color: var(--muted); } th:first-child, td:first-child { text-align: left; }
td.wide { word-break: break-all; text-align: left; }
svg { width: 100%; height: auto; }
"""


def html_report(record: SweepRecord, results: Results) -> str:
    """Return the page."""
    summary = record.summary
    asked = len(record.plan.questions.questions)
    parts = [
        "<!doctype html>",
        '<html lang="en"><head><meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width">',
        f"<title>{escape(summary.name)}</title><style>{_STYLE}@media (prefers-color-scheme: dark) "
        f"{{ {dark_style()} }}</style></head><body>",
        f"<h1>{escape(summary.name)}</h1>",
        f'<p class="about">{escape(record.plan.questions.source)} · {results.questions} of {asked} '
        f"questions finished · {summary.samples:,} samples{_by_hand(record)} · "
        f"{escape(summary.created_at)}</p>",
        *(f"<p>{escape(sentence)}.</p>" for sentence in results.words),
        *_figures(results),
        *_curves(results.curves),
        *_quintiles(results),
        *_worth(results),
        *_times(results),
        *_power(results),
        *_card(record),
        "</body></html>",
    ]
    return "\n".join(parts) + "\n"


def _by_hand(record: SweepRecord) -> str:
    count = record.corrected_answers
    return f" · {count:,} answer{'' if count == 1 else 's'} judged by hand" if count else ""


def _figures(results: Results) -> list[str]:
    parts = []
    curves, series = in_order(results.curves), series_of(results.curves)
    for title, axis, value in (
        ("Accuracy against samples", "samples a question, log scale", _samples),
        ("Accuracy against tokens", "tokens a question, log scale", _tokens),
        ("Accuracy against time", "seconds of a full machine a question, log scale", _seconds),
        ("Accuracy against energy", "joules a question, log scale", _joules),
    ):
        lines = [
            chart_line(curve, [value(point) for point in curve.points], series[curve.label])
            for curve in curves
        ]
        drawn = [line for line in lines if line is not None]
        if drawn:
            parts += [f"<h2>{title}</h2>", line_chart(drawn, axis, title)]
    if not results.judged and results.agreement:
        rows = [[label, f"{100 * share:.0f}"] for label, share in results.agreement.items()]
        parts.append('<p class="about">There are no right answers to judge by.</p>')
        parts += _table(["arm", "largest vote group, %"], rows)
    if parts and results.judged:
        parts.append(
            f'<p class="about">Bands: 95 %, bootstrap over questions{_banded(len(curves))}, or '
            "Wilson where they are few or all alike. Votes of every size are replayed over random "
            "subsets of the stored samples; coverage, dashed, is the share of questions with a "
            "right sample among them. Time and energy are the machine's, shared by tokens.</p>"
        )
    return parts


def _banded(curves: int) -> str:
    return f", of the first {BANDS} curves; the tables have all" if curves > BANDS else ""


def _samples(point: Point) -> float | None:
    return point.samples


def _tokens(point: Point) -> float | None:
    return point.tokens


def _seconds(point: Point) -> float | None:
    return point.seconds


def _joules(point: Point) -> float | None:
    return point.joules


def _curves(curves: Sequence[Curve]) -> list[str]:
    parts = []
    for curve in curves:
        rows = [
            [
                str(point.budget),
                f"{100 * point.accuracy.value:.1f}",
                f"{100 * point.accuracy.low:.1f} to {100 * point.accuracy.high:.1f}",
                f"{point.samples:.1f}",
                f"{point.tokens:,.0f}",
                _measured(point.seconds, "s"),
                _measured(point.joules, "J"),
            ]
            for point in curve.points
        ]
        head = ["budget", "right, %", "95 %", "samples", "tokens", "time", "energy"]
        parts += [f"<h2>{escape(curve.label)}</h2>", *_table(head, rows)]
    return parts


def _quintiles(results: Results) -> list[str]:
    if not results.quintiles:
        return []
    rows = [
        [label, *(f"{100 * value:.1f}" for value in values)]
        for label, values in results.quintiles.items()
    ]
    head = ["by difficulty", "easiest", "2", "3", "4", "hardest"]
    told = [f"{words[0].upper()}{words[1:]}" for words in results.quintile_words]
    about = ". ".join(["Sorted by half of a vote's samples, measured on the others", *told]) + "."
    count = results.quintile_samples
    title = "By difficulty" if count is None else f"By difficulty, {count} samples"
    return [f"<h2>{title}</h2>", *_table(head, rows), f'<p class="about">{escape(about)}</p>']


def _worth(results: Results) -> list[str]:
    """What nothing beats with fewer tokens, and where more begins to cost more."""
    rows = [
        [
            curve.label,
            f"{point.budget}{', the knee' if place == results.knee else ''}",
            f"{100 * point.accuracy.value:.1f}",
            f"{point.tokens:,.0f}",
        ]
        for place, (curve, point) in enumerate(results.worth)
    ]
    head = ["nothing is better with fewer tokens", "budget", "right, %", "tokens"]
    return ["<h2>Worth their tokens</h2>", *_table(head, rows)] if rows else []


def _times(results: Results) -> list[str]:
    rows = [
        [
            label,
            *(f"{seconds:.3g} s" for seconds in found),
            _measured(results.tokens_per_joule.get(label), ""),
        ]
        for label, found in results.latency.items()
    ]
    head = ["a candidate, first to last token", "half within", "90 %", "99 %", "tokens a joule"]
    return ["<h2>Time and energy</h2>", *_table(head, rows)] if rows else []


def _power(results: Results) -> list[str]:
    power = results.power
    if power is None:
        return []
    facts = {
        "mean": _measured(power.mean_watts, "W"),
        "peak": _measured(power.peak_watts, "W"),
        "idle": _measured(power.idle_watts, "W"),
        "peak to idle": _measured(power.peak_to_idle, ""),
        "surges": _NOT_AVAILABLE if power.surges is None else str(power.surges),
    }
    head = [f"{power.label}, readings of {power.window}", ""]
    return ["<h2>Power</h2>", *_table(head, [list(fact) for fact in facts.items()])]


def _card(record: SweepRecord) -> list[str]:
    plan, card = record.plan, record.card
    facts = {
        "questions": f"{plan.questions.name}, SHA-256 {plan.questions.digest}",
        "arms": "; ".join(
            f"{label}, up to {arm.budget.attempts}"
            for label, arm in zip(arm_labels(plan.arms), plan.arms, strict=True)
        ),
        "seed": str(plan.seed),
        "sampler": ", ".join(
            f"{name} {getattr(plan.sampling, name)}"
            for name in plan.sampling.__struct_fields__
            if name != "seed"
        ),
        "each attempt": _each_attempt(plan),
        "system": card.system or _NOT_AVAILABLE,
        "devices": ", ".join(card.devices) or "processor only",
        "energy": _energy(record),
        **card.power,
        **card.versions,
    }
    for path, model in card.models.items():
        name = path.replace("\\", "/").rpartition("/")[2]
        facts[f"model {name}"] = ", ".join(f"{key} {value}" for key, value in model.items())
    rows = "".join(
        f'<tr><td>{escape(name)}</td><td class="wide">{escape(value)}</td></tr>'
        for name, value in facts.items()
    )
    return ["<h2>What it ran on</h2>", f"<table>{rows}</table>"]


def _each_attempt(plan: SweepPlan) -> str:
    budget = plan.arms[0].budget
    limits = {
        "tokens": budget.tokens_per_candidate,
        "tokens of thought": budget.thought_tokens,
        "forced continuations of a thought": budget.more_thought or None,
    }
    told = [f"at most {most} {what}" for what, most in limits.items() if most is not None]
    told.append(f"instructions: {plan.instructions}" if plan.instructions else "no instructions")
    return ", ".join(told)


def _energy(record: SweepRecord) -> str:
    reports = [s.energy for s in record.stretches if s.energy is not None]
    joules = total_joules(record.stretches)
    if joules is None:
        return _NOT_AVAILABLE
    peaks = [report.peak_watts for report in reports if report.peak_watts is not None]
    first = reports[0]
    peak = f", peak {max(peaks):.0f} W" if peaks else ""
    return f"{joules:,.0f} J by {first.label} ({first.method}, {first.window}){peak}"


def _measured(value: float | None, unit: str) -> str:
    return _NOT_AVAILABLE if value is None else f"{value:.3g} {unit}".rstrip()


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    titles = "".join(f"<th>{escape(title)}</th>" for title in head)
    lines = ["<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows]
    return ["<table>", f"<tr>{titles}</tr>", *lines, "</table>"]
