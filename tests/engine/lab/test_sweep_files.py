"""A sweep from a file is taken whole, or refused whole with what cannot be."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest

from engine.lab.export import SweepFileError, from_json, to_json
from engine.lab.results import results_of
from engine.tally import tally_votes
from tests.desktop_app.lab.made_sweeps import made_sweep

MADE = made_sweep(["m"], ["vote"], (1, 2), questions=3)
SAMPLE, CANDIDATE = ("samples", 0), ("samples", 0, "candidate")
VERDICT, STRETCH = ("verdicts", 0), ("stretches", 0)
HUGE = 2**60


def test_a_sound_sweep_comes_back_as_it_was() -> None:
    assert from_json(to_json(MADE)) == MADE


@pytest.mark.parametrize(
    ("place", "value", "told"),
    [
        ((*CANDIDATE, "queued_seconds"), -1.0, "below zero"),
        ((*CANDIDATE, "finished_seconds"), -3.0, "below zero"),
        ((*CANDIDATE, "queued_seconds"), 99.0, "below zero"),
        ((*CANDIDATE, "finished_seconds"), 1e300, "out of range"),
        ((*CANDIDATE, "tokens"), HUGE, "out of range"),
        ((*CANDIDATE, "tokens"), -1, "out of range"),
        ((*CANDIDATE, "index"), HUGE, "out of range"),
        ((*CANDIDATE, "confidence"), 5.0, "share"),
        ((*CANDIDATE, "score"), -0.5, "share"),
        ((*CANDIDATE, "index"), 1, "same place"),
        ((*SAMPLE, "place", "question"), 3, "does not ask"),
        ((*SAMPLE, "place", "question"), 1, "same place"),
        ((*VERDICT, "seconds"), -1.0, "below zero"),
        ((*VERDICT, "tokens"), HUGE, "out of range"),
        ((*VERDICT, "place", "question"), 1, "same place"),
        ((*VERDICT, "verdict", "chosen"), 7, "not there"),
        ((*VERDICT, "verdict", "tally", "settled"), 2.0, "share"),
        ((*VERDICT, "verdict", "tally", "groups", 0, "candidates"), [], "has none"),
        ((*VERDICT, "verdict", "outcome"), "tie", "fewer than two"),
        ((*STRETCH, "seconds"), -1.0, "below zero"),
        ((*STRETCH, "tokens"), HUGE, "out of range"),
        ((*STRETCH, "arm"), 1, "does not ask"),
        ((*STRETCH, "watts"), [-1.0], "below zero"),
        (("summary", "samples"), 5, "it counts 5 samples and has 6"),
        (("summary", "created_at"), "some day", "moment"),
        (("plan", "repeats"), HUGE, "repeats"),
        (("plan", "budgets"), [HUGE], "attempts"),
        (("plan", "arms", 0, "strategy"), "guess", "no strategy"),
        (("plan", "load", "slots"), HUGE, "out of range"),
        (("samples",), [], "it counts 6 samples and has 0"),
    ],
)
def test_what_cannot_be_is_refused(place: tuple[str | int, ...], value: object, told: str) -> None:
    file = json.loads(to_json(MADE))
    inside: Any = file["sweep"]
    for key in place[:-1]:
        inside = inside[key]
    inside[place[-1]] = value
    with pytest.raises(SweepFileError, match=told):
        from_json(json.dumps(file).encode())


@pytest.mark.parametrize("number", ["NaN", "Infinity", "1e999", str(2**64), str(-(2**63) - 1)])
def test_what_is_no_number_is_refused(number: str) -> None:
    text = (
        to_json(MADE).decode().replace('"finished_seconds": 2.0', f'"finished_seconds": {number}')
    )
    with pytest.raises(SweepFileError):
        from_json(text.encode())


def test_a_sweep_whose_candidates_wrote_nothing_is_shown() -> None:
    made = made_sweep(["m"], ["vote"], (1, 8), questions=25)
    empty = [
        msgspec.structs.replace(s, candidate=msgspec.structs.replace(s.candidate, tokens=0))
        for s in made.samples
    ]
    found = results_of(msgspec.structs.replace(made, samples=tuple(empty)))
    assert [learned.judged.ratio for learned in found.policies.values()] == [None]


def test_samples_of_every_round_are_spent() -> None:
    """Of an aggregate the last round votes; the earlier ones were paid for as well."""
    made = made_sweep(["m"], ["aggregate"], (4,), questions=3)
    last = []
    for record in made.verdicts:
        told = [sample.candidate for sample in made.samples if sample.place == record.place]
        verdict = msgspec.structs.replace(record.verdict, tally=tally_votes(told[2:]))
        last.append(msgspec.structs.replace(record, verdict=verdict))
    found = results_of(msgspec.structs.replace(made, verdicts=tuple(last)))
    assert [point.samples for curve in found.curves for point in curve.points] == [4.0]
