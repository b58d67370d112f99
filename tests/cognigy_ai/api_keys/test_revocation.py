"""Whoever loses access loses the API keys with it, and no key comes back."""

import httpx
import pytest

from cognigy_ai.api_keys import actions as api_keys
from cognigy_ai.problems import Problem
from cognigy_ai.users import actions as users
from cognigy_ai.users import links, logins, security
from cognigy_ai.users.policy import PasswordPolicy
from cognigy_ai.users.rules import User
from cognigy_ai.users.standing import Guessed
from kernel.db import Tx
from kernel.opaque import fingerprint
from kernel.problems import ProblemError
from support.platform import ACME, OUTBOX, Platform, digest_of

DAY = 24 * 3600


async def disable(tx: Tx, user: User, now: int) -> None:
    await users.disable(tx, user.id, now)


async def disable_guessed(tx: Tx, user: User, now: int) -> None:
    assert await logins.disable_guessed(tx, Guessed(user.id, ACME, 9, None), now)


async def sign_out(tx: Tx, user: User, now: int) -> None:
    await users.end_access(tx, user.id, now)


async def reset_password(tx: Tx, user: User, now: int) -> None:
    link = fingerprint(await links.new(tx, user.id, now))
    digest = await digest_of("copper lantern meadow 17")
    assert await links.redeem(tx, OUTBOX, link, digest, now) is not None


async def enforce(tx: Tx, user: User, now: int) -> None:
    await security.enforce_policy(tx, user.organisation_id, PasswordPolicy(), now)


@pytest.mark.parametrize(
    "ending",
    [disable, disable_guessed, sign_out, reset_password, enforce],
    ids=lambda e: e.__name__,
)
async def test_keys_end_with_the_access_and_stay_ended(acme: Platform, ending) -> None:  # type: ignore[no-untyped-def]
    user = await acme.add_user("k@acme.example", roles=("apiKeys", "userManager"))
    await digest_of("copper lantern meadow 17")
    async with acme.database.transaction() as tx:
        made = await api_keys.create(tx, user, "x", acme.now + DAY, acme.now)
    assert await ask(acme, made.secret) == 200
    async with acme.database.transaction() as tx:
        await ending(tx, user, acme.now)
    assert await ask(acme, made.secret) == 401
    async with acme.database.transaction() as tx:
        await users.enable(tx, user.id, acme.now)
    assert await ask(acme, made.secret) == 401


async def test_a_disabled_person_gets_no_key_by_a_request_under_way(acme: Platform) -> None:
    user = await acme.add_user("k@acme.example", roles=("apiKeys",))
    async with acme.database.transaction() as tx:
        await users.disable(tx, user.id, acme.now)
    with pytest.raises(ProblemError) as refused:
        async with acme.database.transaction() as tx:
            await api_keys.create(tx, user, "x", acme.now + DAY, acme.now)
    assert refused.value.problem is Problem.PERMISSION_MISSING


async def ask(acme: Platform, secret: str) -> int:
    answer: httpx.Response = await acme.browser().get("/v2.0/users", headers={"x-api-key": secret})
    return answer.status_code
