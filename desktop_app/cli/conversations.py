"""`ponder conversations`: list what was asked, and carry it to a file or over from one."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Final

from desktop_app.cli.complaint import fail
from desktop_app.cli.main import EXIT_ENGINE, EXIT_USAGE
from desktop_app.conversation_files import (
    NoConversationsError,
    export_conversations,
    import_conversations,
    in_one_line,
)
from desktop_app.folders import folders
from desktop_app.output_file import OutputError
from desktop_app.words.quantities import counted
from engine.journal.errors import JournalError, JournalImportError
from engine.journal.journal import Journal
from engine.journal.records import ConversationSummary

_NONE: Final = "no conversations"


def run_conversations(arguments: argparse.Namespace) -> int:
    """Do it; 0 when it is done, 2 when a file cannot be used, 4 when the journal fails."""
    known = folders().journal
    try:
        if arguments.action != "import" and not known.exists():  # opening it would make one
            if arguments.action == "list":
                print(_NONE)
                return 0
            raise NoConversationsError
        journal = Journal(known)
        try:
            print(_ACTIONS[arguments.action](journal, arguments))
        finally:
            journal.close()
    except (OutputError, JournalError) as error:
        bad_file = isinstance(error, OutputError | JournalImportError)
        return fail(EXIT_USAGE if bad_file else EXIT_ENGINE, error.code, error.detail)
    return 0


def _list(journal: Journal, arguments: argparse.Namespace) -> str:
    found = journal.conversations(arguments.search, arguments.most).result()
    if not found:
        return "nothing was found" if arguments.search else _NONE
    return "\n".join(map(_line, found))


def _line(each: ConversationSummary) -> str:
    changed = f"{each.updated_at.astimezone():%Y-%m-%d %H:%M}"
    messages = counted(each.message_count, "message")
    pinned = "  (pinned)" if each.pinned else ""
    return f"{changed}  {messages:>13}  {in_one_line(each.title)}{pinned}"


def _export(journal: Journal, arguments: argparse.Namespace) -> str:
    path = Path(arguments.output)
    count = export_conversations(journal, path, replace=arguments.force)
    return f"{counted(count, 'conversation')} written to {path}"


def _import(journal: Journal, arguments: argparse.Namespace) -> str:
    done = import_conversations(journal, Path(arguments.file))
    left_out = (
        f"; {counted(done.left_out, 'message')} without text left out" if done.left_out else ""
    )
    return f"{counted(done.count, 'conversation')} imported{left_out}"


_ACTIONS = {"list": _list, "export": _export, "import": _import}
