"""Proof Key for Code Exchange (RFC 7636)."""

import base64
import hashlib
import hmac
import re

from cognigy_ai.problems import Problem

VERIFIER = re.compile(r"[A-Za-z0-9._~-]{43,128}")
CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")
# "sha256" is what installed Live Agents send; it means the same.
METHODS = ("S256", "sha256")


def challenge_refusal(challenge: str, method: str | None) -> Problem | None:
    """RFC 7636 section 4.3: without a method the challenge is plain, which is not accepted."""
    if method not in METHODS:
        return Problem.CODE_CHALLENGE_METHOD_UNSUPPORTED
    return None if CHALLENGE.fullmatch(challenge) else Problem.CODE_CHALLENGE_MALFORMED


def s256_challenge(code_verifier: str) -> str:
    """BASE64URL(SHA256(ASCII(code_verifier))), RFC 7636 section 4.2."""
    digest = hashlib.sha256(code_verifier.encode("ascii")).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode("ascii")


def verifier_matches(code_verifier: str | None, code_challenge: str | None) -> bool:
    """RFC 7636 section 4.6; one without the other never matches (RFC 9700 section 2.1.1)."""
    if code_verifier is None or code_challenge is None:
        return code_verifier is None and code_challenge is None
    if not VERIFIER.fullmatch(code_verifier):
        return False
    return hmac.compare_digest(s256_challenge(code_verifier), code_challenge)
