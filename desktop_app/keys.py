"""Secrets in the keyring of the operating system, and nowhere else.

A token is kept for one place: the API of this computer, or one hub, so that another one named by
`HF_ENDPOINT` is never shown it.
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


def kept_token(place: str) -> str | None:
    """Return the token for a place; None without it or without a keyring. It may ask a person."""
    try:
        return keyring.get_password(_SERVICE, place) or None
    except (KeyringError, OSError, RuntimeError) as error:
        _log.info("no keyring: %s", type(error).__name__)
        return None


def keep_token(place: str, token: str) -> None:
    """Keep a token for a place.

    Raises:
        KeyStoreError: It cannot be kept.
    """
    try:
        keyring.set_password(_SERVICE, place, token)
    except (KeyringError, OSError, RuntimeError) as error:
        raise KeyStoreError(type(error).__name__) from error


def forget_token(place: str) -> None:
    """Delete the token for a place, if there is one.

    Raises:
        KeyStoreError: It cannot be deleted.
    """
    try:
        keyring.delete_password(_SERVICE, place)
    except PasswordDeleteError:
        return
    except (KeyringError, OSError, RuntimeError) as error:
        raise KeyStoreError(type(error).__name__) from error
