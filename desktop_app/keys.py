"""Tokens of hubs and keys of servers, each kept for one address in the system's keyring.

A token is kept for one place: the API of this computer, or one hub, so that another one named by
`HF_ENDPOINT` is never shown it.
"""

from __future__ import annotations

from engine.keys import KeyStoreError, forget_key, keep_key, kept_key

__all__ = [
    "KeyStoreError",
    "forget_key",
    "forget_token",
    "keep_key",
    "keep_token",
    "kept_key",
    "kept_token",
]


def kept_token(place: str) -> str | None:
    """Return the token for a place; None without it or without a keyring. It may ask a person."""
    return kept_key(place)


def keep_token(place: str, token: str) -> None:
    """Keep a token for a place.

    Raises:
        KeyStoreError: It cannot be kept.
    """
    keep_key(place, token)


def forget_token(place: str) -> None:
    """Delete the token for a place, if there is one.

    Raises:
        KeyStoreError: It cannot be deleted.
    """
    forget_key(place)
