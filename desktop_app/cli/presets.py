"""`ponder presets`: which ways to think were kept under a name."""

from __future__ import annotations

import argparse

from desktop_app.cli.complaint import fail
from desktop_app.cli.exits import EXIT_USAGE
from desktop_app.cli.spending import spent
from desktop_app.folders import folders
from desktop_app.presets import Preset, PresetError, PresetShelf, with_preset
from desktop_app.settings import Settings
from desktop_app.spending import spending_from
from desktop_app.words.model_text import aligned
from desktop_app.words.plain_text import json_text, plain


def run_presets(arguments: argparse.Namespace) -> int:
    """List them; 0, or 2 where their folder cannot be read."""
    try:
        found = PresetShelf(folders().presets).presets()
    except PresetError as error:
        return fail(EXIT_USAGE, error.code, error.detail)
    if arguments.json:
        rows = [{"name": one.name, "preset": one.preset} for one in found]
        print(json_text({"presets": rows}))
        return 0
    lines = aligned([(one.name, _words(one.preset)) for one in found]) if found else ["no presets"]
    print(plain("\n".join(lines)))
    return 0


def _words(preset: Preset | None) -> str:
    """How a preset spends, in words."""
    if preset is None:
        return "its file is damaged"
    try:
        spends = spending_from(with_preset(Settings(), preset))
    except ValueError:
        return "a number in it is out of its range"
    return f"{spends.strategy}, {spent(spends.strategy, spends.budget)}"
