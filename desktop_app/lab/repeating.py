"""A stored sweep asked again, also on another computer than the one it ran on. Free of Qt."""

from __future__ import annotations

import re
from pathlib import Path

import msgspec

from desktop_app.model_library import named_model
from engine.lab.plan import Limits, SweepPlan
from models.errors import UnknownModelError
from models.file_names import model_name


def plan_again(plan: SweepPlan, limits: Limits = Limits()) -> SweepPlan:  # noqa: B008 - it is frozen
    """Return the plan of a sweep with the model files of this computer.

    A file that is not where it was is looked for by its name among the models and engines here.

    Args:
        plan: Of a sweep that ran here or elsewhere.
        limits: When it ends by itself; those of the other computer are not taken over.

    Raises:
        ModelsError: A model is not here.
    """
    given = dict.fromkeys(arm.model_path for arm in plan.arms)
    here = {path: _file_here(path) for path in given}
    arms = tuple(msgspec.structs.replace(arm, model_path=here[arm.model_path]) for arm in plan.arms)
    return msgspec.structs.replace(plan, arms=arms, limits=limits)


def _file_here(given: str) -> str:
    if Path(given).is_file():
        return given
    name = re.split(r"[/\\]", given)[-1]
    found = named_model(name)
    if model_name(found.name).casefold() != model_name(name).casefold():
        raise UnknownModelError(repr(name))  # one whose name only begins like that is another model
    return str(found)
