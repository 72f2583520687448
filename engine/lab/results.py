"""What a sweep shows: curves of accuracy against what thinking costs, and what they come to."""

from __future__ import annotations

import itertools
from collections import Counter, defaultdict
from collections.abc import Sequence, Set
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Final

import numpy as np

from engine.lab.costs import PowerFindings, Rates, power_findings, rates_of
from engine.lab.curve import Curve, Point
from engine.lab.difficulty import Difficulty, difficulty_of
from engine.lab.equal_cost import equal_cost_words, equal_costs
from engine.lab.plan import Arm, arm_labels, model_names
from engine.lab.policy import LearnedPolicy, Weighed, learn_policy, weightings_to_try
from engine.lab.records import Place, SweepRecord, VerdictRecord
from engine.lab.replay import Replayed, replay
from engine.lab.rule import Rule
from engine.lab.sample_arrays import samples_by_row, samples_of, vote_weights
from engine.lab.sentences import curve_words, policy_words
from engine.lab.statistics import (
    Floats,
    knee,
    log_fit,
    pareto_front,
    percentiles,
    share,
)
from engine.options import Weighting
from engine.verdict import Outcome

REPLAYED_RULES: Final = (Rule.VOTE, Rule.WEIGHTED, Rule.SETTLED, Rule.COVERAGE)
_FEWEST_FOR_QUINTILES: Final = 20


@dataclass(frozen=True, slots=True)
class Results:
    """All that is drawn of a sweep.

    Attributes:
        curves: Best rules first within each model.
        finished: Which questions every arm that is shown has finished, rising; the rows of curves.
        judged: Whether there were answers to judge by.
        agreement: Mean share of the largest vote group, by arm label.
        latency: Median, 90th and 99th percentile of a candidate's seconds from its first token to
            its end, beside the others that ran, by arm label.
        quintiles: By curve label, accuracy of the five parts from easy to hard, where they could be
            judged by other samples than sorted them.
        quintile_samples: With how many samples each question of these was judged; None where models
            differ.
        quintile_words: What these parts tell apart, a sentence each.
        front: (curve, point) that no other is both cheaper and better than, by tokens.
        knee: Which of the front bends, or None.
        words: What can be said, a sentence each.
        policies: What `auto` could do with each model, by the model's name.
        power: What the meter saw, or None without one.
        tokens_per_joule: By arm label, where it was measured.
    """

    curves: tuple[Curve, ...] = ()
    finished: tuple[int, ...] = ()
    judged: bool = False
    agreement: dict[str, float] = field(default_factory=dict)
    latency: dict[str, tuple[float, float, float]] = field(default_factory=dict)
    quintiles: dict[str, tuple[float, ...]] = field(default_factory=dict)
    quintile_samples: int | None = None
    quintile_words: tuple[str, ...] = ()
    front: tuple[tuple[int, int], ...] = ()
    knee: int | None = None
    words: tuple[str, ...] = ()
    policies: dict[str, LearnedPolicy] = field(default_factory=dict)
    power: PowerFindings | None = None
    tokens_per_joule: dict[str, float] = field(default_factory=dict)

    @property
    def questions(self) -> int:
        """How many are finished."""
        return len(self.finished)

    @property
    def worth(self) -> tuple[tuple[Curve, Point], ...]:
        """The front's points with their curves."""
        return tuple((self.curves[c], self.curves[c].points[p]) for c, p in self.front)


def results_of(record: SweepRecord, *, learn: bool = True) -> Results:
    """Work out everything from what is stored.

    Args:
        record: The sweep.
        learn: Whether tables for `auto` are learned too, which takes half of the time.
    """
    return _Work(record).results(learn=learn)


def replay_arms(
    record: SweepRecord,
    rules: Sequence[Rule],
    budgets: Sequence[int] = (),
    weighting: Weighting | None = None,
) -> list[Curve]:
    """Replay every vote that is stored under some rules, without another token.

    Args:
        record: The sweep.
        rules: How samples are put together.
        budgets: Samples; the plan's where empty.
        weighting: What a weighted vote weighs; None is as the same vote in a chat would.

    Raises:
        ValueError: A budget is below 1, or more than is stored, or scores are wanted and there are
            none.
    """
    return _Work(record).replay(rules, budgets, weighting)


class _Work:
    """One pass over a sweep."""

    def __init__(self, record: SweepRecord) -> None:
        self._record, self._plan = record, record.plan
        self._names = model_names(self._plan.arms)
        self._several = len(self._names) > 1
        self._verdicts = {verdict.place: verdict for verdict in record.verdicts}
        self._came = Counter(sample.place for sample in record.samples)
        """Samples of each deliberation, those of earlier rounds too."""
        self._arms = self._arms_to_show()
        self._judged = self._plan.questions.judged
        self._done = self._finished_questions()

    def results(self, *, learn: bool) -> Results:
        """Everything, tables for `auto` only where they are wanted."""
        curves: list[Curve] = []
        found: dict[str, Difficulty] = {}
        policies: dict[str, LearnedPolicy] = {}
        if self._done and self._judged:
            for number, arm in enumerate(self._plan.arms):
                if arm.replayed and number in self._arms:
                    curves += self._replayed(number, arm, found)
                    learned = self._policy(number, arm) if learn else None
                    if learned is not None:
                        policies[self._name(arm)] = learned
            curves += self._run()
            self._judge_others(found)
        front, bend = _front(curves)
        return Results(
            curves=tuple(curves),
            finished=tuple(self._done),
            judged=self._judged,
            agreement=self._agreement(),
            latency=self._latency(),
            quintiles={
                f"{name}, {model}" if self._several else name: difficulty.accuracy(name)
                for model, difficulty in found.items()
                for name in difficulty.right
            },
            quintile_samples=_only({difficulty.samples for difficulty in found.values()}),
            quintile_words=tuple(
                f"{model}: {words}" if self._several else words
                for model, difficulty in found.items()
                for words in difficulty.words()
            ),
            front=front,
            knee=bend,
            words=(
                *curve_words(curves),
                *self._equal_words(curves),
                *map(policy_words, policies.items()),
            ),
            policies=policies,
            power=power_findings(self._record.stretches),
            tokens_per_joule=self._tokens_per_joule(),
        )

    def replay(
        self, rules: Sequence[Rule], budgets: Sequence[int], weighting: Weighting | None
    ) -> list[Curve]:
        """The stored votes under other rules or budgets."""
        curves: list[Curve] = []
        most = 0
        for number, arm in enumerate(self._plan.arms):
            rows = self._rows(number) if arm.replayed and number in self._arms else []
            samples = samples_of(arm, self._record.samples, rows, weighting) if rows else None
            if samples is None:
                continue
            wanted = [b for b in budgets or self._plan.budgets if 1 <= b <= samples.count]
            most = max(most, samples.count)
            if not wanted:
                continue
            rates = rates_of(self._record, number)
            for rule in rules:
                label = self._label(rule.value, arm)
                found = replay(samples, rule, wanted)
                curves.append(self._curve(label, arm, rule.value, found, rates))
        outside = [budget for budget in budgets if not 1 <= budget <= most]
        if most and outside:
            raise ValueError(f"{outside[0]} is not 1 to {most}, the stored samples of a question")
        return curves

    def _label(self, rule: str, arm: Arm) -> str:
        """The rule; with the model's name where there are several."""
        return f"{rule}, {self._name(arm)}" if self._several else rule

    def _name(self, arm: Arm) -> str:
        return self._names[arm.model_path]

    def _arms_to_show(self) -> set[int]:
        """Arms that have asked everything; before there is one, the one that is farthest."""
        counts = Counter(place.arm for place in self._verdicts)
        each = len(self._plan.questions.questions) * self._plan.repeats
        whole = {arm for arm, count in counts.items() if count == each}
        return whole or {arm for arm, _ in counts.most_common(1)}

    def _finished_questions(self) -> list[int]:
        """Questions that each of these arms has answered as often as planned.

        Where some can be judged, those that cannot are left out.
        """
        each = len(self._arms) * self._plan.repeats
        counts = Counter(p.question for p in self._verdicts if p.arm in self._arms)
        whole = [question for question, count in counts.items() if count == each]
        asked = self._plan.questions.questions
        return sorted(q for q in whole if not self._judged or asked[q].answer is not None)

    def _rows(self, arm: int) -> list[Place]:
        return [
            Place(arm, question, repeat)
            for question in self._done
            for repeat in range(self._plan.repeats)
        ]

    def _by_question(self, rows: Floats) -> Floats:
        """Means over repeats: (questions, budgets) for (questions x repeats, budgets)."""
        shape = (len(self._done), self._plan.repeats, rows.shape[1])
        return np.asarray(rows.reshape(shape).mean(axis=1), dtype=np.float64)

    def _replayed(self, number: int, arm: Arm, difficulties: dict[str, Difficulty]) -> list[Curve]:
        samples = samples_of(arm, self._record.samples, self._rows(number))
        if samples is None:
            return []
        budgets = [b for b in self._plan.budgets if 1 <= b <= samples.count]
        rates = rates_of(self._record, number)
        curves = []
        for rule in REPLAYED_RULES:
            found = replay(samples, rule, budgets or [samples.count])
            label = self._label(rule.value, arm)
            curves.append(self._curve(label, arm, rule.value, found, rates))
        if len(self._done) >= _FEWEST_FOR_QUINTILES and samples.count >= 2:
            difficulty = difficulty_of(samples, REPLAYED_RULES, self._plan.repeats)
            difficulties[self._name(arm)] = difficulty
        return curves

    def _judge_others(self, difficulties: dict[str, Difficulty]) -> None:
        """Add the strategies that ran for real with as many samples as the votes are judged by."""
        for number, arm in enumerate(self._plan.arms):
            found = difficulties.get(self._name(arm))
            if arm.replayed or number not in self._arms or found is None:
                continue
            if arm.attempts == found.samples:
                right = self._chances(number)
                difficulties[self._name(arm)] = found.with_strategy(arm.strategy, right)

    def _chances(self, number: int) -> list[float]:
        """How likely each verdict of an arm is right, where ties are broken by chance.

        So they are when votes are replayed; counted as wrong, ties would make a strategy that ran
        for real look worse than the same votes.
        """
        return [
            _chance(self._verdicts[place], self._right_in_ties.get(place, frozenset()))
            for place in self._rows(number)
        ]

    @cached_property
    def _right_in_ties(self) -> dict[Place, set[int]]:
        """The candidates that are right, of every verdict that is a tie."""
        tied = {p for p, record in self._verdicts.items() if record.verdict.outcome is Outcome.TIE}
        right: defaultdict[Place, set[int]] = defaultdict(set)
        for sample in self._record.samples:
            if sample.place in tied and sample.counts_right is True:
                right[sample.place].add(sample.candidate.index)
        return right

    def _policy(self, number: int, arm: Arm) -> LearnedPolicy | None:
        stored, rows = self._record.samples, self._rows(number)
        samples = samples_of(arm, stored, rows)
        if samples is None:
            return None
        by_row = samples_by_row(arm, stored, rows)
        candidates = [sample.candidate for row in by_row for sample in row]
        likely = all(candidate.confidence is not None for candidate in candidates)
        scored = any(candidate.score is not None for candidate in candidates)
        ways = [
            Weighed(replace(samples, weight=vote_weights(by_row, samples.count, *how)), *how)
            for how in weightings_to_try(likely=likely, scored=scored)
        ]
        learned = learn_policy(ways, self._plan.repeats)
        return None if learned is None else replace(learned, model_path=arm.model_path)

    def _curve(self, label: str, arm: Arm, rule: str, found: Replayed, rates: Rates) -> Curve:
        accuracy = self._by_question(found.accuracy)
        points = []
        for column, budget in enumerate(found.budgets):
            tokens = float(found.tokens[:, column].mean())
            points.append(
                Point(
                    budget,
                    share(accuracy[:, column]),
                    float(found.samples[:, column].mean()),
                    tokens,
                    rates.seconds_of(tokens),
                    rates.joules_of(tokens),
                )
            )
        fit = log_fit(found.budgets, accuracy) if len(found.budgets) > 1 else None
        return Curve(label, self._name(arm), rule, tuple(points), accuracy, fit)

    def _run(self) -> list[Curve]:
        """Strategies that ran for real, one arm a budget."""
        parts: defaultdict[tuple[str, str], list[int]] = defaultdict(list)
        for number, arm in enumerate(self._plan.arms):
            if not arm.replayed and number in self._arms:
                parts[arm.model_path, arm.strategy].append(number)
        return [self._run_curve(numbers) for numbers in parts.values()]

    def _run_curve(self, numbers: Sequence[int]) -> Curve:
        arms = [self._plan.arms[number] for number in numbers]
        columns, points = [], []
        for number, arm in zip(numbers, arms, strict=True):
            verdicts = [self._verdicts[place] for place in self._rows(number)]
            right = np.array([[chance] for chance in self._chances(number)])
            accuracy = self._by_question(right)[:, 0]
            columns.append(accuracy)
            tokens = float(np.mean([verdict.tokens for verdict in verdicts]))
            rates = rates_of(self._record, number)
            points.append(
                Point(
                    arm.attempts,
                    share(accuracy),
                    float(np.mean([self._came[verdict.place] for verdict in verdicts])),
                    tokens,
                    rates.seconds_of(tokens),
                    rates.joules_of(tokens),
                )
            )
        by_question = np.stack(columns, axis=1)
        budgets = [arm.attempts for arm in arms]
        fit = log_fit(budgets, by_question) if len(budgets) > 1 else None
        first = arms[0]
        label = self._label(first.strategy, first)
        return Curve(label, self._name(first), first.strategy, tuple(points), by_question, fit)

    def _agreement(self) -> dict[str, float]:
        found: defaultdict[str, list[float]] = defaultdict(list)
        labels = arm_labels(self._plan.arms)
        for place, record in self._verdicts.items():
            tally = record.verdict.tally
            asked = tally.votes + len(tally.no_answer)
            if asked:
                largest = max((group.count for group in tally.groups), default=0)
                found[labels[place.arm]].append(largest / asked)
        return {label: float(np.mean(shares)) for label, shares in found.items()}

    def _equal_words(self, curves: Sequence[Curve]) -> list[str]:
        """Each pair of models at equal operations, time and energy, by their votes."""
        sizes = {}
        for arm in self._plan.arms:
            said = self._record.card.models.get(arm.model_path, {}).get("parameters", "")
            if said.isdecimal() and int(said):
                sizes[self._name(arm)] = int(said)
        votes = [curve for curve in curves if curve.rule == Rule.VOTE.value]
        return [
            equal_cost_words(found)
            for first, second in itertools.combinations(votes, 2)
            for found in equal_costs(first, second, sizes)
        ]

    def _tokens_per_joule(self) -> dict[str, float]:
        found = {}
        for number, label in enumerate(arm_labels(self._plan.arms)):
            value = rates_of(self._record, number).tokens_per_joule
            if value is not None:
                found[label] = value
        return found

    def _latency(self) -> dict[str, tuple[float, float, float]]:
        found: defaultdict[str, list[float]] = defaultdict(list)
        labels = arm_labels(self._plan.arms)
        for sample in self._record.samples:
            # not from when it was asked for: a sweep asks ahead of the slots that come free
            if (seconds := sample.candidate.writing_seconds) is not None:
                found[labels[sample.place.arm]].append(seconds)
        return {label: percentiles(values) for label, values in found.items()}


def _only(numbers: set[int]) -> int | None:
    return next(iter(numbers)) if len(numbers) == 1 else None


def _chance(record: VerdictRecord, right: Set[int]) -> float:
    """Chance that a verdict is right, given which of its candidates are."""
    if record.verdict.outcome is not Outcome.TIE or record.corrected is not None:
        return float(record.counts_right is True)
    tied = record.verdict.tally.leading
    return sum(not right.isdisjoint(group.candidates) for group in tied) / len(tied)


def _front(curves: Sequence[Curve]) -> tuple[tuple[tuple[int, int], ...], int | None]:
    """The points worth their tokens, coverage left out: no voter reaches it."""
    places = [
        (number, place)
        for number, curve in enumerate(curves)
        if curve.rule != Rule.COVERAGE.value
        for place in range(len(curve.points))
    ]
    costs = [curves[number].points[place].tokens for number, place in places]
    values = [curves[number].points[place].accuracy.value for number, place in places]
    front = pareto_front(costs, values)
    bend = knee([costs[place] for place in front], [values[place] for place in front])
    return tuple(places[place] for place in front), bend
