"""Audit events in words: what happened, who did it, to whom."""

from cognigy_ai.audit.actions import Event
from cognigy_ai.audit.actor import API_KEY, CLIENT, OPERATOR, USER
from kernel.languages import n_

GROUPS = {
    "user": n_("People"),
    "login": n_("Sign-ins"),
    "session": n_("Sessions"),
    "second_factor": n_("Two-step login"),
    "organisation": n_("Organisation"),
    "import": n_("Imports"),
    "api_key": n_("API keys"),
    "consent": n_("Consents"),
    "application": n_("Connected applications"),
    "code": n_("Authorization codes"),
    "refresh_token": n_("Refresh tokens"),
    "signal": n_("Changes told to Live Agent"),
}
EVENTS = {
    "user.created": n_("Person created"),
    "user.changed": n_("Name or language changed"),
    "user.roles_set": n_("Roles set"),
    "user.role_given": n_("Role given"),
    "user.role_taken": n_("Role taken away"),
    "user.disabled": n_("Person disabled"),
    "user.enabled": n_("Person enabled"),
    "user.deleted": n_("Person deleted"),
    "user.access_ended": n_("Signed out everywhere"),
    "user.password_changed": n_("Password changed"),
    "user.password_link_made": n_("Password link made"),
    "user.invited": n_("Invitation mailed"),
    "user.reset_asked": n_("Password reset mailed"),
    "user.address_changed": n_("E-mail address changed"),
    "user.address_change_asked": n_("Change of e-mail address asked for"),
    "user.address_change_cancelled": n_("Change of e-mail address cancelled"),
    "user.email_verified": n_("E-mail address confirmed"),
    "login.done": n_("Signed in"),
    "login.refused": n_("Sign-in refused"),
    "session.ended": n_("Session ended"),
    "session.others_ended": n_("All other sessions ended"),
    "second_factor.set_up": n_("Two-step login switched on"),
    "second_factor.removed": n_("Two-step login switched off"),
    "second_factor.codes_renewed": n_("Recovery codes renewed"),
    "organisation.created": n_("Organisation created"),
    "organisation.renamed": n_("Organisation renamed"),
    "organisation.suspended": n_("Organisation suspended"),
    "organisation.resumed": n_("Organisation resumed"),
    "organisation.live_agent_set": n_("Live Agent set up"),
    "organisation.live_agent_forgotten": n_("Live Agent account number removed"),
    "organisation.live_agent_not_told": n_(
        "Live Agent could not be told of the organisation's state"
    ),
    "organisation.policy_changed": n_("Password policy changed"),
    "organisation.policy_enforced": n_("Password policy enforced: everybody signed out"),
    "organisation.two_step_required": n_("Two-step login made compulsory"),
    "organisation.two_step_optional": n_("Two-step login made optional"),
    "signal.replayed": n_("Change told to Live Agent once more"),
    "import.checked": n_("List of people uploaded"),
    "import.started": n_("Import started"),
    "import.finished": n_("Import done"),
    "import.stopped": n_("Import stopped"),
    "import.discarded": n_("List of people discarded"),
    "api_key.created": n_("API key made"),
    "api_key.rotated": n_("API key renewed"),
    "api_key.revoked": n_("API key revoked"),
    "consent.given": n_("Application allowed to read one's data"),
    "application.disconnected": n_("Application disconnected"),
    "code.replayed": n_("Authorization code used twice: its tokens were revoked"),
    "refresh_token.reused": n_("Refresh token used twice: its tokens were revoked"),
    "client.registered": n_("Application registered"),
    "client.changed": n_("Application changed"),
    "client.secret_rotated": n_("Secret of an application renewed"),
    "client.disabled": n_("Application disabled"),
    "client.enabled": n_("Application enabled"),
    "key.rotated": n_("Signing key renewed"),
    "key.retired": n_("Signing key retired"),
}
THE_OPERATOR = n_("Operator")
BY_ITSELF = n_("Cognigy.AI")
GONE = n_("a person who was deleted")
A_KEY = n_("API key {name}")
AN_APPLICATION = n_("Application {name}")


def event_text(event: str) -> str:
    """To be translated; an event without words of its own is named as it is recorded."""
    return EVENTS.get(event, event)


def actor_text(event: Event) -> tuple[str, str]:
    """A text to be translated, and the `{name}` in it."""
    known = event.actor_name or ""
    if event.actor_kind == USER:
        return ("{name}", known) if known else (GONE, "")
    if event.actor_kind == API_KEY:
        return A_KEY, known or event.actor_id or ""
    if event.actor_kind == CLIENT:
        return AN_APPLICATION, event.actor_id or ""
    return (THE_OPERATOR if event.actor_kind == OPERATOR else BY_ITSELF), ""


def detail_lines(event: Event) -> list[tuple[str, str]]:
    """The codes and ids of an event, one a line."""
    lines = [(name, _shown(value)) for name, value in event.details.items()]
    if event.user_id:
        lines.append(("user_id", event.user_id))
    if event.actor_id:
        lines.append(("actor_id", event.actor_id))
    if event.reference:
        lines.append(("reference", event.reference))
    return [("event", event.event), *lines, ("id", event.id)]


def _shown(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(str(one) for one in value)
    if isinstance(value, bool):
        return "true" if value else "false"
    return "-" if value is None else str(value)
