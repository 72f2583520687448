"""The built-in reasoner's tables: what thinking longer buys, by family, difficulty and strategy.

`python -m tests.bench.reasoner` samples the held-out problems once, keeps the attempts, and writes
the tables into the model card between its marks.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from statistics import fmean
from typing import Final

import numpy as np
from numpy.typing import NDArray

from engine.backends.llama.backend import LlamaBackend
from engine.generation import LoadOptions
from engine.lab.policy import Spent as LearnedSpent
from engine.lab.policy import Weighed, learn_policy, weightings_to_try
from engine.lab.replay import Samples
from engine.options import Weighting
from models.builtin import BASE, CARD, SMALL, STORIES, builtin_models
from models.training.card import read_section, rows_of, table, write_section
from models.training.families import FAMILIES
from models.training.heldout import HELD_OUT_SEED, held_out
from models.training.problem import Problem
from tests.bench.attempts import Attempts, sampled
from tests.bench.spending import WAYS, Spent, spend, summary
from tests.bench.statistics import (
    by_both,
    by_confidence,
    by_score,
    calibration,
    coverage,
    equal,
    expected_calibration_error,
    interval,
    quintiles,
    ranking,
    slope,
    vote_accuracy,
)
from tests.bench.two_sizes import at_equal_cost, parameter_count

_ROOT: Final = Path(__file__).parents[2]
_STORED: Final = _ROOT / ".cache" / "bench" / "attempts"
_OWN_WORDING: Final = _ROOT / "tests" / "models" / "data" / "own_wording.jsonl"

BUDGETS: Final = (1, 2, 4, 8, 16, 32, 64)
_SLOTS: Final = 16
"""More cost a small model more than they bring: every row looks at the cells of all others."""

_NOT_RUN: Final = "not measured with this file."
_VOTES: Final = (("vote", equal), ("weighted", by_score), ("by both", by_both))

Rows = dict[str, list[Attempts]]
Ways = Mapping[str, Mapping[str, Sequence[Spent]]]
"""By way and family, in the order of the held-out problems."""


def file_hash(path: Path) -> str:
    """What tells a model file from another one of its name."""
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12]


def stored(name: str, path: Path) -> Path:
    """Where the attempts of a model file lie, which another file of its name does not share."""
    return _STORED / f"{name}-{file_hash(path)}"


def measure(name: str, path: Path, count: int, problems: int, threads: int | None) -> Rows:
    """Sample the first held-out problems of every family."""
    backend = LlamaBackend.load(path, LoadOptions(slots=min(count, _SLOTS), threads=threads))
    try:
        return {
            family: sampled(
                backend, held_out(family, problems), count, stored(name, path) / f"{family}.jsonl"
            )
            for family in FAMILIES
        }
    finally:
        backend.close()


def scaling(rows: Rows) -> str:
    """Accuracy against samples for the vote, the weighted vote and coverage, by family."""
    everything = {**rows, "all": [row for part in rows.values() for row in part]}
    budgets = [b for b in BUDGETS if b <= len(everything["all"][0].attempts)]
    lines = []
    for name, part in everything.items():
        for label, weight in _VOTES:
            rng = random.Random(5)
            means = [[vote_accuracy(r.attempts, b, rng, weight) for r in part] for b in budgets]
            lines.append([f"{name}: {label}", *(_percent(fmean(column)) for column in means)])
        means = [[coverage(r.attempts, b) for r in part] for b in budgets]
        lines.append([f"{name}: coverage", *(_percent(fmean(column)) for column in means)])
    return table(["samples", *map(str, budgets)], lines)


def by_difficulty(rows: Rows) -> str:
    """The same by quintile of difficulty, over all families."""
    parts = quintiles([row for part in rows.values() for row in part])
    budgets = [b for b in BUDGETS if b <= len(parts[0][0].attempts)]
    lines = []
    for number, part in enumerate(parts, start=1):
        for label, weight in _VOTES:
            rng = random.Random(6)
            means = [
                fmean(vote_accuracy(r.attempts, b, rng, weight) for r in part) for b in budgets
            ]
            lines.append([f"{number}: {label}", *map(_percent, means)])
        means = [fmean(coverage(r.attempts, b) for r in part) for b in budgets]
        lines.append([f"{number}: coverage", *map(_percent, means)])
    return table(["easy to hard", *map(str, budgets)], lines)


def gains(rows: Rows) -> str:
    """What 16 samples gain over one, and scores over counting, with intervals."""
    lines = []
    everything = {**rows, "all": [row for part in rows.values() for row in part]}
    for name, part in everything.items():
        rng = random.Random(7)
        one = [vote_accuracy(row.attempts, 1, rng) for row in part]
        vote = [vote_accuracy(row.attempts, 16, rng) for row in part]
        weighted = [vote_accuracy(row.attempts, 16, rng, by_score) for row in part]
        sure = [vote_accuracy(row.attempts, 16, rng, by_confidence) for row in part]
        both = [vote_accuracy(row.attempts, 16, rng, by_both) for row in part]
        chatted = [vote_accuracy(row.attempts, 16, rng, ties=False) for row in part]
        auc = ranking(part)
        lines.append(
            [
                name,
                _points([b - a for a, b in zip(one, vote, strict=True)]),
                _points([b - a for a, b in zip(vote, weighted, strict=True)]),
                _points([b - a for a, b in zip(vote, sure, strict=True)]),
                _points([b - a for a, b in zip(vote, both, strict=True)]),
                _points([b - a for a, b in zip(chatted, both, strict=True)]),
                f"{expected_calibration_error(part):.3f}",
                "not available" if auc is None else f"{auc:.3f}",
            ]
        )
    head = [
        "family", "vote of 16 - one", "weighted - vote, 16", "by log-probability - vote, 16",
        "by both - vote, 16", "by both - vote, 16, a tie without a winner", "ECE",
        "right above wrong",
    ]  # fmt: skip
    return table(head, lines)


def fit(rows: Rows) -> str:
    """Points per doubling between 1 and 16 samples."""
    lines = []
    counts = (1, 2, 4, 8, 16)
    for name, part in rows.items():
        rng = random.Random(8)
        values = [[vote_accuracy(row.attempts, b, rng) for b in counts] for row in part]
        middle, low, high = (100 * number for number in slope(counts, values))
        lines.append([name, f"{middle:.1f}", f"{low:.1f} to {high:.1f}"])
    return table(["family", "points per doubling", "95 %"], lines)


def calibrated(rows: Rows) -> str:
    """How often attempts of each score are right."""
    parts = calibration([row for part in rows.values() for row in part])
    lines = [[f"{said:.2f}", f"{right:.2f}", str(count)] for said, right, count in parts]
    return table(["mean score", "share right", "attempts"], lines)


def savings(rows: Rows) -> str:
    """What `auto` saves with the table it has, and with those learned on the other half."""
    everything = [row for part in rows.values() for row in part]
    ways = _weighed(everything)
    lines = []
    for samples in (8, 16, 32, 64):
        found = learn_policy(ways, most=samples) if samples <= ways[0].samples.count else None
        if found is not None:
            fixed = [f"{found.fixed.tokens:.0f}", _percent(found.fixed.accuracy)]
            autos = [*_saved(found.shipped), *_saved(found.judged)]
            lines.append([f"vote of {samples}", *fixed, *autos])
    head = ["fixed", "tokens", "right", "auto, tokens", "right", "ratio"]
    return table([*head, "learned, tokens", "right", "ratio"], lines)


def _saved(spent: LearnedSpent) -> list[str]:
    ratio = "above all" if spent.ratio is None else f"{spent.ratio:.1f}"
    return [f"{spent.tokens:.0f}", _percent(spent.accuracy), ratio]


def _weighed(rows: Sequence[Attempts]) -> list[Weighed]:
    """The stored attempts as the lab's arrays, under each weighting that the lab tries."""
    alike = _samples(rows)
    likely = np.exp([[one.confidence for one in row.attempts] for row in rows])
    likely += 1 - likely.max(axis=1, keepdims=True)  # only how they compare matters
    said = np.array([[by_score(one) for one in row.attempts] for row in rows])

    def weights(how: Weighting, sharpness: float | None) -> NDArray[np.float64]:
        temperature = how.usual_sharpness if sharpness is None else sharpness
        match how:
            case Weighting.EQUAL:
                return np.ones_like(likely)
            case Weighting.LIKELIHOOD:
                return np.exp((likely - 1) / temperature)
            case Weighting.SELF_ASSESSED:
                return np.exp((said - 1) / temperature)
            case Weighting.COMBINED:
                return said * np.exp((likely - 1) / temperature)

    return [
        Weighed(replace(alike, weight=weights(how, sharpness)), how, sharpness)
        for how, sharpness in weightings_to_try(likely=True, scored=True)
    ]


def _samples(rows: Sequence[Attempts]) -> Samples:
    """The stored attempts as the lab's arrays."""
    shape = (len(rows), len(rows[0].attempts))
    right, group = np.zeros(shape, dtype=bool), np.full(shape, -1, dtype=np.int64)
    tokens = np.zeros(shape, dtype=np.int64)
    for number, row in enumerate(rows):
        numbers: dict[str, int] = {}
        for place, one in enumerate(row.attempts):
            right[number, place], tokens[number, place] = one.right, one.tokens
            if one.key is not None:
                group[number, place] = numbers.setdefault(one.key, len(numbers))
    return Samples(right, group, tokens, np.ones(shape))


def spent_ways(
    name: str, path: Path, problems: int, threads: int | None, chosen: Sequence[str]
) -> Ways:
    """Run ways of spending on the same first problems of each family."""
    backend = LlamaBackend.load(path, LoadOptions(slots=32, threads=threads))
    folder = stored(name, path)
    try:
        return {
            way: {
                family: spend(
                    backend,
                    held_out(family, problems),
                    WAYS[way],
                    folder / f"{family}-{way}.jsonl",
                )
                for family in FAMILIES
            }
            for way in chosen
        }
    finally:
        backend.close()


def strategies(ways: Ways, before: str) -> str:
    """Every way of spending by family; those that were not run as the card has them."""
    lines = []
    for way, by_family in ways.items():
        everything = [one for part in by_family.values() for one in part]
        right, tokens = summary(everything)
        low, high = interval([float(one.right) for one in everything])
        lines.append(
            [
                way,
                *(_percent(summary(part)[0]) for part in by_family.values()),
                f"{_percent(right)} ({_percent(low)} to {_percent(high)})",
                f"{tokens:.0f}",
            ]
        )
    return _with_kept(["way", *FAMILIES, "all (95 %)", "tokens a problem"], lines, before)


def _with_kept(head: Sequence[str], lines: Sequence[Sequence[str]], before: str) -> str:
    """A table of ways with the rows that the card has of others."""
    known = {row[0]: row for row in [*rows_of(before, head), *map(list, lines)]}
    return table(head, [known[way] for way in WAYS if way in known])


def strategies_by_difficulty(ways: Ways, rows: Rows, before: str) -> str:
    """Every way of spending by fifths of difficulty, which the stored attempts tell."""
    lines = []
    for way, by_family in ways.items():
        ranked = sorted(
            (
                (fmean(attempt.right for attempt in row.attempts), spent)
                for family, part in by_family.items()
                for row, spent in zip(rows[family], part, strict=False)
            ),
            key=lambda pair: -pair[0],
        )
        parts = [ranked[n * len(ranked) // 5 : (n + 1) * len(ranked) // 5] for n in range(5)]
        shares = [summary([spent for _, spent in part]) for part in parts]
        lines.append([way, *(f"{_percent(right)} ({tokens:.0f})" for right, tokens in shares)])
    return _with_kept(["way", *(f"fifth {number}" for number in range(1, 6))], lines, before)


def own_wording(name: str, path: Path, threads: int | None) -> str:
    """Questions that people wrote by hand, who had not seen the generators' wordings."""
    backend = LlamaBackend.load(path, LoadOptions(slots=16, threads=threads))
    lines = []
    rows = [json.loads(line) for line in _OWN_WORDING.read_text(encoding="utf-8").splitlines()]
    try:
        for family in FAMILIES:
            problems = [
                Problem(family, row["question"], (), row["answer"], 1)
                for row in rows
                if row["family"] == family
            ]
            part = sampled(backend, problems, 16, stored(name, path) / f"{family}-own.jsonl")
            one = fmean(a.right for row in part for a in row.attempts)
            rng = random.Random(10)
            vote = fmean(vote_accuracy(row.attempts, 16, rng) for row in part)
            weighted = fmean(vote_accuracy(row.attempts, 16, rng, by_score) for row in part)
            both = fmean(vote_accuracy(row.attempts, 16, rng, by_both) for row in part)
            any_right = fmean(coverage(row.attempts, 16) for row in part)
            shares = (one, vote, weighted, both, any_right)
            lines.append([family, str(len(part)), *map(_percent, shares)])
    finally:
        backend.close()
    head = ["family", "questions", "one sample", "vote of 16", "weighted", "by both", "any of 16"]
    return table(head, lines)


def _percent(share: float) -> str:
    return f"{100 * share:.1f}"


def _points(differences: Sequence[float]) -> str:
    low, high = interval(differences)
    return f"{100 * fmean(differences):+.1f} ({100 * low:+.1f} to {100 * high:+.1f})"


def sections(name: str, file: str, rows: Rows, ways: Ways, own: str) -> str:
    """Everything that is said of one model.

    Args:
        name: What it is called.
        file: What tells its file from others of its name.
        rows: Attempts.
        ways: Those that were run.
        own: The table of questions in people's own wording.
    """
    before = read_section(CARD, f"measured: {name}")
    before = before if f"file {file}" in before else ""
    first = next(iter(rows.values()))
    run = len(next(iter(next(iter(ways.values())).values()))) if ways else 0
    many = f"{len(first)} held-out problems a family, {len(first[0].attempts)} attempts each"
    return "\n\n".join(
        [
            f"### {name}: {many}, seed {HELD_OUT_SEED}, file {file}",
            "Percent right; a tie of votes is broken by chance, as in the literature (in the "
            "window a tie has no winner).",
            scaling(rows),
            "By difficulty (fifths by the share of right attempts in the first half, measured on "
            "the second):",
            by_difficulty(rows),
            "Gains in points with 95 % intervals over problems, votes weighted by the verifier, by "
            "how likely their tokens were, and by the product of both; the verifier's expected "
            "calibration error, and how often it scores a right attempt above a wrong one at the "
            "same problem:",
            gains(rows),
            "The verifier's scores against what was right:",
            calibrated(rows),
            "Fit of the vote's accuracy over log2 of 1 to 16 samples:",
            fit(rows),
            "`auto` against fixed votes, two-fold cross-validation, tokens a problem, the first "
            "four samples included; the ratio is at equal accuracy. First with the table that any "
            "model has (it ends at a lead of three votes), then with tables learned on the other "
            "half:",
            savings(rows),
            "Ways of spending a budget on the same problems, each run for itself "
            f"({run} problems a family):",
            strategies(ways, before) if ways else _NOT_RUN,
            "The same by fifths from easy to hard, told by the attempts above, which the ways do "
            "not see; in brackets the tokens a problem:",
            strategies_by_difficulty(ways, rows, before) if ways else _NOT_RUN,
            "Questions written by hand, apart from the generators:",
            own,
        ]
    )


def two_sizes(found: Mapping[str, Rows], paths: Mapping[str, Path]) -> str:
    """What is said of both sizes together."""
    parameters = parameter_count(paths[SMALL]), parameter_count(paths[BASE])
    return "\n\n".join(
        [
            f"One token of base costs as much as {parameters[1] / parameters[0]:.1f} of small. "
            "Percent right, and what small's vote is ahead by, in points with 95 % intervals over "
            "problems (fifths by how often base is right, sorted and measured on different "
            "attempts):",
            at_equal_cost(found[SMALL], found[BASE], parameters),
        ]
    )


def main() -> None:
    """Measure the built-in models and print their tables."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.reasoner", description=__doc__)
    models = {name: path for name, path in builtin_models().items() if name != STORIES}
    parser.add_argument("--model", choices=sorted(models), help="only this one")
    parser.add_argument("--file", type=Path, help="another file, under the name of --model")
    parser.add_argument("--attempts", type=int, default=64)
    parser.add_argument("--problems", type=int, default=500, help="of each family")
    parser.add_argument(
        "--run-problems", type=int, default=500, help="of each family, for strategies that are run"
    )
    parser.add_argument(
        "--way",
        action="append",
        choices=list(WAYS),
        help="run only this strategy, may be given again; the card keeps its rows of others",
    )
    parser.add_argument("--threads", type=int)
    parser.add_argument("--write-card", action="store_true")
    arguments = parser.parse_args()
    found: dict[str, Rows] = {}
    for name in [arguments.model] if arguments.model else models:
        path = arguments.file or models[name]
        rows = measure(name, path, arguments.attempts, arguments.problems, arguments.threads)
        found[name] = rows
        runs = arguments.run_problems
        chosen = arguments.way or list(WAYS)
        ways = spent_ways(name, path, runs, arguments.threads, chosen) if runs else {}
        own = own_wording(name, path, arguments.threads)
        text = sections(name, file_hash(path), rows, ways, own)
        print(text, flush=True)
        if arguments.write_card:
            write_section(CARD, f"measured: {name}", text)
    if len(found) == len(models):
        text = two_sizes(found, models)
        print(text, flush=True)
        if arguments.write_card:
            write_section(CARD, "measured: small against base", text)


if __name__ == "__main__":
    main()
