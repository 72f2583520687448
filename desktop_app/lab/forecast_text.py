"""The expected price of a sweep in words. Free of Qt."""

from __future__ import annotations

from typing import Final

from desktop_app.words.electricity import JOULES_PER_KWH, format_cost
from desktop_app.words.quantities import counted, format_about_seconds, format_energy, format_number
from engine.lab.forecast import Forecast

_SOME_KWH: Final = 0.01


def forecast_words(found: Forecast) -> str:
    """Say time and energy with what they rest on, or why there is no forecast."""
    if found.seconds is None:
        # a model that was swept under any strategy is priced, so these were under none
        *first, last = dict.fromkeys(label.split(", ", 1)[-1] for label in found.unknown)
        names = f"{', '.join(first)} and {last}" if first else last
        was = "were" if first else "was"
        return f"No forecast: {names} {was} not swept on this machine before"
    said = [format_about_seconds(found.seconds), _energy(found.joules)]
    return (
        f"{' and '.join(filter(None, said))}, from {counted(found.from_samples, 'sample')} "
        "measured on this machine"
    )


def left_words(found: Forecast) -> str:
    """Say in short what is left, or "" where that is not known."""
    return "" if found.seconds is None else f"{format_about_seconds(found.seconds)} left"


def _energy(joules: float | None) -> str:
    if joules is None:
        return ""
    kwh = joules / JOULES_PER_KWH
    more = [f"{format_number(kwh, 2)} kWh" if kwh >= _SOME_KWH else "", format_cost(joules)]
    also = ", ".join(filter(None, more))
    return f"about {format_energy(joules)}{f' ({also})' if also else ''}"
