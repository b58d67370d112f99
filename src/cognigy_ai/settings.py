"""Every setting of Cognigy.AI, with the names that existing installations have."""

import re
from typing import Annotated, Any, ClassVar
from urllib.parse import urlsplit

from pydantic import AfterValidator

from kernel.setting_types import RootAddress, between
from kernel.settings import (
    REQUIRED,
    Address,
    BaseAddress,
    Check,
    CommonSettings,
    Fault,
    Secret,
    Text,
    http_only_on_loopback,
    naming_sides,
    setting,
)

ADDRESS_FIX = "Write the address as browsers see it, such as https://cognigy.example.com"
YEAR = 31_536_000


def _client_id(value: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9._~-]{1,128}", value):
        raise ValueError("is not 1 to 128 letters, digits and . _ ~ -")
    return value


ClientId = Annotated[Text, AfterValidator(_client_id)]


def _pages_at_the_root(settings: Any) -> Fault | None:
    """An API may stand below a path of its proxy; redirects between pages would leave it."""
    if settings.frontend_base_url_with_protocol is not None:
        return None
    if not urlsplit(settings.backend_base_url_with_protocol).path:
        return None
    return Fault(
        "FRONTEND_BASE_URL_WITH_PROTOCOL",
        "is missing although BACKEND_BASE_URL_WITH_PROTOCOL has a path",
        "Write an address without a path, where people reach the pages",
    )


def _live_agent_is_complete(settings: Any) -> Fault | None:
    if not settings.feature_use_cognigy_live_agent:
        return None
    for key, value in (
        ("CLIENT_SECRET_COGNIGY_LIVE_AGENT", settings.client_secret_cognigy_live_agent),
        ("REDIRECT_URI_COGNIGY_LIVE_AGENT", settings.redirect_uri_cognigy_live_agent),
    ):
        if not value:
            return Fault(
                key,
                "is missing although FEATURE_USE_COGNIGY_LIVE_AGENT is on",
                "Write the same value as on the side of Live Agent",
            )
    return None


class Settings(CommonSettings):
    """The environment of the `cognigy-ai` command."""

    DEFAULT_DATABASE: ClassVar[str] = "cognigy_ai"

    backend_base_url_with_protocol: BaseAddress = setting(
        "BACKEND_BASE_URL_WITH_PROTOCOL",
        REQUIRED,
        "The issuer: where Live Agent and other programs reach the API.",
        fix=ADDRESS_FIX,
        group="Addresses",
    )
    frontend_base_url_with_protocol: RootAddress | None = setting(
        "FRONTEND_BASE_URL_WITH_PROTOCOL",
        None,
        "Where people reach the pages. Empty: the same as BACKEND_BASE_URL_WITH_PROTOCOL.",
        fix=ADDRESS_FIX,
        group="Addresses",
    )
    port: int = setting("PORT", 8000, "Port that the server listens on.", group="Server")

    feature_use_cognigy_live_agent: bool = setting(
        "FEATURE_USE_COGNIGY_LIVE_AGENT",
        default=False,
        meaning="Switches the login of Live Agent on.",
        group="Live Agent",
    )
    client_id_cognigy_live_agent: ClientId = setting(
        "CLIENT_ID_COGNIGY_LIVE_AGENT",
        "cognigy-live-agent",
        "Client id of Live Agent; equals COGNIGY_OAUTH_CLIENT_ID there.",
        group="Live Agent",
    )
    client_secret_cognigy_live_agent: Secret | None = setting(
        "CLIENT_SECRET_COGNIGY_LIVE_AGENT",
        None,
        "Client secret of Live Agent; equals COGNIGY_OAUTH_CLIENT_SECRET there.",
        group="Live Agent",
    )
    client_secret_cognigy_live_agent_previous: Secret | None = setting(
        "CLIENT_SECRET_COGNIGY_LIVE_AGENT_PREVIOUS",
        None,
        "The secret before, valid too while Live Agent still uses it.",
        group="Live Agent",
    )
    redirect_uri_cognigy_live_agent: Address | None = setting(
        "REDIRECT_URI_COGNIGY_LIVE_AGENT",
        None,
        "The one redirect URI of Live Agent: its FRONTEND_URL and /omniauth/cognigy/callback.",
        group="Live Agent",
    )
    cognigy_live_agent_ui_base_url_with_protocol: BaseAddress | None = setting(
        "COGNIGY_LIVE_AGENT_UI_BASE_URL_WITH_PROTOCOL",
        None,
        "Where people reach Live Agent; logging out may return to its /logged-out page.",
        group="Live Agent",
    )
    cognigy_live_agent_api_base_url_with_protocol: BaseAddress | None = setting(
        "COGNIGY_LIVE_AGENT_API_BASE_URL_WITH_PROTOCOL",
        None,
        "Where this server reaches Live Agent. Empty: the same as "
        "COGNIGY_LIVE_AGENT_UI_BASE_URL_WITH_PROTOCOL.",
        fix="Write the address of Live Agent, such as https://live-agent.example.com",
        group="Live Agent",
    )
    cognigy_live_agent_platform_token: Secret | None = setting(
        "COGNIGY_LIVE_AGENT_PLATFORM_TOKEN",
        None,
        "Equals COGNIGY_PLATFORM_APP_TOKEN of Live Agent.",
        group="Live Agent",
    )

    api_access_token_expiration_in_minutes: Annotated[int, between(1, 1440)] = setting(
        "API_ACCESS_TOKEN_EXPIRATION_IN_MINUTES",
        15,
        "Lifetime of access tokens.",
        group="Logging in",
    )
    code_lifetime_seconds: Annotated[int, between(5, 600)] = setting(
        "CODE_LIFETIME_SECONDS",
        60,
        "How long an authorization code may wait to be redeemed.",
        group="Logging in",
    )
    session_lifetime_seconds: Annotated[int, between(300, YEAR)] = setting(
        "SESSION_LIFETIME_SECONDS",
        43_200,
        "How long a login lasts at the platform (12 hours).",
        group="Logging in",
    )
    kept_session_lifetime_seconds: Annotated[int, between(300, YEAR)] = setting(
        "KEPT_SESSION_LIFETIME_SECONDS",
        2_592_000,
        'The same with "Keep me signed in" (30 days).',
        group="Logging in",
    )
    refresh_grace_seconds: Annotated[int, between(0, 300)] = setting(
        "REFRESH_GRACE_SECONDS",
        30,
        "How long a spent refresh token gets the same answer again, for an answer that was lost.",
        group="Logging in",
    )

    audit_event_ttl_in_minutes: Annotated[int, between(0, 100 * YEAR // 60)] = setting(
        "AUDIT_EVENT_TTL_IN_MINUTES",
        43_200,
        "How long audit events are kept (30 days). 0: for ever.",
        group="Audit",
    )

    CHECKS: ClassVar[list[tuple[tuple[str, ...], Check]]] = [
        http_only_on_loopback("BACKEND_BASE_URL_WITH_PROTOCOL", "backend_base_url_with_protocol"),
        http_only_on_loopback("FRONTEND_BASE_URL_WITH_PROTOCOL", "frontend_base_url_with_protocol"),
        http_only_on_loopback("REDIRECT_URI_COGNIGY_LIVE_AGENT", "redirect_uri_cognigy_live_agent"),
        http_only_on_loopback(
            "COGNIGY_LIVE_AGENT_UI_BASE_URL_WITH_PROTOCOL",
            "cognigy_live_agent_ui_base_url_with_protocol",
        ),
        http_only_on_loopback(
            "COGNIGY_LIVE_AGENT_API_BASE_URL_WITH_PROTOCOL",
            "cognigy_live_agent_api_base_url_with_protocol",
        ),
        (
            ("FRONTEND_BASE_URL_WITH_PROTOCOL", "BACKEND_BASE_URL_WITH_PROTOCOL"),
            _pages_at_the_root,
        ),
        (
            (
                "FEATURE_USE_COGNIGY_LIVE_AGENT",
                "CLIENT_SECRET_COGNIGY_LIVE_AGENT",
                "REDIRECT_URI_COGNIGY_LIVE_AGENT",
            ),
            _live_agent_is_complete,
        ),
    ]

    @property
    def issuer(self) -> str:
        """The `iss` of everything that is signed here (RFC 8414 section 2)."""
        return self.backend_base_url_with_protocol

    @property
    def pages_url(self) -> str:
        """Where browsers find the pages."""
        return self.frontend_base_url_with_protocol or self.backend_base_url_with_protocol

    @property
    def live_agent_api_url(self) -> str | None:
        """Where Live Agent's Platform API is called."""
        return (
            self.cognigy_live_agent_api_base_url_with_protocol
            or self.cognigy_live_agent_ui_base_url_with_protocol
        )


# For operators, who have to know on which of the two systems to look.
key_with_side = naming_sides(Settings, here="Cognigy.AI", there="Live Agent")
