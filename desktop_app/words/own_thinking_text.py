"""What the wishes of a model's own thinking are called, and which of them are offered.

One place for every text about them that the window shows.
"""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from engine.generation import ModelReport
from engine.own_thinking import OwnThinking


def _tr(text: str) -> str:
    return QCoreApplication.translate("OwnThinking", text)


def own_thinking_text(wish: OwnThinking) -> str:
    """What a wish is called."""
    texts = {
        OwnThinking.AUTO: _tr("Default"),
        OwnThinking.OFF: _tr("Off"),
        OwnThinking.ON: _tr("On"),
        OwnThinking.LOW: _tr("Low"),
        OwnThinking.MEDIUM: _tr("Medium"),
        OwnThinking.HIGH: _tr("High"),
    }
    return texts[wish]


def wishes_of(report: ModelReport | None) -> tuple[OwnThinking, ...] | None:
    """What a model can be told beside its default, or None where none is loaded."""
    return None if report is None else tuple(mode.wish for mode in report.own_thinking)


def offered(
    takes: tuple[OwnThinking, ...] | None, chosen: OwnThinking
) -> tuple[tuple[OwnThinking, str], ...]:
    """Return what can be chosen, and how it is called: what was chosen before stays among it.

    Args:
        takes: What the loaded model can be told; everything is offered where None is loaded.
        chosen: What is chosen now.
    """
    entries = []
    for wish in OwnThinking:
        text = own_thinking_text(wish)
        if takes is None or wish is OwnThinking.AUTO or wish in takes:
            entries.append((wish, text))
        elif wish is chosen:
            entries.append((wish, _tr("{0} (not with this model)").format(text)))
    return tuple(entries)


def no_switch_text() -> str:
    """Why nothing can be chosen."""
    return _tr("this model has no switch")
