"""Values shared by whoever asks for text and whoever makes it: messages, sampling, load options.

They cross the pipe between the client and the worker, so they are frozen and plain.
"""

from __future__ import annotations

from typing import Final, Literal

import msgspec

from engine.own_thinking import OwnThinking, ThinkingMode

Role = Literal["system", "user", "assistant", "attempt", "verify"]
"""`attempt` and `verify` are for models with those skills: an earlier attempt to be revised, and
the question whether the response before it is right."""
FlashAttention = Literal["auto", "on", "off"]
CellType = Literal["f16", "q8_0", "q4_0"]
CacheType = Literal["auto"] | CellType
UnifiedCache = Literal["auto", "on", "off"]


class Message(msgspec.Struct, frozen=True):
    """One turn of a conversation, as the chat template sees it."""

    role: Role
    content: str


class Sampling(msgspec.Struct, frozen=True):
    """How the next token is drawn.

    The defaults suit voting: diverse enough that errors differ, close enough that the right
    answer stays the mode. 0.7 to 0.8 is what the self-consistency literature uses
    (arXiv 2203.11171; Adaptive-Consistency's and TPO's experiments).

    Attributes:
        temperature: 0 is greedy.
        top_k: Keep the k likeliest tokens; 0 keeps all.
        top_p: Keep the smallest set with this probability mass; 1 keeps all.
        min_p: Drop tokens below this fraction of the likeliest; 0 drops none.
        repeat_penalty: Divide repeated tokens' logits by this; 1 is off.
        frequency_penalty: Taken from a token's logit for each time it was generated; 0 is off.
        presence_penalty: The same once, however often it was generated.
        repeat_window: How many recent tokens the penalties look at.
        seed: Seed of the deliberation's first candidate; candidate i uses seed + i.
            None draws a fresh one, which is then recorded.
    """

    temperature: float = 0.8
    top_k: int = 40
    top_p: float = 0.95
    min_p: float = 0.05
    repeat_penalty: float = 1.0
    repeat_window: int = 64
    seed: int | None = None
    frequency_penalty: float = 0.0
    presence_penalty: float = 0.0


class JsonReply(msgspec.Struct, frozen=True):
    """A reply that is to be one JSON value and nothing else; the hidden thought is free.

    Attributes:
        schema: JSON schema that it keeps to, as text, or "" for any object.
        name: What servers elsewhere are told that the schema is called.
        strict: Whether these are told to keep strictly to it; None says nothing of that.
    """

    schema: str = ""
    name: str = "reply"
    strict: bool | None = None


GREEDY: Final = Sampling(temperature=0.0)
"""What Instant uses: one candidate, the likeliest token each time."""


class LoadOptions(msgspec.Struct, frozen=True):
    """How a model is loaded.

    Attributes:
        gpu_layers: Layers to offload: a number, "all", or "auto" (as many as fit).
        main_gpu: Index of the GPU that holds what is not shared. llama.cpp asks for it only where
            it shares no layers; to use one GPU alone, give it the whole `tensor_split`, too.
        tensor_split: Share of each GPU, or empty for llama.cpp's own split, by free memory.
        flash_attention: Use flash attention; "auto" does so unless this processor is known to be
            slower with it.
        cache_type: Number format of the KV cache; "auto" takes what this machine handles fast.
        context_tokens: What one candidate may hold, prompt included; None for the model's own
            length, up to 8192.
        slots: Candidates decoded side by side at most.
        unified_cache: One KV buffer for all candidates, or one stream each.
        threads: CPU threads for decoding; None leaves one core to the window.
    """

    gpu_layers: int | Literal["all", "auto"] = "auto"
    main_gpu: int = 0
    tensor_split: tuple[float, ...] = ()
    flash_attention: FlashAttention = "auto"
    cache_type: CacheType = "auto"
    context_tokens: int | None = None
    slots: int = 64
    unified_cache: UnifiedCache = "auto"
    threads: int | None = None


BLANK_LINE: Final = "\n\n"


class EndpointReport(msgspec.Struct, frozen=True):
    """One server of an engine elsewhere, as it answered when the engine was loaded.

    Attributes:
        name: What the window calls it.
        address: Where its API begins.
        model: What it calls the model.
        server: Which program it is, such as "llama-server", or "" where that is not known.
        slots: Requests it gets at once.
        reachable: Whether it answered.
        honours_n: Whether one request can ask for several candidates.
        gives_confidence: Whether it gives log-probabilities.
        here: Whether it runs on this machine, so that the sensors here measure it.
        trouble: Why it is not reachable, or "".
        goes_on: Whether it goes on with an answer that is given to it unfinished.
    """

    name: str
    address: str
    model: str
    server: str
    slots: int
    reachable: bool
    honours_n: bool
    gives_confidence: bool
    here: bool
    trouble: str = ""
    goes_on: bool = True


class ModelReport(msgspec.Struct, frozen=True):
    """What was really loaded, as llama.cpp and the file's header say.

    Attributes:
        path: The file.
        name: `general.name`, else the file's stem.
        family: The file's own `ponder.family` key, or "" (the built-in model has one).
        architecture: `general.architecture`.
        quantization: For example "Q4_K_M", or "" when the file does not say.
        parameters: Number of weights.
        size_bytes: Bytes of tensors.
        layers: Number of layers.
        layers_on_gpu: Of these, how many llama.cpp says it offloaded.
        devices: llama.cpp's names of the devices that hold them; empty on the CPU alone.
        gpu_build: Whether this build of llama.cpp can offload at all.
        context_tokens: What one candidate may hold, prompt included.
        train_context_tokens: The context length the model was trained for.
        slots: Candidates decoded side by side at most.
        unified_cache: Whether one KV buffer serves all candidates.
        can_fork: False for recurrent and hybrid models, which run one after another.
        threads: CPU threads for decoding.
        template: "model" when the file's chat template is used, "fallback" otherwise.
        thought_opening: The marker with which the template itself opens the hidden thought, or "".
        load_seconds: How long loading took.
        skills: Trained skills the file claims with `ponder.skills`: "revise", "verify".
        step_end: What ends a step of its working, as `ponder.step_end` says, else a blank line.
        verify_texts: Its tokens for right and wrong, when it has the skill to verify.
        endpoints: The servers of an engine elsewhere; empty for a model that is loaded here. Sizes
            and layers are then 0, and `context_tokens` is 0 where no server says.
        cache_type: Number format of the KV cache; without meaning for an engine elsewhere.
        flash_attention: How it works attention out; "auto" is llama.cpp's own choice. Without
            meaning for an engine elsewhere.
        own_thinking: What can be wished of its own thinking beside its default; empty where its
            template has no such control.
        processes: How many worker processes have it for one sweep; slots and threads are those of
            all of them together.
    """

    path: str
    name: str
    family: str
    architecture: str
    quantization: str
    parameters: int
    size_bytes: int
    layers: int
    layers_on_gpu: int
    devices: tuple[str, ...]
    gpu_build: bool
    context_tokens: int
    train_context_tokens: int
    slots: int
    unified_cache: bool
    can_fork: bool
    threads: int
    template: Literal["model", "fallback"]
    thought_opening: str
    load_seconds: float
    skills: tuple[str, ...] = ()
    step_end: str = BLANK_LINE
    verify_texts: tuple[str, str] = ("", "")
    endpoints: tuple[EndpointReport, ...] = ()
    cache_type: CellType = "f16"
    flash_attention: FlashAttention = "auto"
    own_thinking: tuple[ThinkingMode, ...] = ()
    processes: int = 1

    @property
    def goes_on(self) -> bool:
        """Whether it goes on exactly behind an answer that is given to it unfinished."""
        return all(endpoint.goes_on for endpoint in self.endpoints if endpoint.reachable)

    def takes(self, wish: OwnThinking) -> bool:
        """Whether this can be wished of its own thinking."""
        return wish is OwnThinking.AUTO or any(mode.wish is wish for mode in self.own_thinking)

    def thought_opening_when(self, wish: OwnThinking) -> str:
        """The marker with which a prompt opens the hidden thought under a wish, or ""."""
        openings = {mode.wish: mode.thought_opening for mode in self.own_thinking}
        return openings.get(wish, self.thought_opening)


class Notice(msgspec.Struct, frozen=True):
    """Something that works differently than asked and must be said.

    Attributes:
        code: Stable identifier, texts are in `desktop_app.error_text`: `template-fallback`,
            `no-fork`, `cpu-only`, `partly-offloaded`, `symbolic-unavailable`,
            `context-reduced`, `self-assessed`, `no-room`, `endpoint-lost`, `endpoint-missing`,
            `key-in-clear`, `own-thinking`, `json-not-kept`, `thought-not-prolonged`,
            `tokens-estimated`, `journal-temporary`, `asked-to-go-on`.
        detail: Technical detail; never a prompt or an answer.
    """

    code: str
    detail: str = ""
