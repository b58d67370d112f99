"""Which Helm value becomes which key of the environment, on each side.

The charts read the same table (`charts/*/files/environment.yaml`, made from it by `make docs`), so
that the linter and the doctor name a place that exists.
"""

from dataclasses import dataclass

# A demo is not installed with a chart.
NOT_WRITTEN = frozenset({"DEMO_MAIL_FOLDER"})


@dataclass(frozen=True, slots=True)
class Existing:
    """A secret that is in the cluster already: where its name and its key are written."""

    name: str
    key: str = ""
    default_key: str = ""


@dataclass(frozen=True, slots=True)
class Block:
    """A key that has values of its own; the first one that is written counts."""

    key: str
    paths: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SecretBlock:
    """A secret: an existing one before a written one."""

    key: str
    existing: tuple[Existing, ...] = ()
    paths: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Chart:
    """One chart. `environment` is the value whose keys are passed on as they are."""

    name: str
    side: str
    environment: str
    port: int
    secrets: tuple[SecretBlock, ...]
    blocks: tuple[Block, ...]
    elsewhere: tuple[tuple[str, str], ...]  # what the templates put together, and from which value
    defaults: tuple[tuple[str, str], ...] = ()  # what the chart says, but not the program

    def places_of(self, key: str) -> tuple[str, ...]:
        """Every value that can become the key, the usual one first; none for `NOT_WRITTEN`."""
        own: list[str] = []
        if key in NOT_WRITTEN:
            return ()
        for secret in self.secrets:
            if secret.key == key:
                own += [one.name for one in secret.existing]
                own += secret.paths
        for block in self.blocks:
            if block.key == key:
                own += block.paths
        own += [path for of, path in self.elsewhere if of == key]
        return (*own, f"{self.environment}.{key}")

    def place_of(self, key: str) -> str:
        """Where it is usually written; empty if no value becomes it."""
        return next(iter(self.places_of(key)), "")


def _blocks() -> tuple[Block, ...]:
    return (
        Block("POSTGRES_HOST", ("postgresql.host", "postgresql.postgresqlHost")),
        Block("POSTGRES_PORT", ("postgresql.port", "postgresql.postgresqlPort")),
        Block("POSTGRES_USERNAME", ("postgresql.auth.username",)),
        Block("POSTGRES_DB", ("postgresql.auth.database",)),
        Block("POSTGRES_SSL_MODE", ("postgresql.sslMode",)),
        Block("REST_CLIENT_SSL_VERIFICATION", ("restClient.ssl.verification",)),
        Block("PROMETHEUS_ENABLED", ("metrics.enabled",)),
        Block("PROMETHEUS_EXPORTER_PORT", ("metrics.port",)),
    )


def _secret(key: str, block: str, default_key: str, value: str) -> tuple[SecretBlock, SecretBlock]:
    """The secret, and the one before it while both sides change over."""
    name = f"{block}.existingSecret"
    return (
        SecretBlock(
            key,
            (Existing(name, f"{block}.existingSecretKey", default_key),),
            (f"{block}.{value}",),
        ),
        SecretBlock(
            f"{key}_PREVIOUS",
            (Existing(name, f"{block}.existingSecretPreviousKey"),),
            (f"{block}.previous",),
        ),
    )


def _common_secrets(*smtp: Existing, smtp_paths: tuple[str, ...]) -> tuple[SecretBlock, ...]:
    return (
        *_secret("SECRET_KEY_BASE", "cookiesIntegrity", "cookies-integrity-key", "secret"),
        SecretBlock(
            "POSTGRES_PASSWORD",
            (
                Existing(
                    "postgresql.auth.existingSecret",
                    "postgresql.auth.secretKeys.adminPasswordKey",
                    "postgres-password",
                ),
            ),
            ("postgresql.auth.postgresPassword", "postgresql.auth.password"),
        ),
        SecretBlock("SMTP_PASSWORD", smtp, smtp_paths),
        SecretBlock("DATABASE_URL"),
    )


SMTP = Existing("smtp.secret", "smtp.secretPasswordKey", "smtp-password")
FRONTEND_URL, REDIS_URL = "FRONTEND_URL", "REDIS_URL"
FEATURE = "FEATURE_USE_COGNIGY_LIVE_AGENT"
ELSEWHERE = (
    ("DATABASE_URL", "secretEnvironment.DATABASE_URL"),
    (REDIS_URL, "redis.host"),
    ("SSL_CA_FILE", "restClient.ssl.CASecret"),
    ("TLS_CERT_FILE", "tls.existingSecret"),
    ("TLS_KEY_FILE", "tls.existingSecret"),
)
PLATFORM_TOKEN = "cognigy-platform-app-token"  # noqa: S105 - the name of a secret's key

LIVE_AGENT = Chart(
    "live-agent",
    "Live Agent",
    "configmap",
    3000,
    (
        *_secret("COGNIGY_OAUTH_CLIENT_SECRET", "cognigyOAuth", "cognigy-oauth-secret", "secret")[
            :1
        ],
        *_secret("COGNIGY_PLATFORM_APP_TOKEN", "cognigyPlatformAppToken", PLATFORM_TOKEN, "token"),
        *_common_secrets(SMTP, smtp_paths=("smtp.password",)),
    ),
    _blocks(),
    (
        (FRONTEND_URL, "ingress.hosts[0].host"),
        (FRONTEND_URL, "frontendUrlOverride"),
        *ELSEWHERE,
    ),
)
COGNIGY_AI = Chart(
    "cognigy-ai",
    "Cognigy.AI",
    "cognigyEnv",
    8000,
    (
        *_secret(
            "CLIENT_SECRET_COGNIGY_LIVE_AGENT", "cognigyOAuth", "cognigy-oauth-secret", "secret"
        ),
        SecretBlock(
            "COGNIGY_LIVE_AGENT_PLATFORM_TOKEN",
            (
                Existing(
                    "cognigyLiveAgent.existingSecret",
                    "cognigyLiveAgent.existingSecretKey",
                    "cognigy-live-agent-platform-token",
                ),
            ),
            ("cognigyLiveAgent.platformToken",),
        ),
        *_common_secrets(
            SMTP,
            Existing("smtpPasswordExistingSecret", "", "system-smtp-password"),
            smtp_paths=("smtp.password", "smtpPassword"),
        ),
    ),
    _blocks(),
    ELSEWHERE,
    ((FEATURE, "true"),),
)
CHARTS = (LIVE_AGENT, COGNIGY_AI)
