"""What a sweep does: questions, and the arms that answer them.

An arm is one model under one strategy and budget. A vote needs one arm for all budgets, because
smaller votes are replayed from its samples; a strategy whose attempts depend on earlier ones runs
for real at every budget.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import msgspec

from engine.backends.remote.description import ENGINE_SUFFIX
from engine.budget import Budget
from engine.generation import LoadOptions, Message, Sampling
from engine.lab.questions import QuestionSet
from engine.options import DEFAULT_OPTIONS, DEFAULT_POLICY, StrategyOptions, Weighting
from engine.strategies import STRATEGIES, width_and_depth

DEFAULT_BUDGETS: Final = (1, 2, 4, 8, 16, 32, 64)
_REPLAYED: Final = "vote"
_AUTO: Final = "auto"
_SEEDS_APART: Final = 1_000_003
_SEED_BITS: Final = 31


class Arm(msgspec.Struct, frozen=True):
    """One model under one strategy and budget.

    Attributes:
        model_path: The file.
        strategy: Its name.
        attempts: What the slider would say.
        budget: The same as a budget.
        options: What the strategy is told beside it.
    """

    model_path: str
    strategy: str
    attempts: int
    budget: Budget
    options: StrategyOptions = DEFAULT_OPTIONS

    @property
    def replayed(self) -> bool:
        """Whether smaller budgets are replayed from its samples."""
        return self.strategy == _REPLAYED

    def labelled(self, model: str) -> str:
        """What people call it where its model is called so."""
        spent = self.strategy if self.replayed else f"{self.strategy} {self.attempts}"
        learned = self.strategy == _AUTO and self.options.policy != DEFAULT_POLICY
        return f"{spent} (learned table), {model}" if learned else f"{spent}, {model}"


def model_names(arms: Sequence[Arm]) -> dict[str, str]:
    """Return what the models of some arms are called, by path; no two alike.

    Files of one name are told apart by their folders.
    """
    paths = list(dict.fromkeys(arm.model_path for arm in arms))
    for name in (_file_name, _name_in_folder, str):
        names = {path: name(path) for path in paths}
        if len(set(names.values())) == len(paths):
            break
    return names


def arm_labels(arms: Sequence[Arm]) -> list[str]:
    """Return what people call these arms beside each other."""
    names = model_names(arms)
    return [arm.labelled(names[arm.model_path]) for arm in arms]


def _file_name(path: str) -> str:
    name = path.replace("\\", "/").rpartition("/")[2]  # a sweep may come from Windows
    return name.removesuffix(".gguf").removesuffix(ENGINE_SUFFIX)


def _name_in_folder(path: str) -> str:
    folder = path.replace("\\", "/").split("/")[-2:-1]
    return f"{_file_name(path)} ({folder[0]})" if folder else _file_name(path)


class Limits(msgspec.Struct, frozen=True):
    """When a sweep ends by itself.

    Attributes:
        joules: Energy that a run may take, or None; one that is gone on with may take it again.
        celsius: Temperature of any device above which it stops, or None.
    """

    joules: float | None = None
    celsius: float | None = None


class SweepPlan(msgspec.Struct, frozen=True):
    """All that decides what a sweep asks, so that it can be repeated.

    Attributes:
        questions: What is asked.
        arms: Who answers.
        budgets: Budgets that votes are replayed at.
        repeats: How often every arm answers every question.
        sampling: How tokens are drawn; its seed is not used.
        load: How models are loaded.
        seed: Where all randomness starts.
        limits: When it ends by itself.
        instructions: What a model is told before each question, or "".
    """

    questions: QuestionSet
    arms: tuple[Arm, ...]
    budgets: tuple[int, ...] = DEFAULT_BUDGETS
    repeats: int = 1
    sampling: Sampling = Sampling()
    load: LoadOptions = LoadOptions()
    seed: int = 1
    limits: Limits = Limits()
    instructions: str = ""

    @property
    def attempts(self) -> int:
        """Samples in all, if nothing settles early."""
        each = sum(arm.budget.attempts for arm in self.arms)
        return each * len(self.questions.questions) * self.repeats

    def messages_for(self, question: int) -> tuple[Message, ...]:
        """What a model is told when it is asked a question."""
        asked = Message("user", self.questions.questions[question].text)
        return (Message("system", self.instructions), asked) if self.instructions else (asked,)

    def sampling_for(self, arm: int, question: int, repeat: int) -> Sampling:
        """How one deliberation draws: a seed of its own for each place in the plan."""
        place = (arm * len(self.questions.questions) + question) * self.repeats + repeat
        seed = (self.seed + _SEEDS_APART * place) % 2**_SEED_BITS
        return msgspec.structs.replace(self.sampling, seed=seed)


def make_plan(
    questions: QuestionSet,
    models: Sequence[Path],
    strategies: Sequence[str],
    budgets: Sequence[int],
    base: SweepPlan | None = None,
    options: StrategyOptions = DEFAULT_OPTIONS,
    each: Budget = Budget(),  # noqa: B008 - frozen
) -> SweepPlan:
    """Return the plan of every model under every strategy at every budget.

    Args:
        questions: What is asked.
        models: Files.
        strategies: Names.
        budgets: Attempts.
        base: Everything else; the defaults where None.
        options: What strategies are told.
        each: Limits of one attempt; its samples and rounds do not matter.

    Raises:
        ValueError: A strategy is unknown, a budget is below one, or there is nothing to run.
    """
    wanted = tuple(sorted(set(budgets)))
    if not wanted or wanted[0] < 1 or not models or not strategies:
        raise ValueError("a sweep needs a model, a strategy and budgets of at least 1")
    unknown = [name for name in strategies if name not in STRATEGIES]
    if unknown:
        raise ValueError(f"{unknown[0]} is none of {', '.join(sorted(STRATEGIES))}")
    arms = []
    for model in dict.fromkeys(models):
        for strategy in dict.fromkeys(strategies):
            for attempts in wanted[-1:] if strategy == _REPLAYED else wanted:
                samples, rounds = width_and_depth(strategy, attempts)
                budget = msgspec.structs.replace(each, samples=samples, rounds=rounds)
                arms.append(Arm(str(model), strategy, attempts, budget, options))
    known = base or SweepPlan(questions, ())
    return msgspec.structs.replace(known, questions=questions, arms=tuple(arms), budgets=wanted)


def with_scores(plan: SweepPlan) -> SweepPlan:
    """Return the plan whose votes ask the model how sure it is of each sample.

    Every weighted vote can be replayed from that; the plain ones are as they were.
    """
    arms = tuple(
        msgspec.structs.replace(
            arm, options=msgspec.structs.replace(arm.options, weighting=Weighting.COMBINED)
        )
        if arm.replayed
        else arm
        for arm in plan.arms
    )
    return msgspec.structs.replace(plan, arms=arms)
