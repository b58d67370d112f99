"""From a password that was proved to a session, if nothing else is due."""

from dataclasses import dataclass, field

from cognigy_ai.sessions import steps
from cognigy_ai.sessions.means import SYSTEM, LoginMeans
from cognigy_ai.sessions.rules import MFA, Arrival, LoggedIn, Session
from cognigy_ai.sessions.start import start
from cognigy_ai.sessions.steps import Candidate, Entry
from cognigy_ai.users import logins
from cognigy_ai.users.rules import User
from kernel.db import Tx
from kernel.doors import Visitor
from kernel.log import get_logger
from kernel.opaque import fingerprint

log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Proved:
    """Whose password it was, the digest that it was compared with, and the one to keep."""

    user: User
    digest_read: str = field(repr=False)
    digest: str = field(repr=False)

    @property
    def candidate(self) -> Candidate:
        return Candidate(self.user.id, fingerprint(self.digest), self.user.access_revision)


async def admit(
    tx: Tx, means: LoginMeans, entry: Entry, who: Proved, arrival: Arrival, now: int
) -> LoggedIn | Entry | None:
    """Begin the session, or give the entry back while something is due.

    The tables are asked again, in the transaction that begins it. None: the password is another
    one by now, the person may not log in any more or was signed out everywhere, or a second step
    was required meanwhile. Raises SIGN_IN_OVER if the entry has begun a session before.
    """
    user = who.user
    standing = await logins.note_password(tx, user.id, who.digest_read, who.digest)
    if standing is None or standing.access_revision not in steps.revisions(entry, user.id):
        return None
    if steps.due(entry, standing):
        return entry
    if not await logins.note_login(tx, user.id, now, with_second_factor=MFA in entry.amr):
        return None
    settings, kept = means.settings, entry.keep_signed_in
    lifetime = settings.kept_session_lifetime_seconds if kept else settings.session_lifetime_seconds
    secret, session_id = await start(
        tx,
        user.id,
        " ".join(entry.amr),
        lifetime,
        arrival.user_agent,
        now,
        old_secret=arrival.old_session,
        reference=arrival.reference,
        entry=fingerprint(entry.nonce),
    )
    log.info("login.done", user_id=user.id, reference=arrival.reference)
    known = Visitor.of(
        means.keyring, SYSTEM, user.email, arrival.known_browser, arrival.client_address, now
    ).remembering(user.id, now)
    session = Session(session_id, user, now, entry.amr, now + lifetime)
    return LoggedIn(secret, session, lifetime, kept, known)
