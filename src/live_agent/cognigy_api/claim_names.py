"""Which claims hold what at the provider that is configured."""

from live_agent.cognigy_api.rules.claims import ClaimNames
from live_agent.settings import Settings


def claim_names(settings: Settings) -> ClaimNames:
    """For ID tokens, userinfo and signals alike."""
    return ClaimNames(
        organisation=settings.cognigy_oauth_organisation_claim,
        roles=settings.cognigy_oauth_roles_claim,
        role_map=settings.role_map(),
    )
