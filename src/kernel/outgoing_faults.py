"""Why a call to another server brought no usable answer: one name for each way."""

import asyncio
from enum import Enum, unique

import aiohttp

# X509_V_ERR_* of OpenSSL: not yet valid, expired; host name, address differ.
_OUTSIDE_VALIDITY = frozenset({9, 10})
_OTHER_NAME = frozenset({62, 64})


@unique
class Failure(Enum):
    """Why a call brought no usable answer."""

    DNS = "dns"  # the name does not resolve
    UNREACHABLE = "unreachable"  # nobody accepts the connection
    TIMED_OUT = "timed_out"
    TLS_UNTRUSTED = "tls_untrusted"  # no known authority signed the certificate
    TLS_EXPIRED = "tls_expired"  # or not valid yet
    TLS_HOSTNAME = "tls_hostname"  # the certificate is another host's
    TLS_FAILED = "tls_failed"  # the peer does not speak TLS, or refuses ours
    REDIRECTED = "redirected"
    TOO_LARGE = "too_large"
    NOT_JSON = "not_json"
    DISCONNECTED = "disconnected"  # the answer broke off, or is no HTTP
    NOT_ALLOWED = "not_allowed"  # a guarded call to an inner address
    BAD_ADDRESS = "bad_address"  # not an http(s) URL


class OutgoingError(Exception):
    """`detail` is for the operator: it never holds a query string, a secret or a body."""

    def __init__(self, kind: Failure, detail: str) -> None:
        super().__init__(f"{kind.value}: {detail}")
        self.kind = kind
        self.detail = detail


class NotAllowedError(OSError):
    """Made where the socket would be; aiohttp carries it out as `os_error`."""


def without_query(url: str) -> str:
    return url.partition("?")[0].partition("#")[0].rpartition("@")[2][:200]


def named(error: Exception) -> OutgoingError:
    """The first of our names that fits; aiohttp's classes inherit from each other."""
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        return _certificate_failure(error)
    if isinstance(getattr(error, "os_error", None), NotAllowedError):
        return OutgoingError(Failure.NOT_ALLOWED, "the host has no public address")
    for kinds, failure in _FAILURES:
        if isinstance(error, kinds):
            return OutgoingError(failure, _detail(error))
    return OutgoingError(Failure.DISCONNECTED, _detail(error))


_FAILURES: tuple[tuple[tuple[type[Exception], ...], Failure], ...] = (
    ((aiohttp.ClientConnectorDNSError,), Failure.DNS),
    ((aiohttp.ClientConnectorSSLError,), Failure.TLS_FAILED),
    ((asyncio.TimeoutError,), Failure.TIMED_OUT),
    ((aiohttp.ClientConnectorError,), Failure.UNREACHABLE),
    ((aiohttp.InvalidURL,), Failure.BAD_ADDRESS),
)


def _certificate_failure(error: aiohttp.ClientConnectorCertificateError) -> OutgoingError:
    reason = error.certificate_error
    code = getattr(reason, "verify_code", 0)
    message = str(getattr(reason, "verify_message", "") or "the certificate is not trusted")
    if code in _OUTSIDE_VALIDITY:
        return OutgoingError(Failure.TLS_EXPIRED, message)
    if code in _OTHER_NAME:
        return OutgoingError(Failure.TLS_HOSTNAME, message)
    return OutgoingError(Failure.TLS_UNTRUSTED, message)


def _detail(error: Exception) -> str:
    """The driver's words without the address that was called."""
    reason = getattr(error, "os_error", None) or error
    words = getattr(reason, "strerror", None)
    return f"{type(reason).__name__}: {words}" if words else type(reason).__name__
