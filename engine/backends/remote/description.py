"""The file that describes an engine elsewhere: which servers, which model, how many at once.

It takes the place of a model file wherever one is named. Keys are never in it.
"""

from __future__ import annotations

import ipaddress
import os
from pathlib import Path
from typing import Annotated, Final
from urllib.parse import SplitResult, urlsplit

import msgspec
from msgspec import Meta

from engine.errors import ModelFileError

ENGINE_SUFFIX: Final = ".engine.json"
MOST_ENDPOINTS: Final = 32
_MOST_BYTES: Final = 64 * 1024


class EndpointDescription(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One server.

    Attributes:
        address: Where its API begins, such as `http://127.0.0.1:8080/v1`.
        model: What it calls the model, or "" for the first one it names.
        slots: Requests it gets at once, or None for what it says it can do.
        name: What the window calls it, or "" for its host and port.
    """

    address: str
    model: str = ""
    slots: Annotated[int, Meta(ge=1, le=256)] | None = None
    name: str = ""

    @property
    def label(self) -> str:
        """What the window calls it."""
        return self.name or urlsplit(self.address).netloc


class EngineDescription(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The file's content.

    Attributes:
        endpoints: The servers; candidates go to whichever is expected to be done first.
        context_tokens: What one candidate may hold where no server says, or None.
        timeout_seconds: How long a server may say nothing before it counts as gone.
    """

    endpoints: tuple[EndpointDescription, ...]
    context_tokens: Annotated[int, Meta(ge=1)] | None = None
    timeout_seconds: Annotated[float, Meta(gt=0, le=3600)] = 120.0


def read_description(path: Path) -> EngineDescription:
    """Read and check a file.

    Raises:
        ModelFileError: It cannot be read or describes nothing usable.
    """
    try:
        with path.open("rb") as file:
            content = file.read(_MOST_BYTES + 1)
        if len(content) > _MOST_BYTES:
            raise ModelFileError(f"{path.name} is too large to describe an engine")
        return checked(msgspec.json.decode(content, type=EngineDescription))
    except (OSError, ValueError, msgspec.DecodeError) as error:
        raise ModelFileError(f"{path.name}: {error}") from error


def write_description(path: Path, description: EngineDescription) -> None:
    """Write a file, whole or not at all.

    Raises:
        OSError: It cannot be written.
        ValueError: An address is none.
    """
    content = msgspec.json.format(msgspec.json.encode(checked(description)), indent=2)
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.{os.getpid()}.new")
    try:
        beside.write_bytes(content + b"\n")
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


def checked(description: EngineDescription) -> EngineDescription:
    """Return the description with its addresses in full.

    Raises:
        ValueError: There is no endpoint, there are too many, or an address is none.
    """
    if not 1 <= len(description.endpoints) <= MOST_ENDPOINTS:
        raise ValueError(f"an engine has 1 to {MOST_ENDPOINTS} servers")
    endpoints = tuple(
        msgspec.structs.replace(endpoint, address=full_address(endpoint.address))
        for endpoint in description.endpoints
    )
    return msgspec.structs.replace(description, endpoints=endpoints)


def full_address(text: str) -> str:
    """Return where an API begins: scheme, host and path, `/v1` where no path is given.

    Raises:
        ValueError: It is no address of a server, or has a name, password or query in it.
    """
    text = text.strip()
    parts = urlsplit(text if "://" in text else f"http://{text}")
    if parts.scheme not in {"http", "https"}:
        raise ValueError("an address begins with http:// or https://")
    if parts.username is not None or parts.password is not None:
        raise ValueError("an address holds no name or password; keys go into the keyring")
    unseen = not text.isprintable() or any(c.isspace() for c in text)
    if not parts.hostname or parts.query or parts.fragment or unseen:
        raise ValueError("an address is like http://127.0.0.1:8080/v1")
    _ = parts.port  # raises where it is no number
    path = parts.path.rstrip("/") or "/v1"
    return SplitResult(parts.scheme, parts.netloc, path, "", "").geturl()


def is_this_machine(address: str) -> bool:
    """Whether a server runs on this machine, as far as its address tells.

    0.0.0.0 is what servers say that listen everywhere, and leads to this machine too.
    """
    host = urlsplit(address).hostname or ""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        place = ipaddress.ip_address(host)
    except ValueError:
        return False
    mapped = place.ipv4_mapped if isinstance(place, ipaddress.IPv6Address) else None
    return (mapped or place).is_loopback or place.is_unspecified
