"""Addresses of requests: where to go back to, and who is asking from where."""

import ipaddress
import re
from collections.abc import Sequence
from urllib.parse import urlsplit

from kernel.addresses import is_within, parse_address

LONGEST_RETURN = 2000
# As some load balancers write it: `192.0.2.1:4711`, `[2001:db8::1]:4711`, `[2001:db8::1]`.
WITH_PORT = re.compile(r"(?P<host>[\d.]+):\d+|\[(?P<six>[^\]]*)\](?::\d+)?", re.ASCII)

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
    if not target.isascii() or not target.isprintable() or " " in target:
        return None
    return target


def client_address(peer: str, forwarded_for: str, trusted: Sequence[Network]) -> str:
    """The address of the client: the last one that no trusted proxy wrote for itself.

    `peer` is the other end of the connection, `forwarded_for` the whole X-Forwarded-For header. A
    header from anybody but a trusted proxy is the client's own invention and is not read.
    """
    address = _plain(peer) or peer
    for hop in reversed(forwarded_for.split(",")):
        if not is_trusted(address, trusted):
            return address
        candidate = _plain(hop)
        if candidate is None:
            return address
        address = candidate
    return address


def is_trusted(peer: str, trusted: Sequence[Network]) -> bool:
    """Is the other end of the connection one of our proxies?"""
    address = _plain(peer)
    return address is not None and is_within(address, trusted)


def origin_of(url: str) -> str:
    """Scheme, host and port as the `Origin` header has them (RFC 6454 section 6.2).

    An app's own scheme, which has no host, is the scheme alone, as CSP writes it.
    """
    parts = urlsplit(url)
    host = parts.hostname
    if host is None:
        return f"{parts.scheme}:"
    if ":" in host:
        host = f"[{host}]"
    default = {"http": 80, "https": 443}.get(parts.scheme)
    port = "" if parts.port in (None, default) else f":{parts.port}"
    return f"{parts.scheme}://{host}{port}"


def _plain(text: str) -> str | None:
    """The address alone and always written alike: without port, zone, or IPv6 around an IPv4."""
    found = WITH_PORT.fullmatch(text.strip())
    try:
        return str(parse_address((found["host"] or found["six"]) if found else text.strip()))
    except ValueError:
        return None
