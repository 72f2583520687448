"""What a request is worth: OpenAI's efforts as notches of the slider, and explicit numbers.

An effort says how much Ponder thinks. Of the model's own thinking `chat_template_kwargs` speaks,
as with llama-server and vLLM; only the effort "none" asks for no thinking of either kind.
"""

from __future__ import annotations

from typing import Final

from desktop_app.serve.refusals import invalid
from desktop_app.serve.wire import ChatRequest, TemplateVariables
from engine.budget import MAX_ATTEMPTS, NOTCHES, Budget, Notch
from engine.generation import ModelReport
from engine.own_thinking import EFFORTS as OWN_EFFORTS
from engine.own_thinking import OwnThinking
from engine.strategies import ATTEMPTS, ROUNDS, STRATEGIES, width_and_depth

EFFORTS: Final[dict[str, Notch]] = dict(
    zip(("none", "minimal", "low", "medium", "high", "xhigh"), NOTCHES, strict=True)
)
NO_EFFORT: Final = "none"


def spending(request: ChatRequest) -> tuple[str, Budget]:
    """Return strategy and budget that a request asks for.

    Explicit `samples` and `rounds` count before `reasoning_effort`. Without either, as many
    attempts are made as answers are wanted, but at least four.

    Raises:
        RefusalError: They are unknown, out of range, or do not go together.
    """
    strategy = request.strategy or ("revise" if request.rounds is not None else "vote")
    if strategy not in STRATEGIES:
        raise invalid("strategy", f"strategy must be one of {', '.join(sorted(STRATEGIES))}")
    effort = request.reasoning_effort
    if effort is not None and effort not in EFFORTS:
        raise invalid("reasoning_effort", f"reasoning_effort must be one of {', '.join(EFFORTS)}")
    for name in ("samples", "rounds"):
        number = getattr(request, name)
        if number is not None and not 1 <= number <= MAX_ATTEMPTS:
            raise invalid(name, f"{name} must be 1 to {MAX_ATTEMPTS}")
    if request.seconds is not None and not request.seconds > 0:
        raise invalid("seconds", "seconds must be above 0")
    samples, rounds = _width_and_depth(request, strategy)
    if samples * rounds > MAX_ATTEMPTS:
        raise invalid("samples", f"samples x rounds must be at most {MAX_ATTEMPTS}")
    return strategy, Budget(
        samples=samples,
        rounds=rounds,
        seconds=request.seconds,
        tokens_per_candidate=request.token_limit,
    )


def own_thinking(request: ChatRequest, model: ModelReport) -> OwnThinking:
    """Return what a request wishes of the model's own thinking.

    The effort "none" turns it off where the model can be told, and says nothing elsewhere.

    Raises:
        RefusalError: It contradicts itself, or names an effort that is none.
    """
    told = request.chat_template_kwargs or TemplateVariables()
    switches = {said for said in (told.enable_thinking, told.thinking) if said is not None}
    effort = told.reasoning_effort
    if effort is None and not switches:
        off = request.reasoning_effort == NO_EFFORT and model.takes(OwnThinking.OFF)
        return OwnThinking.OFF if off else OwnThinking.AUTO
    if effort is not None and effort not in {NO_EFFORT, *OWN_EFFORTS}:
        where = "chat_template_kwargs.reasoning_effort"
        known = ", ".join((NO_EFFORT, *OWN_EFFORTS))
        raise invalid(where, f"{where} must be one of {known}")
    if effort is not None:
        switches.add(effort != NO_EFFORT)
    if len(switches) > 1:
        raise invalid("chat_template_kwargs", "chat_template_kwargs contradicts itself")
    if not switches.pop():
        return OwnThinking.OFF
    return OwnThinking.ON if effort is None else OwnThinking(effort)


def _width_and_depth(request: ChatRequest, strategy: str) -> tuple[int, int]:
    samples, rounds = request.samples, request.rounds
    if rounds is not None and strategy not in ROUNDS:
        raise invalid("rounds", f"rounds does not go with the strategy {strategy}")
    if samples is not None or rounds is not None:
        return samples or 1, rounds or ROUNDS.get(strategy, 1)
    if request.reasoning_effort is not None:
        return width_and_depth(strategy, EFFORTS[request.reasoning_effort].attempts)
    return width_and_depth(strategy, max(ATTEMPTS, request.answers))
