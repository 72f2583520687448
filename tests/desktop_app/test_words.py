"""Small words that several places use."""

from __future__ import annotations

import time

import pytest

from desktop_app.result_json import settled, votes
from desktop_app.words.moments import local_minute
from engine.tally import GroupingMethod, Tally, VoteGroup


def test_a_moment_is_told_by_the_clock_on_the_wall(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    time.tzset()
    try:
        assert local_minute("2026-11-27T23:45:10+00:00") == "2026-11-28 08:45"
        assert local_minute("some day") == "some day"
    finally:
        monkeypatch.undo()
        time.tzset()


def test_where_nothing_was_voted_on_no_vote_is_told() -> None:
    group = VoteGroup("", "", (0,), 1.0)
    typical = Tally((group,), method=GroupingMethod.MEDOID)
    assert (votes(typical), settled(typical)) == ((), None)
    voted = Tally((group,), settled=0.75)
    assert (len(votes(voted)), settled(voted)) == (1, 0.75)
