"""What the strategies are called, what they do in one line, what they spend and what they need.

One place for every text about a strategy that the window shows.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from PySide6.QtCore import QCoreApplication

from engine.options import StrategyChoice


def _tr(text: str, count: int = -1) -> str:
    return QCoreApplication.translate("Strategies", text, None, count)


_CLEAR_LEAD: Final = 2.0
"""Votes ahead from which on an answer is called clearly ahead."""

UNITS: Final[dict[str, str]] = {
    "vote": "samples",
    "revise": "attempts",
    "search": "paths",
    "aggregate": "attempts",
    "think-first": "samples",
    "auto": "samples",
}
"""What the slider's number counts under each strategy, in the menu's order."""


class StrategyText(NamedTuple):
    """A strategy in words.

    Attributes:
        title: Its name in the menu.
        spends: What the slider's number is spent on.
        does: What it does.
        needs: What it needs to be worth its cost.
    """

    title: str
    spends: str
    does: str
    needs: str

    @property
    def tip(self) -> str:
        """Both lines."""
        return f"{self.does}\n{self.needs}"

    @property
    def said(self) -> str:
        """Everything, for a screen reader."""
        return f"{self.does} {self.needs} {self.spends}"


def strategy_text(name: str) -> StrategyText:
    """Return the words for a strategy."""
    texts = {
        "vote": StrategyText(
            _tr("Vote"),
            _tr("spends samples"),
            _tr("Independent samples; the most common answer wins."),
            _tr("For questions whose answers can be compared."),
        ),
        "revise": StrategyText(
            _tr("Revise"),
            _tr("spends attempts, in chains"),
            _tr("Chains of attempts, each sees the last four; then all of them vote."),
            _tr("Pays only with models that can use their own mistakes."),
        ),
        "search": StrategyText(
            _tr("Search"),
            _tr("spends paths"),
            _tr("Writes step by step and goes on from the steps that score best."),
            _tr("Scores by the model's own verifier, else by asking it yes or no."),
        ),
        "aggregate": StrategyText(
            _tr("Aggregate"),
            _tr("spends attempts, in rounds"),
            _tr("Each round puts attempts of the last one together; the last round decides."),
            _tr("For reasoning models and open questions; needs a long context."),
        ),
        "think-first": StrategyText(
            _tr("Think first"),
            _tr("spends samples"),
            _tr("Asks for a hidden thought before the reply, then votes."),
            _tr("For comparison: untrained models usually do worse with it."),
        ),
        "auto": StrategyText(
            _tr("Auto"),
            _tr("spends samples, as many as it needs"),
            _tr("Asks four times and goes on until one answer is clearly ahead."),
            _tr("Works with every model."),
        ),
    }
    return texts[name]


def unit_text(unit: str, count: int) -> str:
    """A count with its unit."""
    if count == 1:
        one = {
            "samples": _tr("1 sample"),
            "attempts": _tr("1 attempt"),
            "paths": _tr("1 path"),
            "rounds": _tr("1 round"),
        }
        return one[unit]
    many = {
        "samples": _tr("%n samples", count),
        "attempts": _tr("%n attempts", count),
        "paths": _tr("%n paths", count),
        "rounds": _tr("%n rounds", count),
    }
    return many[unit]


def choice_text(choice: StrategyChoice) -> str:
    """What `auto` decided, and why."""
    if choice.asked == 1:
        agree = _tr("one sample was asked for")
    elif choice.agreeing == choice.asked:
        agree = _tr("all of the first {0} agree").format(choice.asked)
    elif choice.agreeing <= 1:
        agree = _tr("none of the first {0} agree").format(choice.asked)
    else:
        agree = _tr("{0} of the first {1} agree").format(choice.agreeing, choice.asked)
    hardly = choice.lead is not None and choice.lead < _CLEAR_LEAD
    if choice.strategy == "stop" and hardly:
        return _tr("Auto: {0}, and more would hardly help").format(agree)
    if choice.strategy == "stop":
        return _tr("Auto: {0}, so no more is needed").format(agree)
    if choice.lead is not None:
        return _ended_text(choice.until, choice.lead)
    if choice.attempts <= choice.asked:
        return _tr("Auto: {0}, and no more was asked for").format(agree)
    then = {
        "vote": _vote_text(choice),
        "revise": _tr("revisions, up to {0} attempts").format(choice.attempts),
        "search": _tr("a search of up to {0} paths").format(choice.attempts),
        "aggregate": _tr("an aggregate of up to {0} attempts").format(choice.attempts),
    }[choice.strategy]
    return _tr("Auto: {0}, so {1}").format(agree, then)


def _vote_text(choice: StrategyChoice) -> str:
    """What a vote goes on to."""
    if 0 < choice.until < choice.attempts:
        return _tr("on to {next} of at most {most}").format(
            next=choice.until, most=unit_text("samples", choice.attempts)
        )
    return _tr("a vote of up to {0}").format(choice.attempts)


def _ended_text(after: int, lead: float) -> str:
    """Why a vote ended at a look."""
    if lead < _CLEAR_LEAD:
        said = _tr("Auto: after {0}, nothing is clearly ahead, and more would hardly help")
        return said.format(unit_text("samples", after))
    figure = f"{lead:.1f}".removesuffix(".0")
    said = _tr("Auto: after {0}, one answer is {1} votes ahead, so no more is needed")
    return said.format(unit_text("samples", after), figure)
