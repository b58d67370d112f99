"""When does a key sign, and when is it published?"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

# Whoever caches the JWK Set may do so for JWKS_SECONDS; a new key signs only after that.
JWKS_SECONDS = 600
PUBLISHED_BEFORE_SECONDS = 900
# Tokens live minutes; the old key stays for clients that verify late.
PUBLISHED_AFTER_SECONDS = 24 * 3600


@dataclass(frozen=True, slots=True)
class KeyTimes:
    """One key's row without the key itself."""

    kid: str
    alg: str
    generation: int
    created_at: int
    active_from: int
    revoked_at: int | None


def signing_kid(keys: Iterable[KeyTimes], alg: str, now: int) -> str | None:
    """The newest key of the algorithm that has begun and was not revoked."""
    begun = [key for key in keys if key.alg == alg and _signs(key, now)]
    return max(begun, key=lambda key: key.generation).kid if begun else None


def published_kids(keys: Sequence[KeyTimes], now: int) -> list[str]:
    """What the JWK Set holds: keys to come, keys that sign, keys superseded a day ago at most."""
    return [key.kid for key in keys if key.revoked_at is None and not _is_gone(key, keys, now)]


def state_of_key(key: KeyTimes, keys: Sequence[KeyTimes], now: int) -> str:
    """One word for people: `revoked`, `coming`, `signing`, `published`, `retired`."""
    if key.revoked_at is not None:
        return "revoked"
    if now < key.active_from:
        return "coming"
    if signing_kid(keys, key.alg, now) == key.kid:
        return "signing"
    return "retired" if _is_gone(key, keys, now) else "published"


def _signs(key: KeyTimes, now: int) -> bool:
    return key.revoked_at is None and key.active_from <= now


def _is_gone(key: KeyTimes, keys: Sequence[KeyTimes], now: int) -> bool:
    """A newer key of the algorithm has signed for longer than the old one stays published."""
    return any(
        other.alg == key.alg
        and other.generation > key.generation
        and other.revoked_at is None
        and other.active_from + PUBLISHED_AFTER_SECONDS <= now
        for other in keys
    )
