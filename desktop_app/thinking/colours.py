"""Which colour a candidate has: its vote group's, and a neutral one while it has none.

Colour means the vote group and nothing else, so a candidate that runs, or was stopped by us, is
never drawn in the accent, which is also the first group's colour.
"""

from __future__ import annotations

from PySide6.QtGui import QColor

from desktop_app.look.theme import Theme
from desktop_app.thinking.live import DeliberationView, Standing

_NEUTRAL_SHARE = 0.5


def candidate_colour(theme: Theme, view: DeliberationView, index: int) -> QColor:
    """Return the colour of one candidate now."""
    group = view.group_of(index)
    if group is not None:
        return QColor(theme.group(group))
    match view.standing(index):
        case Standing.NO_ANSWER:
            return QColor(theme.none_group)
        case Standing.WAITING:
            return QColor(theme.hairline)
        case _:
            return neutral_colour(theme)


def neutral_colour(theme: Theme) -> QColor:
    """What has no vote: between the hairline and the grey of "no answer"."""
    low, high = QColor(theme.hairline), QColor(theme.none_group)
    parts = (
        round(a + (b - a) * _NEUTRAL_SHARE)
        for a, b in zip(low.getRgb()[:3], high.getRgb()[:3], strict=True)  # type: ignore[index]
    )
    return QColor(*parts)
