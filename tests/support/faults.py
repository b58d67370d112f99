"""Faults of a configuration, each one change to a pair that works, and what has to be named.

`{desk}`, `{api}` and `{pages}` are the addresses of the pair; at `{nobody}` nobody listens and
`{stranger}` is somebody else's server. `expected` is the check and the places to change, written
`LA KEY` and `AI KEY`.
"""

from dataclasses import dataclass, field

LOGIN, CALLBACK = "/login?cognigy-live-agent=true", "/omniauth/cognigy/callback"
TOKEN, KEYS = "/auth/oauth2/token", "/.well-known/jwks.json"
DISCOVERY = "/.well-known/openid-configuration"
OTHER_SECRET = "another-secret-0123456789-abcdef"


@dataclass(frozen=True)
class Fault:
    """`here` and `there` are changes to the environments; an empty value unsets a key."""

    name: str
    title: str
    expected: dict[str, tuple[str, ...]]
    here: dict[str, str] = field(default_factory=dict)
    there: dict[str, str] = field(default_factory=dict)
    answers: dict[str, str] = field(default_factory=dict)  # path of the platform → what is answered
    certificate: str = ""  # of the platform: expired, unknown, other_host
    seconds_ahead: int = 0  # of the platform's clock
    down: bool = False
    account_of: str = "acme"  # the organisation that the account is mapped to
    version: str = ""  # of the desk's tables
    smtp: str = ""  # the mail server: refuses, or is away
    offline: bool = False  # both value files show it


def _id(name: str, title: str, expected: dict[str, tuple[str, ...]], **changes: object) -> Fault:
    return Fault(name, title, expected, **changes)  # type: ignore[arg-type]


FAULTS = (
    _id("client_id", "Live Agent has another client id",
        {"client_id": ("LA COGNIGY_OAUTH_CLIENT_ID",)},
        here={"COGNIGY_OAUTH_CLIENT_ID": "live-agent-test"}, offline=True),
    _id("client_id_there", "Cognigy.AI has another client id",
        {"client_id": ("AI CLIENT_ID_COGNIGY_LIVE_AGENT",)},
        there={"CLIENT_ID_COGNIGY_LIVE_AGENT": "live-agent-test"}, offline=True),
    _id("client_secret", "The client secrets differ",
        {"client_secret": ("LA COGNIGY_OAUTH_CLIENT_SECRET",
                           "AI CLIENT_SECRET_COGNIGY_LIVE_AGENT")},
        here={"COGNIGY_OAUTH_CLIENT_SECRET": OTHER_SECRET}, offline=True),
    _id("redirect_uri", "The redirect URI is registered for another host",
        {"redirect_uri": ("AI REDIRECT_URI_COGNIGY_LIVE_AGENT",)},
        there={"REDIRECT_URI_COGNIGY_LIVE_AGENT": "{nobody}" + CALLBACK}, offline=True),
    _id("trailing_slash", "The registered redirect URI ends with a slash",
        {"redirect_uri": ("AI REDIRECT_URI_COGNIGY_LIVE_AGENT",)},
        there={"REDIRECT_URI_COGNIGY_LIVE_AGENT": "{desk}" + CALLBACK + "/"}, offline=True),
    _id("https", "The registered redirect URI says https, Live Agent http",
        {"redirect_uri": ("AI REDIRECT_URI_COGNIGY_LIVE_AGENT",)},
        there={"REDIRECT_URI_COGNIGY_LIVE_AGENT": "{desk_https}" + CALLBACK}, offline=True),
    _id("frontend_url", "FRONTEND_URL is another name than the one that Cognigy.AI knows",
        {"redirect_uri": ("LA FRONTEND_URL",)},
        here={"FRONTEND_URL": "{desk_alias}"}, offline=True),
    _id("live_agent_address", "Cognigy.AI leads people to another address",
        {"live_agent_address": ("AI COGNIGY_LIVE_AGENT_UI_BASE_URL_WITH_PROTOCOL",)},
        there={"COGNIGY_LIVE_AGENT_UI_BASE_URL_WITH_PROTOCOL": "{nobody}"}, offline=True),
    _id("v2_in_token_url", "The token endpoint is written with /v2.0",
        {"token_url": ("LA COGNIGY_OAUTH_TOKEN_URL",)},
        here={"COGNIGY_OAUTH_TOKEN_URL": "{api}/v2.0" + TOKEN}, offline=True),
    _id("v2_in_issuer", "The issuer is written with /v2.0",
        {"issuer": ("LA COGNIGY_OAUTH_ISSUER",)},
        here={"COGNIGY_OAUTH_ISSUER": "{api}/v2.0"}, offline=True),
    _id("issuer_slash", "The issuer ends with a slash",
        {"issuer": ("LA COGNIGY_OAUTH_ISSUER",)},
        here={"COGNIGY_OAUTH_ISSUER": "{api}/"}, offline=True),
    _id("swapped_hosts", "The hosts of the API and of the pages are swapped",
        {"token_url": ("LA COGNIGY_OAUTH_TOKEN_URL",),
         "authorize_url": ("LA COGNIGY_OAUTH_AUTHORIZE_URL",)},
        here={"COGNIGY_OAUTH_TOKEN_URL": "{pages}" + TOKEN,
              "COGNIGY_OAUTH_AUTHORIZE_URL": "{api}" + LOGIN}, offline=True),
    _id("authorize_path", "The browser is sent to a page that does not exist",
        {"authorize_url": ("LA COGNIGY_OAUTH_AUTHORIZE_URL",)},
        here={"COGNIGY_OAUTH_AUTHORIZE_URL": "{pages}/v2.0" + LOGIN}, offline=True),
    _id("cognigy_link", "The link to Cognigy.AI leads to another host",
        {"cognigy_link": ("LA COGNIGY_AI_UI_BASE_URL_WITH_PROTOCOL",)},
        here={"COGNIGY_AI_UI_BASE_URL_WITH_PROTOCOL": "{api}"}, offline=True),
    _id("token_url", "Nobody listens where the token endpoint is written",
        {"token_url": ("LA COGNIGY_OAUTH_TOKEN_URL",)},
        here={"COGNIGY_OAUTH_TOKEN_URL": "{nobody}" + TOKEN}, offline=True),
    _id("site", "Nobody listens where the site is written",
        {"site": ("LA COGNIGY_OAUTH_SITE",)},
        here={"COGNIGY_OAUTH_SITE": "{nobody}"}, offline=True),
    _id("backend", "Cognigy.AI calls itself by another name than all of Live Agent's keys",
        {"api_address": ("AI BACKEND_BASE_URL_WITH_PROTOCOL",)},
        there={"BACKEND_BASE_URL_WITH_PROTOCOL": "{pages}"}, offline=True),
    _id("down", "Cognigy.AI is down",
        {"reach": ("LA COGNIGY_OAUTH_SITE", "LA COGNIGY_OAUTH_TOKEN_URL")}, down=True),
    _id("dns", "The name of the API does not exist",
        {"reach": ("LA COGNIGY_OAUTH_SITE", "LA COGNIGY_OAUTH_TOKEN_URL")},
        here={"COGNIGY_OAUTH_SITE": "http://api.localhost:{port}",
              "COGNIGY_OAUTH_TOKEN_URL": "http://api.localhost:{port}" + TOKEN}),
    _id("slow", "The token endpoint is slower than COGNIGY_OAUTH_TIMEOUT_SECONDS",
        {"reach": ("LA COGNIGY_OAUTH_TOKEN_URL",)}, answers={TOKEN: "slow"},
        here={"COGNIGY_OAUTH_TIMEOUT_SECONDS": "1"}),
    _id("html", "A page answers at the token endpoint",
        {"reach": ("LA COGNIGY_OAUTH_TOKEN_URL",)}, answers={TOKEN: "html"}),
    _id("html_discovery", "A page answers instead of the discovery document",
        {"reach": ("LA COGNIGY_OAUTH_SITE",)}, answers={DISCOVERY: "html"}),
    _id("redirect", "The token endpoint answers with a redirect",
        {"reach": ("LA COGNIGY_OAUTH_TOKEN_URL",)}, answers={TOKEN: "redirect"}),
    _id("busy", "The token endpoint answers 503",
        {"reach": ("LA COGNIGY_OAUTH_TOKEN_URL",)}, answers={TOKEN: "busy"}),
    _id("expired_certificate", "The certificate of Cognigy.AI is expired",
        {"reach": ("LA COGNIGY_OAUTH_SITE", "LA COGNIGY_OAUTH_TOKEN_URL")},
        certificate="expired"),
    _id("unknown_authority", "Nobody here knows who signed the certificate",
        {"reach": ("LA SSL_CA_FILE",)}, certificate="unknown"),
    _id("other_certificate", "The certificate is for another host",
        {"reach": ("LA COGNIGY_OAUTH_SITE", "LA COGNIGY_OAUTH_TOKEN_URL")},
        certificate="other_host"),
    _id("clock_ahead", "The clock of Cognigy.AI is ten minutes ahead",
        {"clock": ("LA COGNIGY_OAUTH_CLOCK_SKEW_SECONDS",)}, seconds_ahead=600),
    _id("clock_behind", "The clock of Cognigy.AI is ten minutes behind",
        {"clock": ("LA COGNIGY_OAUTH_CLOCK_SKEW_SECONDS",)}, seconds_ahead=-600),
    _id("organisation_lost", "Live Agent is set up for an organisation that has no account here",
        {"organisations": ("LA live-agent accounts map",)}, account_of=""),
    _id("organisation_unknown", "The account belongs to an organisation that does not exist",
        {"organisations": ("LA live-agent accounts map",)}, account_of="nowhere"),
    _id("platform_token", "The platform tokens differ",
        {"platform_token": ("LA COGNIGY_PLATFORM_APP_TOKEN",
                            "AI COGNIGY_LIVE_AGENT_PLATFORM_TOKEN")},
        here={"COGNIGY_PLATFORM_APP_TOKEN": OTHER_SECRET}, offline=True),
    _id("platform_token_there", "Cognigy.AI has no platform token",
        {"platform_token": ("AI COGNIGY_LIVE_AGENT_PLATFORM_TOKEN",)},
        there={"COGNIGY_LIVE_AGENT_PLATFORM_TOKEN": ""}, offline=True),
    _id("platform_token_here", "Live Agent has no platform token",
        {"platform_token": ("LA COGNIGY_PLATFORM_APP_TOKEN",)},
        here={"COGNIGY_PLATFORM_APP_TOKEN": ""}, offline=True),
    _id("both_secrets", "Client secret and platform token both differ",
        {"client": ("LA COGNIGY_OAUTH_CLIENT_ID", "LA COGNIGY_OAUTH_CLIENT_SECRET",
                    "AI CLIENT_ID_COGNIGY_LIVE_AGENT", "AI CLIENT_SECRET_COGNIGY_LIVE_AGENT"),
         "platform_token": ("LA COGNIGY_PLATFORM_APP_TOKEN",
                            "AI COGNIGY_LIVE_AGENT_PLATFORM_TOKEN")},
        here={"COGNIGY_PLATFORM_APP_TOKEN": OTHER_SECRET,
              "COGNIGY_OAUTH_CLIENT_SECRET": OTHER_SECRET[::-1]}),
    _id("feature", "FEATURE_USE_COGNIGY_LIVE_AGENT is off",
        {"feature": ("AI FEATURE_USE_COGNIGY_LIVE_AGENT",)},
        there={"FEATURE_USE_COGNIGY_LIVE_AGENT": "false"}, offline=True),
    _id("empty_keys", "Cognigy.AI publishes no key",
        {"keys": ("PROVIDER jwks_uri",)}, answers={KEYS: "no_keys"}),
    _id("other_keys", "The keys are those of another provider",
        {"keys": ("LA COGNIGY_OAUTH_JWKS_URL",)},
        here={"COGNIGY_OAUTH_JWKS_URL": "{stranger}/keys"}),
    _id("algorithm", "The provider signs with an algorithm that is not accepted",
        {"keys": ("PROVIDER id_token_signed_response_alg",)}, answers={KEYS: "odd_keys"}),
    _id("role_map", "The role map names roles that Cognigy.AI does not have",
        {"roles": ("LA COGNIGY_OAUTH_ROLE_MAP",)},
        here={"COGNIGY_OAUTH_ROLE_MAP": "agents=agent,supervisors=supervisor"}, offline=True),
    _id("scopes", "The scopes leave roles and organisation out",
        {"scopes": ("LA COGNIGY_OAUTH_SCOPES",)},
        here={"COGNIGY_OAUTH_SCOPES": "openid profile email"}, offline=True),
    _id("claims", "The claim of the roles has another name",
        {"claims": ("LA COGNIGY_OAUTH_ROLES_CLAIM",)},
        here={"COGNIGY_OAUTH_ROLES_CLAIM": "groups"}, offline=True),
    _id("smtp_away", "Nobody answers at the mail server",
        {"mail": ("LA SMTP_ADDRESS",)}, smtp="away"),
    _id("smtp_password", "The mail server refuses the password",
        {"mail": ("LA SMTP_PASSWORD",)}, smtp="refuses"),
    _id("valkey_away", "Nobody answers at Valkey's address",
        {"bus": ("LA REDIS_URL",)}, here={"REDIS_URL": "redis://{nobody_host}/0"}),
    _id("old_schema", "The tables are those of an earlier version",
        {"database": ("LA live-agent database upgrade",)}, version="0001"),
    _id("way_back", "Cognigy.AI calls Live Agent where nobody listens",
        {"way_back": ("AI COGNIGY_LIVE_AGENT_API_BASE_URL_WITH_PROTOCOL",)},
        there={"COGNIGY_LIVE_AGENT_API_BASE_URL_WITH_PROTOCOL": "{nobody}"}),
    _id("way_back_stranger", "Cognigy.AI calls another server instead of Live Agent",
        {"way_back": ("AI COGNIGY_LIVE_AGENT_API_BASE_URL_WITH_PROTOCOL",)},
        there={"COGNIGY_LIVE_AGENT_API_BASE_URL_WITH_PROTOCOL": "{stranger}"}),
    _id("placeholder", "A value is still a placeholder",
        {"setting": ("LA COGNIGY_OAUTH_SITE",)},
        here={"COGNIGY_OAUTH_SITE": "https://<installation.domain.com>"}, offline=True),
)  # fmt: skip
