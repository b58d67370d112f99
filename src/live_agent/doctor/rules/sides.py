"""What each side says of itself: values by environment key, secrets as fingerprints only."""

from collections.abc import Mapping
from dataclasses import dataclass, field

CALLBACK = "/omniauth/cognigy/callback"
AUTHORIZE, LOGIN, TOKEN = "/auth/oauth2/authorize", "/login", "/auth/oauth2/token"
CLIENT_ID = "cognigy-live-agent"  # the default of both sides
DEFAULT_PORTS = {"http": "80", "https": "443"}
LIVE_AGENT_ROLES = ("admin", "liveAgentAdmin", "liveAgentSupervisor", "liveAgentAgent")
# Every global role of Cognigy.AI; a test compares them with the platform's own.
PLATFORM_ROLES = (
    *LIVE_AGENT_ROLES,
    "base_role",
    "apiKeys",
    "basicSupportUser",
    "fullSupportUser",
    "odata",
    "opsCenterUser",
    "projectAssigner",
    "projectManager",
    "userDetailsViewer",
    "userManager",
    "voiceGatewayUser",
)
PLATFORM_SCOPES = ("openid", "profile", "email", "organisation", "roles")
TRUE_WORDS = frozenset({"true", "1", "yes", "on", "t", "y"})  # as pydantic reads a bool


@dataclass(frozen=True, slots=True)
class Side:
    """`secrets` are fingerprints made with one key for both sides, so that equal ones show.

    `hidden` are secrets that are set, but cannot be read where the values came from.
    """

    values: Mapping[str, str] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    hidden: frozenset[str] = frozenset()

    def get(self, key: str) -> str:
        """The value without blanks around it; empty if it is unset."""
        return self.values.get(key, "").strip()

    def has(self, secret: str) -> bool:
        return secret in self.secrets or secret in self.hidden

    def is_on(self, key: str) -> bool:
        return self.get(key).lower() in TRUE_WORDS


def base_of(address: str) -> str:
    """An address to compare by: no slash at the end, scheme and host in small letters."""
    scheme, separator, rest = address.strip().partition("://")
    if not separator:
        return address.strip().rstrip("/")
    host, slash, path = rest.partition("/")
    host = host.lower().removesuffix(f":{DEFAULT_PORTS.get(scheme.lower(), '')}")
    return f"{scheme.lower()}://{host}{slash}{path}".rstrip("/")


def origin_of(address: str) -> str:
    """Scheme, host and port."""
    scheme, separator, rest = base_of(address.partition("?")[0]).partition("://")
    return f"{scheme}{separator}{rest.partition('/')[0]}"


def path_of(address: str) -> str:
    """The path without its query."""
    bare = base_of(address.partition("?")[0])
    return bare.removeprefix(origin_of(address))


def site_of(live_agent: Side) -> str:
    """The API's address as Live Agent has it."""
    return base_of(live_agent.get("COGNIGY_OAUTH_SITE")).removesuffix("/v2.0").rstrip("/")


def api_of(cognigy_ai: Side) -> str:
    """The API's address as the platform has it: its issuer."""
    return base_of(cognigy_ai.get("BACKEND_BASE_URL_WITH_PROTOCOL"))


def pages_of(cognigy_ai: Side) -> str:
    """Where the platform's pages are."""
    return base_of(cognigy_ai.get("FRONTEND_BASE_URL_WITH_PROTOCOL")) or api_of(cognigy_ai)
