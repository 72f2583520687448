"""What the terminal prints of a deliberation: live lines, the verdict, or one JSON object."""

from __future__ import annotations

import sys

from desktop_app.cli.complaint import complain_of
from desktop_app.gathered import Gathered
from desktop_app.result_json import candidate_report, settled, votes
from desktop_app.words.electricity import format_cost
from desktop_app.words.endpoint_text import THIS_COMPUTER_ONLY, ran_elsewhere, runs_elsewhere
from desktop_app.words.plain_text import json_text, plain
from desktop_app.words.quantities import counted
from engine.candidate import Candidate, StopReason
from engine.generation import ModelReport
from engine.options import StrategyChoice
from engine.protocol import (
    CandidateFinished,
    Progressed,
    StepFinished,
    StrategyChosen,
    TallyChanged,
    WorkerSilent,
)
from engine.session import SessionEvent
from engine.step import Step
from engine.tally import GroupingMethod, Tally, VoteGroup
from engine.verdict import Outcome, StoppedWhy

_STOPS = {
    StopReason.TOKEN_BUDGET: "cut at token limit",
    StopReason.CONTEXT_FULL: "context full",
    StopReason.NOT_NEEDED: "not needed",
    StopReason.TIME_UP: "time up",
    StopReason.CANCELLED: "cancelled",
    StopReason.FAILED: "failed",
}

_STOPPED = {
    StoppedWhy.SETTLED: "stopped early",
    StoppedWhy.BUDGET_SPENT: "budget spent",
    StoppedWhy.ENOUGH_FINISHED: "the first that finished decided",
    StoppedWhy.NO_ROOM: "no room for another round",
    StoppedWhy.TIME_UP: "time up",
    StoppedWhy.ANSWERED_NOW: "answered early on request",
    StoppedWhy.CANCELLED: "cancelled",
}


class LiveLines:
    """Prints finished candidates and the votes as they change, and how far it is in a terminal.

    Args:
        quiet: Say only what goes wrong.
    """

    def __init__(self, *, quiet: bool = False) -> None:
        self._quiet = quiet
        self._out = sys.stdout
        self._in_terminal = self._out.isatty()
        self._status_width = 0
        self._tokens: dict[int, int] = {}
        self._tally = Tally()

    def watch(self, event: SessionEvent) -> None:
        """Show one event."""
        if isinstance(event, WorkerSilent):
            self.clear()
            complain_of("engine-silent")
        elif not self._quiet:
            self._show(event)

    def _show(self, event: SessionEvent) -> None:
        match event:
            case CandidateFinished():
                self._print(candidate_line(event.candidate))
            case StepFinished() if event.step.candidate is None:
                self._print(step_line(event.step))
            case StrategyChosen():
                self._print(f"       auto  {choice_text(event.choice, self._tally)}")
            case TallyChanged() if event.tally.groups or event.tally.no_answer:
                self._tally = event.tally
                self._print(f"      votes  {votes_line(event.tally)}")
            case Progressed() if self._in_terminal:
                self._tokens |= {delta.index: delta.tokens for delta in event.deltas}
                total = sum(self._tokens.values())
                self._status(f"      {event.elapsed_seconds:.1f} s · {counted(total, 'token')}")

    def _status(self, text: str) -> None:
        padding = " " * max(0, self._status_width - len(text))
        self._out.write(f"\r{text}{padding}")
        self._out.flush()
        self._status_width = len(text)

    def clear(self) -> None:
        """Take the status line away."""
        if self._status_width:
            self._out.write("\r" + " " * self._status_width + "\r")
            self._out.flush()
            self._status_width = 0

    def _print(self, text: str) -> None:
        self.clear()
        self._out.write(plain(text) + "\n")
        self._out.flush()


def candidate_line(candidate: Candidate) -> str:
    """One line for a finished candidate."""
    answer = candidate.answer.text if candidate.answer else "no answer"
    answer = answer if len(answer) <= 24 else answer[:23] + "…"
    parts = [
        f"{candidate.seconds:6.2f} s",
        f"{candidate.tokens:5d} token{'' if candidate.tokens == 1 else 's'}",
    ]
    if candidate.score is not None:
        parts.append(f"score {candidate.score:.2f}")
    if candidate.thought_cut:
        parts.append(f"thought cut at {counted(candidate.thought_cut_tokens, 'token')}")
    if candidate.stop in _STOPS and not candidate.cut_in_thought:
        parts.append(_STOPS[candidate.stop])
    if candidate.machine:
        parts.append(f"on {candidate.machine}")
    return f"{'#' + str(candidate.index + 1):>5}  {answer:<24} {'  '.join(parts)}"


def step_line(step: Step) -> str:
    """One line for an open step of a search, further in the deeper it is."""
    score = "  ?" if step.score is None else f"{step.score:.2f}"
    text = " ".join(step.text.split())
    return f"  {score:>4} {'· ' * step.depth}{text if len(text) <= 60 else text[:59] + '…'}"


def choice_text(choice: StrategyChoice, tally: Tally) -> str:
    """What `auto` decided, and why.

    Args:
        choice: The decision.
        tally: The votes it was decided on.
    """
    agree = f"{choice.agreeing} of the first {choice.asked} agree"
    if choice.strategy == "stop":
        return f"{agree}: that is enough"
    if choice.lead is not None:
        samples = counted(choice.until, "sample")
        return f"{_ahead(choice.lead)} after {samples}: that is enough"
    done = tally.votes + len(tally.no_answer)
    why = agree if done <= choice.asked else f"{_standing(tally)} after {done}"
    if 0 < choice.until < choice.attempts:
        return f"{why}: on to {choice.until}, of up to {choice.attempts}"
    if choice.asked < choice.attempts <= done:
        return f"{why}: the budget is spent"
    return f"{why}: {choice.strategy}, up to {choice.attempts} in all"


def _standing(tally: Tally) -> str:
    """How the two first answers stand to each other."""
    if not tally.groups:
        return "no answer"
    first, *others = (group.weight for group in tally.groups[:2])
    if others and first == others[0]:
        return f"tied at {_votes(first)}"
    return _ahead(first - sum(others))


def _ahead(lead: float) -> str:
    return f"{_votes(lead)} vote{'' if lead == 1 else 's'} ahead"


def _votes(weight: float) -> str:
    """Whole votes without a point, weighted ones with one digit."""
    return f"{weight:.0f}" if abs(weight - round(weight)) < 0.05 else f"{weight:.1f}"


def votes_line(tally: Tally) -> str:
    """The vote groups, most first; "" where nothing could be voted on."""
    if tally.method is GroupingMethod.MEDOID:
        return ""
    groups = [_group_text(group, weighed=tally.is_weighed) for group in tally.groups[:6]]
    if len(tally.groups) > 6:
        groups.append(f"{len(tally.groups) - 6} more")
    if tally.no_answer:
        groups.append(f"no answer ×{len(tally.no_answer)}")
    certain = f"   settled {tally.settled:.0%}" if tally.groups else ""
    return "   ".join(groups) + certain


def _group_text(group: VoteGroup, *, weighed: bool) -> str:
    weight = f" ({group.weight:.2f})" if weighed else ""
    return f"{group.label} ×{group.count}{weight}"


def verdict_lines(gathered: Gathered, model: ModelReport) -> list[str]:
    """The response, and the evidence for it, for a person to read."""
    verdict = gathered.end.verdict
    chosen = gathered.chosen
    lines = ["", chosen.response if chosen else _without_winner(gathered), ""]
    tally = verdict.tally
    facts = []
    if verdict.outcome in {Outcome.MAJORITY, Outcome.PLURALITY} and tally.leader:
        facts.append(f"{tally.leader.count} of {tally.votes} agree")
        if verdict.outcome is Outcome.PLURALITY:
            facts.append("no majority")
        if tally.method != "exact":
            facts.append(tally.method.value)
    elif verdict.outcome is Outcome.BEST and chosen and chosen.score is not None:
        facts.append(f"the highest score, {chosen.score:.2f}")
    elif verdict.outcome is Outcome.MEDOID:
        facts.append("no vote possible, the most typical response was taken")
    if tally.groups and verdict.outcome not in {Outcome.SINGLE, Outcome.MEDOID}:
        facts.append(f"settled {tally.settled:.0%}")
    facts.append(f"{gathered.end.total_seconds:.1f} s")
    facts.append(_energy(gathered, model))
    saved = verdict.saved_attempts
    if saved:
        facts.append(f"stopped early, saved {saved} attempt{'s' if saved > 1 else ''}")
    elif verdict.stopped not in {StoppedWhy.BUDGET_SPENT, StoppedWhy.SETTLED}:
        facts.append(_STOPPED[verdict.stopped])
    return [*lines, " · ".join(facts), *_cut_lines(gathered)]


def _cut_lines(gathered: Gathered) -> list[str]:
    """That the answer was cut, and what would bring more of it."""
    chosen = gathered.chosen
    cut = [chosen] if chosen else [one for one in gathered.in_order if one.counts]
    if cut and all(one.stop is StopReason.TOKEN_BUDGET for one in cut):
        what = "The answer was" if chosen else "Every candidate was"
        return [f"{what} cut at the limit of tokens; --max-tokens N allows more."]
    if chosen and chosen.stop is StopReason.CONTEXT_FULL:
        return ["The answer was cut where the context is full."]
    if chosen and chosen.thought_cut:
        return ["Its thought was cut at its limit of tokens; --thought-tokens N allows more."]
    return []


def response_of(gathered: Gathered) -> str:
    """What the model said as its answer, or "" where no response is the answer."""
    chosen = gathered.chosen
    return chosen.response if chosen else ""


def _without_winner(gathered: Gathered) -> str:
    verdict = gathered.end.verdict
    if verdict.outcome is Outcome.TIE:
        labels = [f"{group.label} ({group.count})" for group in verdict.tally.leading]
        alike = ", which weigh the same" if verdict.tally.is_weighed else ""
        return f"No majority: {', '.join(labels)}{alike}"
    if verdict.outcome is Outcome.NO_ANSWER:
        return "No candidate gave an answer."
    return "No candidate finished."


def _energy(gathered: Gathered, model: ModelReport) -> str:
    report = gathered.energy
    if report is None or report.joules is None:
        return "energy not available"
    scope = f", {THIS_COMPUTER_ONLY}" if _is_elsewhere(gathered, model) else ""
    cost = format_cost(report.joules)
    price = f", {cost}" if cost else ""
    return f"{report.joules:.0f} J ({report.label}, {report.method}{scope}){price}"


def _is_elsewhere(gathered: Gathered, model: ModelReport) -> bool:
    return runs_elsewhere(model) or ran_elsewhere(gathered.in_order)


def json_report(gathered: Gathered, model: ModelReport, strategy: str) -> str:
    """The whole result as one JSON object, for programs."""
    verdict = gathered.end.verdict
    chosen = gathered.chosen
    energy = gathered.energy
    return json_text(
        {
            "answer": verdict.answer,
            "response": chosen.response if chosen else None,
            "outcome": verdict.outcome,
            "strategy": strategy,
            "model": {
                "name": model.name,
                "path": model.path,
                "quantization": model.quantization,
                "layers": None if model.endpoints else model.layers,
                "layers_on_gpu": None if model.endpoints else model.layers_on_gpu,
                "context_tokens": model.context_tokens or None,
                "kv_cache": None if model.endpoints else model.cache_type,
                "flash_attention": None if model.endpoints else model.flash_attention,
                "servers": model.endpoints,
            },
            "votes": votes(verdict.tally),
            "grouping": verdict.tally.method,
            "no_answer": len(verdict.tally.no_answer),
            "settled": settled(verdict.tally),
            "stopped": verdict.stopped,
            "saved_attempts": verdict.saved_attempts,
            "candidates": [candidate_report(candidate) for candidate in gathered.in_order],
            "steps": gathered.steps,
            "choice": gathered.choice,
            "timing": {
                "first_token_seconds": gathered.first_token_seconds,
                "total_seconds": gathered.end.total_seconds,
                "tokens": gathered.tokens,
                "tokens_per_second": gathered.tokens_per_second,
            },
            "energy": {
                "joules": energy.joules if energy else None,
                "method": energy.method if energy else "not available",
                "this_computer_only": _is_elsewhere(gathered, model),
            },
            "notices": [
                {"code": notice.code, "detail": notice.detail} for notice in gathered.notices
            ],
        }
    )
