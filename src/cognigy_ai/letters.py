"""The letters of the outbox: kinds, and what each one carries.

A letter holds values, never text: `mails` writes the mail when it is delivered, in the person's
language, so that no template is rendered in a transaction.
"""

from collections.abc import Mapping
from typing import Any

INVITATION = "mail.invitation"  # + organisation, secret, invited_by
RESET = "mail.reset"  # + links: [{organisation, secret}], one for each organisation
ORGANISATIONS = "mail.organisations"  # + organisations: [{id, name}], query
EMAIL_CHANGE = "mail.email_change"  # to the new address; + organisation, secret, old
EMAIL_CHANGED = "mail.email_changed"  # to the old one; + organisation, new_email, done
PASSWORD_CHANGED = "mail.password_changed"  # noqa: S105 - a kind of letter; + organisation
TWO_STEP = "mail.two_step"  # + organisation, change: on | off | reset | codes
LIVE_AGENT_ACCOUNT = "live_agent.account"  # organisation_id: its state is read at delivery


def mail(to: str, name: str, locale: str, **values: Any) -> Mapping[str, Any]:
    """What every mail carries, and what this one carries beside it."""
    return {"to": to, "name": name, "locale": locale, **values}
