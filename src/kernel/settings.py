"""Settings: declared once with their meaning, read from the environment here and nowhere else.

A wrong, missing or placeholder value stops the start with the key, its fault and the fix, all
faults at once.
"""

import ipaddress
import os
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, ClassVar, TypeVar
from urllib.parse import quote, urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    TypeAdapter,
    ValidationError,
)
from pydantic.fields import FieldInfo

REQUIRED: Any = ...
PLACEHOLDER = re.compile(r"<[^<>]*>|\bchange[-_ ]?me\b|^\*+$|^(xxx+|\.\.\.)$", re.IGNORECASE)
# Published in manuals and sample files: as good as no secret.
PUBLISHED = frozenset(
    [
        "replace_with_lengthy_secure_hex",
        "secret",
        "password",
        "postgres",
        "cognigy",
        "cognigy-live-agent",
        "live-agent",
        "changeit",
        "supersecret",
        "mysecret",
        "default",
    ]
)
LEAST_DISTINCT_CHARACTERS = 8


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with one key, and what to write instead."""

    key: str
    fault: str
    fix: str

    def __str__(self) -> str:
        return f"{self.key}: {self.fault}. {self.fix}"


class SettingsError(Exception):
    """Every fault of an environment at once."""

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__("\n".join(str(fault) for fault in faults))
        self.faults = faults


def setting(key: str, default: Any, meaning: str, *, fix: str = "", group: str = "General") -> Any:
    """One environment key. `fix` says what to write when the value is missing or wrong."""
    return Field(
        default=default,
        validation_alias=key,
        description=meaning,
        json_schema_extra={"fix": fix, "group": group},
    )


def is_loopback(host: str) -> bool:
    """`localhost` and the loopback addresses (RFC 8252 section 7.3 counts the same ones)."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def _not_a_placeholder(value: object) -> object:
    if isinstance(value, str) and PLACEHOLDER.search(value):
        raise ValueError("is still a placeholder")
    return value


def _address(value: str) -> str:
    """An absolute http(s) URL without credentials or fragment."""
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("is not an address that begins with https://")
    if parts.username is not None or parts.fragment or any(c.isspace() for c in value):
        raise ValueError("holds credentials, a fragment or a space")
    _ = parts.port  # raises ValueError for a port that is none
    return value


def _base(value: str) -> str:
    """An address to which paths are appended: no query, and the trailing slash is dropped."""
    if urlsplit(_address(value)).query:
        raise ValueError("has a query, but paths are appended to it")
    return value.rstrip("/")


def _strong(value: SecretStr) -> SecretStr:
    plain = value.get_secret_value()
    if plain.lower() in PUBLISHED:
        raise ValueError("is a published default that anybody can look up")
    if len(set(plain)) < LEAST_DISTINCT_CHARACTERS:
        raise ValueError("is made of too few different characters")
    return value


def _long(length: int) -> Callable[[SecretStr], SecretStr]:
    def check(value: SecretStr) -> SecretStr:
        if len(value.get_secret_value()) < length:
            raise ValueError(f"is shorter than {length} characters")
        return value

    return check


def _words(value: object) -> object:
    """A list as people write it: separated by commas or spaces."""
    return (
        tuple(re.split(r"[\s,]+", value.strip()))
        if isinstance(value, str) and value.strip()
        else (() if isinstance(value, str) else value)
    )


Text = Annotated[str, BeforeValidator(_not_a_placeholder)]
Address = Annotated[str, BeforeValidator(_not_a_placeholder), AfterValidator(_address)]
BaseAddress = Annotated[str, BeforeValidator(_not_a_placeholder), AfterValidator(_base)]
Secret = Annotated[
    SecretStr,
    BeforeValidator(_not_a_placeholder),
    AfterValidator(_long(24)),
    AfterValidator(_strong),
]
LongSecret = Annotated[
    SecretStr,
    BeforeValidator(_not_a_placeholder),
    AfterValidator(_long(64)),
    AfterValidator(_strong),
]
Networks = Annotated[
    tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...], BeforeValidator(_words)
]
Words = Annotated[tuple[str, ...], BeforeValidator(_words)]
SecretWords = Annotated[tuple[LongSecret, ...], BeforeValidator(_words)]

S = TypeVar("S", bound="CommonSettings")
Check = Callable[[Any], Fault | None]


class CommonSettings(BaseModel):
    """The keys that both systems have. `CHECKS` are judgements over several keys."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)
    CHECKS: ClassVar[list[tuple[tuple[str, ...], Check]]] = []
    DEFAULT_DATABASE: ClassVar[str] = ""

    database_url: Text = setting(
        "DATABASE_URL",
        "",
        "`postgresql://user:password@host/name`, or `sqlite:///path` for one "
        "process. Empty: made from `POSTGRES_*`, else an SQLite file in the working directory.",
        group="Database",
    )
    postgres_host: Text = setting("POSTGRES_HOST", "", "Host of PostgreSQL.", group="Database")
    postgres_port: int = setting("POSTGRES_PORT", 5432, "Port of PostgreSQL.", group="Database")
    postgres_username: Text = setting(
        "POSTGRES_USERNAME", "postgres", "Name to log in with.", group="Database"
    )
    postgres_password: SecretStr | None = setting(
        "POSTGRES_PASSWORD", None, "Password of that name.", group="Database"
    )
    postgres_db: Text = setting("POSTGRES_DB", "", "Name of the database.", group="Database")
    postgres_ssl_mode: Text = setting(
        "POSTGRES_SSL_MODE",
        "prefer",
        "`disable`, `prefer`, `require`, `verify-ca` or `verify-full`.",
        group="Database",
    )
    postgres_pool: int = setting(
        "POSTGRES_POOL", 10, "Most connections of one process.", group="Database"
    )

    listen_address: Text = setting(
        "LISTEN_ADDRESS",
        "127.0.0.1",
        "Address that the server listens on; `0.0.0.0` in a container.",
        group="Server",
    )
    port: int = setting("PORT", 0, "Port that the server listens on.", group="Server")
    tls_cert_file: Path | None = setting(
        "TLS_CERT_FILE",
        None,
        "Certificate chain (PEM), to serve TLS without a proxy.",
        group="Server",
    )
    tls_key_file: Path | None = setting(
        "TLS_KEY_FILE", None, "Private key of that certificate (PEM).", group="Server"
    )
    trusted_proxies: Networks = setting(
        "TRUSTED_PROXIES",
        (),
        "Networks of the reverse proxies whose `X-Forwarded-For` is believed.",
        group="Server",
        fix="Write networks such as `10.0.0.0/8`, separated by commas",
    )
    development_mode: bool = setting(
        "DEVELOPMENT_MODE",
        default=False,
        meaning="Allows `http` addresses on loopback. Never in production.",
        group="Server",
    )
    log_level: Text = setting(
        "LOG_LEVEL", "info", "`debug`, `info`, `warning` or `error`.", group="Server"
    )
    support_url: Address | None = setting(
        "SUPPORT_URL",
        None,
        "Where error pages send people for help; the reference id is added as `reference`.",
        group="Server",
        fix="Write an address that begins with https://",
    )
    outgoing_allowed_networks: Networks = setting(
        "OUTGOING_ALLOWED_NETWORKS",
        (),
        "Private networks that addresses entered on a page may lead to.",
        group="Server",
        fix="Write networks such as `10.1.0.0/16`, separated by commas",
    )
    ssl_ca_file: Path | None = setting(
        "SSL_CA_FILE",
        None,
        "Certificate authorities (PEM) trusted in addition to the system's.",
        group="Server",
    )

    secret_key_base: LongSecret = setting(
        "SECRET_KEY_BASE",
        REQUIRED,
        "Signs cookies and encrypts stored keys. At least 64 random characters, "
        "the same in every replica.",
        group="Secrets",
        fix="Make one with: openssl rand -hex 64",
    )
    secret_key_base_previous: SecretWords = setting(
        "SECRET_KEY_BASE_PREVIOUS",
        (),
        "Earlier values of SECRET_KEY_BASE that are still readable, separated by commas.",
        group="Secrets",
    )

    password_refusal_milliseconds: int = setting(
        "PASSWORD_REFUSAL_MILLISECONDS",
        500,
        "Every refused password is answered at this time after its arrival, whatever was wrong.",
        group="Logging in",
    )
    auth_token_lifespan: int = setting(
        "AUTH_TOKEN_LIFESPAN",
        1_209_600,
        "Seconds until an agent must log in to Live Agent again (two weeks).",
        group="Logging in",
    )

    smtp_address: Text = setting(
        "SMTP_ADDRESS", "", "Mail server. Empty: mail is kept until one is set.", group="Mail"
    )
    smtp_port: int = setting("SMTP_PORT", 587, "Port of the mail server.", group="Mail")
    smtp_username: Text = setting(
        "SMTP_USERNAME", "", "Name to log in to the mail server with.", group="Mail"
    )
    smtp_password: SecretStr | None = setting(
        "SMTP_PASSWORD", None, "Password of that name.", group="Mail"
    )
    smtp_authentication: Text = setting(
        "SMTP_AUTHENTICATION", "plain", "`plain`, `login` or `cram_md5`.", group="Mail"
    )
    smtp_enable_starttls_auto: bool = setting(
        "SMTP_ENABLE_STARTTLS_AUTO",
        default=True,
        meaning="Use STARTTLS; mail is never sent in clear to a server that is not on loopback.",
        group="Mail",
    )
    smtp_openssl_verify_mode: Text = setting(
        "SMTP_OPENSSL_VERIFY_MODE",
        "peer",
        "`peer`. `none` is refused outside development.",
        group="Mail",
    )
    mailer_sender_email: str = setting(
        "MAILER_SENDER_EMAIL",
        "Live Agent <no-reply@localhost>",
        "From header of every mail.",
        group="Mail",
    )
    demo_mail_folder: Path | None = setting(
        "DEMO_MAIL_FOLDER",
        None,
        "Writes mail to this folder and shows it on a page. Only with DEVELOPMENT_MODE.",
        group="Mail",
    )

    def database_address(self) -> str:
        """One address for the driver, from `DATABASE_URL` or the `POSTGRES_*` keys."""
        if self.database_url:
            return self.database_url
        if not self.postgres_host:
            return f"sqlite:///{self.DEFAULT_DATABASE}.db"
        secret = self.postgres_password.get_secret_value() if self.postgres_password else ""
        who = quote(self.postgres_username, safe="") + (
            f":{quote(secret, safe='')}" if secret else ""
        )
        name = self.postgres_db or self.DEFAULT_DATABASE
        where = f"{self.postgres_host}:{self.postgres_port}/{quote(name, safe='')}"
        return f"postgresql://{who}@{where}?sslmode={self.postgres_ssl_mode}"

    def secrets(self) -> tuple[str, tuple[str, ...]]:
        """The current secret and the earlier ones, for `KeyRing`."""
        earlier = tuple(s.get_secret_value() for s in self.secret_key_base_previous)
        return self.secret_key_base.get_secret_value(), earlier


def load(kind: type[S], environment: Mapping[str, str] | None = None) -> S:
    """Read and judge the environment; raises SettingsError with all faults at once."""
    values = os.environ if environment is None else environment
    keys_of = [str(field.validation_alias) for field in kind.model_fields.values()]
    given = {key: values[key] for key in keys_of if values.get(key, "") != ""}
    faults: list[Fault] = []
    try:
        settings = kind.model_validate(given)
    except ValidationError as error:
        faults = list(_faults(kind, error))
        settings = _with_stand_ins(kind, given, {fault.key for fault in faults})
    wrong = {fault.key for fault in faults}
    for keys, check in (*COMMON_CHECKS, *kind.CHECKS):
        found = None if wrong.intersection(keys) else check(settings)
        if found is not None:
            faults.append(found)
    if faults:
        raise SettingsError(faults)
    return settings


def _with_stand_ins(kind: type[S], given: Mapping[str, str], wrong: set[str]) -> S:
    """An instance for the checks over several keys that are right themselves."""
    values: dict[str, Any] = {}
    for name, field in kind.model_fields.items():
        key = str(field.validation_alias)
        if key in wrong:
            values[name] = None
        elif key in given:
            of: Any = Annotated[field.annotation, "", *field.metadata]
            adapter: Any = TypeAdapter(of)
            values[name] = adapter.validate_python(given[key])
        else:
            values[name] = field.get_default()
    return kind.model_construct(**values)


def _faults(kind: type[CommonSettings], error: ValidationError) -> Iterator[Fault]:
    fields = {f.validation_alias: f for f in kind.model_fields.values()}
    seen = set()
    for item in error.errors(include_url=False, include_input=False):
        key = str(item["loc"][0])
        if key in seen:
            continue
        seen.add(key)
        missing = item["type"] == "missing"
        message = str(item["msg"]).removeprefix("Value error, ").rstrip(".")
        fault = "is missing" if missing else message[0].lower() + message[1:]
        yield Fault(key, fault, fix_of(fields[key]))


def fix_of(field: FieldInfo) -> str:
    """What to write, from the setting's own words."""
    extra = field.json_schema_extra
    fix = str(extra.get("fix", "")) if isinstance(extra, dict) else ""
    return fix or str(field.description)


def http_only_on_loopback(key: str, name: str) -> tuple[tuple[str, ...], Check]:
    """A check: `http` only on loopback and only in development mode (RFC 9700 section 2.6)."""

    def check(settings: Any) -> Fault | None:
        value = getattr(settings, name)
        if not value or urlsplit(value).scheme == "https":
            return None
        if settings.development_mode and is_loopback(urlsplit(value).hostname or ""):
            return None
        return Fault(
            key,
            "is an http address",
            "Use https; http is for loopback addresses with DEVELOPMENT_MODE=true",
        )

    return ((key, "DEVELOPMENT_MODE"), check)


def _tls_pair(settings: Any) -> Fault | None:
    if (settings.tls_cert_file is None) == (settings.tls_key_file is None):
        return None
    return Fault("TLS_CERT_FILE", "only one of TLS_CERT_FILE and TLS_KEY_FILE is set", "Set both")


def _demo_mail(settings: Any) -> Fault | None:
    if settings.demo_mail_folder is None or settings.development_mode:
        return None
    return Fault(
        "DEMO_MAIL_FOLDER", "shows everybody's mail", "Unset it; it is for DEVELOPMENT_MODE"
    )


def _smtp_verified(settings: Any) -> Fault | None:
    if settings.smtp_openssl_verify_mode == "peer" or settings.development_mode:
        return None
    return Fault(
        "SMTP_OPENSSL_VERIFY_MODE",
        "lets anybody read the mailed links",
        "Write `peer`, and the mail server's authority in SSL_CA_FILE",
    )


COMMON_CHECKS: list[tuple[tuple[str, ...], Check]] = [
    (("TLS_CERT_FILE", "TLS_KEY_FILE"), _tls_pair),
    (("DEMO_MAIL_FOLDER", "DEVELOPMENT_MODE"), _demo_mail),
    (("SMTP_OPENSSL_VERIFY_MODE", "DEVELOPMENT_MODE"), _smtp_verified),
]
