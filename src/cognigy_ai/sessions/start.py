"""Beginning a session: a login that is done."""

from cognigy_ai.audit import actions as audit
from cognigy_ai.problems import Problem
from cognigy_ai.sessions import rules, store
from kernel.db import Tx, UniqueViolation
from kernel.devices import device_of
from kernel.opaque import fingerprint, new_id, new_secret
from kernel.problems import ProblemError


async def start(  # noqa: PLR0913 - a row has that many columns
    tx: Tx,
    user_id: str,
    amr: str,
    lifetime: int,
    user_agent: str,
    now: int,
    *,
    old_secret: str | None = None,
    reference: str | None = None,
    entry: str | None = None,
) -> tuple[str, str]:
    """Begin a session; returns the secret for the cookie, and the session's id.

    The secret is always new, and the session that the browser had ends (lesson 39): nobody can
    prepare a session for somebody else, and two people never share one. `entry`: the mark of the
    login that begins it; of one login there is one session. Raises SIGN_IN_OVER for a second.
    """
    if old_secret:
        await store.end_by_secret(tx, fingerprint(old_secret), now)
    secret, session_id = new_secret("ps_"), new_id()
    values: dict[str, object] = {
        "id": session_id,
        "fingerprint": fingerprint(secret),
        "user_id": user_id,
        "auth_time": now,
        "amr": amr,
        "created_at": now,
        "seen_at": now,
        "expires_at": now + lifetime,
        "user_agent": user_agent[: rules.LONGEST_USER_AGENT],
        "entry_mark": entry,
    }
    try:
        await store.add(tx, values)
    except UniqueViolation:
        raise ProblemError(Problem.SIGN_IN_OVER, user_id=user_id) from None
    audit.set_actor(audit.Actor(audit.USER, user_id))
    device = device_of(user_agent)
    await audit.record(
        tx,
        "login.done",
        now,
        reference=reference,
        user_id=user_id,
        session_id=session_id,
        amr=amr,
        browser=device.browser,
        system=device.system,
    )
    return secret, session_id
