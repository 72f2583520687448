"""A stored sweep asked again, also on another computer than the one it ran on. Free of Qt."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import msgspec

from desktop_app.model_library import named_model
from engine.generation import LoadOptions
from engine.lab.plan import Limits, SweepPlan
from models.errors import UnknownModelError
from models.file_names import model_name

_LONGEST_CONTEXT: Final = 2**20


def plan_again(plan: SweepPlan, load: LoadOptions, limits: Limits) -> SweepPlan:
    """Return the plan of a sweep as this computer can run it.

    A model file that is not where it was is looked for by its name among the models and engines
    here. Of how it was loaded, only what changes answers is taken over.

    Args:
        plan: Of a sweep that ran here or elsewhere.
        load: How models are loaded here.
        limits: When it ends by itself.

    Raises:
        ModelsError: A model is not here.
    """
    given = dict.fromkeys(arm.model_path for arm in plan.arms)
    here = {path: _file_here(path) for path in given}
    arms = tuple(msgspec.structs.replace(arm, model_path=here[arm.model_path]) for arm in plan.arms)
    context = plan.load.context_tokens
    load = msgspec.structs.replace(
        load,
        context_tokens=None if context is None else min(max(1, context), _LONGEST_CONTEXT),
        cache_type=plan.load.cache_type,
    )
    return msgspec.structs.replace(plan, arms=arms, load=load, limits=limits)


def _file_here(given: str) -> str:
    if Path(given).is_file():
        return given
    name = re.split(r"[/\\]", given)[-1]
    found = named_model(name)
    if model_name(found.name).casefold() != model_name(name).casefold():
        raise UnknownModelError(repr(name))  # one whose name only begins like that is another model
    return str(found)
