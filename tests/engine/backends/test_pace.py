"""The reading pace: short steps where somebody watches, a speed that is followed with care."""

from __future__ import annotations

from engine.backends.llama.pace import FEWEST_TOKENS, Pace

MOST = 512


def learned(pace: Pace, tokens: int, tokens_per_second: float, steps: int) -> Pace:
    for _ in range(steps):
        pace.learn(tokens, tokens / tokens_per_second)
    return pace


def test_the_first_step_is_short() -> None:
    assert Pace(MOST).tokens(watched=True) == FEWEST_TOKENS
    assert Pace(MOST).tokens(watched=False) == FEWEST_TOKENS


def test_a_step_takes_a_quarter_of_a_second_or_two_where_nobody_watches() -> None:
    pace = learned(Pace(MOST), 100, tokens_per_second=200.0, steps=5)
    assert pace.tokens(watched=False) == 400
    assert pace.tokens(watched=True) == FEWEST_TOKENS
    pace = learned(Pace(MOST), 100, tokens_per_second=800.0, steps=5)
    assert pace.tokens(watched=True) == 200


def test_a_faster_machine_is_followed_by_a_factor_of_two_up_to_what_fits() -> None:
    pace = learned(Pace(MOST), 100, tokens_per_second=256.0, steps=1)
    sizes = [pace.tokens(watched=True)]
    for _ in range(5):
        learned(pace, sizes[-1], tokens_per_second=1e6, steps=1)
        sizes.append(pace.tokens(watched=True))
    assert sizes == [64, 128, 256, 512, 512, 512]


def test_one_slow_step_halves_and_no_step_goes_below_the_fewest() -> None:
    pace = learned(Pace(MOST), 100, tokens_per_second=1600.0, steps=5)
    assert pace.tokens(watched=True) == 400
    learned(pace, 100, tokens_per_second=1.0, steps=1)
    assert pace.tokens(watched=True) == 200
    learned(pace, 100, tokens_per_second=1.0, steps=20)
    assert pace.tokens(watched=False) == FEWEST_TOKENS


def test_few_tokens_teach_nothing_and_no_time_is_no_error() -> None:
    pace = Pace(MOST)
    pace.learn(FEWEST_TOKENS - 1, 0.0)
    assert pace.tokens(watched=True) == FEWEST_TOKENS
    pace.learn(FEWEST_TOKENS, 0.0)
    assert pace.tokens(watched=True) == MOST
