"""The global roles, and what each is for."""

ADMIN = "admin"
BASE_ROLE = "base_role"

ROLES = {
    BASE_ROLE: "Everybody has it; it gives no access to Live Agent.",
    ADMIN: "Administrator of the organisation; Administrator in Live Agent too.",
    "liveAgentAdmin": "Administrator in Live Agent.",
    "liveAgentSupervisor": "Supervisor in Live Agent.",
    "liveAgentAgent": "Agent in Live Agent.",
    "apiKeys": "May make API keys.",
    "basicSupportUser": "May look at projects for support.",
    "fullSupportUser": "May look at everything for support.",
    "odata": "May read the OData interface.",
    "opsCenterUser": "May use the Ops Center.",
    "projectAssigner": "May assign people to projects.",
    "projectManager": "May make projects.",
    "userDetailsViewer": "May look at users.",
    "userManager": "May make and change users.",
    "voiceGatewayUser": "May use the Voice Gateway.",
}


def unknown_role(roles: tuple[str, ...]) -> str | None:
    """The first name that is no role, or None."""
    return next((role for role in roles if role not in ROLES), None)


def with_base_role(roles: tuple[str, ...]) -> tuple[str, ...]:
    """Each role once, in alphabetical order, and the one that everybody has."""
    return tuple(sorted({BASE_ROLE, *roles}))
