"""How what a person writes about GPUs is read."""

from __future__ import annotations

import pytest

from desktop_app.settings_pages.gpu_shares import parse_shares


@pytest.mark.parametrize(
    ("text", "shares"),
    [
        ("1, 1", (1.0, 1.0)),
        ("0 2.5", (0.0, 2.5)),
        ("3", (3.0,)),
        ("999999999 1", (999999999.0, 1.0)),
    ],
)
def test_shares_are_read(text: str, shares: tuple[float, ...]) -> None:
    assert parse_shares(text, 2) == shares


@pytest.mark.parametrize(
    "text", ["", "0, 0", "-1, 2", "1, 1, 1", "one", "inf, 1", "nan", "1e30, 1"]
)
def test_what_are_no_shares_is_none(text: str) -> None:
    assert parse_shares(text, 2) is None
