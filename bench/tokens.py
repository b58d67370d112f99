"""ID tokens as a stranger checks them: claims of every one, signatures of a sample."""

import base64
import json
import time
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from bench.http import Failed

ALGORITHM = "ES256"
CLOCK_SECONDS = 5
LARGEST_SAMPLE = 50


def claims_of(
    id_token: object, *, issuer: str, client_id: str, nonce: str | None
) -> dict[str, Any]:
    """The claims, checked but for the signature; raises Failed."""
    if not isinstance(id_token, str) or id_token.count(".") != 2:
        raise Failed("no ID token")
    header, claims = map(_object, id_token.split(".")[:2])
    now = time.time()
    right = (
        header["alg"] == ALGORITHM
        and claims["iss"] == issuer
        and claims["aud"] in (client_id, [client_id])
        and claims["iat"] <= now + CLOCK_SECONDS
        and claims["exp"] > now
        and (nonce is None or claims["nonce"] == nonce)
        and bool(claims["sub"])
    )
    if not right:
        raise Failed(f"a claim of the ID token is wrong: {header} {claims}")
    return claims


def check_signatures(id_tokens: list[str], keys: KeySet) -> int:
    """Verify an even sample of them; how many that were. Raises Failed."""
    step = max(1, len(id_tokens) // LARGEST_SAMPLE)
    sample = id_tokens[::step]
    for id_token in sample:
        try:
            jwt.decode(id_token, keys, algorithms=[ALGORITHM])
        except JoseError as error:
            raise Failed(f"the signature of an ID token is wrong: {error}") from error
    return len(sample)


def _object(part: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return found
