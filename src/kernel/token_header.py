"""The header of the platform token and of API tokens, in the two spellings that it has.

nginx drops names with underscores unless it is told not to: our own two sides send both spellings.
"""

from collections.abc import Callable

from kernel.opaque import fingerprint, same

HEADER, HYPHENATED = "api_access_token", "api-access-token"


def token_headers(token: str) -> dict[str, str]:
    """What is sent: whatever drops the one lets the other pass."""
    return {HEADER: token, HYPHENATED: token}


def presented_token(values_of: Callable[[str], list[str]]) -> str | None:
    """The token of a request, None without one. Different ones make none that fits anything.

    `values_of` gives all values of a header.
    """
    spelt = [",".join(values) for name in (HEADER, HYPHENATED) if (values := values_of(name))]
    if not spelt:
        return None
    agree = same(fingerprint(spelt[0]), fingerprint(spelt[-1]))
    return spelt[0] if agree else ",".join(spelt)
