"""The settings that both systems have, under the names that existing installations have."""

from pathlib import Path
from typing import Annotated, ClassVar
from urllib.parse import quote, urlencode

from pydantic import BaseModel, ConfigDict, SecretStr

from kernel.setting_checks import Check
from kernel.setting_types import (
    REQUIRED,
    Address,
    DatabaseAddress,
    LongSecret,
    Networks,
    NoSentinels,
    Password,
    Port,
    Proxies,
    ReadableFile,
    RedisAddress,
    SecretWords,
    Sender,
    Text,
    between,
    one_of,
    setting,
)


class CommonSettings(BaseModel):
    """The keys that both systems have. `CHECKS` are judgements over several keys."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)
    CHECKS: ClassVar[list[tuple[tuple[str, ...], Check]]] = []
    DEFAULT_DATABASE: ClassVar[str] = ""

    database_url: DatabaseAddress = setting(
        "DATABASE_URL",
        SecretStr(""),
        "`postgresql://user:password@host/name`, or `sqlite:///path` for one "
        "process. Empty: made from `POSTGRES_*`, else an SQLite file in the working directory.",
        group="Database",
    )
    postgres_host: Text = setting("POSTGRES_HOST", "", "Host of PostgreSQL.", group="Database")
    postgres_port: Port = setting("POSTGRES_PORT", 5432, "Port of PostgreSQL.", group="Database")
    postgres_username: Text = setting(
        "POSTGRES_USERNAME", "postgres", "Name to log in with.", group="Database"
    )
    postgres_password: Password | None = setting(
        "POSTGRES_PASSWORD", None, "Password of that name.", group="Database"
    )
    postgres_db: Text = setting("POSTGRES_DB", "", "Name of the database.", group="Database")
    postgres_ssl_mode: Annotated[
        str, one_of("disable", "allow", "prefer", "require", "verify-ca", "verify-full")
    ] = setting(
        "POSTGRES_SSL_MODE",
        "prefer",
        "`disable`, `allow`, `prefer`, `require`, `verify-ca` or `verify-full`; the last two "
        "check against SSL_CA_FILE.",
        group="Database",
    )
    postgres_pool: Annotated[int, between(1, 1000)] = setting(
        "POSTGRES_POOL", 10, "Most connections of one process.", group="Database"
    )

    redis_url: RedisAddress | None = setting(
        "REDIS_URL",
        None,
        "Valkey or Redis, `redis://:password@host:6379/0` or `rediss://...` (TLS, checked against "
        "the system's authorities and SSL_CA_FILE). Replicas hear of each other at once, and "
        "limits of requests count for all of them. Empty, or while it is away: replicas look into "
        "the database, and each counts by itself.",
        group="Database",
        fix="Write an address such as redis://:password@valkey.example.com:6379/0",
    )
    redis_sentinels: NoSentinels = setting(
        "REDIS_SENTINELS",
        "",
        "Not supported: it must be empty.",
        group="Database",
        fix="Unset it, and write the address of the primary, or of a proxy before the sentinels, "
        "in REDIS_URL. Without REDIS_URL everything works too",
    )

    listen_address: Text = setting(
        "LISTEN_ADDRESS",
        "127.0.0.1",
        "Address that the server listens on; `0.0.0.0` in a container.",
        group="Server",
    )
    port: int = setting("PORT", 8000, "Port that the server listens on.", group="Server")
    tls_cert_file: ReadableFile | None = setting(
        "TLS_CERT_FILE",
        None,
        "Certificate chain (PEM), to serve TLS without a proxy; read again when renewed.",
        group="Server",
    )
    tls_key_file: ReadableFile | None = setting(
        "TLS_KEY_FILE", None, "Private key of that certificate (PEM).", group="Server"
    )
    shutdown_drain_seconds: Annotated[int, between(0, 300)] = setting(
        "SHUTDOWN_DRAIN_SECONDS",
        5,
        "After SIGTERM readiness says no and the server serves on for so long, until load "
        "balancers have noticed. What is under way then has 20 seconds more.",
        group="Server",
    )
    trusted_proxies: Proxies = setting(
        "TRUSTED_PROXIES",
        (),
        "Networks of the reverse proxies whose `X-Forwarded-For` and `X-Forwarded-Host` are "
        "believed.",
        group="Server",
        fix="Write networks such as `10.0.0.0/8`, separated by commas",
    )
    development_mode: bool = setting(
        "DEVELOPMENT_MODE",
        default=False,
        meaning="Allows `http` addresses on loopback. Never in production.",
        group="Server",
    )
    log_level: Annotated[
        str, one_of("debug", "info", "warn", "warning", "error", "critical", "fatal")
    ] = setting("LOG_LEVEL", "info", "`debug`, `info`, `warning` or `error`.", group="Server")
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
    prometheus_enabled: bool = setting(
        "PROMETHEUS_ENABLED",
        default=False,
        meaning="Keeps metrics and answers Prometheus on PROMETHEUS_EXPORTER_PORT.",
        group="Server",
    )
    prometheus_exporter_port: Port = setting(
        "PROMETHEUS_EXPORTER_PORT",
        8002,
        "Port of the metrics, on LISTEN_ADDRESS; never reachable through the public port.",
        group="Server",
    )
    otel_exporter_otlp_endpoint: Address | None = setting(
        "OTEL_EXPORTER_OTLP_ENDPOINT",
        None,
        "Where traces go (OTLP over HTTP), such as http://collector:4318. Empty: none are made. "
        "Needs the packages of requirements/tracing.txt; images have them if they were built with "
        "`--build-arg TRACING=1`.",
        group="Server",
    )
    ssl_ca_file: ReadableFile | None = setting(
        "SSL_CA_FILE",
        None,
        "Certificate authorities (PEM) trusted in addition to the system's.",
        group="Server",
    )
    rest_client_ssl_verification: bool = setting(
        "REST_CLIENT_SSL_VERIFICATION",
        default=True,
        meaning="TLS is always verified: `false` is refused. Name an authority in SSL_CA_FILE.",
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

    password_refusal_milliseconds: Annotated[int, between(300, 5000)] = setting(
        "PASSWORD_REFUSAL_MILLISECONDS",
        500,
        "Every refused password is answered at this time after its arrival, whatever was wrong.",
        group="Logging in",
    )
    auth_token_lifespan: Annotated[int, between(300, 31_536_000)] = setting(
        "AUTH_TOKEN_LIFESPAN",
        1_209_600,
        "Seconds until an agent must log in to Live Agent again (two weeks).",
        group="Logging in",
    )

    smtp_address: Text = setting(
        "SMTP_ADDRESS", "", "Mail server. Empty: mail is kept until one is set.", group="Mail"
    )
    smtp_port: Port = setting("SMTP_PORT", 587, "Port of the mail server.", group="Mail")
    smtp_username: Text = setting(
        "SMTP_USERNAME", "", "Name to log in to the mail server with.", group="Mail"
    )
    smtp_password: Password | None = setting(
        "SMTP_PASSWORD", None, "Password of that name.", group="Mail"
    )
    smtp_authentication: Annotated[str, one_of("plain", "login", "cram_md5")] = setting(
        "SMTP_AUTHENTICATION", "plain", "`plain`, `login` or `cram_md5`.", group="Mail"
    )
    smtp_enable_starttls_auto: bool = setting(
        "SMTP_ENABLE_STARTTLS_AUTO",
        default=True,
        meaning="Use STARTTLS; mail is never sent in clear to a server that is not on loopback.",
        group="Mail",
    )
    smtp_openssl_verify_mode: Annotated[str, one_of("peer", "none")] = setting(
        "SMTP_OPENSSL_VERIFY_MODE",
        "peer",
        "`peer`. `none` is refused outside development.",
        group="Mail",
    )
    mailer_sender_email: Sender = setting(
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
        if address := self.database_url.get_secret_value():
            return address
        if not self.postgres_host:
            return f"sqlite:///{self.DEFAULT_DATABASE}.db"
        secret = self.postgres_password.get_secret_value() if self.postgres_password else ""
        who = quote(self.postgres_username, safe="") + (
            f":{quote(secret, safe='')}" if secret else ""
        )
        host = f"[{self.postgres_host}]" if ":" in self.postgres_host else self.postgres_host
        name = quote(self.postgres_db or self.DEFAULT_DATABASE, safe="")
        options = {"sslmode": self.postgres_ssl_mode}
        if self.ssl_ca_file is not None and self.postgres_ssl_mode.startswith("verify-"):
            options["sslrootcert"] = str(self.ssl_ca_file)
        return f"postgresql://{who}@{host}:{self.postgres_port}/{name}?{urlencode(options)}"

    def redis_address(self) -> str:
        """Where Valkey is; empty if there is none."""
        return self.redis_url.get_secret_value() if self.redis_url else ""

    @property
    def sends_mail(self) -> bool:
        """False while mail is only kept."""
        return bool(self.smtp_address) or self.demo_mail_folder is not None

    def secrets(self) -> tuple[str, tuple[str, ...]]:
        """The current secret and the earlier ones, for `KeyRing`."""
        earlier = tuple(s.get_secret_value() for s in self.secret_key_base_previous)
        return self.secret_key_base.get_secret_value(), earlier
