"""Deeds of the login that are not a request's own."""

from kernel.db import Database
from kernel.opaque import fingerprint
from live_agent.oauth import store
from live_agent.oauth.rules.flow import VALID_SECONDS, Flow


async def claim_state(database: Database, flow: Flow) -> bool:
    """A state logs in once (RFC 9700 section 4.2.4); False for everybody but the first."""
    expires_at = flow.issued_at + VALID_SECONDS
    return await store.claim_state(database, fingerprint(flow.state), expires_at)
