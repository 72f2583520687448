"""Secrets in the keyring of the operating system, and nowhere else.

A token is kept for one hub, so that another one named by `HF_ENDPOINT` is never shown it.
"""

from __future__ import annotations

import logging
from typing import Final

import keyring
from keyring.errors import KeyringError, PasswordDeleteError

_SERVICE: Final = "Ponder"
_log = logging.getLogger(__name__)


class KeyStoreError(Exception):
    """This system has no keyring that can be used.

    Attributes:
        code: Its place among the error texts.
        detail: What the keyring said; never a secret.
    """

    code: Final = "keyring"

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


def kept_token(endpoint: str) -> str | None:
    """Return the token for a hub; None without one, or without a keyring. It may ask the person."""
    try:
        return keyring.get_password(_SERVICE, endpoint) or None
    except (KeyringError, OSError, RuntimeError) as error:
        _log.info("no keyring: %s", type(error).__name__)
        return None


def keep_token(endpoint: str, token: str) -> None:
    """Keep a token for a hub.

    Raises:
        KeyStoreError: It cannot be kept.
    """
    try:
        keyring.set_password(_SERVICE, endpoint, token)
    except (KeyringError, OSError, RuntimeError) as error:
        raise KeyStoreError(type(error).__name__) from error


def forget_token(endpoint: str) -> None:
    """Delete the token for a hub, if there is one.

    Raises:
        KeyStoreError: It cannot be deleted.
    """
    try:
        keyring.delete_password(_SERVICE, endpoint)
    except PasswordDeleteError:
        return
    except (KeyringError, OSError, RuntimeError) as error:
        raise KeyStoreError(type(error).__name__) from error
