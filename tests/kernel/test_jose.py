"""Whom a signature is believed: one issuer's published keys, one algorithm, one reading."""

import base64
import hashlib
import hmac
import json
import math
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from hypothesis import given
from hypothesis import strategies as st
from joserfc.jwk import ECKey, OKPKey, RSAKey
from joserfc.jws import JWSRegistry

from kernel.jose import (
    ALGORITHMS,
    LONGEST_TOKEN,
    MOST_KEYS,
    SigningKey,
    TokenError,
    TokenFault,
    header_of,
    new_key,
    private_jwk,
    public_jwks,
    public_keys,
    sign,
    signing_key,
    verify,
)

KEYS = {alg: new_key(alg) for alg in ALGORITHMS}
OURS = KEYS["ES256"]
PUBLISHED = public_keys(public_jwks(KEYS.values()))
PUBLIC_JWK = public_jwks([OURS])["keys"][0]
HEADER = {"alg": "ES256", "kid": OURS.kid, "typ": "JWT"}


def encoded(value: object) -> str:
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def token(
    header: object = None, payload: object = b'{"sub":"a"}', key: SigningKey = OURS, **more: Any
) -> str:
    """A token with a good signature of `key`, whatever its header and payload say."""
    head = encoded(header or HEADER | more)
    signed = f"{head}.{encoded(payload)}"
    signature = JWSRegistry.algorithms[key.alg].sign(signed.encode(), key.key)
    return f"{signed}.{encoded(signature)}"


def fault_of(text: str, keys: Any = PUBLISHED, **how: Any) -> TokenFault:
    with pytest.raises(TokenError) as caught:
        verify(text, keys, **how)
    return caught.value.fault


# --- what is believed -----------------------------------------------------------------------------


@pytest.mark.parametrize("alg", ALGORITHMS)
def test_what_was_signed_is_believed(alg: str) -> None:
    claims = {"sub": "Zoë", "n": 1, "half": 0.5, "list": [None, True]}
    text = sign(KEYS[alg], claims)
    assert verify(text, PUBLISHED) == claims
    assert header_of(text) == {"alg": alg, "kid": KEYS[alg].kid, "typ": "JWT"}


@pytest.mark.parametrize("alg", ALGORITHMS)
def test_a_key_is_the_same_after_it_was_stored(alg: str) -> None:
    stored = signing_key(json.loads(json.dumps(private_jwk(KEYS[alg]))))
    assert (stored.kid, stored.alg) == (KEYS[alg].kid, alg)
    assert verify(sign(stored, {"sub": "a"}), PUBLISHED) == {"sub": "a"}


def test_nothing_private_is_published() -> None:
    for jwk in public_jwks(KEYS.values())["keys"]:
        assert jwk.keys().isdisjoint({"d", "p", "q", "dp", "dq", "qi", "k"})
        assert jwk["use"] == "sig"
        assert jwk["alg"] in ALGORITHMS


def test_a_number_that_json_does_not_have_is_never_signed() -> None:
    with pytest.raises(ValueError, match="JSON"):
        sign(OURS, {"exp": math.nan})


def test_without_a_kid_every_key_of_the_right_kind_is_tried() -> None:
    header = {"alg": "ES256"}
    keys = public_keys(public_jwks([new_key("ES256"), *KEYS.values()]))
    assert verify(token(header), keys) == {"sub": "a"}
    assert fault_of(token(header), public_keys(public_jwks([KEYS["RS256"]]))) is (
        TokenFault.KEY_UNKNOWN
    )


def test_two_keys_of_one_kid_are_both_tried() -> None:
    other = new_key("ES256").key.as_dict(private=False) | {"kid": OURS.kid}
    assert verify(token(), public_keys({"keys": [other, PUBLIC_JWK]})) == {"sub": "a"}


@pytest.mark.parametrize(
    "more",
    [
        {"x5c": ["MIIB" * 600]},
        {"x5t": "abc", "cty": "x"},
        {"pi.atm": "1", "nonce": "abc"},
        {"b64": True},
    ],
)
def test_header_parameters_that_are_not_understood_are_ignored(more: dict[str, Any]) -> None:
    """RFC 7515 section 4; certificate chains are long."""
    assert verify(token(**more), PUBLISHED) == {"sub": "a"}


# --- algorithms -----------------------------------------------------------------------------------


@pytest.mark.parametrize("alg", ["none", "None", "NONE", "nOnE", "", 0, ["ES256"], "es256"])
def test_a_token_without_a_signature_is_refused(alg: object) -> None:
    """Lesson 62: `alg: none`."""
    head = encoded({"alg": alg, "kid": OURS.kid})
    for signature in ("", "AAAA", token().rpartition(".")[2]):
        assert fault_of(f"{head}.{encoded({'sub': 'a'})}.{signature}") is TokenFault.ALGORITHM


def test_a_header_without_an_algorithm_is_refused() -> None:
    assert fault_of(token({"kid": OURS.kid})) is TokenFault.ALGORITHM


@pytest.mark.parametrize("alg", ["HS256", "HS384", "HS512"])
def test_a_public_key_is_never_taken_for_a_shared_secret(alg: str) -> None:
    """Lesson 62: CVE-2022-29217, an HMAC made with the published key."""
    signed = encoded({"alg": alg, "kid": KEYS["RS256"].kid}) + "." + encoded({"sub": "a"})
    public = KEYS["RS256"].key
    for secret in (public.as_pem(private=False), json.dumps(public.as_dict()).encode()):
        mac = hmac.new(secret, signed.encode(), getattr(hashlib, f"sha{alg[2:]}")).digest()
        assert fault_of(f"{signed}.{encoded(mac)}") is TokenFault.ALGORITHM


@pytest.mark.parametrize("alg", ["RS512", "PS256", "ES384", "ES256K", "Ed25519", "dir", "RSA-OAEP"])
def test_an_algorithm_beyond_ours_is_refused(alg: str) -> None:
    assert fault_of(token({"alg": alg, "kid": OURS.kid})) is TokenFault.ALGORITHM


def test_an_algorithm_that_the_caller_does_not_expect_is_refused() -> None:
    assert fault_of(token(), algorithms=("RS256",)) is TokenFault.ALGORITHM
    assert fault_of(token(), algorithms=()) is TokenFault.ALGORITHM
    # nor does a caller's list open more than there is
    head = {"alg": "HS256", "kid": OURS.kid}
    assert fault_of(token(head), algorithms=("HS256",)) is TokenFault.ALGORITHM


# --- keys -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["jwk", "jku", "x5u", "x5c"])
def test_a_key_that_the_token_brings_is_never_used(name: str) -> None:
    """Lesson 62: CVE-2026-27962; RFC 8725 section 3.10."""
    foreign = new_key("ES256")
    brought: dict[str, Any] = {
        "jwk": public_jwks([foreign])["keys"][0],
        "jku": "https://evil.example/jwks.json",
        "x5u": "https://evil.example/key.pem",
        "x5c": ["MIIB"],
    }
    header = {"alg": "ES256", "typ": "JWT", name: brought[name]}
    for kid in ({"kid": OURS.kid}, {}):
        assert fault_of(token(header | kid, key=foreign)) is TokenFault.SIGNATURE
    assert fault_of(token(header | {"kid": foreign.kid}, key=foreign)) is TokenFault.KEY_UNKNOWN


def test_a_kid_that_is_not_published_is_told_for_a_refetch() -> None:
    with pytest.raises(TokenError) as caught:
        verify(token(kid="tomorrow"), PUBLISHED)
    assert caught.value.fault is TokenFault.KEY_UNKNOWN
    assert caught.value.kid == "tomorrow"
    assert str(caught.value) == TokenFault.KEY_UNKNOWN.value


@pytest.mark.parametrize("alg", ["RS256", "EdDSA"])
def test_a_kid_of_another_kind_of_key_is_refused(alg: str) -> None:
    """Lesson 62."""
    assert fault_of(token(kid=KEYS[alg].kid)) is TokenFault.KEY_UNKNOWN


@pytest.mark.parametrize("kid", [None, 1, ["a"], {"a": 1}, True])
def test_a_kid_that_is_no_text_is_refused(kid: object) -> None:
    assert fault_of(token(kid=kid)) is TokenFault.MALFORMED


def test_another_key_under_a_published_kid_is_refused() -> None:
    foreign = new_key("ES256")
    assert fault_of(token(key=foreign)) is TokenFault.SIGNATURE


@pytest.mark.parametrize(
    "changes",
    [
        {"use": "enc"},
        {"use": ["sig"]},
        {"use": None},
        {"alg": "ES384"},
        {"alg": "none"},
        {"alg": "RS256"},
        {"alg": 5},
        {"key_ops": ["sign"]},
        {"key_ops": []},
        {"key_ops": 5},
        {"key_ops": ["encrypt", "decrypt"]},
        {"crv": "P-384"},
        {"crv": "secp256k1"},
        {"crv": "P-999"},
        {"crv": ["P-256"]},
        {"crv": None},
        {"kty": "oct", "k": "c2VjcmV0"},
        {"kty": "RSA"},
        {"kty": ["EC"]},
        {"kty": "unknown"},
        {"x": PUBLIC_JWK["y"]},
        {"x": ""},
        {"x": "é"},
        {"x": 5},
        {"kid": 5},
        {"x5c": 5},
    ],
)
def test_a_published_key_that_does_not_fit_is_left_out(changes: dict[str, Any]) -> None:
    """Lesson 62: `use`, `alg`, `key_ops`, type and curve of the key count, not the header's."""
    sound = KEYS["RS256"].key.as_dict(private=False)
    keys = public_keys({"keys": [PUBLIC_JWK | changes, sound]})
    assert fault_of(token(), keys) is TokenFault.KEY_UNKNOWN
    assert verify(sign(KEYS["RS256"], {"sub": "a"}), keys) == {"sub": "a"}


def test_a_key_may_say_that_it_verifies() -> None:
    jwk = {k: v for k, v in PUBLIC_JWK.items() if k not in ("use", "alg")}
    for more in ({"key_ops": ["verify"]}, {"use": "sig", "key_ops": ["verify"]}, {}):
        assert verify(token(), public_keys({"keys": [jwk | more]})) == {"sub": "a"}


def rsa_jwk(bits: int) -> dict[str, Any]:
    numbers = rsa.generate_private_key(65537, bits).public_key().public_numbers()
    size = (bits + 7) // 8
    return {"kty": "RSA", "kid": "r", "n": encoded(numbers.n.to_bytes(size)), "e": "AQAB"}


@pytest.mark.parametrize(
    "jwk",
    [
        rsa_jwk(1024),
        rsa_jwk(1024) | {"n": "AAAA" * 100 + rsa_jwk(1024)["n"]},
        {"kty": "RSA", "kid": "r", "n": encoded(b"\xff" * 2000), "e": "AQAB"},
        {"kty": "RSA", "kid": "r", "n": 5, "e": "AQAB"},
        {"kty": "RSA", "kid": "r", "n": "!", "e": "AQAB"},
        {"kty": "RSA", "kid": "r", "e": "AQAB"},
        rsa_jwk(2048) | {"e": "AQ"},
    ],
)
def test_an_rsa_key_that_is_too_weak_or_too_costly_is_left_out(jwk: dict[str, Any]) -> None:
    """RFC 7518 section 3.3 asks for 2048 bits."""
    assert public_keys({"keys": [jwk]}) == {}


def test_keys_of_other_curves_verify_nothing() -> None:
    p384 = ECKey.import_key(ec.generate_private_key(ec.SECP384R1()), {"kid": OURS.kid})
    ed448 = OKPKey.generate_key("Ed448", {"kid": KEYS["EdDSA"].kid})
    keys = public_keys({"keys": [p384.as_dict(private=False), ed448.as_dict(private=False)]})
    assert fault_of(token(), keys) is TokenFault.KEY_UNKNOWN
    assert fault_of(sign(KEYS["EdDSA"], {}), keys) is TokenFault.KEY_UNKNOWN


def test_a_large_rsa_key_is_believed() -> None:
    key = SigningKey("r", "RS256", RSAKey.generate_key(4096, {"kid": "r"}))
    assert verify(sign(key, {"sub": "a"}), public_keys(public_jwks([key]))) == {"sub": "a"}


@pytest.mark.parametrize(
    "document", [None, [], "keys", {}, {"keys": None}, {"keys": {}}, {"jwks": []}]
)
def test_what_is_no_set_of_keys_is_told_from_an_empty_one(document: object) -> None:
    assert public_keys({"keys": []}) == {}
    with pytest.raises(ValueError, match="JWK Set"):
        public_keys(document)


def test_a_set_of_too_many_keys_is_read_only_so_far() -> None:
    junk: list[Any] = [None, 5, "key", []]
    few = {"keys": [*junk, *[{}] * (MOST_KEYS - len(junk) - 1), PUBLIC_JWK]}
    assert list(public_keys(few)) == [OURS.kid]
    assert public_keys({"keys": [*[{}] * MOST_KEYS, PUBLIC_JWK]}) == {}


# --- headers that change the reading --------------------------------------------------------------


@pytest.mark.parametrize(
    "more",
    [
        {"crit": ["unknown"], "unknown": True},
        {"crit": ["exp"], "exp": 1},
        {"crit": ["b64"], "b64": False},
        {"crit": []},
        {"crit": None},
        {"crit": "alg"},
        {"b64": False},
        {"b64": 0},
        {"b64": None},
    ],
)
def test_a_critical_header_is_refused(more: dict[str, Any]) -> None:
    """Lesson 63: CVE-2026-32597, unknown `crit`; RFC 7797 unencoded payloads."""
    assert fault_of(token(**more)) is TokenFault.CRITICAL


@pytest.mark.parametrize(
    ("typ", "asked", "believed"),
    [
        ("JWT", "jwt", True),
        ("application/at+jwt", "at+jwt", True),
        ("AT+JWT", "at+jwt", True),
        ("JWT", "logout+jwt", False),
        ("logout+jwt", "jwt", False),
        (None, "jwt", False),
        (5, "jwt", False),
    ],
)
def test_a_token_of_another_kind_is_refused(typ: object, asked: str, *, believed: bool) -> None:
    """RFC 8725 section 3.11."""
    text = token(typ=typ)
    if believed:
        assert verify(text, PUBLISHED, typ=asked) == {"sub": "a"}
    else:
        assert fault_of(text, typ=asked) is TokenFault.MALFORMED


def test_a_token_that_does_not_say_its_kind_is_refused_where_one_is_asked_for() -> None:
    header = {"alg": "ES256", "kid": OURS.kid}
    assert verify(token(header), PUBLISHED) == {"sub": "a"}
    assert fault_of(token(header), typ="jwt") is TokenFault.MALFORMED


# --- one reading ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "raw",
    [
        b'{"alg":"ES256","alg":"none"}',
        b'{"alg":"none","alg":"ES256"}',
        b'{"alg":"ES256","x":{"a":1,"a":2}}',
    ],
)
def test_a_header_member_that_stands_twice_is_refused(raw: bytes) -> None:
    assert fault_of(token(raw)) is TokenFault.MALFORMED


@pytest.mark.parametrize(
    "payload",
    [
        b'{"sub":"a","sub":"b"}',
        b'{"roles":{"a":1,"a":2}}',
        b'{"exp":NaN}',
        b'{"exp":Infinity}',
        b'{"exp":-Infinity}',
        b'{"exp":1e999}',
        b'{"exp":' + b"9" * 5000 + b"}",
        b'{"a":' + b"[" * 5000 + b"]" * 5000 + b"}",
        b'{"sub":"\\ud800"}',
        b'{"sub":"\\uDFFF\\uD800"}',
        b'{"sub":"\xff"}',
        b'{"sub":"\xed\xa0\x80"}',
        b'\xef\xbb\xbf{"sub":"a"}',
        '{"sub":"a"}'.encode("utf-16"),
        b'{"sub":"a"}{"sub":"b"}',
        b'[{"sub":"a"}]',
        b'"a"',
        b"null",
        b"\x00",
    ],
)
def test_claims_that_two_readers_could_read_differently_are_refused(payload: bytes) -> None:
    """Lesson 64: what cannot be compared fails closed, although the signature is right."""
    assert fault_of(token(payload=payload)) is TokenFault.MALFORMED


def test_characters_beyond_the_basic_plane_may_be_escaped() -> None:
    assert verify(token(payload=b'{"sub":"\\ud83d\\ude00"}'), PUBLISHED) == {"sub": "😀"}


@pytest.mark.parametrize(
    "text",
    [
        "",
        ".",
        "..",
        "a.b",
        "a.b.c",
        "a.b.c.d",
        "e30.e30.",
        "é.e30.e30",
        "e30.é.e30",
        '{"payload":"e30","signatures":[]}',
        " " + token(),
        "!" + token(),
    ],
)
def test_what_is_no_token_is_refused(text: str) -> None:
    assert fault_of(text) in (TokenFault.MALFORMED, TokenFault.ALGORITHM)


@pytest.mark.parametrize("change", ["=", "==", "\n", " ", "A", "!"])
def test_a_signature_has_one_spelling(change: str) -> None:
    assert fault_of(token() + change) is TokenFault.SIGNATURE


@pytest.mark.parametrize("part", [0, 1, 2])
def test_a_part_with_padding_is_refused(part: int) -> None:
    parts = token(payload=b'{"sub":"ab"}').split(".")
    parts[part] += "=" * (-len(parts[part]) % 4 or 4)
    assert fault_of(".".join(parts)) in (TokenFault.SIGNATURE, TokenFault.MALFORMED)


def test_a_signature_of_zeros_or_none_is_refused() -> None:
    """CVE-2022-21449 in its general form."""
    head, payload, _ = token().split(".")
    for signature in (b"", bytes(64), bytes(63), bytes(128)):
        assert fault_of(f"{head}.{payload}.{encoded(signature)}") is TokenFault.SIGNATURE


@given(st.integers(0, 10_000), st.integers(1, 63))
def test_no_character_of_a_token_can_be_changed(position: int, shift: int) -> None:
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    text = SIGNED
    at = position % len(text)
    if text[at] == ".":
        return
    other = alphabet[(alphabet.index(text[at]) + shift) % 64]
    with pytest.raises(TokenError):
        verify(text[:at] + other + text[at + 1 :], PUBLISHED)


SIGNED = sign(OURS, {"sub": "a", "exp": 1})


# --- size -----------------------------------------------------------------------------------------


def test_an_oversized_token_is_refused_before_anything_is_decoded() -> None:
    """Lesson 65."""
    assert fault_of("A" * (LONGEST_TOKEN + 1)) is TokenFault.TOO_LONG
    assert fault_of(token(payload={"sub": "a" * LONGEST_TOKEN})) is TokenFault.TOO_LONG
    with pytest.raises(TokenError) as caught:
        header_of("." * (LONGEST_TOKEN + 1))
    assert caught.value.fault is TokenFault.TOO_LONG


@pytest.mark.parametrize("part", ["header", "payload"])
def test_a_long_but_honest_token_is_believed(part: str) -> None:
    long = "a" * 11_000
    text = token(long=long) if part == "header" else token(payload={"sub": long})
    assert len(text) <= LONGEST_TOKEN
    assert "sub" in verify(text, PUBLISHED)
