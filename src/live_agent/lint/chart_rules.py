"""What the templates of the charts refuse, seen in a values file before anything is installed.

The counterpart of `charts/common/templates/_checks.tpl`; a test asks both. What one value says by
itself is judged by the settings.
"""

from collections.abc import Iterator

from kernel.settings import Fault
from live_agent.helm.places import FEATURE
from live_agent.helm.values import Given, Values, is_on, text_at

# With the login of Live Agent on.
OF_THE_LOGIN = (
    "CLIENT_SECRET_COGNIGY_LIVE_AGENT",
    "COGNIGY_LIVE_AGENT_PLATFORM_TOKEN",
    "REDIRECT_URI_COGNIGY_LIVE_AGENT",
)
SAME = "Write the same value as on the other side"


def refused(given: Given) -> Iterator[Fault]:
    """Each with the key, or with the value where no key of the environment is made of it."""
    values = given.values
    if values is None:
        return
    if not text_at(values, "image.repository"):
        fix = "Name the image that you pushed, such as registry.example.com/name"
        yield Fault("image.repository", "is missing", fix)
    yield from _login(given, values)
    yield from _database(given, values)
    if is_on(values, "redis.enabled"):
        fault = "is on, but the chart brings no Valkey or Redis"
        yield Fault(
            "redis.enabled",
            fault,
            "Set it to false, and name yours in redis.host (or none)",
        )
    if _has(given, "SMTP_USERNAME") and not _has(given, "SMTP_PASSWORD"):
        fault = "is missing although SMTP_USERNAME is set"
        yield Fault("SMTP_PASSWORD", fault, "Name the secret that holds it in smtp.secret")
    if text_at(values, "restClient.ssl.clientCertSecret"):
        fault = "is set, but no client certificate is shown to others"
        yield Fault("restClient.ssl.clientCertSecret", fault, "Remove it")
    yield from _ingress(given, values)


def _login(given: Given, values: Values) -> Iterator[Fault]:
    """What both sides must have."""
    if FEATURE in dict(given.chart.defaults):
        if given.environment.get(FEATURE, "").lower() == "true":
            for key in OF_THE_LOGIN:
                if not _has(given, key):
                    yield Fault(key, f"is missing although {FEATURE} is on", SAME)
    elif is_on(values, "cognigyPlatformAppToken.enabled", default=True):
        key = "COGNIGY_PLATFORM_APP_TOKEN"
        if not _has(given, key):
            fix = f"{SAME}, or set cognigyPlatformAppToken.enabled to false for another provider"
            yield Fault(key, "is missing", fix)


def _database(given: Given, values: Values) -> Iterator[Fault]:
    address = "DATABASE_URL"
    if is_on(values, "postgresql.enabled"):
        fault = "is on, but the chart brings no PostgreSQL"
        yield Fault(
            "postgresql.enabled",
            fault,
            "Set it to false, and name yours in postgresql.host",
        )
    elif not _has(given, "POSTGRES_HOST") and not _has(given, address):
        yield Fault("POSTGRES_HOST", "is missing", "Name the host of PostgreSQL")
    elif not _has(given, "POSTGRES_PASSWORD") and not _has(given, address):
        fix = "Name the secret that holds the password of the database's user"
        yield Fault("POSTGRES_PASSWORD", "is missing", fix)
    if given.environment.get(address, "").startswith("sqlite:"):
        yield Fault(address, "names SQLite, which serves one process", "Name a PostgreSQL")


def _ingress(given: Given, values: Values) -> Iterator[Fault]:
    """Behind an ingress every request comes from its pods (kernel.throttle: NETWORK)."""
    if is_on(values, "ingress.enabled", default=True) and not _has(given, "TRUSTED_PROXIES"):
        yield Fault(
            "TRUSTED_PROXIES",
            "is missing, so that everybody has the address of the ingress: "
            "50 wrong passwords, whoever types them, lock everybody out",
            "Name the networks of the ingress controller's pods, such as 10.0.0.0/8",
        )


def _has(given: Given, key: str) -> bool:
    return key in given.hidden or bool(given.environment.get(key))
