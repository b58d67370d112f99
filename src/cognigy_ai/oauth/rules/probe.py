"""What the platform tells of itself to a doctor, and which secrets both sides have alike."""

from collections.abc import Iterable, Mapping
from typing import Any

from cognigy_ai.organisations.rules import Organisation, is_organisation_id
from cognigy_ai.settings import Settings

# Nothing secret stands among them: they are answered as they are.
TOLD = (
    "feature_use_cognigy_live_agent",
    "client_id_cognigy_live_agent",
    "redirect_uri_cognigy_live_agent",
    "backend_base_url_with_protocol",
    "frontend_base_url_with_protocol",
    "cognigy_live_agent_ui_base_url_with_protocol",
    "cognigy_live_agent_api_base_url_with_protocol",
)
SHARED = (
    "client_secret_cognigy_live_agent",
    "client_secret_cognigy_live_agent_previous",
    "cognigy_live_agent_platform_token",
)
MOST_ORGANISATIONS = 200
MOST_FINGERPRINTS = 2  # of the secret, and of the one before


def values(settings: Settings) -> dict[str, str]:
    """By environment key; what is unset is left out."""
    found = {name.upper(): getattr(settings, name) for name in TOLD}
    return {
        key: str(value).lower() if isinstance(value, bool) else str(value)
        for key, value in found.items()
        if value is not None
    }


def organisations_asked(text: str | None) -> list[str]:
    """Ids separated by blanks; what is none cannot belong to an organisation."""
    return [word for word in (text or "").split() if is_organisation_id(word)][:MOST_ORGANISATIONS]


def organisations_told(
    asked: Iterable[str], found: Mapping[str, Organisation]
) -> list[dict[str, Any]]:
    """Of each organisation: is there such a one, is it suspended, which account has it?"""
    return [
        {
            "id": id_,
            "known": id_ in found,
            "suspended": id_ in found and found[id_].suspended,
            "account": found[id_].live_agent_account if id_ in found else None,
        }
        for id_ in asked
    ]
