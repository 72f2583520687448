"""A script of a model that thinks before it answers."""

from __future__ import annotations

import json
from pathlib import Path

THINKING = "<think>One and one and two, so four.</think>\n\nAnswer: 4"


def write_script(folder: Path, text: str = THINKING, thought_opening: str = "") -> Path:
    """Write it to a folder."""
    path = folder / "thinker.script.json"
    script = {"lines": [{"text": text}], "thought_opening": thought_opening}
    path.write_text(json.dumps(script))
    return path
