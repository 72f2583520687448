"""Keys are kept for one address; a system without a keyring has none and says so."""

from __future__ import annotations

from pathlib import Path

import keyring
import pytest
from keyring.backends.fail import Keyring as NoKeyring

from engine.keys import KeyStoreError, forget_key, keep_key, kept_key
from tests.desktop_app.kept_keys import kept_keys

HERE, THERE = "http://127.0.0.1:8080/v1", "https://api.example.com/v1"


def test_a_key_is_kept_for_one_address(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with kept_keys(tmp_path / "keys.json", monkeypatch) as kept:
        keep_key(THERE, "sk-1")
        assert kept() == {THERE: "sk-1"}
        assert kept_key(THERE) == "sk-1"
        assert kept_key(HERE) is None
        forget_key(THERE)
        forget_key(THERE)
        assert kept_key(THERE) is None


def test_without_a_keyring_nothing_is_kept_and_that_is_said() -> None:
    before = keyring.get_keyring()
    keyring.set_keyring(NoKeyring())  # type: ignore[no-untyped-call]
    try:
        assert kept_key(THERE) is None
        with pytest.raises(KeyStoreError) as refused:
            keep_key(THERE, "sk-secret")
    finally:
        keyring.set_keyring(before)
    assert refused.value.code == "keyring"
    assert "sk-secret" not in str(refused.value)
