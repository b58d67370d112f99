"""What is due between the password and the session, in its order. Pure.

No session is begun before nothing is due (lesson 58: an empty form or a skipped page gets nobody
in), and every answer to what is due comes from the tables of that moment, not from the browser.
"""

from dataclasses import dataclass, field
from enum import Enum, unique

from cognigy_ai.sessions.rules import MFA, PASSWORD
from cognigy_ai.users.standing import Standing

LIFETIME_SECONDS = 600
PASSWORD_ALONE = (PASSWORD,)


@unique
class EntryStep(Enum):
    """What the person is asked next."""

    ORGANISATION = "organisation"
    CODE = "code"
    SET_UP = "two-step"
    KEEP_CODES = "recovery-codes"
    NEW_PASSWORD = "new-password"  # noqa: S105 - a step


@dataclass(frozen=True, slots=True)
class Candidate:
    """A user whom the password fitted.

    Another digest by now is another password; another revision, that the person was signed out
    everywhere or changed.
    """

    user_id: str
    digest_mark: str = field(repr=False)
    access_revision: int


@dataclass(frozen=True, slots=True)
class Entry:
    """A login whose password was proved and that is not done: the browser carries it, sealed."""

    candidates: tuple[Candidate, ...]
    keep_signed_in: bool
    began_at: int
    nonce: str = field(repr=False)  # claimed by the one session that the login begins
    amr: tuple[str, ...] = PASSWORD_ALONE
    passed: tuple[EntryStep, ...] = ()
    secret: str = field(default="", repr=False)  # of the two-step login that is being set up
    recovery_codes: tuple[str, ...] = field(default=(), repr=False)  # until the person has them

    def is_over(self, now: int) -> bool:
        return now >= self.began_at + LIFETIME_SECONDS


def revisions(entry: Entry, user_id: str) -> tuple[int, ...]:
    """The one that the candidate had when the password was proved."""
    return tuple(c.access_revision for c in entry.candidates if c.user_id == user_id)


def due(entry: Entry, standing: Standing) -> tuple[EntryStep, ...]:
    """The steps that are left for the one candidate; none: the session may begin."""
    code = standing.has_second_factor and MFA not in entry.amr
    set_up = standing.two_step_required and not standing.has_second_factor
    found = (
        (EntryStep.CODE, code),
        (EntryStep.SET_UP, set_up),
        (EntryStep.KEEP_CODES, bool(entry.recovery_codes)),
        (EntryStep.NEW_PASSWORD, standing.must_change_password),
    )
    return tuple(step for step, is_due in found if is_due)
