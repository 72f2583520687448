"""Tokens of hubs and keys of servers, each kept for one address in the system's keyring.

A token is kept for one hub, so that another one named by `HF_ENDPOINT` is never shown it.
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


def kept_token(endpoint: str) -> str | None:
    """Return the token for a hub; None without one, or without a keyring. It may ask the person."""
    return kept_key(endpoint)


def keep_token(endpoint: str, token: str) -> None:
    """Keep a token for a hub.

    Raises:
        KeyStoreError: It cannot be kept.
    """
    keep_key(endpoint, token)


def forget_token(endpoint: str) -> None:
    """Delete the token for a hub, if there is one.

    Raises:
        KeyStoreError: It cannot be deleted.
    """
    forget_key(endpoint)
