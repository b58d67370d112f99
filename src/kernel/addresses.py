"""Which IP addresses are inside and which are public."""

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

NAT64 = IPv6Network("64:ff9b::/96")  # RFC 6052: the last 32 bits are an IPv4 address
NAT64_LOCAL = IPv6Network("64:ff9b:1::/48")  # RFC 8215: an operator's own, wherever it leads


def parse_address(host: str) -> Address:
    """The address without its zone; one that only wraps an IPv4 address is that address.

    Raises ValueError for anything that is not an IP address.
    """
    address = ip_address(host.partition("%")[0])
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address


def is_public(host: str) -> bool:
    """False for every address inside: private, loopback, link-local, shared, metadata, ..."""
    address = parse_address(host)
    if isinstance(address, IPv6Address):
        if address in NAT64_LOCAL or address.is_site_local:
            return False
        embedded = _embedded(address)
        if embedded is not None:
            return is_public(str(embedded))
    return address.is_global and not (address.is_multicast or address.is_reserved)


def is_within(host: str, networks: Iterable[Network]) -> bool:
    """Is the address in one of the networks?"""
    address = parse_address(host)
    return any(address in network for network in networks)


def _embedded(address: IPv6Address) -> IPv4Address | None:
    """The IPv4 address to which a gateway would pass the packets on (NAT64, 6to4)."""
    if address in NAT64:
        return IPv4Address(int(address) & 0xFFFF_FFFF)
    return address.sixtofour
