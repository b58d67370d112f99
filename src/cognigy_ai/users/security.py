"""What an organisation asks of everybody who signs in: passwords, and a second step."""

from cognigy_ai.audit import actions as audit
from cognigy_ai.organisations import actions as organisations
from cognigy_ai.users import locks
from cognigy_ai.users import policy as rules
from cognigy_ai.users.policy import DEFAULT, PasswordPolicy
from cognigy_ai.users.store import security as store
from kernel.db import Tx

ENFORCED = "password_change_enforced"
TWO_STEP_REQUIRED = "two_step_required"


async def save_policy(tx: Tx, organisation_id: str, policy: PasswordPolicy, now: int) -> bool:
    """For passwords that are set from now on; False if it was so."""
    await organisations.get(tx, organisation_id)
    stored = None if policy == DEFAULT else rules.as_json(policy)
    return await organisations.set_policy(tx, organisation_id, stored, now)


async def enforce_policy(tx: Tx, organisation_id: str, policy: PasswordPolicy, now: int) -> None:
    """Save it; everybody is signed out everywhere and chooses a new password at the next sign-in.

    API keys are revoked. Whoever presses the button is one of them.
    """
    await locks.lock_organisation(tx, organisation_id)
    await save_policy(tx, organisation_id, policy, now)
    # People before sessions, in the order of whoever changes one password: nobody deadlocks.
    await store.require_new_passwords(tx, organisation_id, now, audit.actor().id)
    await store.end_access_of_organisation(tx, organisation_id, now, ENFORCED)
    await store.revoke_keys_of_organisation(tx, organisation_id, now)
    await audit.record(tx, "organisation.policy_enforced", now, organisation_id=organisation_id)


async def set_two_step_required(tx: Tx, organisation_id: str, *, required: bool, now: int) -> bool:
    """Whether everybody there needs a second step; False if it was so.

    From then on nobody is in with a password alone: those sessions end, and what was granted in
    them is revoked. Whoever switches it on may be one of them.
    """
    changed = await organisations.set_two_step_required(
        tx, organisation_id, required=required, now=now
    )
    if changed and required:
        await store.end_one_factor_access(tx, organisation_id, now, TWO_STEP_REQUIRED)
    return changed


async def count_passwords(db: Tx, organisation_id: str, most: int) -> int:
    """How many people have one; no more than `most` are counted."""
    return await store.count_passwords(db, organisation_id, most)
