"""Addresses of requests: where to go back to, and who is asking from where."""

import ipaddress
from collections.abc import Sequence
from urllib.parse import urlsplit

LONGEST_RETURN = 2000

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def safe_return_url(target: str | None) -> str | None:
    """A path of this very site, or None (RFC 9700 section 4.11).

    Browsers drop tabs and newlines and read `\\` as `/`, so that `/\\host` and `/<tab>/host` leave
    the site; whatever holds such a character is refused whole, never repaired.
    """
    if not target or len(target) > LONGEST_RETURN or not target.startswith("/"):
        return None
    if target.startswith("//") or "\\" in target:
        return None
    if not target.isascii() or any(ord(c) <= 0x20 or ord(c) == 0x7F for c in target):  # noqa: PLR2004
        return None
    parts = urlsplit(target)
    return None if parts.scheme or parts.netloc else target


def client_address(peer: str, forwarded_for: str, trusted: Sequence[Network]) -> str:
    """The address of the client: the last one that no trusted proxy wrote for itself.

    `peer` is the other end of the connection, `forwarded_for` the whole X-Forwarded-For header. A
    header from anybody but a trusted proxy is the client's own invention and is not read.
    """
    address = peer
    for hop in reversed(forwarded_for.split(",")):
        if not _is_in(address, trusted):
            return address
        candidate = hop.strip()
        if not _is_address(candidate):
            return address
        address = candidate
    return address


def origin_of(url: str) -> str:
    """Scheme, host and port as the `Origin` header has them (RFC 6454 section 6.2)."""
    parts = urlsplit(url)
    host = (parts.hostname or "").lower()
    if ":" in host:
        host = f"[{host}]"
    default = {"http": 80, "https": 443}.get(parts.scheme)
    port = "" if parts.port in (None, default) else f":{parts.port}"
    return f"{parts.scheme}://{host}{port}"


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _is_in(text: str, networks: Sequence[Network]) -> bool:
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return False
    return any(address in network for network in networks if network.version == address.version)
