"""Digests: argon2id for new passwords, bcrypt understood, bounded work, and no short cut."""

import asyncio
import time

import bcrypt
import pytest

from kernel.passwords import (
    LONGEST_PASSWORD,
    PRODUCTS,
    Passwords,
    PasswordsBusy,
    is_digest,
    weakness,
)


@pytest.fixture
def passwords() -> Passwords:
    return Passwords()


def bcrypt_of(password: str) -> str:
    return bcrypt.hashpw(password.encode()[:72], bcrypt.gensalt(4)).decode()


async def test_a_new_digest_is_argon2id_as_owasp_says(passwords: Passwords) -> None:
    digest = await passwords.digest("correct horse")
    assert digest.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert digest != await passwords.digest("correct horse")
    assert await passwords.matches("correct horse", digest)
    assert not await passwords.matches("Correct horse", digest)
    assert not passwords.is_outdated(digest)


async def test_an_imported_bcrypt_digest_is_understood_and_outdated(passwords: Passwords) -> None:
    digest = bcrypt_of("grüße")
    assert await passwords.matches("grüße", digest)
    assert not await passwords.matches("grüsse", digest)
    assert passwords.is_outdated(digest)


async def test_the_old_product_saw_72_bytes_of_a_password(passwords: Passwords) -> None:
    digest = bcrypt_of("x" * 72)
    assert await passwords.matches("x" * 72 + "anything", digest)
    assert not await passwords.matches("x" * 71, digest)


async def test_weaker_argon2_parameters_are_outdated(passwords: Passwords) -> None:
    from pwdlib.hashers.argon2 import Argon2Hasher

    weak = Argon2Hasher(time_cost=1, memory_cost=8, parallelism=1).hash("x")
    assert await passwords.matches("x", weak)
    assert passwords.is_outdated(weak)


@pytest.mark.parametrize(
    "digest",
    ["x", "$2b$12$short", "$argon2id$v=19$m=19456,t=2,p=1$", "$argon2id$", "$1$md5$x", "é", "\0"],
)
async def test_a_digest_that_is_none_matches_nothing(passwords: Passwords, digest: str) -> None:
    assert not await passwords.matches("x", digest)
    assert passwords.is_outdated(digest) in (True, False)


@pytest.mark.parametrize("password", ["a\0b", "\ud800", "", "x" * (LONGEST_PASSWORD + 1)])
async def test_a_strange_password_is_only_wrong(passwords: Passwords, password: str) -> None:
    assert not await passwords.matches(password, await passwords.digest("right"))
    assert not await passwords.matches(password, bcrypt_of("right"))
    assert not await passwords.matches(password, None)


async def test_without_a_digest_it_takes_as_long(passwords: Passwords) -> None:
    digest = await passwords.digest("right")
    await passwords.matches("warm", None)

    async def seconds(digest: str | None) -> float:
        best = 9.0
        for _ in range(5):
            started = time.process_time()
            assert not await passwords.matches("wrong", digest)
            best = min(best, time.process_time() - started)
        return best

    known = await seconds(digest)
    assert 0.5 < await seconds(None) / known < 2
    assert 0.5 < await seconds("") / known < 2
    assert not await passwords.matches("nobody's password", None)


async def test_a_queue_that_is_too_long_is_refused_at_once() -> None:
    passwords = Passwords(at_once=1, longest_queue=3)
    digest = await passwords.digest("right")
    answers = await asyncio.gather(
        *(passwords.matches("right", digest) for _ in range(5)), return_exceptions=True
    )
    assert [type(answer) for answer in answers] == [bool] * 3 + [PasswordsBusy] * 2
    assert await passwords.matches("right", digest)


async def test_the_loop_goes_on_while_digests_are_made(passwords: Passwords) -> None:
    ticks = 0

    async def tick() -> None:
        nonlocal ticks
        while True:
            await asyncio.sleep(0.001)
            ticks += 1

    task = asyncio.create_task(tick())
    await asyncio.gather(*(passwords.digest("x") for _ in range(6)))
    task.cancel()
    assert ticks > 10


SALT_AND_HASH = "c29tZXNhbHRzb21lc2FsdA$" + "a" * 43


@pytest.mark.parametrize(
    ("digest", "understood"),
    [
        ("$2b$12$" + "a" * 53, True),
        ("$2a$04$" + "a" * 53, True),
        ("$2y$14$" + "./" + "a" * 51, True),
        (f"$argon2id$v=19$m=19456,t=2,p=1${SALT_AND_HASH}", True),
        (f"$argon2id$v=19$m=262144,t=10,p=8${SALT_AND_HASH}", True),
        ("$2b$15$" + "a" * 53, False),
        ("$2b$03$" + "a" * 53, False),
        ("$2x$12$" + "a" * 53, False),
        ("$2b$12$" + "a" * 52, False),
        ("$2b$12$" + "a" * 53 + "\n", False),
        (f"$argon2id$v=19$m=262145,t=2,p=1${SALT_AND_HASH}", False),
        (f"$argon2id$v=19$m=19456,t=11,p=1${SALT_AND_HASH}", False),
        (f"$argon2id$v=19$m=19456,t=0,p=1${SALT_AND_HASH}", False),
        (f"$argon2id$v=19$m=8,t=2,p=2${SALT_AND_HASH}", False),
        (f"$argon2i$v=19$m=19456,t=2,p=1${SALT_AND_HASH}", False),
        ("correct horse battery staple", False),
        ("", False),
    ],
)
def test_a_digest_of_another_system_is_one_that_a_login_can_be_made_with(
    digest: str, understood: object
) -> None:
    assert is_digest(digest) is understood


async def test_own_digests_are_such(passwords: Passwords) -> None:
    assert is_digest(await passwords.digest("right"))
    assert is_digest(bcrypt_of("right"))


@pytest.mark.parametrize(
    ("password", "about", "code"),
    [
        ("short", (), "too_short"),
        ("x" * (LONGEST_PASSWORD + 1), (), "too_long"),
        ("Ana.Silva-Acme1", ("Ana Silva", "ana.silva@acme.example", "Acme"), "about_you"),
        ("\uff23\uff4fgnigy-1234!", ("Cognigy",), "about_you"),  # full-width letters
        ("passwordpassword", (), "too_common"),
        ("aaaaaaaaaaaaaaaa", (), "too_common"),
        ("granite-lovelace-lantern-58", ("Ada Lovelace",), "about_you"),
        ("granite-LOVE-LACE-lantern-58", ("Ada Lovelace",), "about_you"),
        ("granite-stra\u00dfe-lantern-58", ("Max Strasse",), "about_you"),
        ("granite-\uff2c\uff4f\uff56\uff45lace-58", ("Lovelace",), "about_you"),
        ("granite-curie-lantern-58", ("m.curie+work@lab.example",), "about_you"),
        ("granite-acme-lantern-58", ("ada@mail.acme.co.uk",), "about_you"),
        ("acme: nine bridges over lisbon", ("Acme",), "about_you"),
        ("live-agent lantern 58 granite", PRODUCTS, "about_you"),
        ("granite-lantern-cognigy-58", PRODUCTS, "about_you"),
        ("nine-bridges-over-lisbon", ("Ana Silva",), None),
        # words that are in anything: three letters, top-level domains, what everybody has
        ("adamant lantern granite 58", ("Ada", "ada@x.example"), None),
        ("granite example lantern 58", ("ada@acme.example", "Example GmbH"), None),
        ("granite museum lantern 58", ("ada@louvre.museum",), None),
        ("agents deliver olives abroad", (*PRODUCTS, "agent@acme.example"), None),
        ("granite lantern 2026 orchard", ("Expo 2026",), None),
        ("blue-mango-lantern-58", ("Eman Aziz",), None),  # seen through signs only when long
        ("ほしのうえをあるくねこたち", (), None),
    ],
)
def test_a_new_password_must_be_hard_to_guess(
    password: str, about: tuple[str, ...], code: str | None
) -> None:
    assert weakness(password, about) == code
