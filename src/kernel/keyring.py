"""Encryption of what must be read back, and keyed hashes, from `SECRET_KEY_BASE`.

Old keys stay readable (`SECRET_KEY_BASE_PREVIOUS`), new values are always made with the first.
"""

import base64
import hashlib
import hmac
import json
import os
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

NONCE_BYTES = 12
LONGEST_SEALED = 8192


class KeyRing:
    """Keys derived from the installation's secrets, one for each purpose.

    `seal` and `open_sealed` are AES-256-GCM with the purpose as associated data: a value sealed
    for one purpose does not open for another.
    """

    def __init__(self, secret: str, previous: tuple[str, ...] = ()) -> None:
        self._secrets = (secret, *previous)
        self._derived: dict[str, list[bytes]] = {}
        self._ciphers: dict[str, list[AESGCM]] = {}

    def keys(self, purpose: str) -> list[bytes]:
        """The 32-byte keys for a purpose, the current one first."""
        known = self._derived.get(purpose)
        if known is None:
            known = [
                hmac.new(secret.encode(), f"kernel/{purpose}".encode(), hashlib.sha256).digest()
                for secret in self._secrets
            ]
            self._derived[purpose] = known
        return known

    def ids(self) -> list[str]:
        """A name for each secret that says nothing of it; the current one first."""
        return [key.hex()[:12] for key in self.keys("key-id")]

    def key(self, purpose: str) -> bytes:
        return self.keys(purpose)[0]

    def seal(self, purpose: str, value: Any) -> str:
        """JSON, encrypted and authenticated, as base64url text."""
        nonce = os.urandom(NONCE_BYTES)
        plain = json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()
        sealed = nonce + self._cipher(purpose)[0].encrypt(nonce, plain, purpose.encode())
        return base64.urlsafe_b64encode(sealed).rstrip(b"=").decode()

    def open_sealed(self, purpose: str, text: str, longest: int = LONGEST_SEALED) -> Any | None:
        """What `seal` was given, or None if the text is not one of ours."""
        if len(text) > longest or not text.isascii():
            return None
        try:
            raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
        except ValueError:
            return None
        for cipher in self._cipher(purpose):
            try:
                plain = cipher.decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], purpose.encode())
            except (InvalidTag, ValueError):
                continue
            return json.loads(plain)
        return None

    def mac(self, purpose: str, text: str) -> str:
        """A keyed hash with the current key, base64url."""
        digest = hmac.new(self.key(purpose), text.encode(), hashlib.sha256).digest()
        return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()

    def mac_matches(self, purpose: str, text: str, mac: str) -> bool:
        """True if any key of the ring made the hash."""
        if not mac.isascii():
            return False
        found = False
        for key in self.keys(purpose):
            digest = hmac.new(key, text.encode(), hashlib.sha256).digest()
            expected = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
            found |= hmac.compare_digest(expected, mac)
        return found

    def _cipher(self, purpose: str) -> list[AESGCM]:
        known = self._ciphers.get(purpose)
        if known is None:
            known = [AESGCM(key) for key in self.keys(f"seal/{purpose}")]
            self._ciphers[purpose] = known
        return known
