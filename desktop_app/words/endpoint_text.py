"""What the servers of an engine elsewhere are and can do, in words.

Free of Qt, so that the terminal can use it. The window hands in its translation.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Final

from desktop_app.error_text import ERROR_TEXTS
from engine.backends.remote.description import is_this_machine
from engine.candidate import Candidate
from engine.generation import EndpointReport, ModelReport

Translate = Callable[[str], str]

_STATUS: Final = re.compile(r"HTTP (\d{3})\b")

THIS_COMPUTER_ONLY: Final = "this computer only"
"""What is said of a measured energy when other machines worked too."""


def untranslated(text: str) -> str:
    """Leave a text as it is, for the terminal."""
    return text


def servers_text(report: ModelReport, tr: Translate = untranslated) -> str:
    """Where an engine elsewhere runs, short: "3 servers", "2 of 3 servers", or the only one's name.

    "" for a model that is loaded here.
    """
    endpoints = report.endpoints
    if len(endpoints) == 1:
        return endpoints[0].name
    up = sum(endpoint.reachable for endpoint in endpoints)
    if up < len(endpoints):
        return tr("{up} of {all} servers").format(up=up, all=len(endpoints))
    return tr("{all} servers").format(all=len(endpoints)) if endpoints else ""


def endpoint_facts(endpoint: EndpointReport, tr: Translate = untranslated) -> list[str]:
    """What one server is and can do, a fact each; why not, where it cannot be reached."""
    if not endpoint.reachable:
        return [trouble_text(endpoint, tr)]
    return [
        *filter(None, (endpoint.server, endpoint.model)),
        tr("{count} side by side").format(count=endpoint.slots),
        tr("several candidates a request") if endpoint.honours_n else tr("one candidate a request"),
        tr("tells confidence") if endpoint.gives_confidence else tr("no confidence"),
    ]


def trouble_text(endpoint: EndpointReport, tr: Translate = untranslated) -> str:
    """Why a server is not used: what an HTTP status means, or the reason as it was told."""
    reason = endpoint.trouble.removeprefix(f"{endpoint.name}: ")
    code = _code_of(reason)
    if not code:
        return tr("not used: {reason}").format(reason=reason or tr("it did not answer"))
    text = ERROR_TEXTS[code]
    return f"{tr(text.title)} ({reason}). {tr(text.next_step)}"


def _code_of(reason: str) -> str:
    """The code of the error text that explains a refusal, or "" for other reasons."""
    found = _STATUS.match(reason)
    if found is None:
        return ""
    status = found[1]
    known = {"401": "remote-key", "403": "remote-key", "404": "remote-not-found"}
    families = {"3": "remote-answer", "4": "remote-refused", "5": "remote-server"}
    return known.get(status) or ("remote-busy" if status == "429" else families.get(status[0], ""))


def runs_elsewhere(report: ModelReport | None) -> bool:
    """Whether any server of what is loaded is another machine, which no sensor here measures."""
    return report is not None and any(not endpoint.here for endpoint in report.endpoints)


def ran_elsewhere(candidates: Iterable[Candidate]) -> bool:
    """Whether any candidate ran on another machine, as far as its name tells."""
    machines = {candidate.machine for candidate in candidates} - {""}
    return any(not is_this_machine(f"//{machine}") for machine in machines)
