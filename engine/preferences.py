"""Preference pairs for training, from recorded deliberations: which candidate over which other.

The form is TRL's conversational preference format, which its DPOTrainer reads, with more fields
beside it. Only responses are judged, never thoughts; the thought comes along because a model that
thinks is trained on both. Pure: it must not know the journal's file, a folder or a window.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from statistics import fmean, pstdev
from typing import Final

import msgspec

from engine.candidate import Candidate, StopReason
from engine.feedback import Thumb
from engine.generation import Message
from engine.journal.records import DeliberationRecord
from engine.tally import GroupingMethod, Tally, tally_votes

LENGTH_WEIGHT: Final = 0.25
MOST_LENGTH_WEIGHT: Final = 0.5
_SILENT_PART: Final = 10
"""At most one pair in so many rejects a candidate without an answer."""


class Judge(StrEnum):
    """Who says which candidate is better."""

    USER = "user"
    """The person: the candidate they prefer, else their thumb on the answer."""
    VOTE = "vote"
    """The deliberation's own vote."""
    ALL = "all"
    """The person where they said something, the vote elsewhere."""


@dataclass(frozen=True, slots=True)
class RecordedAnswer:
    """A deliberation with its question.

    Attributes:
        prompt: What the model was told, the question last.
        model_name: Name of the model it ran on, or None if it was not recorded.
    """

    deliberation: DeliberationRecord
    prompt: tuple[Message, ...]
    model_name: str | None = None


class ModelIdentity(msgspec.Struct, frozen=True):
    """What was recorded of a model; None where nothing was."""

    name: str | None
    sha256: str | None


class PreferencePair(msgspec.Struct, frozen=True):
    """One line of an exported file.

    Attributes:
        prompt: The conversation up to the question.
        chosen: The better answer as one assistant message, its thought before it.
        rejected: The worse one.
        chosen_score: Share of the vote's weight that answered alike, or None without a vote.
        rejected_score: The same; 0 for a candidate without an answer.
        judge: "user" or "vote".
        length_weight: How much length counted against a candidate.
        deliberation: Its id in the journal.
    """

    prompt: tuple[Message, ...]
    chosen: tuple[Message, ...]
    rejected: tuple[Message, ...]
    chosen_thought: str
    chosen_response: str
    rejected_thought: str
    rejected_response: str
    chosen_score: float | None
    rejected_score: float | None
    judge: Judge
    length_weight: float
    model: ModelIdentity
    deliberation: str


def preference_pairs(
    answers: Iterable[RecordedAnswer], judge: Judge, length_weight: float = LENGTH_WEIGHT
) -> list[PreferencePair]:
    """Build the pairs, at most one for each deliberation, in the order given.

    Args:
        answers: Recorded deliberations.
        judge: Whose word counts.
        length_weight: From 0 to 0.5; more favours shorter candidates.

    Raises:
        ValueError: The length weight is out of range.
    """
    if not 0 <= length_weight <= MOST_LENGTH_WEIGHT:
        raise ValueError(f"the length weight must be between 0 and {MOST_LENGTH_WEIGHT}")
    found = [
        choice
        for answer in answers
        if answer.prompt
        for choice in _choices(answer, judge, length_weight)
    ]
    kept: dict[_Texts, tuple[_Choice, PreferencePair]] = {}
    for choice in found:
        pair = choice.pair(choice.rejected)
        kept.setdefault(_texts(pair), (choice, pair))
    return _with_silent(list(kept.values()))


def json_line(pair: PreferencePair) -> bytes:
    """Return a pair as one line of JSON, its end of line included."""
    return msgspec.json.encode(pair) + b"\n"


def length_controlled(
    scores: Sequence[float], lengths: Sequence[int], length_weight: float
) -> list[float]:
    """Return z(score) - weight * z(length) for each candidate of one deliberation.

    z is the distance from the mean in population standard deviations, 0 where all are equal.

    Args:
        scores: What the judge gave.
        lengths: Characters of thought and response together, since both cost time.
        length_weight: The weight of length, 0 to 0.5.

    Source: length control of Thinking LLMs, arXiv 2410.10630.
    """
    return [
        score - length_weight * length
        for score, length in zip(_standardized(scores), _standardized(lengths), strict=True)
    ]


def _standardized(values: Sequence[float]) -> list[float]:
    if not values or min(values) == max(values):
        return [0.0] * len(values)
    mean, deviation = fmean(values), pstdev(values)
    return [(value - mean) / deviation for value in values]


# --- one deliberation ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Option:
    """A candidate that may be part of a pair.

    Attributes:
        group: Its vote group's place, 0 leads; None without an answer or without a vote.
        score: Its group's share of all weight, or None without a vote.
        rank: Its score after length control; more is better.
    """

    candidate: Candidate
    group: int | None
    score: float | None
    rank: float = 0.0


@dataclass(frozen=True, slots=True)
class _Choice:
    """What a judge says of one deliberation.

    Attributes:
        silent: A worse one than `rejected` that ended without an answer, or None.
    """

    answer: RecordedAnswer
    judge: Judge
    length_weight: float
    chosen: _Option
    rejected: _Option
    silent: _Option | None = None

    def pair(self, rejected: _Option) -> PreferencePair:
        record = self.answer.deliberation
        better, worse = self.chosen.candidate, rejected.candidate
        return PreferencePair(
            prompt=self.answer.prompt,
            chosen=(Message("assistant", _content(better)),),
            rejected=(Message("assistant", _content(worse)),),
            chosen_thought=better.thought,
            chosen_response=better.response,
            rejected_thought=worse.thought,
            rejected_response=worse.response,
            chosen_score=self.chosen.score,
            rejected_score=rejected.score,
            judge=self.judge,
            length_weight=self.length_weight,
            model=ModelIdentity(self.answer.model_name, record.model_sha256),
            deliberation=record.deliberation_id,
        )


_Texts = tuple[tuple[Message, ...], tuple[Message, ...], tuple[Message, ...]]


def _texts(pair: PreferencePair) -> _Texts:
    return pair.prompt, pair.chosen, pair.rejected


def _content(candidate: Candidate) -> str:
    if not candidate.thought:
        return candidate.response
    return f"<think>\n{candidate.thought}\n</think>\n\n{candidate.response}"


def _with_silent(kept: Sequence[tuple[_Choice, PreferencePair]]) -> list[PreferencePair]:
    """Let the first few pairs reject the candidate without an answer that is worse still."""
    allowed = len(kept) // _SILENT_PART
    pairs = []
    for choice, pair in kept:
        if choice.silent is not None and allowed:
            allowed -= 1
            pairs.append(choice.pair(choice.silent))
        else:
            pairs.append(pair)
    return pairs


def _choices(answer: RecordedAnswer, judge: Judge, length_weight: float) -> list[_Choice]:
    """What the judge says: nothing, or one choice."""
    record = answer.deliberation
    said = record.feedback
    by_person = said.preferred is not None or said.thumb is not None
    if judge is Judge.ALL:
        judge = Judge.USER if by_person else Judge.VOTE
    tally = record.verdict.tally if record.verdict is not None else tally_votes(record.candidates)
    options = _options(record.candidates, tally, length_weight)
    if judge is Judge.VOTE:
        won = record.verdict is not None and tally.leader is not None
        chosen, rejected, silent = _by_vote(options) if won else _NO_CHOICE
    else:
        chosen, rejected = _by_person(record, options)
        silent = None
    if chosen is None or rejected is None:
        return []
    return [_Choice(answer, judge, length_weight, chosen, rejected, silent)]


_NO_CHOICE: Final = (None, None, None)


def _options(candidates: Sequence[Candidate], tally: Tally, length_weight: float) -> list[_Option]:
    """Candidates that ended by themselves and say something, ranked among each other."""
    groups = () if tally.method is GroupingMethod.MEDOID else tally.groups
    weight = sum(group.weight for group in groups)
    place = {index: n for n, group in enumerate(groups) for index in group.candidates}
    options = []
    for candidate in sorted(candidates, key=lambda candidate: candidate.index):
        if not candidate.counts or not candidate.response.strip():
            continue
        group = place.get(candidate.index)
        score = None
        if weight > 0:
            score = groups[group].weight / weight if group is not None else 0.0
        options.append(_Option(candidate, group, score))
    ranks = length_controlled(
        [option.score or 0.0 for option in options],
        [len(o.candidate.thought) + len(o.candidate.response) for o in options],
        length_weight,
    )
    return [replace(option, rank=rank) for option, rank in zip(options, ranks, strict=True)]


def _by_vote(
    options: Sequence[_Option],
) -> tuple[_Option | None, _Option | None, _Option | None]:
    """The best of the leading group, the worst of the others, and a silent one below that."""
    chosen = _best([option for option in options if option.group == 0])
    if chosen is None:
        return _NO_CHOICE
    rejected = _worst([option for option in options if option.group], chosen)
    if rejected is None:
        return _NO_CHOICE
    quiet = [o for o in options if o.group is None and o.candidate.stop is StopReason.FINISHED]
    silent = _worst(quiet, chosen)
    worse = silent is not None and silent.rank < rejected.rank
    return chosen, rejected, silent if worse else None


def _by_person(
    record: DeliberationRecord, options: Sequence[_Option]
) -> tuple[_Option | None, _Option | None]:
    """What the person's word makes better and worse; a preferred candidate says more than a thumb.

    A preferred candidate stands against the worst other answer; where all answer alike, or nothing
    was voted on, against the worst other candidate.
    """
    said = record.feedback
    by_index = {option.candidate.index: option for option in options}
    answered = [option for option in options if option.group is not None]
    if said.preferred is not None:
        chosen = by_index.get(said.preferred)
        if chosen is None:
            return None, None
        pool = answered or options
        others = [option for option in pool if option.group != chosen.group]
        return chosen, _worst(others or pool, chosen)
    shown = by_index.get(-1 if said.thumb_candidate is None else said.thumb_candidate)
    if shown is None or shown.group is None:
        return None, None
    others = [option for option in answered if option.group != shown.group]
    if said.thumb is Thumb.UP:
        return shown, _worst(others, shown)
    following = min((option.group for option in others if option.group is not None), default=None)
    return _best([option for option in others if option.group == following]), shown


def _best(options: Sequence[_Option]) -> _Option | None:
    """The highest rank; the first of equal ones."""
    return max(options, key=lambda o: (o.rank, -o.candidate.index), default=None)


def _worst(options: Sequence[_Option], chosen: _Option) -> _Option | None:
    """The lowest rank among those whose response is another; the first of equal ones."""
    said = chosen.candidate.response.strip()
    others = [option for option in options if option.candidate.response.strip() != said]
    return min(others, key=lambda o: (o.rank, o.candidate.index), default=None)
