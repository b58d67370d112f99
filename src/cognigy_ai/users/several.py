"""Whoever has accounts in several organisations gets a mail with a sign-in link for each.

The same answer for everybody, as for a forgotten password: nobody learns from it where somebody
has an account.
"""

from collections.abc import Mapping
from typing import Any

from cognigy_ai import letters
from cognigy_ai.users import actions as users
from cognigy_ai.users.forgotten import MailMeans, check_network, may_be_mailed
from cognigy_ai.users.rules import User

PURPOSE = "organisations"


async def mail_organisations(means: MailMeans, email: str, client_address: str, now: int) -> None:
    """Mail the links, if there are several; nothing of it shows. Wake the courier after it.

    Raises TOO_MANY_ATTEMPTS for a network that asks too often.
    """
    await check_network(means, PURPOSE, client_address, now)
    if not await may_be_mailed(means, PURPOSE, email, now):
        return
    found = await users.find_by_email(means.database, email, None)
    open_to = [each.user for each in found if each.user.may_log_in]
    if len(open_to) < 2:  # noqa: PLR2004 - one organisation needs no choice
        return
    # Spellings that count as the same may be different mailboxes: none is told of another.
    spelled: dict[str, list[User]] = {}
    for user in open_to:
        spelled.setdefault(user.email, []).append(user)
    async with means.database.transaction() as tx:
        for theirs in spelled.values():
            await means.outbox.add(tx, letters.ORGANISATIONS, _letter(theirs), now)


def _letter(theirs: list[User]) -> Mapping[str, Any]:
    first = theirs[0]
    named = [{"id": user.organisation_id, "name": user.organisation_name} for user in theirs]
    # No request travels along: a stranger may have begun it.
    return letters.mail(first.email, first.name, first.locale, organisations=named, query="")
