"""Where a value is set: the environment key, and the Helm value that becomes it."""

from dataclasses import dataclass
from enum import Enum


class System(Enum):
    """The two sides."""

    LIVE_AGENT = "Live Agent"
    COGNIGY_AI = "Cognigy.AI"
    PROVIDER = "the provider"  # somebody else's


# What is not `configmap.KEY` (Live Agent) or `cognigyEnv.KEY` (Cognigy.AI).
_HELM = {
    System.LIVE_AGENT: {
        "FRONTEND_URL": "ingress.hosts[0].host or frontendUrlOverride, with urlProtocol",
        "COGNIGY_OAUTH_CLIENT_SECRET": "cognigyOAuth.existingSecret, "
        "cognigyOAuth.existingSecretKey",
        "COGNIGY_PLATFORM_APP_TOKEN": "cognigyPlatformAppToken.existingSecret, "
        "cognigyPlatformAppToken.existingSecretKey",
        "SECRET_KEY_BASE": "cookiesIntegrity.existingSecret, cookiesIntegrity.existingSecretKey",
        "SSL_CA_FILE": "restClient.ssl.CASecret, restClient.ssl.CASecretKey",
        "REST_CLIENT_SSL_VERIFICATION": "restClient.ssl.verification",
        "DATABASE_URL": "postgresql.auth.existingSecret",
        "POSTGRES_HOST": "postgresql.postgresqlHost",
        "POSTGRES_PASSWORD": "postgresql.auth.existingSecret",
        "REDIS_URL": "redis.redisHost, redis.auth.existingSecret",
        "SMTP_PASSWORD": "smtp.secret, smtp.secretPasswordKey",
    },
    System.COGNIGY_AI: {
        "COGNIGY_LIVE_AGENT_PLATFORM_TOKEN": "cognigyLiveAgent.existingSecret",
        "SSL_CA_FILE": "restClient.ssl.CASecret",
    },
}
_PREFIXES = {System.LIVE_AGENT: "configmap.", System.COGNIGY_AI: "cognigyEnv."}


@dataclass(frozen=True, slots=True)
class Place:
    """A key of one system's environment."""

    system: System
    key: str

    @property
    def helm(self) -> str:
        """Empty for what is no key of an environment."""
        if self.system is System.PROVIDER or not self.key.isupper():
            return ""
        return _HELM[self.system].get(self.key, _PREFIXES[self.system] + self.key)

    def __str__(self) -> str:
        return f"{self.key} ({self.system.value})"


def live_agent(key: str) -> Place:
    """A key of Live Agent."""
    return Place(System.LIVE_AGENT, key)


def cognigy_ai(key: str) -> Place:
    """A key of Cognigy.AI."""
    return Place(System.COGNIGY_AI, key)
