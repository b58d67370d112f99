"""What is over is removed, and not before its replay is out of the question."""

from cognigy_ai.tokens import actions as tokens
from kernel.db import Database
from support.clock import FrozenClock
from support.relying_party import RelyingParty

DAY = 24 * 3600


async def test_a_spent_code_is_recognised_for_a_day_and_a_grant_goes_after_its_end(
    signed_in: RelyingParty, database: Database, clock: FrozenClock
) -> None:
    await tokens.prune(database, clock.now() + 60 + DAY)  # the code of the login
    body = await signed_in.tokens()
    assert await tokens.prune(database, clock.now() + 59 + DAY) == 0
    assert await tokens.prune(database, clock.now() + 60 + DAY) == 1
    assert (await signed_in.userinfo(body["access_token"])).status_code == 200
    assert await tokens.prune(database, clock.now() + 1_209_600 + DAY) == 1
    assert (await signed_in.userinfo(body["access_token"])).status_code == 401
