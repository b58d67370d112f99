"""Whom a break-glass link may let in, and for how long (DESIGN section 3 rule 9)."""

from dataclasses import dataclass

from live_agent.accounts.rules import Account
from live_agent.agents.rules import ADMINISTRATOR, User

METHOD = "break_glass"
LINK_SECONDS = 600
SESSION_SECONDS = 3600
LONGEST_REASON = 500
LONGEST_MAKER = 64


@dataclass(frozen=True, slots=True)
class Glass:
    """A link that can be used."""

    id: str
    user: User
    account_name: str
    reason: str
    made_by: str
    expires_at: int


def refusal(account: Account | None, user: User) -> str | None:
    """Why nobody gets in as that user, or None; asked when the link is made and when it is used."""
    if account is None:
        return "the account does not exist"
    if account.suspended:
        return "the account is suspended"
    if user.disabled:
        return "the user is disabled"
    if ADMINISTRATOR not in user.roles:
        return "the user is not an administrator"
    return None
