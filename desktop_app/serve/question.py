"""A request as a question for the engine: what is asked, and how its reply is to be given."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import msgspec

from desktop_app.model_library import learned_options
from desktop_app.serve.effort import own_thinking, spending
from desktop_app.serve.refusals import RefusalError
from desktop_app.serve.wire import ChatRequest, conversation, json_reply, read_request
from engine.generation import ModelReport, Sampling
from engine.journal.records import new_id
from engine.session import AskRequest
from models.file_names import model_name

_WHOLE_ANSWER: Final = 4096
"""Tokens that OpenAI's penalties look back at, which mean all that was written."""
ANY_MODEL: Final = "ponder"
"""A name that always means the model that is loaded."""


@dataclass(frozen=True, slots=True)
class Question:
    """One valid request.

    Attributes:
        ask: What the engine is asked.
        model_id: The model that answers.
        answers: How many answers are wanted.
        stream: Whether the reply comes in pieces.
        include_usage: Whether a stream ends with its usage.
        ignored: Fields that were not understood.
    """

    ask: AskRequest
    model_id: str
    answers: int
    stream: bool
    include_usage: bool
    ignored: tuple[str, ...]

    @property
    def streams_tokens(self) -> bool:
        """Whether text can be passed on as it is written: one attempt has no vote to wait for."""
        return self.ask.budget.attempts == 1 and self.answers == 1


def model_id(model: ModelReport) -> str:
    """What a loaded model is called here: its name in the library.

    What is described by a file such as `name.kind.json` is called by what is in front of both.
    """
    name = Path(model.path)
    return name.with_suffix("").stem if name.suffix == ".json" else model_name(name.name)


def read_question(body: bytes, model: ModelReport) -> Question:
    """Read and check a whole request.

    Raises:
        RefusalError: It cannot be answered.
    """
    request, ignored = read_request(body)
    return question_of(request, ignored, model)


def question_of(request: ChatRequest, ignored: tuple[str, ...], model: ModelReport) -> Question:
    """Return what a request asks of a model.

    Args:
        request: As it was read.
        ignored: Fields that were not understood.
        model: The one that is loaded.

    Raises:
        RefusalError: It cannot be answered.
    """
    name = model_id(model)
    check_model_id(request.model, name)
    messages = conversation(request)
    strategy, budget = spending(request)
    told = learned_options(strategy, model.path)
    told = msgspec.structs.replace(told, own_thinking=own_thinking(request, model))
    options = request.stream_options
    return Question(
        ask=AskRequest(
            deliberation_id=new_id(),
            messages=messages,
            strategy=strategy,
            budget=budget,
            sampling=_sampling(request),
            # An early end saves attempts but leaves the shares of other answers unknown.
            stop_early=request.answers == 1,
            greedy_single=request.temperature is None,
            stop_texts=request.stop_texts,
            json_reply=json_reply(request),
            options=told,
        ),
        model_id=name,
        answers=request.answers,
        stream=bool(request.stream),
        include_usage=bool(options and options.include_usage),
        ignored=ignored,
    )


def check_model_id(wanted: str | None, loaded: str) -> None:
    """Make sure that the loaded model is meant.

    Raises:
        RefusalError: Another one is.
    """
    if (wanted or ANY_MODEL).casefold() not in {ANY_MODEL, loaded.casefold()}:
        message = f"this model is not loaded; the one that is is called {loaded}"
        raise RefusalError(404, message, "model_not_found", param="model")


def _sampling(request: ChatRequest) -> Sampling:
    penalty = request.repeat_penalty
    asked = {
        "temperature": request.temperature,
        "top_k": request.top_k,
        "top_p": request.top_p,
        "min_p": request.min_p,
        "repeat_penalty": request.repetition_penalty if penalty is None else penalty,
        "frequency_penalty": request.frequency_penalty,
        "presence_penalty": request.presence_penalty,
        "seed": request.seed,
    }
    if request.frequency_penalty or request.presence_penalty:
        asked["repeat_window"] = _WHOLE_ANSWER
    said = {name: value for name, value in asked.items() if value is not None}
    return msgspec.structs.replace(Sampling(), **said)
