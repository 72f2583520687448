"""Numbers as people read them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from desktop_app.words.quantities import (
    format_about_seconds,
    format_bytes,
    format_count,
    format_energy,
    format_percent,
    format_power,
    format_rate,
    format_ratio,
    format_seconds,
    use_number_marks,
)


@pytest.fixture(autouse=True)
def _english_marks() -> Iterator[None]:
    use_number_marks(".", ",")
    yield
    use_number_marks(".", ",")


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.0, "0.00 s"),
        (0.41, "0.41 s"),
        (0.996, "1.0 s"),
        (12.34, "12.3 s"),
        (99.94, "99.9 s"),
        (99.96, "1 min 40 s"),
        (200, "3 min 20 s"),
        (120, "2 min"),
        (3599.6, "1 h"),
        (3 * 3600 + 59 * 60 + 40, "4 h"),
        (5400, "1 h 30 min"),
    ],
)
def test_seconds(seconds: float, text: str) -> None:
    assert format_seconds(seconds) == text


@pytest.mark.parametrize(
    ("joules", "text"),
    [
        (0.84, "0.8 J"),
        (9.96, "10 J"),
        (840, "840 J"),
        (999.6, "1.0 kJ"),
        (2900, "2.9 kJ"),
        (99_960, "100 kJ"),
        (999_600, "1.0 MJ"),
    ],
)
def test_energy(joules: float, text: str) -> None:
    assert format_energy(joules) == text


def test_an_expected_time_is_no_finer_than_it_can_be_known() -> None:
    assert format_about_seconds(0.42) == "0.4 s"
    assert format_about_seconds(17.2) == "17 s"
    assert format_about_seconds(99.7) == "1 min 40 s"
    assert format_about_seconds(None) == "not available"


def test_power_and_rate_keep_a_decimal_only_while_small() -> None:
    assert format_power(4.24) == "4.2 W"
    assert format_power(311.6) == "312 W"
    assert format_rate(9.84) == "9.8 tok/s"
    assert format_rate(47.6) == "48 tok/s"


def test_certainty_is_never_rounded_up_to() -> None:
    assert format_percent(0.9999) == "99 %"
    assert format_percent(0.29) == "29 %"
    assert format_percent(1.0) == "100 %"


def test_what_was_not_measured_is_said_so() -> None:
    for write in (
        format_seconds, format_energy, format_power, format_rate, format_percent, format_ratio,
    ):  # fmt: skip
        assert write(None) == "not available"


def test_the_marks_of_the_language_are_used() -> None:
    use_number_marks(",", ".")
    assert format_seconds(12.3) == "12,3 s"
    assert format_energy(2900) == "2,9 kJ"
    assert format_count(1240) == "1.240"
    assert format_ratio(8.2) == "8,2×"


def test_bytes() -> None:
    assert format_bytes(900) == "900 B"
    assert format_bytes(4_400_000) == "4.4 MB"
    assert format_bytes(2_500_000_000) == "2.5 GB"
