"""What a program would get from values, as its chart puts it together.

The same as `charts/common/templates/_values.tpl`; a test compares both for the same values.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from live_agent.helm.places import FRONTEND_URL, REDIS_URL, Chart, SecretBlock

Values = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Given:
    """One side: `environment` as far as it can be read, secrets in clear among it.

    `hidden` are secrets that are in the cluster, `places` where in the values each key was found,
    `values` the whole file; None for an environment.
    """

    chart: Chart
    environment: Mapping[str, str] = field(repr=False)
    hidden: frozenset[str] = frozenset()
    places: Mapping[str, str] = field(default_factory=dict)
    values: Values | None = field(default=None, repr=False)


def of_environment(chart: Chart, environment: Mapping[str, str]) -> Given:
    """The lines of an environment file."""
    return Given(chart, dict(environment))


def of_values(chart: Chart, values: Values) -> Given:
    """What stands in a values file."""
    found = _Found()
    own = _map(values, chart.environment)
    _defaults(found, chart, values, own)
    for block in chart.blocks:
        found.first(values, block.key, block.paths)
    if FRONTEND_URL in dict(chart.elsewhere):
        _frontend_url(found, values)
    written = {key: text_of(value) for key, value in own.items() if text_of(value)}
    for secret in chart.secrets:
        _secret(found, values, secret)
        if secret.key in found.places:
            written.pop(secret.key, None)  # its own place counts
    for key, text in written.items():
        found.put(key, text, f"{chart.environment}.{key}")
    for key in _map(values, "secretEnvironment"):
        found.hide(key, f"secretEnvironment.{key}")
    _no_token(found, values)
    _bus(found, values, own)
    return Given(chart, found.environment, frozenset(found.hidden), found.places, values)


def _defaults(found: "_Found", chart: Chart, values: Values, own: Values) -> None:
    """Of the chart: whatever is written instead counts, even if it is empty; so does null."""
    if values.get(chart.environment, own) is None:
        return
    for name, value in chart.defaults:
        if name not in own:
            found.put(name, value, f"{chart.environment}.{name}")


def _map(values: Values, name: str) -> Values:
    found = values.get(name)
    return found if isinstance(found, Mapping) else {}


class _Found:
    def __init__(self) -> None:
        self.environment: dict[str, str] = {}
        self.hidden: set[str] = set()
        self.places: dict[str, str] = {}

    def put(self, key: str, value: str, place: str) -> None:
        self.environment[key], self.places[key] = value, place
        self.hidden.discard(key)

    def hide(self, key: str, place: str) -> None:
        self.environment.pop(key, None)
        self.places[key] = place
        self.hidden.add(key)

    def drop(self, key: str) -> None:
        self.environment.pop(key, None)
        self.places.pop(key, None)
        self.hidden.discard(key)

    def first(self, values: Values, key: str, paths: tuple[str, ...]) -> None:
        path = next((path for path in paths if text_at(values, path)), None)
        if path is not None:
            self.put(key, text_at(values, path), path)


def _secret(found: _Found, values: Values, secret: SecretBlock) -> None:
    """An existing one before a written one."""
    for one in secret.existing:
        key = (text_at(values, one.key) if one.key else "") or one.default_key
        if key and text_at(values, one.name):
            found.hide(secret.key, one.name)
            return
    found.first(values, secret.key, secret.paths)


def _frontend_url(found: _Found, values: Values) -> None:
    host, place = text_at(values, "frontendUrlOverride"), "frontendUrlOverride"
    hosts = _map(values, "ingress").get("hosts")
    if not host and isinstance(hosts, list) and hosts and isinstance(hosts[0], Mapping):
        host, place = text_of(hosts[0].get("host")), "ingress.hosts[0].host"
    if host:
        scheme = text_at(values, "urlProtocol") or "https"
        found.put(FRONTEND_URL, f"{scheme}://{host}", place)


def _no_token(found: _Found, values: Values) -> None:
    """With a provider that is not Cognigy.AI none is handed on, wherever it is written."""
    if not is_on(values, "cognigyPlatformAppToken.enabled", default=True):
        for key in ("COGNIGY_PLATFORM_APP_TOKEN", "COGNIGY_PLATFORM_APP_TOKEN_PREVIOUS"):
            found.drop(key)


def _bus(found: _Found, values: Values, written: Values) -> None:
    host = text_at(values, "redis.host")
    if not host or REDIS_URL in found.places:
        return
    if text_at(values, "redis.auth.existingSecret"):
        found.hide(REDIS_URL, "redis.auth.existingSecret")
        return
    tls = is_on(values, "redis.tls") or is_on(written, "REDIS_TLS")
    password = text_at(values, "redis.auth.password") or text_at(values, "redis.password")
    who = f":{quote(password, safe='')}@" if password else ""
    end = f"{text_at(values, 'redis.port') or 6379}/{text_at(values, 'redis.database') or 0}"
    host = f"[{host}]" if ":" in host and not host.startswith("[") else host
    address = f"{'rediss' if tls else 'redis'}://{who}{host}:{end}"
    found.put(REDIS_URL, address, "redis.auth.password" if password else "redis.host")


def text_at(values: Values, path: str) -> str:
    """The value at a path such as `postgresql.auth.username`; empty if there is none."""
    at: Any = values
    for name in path.split("."):
        at = at.get(name) if isinstance(at, Mapping) else None
    return text_of(at)


def is_on(values: Values, path: str, *, default: bool = False) -> bool:
    """A switch, as the templates read it: true, or that word in quotes; null is off."""
    at: Any = values
    for name in path.split("."):
        if not isinstance(at, Mapping) or name not in at:
            return default
        at = at[name]
    return text_of(at).lower() == "true"


def text_of(value: object) -> str:
    """As the chart writes it into the environment."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value) if isinstance(value, str | int | float) else ""
