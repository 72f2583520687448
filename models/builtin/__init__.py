"""The model that ships with Ponder, and questions that show what it can do.

It exists so that the application answers on its first start without a download. It knows where the
file lies, not how to run it.
"""

from __future__ import annotations

from pathlib import Path

SAMPLE_QUESTIONS: tuple[str, ...] = (
    "Tom has 345 apples. He buys 12 boxes of 34 apples each. Later he gives 120 apples to Anna. "
    "How many apples does Tom have now?",
    "A farm has 24 crates with 36 eggs in each. On Monday 75 eggs break, and then the farmer sells "
    "half of the rest. Each egg is sold for 3 euros. How much money does the farm get?",
    "Mia has 57 stamps. Ben has 4 times as many as Mia. Lucas has 86 fewer than Ben. "
    "How many stamps do they have altogether?",
    "Sofia buys 15 books at 24 dollars each. She also pays 138 dollars for a lamp. "
    "The total is shared equally by 6 friends. How much is that for each?",
    "Omar drives 85 kilometres an hour for 7 hours. The next day he drives another 268 kilometres. "
    "Then he walks 13 kilometres a day for 12 days. How many kilometres did Omar travel in total?",
    "What is 47 * 38 - 529 + 166?",
)


def builtin_model_path() -> Path:
    """Return where the model file lies."""
    return Path(__file__).with_name("ponder-stories.gguf")
