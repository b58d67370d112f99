"""What Live Agent knows of the platform's environment: the keys that the login depends on.

A test compares each with the platform's own declaration.
"""

from typing import Any, ClassVar

from kernel.setting_types import (
    REQUIRED,
    Address,
    BaseAddress,
    RootAddress,
    Secret,
    Text,
    setting,
)
from kernel.settings import Check, CommonSettings, Fault, http_only_on_loopback

ADDRESSES = (
    "BACKEND_BASE_URL_WITH_PROTOCOL",
    "FRONTEND_BASE_URL_WITH_PROTOCOL",
    "REDIRECT_URI_COGNIGY_LIVE_AGENT",
    "COGNIGY_LIVE_AGENT_UI_BASE_URL_WITH_PROTOCOL",
    "COGNIGY_LIVE_AGENT_API_BASE_URL_WITH_PROTOCOL",
)
FIX = "Write the address as browsers see it, such as https://cognigy.example.com"
SAME = "Write the same value as on the side of Live Agent"


def _complete(settings: Any) -> Fault | None:
    if not settings.feature_use_cognigy_live_agent:
        return None
    for key in ("CLIENT_SECRET_COGNIGY_LIVE_AGENT", "REDIRECT_URI_COGNIGY_LIVE_AGENT"):
        if not getattr(settings, key.lower()):
            fault = "is missing although FEATURE_USE_COGNIGY_LIVE_AGENT is on"
            return Fault(key, fault, SAME)
    return None


class PlatformSettings(CommonSettings):
    """The part of `cognigy-ai settings` that has to fit."""

    DEFAULT_DATABASE: ClassVar[str] = "cognigy_ai"

    backend_base_url_with_protocol: BaseAddress = setting(ADDRESSES[0], REQUIRED, FIX, fix=FIX)
    frontend_base_url_with_protocol: RootAddress | None = setting(ADDRESSES[1], None, FIX, fix=FIX)
    feature_use_cognigy_live_agent: bool = setting(
        "FEATURE_USE_COGNIGY_LIVE_AGENT", default=False, meaning="Write `true` or `false`"
    )
    client_id_cognigy_live_agent: Text = setting(
        "CLIENT_ID_COGNIGY_LIVE_AGENT", "cognigy-live-agent", SAME
    )
    client_secret_cognigy_live_agent: Secret | None = setting(
        "CLIENT_SECRET_COGNIGY_LIVE_AGENT", None, SAME
    )
    client_secret_cognigy_live_agent_previous: Secret | None = setting(
        "CLIENT_SECRET_COGNIGY_LIVE_AGENT_PREVIOUS", None, SAME
    )
    redirect_uri_cognigy_live_agent: Address | None = setting(
        ADDRESSES[2], None, "Write FRONTEND_URL of Live Agent and /omniauth/cognigy/callback"
    )
    cognigy_live_agent_ui_base_url_with_protocol: BaseAddress | None = setting(
        ADDRESSES[3], None, "Write FRONTEND_URL of Live Agent"
    )
    cognigy_live_agent_api_base_url_with_protocol: BaseAddress | None = setting(
        ADDRESSES[4], None, "Write the address of Live Agent, as this server reaches it"
    )
    cognigy_live_agent_platform_token: Secret | None = setting(
        "COGNIGY_LIVE_AGENT_PLATFORM_TOKEN", None, SAME
    )

    CHECKS: ClassVar[list[tuple[tuple[str, ...], Check]]] = [
        *(http_only_on_loopback(key, key.lower()) for key in ADDRESSES),
        (
            (
                "FEATURE_USE_COGNIGY_LIVE_AGENT",
                "CLIENT_SECRET_COGNIGY_LIVE_AGENT",
                "REDIRECT_URI_COGNIGY_LIVE_AGENT",
            ),
            _complete,
        ),
    ]
