"""Judgements over several settings, and how a fault is told."""

import ssl
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlsplit

from pydantic import SecretStr

from kernel.setting_types import is_loopback, is_published


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


Check = Callable[[Any], Fault | None]


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


def _authority(settings: Any) -> Fault | None:
    if settings.ssl_ca_file is None:
        return None
    try:
        ssl.create_default_context(cafile=settings.ssl_ca_file)
    except OSError:  # ssl.SSLError is one
        fault = f"names {settings.ssl_ca_file}, which holds no certificate authority"
        return Fault("SSL_CA_FILE", fault, "Name a file with certificates in PEM form")
    return None


def _port(settings: Any) -> Fault | None:
    """Here, since each system declares its own PORT."""
    if 1 <= settings.port <= 65_535:  # noqa: PLR2004 - RFC 9293 section 3.1
        return None
    return Fault("PORT", "is not between 1 and 65535", "Write the port that the server listens on")


def _development_stays_home(settings: Any) -> Fault | None:
    """What development allows (plain http, everybody's mail on a page) is for this machine."""
    if not settings.development_mode or is_loopback(settings.listen_address):
        return None
    return Fault(
        "LISTEN_ADDRESS",
        "is reached from the network, but DEVELOPMENT_MODE is on",
        "Write 127.0.0.1, or unset DEVELOPMENT_MODE",
    )


def _demo_mail(settings: Any) -> Fault | None:
    if settings.demo_mail_folder is None or settings.development_mode:
        return None
    return Fault(
        "DEMO_MAIL_FOLDER", "shows everybody's mail", "Unset it; it is for DEVELOPMENT_MODE"
    )


def _smtp_verified(settings: Any) -> Fault | None:
    unused = not settings.smtp_address or settings.development_mode
    if unused or settings.smtp_openssl_verify_mode == "peer":
        return None
    return Fault(
        "SMTP_OPENSSL_VERIFY_MODE",
        "lets anybody read the mailed links",
        "Write `peer`, and the mail server's authority in SSL_CA_FILE",
    )


def _smtp_login(settings: Any) -> Fault | None:
    if not settings.smtp_address or not settings.smtp_username or settings.smtp_password:
        return None
    return Fault(
        "SMTP_PASSWORD",
        "is missing although SMTP_USERNAME is set",
        "Write the password, or unset SMTP_USERNAME",
    )


def _tls_verified(settings: Any) -> Fault | None:
    if settings.rest_client_ssl_verification:
        return None
    return Fault(
        "REST_CLIENT_SSL_VERIFICATION",
        "is off, but TLS is always verified",
        "Unset it, and name the authority that signed the certificates in SSL_CA_FILE",
    )


def _database_password(key: str, secret: Callable[[Any], SecretStr | None]) -> Check:
    def check(settings: Any) -> Fault | None:
        given = secret(settings)
        if given is None or settings.development_mode or not is_published(given):
            return None
        return Fault(
            key,
            "has a password that is a published default",
            "Give the database's user a password of its own",
        )

    return check


def _password_in(address: SecretStr | None) -> SecretStr | None:
    try:
        found = urlsplit(address.get_secret_value()).password if address else None
    except ValueError:
        return None  # the driver says what is wrong with it
    return SecretStr(unquote(found)) if found else None


COMMON_CHECKS: list[tuple[tuple[str, ...], Check]] = [
    (("TLS_CERT_FILE", "TLS_KEY_FILE"), _tls_pair),
    (("SSL_CA_FILE",), _authority),
    (("PORT",), _port),
    (("LISTEN_ADDRESS", "DEVELOPMENT_MODE"), _development_stays_home),
    (("DEMO_MAIL_FOLDER", "DEVELOPMENT_MODE"), _demo_mail),
    (("SMTP_ADDRESS", "SMTP_OPENSSL_VERIFY_MODE", "DEVELOPMENT_MODE"), _smtp_verified),
    (("SMTP_ADDRESS", "SMTP_USERNAME", "SMTP_PASSWORD"), _smtp_login),
    (("REST_CLIENT_SSL_VERIFICATION",), _tls_verified),
    (
        ("POSTGRES_PASSWORD", "DEVELOPMENT_MODE"),
        _database_password("POSTGRES_PASSWORD", lambda settings: settings.postgres_password),
    ),
    (
        ("DATABASE_URL", "DEVELOPMENT_MODE"),
        _database_password("DATABASE_URL", lambda settings: _password_in(settings.database_url)),
    ),
    (
        ("REDIS_URL", "DEVELOPMENT_MODE"),
        _database_password("REDIS_URL", lambda settings: _password_in(settings.redis_url)),
    ),
]
