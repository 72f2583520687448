"""Asks whether there is a newer version, and only when a person asks.

Nothing is sent but the request itself. The address of the releases, JSON in the form of GitHub's
list of releases, is the project's "Releases" address in the package's metadata, or that in the
environment variable `PONDER_RELEASES`. Knows no Qt.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, metadata
from typing import Final

import httpx2
import msgspec
import socksio

from desktop_app.versions import DISTRIBUTION

ADDRESS_VARIABLE: Final = "PONDER_RELEASES"
_LABEL: Final = "releases"
_PATIENCE_SECONDS: Final = 10.0
_MOST_BYTES: Final = 2_000_000
_RELEASE: Final = re.compile(r"v?(\d+(?:\.\d+)*)$")


class Release(msgspec.Struct, frozen=True):
    """One release, as the list tells it.

    Attributes:
        tag_name: Its version, perhaps with a "v" before it.
        html_url: A page about it.
        draft: Whether it is not public.
        prerelease: Whether it is for trying out only.
    """

    tag_name: str
    html_url: str = ""
    draft: bool = False
    prerelease: bool = False


@dataclass(frozen=True, slots=True)
class Updates:
    """What was found.

    Attributes:
        text: A sentence for a person.
        newer: The newer version, or "".
        failed: Whether the question could not be answered.
    """

    text: str
    newer: str = ""
    failed: bool = False


def releases_address(environment: Mapping[str, str] = os.environ) -> str:
    """Where releases are listed, or "" when this build names no place."""
    if named := environment.get(ADDRESS_VARIABLE, "").strip():
        return named
    try:
        entries = metadata(DISTRIBUTION).get_all("Project-URL") or []
    except PackageNotFoundError:
        return ""
    pairs = (entry.partition(",") for entry in entries)
    labels: dict[str, str] = {label.strip().lower(): url.strip() for label, _, url in pairs}
    return labels.get(_LABEL, "")


def newest(releases: list[Release]) -> Release | None:
    """The newest public release with a plain version, or None."""
    known = [r for r in releases if not (r.draft or r.prerelease) and _RELEASE.match(r.tag_name)]
    return max(known, key=lambda release: version_key(release.tag_name), default=None)


def version_key(version: str) -> tuple[int, ...]:
    """What plain versions are ordered by; anything after the numbers does not count."""
    match = re.match(r"v?(\d+(?:\.\d+)*)", version)
    numbers = [int(part) for part in match[1].split(".")] if match else []
    while numbers and numbers[-1] == 0:
        numbers.pop()
    return tuple(numbers)


def check_for_updates(current: str | None, address: str | None = None) -> Updates:
    """Ask once. Blocks for some seconds at most.

    Args:
        current: The version that runs; None where it is not known.
        address: Where to ask; the build's own place when None.
    """
    if current is None:
        return Updates("Which version runs is not known here.", failed=True)
    place = releases_address() if address is None else address
    if not place:
        return Updates("No place to ask is set in this build.", failed=True)
    try:
        release = newest(msgspec.json.decode(_fetch(place), type=list[Release]))
    except (httpx2.HTTPError, socksio.SOCKSError, OSError) as error:
        return Updates(f"The list of releases was not reached: {error}", failed=True)
    except (msgspec.DecodeError, httpx2.InvalidURL, ValueError) as error:
        return Updates(f"The list of releases cannot be read: {error}", failed=True)
    if release is None or version_key(release.tag_name) <= version_key(current):
        return Updates(f"{current} is the newest version.")
    where = f": {release.html_url}" if release.html_url else ""
    return Updates(f"{release.tag_name} is newer than {current}{where}", release.tag_name)


def _client() -> httpx2.Client:
    """What asks.

    Raises:
        OSError: The environment names a proxy or certificates of no use.
    """
    try:
        return httpx2.Client(timeout=_PATIENCE_SECONDS, follow_redirects=True)
    except (httpx2.InvalidURL, ValueError, ImportError, OSError) as error:
        detail = "the proxy or certificates that the environment names cannot be used"
        raise OSError(detail) from error


def _fetch(place: str) -> bytes:
    with (
        _client() as client,
        client.stream("GET", place, headers={"Accept": "application/json"}) as response,
    ):
        response.raise_for_status()
        received = b""
        for piece in response.iter_bytes():
            received += piece
            if len(received) > _MOST_BYTES:
                raise ValueError("it is too long")
        return received
