"""What audit events of Live Agent are called."""

from kernel.audit.words import AuditWords
from kernel.languages import n_

_GROUPS = {
    "login": n_("Sign-ins"),
    "old_login": n_("Sign-ins with an old password"),
    "session": n_("Sessions"),
    "user": n_("People"),
    "account": n_("Account and settings"),
    "link": n_("Proofs of old users"),
    "conflict": n_("Conflicts"),
    "password_change": n_("Changes of an old password"),
    "api_token": n_("API tokens"),
    "drift": n_("Differences"),
    "audit": n_("Exports"),
}
_EVENTS = {
    "login.succeeded": n_("Signed in"),
    "login.refused": n_("Sign-in refused"),
    "old_login.refused": n_("Old password refused"),
    "session.ended": n_("Session ended"),
    "user.created": n_("Person created"),
    "user.changed": n_("Name or e-mail address changed"),
    "user.roles_changed": n_("Roles changed"),
    "user.confirmed": n_("E-mail address confirmed"),
    "user.retired": n_("Replaced by another user"),
    "user.moved": n_("Moved to Cognigy.AI"),
    "user.disabled": n_("Person disabled"),
    "user.enabled": n_("Person enabled"),
    "user.deleted": n_("Person deleted"),
    "user.erased": n_("Name and address erased"),
    "user.password_set": n_("Old password set"),
    "conflict.proposed": n_("Decision of a conflict proposed"),
    "conflict.decided": n_("Conflict decided"),
    "password_change.refused": n_("Change of an old password refused"),
    "api_token.made": n_("API token made"),
    "api_token.ended": n_("API token ended"),
    "link.begun": n_("Asked to prove the old account"),
    "link.mailed": n_("Proof mailed to the old address"),
    "link.cancelled": n_("Proof of the old account cancelled"),
    "account.created": n_("Account created"),
    "account.mapped": n_("Account given its organisation"),
    "account.renamed": n_("Account renamed"),
    "account.suspended": n_("Account suspended"),
    "account.resumed": n_("Account resumed"),
    "account.deleted": n_("Account deleted"),
    "account.switched": n_("Sign-in with Cognigy.AI switched on or off"),
    "drift.settled": n_("Taken over from Cognigy.AI"),
    "audit.exported": n_("Audit log exported"),
}

WORDS = AuditWords(_GROUPS, _EVENTS, "Live Agent")
