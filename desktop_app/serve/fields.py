"""Which fields of a request are refused, harmless, or not known: none is passed over unsaid.

What would change the answer and cannot be honoured is refused. What is not known is left alone, and
the reply names it.
"""

from __future__ import annotations

from collections.abc import Container, Mapping, Set
from typing import Final

import msgspec

from desktop_app.serve.refusals import invalid

_MOST_UNKNOWN: Final = 100
"""Names of fields that a reply repeats."""
_NOTHING: Final[tuple[object, ...]] = (None, "", [], {})
_NEUTRAL: Final[dict[str, tuple[object, ...]]] = {
    "tools": _NOTHING,
    "functions": _NOTHING,
    "tool_choice": (None, "none", "auto"),
    "function_call": (None, "none", "auto"),
    "logprobs": (None, False, 0),
    "top_logprobs": (None, 0),
    "logit_bias": _NOTHING,
    "modalities": (None, ["text"]),
    "audio": (None,),
    "prediction": (None,),
    "web_search_options": (None,),
    "verbosity": (None, "medium"),
    "grammar": _NOTHING,
    "json_schema": _NOTHING,
    "guided_json": _NOTHING,
    "guided_regex": _NOTHING,
    "guided_choice": _NOTHING,
    "guided_grammar": _NOTHING,
    "structured_outputs": _NOTHING,
    "min_tokens": (None, 0),
    "ignore_eos": (None, False),
    "add_generation_prompt": (None, True),
    "background": (None, False),
    "conversation": (None,),
    "include": (None, [], ["reasoning.encrypted_content"]),
    "previous_response_id": (None,),
    "prompt": (None,),
    "truncation": (None, "disabled"),
    "continue_final_message": (None, False),
}
"""Fields that are not supported, and the values that ask for nothing."""
_NEUTRAL_IN_MESSAGES: Final = {
    "tool_calls": _NOTHING,
    "function_call": _NOTHING,
    "audio": _NOTHING,
}
_HARMLESS: Final = frozenset(
    {
        "max_tool_calls",
        "metadata",
        "parallel_tool_calls",
        "prompt_cache_key",
        "prompt_cache_retention",
        "safety_identifier",
        "service_tier",
        "store",
        "user",
    }
)
"""Fields without a meaning for an answer made on this computer."""
_HARMLESS_IN_MESSAGES: Final = frozenset(
    {
        "annotations",
        "encrypted_content",
        "reasoning",
        "reasoning_content",
        "refusal",
        "summary",
    }
)
"""What clients send back of an earlier answer, beside its text. No model is told its thoughts."""

Fields = Mapping[str, msgspec.Raw]


def names_not_known(
    fields: Fields, known: Set[str], nested: Mapping[str, Set[str]], messages: str
) -> tuple[str, ...]:
    """Return the names of fields that are not known.

    Args:
        fields: The request's.
        known: Those that are.
        nested: The same of fields that are objects, by their path.
        messages: Which field holds messages, or a text alone: their `known` fields are in `nested`.

    Raises:
        RefusalError: A field asks for what is not supported, or too many are not known.
    """
    _refuse_unsupported(fields, _NEUTRAL)
    names = set(fields.keys() - known - _NEUTRAL.keys() - _HARMLESS)
    for name, inner in nested.items():
        if name != messages:
            names |= {f"{name}.{one}" for one in _at(fields, name).keys() - inner}
    allowed = nested[messages] | _NEUTRAL_IN_MESSAGES.keys() | _HARMLESS_IN_MESSAGES
    written = msgspec.json.decode(fields[messages], type=list[Fields] | str)
    for index, message in enumerate(() if isinstance(written, str) else written):
        _refuse_unsupported(message, _NEUTRAL_IN_MESSAGES, f"{messages}[{index}].")
        names |= {f"{messages}[].{one}" for one in message.keys() - allowed}
    if len(names) > _MOST_UNKNOWN:
        raise invalid(None, f"{len(names):,} fields are not known here", "unknown_parameter")
    return tuple(sorted(names))


def _refuse_unsupported(
    fields: Fields, neutral: Mapping[str, Container[object]], where: str = ""
) -> None:
    for name in neutral.keys() & fields.keys():
        if not _is_one_of(fields[name], neutral[name]):
            name = where + name
            raise invalid(name, f"{name} is not supported here", "unsupported_parameter")


def _is_one_of(given: msgspec.Raw, neutral: Container[object]) -> bool:
    try:
        return msgspec.json.decode(given) in neutral
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return False


def _at(fields: Fields, path: str) -> Fields:
    """The fields of an object within others."""
    for name in path.split("."):
        given = fields.get(name, b"null")
        fields = msgspec.json.decode(given, type=dict[str, msgspec.Raw] | None) or {}
    return fields
