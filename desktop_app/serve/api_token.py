"""The token that clients of the API must know: where it comes from. Never from a command line."""

from __future__ import annotations

import os
from typing import Final

from engine.keys import forget_key, keep_key, kept_key

TOKEN_VARIABLE: Final = "PONDER_API_TOKEN"
_PLACE: Final = "the API of this computer"
"""What the token is kept under in the keyring."""


def api_token() -> str | None:
    """Return the token of the environment, else of the keyring, or None. The keyring may ask."""
    return os.environ.get(TOKEN_VARIABLE, "").strip() or kept_key(_PLACE)


def keep_api_token(token: str) -> None:
    """Keep a token in the keyring.

    Raises:
        KeyStoreError: It cannot be kept.
    """
    keep_key(_PLACE, token)


def forget_api_token() -> None:
    """Delete the token from the keyring, if there is one.

    Raises:
        KeyStoreError: It cannot be deleted.
    """
    forget_key(_PLACE)
