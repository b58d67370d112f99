"""A person with an authenticator app, and what tests of two-step login type."""

from pyotp import TOTP

from cognigy_ai.second_factors import actions as second_factors
from cognigy_ai.second_factors.actions import SEALED_FOR, Judge
from cognigy_ai.users.rules import User
from support.platform import OUTBOX, Platform

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


def code_at(now: int, secret: str = SECRET) -> str:
    """What the app shows then."""
    return TOTP(secret).at(now)


def wrong_code(now: int, secret: str = SECRET) -> str:
    """Six digits that are right at no moment near by."""
    near = {code_at(now + shift * 30, secret) for shift in range(-3, 4)}
    return next(code for code in ("000000", "111111", "222222", "333333") if code not in near)


def judge_of(platform: Platform) -> Judge:
    return Judge(platform.means.keyring, platform.means.locks)


async def switch_on(platform: Platform, user: User, secret: str = SECRET) -> tuple[str, ...]:
    """The recovery codes. The app's present code is not used up: it was set up long ago."""
    sealed = platform.means.keyring.seal(SEALED_FOR, secret)
    async with platform.database.transaction() as tx:
        return await second_factors.set_up(tx, OUTBOX, user, (sealed, 0), platform.now)


async def prove(platform: Platform, user: User, typed: str) -> second_factors.Verdict:
    async with platform.database.transaction() as tx:
        return await second_factors.prove(tx, judge_of(platform), user.id, typed, platform.now)
