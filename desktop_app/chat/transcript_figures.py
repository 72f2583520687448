"""Writes the figures of an answer's evidence as short texts with their units.

Everything here is measured by somebody else; a figure that is not known has no text.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QCoreApplication

from desktop_app.chat.turn import Evidence
from desktop_app.words.electricity import format_cost
from desktop_app.words.quantities import format_count, format_energy, format_seconds
from desktop_app.words.strategy_text import UNITS, strategy_text, unit_text
from engine.verdict import Outcome, StoppedWhy

_WHOLE_SECONDS: Final = 100
"""While an answer is on its way, fewer are told without their parts."""


@dataclass(frozen=True, slots=True)
class Segment:
    """One part of the evidence strip.

    Attributes:
        text: What it says.
        strong: The part of the text that is set in bold: the figure.
        may_be_cut: Whether its beginning alone says something, where there is no room for all.
    """

    text: str
    strong: str = ""
    may_be_cut: bool = False


def _tr(text: str, count: int = -1) -> str:
    return QCoreApplication.translate("Evidence", text, None, count)


def samples(count: int) -> str:
    """A number of samples in words."""
    return _tr("1 sample") if count == 1 else _tr("%n samples", count)


def percent_text(share: float) -> str:
    """A probability; certainty is never rounded up to."""
    return _tr("{0} %").format(math.floor(share * 100 + 1e-9))


def agreement(evidence: Evidence) -> Segment:
    """What the vote came to."""
    count = evidence.candidates
    lead = evidence.groups[0].count if evidence.groups else 0
    asked = evidence.votes + evidence.no_answer  # not all candidates of an aggregate vote
    most = max((group.count for group in evidence.groups[1:]), default=0)
    if evidence.under_way is not None:
        text = _tr("{0} of up to {1} ended").format(count, evidence.attempts)
        if lead > max(1, most):
            text = _tr("{0} of {1} agree so far").format(lead, asked)
        return Segment(text, text)
    match evidence.outcome:
        case Outcome.MAJORITY | Outcome.PLURALITY:
            agree = _tr("{0} of {1} agree")
            if evidence.weighed and lead <= most:
                agree = _tr("most weight, {0} of {1} votes")
            text = agree.format(lead, asked)
        case Outcome.BEST:
            text = _tr("best score of {0}").format(samples(count))
        case Outcome.SINGLE:
            text = _tr("1 sample, no vote")
        case Outcome.TIE:
            text = _tr("no majority in {0}").format(samples(count))
        case Outcome.MEDOID:
            text = _tr("most typical of {0}").format(samples(count))
        case Outcome.NO_ANSWER:
            text = _tr("no answer in {0}").format(samples(count))
        case _:
            text = _tr("nothing finished")
    return Segment(text, text)


def segments(evidence: Evidence) -> list[Segment]:
    """The parts of the strip, most important first.

    How many samples there were is said once, by the first of them.
    """
    return _segments(evidence, _maker(evidence, _strategy_title(evidence.strategy)))


def _segments(evidence: Evidence, maker: str) -> list[Segment]:
    parts = [agreement(evidence)]
    if evidence.under_way is not None:
        return [*parts, *_progress(evidence)]
    won = evidence.outcome in {Outcome.MAJORITY, Outcome.PLURALITY}
    if evidence.settled is not None and won:
        figure = percent_text(evidence.settled)
        parts.append(Segment(_tr("settled {0}").format(figure), figure))
    if evidence.seconds is not None:
        figure = format_seconds(evidence.seconds)
        parts.append(Segment(figure, figure))
    if evidence.joules is not None:
        figure = format_energy(evidence.joules)
        told = _tr("{0}, this computer only") if evidence.elsewhere else "{0}"
        told = _tr("{0}, shared") if evidence.shared else told
        parts.append(Segment(told.format(figure), figure))
    if maker and evidence.one_of_several:  # what tells it from the others
        parts.append(Segment(maker, may_be_cut=True))
    if ending := stopped_text(evidence):
        parts.append(Segment(ending))
    parts += _cuts(evidence)
    if maker and not evidence.one_of_several:
        parts.append(Segment(maker))
    return parts


def _progress(evidence: Evidence) -> list[Segment]:
    """What is known of an answer that is still being thought about, beside its votes."""
    parts = []
    if evidence.under_way:
        figure = format_count(evidence.under_way)
        parts.append(Segment(_tr("{0} under way").format(figure), figure))
    if evidence.seconds:
        short = evidence.seconds < _WHOLE_SECONDS
        figure = _tr("{0} s").format(int(evidence.seconds)) if short else ""
        figure = figure or format_seconds(evidence.seconds)
        parts.append(Segment(figure, figure))
    return parts


def _cuts(evidence: Evidence) -> list[Segment]:
    """How many candidates were cut; of one alone its text or its note says so, by "Go on"."""
    parts = []
    alone = evidence.candidates == 1
    told_as_text = alone and evidence.outcome is Outcome.NO_ANSWER
    told_as_note = alone and evidence.outcome is Outcome.SINGLE
    if evidence.cut and not (told_as_text or told_as_note):
        parts.append(Segment(_tr("{0} cut at the limit of tokens").format(evidence.cut)))
    if evidence.thoughts_cut and not told_as_text:
        parts.append(Segment(thoughts_cut(evidence)))
    if evidence.full and not (told_as_text or told_as_note):
        parts.append(Segment(_tr("{0} cut where the context is full").format(evidence.full)))
    return parts


def thoughts_cut(evidence: Evidence) -> str:
    """How many hidden thoughts were cut at a limit of tokens, or where the one was."""
    count = len(evidence.thoughts_cut)
    if count == 1:
        return _tr("thought cut at {0} tokens").format(format_count(evidence.thoughts_cut[0]))
    return _tr("{0} thoughts cut at their limit of tokens").format(count)


def made_by(evidence: Evidence) -> str:
    """Which strategy, budget and model gave the answer, as far as that is known."""
    return _maker(evidence, spent_on(evidence.strategy, evidence.attempts))


def _maker(evidence: Evidence, way: str) -> str:
    return " · ".join(filter(None, (way if evidence.candidates > 1 else "", evidence.model)))


def _strategy_title(strategy: str) -> str:
    return strategy_text(strategy).title if strategy in UNITS else ""


def spent_on(strategy: str, attempts: int) -> str:
    """A strategy with its budget: "Vote, up to 16 samples"; "" of one that is not known."""
    title = _strategy_title(strategy)
    if not title or attempts < 1:
        return title
    amount = unit_text(UNITS[strategy], attempts)
    told = _tr("{strategy}, {amount}") if attempts == 1 else _tr("{strategy}, up to {amount}")
    return told.format(strategy=title, amount=amount)


def stopped_text(evidence: Evidence) -> str:
    """Why it ended before its budget was spent, empty if it was spent."""
    saved = evidence.saved_attempts
    if evidence.stopped is StoppedWhy.SETTLED and saved:
        unit = UNITS.get(evidence.strategy, "samples")
        return _tr("stopped early, saved {0}").format(unit_text(unit, saved))
    texts = {
        StoppedWhy.ENOUGH_FINISHED: _tr("the first that finished decided"),
        StoppedWhy.NO_ROOM: _tr("no room for another round"),
        StoppedWhy.TIME_UP: _tr("time was up"),
        StoppedWhy.ANSWERED_NOW: _tr("answered on request"),
        StoppedWhy.CANCELLED: _tr("stopped"),
    }
    return texts.get(evidence.stopped, "")


def full_text(evidence: Evidence) -> str:
    """Everything the strip can say, one line each, for its tooltip and for screen readers."""
    lines = [part.text for part in _segments(evidence, made_by(evidence))]
    lines += [f"{group.label}: {group.count}" for group in evidence.groups[:8]]
    if evidence.no_answer:
        lines.append(_tr("no answer: {0}").format(evidence.no_answer))
    if evidence.under_way is not None:
        return "\n".join(lines)
    if evidence.joules is None:
        lines.append(_tr("energy: not available"))
    if cost := format_cost(evidence.joules):
        lines.append(_tr("electricity: {0}").format(cost))
    if evidence.energy_method:
        lines.append(_tr("energy measured by: {0}").format(evidence.energy_method))
    if evidence.shared:
        lines.append(_tr("other questions were thought about meanwhile; their energy is in it"))
    return "\n".join(lines)
