"""The settings page of the strategies: what they are told beside the slider's number."""

from __future__ import annotations

import msgspec
from PySide6.QtWidgets import QVBoxLayout, QWidget

from desktop_app.settings import ThinkingSettings
from desktop_app.settings_pages.settings_form import (
    OptionalNumber,
    choice,
    form_page,
    row,
    select,
    whole,
)
from desktop_app.words.own_thinking_text import no_switch_text, offered
from engine.budget import MOST_MORE_THOUGHT
from engine.options import Choice, SearchMethod, StrategyOptions, Weighting
from engine.own_thinking import OwnThinking


class StrategyPage(QWidget):
    """Edits `StrategyOptions`; what has no field here stays as it was.

    Args:
        takes: What the model's own thinking can be told, or None where any may come.
    """

    def __init__(self, takes: tuple[OwnThinking, ...] | None = None) -> None:
        super().__init__()
        self._takes = takes
        self._kept = StrategyOptions()
        self._weighting = choice(
            (
                (Weighting.EQUAL, self.tr("as much as any other")),
                (Weighting.LIKELIHOOD, self.tr("by the likelihood of its tokens")),
                (Weighting.SELF_ASSESSED, self.tr("by how sure the model is of it")),
                (Weighting.COMBINED, self.tr("by both")),
            ),
            self.tr("A vote counts"),
        )
        self._first = OptionalNumber(self.tr("all that were started"), 64)
        self._method = choice(
            (
                (SearchMethod.BEAM, self.tr("the best steps of all (beam)")),
                (SearchMethod.DVTS, self.tr("the best of several subtrees (DVTS)")),
                (SearchMethod.BEST_OF_N, self.tr("whole attempts (best-of-N)")),
            ),
            self.tr("A search goes on from"),
        )
        self._choice = choice(
            (
                (Choice.WEIGHTED, self.tr("equal answers add up their scores")),
                (Choice.BEST, self.tr("the best score wins")),
            ),
            self.tr("A search decides so that"),
        )
        self._width = whole(1, 16)
        self._shown = whole(1, 8)
        self._own_thinking = choice((), self.tr("The model's own thinking"))
        self._more = whole(0, MOST_MORE_THOUGHT)
        self._more.setSpecialValueText(self.tr("no"))
        self._more.setSuffix(self.tr(" ×"))
        page, fields = form_page()
        row(
            fields,
            self.tr("A vote counts"),
            self._weighting,
            self.tr("Sure is not right: compare before you trust it."),
            in_sight=True,
        )
        row(
            fields,
            self.tr("A vote waits for"),
            self._first,
            self.tr("3: the first three to finish decide."),
            in_sight=True,
        )
        row(fields, self.tr("A search goes on from"), self._method)
        row(fields, self.tr("A search decides so that"), self._choice)
        row(
            fields,
            self.tr("Continuations of a step"),
            self._width,
            self.tr("Written for each step that a search keeps."),
            in_sight=True,
        )
        row(
            fields,
            self.tr("Attempts an aggregate sees"),
            self._shown,
            self.tr("They share the context with the question."),
            in_sight=True,
        )
        row(
            fields,
            self.tr("The model's own thinking"),
            self._own_thinking,
            self.tr("How hard it thinks before it answers."),
            in_sight=True,
        )
        row(
            fields,
            self.tr("Longer hidden thoughts"),
            self._more,
            self.tr("How often a thought that ends goes on."),
            in_sight=True,
        )
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(page)
        column.addStretch(1)

    @property
    def options(self) -> StrategyOptions:
        """What the page says now."""
        return msgspec.structs.replace(
            self._kept,
            weighting=Weighting(self._weighting.currentData()),
            first_finished=self._first.number,
            method=SearchMethod(self._method.currentData()),
            choice=Choice(self._choice.currentData()),
            width=self._width.value(),
            shown=self._shown.value(),
            own_thinking=OwnThinking(self._own_thinking.currentData()),
        )

    @property
    def more_thought(self) -> int:
        """How often a thought goes on."""
        return self._more.value()

    def show_thinking(self, thinking: ThinkingSettings) -> None:
        """Take the settings."""
        options = self._kept = thinking.options
        select(self._weighting, options.weighting)
        self._first.set_number(options.first_finished)
        select(self._method, options.method)
        select(self._choice, options.choice)
        self._width.setValue(options.width)
        self._shown.setValue(options.shown)
        self._show_own_thinking(options.own_thinking)
        self._more.setValue(thinking.more_thought)

    def _show_own_thinking(self, wish: OwnThinking) -> None:
        """Offer what the model can be told, or say why there is nothing to choose."""
        self._own_thinking.clear()
        entries = offered(self._takes, wish)
        for one, text in entries:
            self._own_thinking.addItem(text, one)
        choosable = len(entries) > 1
        self._own_thinking.setEnabled(choosable)
        if not choosable:
            default = f"{entries[0][1]}: {no_switch_text()}"
            self._own_thinking.setItemText(0, default)
        select(self._own_thinking, wish)
