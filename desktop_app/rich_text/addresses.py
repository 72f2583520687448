"""Says which addresses in a model's answer may become links. It must not know Qt."""

from __future__ import annotations

from urllib.parse import urlsplit

ALLOWED_SCHEMES = frozenset({"http", "https", "mailto"})
MAX_ADDRESS_CHARACTERS = 2_000


def is_allowed(address: str) -> bool:
    """Whether an address may be offered as a link.

    Args:
        address: As the answer writes it. Relative addresses, files, scripts and addresses with
            control characters are refused.
    """
    if len(address) > MAX_ADDRESS_CHARACTERS or not address.isprintable():
        return False
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    if parts.scheme.lower() not in ALLOWED_SCHEMES:
        return False
    return bool(parts.path) if parts.scheme.lower() == "mailto" else bool(parts.netloc)
