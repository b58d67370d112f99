"""Which certificate of a chain is the bad one: looked at, never trusted.

The handshake that is made here verifies nothing and carries nothing: it only shows what the peer
presents, after a verified one has failed (`kernel.outgoing`).
"""

import asyncio
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from cryptography import x509
from cryptography.x509.oid import NameOID

SECONDS = 5


@dataclass(frozen=True, slots=True)
class Certificate:
    """What is told of one certificate."""

    subject: str
    issuer: str
    names: tuple[str, ...]
    not_before: datetime
    not_after: datetime

    @property
    def is_self_signed(self) -> bool:
        return self.subject == self.issuer

    def is_valid_at(self, now: int) -> bool:
        """Neither too early nor too late."""
        return self.not_before <= datetime.fromtimestamp(now, UTC) <= self.not_after


async def presented(host: str, port: int) -> tuple[Certificate, ...]:
    """The chain that the server sends, its own certificate first; empty if it sends none."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE  # nothing is sent or read over this connection
    try:
        async with asyncio.timeout(SECONDS):
            _, writer = await asyncio.open_connection(host, port, ssl=context, server_hostname=host)
            try:
                return tuple(_read(der) for der in _chain(writer.get_extra_info("ssl_object")))
            finally:
                writer.transport.abort()
    except (OSError, ValueError):  # TimeoutError and ssl.SSLError are OSErrors
        return ()


def _chain(tls: Any) -> list[bytes]:
    """The whole chain as it was sent."""
    told = tls if hasattr(tls, "get_unverified_chain") else tls._sslobj  # noqa: SLF001 - until 3.13
    return [
        one if isinstance(one, bytes) else _der(one) for one in told.get_unverified_chain() or ()
    ]


def _der(certificate: Any) -> bytes:
    found: bytes = ssl.PEM_cert_to_DER_cert(certificate.public_bytes())
    return found


def _read(der: bytes) -> Certificate:
    found = x509.load_der_x509_certificate(der)
    try:
        san = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        names = tuple(str(name.value) for name in san)
    except x509.ExtensionNotFound:
        names = ()
    return Certificate(
        subject=_named(found.subject) or ", ".join(names),
        issuer=_named(found.issuer),
        names=names,
        not_before=found.not_valid_before_utc,
        not_after=found.not_valid_after_utc,
    )


def _named(name: x509.Name) -> str:
    """The common name, or whatever the name consists of."""
    common = name.get_attributes_for_oid(NameOID.COMMON_NAME)
    return str(common[0].value) if common else name.rfc4514_string()


def what_is_wrong(chain: Sequence[Certificate], failure: str, now: int) -> str:
    """The bad certificate and its fault, for an operator; empty if the chain was not seen.

    `failure` is a value of `kernel.outgoing_faults.Failure`.
    """
    if not chain:
        return ""
    if failure == "tls_hostname":
        return f"It is for {', '.join(chain[0].names) or chain[0].subject}."
    if failure == "tls_expired":
        bad = next((one for one in chain if not one.is_valid_at(now)), chain[0])
        return (
            f"{bad.subject} is valid from {bad.not_before:%Y-%m-%d %H:%M} "
            f"to {bad.not_after:%Y-%m-%d %H:%M} UTC."
        )
    last = chain[-1]
    if last.is_self_signed:
        return f"{last.subject} signed itself."
    return f"{last.subject} was signed by {last.issuer}."
