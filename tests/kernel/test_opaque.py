"""Secrets are long and random, and only what is made from them is stored."""

import base64
import hashlib
import re

from kernel import opaque


def test_a_secret_has_256_bits_and_a_recognisable_prefix() -> None:
    made = {opaque.new_secret("at_") for _ in range(100)}
    assert len(made) == 100
    for secret in made:
        assert re.fullmatch(r"at_[A-Za-z0-9_-]{43}", secret)


def test_ids_are_unguessable_and_shaped() -> None:
    assert re.fullmatch(r"ses_[0-9a-f]{32}", opaque.new_id("ses_"))
    assert re.fullmatch(r"[0-9a-f]{24}", opaque.new_object_id())
    assert opaque.new_id() != opaque.new_id()


def test_a_fingerprint_is_sha_256() -> None:
    assert opaque.fingerprint("a") == hashlib.sha256(b"a").hexdigest()


def test_a_derived_secret_depends_on_key_purpose_and_secret() -> None:
    derived = {
        opaque.derive(b"key", "purpose", "secret"),
        opaque.derive(b"other", "purpose", "secret"),
        opaque.derive(b"key", "other", "secret"),
        opaque.derive(b"key", "purpose", "other"),
    }
    assert len(derived) == 4
    assert opaque.derive(b"key", "purpose", "secret") in derived
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{43}", one) for one in derived)


def test_secrets_are_compared_whole_also_beyond_ascii() -> None:
    assert opaque.same("é", "é")
    assert not opaque.same("é", "e")
    assert not opaque.same("abc", "ab")


def test_both_systems_make_the_same_reference_from_a_state() -> None:
    digest = base64.b32encode(hashlib.sha256(b"state").digest()).decode()
    assert opaque.reference_of("state") == digest[:12]
    assert re.fullmatch(r"[A-Z2-7]{12}", opaque.new_reference())
    assert opaque.new_reference() != opaque.new_reference()
