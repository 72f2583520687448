"""An attempt in progress: the text of one candidate while it streams, until it is a value."""

from __future__ import annotations

from math import exp

from engine.answers.extract import extract_answer
from engine.answers.json_value import json_answer
from engine.backends.base import Ended, Generated
from engine.candidate import Beginning, Candidate, StopReason
from engine.protocol import CandidateDelta
from engine.strategies.base import Attempt
from engine.thoughts import ThoughtSplitter


class LiveAttempt:
    """Gathers one candidate's text, split into hidden thought and response.

    Args:
        index: Its index in the deliberation.
        attempt: What the strategy asked for.
        seed: Its sampler's seed.
        thought_opening: The marker with which the prompt opened the hidden thought, or "".
        thought_cap: Most tokens of hidden thought, or None.
        queued_seconds: When it was handed to the backend, since the deliberation's start.
        beginning: What it goes on from; its limits count what comes behind.
    """

    def __init__(
        self,
        index: int,
        attempt: Attempt,
        seed: int,
        *,
        thought_opening: str,
        thought_cap: int | None,
        queued_seconds: float,
        beginning: Beginning | None = None,
    ) -> None:
        self.index = index
        self.attempt = attempt
        self.seed = seed
        self.queued_seconds = queued_seconds
        self.first_token_seconds: float | None = None
        self.tokens = 0
        self._opening, self._cap = thought_opening, thought_cap
        self._beginning = beginning
        self.begin_anew()

    def begin_anew(self) -> None:
        """Forget what was written: another machine begins from the first token."""
        self.first_token_seconds = None
        self.tokens = self._thought_tokens = 0
        self._thought_cap = self._cap
        self._splitter = ThoughtSplitter(self._opening)
        self._thought: list[str] = []
        self._response: list[str] = []
        self._written: list[str] = []
        self._thought_cut = False
        self._unsent_thought = self._unsent_response = ""
        self._changed = self._beginning is not None
        if self._beginning is not None:
            self._write(self._beginning.text)

    def take(self, event: Generated, now_seconds: float) -> str | None:
        """Add new text.

        Returns:
            Text that closes the hidden thought when it has reached its cap, to be appended to
            the generation, else None; `close_thought` is called once it stands there.
        """
        if self.first_token_seconds is None:
            self.first_token_seconds = now_seconds
        self.tokens += event.tokens
        self._changed = True
        if self._splitter.in_thought:
            self._thought_tokens += event.tokens
        self._write(event.text)
        if (
            self._thought_cap is not None
            and self._splitter.in_thought
            and self._thought_tokens >= self._thought_cap
        ):
            self._thought_cap = None
            return self._splitter.closing_text
        return None

    def close_thought(self) -> None:
        """The closing text stands behind what was written: the response begins."""
        if self._splitter.in_thought:
            self._thought_cut = True
            self._write(self._splitter.closing_text)

    def _write(self, text: str) -> None:
        self._written.append(text)
        self._add(*self._splitter.feed(text))

    def _add(self, thought: str, response: str) -> None:
        if thought:
            self._thought.append(thought)
            self._unsent_thought += thought
        if response:
            self._response.append(response)
            self._unsent_response += response

    def take_delta(self) -> CandidateDelta | None:
        """Return what is new since the last call, or None."""
        if not self._changed:
            return None
        self._changed = False
        delta = CandidateDelta(
            self.index,
            self._unsent_thought,
            self._unsent_response,
            self.tokens,
            self.first_token_seconds,
        )
        self._unsent_thought = self._unsent_response = ""
        return delta

    def finish(
        self,
        event: Ended,
        stop: StopReason,
        question: str,
        now_seconds: float,
        *,
        is_json: bool = False,
    ) -> Candidate:
        """Return the candidate it has become.

        Args:
            event: The backend's last word.
            stop: Why it ended, as the deliberation knows it.
            question: The question, which decides what counts as an answer.
            now_seconds: Since the deliberation's start.
            is_json: Whether the response is to be one JSON value, which then is the answer.
        """
        self._add(*self._splitter.close())
        response = "".join(self._response).strip()
        answer = None
        if response and not self._splitter.in_thought:
            complete = stop is StopReason.FINISHED
            if is_json:
                answer = json_answer(response, complete=complete)
            else:
                answer = extract_answer(response, question, complete=complete)
        if self._splitter.in_thought and stop is StopReason.TOKEN_BUDGET:
            self._thought_cut = True
        begun = self._beginning
        return Candidate(
            index=self.index,
            round=self.attempt.round,
            seed=self.seed,
            thought="".join(self._thought).strip(),
            response=response,
            answer=answer,
            tokens=event.tokens,
            thought_tokens=min(self._thought_tokens, event.tokens),
            queued_seconds=self.queued_seconds,
            first_token_seconds=self.first_token_seconds,
            finished_seconds=now_seconds,
            stop=stop,
            confidence=_probability(event.mean_logprob),
            earlier=self.attempt.earlier,
            machine=event.machine,
            written="" if stop is StopReason.FINISHED else "".join(self._written),
            begun_tokens=begun.tokens if begun is not None else 0,
            begun_thought_tokens=begun.thought_tokens if begun is not None else 0,
            thought_cut=self._thought_cut,
        )


class LiveStep:
    """Gathers the text of one step of a search, as the model writes it.

    Args:
        attempt: What the strategy asked for.
        seed: Its sampler's seed.
        queued_seconds: When it was handed to the backend, since the deliberation's start.
    """

    def __init__(self, attempt: Attempt, seed: int, queued_seconds: float) -> None:
        self.attempt = attempt
        self.seed = seed
        self.queued_seconds = queued_seconds
        self.first_token_seconds: float | None = None
        self.text = ""

    def take(self, event: Generated, now_seconds: float) -> None:
        """Add new text."""
        if self.first_token_seconds is None:
            self.first_token_seconds = now_seconds
        self.text += event.text

    def begin_anew(self) -> None:
        """Forget what was written: another machine begins from the first token."""
        self.first_token_seconds, self.text = None, ""

    def close_thought(self) -> None:
        """Do nothing: a step has no hidden thought."""

    def take_delta(self) -> None:
        """Return None: a step is told when it is finished."""


def _probability(mean_logprob: float | None) -> float | None:
    """Never above 1, whatever a server says."""
    return None if mean_logprob is None else exp(min(0.0, mean_logprob))
