"""Sweeps of `auto` follow the tables that the chat follows."""

from __future__ import annotations

from typing import Final

import msgspec

from desktop_app.settings import ThinkingSettings, with_table
from engine.lab.plan import Arm, SweepPlan

_AUTO: Final = "auto"


def with_learned_tables(plan: SweepPlan, thinking: ThinkingSettings) -> SweepPlan:
    """Return the plan under which `auto` follows the table that is in use for each model.

    The tables stand in the plan then: a sweep that is gone on with or repeated follows the same.
    """

    def followed(arm: Arm) -> Arm:
        table = thinking.table_for(arm.model_path) if arm.strategy == _AUTO else None
        if table is None:
            return arm
        return msgspec.structs.replace(arm, options=with_table(arm.options, table))

    return msgspec.structs.replace(plan, arms=tuple(followed(arm) for arm in plan.arms))
