"""The file of `ponder ask --schema`: which JSON every reply is to be."""

from __future__ import annotations

import json
from pathlib import Path

from desktop_app.cli.usage import UsageError
from engine.generation import JsonReply
from engine.json_grammar.schema import LONGEST_SCHEMA


def read_schema_file(path: Path) -> JsonReply:
    """Read a schema; whether a reply can be kept to it, the engine says.

    Raises:
        UsageError: The file cannot be read, or holds no JSON object.
    """
    try:
        with path.open(encoding="utf-8-sig") as file:
            text = file.read(LONGEST_SCHEMA + 1)
    except UnicodeDecodeError as error:
        raise UsageError(f"--schema {path}: not UTF-8 text") from error
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or "cannot be read"
        raise UsageError(f"--schema {path}: {why}") from error
    if len(text) > LONGEST_SCHEMA:
        raise UsageError(f"--schema {path}: longer than {LONGEST_SCHEMA:,} characters")
    try:
        schema = json.loads(text)
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise UsageError(f"--schema {path}: no JSON at {where}: {error.msg}") from error
    except (ValueError, RecursionError) as error:
        raise UsageError(f"--schema {path}: no JSON that can be read") from error
    if not isinstance(schema, dict):
        raise UsageError(f"--schema {path}: a JSON schema is an object")
    return JsonReply(text)
