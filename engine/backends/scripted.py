"""A backend that recites a script: the real worker, protocol and strategies without a model.

The tests of everything above a backend run on it, and so can a person who wants to see the window
move. A script is a JSON file whose name ends in `.script.json`; see `Script`. It decodes nothing
and measures nothing.
"""

from __future__ import annotations

import os
import re
from collections import deque
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from engine.backends.base import (
    BackendEvent,
    Ended,
    Generated,
    GenerationRequest,
    PromptRead,
    Request,
    Scored,
    ScoreRequest,
)
from engine.candidate import StopReason
from engine.errors import ModelFileError
from engine.generation import LoadOptions, ModelReport
from engine.own_thinking import OwnThinking, ThinkingMode

SCRIPT_SUFFIX = ".script.json"


class Line(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One recited response.

    Attributes:
        text: What is said, thought markers included; one word is one token.
        hold: Never end by itself; it waits to be cancelled.
        abort: End the whole process with a native abort when this text is used up.
        score: What it says of itself when it is asked how likely it is right.
    """

    text: str
    hold: bool = False
    abort: bool = False
    score: float | None = None


class Script(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The file's content.

    Attributes:
        lines: Responses; the n-th request since loading gets line n modulo their number. One that
            goes on from a text gets the rest of a line that begins with it, if there is one.
        slots: Requests advanced side by side.
        family: The model family it claims.
        thought_opening: The marker with which prompts open the hidden thought, or "".
        own_thinking: What can be wished of its own thinking; it says the same under every wish.
    """

    lines: tuple[Line, ...]
    slots: int = 64
    family: str = ""
    thought_opening: str = ""
    own_thinking: tuple[OwnThinking, ...] = ()


@dataclass(slots=True)
class _Recital:
    request: GenerationRequest
    line: Line
    words: deque[str]
    tokens: int = 0
    told_prompt: bool = False


class ScriptedBackend:
    """Implements `engine.backends.base.Backend` over a `Script`."""

    def __init__(self, path: Path, script: Script) -> None:
        self._path = path
        self._script = script
        self._waiting: deque[_Recital] = deque()
        self._live: dict[int, _Recital] = {}
        self._cancelled: set[int] = set()
        self._kept: dict[int, _Recital] = {}
        self._scored: list[Scored] = []
        self._count = 0

    @classmethod
    def load(cls, path: Path, options: LoadOptions) -> ScriptedBackend:
        """Read a script.

        Raises:
            ModelFileError: The file cannot be read or is no script.
        """
        try:
            script = msgspec.json.decode(path.read_bytes(), type=Script)
        except (OSError, ValueError) as error:
            raise ModelFileError(str(error)) from error
        slots = min(script.slots, options.slots)
        return cls(path, msgspec.structs.replace(script, slots=slots))

    @property
    def report(self) -> ModelReport:
        """A report that claims nothing a script does not have."""
        return ModelReport(
            path=str(self._path),
            name=self._path.name.removesuffix(SCRIPT_SUFFIX),
            family=self._script.family,
            architecture="script",
            quantization="",
            parameters=0,
            size_bytes=self._path.stat().st_size,
            layers=0,
            layers_on_gpu=0,
            devices=(),
            gpu_build=False,
            context_tokens=4096,
            train_context_tokens=4096,
            slots=self._script.slots,
            unified_cache=True,
            can_fork=True,
            threads=1,
            template="model",
            thought_opening=self._script.thought_opening,
            load_seconds=0.0,
            own_thinking=tuple(
                ThinkingMode(wish, "" if wish is OwnThinking.OFF else self._script.thought_opening)
                for wish in self._script.own_thinking
            ),
        )

    @property
    def busy(self) -> bool:
        """Whether any recital is unfinished."""
        return bool(self._live or self._waiting or self._scored)

    def submit(self, requests: Sequence[Request]) -> None:
        """Queue recitals; a fork goes on where the kept one stopped."""
        for request in requests:
            if isinstance(request, ScoreRequest):
                self._scored.append(Scored(request.request_id, self._score(request)))
                continue
            if request.fork_of is not None:
                kept = self._kept[request.fork_of]
                self._waiting.append(
                    _Recital(request, kept.line, deque(kept.words), told_prompt=True)
                )
                continue
            line = self._script.lines[self._count % len(self._script.lines)]
            self._count += 1
            begun = self._begun(request.continuation)
            line, rest = (line, line.text) if begun is None else begun
            words = deque(re.findall(r"\s*\S+|\s+$", rest))
            self._waiting.append(_Recital(request, line, words))

    def _begun(self, text: str) -> tuple[Line, str] | None:
        """The first line that begins with a text and goes on behind it, and what it says there."""
        for line in self._script.lines if text else ():
            if line.text.startswith(text) and line.text != text:
                return line, line.text[len(text) :]
        return None

    def step(self) -> Sequence[BackendEvent]:
        """Say one word of every live recital."""
        events: list[BackendEvent] = list(self._scored)
        self._scored.clear()
        for request_id in self._cancelled:
            recital = self._live.pop(request_id, None)
            if recital is None:
                recital = next(
                    (r for r in self._waiting if r.request.request_id == request_id), None
                )
                if recital is None:
                    continue
                self._waiting.remove(recital)
            events.append(self._end(recital, StopReason.CANCELLED))
        self._cancelled.clear()
        while self._waiting and len(self._live) < self._script.slots:
            recital = self._waiting.popleft()
            self._live[recital.request.request_id] = recital
        for request_id, recital in list(self._live.items()):
            said = self._say(recital)
            events += said
            if any(isinstance(event, Ended) for event in said):
                del self._live[request_id]
        return events

    def _say(self, recital: _Recital) -> list[BackendEvent]:
        request = recital.request
        if not recital.told_prompt:
            recital.told_prompt = True
            size = sum(len(message.content.split()) for message in request.messages)
            return [PromptRead(request.request_id, size, size, 0)]
        limit = request.max_tokens
        if limit is not None and recital.tokens >= limit:
            return [self._end(recital, StopReason.TOKEN_BUDGET)]
        if recital.words:
            recital.tokens += 1
            word = recital.words.popleft()
            stop = next((stop for stop in request.stop_texts if stop in word), "")
            if not stop:
                return [Generated(request.request_id, word, 1)]
            before, _, after = word.partition(stop)
            recital.words.appendleft(after)
            said: list[BackendEvent] = [Generated(request.request_id, before, 1)] if before else []
            if request.keep:
                self._kept[request.request_id] = recital
            return [*said, self._end(recital, StopReason.FINISHED, stop)]
        if recital.line.abort:
            os.abort()
        if recital.line.hold:
            return []
        return [self._end(recital, StopReason.FINISHED)]

    def _end(self, recital: _Recital, stop: StopReason, stop_text: str = "") -> Ended:
        confidence = -0.1 if recital.tokens else None
        request_id = recital.request.request_id
        return Ended(request_id, stop, recital.tokens, confidence, stop_text)

    def _score(self, request: ScoreRequest) -> float | None:
        """The score of the first line that begins with the response that is asked about."""
        said = [m.content for m in request.messages if m.role == "assistant"]
        lines = (line for line in self._script.lines if said and line.text.startswith(said[-1]))
        return next((line.score for line in lines), None)

    def forget(self, request_ids: Collection[int]) -> None:
        """Let go of kept recitals."""
        for request_id in request_ids:
            self._kept.pop(request_id, None)

    def append(self, request_id: int, text: str) -> bool:
        """Skip what the script still says inside the thought that `text` closes."""
        recital = self._live.get(request_id)
        if recital is None or not text:
            return True
        rest = "".join(recital.words)
        marker = text.strip()
        if marker in rest:
            after = rest.split(marker, 1)[1]
            recital.words = deque(re.findall(r"\s*\S+|\s+$", after))
        return True

    def cancel(self, request_ids: Collection[int]) -> None:
        """End recitals at the next step."""
        self._cancelled.update(request_ids)

    def interrupt(self) -> None:
        """Do nothing: a step is instant."""

    def close(self) -> None:
        """Forget everything."""
        self._live.clear()
        self._waiting.clear()
        self._kept.clear()
