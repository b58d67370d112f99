"""Every setting of Live Agent, with the names that existing installations have."""

from typing import Annotated, Any, ClassVar
from urllib.parse import urlsplit

from pydantic import AfterValidator

from kernel.setting_types import RootAddress, between, one_of
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
    setting,
)

ABSENT = "absent"
FROZEN = "frozen"
ROLES = ("administrator", "supervisor", "agent")
DEFAULT_ROLE_MAP = (
    "admin=administrator,liveAgentAdmin=administrator,"
    "liveAgentSupervisor=supervisor,liveAgentAgent=agent"
)


def _role_map(value: str) -> str:
    for pair in value.split(","):
        name, _, role = pair.strip().rpartition("=")
        if not name or role not in ROLES:
            raise ValueError(f"has `{pair.strip()}`, which is not PLATFORM_ROLE={'|'.join(ROLES)}")
    return value


def _absent_needs_userinfo(settings: Any) -> Fault | None:
    if settings.uses_id_token or settings.cognigy_oauth_userinfo_url:
        return None
    return Fault(
        "COGNIGY_OAUTH_USERINFO_URL",
        "is missing although COGNIGY_OAUTH_ID_TOKEN is `absent`",
        "Write the provider's userinfo endpoint",
    )


def _provider_is_somebody_else(settings: Any) -> Fault | None:
    if settings.cognigy_oauth_site != settings.frontend_url:
        return None
    return Fault(
        "COGNIGY_OAUTH_SITE",
        "is Live Agent's own address",
        "Write the address of the platform's API, such as https://api.example.com",
    )


def _hosts_not_swapped(settings: Any) -> Fault | None:
    if urlsplit(settings.cognigy_oauth_token_url or "").path.rstrip("/").endswith("/login"):
        return Fault(
            "COGNIGY_OAUTH_TOKEN_URL",
            "is a login page",
            "Write the API's address, such as https://api.example.com/auth/oauth2/token",
        )
    return None


def _previous_token_has_a_successor(settings: Any) -> Fault | None:
    if settings.cognigy_platform_app_token or not settings.cognigy_platform_app_token_previous:
        return None
    return Fault(
        "COGNIGY_PLATFORM_APP_TOKEN",
        "is missing although COGNIGY_PLATFORM_APP_TOKEN_PREVIOUS is set",
        "Write the new token, or unset the previous one",
    )


class Settings(CommonSettings):
    """The environment of the `live-agent` command."""

    DEFAULT_DATABASE: ClassVar[str] = "live_agent"

    frontend_url: RootAddress = setting(
        "FRONTEND_URL",
        REQUIRED,
        "Where people reach Live Agent.",
        fix="Write the address as browsers see it, such as https://live-agent.example.com",
        group="Addresses",
    )
    port: int = setting("PORT", 3000, "Port that the server listens on.", group="Server")

    cognigy_oauth_client_id: Text = setting(
        "COGNIGY_OAUTH_CLIENT_ID",
        "cognigy-live-agent",
        "Client id; equals CLIENT_ID_COGNIGY_LIVE_AGENT of the platform.",
        group="OAuth",
    )
    cognigy_oauth_client_secret: Secret = setting(
        "COGNIGY_OAUTH_CLIENT_SECRET",
        REQUIRED,
        "Client secret; equals CLIENT_SECRET_COGNIGY_LIVE_AGENT of the platform.",
        fix="Make one with: openssl rand -hex 32, and give it to both sides",
        group="OAuth",
    )
    cognigy_oauth_client_auth: Annotated[
        str, one_of("client_secret_post", "client_secret_basic")
    ] = setting(
        "COGNIGY_OAUTH_CLIENT_AUTH",
        "client_secret_post",
        "`client_secret_post` or `client_secret_basic`.",
        group="OAuth",
    )
    cognigy_oauth_site: BaseAddress = setting(
        "COGNIGY_OAUTH_SITE",
        REQUIRED,
        "Address of the platform's API, with or without `/v2.0`.",
        fix="Write the API's address, such as https://api.example.com",
        group="OAuth",
    )
    cognigy_oauth_issuer: Address | None = setting(
        "COGNIGY_OAUTH_ISSUER",
        None,
        "The issuer, byte by byte. Empty: COGNIGY_OAUTH_SITE less `/v2.0`.",
        group="OAuth",
    )
    cognigy_oauth_authorize_url: Address | None = setting(
        "COGNIGY_OAUTH_AUTHORIZE_URL",
        None,
        "Where the browser is sent to log in, such as "
        "https://cognigy.example.com/login?cognigy-live-agent=true. Empty: discovered.",
        group="OAuth",
    )
    cognigy_oauth_token_url: Address | None = setting(
        "COGNIGY_OAUTH_TOKEN_URL",
        None,
        "Token endpoint, such as https://api.example.com/auth/oauth2/token. Empty: discovered.",
        group="OAuth",
    )
    cognigy_oauth_jwks_url: Address | None = setting(
        "COGNIGY_OAUTH_JWKS_URL", None, "Keys of the provider. Empty: discovered.", group="OAuth"
    )
    cognigy_oauth_userinfo_url: Address | None = setting(
        "COGNIGY_OAUTH_USERINFO_URL",
        None,
        "Read instead of an ID token when COGNIGY_OAUTH_ID_TOKEN is `absent`.",
        group="OAuth",
    )
    cognigy_oauth_id_token: Annotated[str, one_of("required", ABSENT)] = setting(
        "COGNIGY_OAUTH_ID_TOKEN",
        "required",
        "`required`, or `absent` for a provider that issues none.",
        group="OAuth",
    )
    cognigy_oauth_scopes: Text = setting(
        "COGNIGY_OAUTH_SCOPES",
        "openid profile email organisation roles",
        "Scopes that are asked for.",
        group="OAuth",
    )
    cognigy_oauth_organisation_claim: Text = setting(
        "COGNIGY_OAUTH_ORGANISATION_CLAIM",
        "organisation",
        "The claim with the organisation's id; dots lead into objects. "
        "`iss` takes the whole provider as one organisation.",
        group="OAuth",
    )
    cognigy_oauth_roles_claim: Text = setting(
        "COGNIGY_OAUTH_ROLES_CLAIM",
        "roles",
        "The claim with the list of roles; dots lead into objects (`realm_access.roles`).",
        group="OAuth",
    )
    cognigy_oauth_role_map: Annotated[str, AfterValidator(_role_map)] = setting(
        "COGNIGY_OAUTH_ROLE_MAP",
        DEFAULT_ROLE_MAP,
        "Which role of the provider gives which role here.",
        fix="Write pairs such as liveAgentAgent=agent, separated by commas",
        group="OAuth",
    )
    cognigy_oauth_timeout_seconds: Annotated[int, between(1, 60)] = setting(
        "COGNIGY_OAUTH_TIMEOUT_SECONDS",
        10,
        "How long an answer of the provider is waited for.",
        group="OAuth",
    )
    cognigy_oauth_clock_skew_seconds: Annotated[int, between(0, 300)] = setting(
        "COGNIGY_OAUTH_CLOCK_SKEW_SECONDS",
        60,
        "How far the provider's clock may be from ours.",
        group="OAuth",
    )
    cognigy_ai_ui_base_url_with_protocol: BaseAddress | None = setting(
        "COGNIGY_AI_UI_BASE_URL_WITH_PROTOCOL",
        None,
        'The platform\'s pages; gives the "Cognigy.AI" link in the profile menu.',
        group="Addresses",
    )
    cognigy_platform_app_token: Secret | None = setting(
        "COGNIGY_PLATFORM_APP_TOKEN",
        None,
        "Equals COGNIGY_LIVE_AGENT_PLATFORM_TOKEN of the platform. Empty: no Platform API, so that "
        "Cognigy.AI cannot set accounts up.",
        fix="Make one with: openssl rand -hex 32, and give it to both sides",
        group="Platform API",
    )
    cognigy_platform_app_token_previous: Secret | None = setting(
        "COGNIGY_PLATFORM_APP_TOKEN_PREVIOUS",
        None,
        "The token before, accepted too while both sides change over. Unset it afterwards.",
        group="Platform API",
    )

    access_recheck_seconds: Annotated[int, between(10, 3600)] = setting(
        "ACCESS_RECHECK_SECONDS",
        300,
        "How often at most a session asks the platform whether its person still has access.",
        group="Logging in",
    )
    access_grace_seconds: Annotated[int, between(60, 86_400)] = setting(
        "ACCESS_GRACE_SECONDS",
        3600,
        "How long sessions go on while the platform does not answer.",
        group="Logging in",
    )
    local_users: Annotated[str, one_of("allowed", FROZEN)] = setting(
        "LOCAL_USERS",
        FROZEN,
        "`frozen`: people are created and changed in Cognigy.AI alone. `allowed`: administrators "
        "may add and change users who log in with a password at /old-login.",
        group="Logging in",
    )
    way_back_days: Annotated[int, between(0, 365)] = setting(
        "WAY_BACK_DAYS",
        30,
        "How long after the move an administrator can put a user back to the old login.",
        group="Logging in",
    )
    erase_deleted_users_after_days: Annotated[int, between(0, 3650)] = setting(
        "ERASE_DELETED_USERS_AFTER_DAYS",
        30,
        "When name and address of somebody go who was deleted in Cognigy.AI.",
        group="Logging in",
    )

    audit_event_ttl_in_minutes: Annotated[int, between(0, 10_000_000)] = setting(
        "AUDIT_EVENT_TTL_IN_MINUTES",
        525_600,
        "How long the audit log is kept: a year. `0`: for ever.",
        group="Logging in",
    )

    CHECKS: ClassVar[list[tuple[tuple[str, ...], Check]]] = [
        http_only_on_loopback("FRONTEND_URL", "frontend_url"),
        http_only_on_loopback("COGNIGY_OAUTH_SITE", "cognigy_oauth_site"),
        http_only_on_loopback("COGNIGY_OAUTH_ISSUER", "cognigy_oauth_issuer"),
        http_only_on_loopback("COGNIGY_OAUTH_AUTHORIZE_URL", "cognigy_oauth_authorize_url"),
        http_only_on_loopback("COGNIGY_OAUTH_TOKEN_URL", "cognigy_oauth_token_url"),
        http_only_on_loopback("COGNIGY_OAUTH_JWKS_URL", "cognigy_oauth_jwks_url"),
        http_only_on_loopback("COGNIGY_OAUTH_USERINFO_URL", "cognigy_oauth_userinfo_url"),
        (("COGNIGY_OAUTH_ID_TOKEN", "COGNIGY_OAUTH_USERINFO_URL"), _absent_needs_userinfo),
        (("COGNIGY_OAUTH_TOKEN_URL",), _hosts_not_swapped),
        (("COGNIGY_OAUTH_SITE", "FRONTEND_URL"), _provider_is_somebody_else),
        (
            ("COGNIGY_PLATFORM_APP_TOKEN", "COGNIGY_PLATFORM_APP_TOKEN_PREVIOUS"),
            _previous_token_has_a_successor,
        ),
    ]

    @property
    def issuer(self) -> str:
        """The issuer that ID tokens must name."""
        return self.cognigy_oauth_issuer or self.cognigy_oauth_site.removesuffix("/v2.0").rstrip(
            "/"
        )

    @property
    def redirect_uri(self) -> str:
        """The one redirect URI, registered on the platform."""
        return f"{self.frontend_url}/omniauth/cognigy/callback"

    @property
    def allows_local_users(self) -> bool:
        return self.local_users != FROZEN

    def platform_tokens(self) -> tuple[str, ...]:
        """What opens the Platform API: nothing, one token, or during a rotation two."""
        given = (self.cognigy_platform_app_token, self.cognigy_platform_app_token_previous)
        return tuple(token.get_secret_value() for token in given if token is not None)

    @property
    def uses_id_token(self) -> bool:
        return self.cognigy_oauth_id_token != ABSENT

    def role_map(self) -> dict[str, str]:
        """Role of the provider → role of Live Agent."""
        pairs = (pair.strip().rpartition("=") for pair in self.cognigy_oauth_role_map.split(","))
        return {name: role for name, _, role in pairs}
