"""Secrets in the keyring of the operating system, and nowhere else.

A key is kept for one address: a server's, a hub's, or that of our own API. No other is ever shown
it. This is the only module that knows the keyring's library, which is imported when a key is asked
for: most starts of the terminal ask for none.
"""

from __future__ import annotations

import logging
from typing import Final

from engine.errors import EngineError

SERVICE: Final = "Ponder"
_log = logging.getLogger(__name__)


class KeyStoreError(EngineError):
    """This system has no keyring that can be used; `detail` is never a secret."""

    code = "keyring"


class KeyNotForgottenError(KeyStoreError):
    """A key cannot be deleted, without a keyring."""

    code = "keyring-forget"


def kept_key(address: str) -> str | None:
    """Return the key for an address; None without one or a keyring. It may ask the person."""
    import keyring
    from keyring.errors import KeyringError

    try:
        return keyring.get_password(SERVICE, address) or None
    except (KeyringError, OSError, RuntimeError) as error:
        _log.info("no keyring: %s", type(error).__name__)
        return None


def keep_key(address: str, key: str) -> None:
    """Keep a key for an address.

    Raises:
        KeyStoreError: It cannot be kept.
    """
    import keyring
    from keyring.errors import KeyringError

    try:
        keyring.set_password(SERVICE, address, key)
    except (KeyringError, OSError, RuntimeError) as error:
        raise KeyStoreError(type(error).__name__) from error


def forget_key(address: str) -> None:
    """Delete the key for an address, if there is one.

    Raises:
        KeyNotForgottenError: It cannot be deleted.
    """
    import keyring
    from keyring.errors import KeyringError, PasswordDeleteError

    try:
        keyring.delete_password(SERVICE, address)
    except PasswordDeleteError:
        return
    except (KeyringError, OSError, RuntimeError) as error:
        raise KeyNotForgottenError(type(error).__name__) from error
