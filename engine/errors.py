"""The tree of expected engine failures, without a word of window text.

    EngineError
    ├── ModelLoadError        the model file cannot be used here
    │   ├── ModelFileError    missing, a folder, empty, damaged, not GGUF
    │   ├── ModelMemoryError  does not fit
    │   └── LoadCancelledError
    ├── TemplateError         the model's chat template cannot be used
    ├── PromptTooLongError    the conversation does not fit the context
    ├── SchemaError           a reply of this JSON schema cannot be asked for
    ├── WorkerError           the engine process is gone or speaks nonsense
    │   ├── WorkerDiedError
    │   ├── WorkerHungError
    │   └── WorkerStartError
    ├── DecodeError           llama.cpp refused a step
    ├── RemoteError           a server of an engine elsewhere
    │   ├── RemoteUnreachableError  no connection, or silence for too long
    │   ├── RemoteKeyError          it wants a key, or another one
    │   ├── RemoteNotFoundError     it has no such address or model
    │   ├── RemoteBusyError         it has too much to do, after several tries
    │   ├── RemoteServerError       it failed, after several tries
    │   ├── RemoteRefusedError      it will not do what is asked
    │   └── RemoteAnswerError       it answers without sense, or breaks off
    ├── KeyStoreError         a key cannot be kept (`engine.keys`)
    └── BadRequestError       a command that cannot be carried out

Each class has a stable `code`; `desktop_app.error_text` maps codes to title, cause and next
step. Journal failures have their own tree in `engine.journal.errors`.
"""

from __future__ import annotations

from signal import Signals
from typing import ClassVar


def signal_name(number: int) -> str:
    """Return a signal's name, such as SIGKILL, or its number where it has none."""
    try:
        return Signals(number).name
    except ValueError:
        return f"signal {number}"


def _telling_line(stderr_tail: str) -> str:
    """The last line before Python's own report of a fatal error, else the report's first line."""
    lines = [line for line in stderr_tail.splitlines() if line.strip()]
    fatal = next((n for n, line in enumerate(lines) if line.startswith("Fatal Python")), None)
    if fatal is None:
        return lines[-1] if lines else ""
    return lines[max(0, fatal - 1)]


class EngineError(Exception):
    """Base of every expected engine failure.

    Attributes:
        code: Stable identifier, also sent over the protocol.
        detail: What happened in technical terms; never a prompt or an answer.
    """

    code: ClassVar[str] = "engine"

    def __init__(self, detail: str = "") -> None:
        super().__init__(detail)
        self.detail = detail


class ModelLoadError(EngineError):
    """The model cannot be loaded."""

    code = "model-load"


class ModelFileError(ModelLoadError):
    """The file is missing, unreadable, damaged or not a GGUF model."""

    code = "model-file"


class ModelMemoryError(ModelLoadError):
    """The model or its context does not fit into memory."""

    code = "model-memory"


class LoadCancelledError(ModelLoadError):
    """The person cancelled the load."""

    code = "load-cancelled"


class TemplateError(EngineError):
    """The model's chat template failed or tried something forbidden."""

    code = "template"


class PromptTooLongError(EngineError):
    """The conversation does not fit into the model's context.

    Attributes:
        prompt_tokens: Length of the rendered conversation, tokens, as far as it was counted.
        context_tokens: What one candidate may hold, tokens.
    """

    code = "prompt-too-long"

    def __init__(self, prompt_tokens: int, context_tokens: int, *, counted: bool = True) -> None:
        size = f"{prompt_tokens:,}" if counted else f"at least {prompt_tokens:,}"
        super().__init__(f"the prompt has {size} tokens, the context holds {context_tokens:,}")
        self.prompt_tokens = prompt_tokens
        self.context_tokens = context_tokens


class SchemaError(EngineError):
    """A reply cannot be kept to this JSON schema. `detail` says why and holds no value of it."""

    code = "schema"


class DecodeError(EngineError):
    """llama.cpp refused a decode step."""

    code = "decode"


class RemoteError(EngineError):
    """A server of an engine elsewhere. `detail` begins with its name; it never holds a key."""

    code = "remote"


class RemoteUnreachableError(RemoteError):
    """No connection, or silence for too long."""

    code = "remote-unreachable"


class RemoteKeyError(RemoteError):
    """It wants a key, or another one: HTTP 401 and 403."""

    code = "remote-key"


class RemoteNotFoundError(RemoteError):
    """It has no such address or model: HTTP 404."""

    code = "remote-not-found"


class RemoteBusyError(RemoteError):
    """It has too much to do, after several tries: HTTP 429."""

    code = "remote-busy"


class RemoteServerError(RemoteError):
    """It failed, after several tries: HTTP 5xx."""

    code = "remote-server"


class RemoteRefusedError(RemoteError):
    """It will not do what is asked: any other 4xx."""

    code = "remote-refused"


class RemoteAnswerError(RemoteError):
    """It answers without sense, breaks off, or sends elsewhere."""

    code = "remote-answer"


class BadRequestError(EngineError):
    """A command that cannot be carried out, such as asking before a model is loaded."""

    code = "bad-request"


class WorkerError(EngineError):
    """The engine process failed as a process."""

    code = "worker"


class WorkerStartError(WorkerError):
    """The engine process did not come up."""

    code = "worker-start"


class WorkerDiedError(WorkerError):
    """The engine process ended without being asked to.

    Attributes:
        exit_status: The process's return code; negative is the signal that ended it.
        stderr_tail: The last lines it wrote, for the person and the log.
    """

    code = "worker-died"

    def __init__(self, exit_status: int, stderr_tail: str) -> None:
        ending = f"exit status {exit_status}"
        if exit_status < 0:
            ending = f"ended by {signal_name(-exit_status)}"
        line = _telling_line(stderr_tail)
        super().__init__(f"{ending}: {line[:200]}" if line else ending)
        self.exit_status = exit_status
        self.stderr_tail = stderr_tail


class WorkerHungError(WorkerError):
    """The engine process was killed: it did not end what it was told to, nor anything else."""

    code = "worker-hung"

    def __init__(self) -> None:
        super().__init__("no sign of life after it was told to end")
