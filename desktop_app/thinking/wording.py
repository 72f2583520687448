"""What the panel says about a deliberation in words: pure functions from a view to a line.

Nothing here is shown that was not measured or counted.
"""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from desktop_app.thinking.live import DeliberationView, LiveCandidate, Standing
from desktop_app.words.quantities import (
    format_count,
    format_energy,
    format_percent,
    format_rate,
    format_seconds,
)
from engine.candidate import Candidate, StopReason
from engine.tally import GroupingMethod, Tally
from engine.verdict import Outcome


def _tr(text: str, count: int = -1) -> str:
    return QCoreApplication.translate("DeliberationPanel", text, None, count)


def vote_remark(view: DeliberationView) -> str:
    """How settled the vote is, and how far it has got."""
    parts = []
    tally = view.tally
    if tally.groups and tally.method is not GroupingMethod.MEDOID:
        outcome = view.verdict.outcome if view.verdict is not None else None
        if outcome is Outcome.TIE or (outcome is None and not view.running and tally.is_tie):
            parts.append(_tr("no majority"))
        elif outcome is Outcome.BEST:
            parts.append(_tr("best score"))
        elif outcome is not Outcome.SINGLE:
            parts.append(_tr("{0} settled").format(format_percent(tally.settled)))
    if view.verdict is not None and view.verdict.outcome is Outcome.NO_ANSWER:
        parts.append(_tr("nobody answered"))
    spent, most = view.counted, view.budget.attempts
    kept = sum(1 for c in view.candidates.values() if c.finished and c.finished.counts)
    if tally.method is GroupingMethod.MEDOID or view.way == "aggregate":
        spent = kept
    elif not view.running:
        spent = max(spent, kept)
    if not view.running and spent >= most:
        parts.append(_tr("1 candidate") if spent == 1 else _tr("%n candidates", spent))
    else:
        parts.append(_tr("{0} of up to {1}").format(spent, most))
    return " · ".join(parts)


def time_remark(view: DeliberationView) -> tuple[str, str]:
    """What the time line's shades mean that are in sight, and the same in fewer words."""
    if not view.candidates:
        return "", ""
    standings = {view.standing(index) for index in view.candidates}
    silent = standings - {Standing.VOTED, Standing.WAITING}
    words = _tr("pale: waiting for the first token")
    return (f"{words} · {_tr('grey: no vote')}" if silent else words), _tr("pale: waiting")


def vote_note(view: DeliberationView) -> str:
    """How equal answers were told, and what kind of result it is, if that needs saying."""
    tally, verdict = view.tally, view.verdict
    lines = []
    match tally.method:
        case GroupingMethod.SYMBOLIC:
            lines.append(_tr("Equal answers were told symbolically."))
        case GroupingMethod.MODEL_JUDGED:
            lines.append(_tr("Which answers agree was judged by the model itself."))
        case GroupingMethod.MEDOID:
            number = tally.groups[0].candidates[0] + 1 if tally.groups else 0
            lines.append(
                _tr("No vote was possible; #{0} is the most typical response.").format(number)
            )
        case GroupingMethod.EXACT:
            pass
    if view.way == "aggregate" and view.verdict is not None and tally.groups:
        lines.append(_tr("Only the last round votes."))
    if tally.is_weighed:
        lines.append(_tr("Votes are weighed by how sure the model is of each."))
    if verdict is not None and verdict.outcome is Outcome.BEST and verdict.chosen is not None:
        number = verdict.chosen + 1
        lines.append(_tr("#{0} has the highest score; the votes did not decide.").format(number))
    if verdict is not None and verdict.outcome is Outcome.TIE:
        lines.append(_tie_note(tally))
    if verdict is not None and verdict.outcome is Outcome.PLURALITY:
        lines.append(_plurality_note(tally))
    return " ".join(lines)


def _tie_note(tally: Tally) -> str:
    if tally.is_weighed:
        return _tr("The votes for the first answers weigh the same, so none has won.")
    return _tr("The first answers have the same number of votes, so none has won.")


def _plurality_note(tally: Tally) -> str:
    counts = [group.count for group in tally.groups[:2]]
    if not tally.is_weighed and len(set(counts)) < len(counts):
        return _tr(
            "The first answers have the same number of votes; the one with the shortest attempt "
            "was taken."
        )
    return _tr("The first answer has the most votes, but not more than half.")


def candidate_remark(view: DeliberationView) -> str:
    """How many are under way, and how much of the question is read."""
    if not view.running:
        return ""
    if view.prompt_tokens is not None and view.first_token_seconds is None and not view.steps:
        done, total = (format_count(number) for number in view.prompt_tokens)
        return _tr("reading the question, {0} of {1} tokens").format(done, total)
    running = view.under_way
    if not running:
        return ""
    return _tr("1 under way") if running == 1 else _tr("%n under way", running)


def step_remark(view: DeliberationView) -> str:
    """How many steps were written, and how many of them were left behind."""
    steps = len(view.steps)
    if not steps:
        return _tr("writing the first steps") if view.running else ""
    used = {index for c in view.candidates.values() if c.finished for index in c.finished.path}
    written = _tr("1 step") if steps == 1 else _tr("%n steps", steps)
    if view.running:
        deepest = max(step.depth for step in view.steps) + 1
        return _tr("{0}, {1} deep so far").format(written, deepest)
    return _tr("{0}, {1} in candidates").format(written, len(used))


def speed_remark(view: DeliberationView) -> str:
    """Speed of all candidates together, and the first token's time."""
    parts = [format_seconds(view.elapsed_seconds)] if view.elapsed_seconds > 0 else []
    if view.tokens and view.elapsed_seconds > 0:
        rate = format_rate(view.tokens / view.elapsed_seconds)
        parts.append(_tr("{0} in all").format(rate))
    first = view.first_token_seconds
    if first is not None:
        parts.append(_tr("first token after {0}").format(format_seconds(first)))
    return " · ".join(parts)


def score_text(score: float) -> str:
    """A score in words."""
    return _tr("likely right {0}").format(format_percent(score))


def scorer_text(view: DeliberationView) -> str:
    """Who says how likely a candidate is right."""
    match view.verified:
        case True:
            return _tr("by its own verifier")
        case False:
            return _tr("self-assessed")
        case None:
            return _tr("as the model says")


def thought_cut_text(candidate: Candidate) -> str:
    """Where a hidden thought was cut at a limit of tokens."""
    tokens = format_count(candidate.thought_cut_tokens)
    return _tr("thought cut at {0} tokens").format(tokens)


def stop_text(candidate: Candidate) -> str:
    """Why a candidate ended."""
    if candidate.cut_in_thought:
        return thought_cut_text(candidate)
    return {
        StopReason.FINISHED: _tr("finished"),
        StopReason.TOKEN_BUDGET: _tr("cut at token limit"),
        StopReason.CONTEXT_FULL: _tr("context full"),
        StopReason.NOT_NEEDED: _tr("not needed"),
        StopReason.TIME_UP: _tr("time up"),
        StopReason.CANCELLED: _tr("cancelled"),
        StopReason.FAILED: _tr("failed"),
    }[candidate.stop]


def candidate_figures(view: DeliberationView, candidate: LiveCandidate) -> str:
    """What one candidate took."""
    done = candidate.finished
    parts = [format_seconds(done.seconds)] if done is not None else []
    parts.append(_tr("{0} tokens").format(format_count(candidate.tokens)))
    if done is not None and done.begun_tokens:
        parts.append(_tr("went on from {0} tokens").format(format_count(done.begun_tokens)))
    if done is not None and done.thought_cut:
        parts.append(thought_cut_text(done))
    rate = candidate.tokens_per_second(view.elapsed_seconds)
    if rate is not None:
        parts.append(format_rate(rate))
    joules = view.joules_by_candidate.get(candidate.index)
    if joules is not None:
        parts.append(_tr("about {0}").format(format_energy(joules)))
    if done is not None and done.confidence is not None:
        parts.append(_tr("confidence {0}").format(format_percent(done.confidence)))
    if done is not None and done.score is not None:
        parts.append(f"{score_text(done.score)}, {scorer_text(view)}")
    if done is not None:
        parts.append(_tr("seed {0}").format(done.seed))
    if done is not None and done.machine:
        parts.append(_tr("ran on {0}").format(done.machine))
    return " · ".join(parts)
