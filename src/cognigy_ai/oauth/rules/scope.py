"""Which scopes a request gets (RFC 6749 section 3.3)."""

from collections.abc import Sequence

from cognigy_ai.problems import Problem

# OpenID Connect Core section 11: ignored where it is not offered; refresh tokens need no scope.
IGNORED = frozenset(["offline_access"])
ORGANISATION = "organisationId="


def granted(requested: str | None, allowed: Sequence[str]) -> str | Problem:
    """The scope of the login, each word once and in one order, or the refusal.

    Without a scope: plain OAuth with everything that the client is registered for.
    """
    if requested is None:
        return " ".join(sorted(set(allowed) - {"openid"}))
    words = set(requested.split()) - IGNORED
    if not words or not words <= set(allowed):
        return Problem.SCOPE_INVALID
    return " ".join(sorted(words))


def organisation_of(requested: str | None) -> str | Problem | None:
    """The organisation that a client binds its own token to (RFC 6749 section 4.4.2).

    The scopes of a login speak of a person; a client's own token has none of them.
    """
    words = set((requested or "").split())
    if not words:
        return None
    word = words.pop()
    if words or not word.startswith(ORGANISATION):
        return Problem.SCOPE_INVALID
    return word.removeprefix(ORGANISATION) or Problem.SCOPE_INVALID
