"""What `ponder` does without a display: say so, then think about a sample question here."""

from __future__ import annotations

from desktop_app.cli.ask import answer_in_terminal
from desktop_app.cli.complaint import fail
from desktop_app.cli.exits import EXIT_ENGINE, EXIT_MODEL
from desktop_app.cli.thinking import ThinkingError
from engine.budget import Budget
from engine.generation import LoadOptions, Message
from engine.journal.records import new_id
from engine.session import AskRequest
from models.builtin import SAMPLE_QUESTIONS, builtin_model_path

_SAMPLES = 16


def run_demonstration() -> int:
    """Answer a sample question with the built-in model and return the exit status."""
    question = SAMPLE_QUESTIONS[0]
    print("There is no display, so Ponder answers a sample question here instead of opening its")
    print('window. Ask your own with:  ponder ask "..."\n')
    print(f"Question: {question}\n")
    request = AskRequest(
        deliberation_id=new_id(),
        messages=(Message("user", question),),
        strategy="vote",
        budget=Budget(samples=_SAMPLES),
    )
    try:
        answer_in_terminal(builtin_model_path(), LoadOptions(slots=_SAMPLES), request)
    except ThinkingError as error:
        return fail(EXIT_MODEL if error.loading else EXIT_ENGINE, error.code, error.detail)
    return 0
