"""`ponder conversations`: list what was asked, and carry it to a file or over from one."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from desktop_app.cli.complaint import fail
from desktop_app.cli.exits import EXIT_ENGINE, EXIT_USAGE
from desktop_app.conversation_files import (
    NoConversationsError,
    NoFolderError,
    export_conversations,
    import_conversations,
)
from desktop_app.folders import folders
from desktop_app.output_file import OutputError
from desktop_app.words.one_line import in_one_line
from desktop_app.words.plain_text import json_text
from desktop_app.words.quantities import counted
from engine.journal.errors import JournalError, JournalImportError
from engine.journal.journal import Journal
from engine.journal.records import ConversationSummary, FolderSummary

_NONE: Final = "no conversations"


def run_conversations(arguments: argparse.Namespace) -> int:
    """Do it; 0 when it is done, 2 when a file cannot be used, 4 when the journal fails."""
    known = folders().journal
    try:
        if arguments.action != "import" and not known.exists():  # opening it would make one
            if arguments.action == "export":
                raise NoConversationsError
            print(_listed([], [], arguments))
            return 0
        journal = Journal(known)
        try:
            print(_ACTIONS[arguments.action](journal, arguments))
        finally:
            journal.close()
    except (OutputError, NoFolderError, JournalError) as error:
        ours = isinstance(error, JournalError) and not isinstance(error, JournalImportError)
        return fail(EXIT_ENGINE if ours else EXIT_USAGE, error.code, error.detail)
    return 0


def _list(journal: Journal, arguments: argparse.Namespace) -> str:
    found = journal.conversations(
        arguments.search, arguments.most, folder=arguments.folder
    ).result()
    return _listed(found, journal.folders().result(), arguments)


def _listed(
    found: Sequence[ConversationSummary],
    known: Sequence[FolderSummary],
    arguments: argparse.Namespace,
) -> str:
    wanted = arguments.folder
    if not found and wanted is not None and not any(_same(each.name, wanted) for each in known):
        raise NoFolderError(wanted)
    if arguments.json:
        told = {"folders": list(map(_folder, known)), "conversations": list(map(_row, found))}
        return json_text(told)
    if not found:
        return "nothing was found" if arguments.search else _NONE
    return "\n".join(map(_line, found))


def _same(name: str, wanted: str) -> bool:
    return name.casefold() == wanted.casefold()


def _folder(each: FolderSummary) -> dict[str, object]:
    return {"name": each.name, "conversations": each.count}


def _row(each: ConversationSummary) -> dict[str, object]:
    return {
        "id": each.conversation_id,
        "title": each.title,
        "changed_at": each.updated_at,
        "messages": each.message_count,
        "pinned": each.pinned,
        "folder": each.folder or None,
    }


def _line(each: ConversationSummary) -> str:
    changed = f"{each.updated_at.astimezone():%Y-%m-%d %H:%M}"
    messages = counted(each.message_count, "message")
    place = ["pinned"] if each.pinned else []
    if each.folder:
        place.append(f"in {in_one_line(each.folder)}")
    where = f"  ({', '.join(place)})" if place else ""
    return f"{changed}  {messages:>13}  {in_one_line(each.title)}{where}"


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
