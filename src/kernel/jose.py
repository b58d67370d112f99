"""JSON Web Signatures over joserfc: make keys, sign, publish, verify.

Verification pins the algorithm before anything is decoded (RFC 8725 section 3.1), looks keys up by
`kid` only, and never follows a key or address that the token itself brings.
"""

import base64
import json
import math
import re
import warnings
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

from joserfc import jws
from joserfc.errors import JoseError, SecurityWarning
from joserfc.jwk import ECKey, OKPKey, RSAKey, import_key

from kernel.opaque import new_id

# RFC 9864 renames EdDSA to Ed25519; OpenID providers and clients still say EdDSA.
warnings.filterwarnings("ignore", message="EdDSA is deprecated", category=SecurityWarning)

ALGORITHMS = ("ES256", "RS256", "EdDSA")
KEY_TYPES = {"ES256": "EC", "RS256": "RSA", "EdDSA": "OKP"}
RSA_BITS = 2048  # of our own keys, and the least of others' (RFC 7518 section 3.3)
MOST_RSA_BITS = 8192
LONGEST_TOKEN = 16_384
MOST_KEYS = 50
CURVES = {"ES256": "P-256", "EdDSA": "Ed25519"}

AnyKey = ECKey | RSAKey | OKPKey


class _Registry(jws.JWSRegistry):
    """Header parameters that are not understood are ignored (RFC 7515 section 4), also long ones.

    `LONGEST_TOKEN` bounds the whole.
    """

    max_header_length = LONGEST_TOKEN
    max_signature_length = LONGEST_TOKEN


REGISTRIES = {alg: _Registry(algorithms=[alg], strict_check_header=False) for alg in ALGORITHMS}
SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")


class TokenFault(Enum):
    """Why a token is not believed."""

    MALFORMED = "not a compact JSON Web Signature"
    TOO_LONG = "longer than any honest token"
    ALGORITHM = "an algorithm that is not accepted here"
    CRITICAL = "a critical header that is not understood (RFC 7515 section 4.1.11)"
    KEY_UNKNOWN = "signed with a key that the issuer does not publish"
    SIGNATURE = "the signature is not the issuer's"


class TokenError(Exception):
    """A token that is not believed; `kid` is what it named, for a refetch of the keys."""

    def __init__(self, fault: TokenFault, kid: str | None = None) -> None:
        super().__init__(fault.value)
        self.fault = fault
        self.kid = kid


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A private key with its identifier and its one algorithm."""

    kid: str
    alg: str
    key: AnyKey


def new_key(alg: str) -> SigningKey:
    """A fresh key for one of `ALGORITHMS`."""
    kid = new_id()
    parameters: Any = {"kid": kid, "alg": alg, "use": "sig"}
    if alg == "RS256":
        return SigningKey(kid, alg, RSAKey.generate_key(RSA_BITS, parameters))
    if alg == "ES256":
        return SigningKey(kid, alg, ECKey.generate_key("P-256", parameters))
    return SigningKey(kid, alg, OKPKey.generate_key("Ed25519", parameters))


def private_jwk(key: SigningKey) -> dict[str, Any]:
    """All members, to be sealed and stored."""
    return dict(key.key.as_dict(private=True))


def signing_key(jwk: Mapping[str, Any]) -> SigningKey:
    """The reverse of `private_jwk`."""
    key: Any = import_key(dict(jwk))
    return SigningKey(str(jwk["kid"]), str(jwk["alg"]), key)


def public_jwks(keys: Iterable[SigningKey]) -> dict[str, Any]:
    """The JWK Set document (RFC 7517 section 5), public members only."""
    return {"keys": [dict(k.key.as_dict(private=False)) for k in keys]}


def sign(key: SigningKey, claims: Mapping[str, Any], typ: str = "JWT") -> str:
    """A compact JWS of the claims."""
    header = {"alg": key.alg, "kid": key.kid, "typ": typ}
    text = json.dumps(claims, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    payload = text.encode()
    return jws.serialize_compact(header, payload, key.key, algorithms=[key.alg])


def public_keys(document: object) -> dict[str | None, list[AnyKey]]:
    """Usable verification keys of a JWK Set by `kid`; those we cannot use are left out.

    Raises ValueError if the document is not a JWK Set at all.
    """
    if not isinstance(document, dict) or not isinstance(document.get("keys"), list):
        raise ValueError("not a JWK Set")
    found: dict[str | None, list[AnyKey]] = {}
    for jwk in document["keys"][:MOST_KEYS]:
        key = _usable(jwk) if isinstance(jwk, dict) else None
        if key is not None:
            found.setdefault(key.kid, []).append(key)
    return found


def _usable(jwk: dict[str, Any]) -> AnyKey | None:
    """The key, if it is one that may verify a signature here (RFC 7517 section 5)."""
    if jwk.get("use", "sig") != "sig" or jwk.get("kty") not in KEY_TYPES.values():
        return None
    try:
        if "verify" not in jwk.get("key_ops", ("verify",)):
            return None
        if jwk["kty"] == "RSA" and not RSA_BITS <= _bits(jwk["n"]) <= MOST_RSA_BITS:
            return None
        key: Any = import_key(dict(jwk))
    except (JoseError, ValueError, TypeError, LookupError):
        return None
    assert isinstance(key, AnyKey)
    return key


def _bits(number: str) -> int:
    """The size of a base64url integer (RFC 7518 section 2)."""
    raw = base64.urlsafe_b64decode(number + "=" * (-len(number) % 4))
    return int.from_bytes(raw).bit_length()


def header_of(token: str) -> dict[str, Any]:
    """The unverified header, checked for everything that would make verification unsafe.

    Raises TokenError: MALFORMED, TOO_LONG or CRITICAL.
    """
    if len(token) > LONGEST_TOKEN:
        raise TokenError(TokenFault.TOO_LONG)
    if token.count(".") != 2 or not token.isascii():  # noqa: PLR2004 - header.payload.signature
        raise TokenError(TokenFault.MALFORMED)
    header = _object(token.split(".", 1)[0])
    if "crit" in header or header.get("b64", True) is not True:
        raise TokenError(TokenFault.CRITICAL)
    return header


def verify(
    token: str,
    keys: Mapping[str | None, Sequence[AnyKey]],
    algorithms: Sequence[str] = ALGORITHMS,
    typ: str | None = None,
) -> dict[str, Any]:
    """The claims of a token that one of the keys signed; raises TokenError.

    With a `kid` only that key is tried; without one, every key of the right type. `typ`, when
    given in lower case, must be the token's own (RFC 8725 section 3.11).
    """
    header = header_of(token)
    alg, kid = header.get("alg"), header.get("kid")
    if not isinstance(alg, str) or alg not in algorithms or alg not in ALGORITHMS:
        raise TokenError(TokenFault.ALGORITHM)
    if typ is not None and str(header.get("typ")).lower().removeprefix("application/") != typ:
        raise TokenError(TokenFault.MALFORMED)
    if not isinstance(header.get("kid", ""), str):
        raise TokenError(TokenFault.MALFORMED)
    named = keys.get(kid, ()) if kid is not None else [k for group in keys.values() for k in group]
    fitting = [key for key in named if _fits(key, alg)]
    if not fitting:
        raise TokenError(TokenFault.KEY_UNKNOWN, kid)
    if not any(_signed_by(token, key, alg) for key in fitting):
        raise TokenError(TokenFault.SIGNATURE, kid)
    return _object(token.split(".")[1])


def _fits(key: AnyKey, alg: str) -> bool:
    """Right key type and curve, and no other algorithm promised by the key itself."""
    published = key.as_dict(private=False)
    if published.get("kty") != KEY_TYPES[alg] or published.get("alg", alg) != alg:
        return False
    return alg not in CURVES or published.get("crv") == CURVES[alg]


def _signed_by(token: str, key: AnyKey, alg: str) -> bool:
    try:
        jws.deserialize_compact(token, key, registry=REGISTRIES[alg])
    except (JoseError, ValueError):
        return False
    return True


def _object(segment: str) -> dict[str, Any]:
    """A base64url segment as a JSON object in UTF-8, no member twice (RFC 7519 sections 4, 7.2).

    Numbers are finite, so that they can be compared; strings can be written down (RFC 7493).
    """
    try:
        raw = base64.b64decode(segment + "=" * (-len(segment) % 4), altchars=b"-_", validate=True)
        text = raw.decode()
        value = json.loads(
            text, object_pairs_hook=_unrepeated, parse_float=_finite, parse_constant=_finite
        )
        if SURROGATE.search(text):
            json.dumps(value, ensure_ascii=False).encode()  # half a character is a ValueError
    except (ValueError, RecursionError):  # binascii.Error is a ValueError
        raise TokenError(TokenFault.MALFORMED) from None
    if not isinstance(value, dict):
        raise TokenError(TokenFault.MALFORMED)
    return value


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError("not a number that can be compared")
    return number


def _unrepeated(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise ValueError("a member stands twice")
    return value
