"""A script of a model that thinks before it answers."""

from __future__ import annotations

import json
from pathlib import Path

THINKING = "<think>One and one and two, so four.</think>\n\nAnswer: 4"


def write_script(folder: Path) -> Path:
    """Write it to a folder."""
    path = folder / "thinker.script.json"
    path.write_text(json.dumps({"lines": [{"text": THINKING}]}))
    return path
